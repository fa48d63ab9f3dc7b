package mfatest_test

import (
	"math"
	"net/http"
	"net/url"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/mfatest"
)

func TestWithoutMFAGrant(t *testing.T) {
	t.Parallel()
	a := newAPI(t, nil, mfatest.WithoutMFAGrant())
	token := a.mfaToken(bob)
	oob := a.challenge(token, "oob", a.id(bob, "email")).text("oob_code")
	for _, grant := range []string{grantOOB, grantOTP, grantRecovery} {
		r := a.form("grant_type", grant, "mfa_token", token, "oob_code", oob)
		wantError(t, r, 403, "unauthorized_client", "Grant type '"+grant+"' not allowed for the client.")
		assert.Equal(t, "https://auth0.com/docs/clients/client-grant-types", r.text("error_uri"))
	}
}

func TestWithoutPasswordGrant(t *testing.T) {
	t.Parallel()
	a := newAPI(t, nil, mfatest.WithoutPasswordGrant())
	wantError(t, a.login(ada), 403, "unauthorized_client", "Grant type 'password' not allowed for the client.")
	wantError(t, a.login(ada, "grant_type", grantRealm, "realm", "x"), 403, "unauthorized_client", "Grant type '"+grantRealm+"' not allowed for the client.")
}

func TestWithoutDefaultConnection(t *testing.T) {
	t.Parallel()
	a := newAPI(t, nil, mfatest.WithoutDefaultConnection())
	wantError(t, a.login(ada), 500, "server_error", "Authorization server not configured with default connection.")
	assert.Equal(t, "mfa_required", a.login(ada, "grant_type", grantRealm, "realm", "x").text("error"))
}

func TestWithFlexibleFactors(t *testing.T) {
	t.Parallel()
	user := with("user@example.com", mfa.FactorSMS, mfa.FactorVoice, mfa.FactorPush, mfa.FactorOTP, mfa.FactorEmail)
	user.RecoveryCode = true
	pending := with("pending@example.com", mfa.FactorOTP)
	pending.Authenticators[0].Active = false
	a := newAPI(t, []mfatest.User{user, pending}, mfatest.WithFlexibleFactors(), mfatest.WithoutFactors(mfa.FactorPush))
	requirements := func(email string) any { return a.login(email).Fields["mfa_requirements"] }
	types := func(names ...string) []any {
		var all []any
		for _, name := range names {
			all = append(all, map[string]any{"type": name})
		}
		return all
	}
	assert.Equal(t, map[string]any{"enroll": types("otp", "phone")}, requirements(ada))
	assert.Equal(t, map[string]any{"enroll": types("otp", "phone")}, requirements(pending.Email))
	assert.Equal(t, map[string]any{"challenge": types("email")}, requirements(bob))
	assert.Equal(t, map[string]any{"challenge": types("phone", "otp", "email", "recovery-code")}, requirements(user.Email))

	var listed []string
	for _, l := range a.list(a.tenant.MFAToken(user.Email).Reveal()) {
		listed = append(listed, l.Type)
	}
	assert.Equal(t, []string{"phone", "phone", "push-notification", "otp", "email", "recovery-code"}, listed)
}

func TestWithChallengeTypes(t *testing.T) {
	t.Parallel()
	a := newAPI(t, nil, mfatest.WithChallengeTypes())
	assert.Equal(t, map[string]any{"challenge_types": []any{"otp", "oob"}}, a.login(ada).Fields["mfa_requirements"])
}

func TestWithoutMFAToken(t *testing.T) {
	t.Parallel()
	a := newAPI(t, nil, mfatest.WithoutMFAToken())
	r := a.login(ada)
	wantError(t, r, 403, "mfa_required", "Multifactor authentication required")
	assert.NotContains(t, r.Fields, "mfa_token")
}

func TestWithMFARequiredStatus(t *testing.T) {
	t.Parallel()
	a := newAPI(t, nil, mfatest.WithMFARequiredStatus(401))
	wantError(t, a.login(ada), 401, "mfa_required", "Multifactor authentication required")
}

func TestWithOptionalMFA(t *testing.T) {
	t.Parallel()
	pending := with("pending@example.com", mfa.FactorOTP)
	pending.Authenticators[0].Active = false
	a := newAPI(t, []mfatest.User{pending}, mfatest.WithOptionalMFA())
	wantTokens(t, a.login(ada))
	wantTokens(t, a.login(pending.Email))
	a.mfaToken(bob)
}

func TestWithAllowedOrigins(t *testing.T) {
	t.Parallel()
	const page, other = "http://localhost:3000", "http://localhost:3001"
	a := newAPI(t, nil, mfatest.WithAllowedOrigins(page, "https://app.example.com"))
	send := func(method, origin, wanted string) response {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, a.tenant.URL+"/mfa/authenticators", http.NoBody)
		require.NoError(t, err)
		req.Header.Set("Origin", origin)
		if wanted != "" {
			req.Header.Set("Access-Control-Request-Method", wanted)
			req.Header.Set("Access-Control-Request-Headers", "authorization,auth0-client")
		}
		return a.send(req)
	}
	a.tenant.Fail(mfatest.Fault{Status: 503})
	preflight := send("OPTIONS", page, "GET")
	assert.Equal(t, 204, preflight.Status)
	assert.Equal(t, page, preflight.Header.Get("Access-Control-Allow-Origin"))
	assert.Equal(t, "authorization,auth0-client", preflight.Header.Get("Access-Control-Allow-Headers"))
	assert.Equal(t, "GET, POST, DELETE", preflight.Header.Get("Access-Control-Allow-Methods"))
	assert.Empty(t, a.tenant.Requests())
	failed := send("GET", page, "")
	assert.Equal(t, 503, failed.Status)
	assert.Equal(t, page, failed.Header.Get("Access-Control-Allow-Origin"), "the page may read that it failed")
	assert.Equal(t, "Origin", failed.Header.Get("Vary"))
	assert.Contains(t, failed.Header.Get("Access-Control-Expose-Headers"), "Retry-After")

	for _, r := range []response{send("OPTIONS", other, "GET"), send("GET", other, ""), send("OPTIONS", page, "")} {
		assert.GreaterOrEqual(t, r.Status, 400)
		assert.Equal(t, "Origin", r.Header.Get("Vary"))
	}
	assert.Empty(t, send("OPTIONS", other, "GET").Header.Get("Access-Control-Allow-Origin"))
	for name := range newAPI(t, nil).login(ada).Header {
		assert.NotContains(t, name, "Access-Control")
	}
	for _, wrong := range []string{"*", "localhost:3000", page + "/", "ftp://localhost", "http://"} {
		assert.Panics(t, func() { mfatest.WithAllowedOrigins(wrong) }, wrong)
	}
}

func TestWithMFATokenLifetime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := newAPI(t, nil, mfatest.WithMFATokenLifetime(4*time.Minute), mfatest.WithMemoryNetwork(), mfatest.WithClock(time.Now))
		token, jwt := a.mfaToken(bob), a.tenant.AccessToken(bob, mfa.ScopeReadAuthenticators).Reveal()
		time.Sleep(time.Minute)
		oob := a.challenge(token, "oob", a.id(bob, "email")).text("oob_code")
		require.NotEmpty(t, oob)
		time.Sleep(3*time.Minute - 1)
		a.list(token)
		time.Sleep(time.Nanosecond)
		wantError(t, a.verify(token, oob, a.lastCode(bob)), 403, "expired_token", "mfa_token is expired")
		time.Sleep(time.Minute)
		a.list(jwt) // has its own 10 minutes
	})
}

func TestTenant_RequireMFA(t *testing.T) {
	t.Parallel()
	user := with("two@example.com", mfa.FactorOTP, mfa.FactorPush)
	a := newAPI(t, []mfatest.User{user}, mfatest.WithOptionalMFA())
	wantTokens(t, a.login(ada))
	a.tenant.RequireMFA(ada)
	a.mfaToken(ada)
	a.tenant.RequireMFA(ada, mfa.FactorOTP)
	r := a.login(ada)
	wantError(t, r, 403, "mfa_required", "Multifactor authentication required")
	assert.NotContains(t, r.Fields, "mfa_token")
	assert.Panics(t, func() { a.tenant.RequireMFA("nobody@example.com") })
	assert.Panics(t, func() { a.tenant.RequireMFA(ada, "smoke signal") })

	flexible := newAPI(t, []mfatest.User{user}, mfatest.WithOptionalMFA(), mfatest.WithFlexibleFactors())
	flexible.tenant.RequireMFA(ada, mfa.FactorOTP, mfa.FactorVoice)
	flexible.tenant.RequireMFA(user.Email, mfa.FactorPush)
	r = flexible.login(ada)
	assert.Equal(t, map[string]any{"enroll": []any{map[string]any{"type": "otp"}, map[string]any{"type": "phone"}}}, r.Fields["mfa_requirements"])
	assert.NotEmpty(t, r.text("mfa_token"))
	assert.Equal(t, map[string]any{"challenge": []any{map[string]any{"type": "push-notification"}}}, flexible.login(user.Email).Fields["mfa_requirements"])
}

func TestWithMFAOnRefresh(t *testing.T) {
	t.Parallel()
	a := newAPI(t, nil, mfatest.WithMFAOnRefresh())
	token := a.mfaToken(bob, "scope", "offline_access")
	oob := a.challenge(token, "oob", a.id(bob, "email")).text("oob_code")
	refresh := a.verify(token, oob, a.lastCode(bob)).text("refresh_token")
	wantError(t, a.form("grant_type", "refresh_token", "refresh_token", refresh), 403, "mfa_required", "Multifactor authentication required")
}

func TestWithAddr(t *testing.T) {
	t.Parallel()
	for addr, host := range map[string]string{"localhost:0": "localhost", ":0": "127.0.0.1", "0.0.0.0:0": "127.0.0.1", "127.0.0.2:0": "127.0.0.2"} {
		a := newAPI(t, nil, mfatest.WithAddr(addr))
		u, err := url.Parse(a.tenant.URL)
		require.NoError(t, err)
		assert.Equal(t, host, u.Hostname())
		assert.Equal(t, 200, a.do("GET", "/.well-known/openid-configuration", "", "", "").Status, addr)
	}
	assert.Panics(t, func() { mfatest.NewTenant(mfatest.WithAddr("127.0.0.1:none")) })
}

func TestWithClock(t *testing.T) {
	t.Parallel()
	now := time.Date(2031, 2, 3, 4, 5, 6, 0, time.UTC)
	tenant := mfatest.NewTenant(mfatest.WithClock(func() time.Time { return now }))
	t.Cleanup(tenant.Close)
	assert.Equal(t, now, tenant.Now())
	tenant.Advance(time.Minute)
	assert.Equal(t, now.Add(time.Minute), tenant.Now())
	assert.PanicsWithValue(t, "mfatest: Advance: the clock does not go back", func() { tenant.Advance(-1) })
	for range 3 {
		tenant.Advance(math.MaxInt64)
		assert.Equal(t, now.Add(math.MaxInt64), tenant.Now(), "it stands at the end of time")
	}
}

func TestDefaultClockStandsStill(t *testing.T) {
	t.Parallel()
	before := time.Now()
	tenant := mfatest.NewTenant()
	t.Cleanup(tenant.Close)
	assert.WithinRange(t, tenant.Now(), before.Round(0), time.Now())
	assert.Equal(t, tenant.Now(), tenant.Now())
}

func TestOptionsThatMakeNoSense(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]func(){
		"nil option":      func() { mfatest.NewTenant(nil) },
		"nil clock":       func() { mfatest.WithClock(nil) },
		"empty client id": func() { mfatest.WithApplication("", "") },
		"status 42":       func() { mfatest.WithMFARequiredStatus(42) },
		"denied with 200": func() { mfatest.WithDenyStatus(200) },
		"denied with 600": func() { mfatest.WithDenyStatus(600) },
		"negative chain":  func() { mfatest.WithChainedMFA(-1) },
		"no requests":     func() { mfatest.WithRateLimit(0, time.Second) },
		"no period":       func() { mfatest.WithRateLimit(5, 0) },
		"cannot listen":   func() { mfatest.NewTenant(mfatest.WithAddr("256.0.0.1:0")) },
		"no attempts":     func() { mfatest.WithBruteForceProtection(0) },
		"no lifetime":     func() { mfatest.WithMFATokenLifetime(0) },
		"no such method":  func() { mfatest.WithTokenEndpointAuthMethod("private_key_jwt") },
		"empty address":   func() { mfatest.WithAddr("") },
		"no port":         func() { mfatest.NewTenant(mfatest.WithAddr("x")) },
	} {
		assert.Panics(t, f, name)
	}
}
