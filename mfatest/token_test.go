package mfatest_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/flow"
	"github.com/go-auth0-mfa/mfa/mfatest"
)

const grantRealm = "http://auth0.com/oauth/grant-type/password-realm"

func TestTenant_login(t *testing.T) {
	t.Parallel()
	a := newAPI(t, nil)

	t.Run("requires MFA of everybody, in upper and lower case of the address", func(t *testing.T) {
		t.Parallel()
		r := a.login("ADA.Lovelace@Example.com")
		wantError(t, r, 403, "mfa_required", "Multifactor authentication required")
		assert.NotContains(t, r.Fields, "mfa_requirements")
		assert.Equal(t, "no-store", r.Header.Get("Cache-Control"))
	})
	t.Run("by password-realm", func(t *testing.T) {
		t.Parallel()
		wantError(t, a.form("grant_type", grantRealm, "username", ada, "password", password, "realm", "Username-Password-Authentication"),
			403, "mfa_required", "Multifactor authentication required")
		wantError(t, a.form("grant_type", grantRealm, "username", ada, "password", password),
			400, "invalid_request", "Missing required parameter: realm")
	})
	t.Run("in JSON", func(t *testing.T) {
		t.Parallel()
		body, err := json.Marshal(map[string]string{"grant_type": "password", "username": ada, "password": password,
			"client_id": a.tenant.ClientID, "client_secret": a.tenant.ClientSecret})
		require.NoError(t, err)
		wantError(t, a.do("POST", "/oauth/token", "application/json", "", string(body)), 403, "mfa_required", "Multifactor authentication required")
	})
	for name, c := range map[string]struct {
		pairs      []string
		status     int
		code, text string
	}{
		"wrong password":         {[]string{"password", "wrong"}, 403, "invalid_grant", "Wrong email or password."},
		"unknown user":           {[]string{"username", "nobody@example.com"}, 403, "invalid_grant", "Wrong email or password."},
		"no user":                {[]string{"username", ""}, 400, "invalid_request", "Missing required parameter: username"},
		"no password":            {[]string{"password", ""}, 400, "invalid_request", "Missing required parameter: password"},
		"no grant":               {[]string{"grant_type", ""}, 400, "invalid_request", "Missing required parameter: grant_type"},
		"unknown grant":          {[]string{"grant_type", "implicit"}, 400, "unsupported_grant_type", "Grant type not supported"},
		"audience without slash": {[]string{"audience", a.tenant.URL + "/mfa"}, 403, "access_denied", "Service not found: " + a.tenant.URL + "/mfa"},
		"audience of an API":     {[]string{"audience", "https://api.example.com"}, 403, "mfa_required", "Multifactor authentication required"},
		"audience userinfo":      {[]string{"audience", a.tenant.URL + "/userinfo"}, 403, "mfa_required", "Multifactor authentication required"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wantError(t, a.login(ada, c.pairs...), c.status, c.code, c.text)
		})
	}
}

func TestTenant_loginForTheMFAAudience(t *testing.T) {
	t.Parallel()
	sms := with("sms@example.com", mfa.FactorSMS)
	email := with("email@example.com", mfa.FactorEmail)
	pending := with("pending@example.com", mfa.FactorOTP)
	pending.Authenticators[0].Active = false
	a := newAPI(t, []mfatest.User{sms, email, pending})
	scopes := []string{"audience", a.tenant.URL + "/mfa/", "scope", "enroll read:authenticators"}

	for _, user := range []string{ada, bob, email.Email, pending.Email} {
		r := a.login(user, scopes...)
		wantTokens(t, r)
		assert.EqualValues(t, 600, r.Fields["expires_in"])
		assert.Equal(t, "enroll read:authenticators", r.text("scope"))
		a.list(r.text("access_token"))
	}

	token := a.mfaToken(sms.Email, scopes...)
	oob := a.challenge(token, "oob", "").text("oob_code")
	r := a.verify(token, oob, a.lastCode("+1 (202) 555-0142"))
	wantTokens(t, r)
	assert.EqualValues(t, 600, r.Fields["expires_in"])
	assert.Len(t, a.list(r.text("access_token")), 1)
}

func TestTenant_refresh(t *testing.T) {
	t.Parallel()
	user := with("otp@example.com", mfa.FactorOTP)
	a := newAPI(t, []mfatest.User{user}, mfatest.WithApplication("other", "other's secret"))
	token := a.mfaToken(user.Email, "scope", "openid offline_access profile", "audience", "https://api.example.com", "nonce", "n")
	first := a.verifyOTP(token, a.tenant.OTP(user.Email))
	wantTokens(t, first)
	assert.EqualValues(t, 86400, first.Fields["expires_in"])
	refresh := first.text("refresh_token")
	require.NotEmpty(t, refresh)

	again := a.form("grant_type", "refresh_token", "refresh_token", refresh)
	wantTokens(t, again)
	assert.Empty(t, again.text("refresh_token"))
	assert.Equal(t, "openid profile", again.text("scope"))
	assert.Equal(t, []any{"mfa"}, claims(t, again.text("id_token"))["amr"])
	assert.NotContains(t, claims(t, again.text("id_token")), "nonce")

	narrow := a.form("grant_type", "refresh_token", "refresh_token", refresh, "scope", "profile enroll")
	assert.Equal(t, "profile", narrow.text("scope"))
	wantError(t, a.form("grant_type", "refresh_token", "refresh_token", refresh, "audience", a.tenant.URL+"/mfa/", "scope", "enroll"),
		403, "mfa_required", "Multifactor authentication required")
	wantError(t, a.form("grant_type", "refresh_token", "refresh_token", refresh, "audience", a.tenant.URL+"/nope"),
		403, "access_denied", "Service not found: "+a.tenant.URL+"/nope")

	const unknown = "Unknown or invalid refresh token."
	wantError(t, a.form("grant_type", "refresh_token", "refresh_token", "x"), 403, "invalid_grant", unknown)
	wantError(t, a.form("grant_type", "refresh_token", "refresh_token", refresh, "client_id", "other", "client_secret", "other's secret"),
		403, "invalid_grant", unknown)
	wantError(t, a.form("grant_type", "refresh_token"), 400, "invalid_request", "Missing required parameter: refresh_token")
}

func TestTenant_refreshForTheMFAAudience(t *testing.T) {
	t.Parallel()
	a := newAPI(t, nil)
	token := a.mfaToken(bob, "scope", "offline_access")
	oob := a.challenge(token, "oob", a.id(bob, "email")).text("oob_code")
	refresh := a.verify(token, oob, a.lastCode(bob)).text("refresh_token")
	r := a.form("grant_type", "refresh_token", "refresh_token", refresh, "audience", a.tenant.URL+"/mfa/", "scope", "remove:authenticators")
	wantTokens(t, r)
	assert.Equal(t, "remove:authenticators", r.text("scope"))
	assert.Equal(t, 404, a.remove(r.text("access_token"), "email|dev_0").Status)
}

// A refresh that needs MFA is a login like any other to package flow. The refresh token
// outlives the refusal.
func TestTenant_refreshThatNeedsMFA(t *testing.T) {
	t.Parallel()
	a := newAPI(t, nil, mfatest.WithMFAOnRefresh())
	client, guided := a.tenant.Client(), a.tenant.Flow()
	login := mfa.PasswordLoginRequest{Username: bob, Password: mfa.NewSecret(password), Scopes: []string{"offline_access"}}
	_, err := client.PasswordLogin(t.Context(), login)
	refreshToken := pass(t, a.tenant, guided, err).RefreshToken

	_, err = client.Refresh(t.Context(), mfa.RefreshRequest{RefreshToken: refreshToken})
	var required *mfa.RequiredError
	require.ErrorAs(t, err, &required)
	assert.Equal(t, mfa.OpRefresh, required.Err.Op)
	assert.False(t, pass(t, a.tenant, guided, err).AccessToken.IsZero())
	_, err = client.Refresh(t.Context(), mfa.RefreshRequest{RefreshToken: refreshToken})
	assert.ErrorIs(t, err, mfa.ErrMFARequired)
}

// pass takes bob's login that needs MFA to its end, by e-mail.
func pass(t *testing.T, tenant *mfatest.Tenant, guided *flow.Flow, loginErr error) *mfa.Token {
	t.Helper()
	step, err := guided.Begin(t.Context(), loginErr)
	require.NoError(t, err)
	code, _ := tenant.LastCode(bob)
	require.NoError(t, step.Submit(t.Context(), flow.Submission{Code: mfa.NewSecret(code)}))
	return step.Token()
}
