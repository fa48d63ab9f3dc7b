package mfatest_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/mfatest"
)

const (
	pendingText  = "Authorization pending: please repeat the request in a few seconds."
	slowDownText = "You are polling faster than the specified interval of 5 seconds."
)

func TestTenant_push(t *testing.T) {
	t.Parallel()
	user := with("push@example.com", mfa.FactorPush)
	a := newAPI(t, []mfatest.User{user})
	token := a.mfaToken(user.Email)
	assert.False(t, a.tenant.PushPending(user.Email))
	oob := a.challenge(token, "oob", "").text("oob_code")
	assert.True(t, a.tenant.PushPending(user.Email))

	wantError(t, a.poll(token, oob), 400, "authorization_pending", pendingText)
	a.tenant.Advance(5*time.Second - 1)
	r := a.poll(token, oob)
	wantError(t, r, 429, "slow_down", slowDownText)
	assert.Equal(t, "1", r.Header.Get("Retry-After"))
	a.tenant.Advance(1)
	wantError(t, a.poll(token, oob), 400, "authorization_pending", pendingText)
	wantError(t, a.verify(token, oob, "123456"), 429, "slow_down", slowDownText) // a code means nothing here

	a.tenant.ApprovePush(user.Email)
	assert.False(t, a.tenant.PushPending(user.Email))
	wantTokens(t, a.poll(token, oob))
	wantError(t, a.poll(token, oob), 403, "expired_token", "oob_code is expired")

	oob = a.challenge(token, "oob", "").text("oob_code")
	a.tenant.RejectPush(user.Email)
	for range 2 {
		wantError(t, a.poll(token, oob), 400, "access_denied", "MFA Authorization rejected.")
	}
}

func TestTenant_pushDecidesTheNewest(t *testing.T) {
	t.Parallel()
	user := with("push@example.com", mfa.FactorPush)
	a := newAPI(t, []mfatest.User{user})
	token := a.mfaToken(user.Email)
	first, second := a.challenge(token, "oob", "").text("oob_code"), a.challenge(token, "oob", "").text("oob_code")
	a.tenant.Advance(10*time.Minute - 1) // unlike an enrolment's QR code, it waits as long as its oob_code lives
	a.tenant.ApprovePush(user.Email)
	wantTokens(t, a.poll(token, second))
	wantError(t, a.poll(token, first), 400, "authorization_pending", pendingText)
	a.tenant.Advance(1)
	const text = "mfatest: RejectPush: no push notification is pending for push@example.com"
	assert.PanicsWithValue(t, text, func() { a.tenant.RejectPush(user.Email) })
}

func TestTenant_pushEnrolment(t *testing.T) {
	t.Parallel()
	a := newAPI(t, nil)
	enrol := func() (token, oob string) {
		token = a.mfaToken(ada)
		return token, a.associate(token, `{"authenticator_types":["oob"],"oob_channels":["auth0"]}`).text("oob_code")
	}
	token, oob := enrol()
	assert.True(t, a.tenant.PushPending(ada))
	a.tenant.Advance(5 * time.Minute) // the QR code is dead
	assert.False(t, a.tenant.PushPending(ada))
	assert.Panics(t, func() { a.tenant.ApprovePush(ada) })
	wantError(t, a.poll(token, oob), 400, "authorization_pending", pendingText)

	token, oob = enrol()
	a.tenant.Advance(5*time.Minute - 1)
	a.tenant.ApprovePush(ada)
	wantTokens(t, a.poll(token, oob))
	require.Equal(t, 200, a.challenge(a.mfaToken(ada), "oob", "").Status)
}
