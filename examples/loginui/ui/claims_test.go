package ui

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/mfatest"
)

func TestCheckIDToken(t *testing.T) {
	t.Parallel()
	tenant := mfatest.NewTenant(mfatest.WithOptionalMFA())
	defer tenant.Close()
	tenant.AddUser(mfatest.User{Email: "ada@example.com", Password: "correct horse"})
	client := tenant.Client()
	login, err := client.PasswordLogin(t.Context(), mfa.PasswordLoginRequest{
		Username: "ada@example.com", Password: mfa.NewSecret("correct horse"), Scopes: []string{"openid", "email"},
	})
	require.NoError(t, err)
	parts := strings.Split(login.IDToken.Reveal(), ".")
	encode := base64.RawURLEncoding.EncodeToString
	good := newChecker(t.Context(), tenant.URL+"/", tenant.ClientID, tenant.HTTPClient(), tenant.Now)
	for range 2 {
		_, err = good.check(t.Context(), login.IDToken, "Ada@example.com")
		require.NoError(t, err)
	}
	fetched := 0
	for _, request := range tenant.Requests() {
		if request.Op == mfatest.OpJWKS {
			fetched++
		}
	}
	assert.Equal(t, 1, fetched, "the keys are kept")

	for name, token := range map[string]string{
		"none":            "",
		"two parts":       parts[0] + "." + parts[1],
		"unsigned":        encode([]byte(`{"alg":"none"}`)) + "." + parts[1] + ".",
		"unsigned, twice": encode([]byte(`{"alg":"none","ALG":"RS256"}`)) + "." + parts[1] + ".",
		"shared secret":   encode([]byte(`{"alg":"HS256"}`)) + "." + parts[1] + "." + parts[2],
		"unknown key":     encode([]byte(`{"alg":"RS256","kid":"other"}`)) + "." + parts[1] + "." + parts[2],
		"other claims":    parts[0] + "." + encode([]byte(`{"sub":"another"}`)) + "." + parts[2],
		"other signature": parts[0] + "." + parts[1] + "." + encode([]byte("signature")),
		"bad signature":   parts[0] + "." + parts[1] + ".*",
		"bad header":      "*." + parts[1] + "." + parts[2],
	} {
		_, err := good.check(t.Context(), mfa.NewSecret(token), "ada@example.com")
		assert.Error(t, err, name)
	}
	for _, email := range []string{"grace@example.com", ""} {
		_, err := good.check(t.Context(), login.IDToken, email)
		assert.Error(t, err, email)
	}
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, tenant.URL+r.URL.Path, http.StatusFound)
	}))
	defer elsewhere.Close()
	later := func() time.Time { return tenant.Now().Add(48 * time.Hour) }
	for name, checker := range map[string]*checker{
		"audience":      newChecker(t.Context(), tenant.URL+"/", "other", tenant.HTTPClient(), tenant.Now),
		"expired":       newChecker(t.Context(), tenant.URL+"/", tenant.ClientID, tenant.HTTPClient(), later),
		"keys are down": newChecker(t.Context(), "http://127.0.0.1:1/", tenant.ClientID, tenant.HTTPClient(), tenant.Now),
		"keys redirect": newChecker(t.Context(), elsewhere.URL+"/", tenant.ClientID, tenant.HTTPClient(), tenant.Now),
	} {
		_, err := checker.check(t.Context(), login.IDToken, "ada@example.com")
		assert.Error(t, err, name)
	}
}

// What a token may say, of a tenant whose key signed it.
func TestCheckIDToken_claims(t *testing.T) {
	t.Parallel()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: key, KeyID: "one"}}, nil)
	require.NoError(t, err)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: &key.PublicKey, KeyID: "one", Algorithm: "RS256", Use: "sig"}}})
	}))
	defer server.Close()
	issuer := server.URL + "/"
	c := newChecker(t.Context(), issuer, "app", server.Client(), time.Now)
	check := func(payload string) (User, error) {
		signed, err := signer.Sign([]byte(strings.ReplaceAll(payload, "ISSUER", issuer)))
		require.NoError(t, err)
		token, err := signed.CompactSerialize()
		require.NoError(t, err)
		return c.check(t.Context(), mfa.NewSecret(token), "ada@example.com")
	}
	const rest = `"iss":"ISSUER","sub":"auth0|1","exp":9999999999,"email":"ada@example.com"`
	for name, payload := range map[string]string{
		"one audience":    `{"aud":"app",` + rest + `}`,
		"list of one":     `{"aud":["app"],` + rest + `}`,
		"issued to us":    `{"aud":["app","api"],"azp":"app",` + rest + `}`,
		"capitals beside": `{"aud":"app","https://example.com/AUD":"x","Role":"y",` + rest + `}`,
	} {
		user, err := check(payload)
		require.NoError(t, err, name)
		assert.Equal(t, "auth0|1", user.Subject, name)
		assert.Contains(t, user.Claims, Claim{"exp", "2286-11-20 17:46:39 UTC"}, name)
	}
	for name, payload := range map[string]string{
		"another audience":          `{"aud":"other",` + rest + `}`,
		"no audience":               `{"aud":null,` + rest + `}`,
		"audience in capitals":      `{"aud":"other","AUD":"app",` + rest + `}`,
		"issuer in capitals":        `{"aud":"app","ISS":"ISSUER",` + strings.Replace(rest, "ISSUER", "https://evil/", 1) + `}`,
		"expiry in capitals":        `{"aud":"app","EXP":9999999999,` + strings.Replace(rest, "9999999999", "1", 1) + `}`,
		"e-mail in capitals":        `{"aud":"app","EMAIL":"ada@example.com",` + strings.Replace(rest, "ada@", "grace@", 1) + `}`,
		"no party of two audiences": `{"aud":["app","api"],` + rest + `}`,
		"another party":             `{"aud":"app","azp":"other",` + rest + `}`,
		"a nonce":                   `{"aud":"app","nonce":"x",` + rest + `}`,
		"no subject":                `{"aud":"app",` + strings.Replace(rest, "auth0|1", "", 1) + `}`,
		"no e-mail":                 `{"aud":"app",` + strings.Replace(rest, "ada@example.com", "", 1) + `}`,
		"from the future":           `{"aud":"app","nbf":9999999990,` + rest + `}`,
		"no claims":                 `{}`,
		"no object":                 `[]`,
	} {
		_, err := check(payload)
		assert.Error(t, err, name)
	}
}
