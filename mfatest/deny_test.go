package mfatest_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/mfatest"
)

func TestTenant_Deny_passwordLogin(t *testing.T) {
	t.Parallel()
	const text = "Nur für Mitglieder.\n(\"VIP\")"
	a := newAPI(t, nil)
	a.tenant.Deny("ADA.Lovelace@example.com", text)
	wantError(t, a.login(ada), 500, "access_denied", text)
	wantError(t, a.form("grant_type", "http://auth0.com/oauth/grant-type/password-realm", "realm", "x", "username", ada, "password", password),
		500, "access_denied", text)
	// An Action runs after the checks of Auth0's own, and for this user.
	wantError(t, a.login(ada, "password", "wrong"), 403, "invalid_grant", "Wrong email or password.")
	wantError(t, a.login(ada, "audience", a.tenant.URL), 403, "access_denied", "Service not found: "+a.tenant.URL)
	a.mfaToken(bob)

	a.tenant.Deny(ada, "")
	a.mfaToken(ada)
	assert.Panics(t, func() { a.tenant.Deny("nobody@example.com", text) })
}

func TestTenant_Deny_refresh(t *testing.T) {
	t.Parallel()
	a := newAPI(t, nil)
	token := a.mfaToken(bob, "scope", "offline_access")
	oob := a.challenge(token, "oob", a.id(bob, "email")).text("oob_code")
	refresh := a.verify(token, oob, a.lastCode(bob)).text("refresh_token")
	require.NotEmpty(t, refresh)

	a.tenant.Deny(bob, "Not on Fridays.")
	wantError(t, a.form("grant_type", "refresh_token", "refresh_token", "x"), 403, "invalid_grant", "Unknown or invalid refresh token.")
	wantError(t, a.form("grant_type", "refresh_token", "refresh_token", refresh), 500, "access_denied", "Not on Fridays.")
	a.tenant.Deny(bob, "")
	wantTokens(t, a.form("grant_type", "refresh_token", "refresh_token", refresh))
}

// A right code is spent, a wrong one is still a wrong one, and a code that is not the
// last of a chain ends no login.
func TestTenant_Deny_verify(t *testing.T) {
	t.Parallel()
	a := newAPI(t, []mfatest.User{with("otp@example.com", mfa.FactorOTP), with("push@example.com", mfa.FactorPush)})
	const text = "Not on Fridays."

	token := a.mfaToken(bob)
	oob := a.challenge(token, "oob", a.id(bob, "email")).text("oob_code")
	a.tenant.Deny(bob, text)
	wantError(t, a.verify(token, oob, "wrong"), 403, "invalid_grant", "Invalid binding_code.")
	wantError(t, a.verify(token, oob, a.lastCode(bob)), 500, "access_denied", text)
	a.tenant.Deny(bob, "")
	wantError(t, a.verify(token, oob, a.lastCode(bob)), 403, "invalid_grant", "Invalid binding_code.")

	token = a.mfaToken("otp@example.com")
	a.tenant.Deny("otp@example.com", text)
	wantError(t, a.verifyOTP(token, a.tenant.OTP("otp@example.com")), 500, "access_denied", text)

	token = a.mfaToken("push@example.com")
	oob = a.challenge(token, "oob", a.id("push@example.com", "push")).text("oob_code")
	a.tenant.Deny("push@example.com", text)
	wantError(t, a.poll(token, oob), 400, "authorization_pending", "Authorization pending: please repeat the request in a few seconds.")
	a.tenant.ApprovePush("push@example.com")
	wantError(t, a.poll(token, oob), 500, "access_denied", text)
	wantError(t, a.poll(token, oob), 403, "expired_token", "oob_code is expired")
}

func TestTenant_Deny_recoveryCode(t *testing.T) {
	t.Parallel()
	a := newAPI(t, []mfatest.User{{Email: "r@example.com", Password: password, RecoveryCode: true}})
	token := a.mfaToken("r@example.com")
	a.tenant.Deny("r@example.com", "Not on Fridays.")
	code := a.recoveryCode("r@example.com")
	r := a.verifyRecovery(token, code)
	wantError(t, r, 500, "access_denied", "Not on Fridays.")
	assert.NotContains(t, r.Fields, "recovery_code")
	assert.NotEqual(t, code, a.recoveryCode("r@example.com"))
}

func TestTenant_Deny_endOfAChain(t *testing.T) {
	t.Parallel()
	a := newAPI(t, []mfatest.User{with("otp@example.com", mfa.FactorOTP)}, mfatest.WithChainedMFA(1))
	token := a.mfaToken("otp@example.com")
	a.tenant.Deny("otp@example.com", "Not on Fridays.")
	next := a.verifyOTP(token, a.tenant.OTP("otp@example.com"))
	wantError(t, next, 403, "mfa_required", "Multifactor authentication required")
	wantError(t, a.verifyOTP(next.text("mfa_token"), a.tenant.OTP("otp@example.com")), 500, "access_denied", "Not on Fridays.")
}

func TestWithDenyStatus(t *testing.T) {
	t.Parallel()
	a := newAPI(t, nil, mfatest.WithDenyStatus(403))
	a.tenant.Deny(ada, "Not on Fridays.")
	wantError(t, a.login(ada), 403, "access_denied", "Not on Fridays.")
}

// What package mfa makes of it: nothing that a page should repeat.
func TestTenant_Deny_meansBlocked(t *testing.T) {
	t.Parallel()
	for _, status := range []int{500, 403, 401} {
		a := newAPI(t, nil, mfatest.WithDenyStatus(status))
		token := a.tenant.MFAToken(bob)
		client := a.tenant.Client()
		challenge, err := client.Challenge(t.Context(), mfa.ChallengeRequest{MFAToken: token, AuthenticatorID: a.id(bob, "email")})
		require.NoError(t, err)
		a.tenant.Deny(bob, "User is already enrolled.")
		code, _ := a.tenant.LastCode(bob)
		_, verify := client.VerifyOOB(t.Context(), mfa.VerifyOOBRequest{MFAToken: token, OOBCode: challenge.OOBCode, BindingCode: mfa.NewSecret(code)})
		_, login := client.PasswordLogin(t.Context(), mfa.PasswordLoginRequest{Username: bob, Password: mfa.NewSecret(password)})
		for _, err := range []error{verify, login} {
			require.ErrorIs(t, err, mfa.ErrBlocked)
			require.NotErrorIs(t, err, mfa.ErrOutcomeUnknown)
			assert.Equal(t, mfa.ActionAbort, mfa.NextAction(err))
		}
		assert.Len(t, a.tenant.Messages(), 1)
	}
}
