package mfatest_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/mfatest"
)

func TestTenant_associateRefuses(t *testing.T) {
	t.Parallel()
	a := newAPI(t, nil)
	token := a.tenant.MFAToken(ada).Reveal()
	for name, c := range map[string]struct{ body, text string }{
		"nothing":         {`{}`, "Missing required parameter: authenticator_types"},
		"list of numbers": {`{"authenticator_types":[1]}`, "Missing required parameter: authenticator_types"},
		"unknown type":    {`{"authenticator_types":["webauthn"]}`, "authenticator_types must be oob or otp"},
		"no channel":      {`{"authenticator_types":["oob"]}`, "Missing required parameter: oob_channels"},
		"unknown channel": {`{"authenticator_types":["oob"],"oob_channels":["pigeon"]}`, "oob_channels must be one of auth0, email, sms, voice"},
		"no e-mail":       {`{"authenticator_types":["oob"],"oob_channels":["email"],"email":"x"}`, "The email is invalid."},
		"named e-mail":    {`{"authenticator_types":["oob"],"oob_channels":["email"],"email":"X <x@example.com>"}`, "The email is invalid."},
		"e-mail a list":   {`{"authenticator_types":["oob"],"oob_channels":["email"],"email":["x@example.com"]}`, "email must be a string"},
		"no number":       {`{"authenticator_types":["oob"],"oob_channels":["sms"]}`, "Missing required parameter: phone_number"},
		"bad number":      {`{"authenticator_types":["oob"],"oob_channels":["voice"],"phone_number":"12025550142"}`, "The phone number is invalid."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wantError(t, a.associate(token, c.body), 400, "invalid_request", c.text)
		})
	}
	t.Run("form", func(t *testing.T) {
		t.Parallel()
		wantError(t, a.do("POST", "/mfa/associate", "application/x-www-form-urlencoded", "Bearer "+token, "authenticator_types=otp&authenticator_types=oob"),
			400, "invalid_request", "Missing required parameter: authenticator_types")
	})
	for name, bearer := range map[string]string{
		"no token": "", "unknown token": "Bearer x", "other scheme": "Basic " + token, "no scheme": token,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wantError(t, a.do("POST", "/mfa/associate", "application/json", bearer, "{"), 401,
				"invalid_grant", "The mfa_token provided is invalid. Try getting a new token.")
		})
	}
	t.Run("scope", func(t *testing.T) {
		t.Parallel()
		wantError(t, a.associateEmail(a.tenant.AccessToken(ada, mfa.ScopeReadAuthenticators).Reveal(), ada), 403,
			"insufficient_scope", "Insufficient scope, expected any of: enroll")
	})
}

func TestTenant_associateEveryFactor(t *testing.T) {
	t.Parallel()
	a := newAPI(t, nil, mfatest.WithoutRecoveryCodes())
	token := a.tenant.MFAToken(ada).Reveal()

	for _, channel := range []string{"sms", "voice"} {
		r := a.associate(token, `{"authenticator_types":["oob"],"oob_channels":"`+channel+`","phone_number":"+12025550100"}`)
		require.Equal(t, 200, r.Status, r.Body)
		assert.Equal(t, map[string]any{"authenticator_type": "oob", "oob_channel": channel, "binding_method": "prompt", "oob_code": r.text("oob_code")}, r.Fields)
	}
	assert.Len(t, a.tenant.Inbox("+1 202-555-0100"), 2)

	r := a.associate(token, `{"authenticator_types":["oob"],"oob_channels":["auth0"]}`)
	require.Equal(t, 200, r.Status, r.Body)
	assert.NotEmpty(t, r.text("oob_code"))
	assert.NotContains(t, r.Fields, "binding_method")
	uri, err := url.Parse(r.text("barcode_uri"))
	require.NoError(t, err)
	assert.Equal(t, "otpauth", uri.Scheme)
	assert.NotEmpty(t, uri.Query().Get("enrollment_tx_id"))
	assert.Equal(t, a.tenant.URL, uri.Query().Get("base_url"))

	r = a.associate(token, `{"authenticator_types":["otp"]}`)
	require.Equal(t, 200, r.Status, r.Body)
	assert.Equal(t, "otp", r.text("authenticator_type"))
	assert.NotContains(t, r.Fields, "oob_channel")
	assert.NotContains(t, r.Fields, "oob_code")
	assert.Regexp(t, `^[A-Z2-7]{32}$`, r.text("secret"))
	uri, err = url.Parse(r.text("barcode_uri"))
	require.NoError(t, err)
	assert.Equal(t, r.text("secret"), uri.Query().Get("secret"))

	r = a.associate(token, `{"authenticator_types":["oob"],"oob_channels":["email"]}`) // the user's own address
	require.Equal(t, 200, r.Status, r.Body)
	assert.NotContains(t, r.Fields, "recovery_codes")
	assert.Len(t, a.tenant.Inbox(ada), 1)

	list := a.list(token)
	prefixes := make([]string, len(list))
	for i, l := range list {
		prefixes[i], _, _ = strings.Cut(l.ID, "|")
		assert.False(t, l.Active)
		assert.Empty(t, l.Type)
	}
	assert.Equal(t, []string{"sms", "voice", "push", "totp", "email"}, prefixes)
	assert.Equal(t, strings.Repeat("X", 8)+"0100", list[0].Name)
	assert.Equal(t, list[0].ID[len("sms"):], list[1].ID[len("voice"):])
	assert.Equal(t, list[2].ID[len("push"):], list[3].ID[len("totp"):])
	assert.Equal(t, []string{"sms", "voice", "auth0", "", "email"},
		[]string{list[0].OOBChannel, list[1].OOBChannel, list[2].OOBChannel, list[3].OOBChannel, list[4].OOBChannel})
}

func TestTenant_recoveryCodesComeOnce(t *testing.T) {
	t.Parallel()
	has := with("has@example.com")
	has.RecoveryCode = true
	a := newAPI(t, []mfatest.User{has})
	token := a.tenant.MFAToken(ada).Reveal()
	a.noRecoveryCode(ada)
	assert.Contains(t, a.associateEmail(token, ada).Fields, "recovery_codes")
	assert.NotContains(t, a.associateEmail(token, ada).Fields, "recovery_codes")
	assert.NotContains(t, a.associateEmail(a.tenant.MFAToken(has.Email).Reveal(), has.Email).Fields, "recovery_codes")
	a.recoveryCode(has.Email)
}

func TestTenant_associateWhenEnrolled(t *testing.T) {
	t.Parallel()
	enrolled := with("enrolled@example.com", mfa.FactorOTP)
	pending := with("pending@example.com", mfa.FactorOTP)
	pending.Authenticators[0].Active = false
	a := newAPI(t, []mfatest.User{enrolled, pending})

	wantError(t, a.associateEmail(a.tenant.MFAToken(enrolled.Email).Reveal(), ada), 403, "access_denied", "User is already enrolled.")
	assert.Equal(t, 200, a.associateEmail(a.tenant.MFAToken(pending.Email).Reveal(), ada).Status)
	assert.Equal(t, 200, a.associateEmail(a.tenant.MFAToken(bob).Reveal(), bob).Status) // has only a verified e-mail

	// With an access token more can be enrolled, and confirmed with that same token.
	token := a.tenant.AccessToken(enrolled.Email, mfa.ScopeEnroll).Reveal()
	r := a.associateEmail(token, "second@example.com")
	require.Equal(t, 200, r.Status, r.Body)
	code := a.lastCode("second@example.com")
	wantError(t, a.verify(a.tenant.MFAToken(enrolled.Email).Reveal(), r.text("oob_code"), code), 400,
		"invalid_request", "The oob_code doesn't match the mfa_token")
	wantError(t, a.verifyOTP(token, a.tenant.OTP(enrolled.Email)), 403, "invalid_grant", "Malformed mfa_token") // nothing to confirm
	confirmed := a.verify(token, r.text("oob_code"), code)
	wantTokens(t, confirmed)
	assert.EqualValues(t, 600, confirmed.Fields["expires_in"])
	list := a.list(a.tenant.MFAToken(enrolled.Email).Reveal())
	assert.Equal(t, "seco**@exam*******", list[1].Name)
	assert.True(t, list[1].Active)

	require.Equal(t, 200, a.associate(token, `{"authenticator_types":["otp"]}`).Status)
	wantTokens(t, a.verifyOTP(token, a.tenant.OTP(enrolled.Email)))
}

func TestTenant_verifiedEmailEnrolled(t *testing.T) {
	t.Parallel()
	a := newAPI(t, nil, mfatest.WithVerifiedEmailEnrolled())
	wantError(t, a.associateEmail(a.tenant.MFAToken(bob).Reveal(), bob), 403, "access_denied", "User is already enrolled.")
	assert.Equal(t, 200, a.associateEmail(a.tenant.MFAToken(ada).Reveal(), ada).Status)
}

func TestTenant_withoutFactors(t *testing.T) {
	t.Parallel()
	user := with("user@example.com", mfa.FactorEmail, mfa.FactorSMS)
	a := newAPI(t, []mfatest.User{user}, mfatest.WithoutFactors(mfa.FactorEmail), mfatest.WithVerifiedEmailEnrolled())
	token := a.tenant.MFAToken(bob).Reveal()
	assert.Empty(t, a.list(token))
	wantError(t, a.associateEmail(token, bob), 400, "invalid_request", "No MFA factors enabled for enrollment")
	wantError(t, a.challenge(token, "oob", ""), 401, "unsupported_challenge_type",
		"User is not enrolled. You can use /mfa/associate endpoint to enroll the first authenticator.")
	wantError(t, a.challenge(a.tenant.MFAToken(user.Email).Reveal(), "oob", a.id(user.Email, "email")), 401, "unsupported_challenge_type",
		"Currently there is no supported challenge available.")
	assert.Equal(t, 200, a.challenge(a.tenant.MFAToken(user.Email).Reveal(), "oob", a.id(user.Email, "sms")).Status)
}
