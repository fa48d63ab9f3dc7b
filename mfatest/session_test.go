package mfatest_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/mfatest"
)

// TestTenant_emailFromFirstLoginToSecond follows a user with an unverified
// address through an enrollment and the login after it.
func TestTenant_emailFromFirstLoginToSecond(t *testing.T) {
	t.Parallel()
	a := newAPI(t, nil)

	token := a.mfaToken(ada, "scope", "openid")
	assert.Empty(t, a.list(token))

	enrollment := a.associateEmail(token, ada)
	require.Equal(t, 200, enrollment.Status, enrollment.Body)
	assert.Equal(t, "oob", enrollment.text("authenticator_type"))
	assert.Equal(t, "email", enrollment.text("oob_channel"))
	assert.Equal(t, "prompt", enrollment.text("binding_method"))
	codes := enrollment.Fields["recovery_codes"].([]any)
	require.Len(t, codes, 1)
	assert.Regexp(t, `^[A-Z0-9]{24}$`, codes[0])
	assert.Equal(t, codes[0], a.recoveryCode(ada))

	mails := a.tenant.Inbox(strings.ToUpper(ada))
	require.Len(t, mails, 1)
	assert.Regexp(t, `^[0-9]{6}$`, mails[0].Code)
	assert.Equal(t, mfatest.Message{To: ada, Code: mails[0].Code, SentAt: a.tenant.Now(), Purpose: mfatest.PurposeEnroll}, mails[0])
	for _, l := range a.list(token) {
		assert.False(t, l.Active, l.ID)
	}

	oob := enrollment.text("oob_code")
	wantError(t, a.verify(token, oob, otherCode(mails[0].Code)), 403, "invalid_grant", "Invalid binding_code.")
	first := a.verify(token, oob, mails[0].Code)
	wantTokens(t, first)
	assert.NotEmpty(t, first.text("id_token"))
	assert.Empty(t, first.text("recovery_code"))

	token = a.mfaToken(ada)
	list := a.list(token)
	require.Len(t, list, 2)
	assert.Regexp(t, `^email\|dev_[A-Za-z0-9]{16}$`, list[0].ID)
	assert.Equal(t, listed{ID: list[0].ID, AuthenticatorType: "oob", Active: true, OOBChannel: "email", Name: "ada.********@exam*******"}, list[0])
	assert.Equal(t, listed{ID: list[1].ID, AuthenticatorType: "recovery-code", Active: true}, list[1])

	challenge := a.challenge(token, "oob", list[0].ID)
	require.Equal(t, 200, challenge.Status, challenge.Body)
	assert.Equal(t, "oob", challenge.text("challenge_type"))
	assert.Equal(t, "prompt", challenge.text("binding_method"))
	require.Len(t, a.tenant.Inbox(ada), 2)
	assert.Equal(t, mfatest.PurposeChallenge, a.tenant.Inbox(ada)[1].Purpose)
	wantTokens(t, a.verify(token, challenge.text("oob_code"), a.lastCode(ada)))

	wantError(t, a.associateEmail(token, "another@example.com"), 403, "access_denied", "User is already enrolled.")
	require.Len(t, a.tenant.Inbox(ada), 2)
	require.Empty(t, a.tenant.Inbox("another@example.com"))
}

func TestTenant_tokensLookLikeTheService(t *testing.T) {
	t.Parallel()
	a := newAPI(t, nil)
	token := a.mfaToken(ada)
	oob := a.associateEmail(token, ada).text("oob_code")
	for name, c := range map[string]struct {
		token  string
		length int
	}{"mfa_token": {token, 2000}, "oob_code": {oob, 600}} {
		assert.Len(t, c.token, c.length, name)
		parts := strings.Split(c.token, "*")
		require.Len(t, parts, 8, name)
		assert.Equal(t, "Fe26.2", parts[0], name)
		ms, err := strconv.ParseInt(parts[5], 10, 64)
		require.NoError(t, err)
		assert.Equal(t, a.tenant.Now().Add(10*time.Minute).UnixMilli(), ms, name)
		assert.Regexp(t, `^[A-Za-z0-9_.*-]+$`, c.token, name)
	}
	assert.NotEqual(t, token, a.mfaToken(ada))
}

// TestTenant_lifetimes goes to the last moment of each and one step further.
func TestTenant_lifetimes(t *testing.T) {
	t.Parallel()
	user := with("carol@example.com", mfa.FactorEmail, mfa.FactorOTP)
	last := func(d time.Duration) time.Duration { return d - time.Nanosecond }

	t.Run("code", func(t *testing.T) {
		t.Parallel()
		inBubble(t, []mfatest.User{user}, func(t *testing.T, a api) {
			token := a.mfaToken(user.Email)
			early := a.challenge(token, "oob", a.id(user.Email, "email")).text("oob_code")
			time.Sleep(last(5 * time.Minute))
			wantTokens(t, a.verify(token, early, a.lastCode(user.Email)))

			token = a.mfaToken(user.Email)
			late := a.challenge(token, "oob", a.id(user.Email, "email")).text("oob_code")
			time.Sleep(5 * time.Minute)
			wantError(t, a.verify(token, late, a.lastCode(user.Email)), 403, "invalid_grant", "Invalid binding_code.")

			again := a.challenge(token, "oob", a.id(user.Email, "email")).text("oob_code")
			wantTokens(t, a.verify(token, again, a.lastCode(user.Email)))
		})
	})
	t.Run("mfa_token", func(t *testing.T) {
		t.Parallel()
		inBubble(t, []mfatest.User{user}, func(t *testing.T, a api) {
			token := a.mfaToken(user.Email)
			time.Sleep(last(10 * time.Minute))
			a.list(token)
			oob := a.challenge(token, "oob", a.id(user.Email, "email")).text("oob_code")
			require.NotEmpty(t, oob)
			time.Sleep(time.Nanosecond)
			const expired, text = "expired_token", "mfa_token is expired"
			wantError(t, a.challenge(token, "oob", ""), 403, expired, text)
			wantError(t, a.verify(token, oob, a.lastCode(user.Email)), 403, expired, text)
			wantError(t, a.verifyOTP(token, a.tenant.OTP(user.Email)), 403, expired, text)
			wantError(t, a.verifyRecovery(token, "A"), 403, expired, text)
			const invalid, again = "invalid_grant", "The mfa_token provided is invalid. Try getting a new token."
			wantError(t, a.do("GET", "/mfa/authenticators", "", "Bearer "+token, ""), 401, invalid, again)
			wantError(t, a.associateEmail(token, ada), 401, invalid, again)
		})
	})
	t.Run("access token for the MFA audience", func(t *testing.T) {
		t.Parallel()
		inBubble(t, nil, func(t *testing.T, a api) {
			token := a.tenant.AccessToken(ada, mfa.ScopeReadAuthenticators).Reveal()
			time.Sleep(last(10 * time.Minute))
			a.list(token)
			time.Sleep(time.Nanosecond)
			wantError(t, a.do("GET", "/mfa/authenticators", "", "Bearer "+token, ""), 401,
				"invalid_grant", "The mfa_token provided is invalid. Try getting a new token.")
		})
	})
}

func TestTenant_codeIsGoodOnce(t *testing.T) {
	t.Parallel()
	a := newAPI(t, nil)
	token := a.mfaToken(bob)
	id := a.id(bob, "email")
	old := a.challenge(token, "oob", id).text("oob_code")
	oldCode := a.lastCode(bob)
	fresh := a.challenge(token, "oob", id).text("oob_code")
	code := a.lastCode(bob)
	require.NotEqual(t, old, fresh)

	wantError(t, a.verify(token, old, oldCode), 403, "invalid_grant", "Invalid binding_code.") // replaced
	wantTokens(t, a.verify(token, fresh, code))
	wantError(t, a.verify(token, fresh, code), 403, "invalid_grant", "Invalid binding_code.") // used
}

func TestTenant_secret(t *testing.T) {
	t.Parallel()
	a := newAPI(t, nil)
	for name, c := range map[string]struct {
		pairs      []string
		status     int
		code, text string
	}{
		"wrong":           {[]string{"client_secret", "wrong"}, 401, "access_denied", "Unauthorized"},
		"missing":         {[]string{"client_secret", ""}, 401, "access_denied", "Unauthorized"},
		"unknown client":  {[]string{"client_id", "nobody"}, 401, "invalid_client", "Unknown client."},
		"no client":       {[]string{"client_id", ""}, 400, "invalid_request", "Missing required parameter: client_id"},
		"two methods":     {[]string{"client_assertion", "a.b.c"}, 400, "invalid_request", "Only one method of client authentication may be used"},
		"assertion":       {[]string{"client_secret", "", "client_assertion", "a.b.c"}, 401, "invalid_client", "Client authentication failed"},
		"before password": {[]string{"client_secret", "wrong", "password", "wrong"}, 401, "access_denied", "Unauthorized"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wantError(t, a.login(ada, c.pairs...), c.status, c.code, c.text)
		})
	}
	t.Run("challenge", func(t *testing.T) {
		t.Parallel()
		wantError(t, a.do("POST", "/mfa/challenge", "application/json", "", `{"mfa_token":"x","client_id":"`+a.tenant.ClientID+`"}`),
			401, "access_denied", "Unauthorized")
	})
}

func TestTenant_basicAuth(t *testing.T) {
	t.Parallel()
	a := newAPI(t, nil, mfatest.WithApplication("b&c", "s%c:ret"))
	login := func(id, secret string, pairs ...string) response {
		t.Helper()
		values := url.Values{"grant_type": {"password"}, "username": {ada}, "password": {password}}
		for i := 0; i < len(pairs); i += 2 {
			values.Set(pairs[i], pairs[i+1])
		}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, a.tenant.URL+"/oauth/token", strings.NewReader(values.Encode()))
		require.NoError(t, err)
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.SetBasicAuth(id, secret)
		return a.send(req)
	}
	const required, text = "mfa_required", "Multifactor authentication required"
	wantError(t, login(a.tenant.ClientID, a.tenant.ClientSecret), 403, required, text)
	wantError(t, login(a.tenant.ClientID, a.tenant.ClientSecret, "client_id", a.tenant.ClientID), 403, required, text)
	wantError(t, login(url.QueryEscape("b&c"), url.QueryEscape("s%c:ret")), 403, required, text)
	wantError(t, login(a.tenant.ClientID, "wrong"), 401, "access_denied", "Unauthorized")
	wantError(t, login(a.tenant.ClientID, "%zz"), 400, "invalid_request", "Missing required parameter: client_id")
	wantError(t, login(a.tenant.ClientID, a.tenant.ClientSecret, "client_id", "b&c"), 401, "invalid_client", "Client authentication failed")
	wantError(t, login(a.tenant.ClientID, a.tenant.ClientSecret, "client_secret", "x"), 400, "invalid_request", "Only one method of client authentication may be used")
}

func TestWithTokenEndpointAuthMethod(t *testing.T) {
	t.Parallel()
	for method, accepts := range map[string]struct{ body, header, none bool }{
		"client_secret_post":  {body: true},
		"client_secret_basic": {header: true},
		"none":                {none: true},
	} {
		a := newAPI(t, nil, mfatest.WithTokenEndpointAuthMethod(method))
		secret := a.tenant.ClientSecret
		for way, header := range map[string]bool{"body": false, "header": true, "none": false} {
			values := url.Values{"grant_type": {"password"}, "username": {ada}, "password": {password}, "client_id": {a.tenant.ClientID}}
			if way == "body" && secret != "" {
				values.Set("client_secret", secret)
			}
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, a.tenant.URL+"/oauth/token", strings.NewReader(values.Encode()))
			require.NoError(t, err)
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			if header {
				req.SetBasicAuth(a.tenant.ClientID, secret)
			}
			r := a.send(req)
			if accepts.none || accepts.body && way == "body" || accepts.header && way == "header" {
				wantError(t, r, 403, "mfa_required", "Multifactor authentication required")
			} else {
				wantError(t, r, 401, "access_denied", "Unauthorized")
			}
		}
	}
}

func TestTenant_publicClient(t *testing.T) {
	t.Parallel()
	a := newAPI(t, nil, mfatest.WithPublicClient())
	assert.Empty(t, a.tenant.ClientSecret)
	token := a.mfaToken(bob)
	oob := a.challenge(token, "oob", a.id(bob, "email")).text("oob_code")
	wantTokens(t, a.verify(token, oob, a.lastCode(bob)))
}

func TestTenant_otherApplication(t *testing.T) {
	t.Parallel()
	a := newAPI(t, nil, mfatest.WithApplication("other", ""))
	token := a.form("grant_type", "password", "username", bob, "password", password, "client_id", "other", "client_secret", "").text("mfa_token")
	require.NotEmpty(t, token)
	const code, text = "invalid_request", "mfa_token not issued to this client"
	wantError(t, a.challenge(token, "oob", ""), 400, code, text)
	wantError(t, a.verify(token, "x", "000000"), 400, code, text)
	wantError(t, a.verifyOTP(token, "000000"), 400, code, text)
	wantError(t, a.verifyRecovery(token, "x"), 400, code, text)
}

// assertionKey is the key of the application; another is somebody else's.
var assertionKey, anotherKey = sync.OnceValue(newKey), sync.OnceValue(newKey)

func newKey() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
}

// assertion signs claims.
func assertion(t *testing.T, alg string, key *rsa.PrivateKey, claims map[string]any) string {
	t.Helper()
	encode := func(v any) string {
		data, err := json.Marshal(v)
		require.NoError(t, err)
		return base64.RawURLEncoding.EncodeToString(data)
	}
	content := encode(map[string]any{"alg": alg}) + "." + encode(claims)
	hash := crypto.SHA256
	if alg == "RS384" {
		hash = crypto.SHA384
	}
	h := hash.New()
	h.Write([]byte(content))
	var opts crypto.SignerOpts = hash
	if alg == "PS256" {
		opts = &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash, Hash: hash}
	}
	signature, err := key.Sign(rand.Reader, h.Sum(nil), opts)
	require.NoError(t, err)
	return content + "." + base64.RawURLEncoding.EncodeToString(signature)
}

func TestTenant_clientAssertion(t *testing.T) {
	t.Parallel()
	a := newAPI(t, nil, mfatest.WithClientAssertionKey(&assertionKey().PublicKey))
	unverified := newAPI(t, nil, mfatest.WithClientAssertionKey(nil))
	good := func(a api) map[string]any {
		return map[string]any{"iss": a.tenant.ClientID, "sub": a.tenant.ClientID, "aud": a.tenant.URL + "/", "exp": time.Now().Add(time.Minute).Unix()}
	}
	login := func(a api, assertion string, pairs ...string) response {
		t.Helper()
		return a.login(ada, append([]string{"client_secret", "", "client_assertion", assertion,
			"client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"}, pairs...)...)
	}
	accepted := func(r response) {
		t.Helper()
		wantError(t, r, 403, "mfa_required", "Multifactor authentication required")
	}
	refused := func(r response) {
		t.Helper()
		wantError(t, r, 401, "invalid_client", "Client authentication failed")
	}
	for _, alg := range []string{"RS256", "RS384", "PS256"} {
		accepted(login(a, assertion(t, alg, assertionKey(), good(a))))
		refused(login(a, assertion(t, alg, anotherKey(), good(a))))
	}
	accepted(login(unverified, assertion(t, "RS256", anotherKey(), good(unverified))))
	refused(login(a, assertion(t, "none", assertionKey(), good(a))))
	refused(login(a, "a.b"))
	refused(login(a, "!.!.!"))
	refused(login(unverified, strings.TrimRight(assertion(t, "RS256", assertionKey(), good(unverified)), "=")+"!"))
	refused(login(a, assertion(t, "RS256", assertionKey(), good(a)), "client_assertion_type", "jwt"))
	for name, value := range map[string]any{
		"iss": "x", "sub": "x", "aud": a.tenant.URL, "exp": time.Now().Add(-time.Minute).Unix(), "pad": strings.Repeat("x", 2048),
	} {
		c := good(a)
		c[name] = value
		refused(login(a, assertion(t, "RS256", assertionKey(), c)))
	}
	c := good(a)
	c["aud"] = []string{"x", a.tenant.URL + "/"}
	accepted(login(a, assertion(t, "RS256", assertionKey(), c)))

	wantError(t, a.login(ada), 401, "access_denied", "Unauthorized") // the secret
	a.tenant.Advance(time.Hour)
	accepted(login(a, assertion(t, "RS256", assertionKey(), good(a))))
}
