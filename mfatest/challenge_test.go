package mfatest_test

import (
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/mfatest"
)

func TestTenant_challenge(t *testing.T) {
	t.Parallel()
	all := with("all@example.com", mfa.FactorEmail, mfa.FactorOTP, mfa.FactorVoice, mfa.FactorPush)
	all.RecoveryCode = true
	pending := with("pending@example.com", mfa.FactorSMS, mfa.FactorEmail)
	pending.Authenticators[1].Active = false
	a := newAPI(t, []mfatest.User{all, pending})
	token := a.mfaToken(all.Email)

	t.Run("picks the first that fits, never e-mail", func(t *testing.T) {
		t.Parallel()
		for challengeType, want := range map[string]map[string]any{
			"":        {"challenge_type": "otp"},
			"otp":     {"challenge_type": "otp"},
			"oob otp": {"challenge_type": "otp"},
			"oob":     {"challenge_type": "oob", "binding_method": "prompt"},
		} {
			r := a.challenge(token, challengeType, "")
			require.Equal(t, 200, r.Status, r.Body)
			delete(r.Fields, "oob_code")
			assert.Equal(t, want, r.Fields, challengeType)
		}
		assert.Len(t, a.tenant.Inbox("+12025550142"), 1)
	})
	t.Run("push has no binding method", func(t *testing.T) {
		t.Parallel()
		r := a.challenge(token, "oob", a.id(all.Email, "push"))
		require.Equal(t, 200, r.Status, r.Body)
		assert.Len(t, r.Fields, 2)
		assert.NotEmpty(t, r.text("oob_code"))
	})
	t.Run("form", func(t *testing.T) {
		t.Parallel()
		r := a.do("POST", "/mfa/challenge", "application/x-www-form-urlencoded", "", url.Values{
			"mfa_token": {token}, "client_id": {a.tenant.ClientID}, "client_secret": {a.tenant.ClientSecret}, "challenge_type": {"otp"},
		}.Encode())
		assert.JSONEq(t, `{"challenge_type":"otp"}`, r.Body)
	})
	t.Run("unsupported", func(t *testing.T) {
		t.Parallel()
		const code, text = "unsupported_challenge_type", "The user does not support the requested challenge type "
		wantError(t, a.challenge(token, "oob", a.id(all.Email, "totp")), 401, code, text+"(oob). Supported type: otp.")
		wantError(t, a.challenge(token, "email", a.id(all.Email, "email")), 401, code, text+"(email). Supported type: oob.")
		wantError(t, a.challenge(token, "oob otp", a.id(all.Email, "recovery-code")), 401, code, text+"(oob otp). Supported type: recovery-code.")
		wantError(t, a.challenge(a.tenant.MFAToken(bob).Reveal(), "oob", ""), 401, code,
			"The user does not support any of the requested challenge types (oob). Currently there is no supported challenge available.")
	})
	t.Run("unknown authenticator", func(t *testing.T) {
		t.Parallel()
		const code, text = "invalid_authenticator", "The authenticator does not exist"
		wantError(t, a.challenge(token, "oob", "email|dev_0000000000000000"), 400, code, text)
		wantError(t, a.challenge(token, "oob", a.id(bob, "email")), 400, code, text)
		wantError(t, a.challenge(a.tenant.MFAToken(pending.Email).Reveal(), "oob", a.id(pending.Email, "email")), 400, code, text)
	})
	t.Run("tokens", func(t *testing.T) {
		t.Parallel()
		wantError(t, a.challenge("", "oob", ""), 400, "invalid_request", "Missing required parameter: mfa_token")
		wantError(t, a.challenge("x", "oob", ""), 403, "invalid_grant", "Malformed mfa_token")
		wantError(t, a.challenge(a.tenant.AccessToken(all.Email, mfa.ScopeEnroll).Reveal(), "oob", ""), 403, "invalid_grant", "Malformed mfa_token")
		wantError(t, a.do("POST", "/mfa/challenge", "application/json", "", `{"mfa_token":1}`), 400, "invalid_request", "mfa_token must be a string")
	})
}

func TestTenant_challengeOfNobody(t *testing.T) {
	t.Parallel()
	user := with("user@example.com", mfa.FactorEmail)
	user.Authenticators[0].Active = false
	user.RecoveryCode = true
	a := newAPI(t, []mfatest.User{user})
	for _, email := range []string{ada, user.Email} {
		token := a.tenant.MFAToken(email).Reveal()
		const code, text = "unsupported_challenge_type", "User is not enrolled. You can use /mfa/associate endpoint to enroll the first authenticator."
		wantError(t, a.challenge(token, "oob", ""), 401, code, text)
		wantError(t, a.verifyOTP(token, "000000"), 401, code, text)
	}
	other := newAPI(t, nil, mfatest.WithAssociationRequired())
	wantError(t, other.challenge(other.tenant.MFAToken(ada).Reveal(), "oob", ""), 400, "association_required",
		"The user has no authenticator. Associate one first.")
}
