package mfatest_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa/mfatest"
)

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
		"iss": "x", "sub": "x", "aud": a.tenant.URL, "exp": time.Now().Add(-time.Second).Unix(), "pad": strings.Repeat("x", 2048),
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
