package mfatest_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/mfatest"
)

func TestTenant_verifiedEmailIsListed(t *testing.T) {
	t.Parallel()
	a := newAPI(t, nil)
	r := a.do("GET", "/mfa/authenticators", "", "bearer "+a.tenant.MFAToken(bob).Reveal(), "")
	id := a.id(bob, "email")
	assert.Equal(t, `[{"id":"`+id+`","authenticator_type":"oob","active":true,"oob_channel":"email","name":"***@exam*******"}]`, r.Body)
	assert.Regexp(t, `^email\|dev_[A-Za-z0-9]{16}$`, id)

	r = a.do("GET", "/mfa/authenticators", "", "Bearer "+a.tenant.MFAToken(ada).Reveal(), "")
	assert.Equal(t, `[]`, r.Body)

	wantError(t, a.remove(a.tenant.AccessToken(bob, mfa.ScopeRemoveAuthenticators).Reveal(), id), 403, "access_denied", "A verified email cannot be deleted")
	assert.Len(t, a.list(a.tenant.MFAToken(bob).Reveal()), 1)
}

func TestTenant_listScope(t *testing.T) {
	t.Parallel()
	a := newAPI(t, nil)
	a.list(a.tenant.AccessToken(bob, mfa.ScopeReadAuthenticators).Reveal())
	wantError(t, a.do("GET", "/mfa/authenticators", "", "Bearer "+a.tenant.AccessToken(bob, mfa.ScopeEnroll).Reveal(), ""), 403,
		"insufficient_scope", "Insufficient scope, expected any of: read:authenticators")
}

func TestTenant_delete(t *testing.T) {
	t.Parallel()
	user := with("user@example.com", mfa.FactorEmail, mfa.FactorSMS, mfa.FactorVoice, mfa.FactorPush, mfa.FactorOTP, mfa.FactorOTP)
	user.Authenticators[0].Address = "second@example.com"
	user.RecoveryCode = true
	a := newAPI(t, []mfatest.User{user})
	token := a.tenant.AccessToken(user.Email, mfa.ScopeRemoveAuthenticators).Reveal()
	factors := func() []mfa.Factor {
		var all []mfa.Factor
		for _, l := range a.list(a.tenant.MFAToken(user.Email).Reveal()) {
			all = append(all, mfa.Authenticator{ID: l.ID}.Factor())
		}
		return all
	}
	require.Len(t, factors(), 7)

	// The code of a deleted authenticator is refused.
	login := a.tenant.MFAToken(user.Email).Reveal()
	oob := a.challenge(login, "oob", a.id(user.Email, "email")).text("oob_code")

	id := a.id(user.Email, "email")
	r := a.remove(token, id)
	assert.Equal(t, 204, r.Status)
	assert.Empty(t, r.Body)
	assert.Empty(t, r.Header.Get("Content-Type"))
	wantError(t, a.verify(login, oob, a.lastCode("second@example.com")), 403, "invalid_grant", "Invalid binding_code.")
	wantError(t, a.remove(token, id), 404, "not_found", "Authenticator not found")
	wantError(t, a.remove(token, a.id(bob, "email")), 404, "not_found", "Authenticator not found")

	assert.Equal(t, 204, a.remove(token, a.id(user.Email, "voice")).Status)
	assert.Equal(t, []mfa.Factor{mfa.FactorPush, mfa.FactorOTP, mfa.FactorOTP, mfa.FactorRecoveryCode}, factors())
	assert.Equal(t, 204, a.remove(token, a.id(user.Email, "push")).Status)
	assert.Equal(t, []mfa.Factor{mfa.FactorOTP, mfa.FactorRecoveryCode}, factors())
	assert.Equal(t, 204, a.remove(token, a.id(user.Email, "recovery-code")).Status)
	a.noRecoveryCode(user.Email)
	assert.Equal(t, 204, a.remove(token, a.id(user.Email, "totp")).Status)
	assert.Empty(t, factors())

	const code, text = "invalid_grant", "The mfa_token provided is invalid. Try getting a new token."
	wantError(t, a.remove(a.tenant.MFAToken(user.Email).Reveal(), id), 401, code, text)
	wantError(t, a.remove("x", id), 401, code, text)
	wantError(t, a.remove(a.tenant.AccessToken(user.Email, mfa.ScopeEnroll).Reveal(), id), 403,
		"insufficient_scope", "Insufficient scope, expected any of: remove:authenticators")
}
