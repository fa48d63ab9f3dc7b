package mfatest_test

import (
	"crypto/fips140"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/mfatest"
)

func TestTenant_verifyOOBRefuses(t *testing.T) {
	t.Parallel()
	a := newAPI(t, nil)
	token := a.mfaToken(bob)
	oob := a.challenge(token, "oob", a.id(bob, "email")).text("oob_code")
	code := a.lastCode(bob)
	wantError(t, a.poll(token, oob), 400, "invalid_request", "Missing required parameter: binding_code")
	wantError(t, a.verify(token, "", code), 400, "invalid_request", "Missing required parameter: oob_code")
	wantError(t, a.verify("", oob, code), 400, "invalid_request", "Missing required parameter: mfa_token")
	wantError(t, a.verify(token, "x", code), 403, "invalid_grant", "Malformed oob_code")
	wantError(t, a.verify("x", oob, code), 403, "invalid_grant", "Malformed mfa_token")
	wantError(t, a.verify(a.mfaToken(bob), oob, code), 400, "invalid_request", "The oob_code doesn't match the mfa_token")
	wantTokens(t, a.verify(token, oob, code))
}

// rfc6238 computes a one-time password from the secret of an enrollment.
func rfc6238(t *testing.T, secret string, at time.Time) string {
	t.Helper()
	key, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(secret)
	require.NoError(t, err)
	var sum []byte
	fips140.WithoutEnforcement(func() {
		mac := hmac.New(sha1.New, key)
		mac.Write(binary.BigEndian.AppendUint64(nil, uint64(at.Unix()/30)))
		sum = mac.Sum(nil)
	})
	return fmt.Sprintf("%06d", (binary.BigEndian.Uint32(sum[sum[19]&15:])&0x7fffffff)%1000000)
}

func TestTenant_otp(t *testing.T) {
	t.Parallel()
	start := time.Unix(1_800_000_000, 0) // the first second of a step
	a := newAPI(t, nil, mfatest.WithClock(func() time.Time { return start }))
	token := a.mfaToken(ada)
	enrollment := a.associate(token, `{"authenticator_types":["otp"]}`)
	secret := enrollment.text("secret")
	at := func(d time.Duration) string { return rfc6238(t, secret, start.Add(d)) }
	assert.Equal(t, at(0), a.tenant.OTP(ada))

	const code, text = "invalid_grant", "Invalid otp_code."
	wantError(t, a.verifyOTP(token, at(time.Minute)), 403, code, text)
	wantError(t, a.verifyOTP(token, at(-time.Minute)), 403, code, text)
	assert.False(t, a.list(token)[0].Active)
	wantTokens(t, a.verifyOTP(token, at(30*time.Second)))
	assert.True(t, a.list(token)[0].Active)
	wantTokens(t, a.verifyOTP(token, at(-30*time.Second)))
	a.tenant.Advance(30 * time.Second)
	wantError(t, a.verifyOTP(token, at(-30*time.Second)), 403, code, text)
	wantError(t, a.form("grant_type", grantOTP, "mfa_token", token), 400, "invalid_request", "Missing required parameter: otp")
	wantError(t, a.verifyOTP("x", at(0)), 403, "invalid_grant", "Malformed mfa_token")
	wantError(t, a.verifyOTP(a.mfaToken(bob), at(0)), 401, "unsupported_challenge_type", "User is not enrolled with google-authenticator")
}

func TestTenant_otpIsConfirmedByTheLoginThatEnrolledIt(t *testing.T) {
	t.Parallel()
	a := newAPI(t, nil)
	require.Equal(t, 200, a.associate(a.mfaToken(bob), `{"authenticator_types":["otp"]}`).Status)
	wantError(t, a.verifyOTP(a.mfaToken(bob), a.tenant.OTP(bob)), 401, "unsupported_challenge_type", "User is not enrolled with google-authenticator")
}

func TestTenant_recoveryCode(t *testing.T) {
	t.Parallel()
	user := with("user@example.com", mfa.FactorEmail)
	user.RecoveryCode = true
	a := newAPI(t, []mfatest.User{user})
	token := a.mfaToken(user.Email)
	old := a.recoveryCode(user.Email)
	assert.Regexp(t, `^[A-Z0-9]{24}$`, old)

	wantError(t, a.verifyRecovery(token, "WRONG"), 403, "invalid_grant", "MFA Authorization rejected.")
	wantError(t, a.form("grant_type", grantRecovery, "mfa_token", token), 400, "invalid_request", "Missing required parameter: recovery_code")
	wantError(t, a.verifyRecovery("x", old), 403, "invalid_grant", "Malformed mfa_token")
	wantError(t, a.verifyRecovery(a.tenant.AccessToken(user.Email, mfa.ScopeEnroll).Reveal(), old), 403, "invalid_grant", "Malformed mfa_token")

	r := a.verifyRecovery(token, old)
	wantTokens(t, r)
	fresh := r.text("recovery_code")
	assert.Regexp(t, `^[A-Z0-9]{24}$`, fresh)
	assert.NotEqual(t, old, fresh)
	assert.Equal(t, fresh, a.recoveryCode(user.Email))
	wantError(t, a.verifyRecovery(token, old), 403, "invalid_grant", "MFA Authorization rejected.")
	wantTokens(t, a.verifyRecovery(token, fresh))

	wantError(t, a.verifyRecovery(a.mfaToken(bob), fresh), 403, "unsupported_challenge_type", "User does not have a recovery-code.")
	token = a.mfaToken(ada)
	codes := a.associateEmail(token, ada).Fields["recovery_codes"].([]any)
	wantError(t, a.verifyRecovery(token, codes[0].(string)), 403, "unsupported_challenge_type", "User does not have a recovery-code.")
}

func TestTenant_chainedMFA(t *testing.T) {
	t.Parallel()
	user := with("user@example.com", mfa.FactorEmail, mfa.FactorOTP)
	a := newAPI(t, []mfatest.User{user}, mfatest.WithChainedMFA(1))
	token := a.mfaToken(user.Email, "scope", "openid")
	next := a.verifyOTP(token, a.tenant.OTP(user.Email))
	wantError(t, next, 403, "mfa_required", "Multifactor authentication required")
	require.NotEmpty(t, next.text("mfa_token"))
	require.NotEqual(t, token, next.text("mfa_token"))
	oob := a.challenge(next.text("mfa_token"), "oob", a.id(user.Email, "email")).text("oob_code")
	wantError(t, a.verify(token, oob, a.lastCode(user.Email)), 400, "invalid_request", "The oob_code doesn't match the mfa_token")
	last := a.verify(next.text("mfa_token"), oob, a.lastCode(user.Email))
	wantTokens(t, last)
	assert.NotEmpty(t, last.text("id_token"))

	// An access token chains nothing.
	token = a.tenant.AccessToken(user.Email, mfa.ScopeEnroll).Reveal()
	require.Equal(t, 200, a.associate(token, `{"authenticator_types":["otp"]}`).Status)
	wantTokens(t, a.verifyOTP(token, a.tenant.OTP(user.Email)))
}

const (
	pendingText  = "Authorization pending: please repeat the request in a few seconds."
	slowDownText = "You are polling faster than the specified interval of 5 seconds."
)

func TestTenant_push(t *testing.T) {
	t.Parallel()
	user := with("push@example.com", mfa.FactorPush)
	inBubble(t, []mfatest.User{user}, func(t *testing.T, a api) {
		token := a.mfaToken(user.Email)
		assert.False(t, a.tenant.PushPending(user.Email))
		oob := a.challenge(token, "oob", "").text("oob_code")
		assert.True(t, a.tenant.PushPending(user.Email))

		wantError(t, a.poll(token, oob), 400, "authorization_pending", pendingText)
		time.Sleep(5*time.Second - 1)
		r := a.poll(token, oob)
		wantError(t, r, 429, "slow_down", slowDownText)
		assert.Equal(t, "1", r.Header.Get("Retry-After"))
		time.Sleep(time.Nanosecond)
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
	})
}

func TestTenant_pushDecidesTheNewest(t *testing.T) {
	t.Parallel()
	user := with("push@example.com", mfa.FactorPush)
	inBubble(t, []mfatest.User{user}, func(t *testing.T, a api) {
		token := a.mfaToken(user.Email)
		first, second := a.challenge(token, "oob", "").text("oob_code"), a.challenge(token, "oob", "").text("oob_code")
		time.Sleep(10*time.Minute - 1) // unlike an enrollment's QR code, it waits as long as its oob_code lives
		a.tenant.ApprovePush(user.Email)
		wantTokens(t, a.poll(token, second))
		wantError(t, a.poll(token, first), 400, "authorization_pending", pendingText)
		time.Sleep(time.Nanosecond)
		const text = "mfatest: RejectPush: no push notification is pending for push@example.com"
		assert.PanicsWithValue(t, text, func() { a.tenant.RejectPush(user.Email) })
	})
}

func TestTenant_pushEnrollment(t *testing.T) {
	t.Parallel()
	inBubble(t, nil, func(t *testing.T, a api) {
		enroll := func() (token, oob string) {
			token = a.mfaToken(ada)
			return token, a.associate(token, `{"authenticator_types":["oob"],"oob_channels":["auth0"]}`).text("oob_code")
		}
		token, oob := enroll()
		assert.True(t, a.tenant.PushPending(ada))
		time.Sleep(5 * time.Minute) // the QR code has expired
		assert.False(t, a.tenant.PushPending(ada))
		assert.Panics(t, func() { a.tenant.ApprovePush(ada) })
		wantError(t, a.poll(token, oob), 400, "authorization_pending", pendingText)

		token, oob = enroll()
		time.Sleep(5*time.Minute - 1)
		a.tenant.ApprovePush(ada)
		wantTokens(t, a.poll(token, oob))
		require.Equal(t, 200, a.challenge(a.mfaToken(ada), "oob", "").Status)
	})
}
