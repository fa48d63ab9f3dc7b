package main

import (
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

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
	good := login.IDToken.Reveal()
	parts := strings.Split(good, ".")
	encode := base64.RawURLEncoding.EncodeToString
	fresh := func() *checker {
		return &checker{tenant.URL + "/", tenant.ClientID, tenant.HTTPClient(), tenant.Now}
	}
	_, err = fresh().check(t.Context(), login.IDToken, "Ada@example.com")
	require.NoError(t, err)

	for name, token := range map[string]string{
		"none":            "",
		"two parts":       parts[0] + "." + parts[1],
		"unsigned":        encode([]byte(`{"alg":"none"}`)) + "." + parts[1] + ".",
		"shared secret":   encode([]byte(`{"alg":"HS256"}`)) + "." + parts[1] + "." + parts[2],
		"unknown key":     encode([]byte(`{"alg":"RS256","kid":"other"}`)) + "." + parts[1] + "." + parts[2],
		"other claims":    parts[0] + "." + encode([]byte(`{"sub":"another"}`)) + "." + parts[2],
		"other signature": parts[0] + "." + parts[1] + "." + encode([]byte("signature")),
		"bad signature":   parts[0] + "." + parts[1] + ".*",
		"bad header":      "*." + parts[1] + "." + parts[2],
	} {
		_, err := fresh().check(t.Context(), mfa.NewSecret(token), "ada@example.com")
		assert.Error(t, err, name)
	}
	for _, email := range []string{"grace@example.com", ""} {
		_, err := fresh().check(t.Context(), login.IDToken, email)
		assert.Error(t, err, email)
	}
	for name, change := range map[string]func(*checker){
		"audience": func(c *checker) { c.clientID = "other" },
		"expired":  func(c *checker) { c.now = func() time.Time { return tenant.Now().Add(48 * time.Hour) } },
		"issuer": func(c *checker) { // the keys of the tenant under another issuer's name
			proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				resp, err := tenant.HTTPClient().Get(tenant.URL + r.URL.Path)
				if err == nil {
					_ = resp.Write(w)
				}
			}))
			t.Cleanup(proxy.Close)
			c.issuer, c.http = proxy.URL+"/", proxy.Client()
		},
		"keys are down": func(c *checker) { c.issuer = "http://127.0.0.1:1/" },
	} {
		c := fresh()
		change(c)
		_, err := c.check(t.Context(), login.IDToken, "ada@example.com")
		assert.Error(t, err, name)
	}
}

func TestAudience(t *testing.T) {
	t.Parallel()
	var a audience
	require.NoError(t, a.UnmarshalJSON([]byte(`"one"`)))
	assert.Equal(t, audience{"one"}, a)
	require.NoError(t, a.UnmarshalJSON([]byte(`["one","two"]`)))
	assert.Equal(t, audience{"one", "two"}, a)
	assert.Error(t, a.UnmarshalJSON([]byte(`1`)))
}
