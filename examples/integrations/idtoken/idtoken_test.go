package idtoken_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-jose/go-jose/v4"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/examples/integrations/idtoken"
)

const (
	domain   = "tenant.eu.auth0.com"
	clientID = "aBcDeFgHiJkLmNoPqRsTuVwXyZ012345"
	address  = "ada@example.com"
)

// issuer is a tenant as far as ID tokens go: it is the transport that serves the OpenID
// configuration and the keys.
type issuer struct {
	key  *rsa.PrivateKey
	keys []byte
}

func newIssuer(t *testing.T) *issuer {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	keys, err := json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: key.Public(), KeyID: "k1", Algorithm: "RS256", Use: "sig"}}})
	require.NoError(t, err)
	return &issuer{key, keys}
}

func (i *issuer) RoundTrip(req *http.Request) (*http.Response, error) {
	body := string(i.keys)
	switch req.URL.String() {
	case "https://" + domain + "/.well-known/openid-configuration":
		body = `{"issuer":"https://` + domain + `/","jwks_uri":"https://` + domain + `/.well-known/jwks.json","id_token_signing_alg_values_supported":["RS256"]}`
	case "https://" + domain + "/.well-known/jwks.json":
	default:
		return nil, errors.New("no such page: " + req.URL.String())
	}
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(body)), Request: req,
	}, nil
}

// sign returns a token with the claims.
func (i *issuer) sign(t *testing.T, claims string) *mfa.Token {
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: i.key}, (&jose.SignerOptions{}).WithHeader("kid", "k1"))
	require.NoError(t, err)
	signed, err := signer.Sign([]byte(claims))
	require.NoError(t, err)
	token, err := signed.CompactSerialize()
	require.NoError(t, err)
	return &mfa.Token{AccessToken: mfa.NewSecret("eyJ...a"), IDToken: mfa.NewSecret(token)}
}

// newSite returns a site, whose clock shows the second 1000, with a session.
func newSite(t *testing.T, i *issuer) (context.Context, *idtoken.Site, *scs.SessionManager) {
	client, err := mfa.NewClient(domain, clientID, mfa.WithHTTPClient(&http.Client{Transport: i}))
	require.NoError(t, err)
	sessions := scs.New()
	site, err := idtoken.New(t.Context(), client, &http.Client{Transport: i}, sessions, oidc.Config{Now: func() time.Time { return time.Unix(1000, 0) }})
	require.NoError(t, err)
	ctx, err := sessions.Load(t.Context(), "")
	require.NoError(t, err)
	return ctx, site, sessions
}

func TestSite_SignIn(t *testing.T) {
	t.Parallel()
	i := newIssuer(t)
	claims := func(changed string) string {
		all := map[string]any{
			"iss": "https://" + domain + "/", "sub": "auth0|ada", "aud": clientID, "iat": 900, "exp": 1900,
			"amr": []string{"mfa"}, "email": address,
		}
		require.NoError(t, json.Unmarshal([]byte(changed), &all))
		text, err := json.Marshal(all)
		require.NoError(t, err)
		return string(text)
	}
	for name, changed := range map[string]string{
		"as Auth0 sends it":    `{}`,
		"azp of the client":    `{"azp":"` + clientID + `"}`,
		"aud as a list of one": `{"aud":["` + clientID + `"]}`,
		"address in capitals":  `{"email":"ADA@example.com"}`,
		"several methods":      `{"amr":["pwd","mfa"]}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, site, _ := newSite(t, i)
			require.NoError(t, site.SignIn(ctx, i.sign(t, claims(changed)), address))
			assert.Equal(t, "auth0|ada", site.User(ctx))
		})
	}
	for name, changed := range map[string]string{
		"without a second factor":     `{"amr":null}`,
		"by a password alone":         `{"amr":["pwd"]}`,
		"of another user":             `{"email":"grace@example.com"}`,
		"without an address":          `{"email":null}`,
		"for another application":     `{"aud":"another"}`,
		"for another application too": `{"aud":["` + clientID + `","another"],"azp":"` + clientID + `"}`,
		"issued to another":           `{"azp":"another"}`,
		"of another tenant":           `{"iss":"https://other.eu.auth0.com/"}`,
		"expired":                     `{"exp":999}`,
		"claims of another type":      `{"amr":"mfa"}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, site, _ := newSite(t, i)
			require.Error(t, site.SignIn(ctx, i.sign(t, claims(changed)), address))
			assert.Empty(t, site.User(ctx))
		})
	}
	t.Run("signed by somebody else", func(t *testing.T) {
		t.Parallel()
		ctx, site, _ := newSite(t, i)
		require.Error(t, site.SignIn(ctx, newIssuer(t).sign(t, claims(`{}`)), address))
		require.Error(t, site.SignIn(ctx, &mfa.Token{AccessToken: mfa.NewSecret("eyJ...a")}, address), "without an ID token")
		assert.Empty(t, site.User(ctx))
	})
}

// What a session holds of the user before is gone, and so is its ID.
func TestSite_SignIn_asAnotherUser(t *testing.T) {
	t.Parallel()
	i := newIssuer(t)
	ctx, site, sessions := newSite(t, i)
	sessions.Put(ctx, "user", "auth0|grace")
	sessions.Put(ctx, "refresh_token", "sealed")
	before, _, err := sessions.Commit(ctx)
	require.NoError(t, err)
	require.NoError(t, site.SignIn(ctx, i.sign(t, `{"iss":"https://`+domain+`/","sub":"auth0|ada","aud":"`+clientID+`","exp":1900,"amr":["mfa"],"email":"`+address+`"}`), address))
	after, _, err := sessions.Commit(ctx)
	require.NoError(t, err)

	assert.Equal(t, "auth0|ada", site.User(ctx))
	assert.Empty(t, sessions.GetString(ctx, "refresh_token"))
	assert.NotEqual(t, before, after)
	old, err := sessions.Load(t.Context(), before)
	require.NoError(t, err)
	assert.Empty(t, site.User(old))
}
