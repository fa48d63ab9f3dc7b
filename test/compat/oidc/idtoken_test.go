package oidc_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/mfatest"
)

func TestIDToken_isVerifiedByDiscovery(t *testing.T) {
	t.Parallel()
	ctx, tenant := newTenant(t)
	raw := signIn(ctx, t, tenant, tenant.ClientID, tenant.ClientSecret)

	verifier := newProvider(ctx, t, tenant).Verifier(&oidc.Config{ClientID: tenant.ClientID, Now: tenant.Now})
	token, err := verifier.Verify(ctx, raw)
	require.NoError(t, err)
	assert.Equal(t, tenant.URL+"/", token.Issuer)
	assert.Equal(t, []string{tenant.ClientID}, token.Audience)
	assert.True(t, strings.HasPrefix(token.Subject, "auth0|"), token.Subject)
	assert.Equal(t, tenant.Now().Unix(), token.IssuedAt.Unix())
	assert.Empty(t, token.Nonce)
	var claims struct {
		Methods  []string `json:"amr"`
		Email    string   `json:"email"`
		Verified bool     `json:"email_verified"`
	}
	require.NoError(t, token.Claims(&claims))
	assert.Contains(t, claims.Methods, "mfa")
	assert.Equal(t, email, claims.Email)
	assert.True(t, claims.Verified)
}

// Package mfa sends no nonce with a password; a login over net/http may.
func TestIDToken_nonce(t *testing.T) {
	t.Parallel()
	ctx, tenant := newTenant(t)
	form := url.Values{
		"grant_type": {"password"}, "username": {email}, "password": {password}, "scope": {"openid"}, "nonce": {"n-0S6_WzA2Mj"},
		"client_id": {tenant.ClientID}, "client_secret": {tenant.ClientSecret},
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, tenant.URL+"/oauth/token", strings.NewReader(form.Encode()))
	require.NoError(t, err)
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := tenant.HTTPClient().Do(request)
	require.NoError(t, err)
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	var required *mfa.RequiredError
	require.ErrorAs(t, mfa.ParseError(response.StatusCode, response.Header, body), &required)

	client := tenant.Client()
	raw := finish(ctx, t, tenant, client, required.MFAToken).IDToken.Reveal()
	token, err := newProvider(ctx, t, tenant).Verifier(&oidc.Config{ClientID: tenant.ClientID, Now: tenant.Now}).Verify(ctx, raw)
	require.NoError(t, err)
	assert.Equal(t, "n-0S6_WzA2Mj", token.Nonce)
}

func TestIDToken_refused(t *testing.T) {
	t.Parallel()
	const otherClient, otherSecret = "other-application", "other-secret"
	ctx, tenant := newTenant(t, mfatest.WithApplication(otherClient, otherSecret))
	verifier := newProvider(ctx, t, tenant).Verifier(&oidc.Config{ClientID: tenant.ClientID, Now: tenant.Now})
	good := signIn(ctx, t, tenant, tenant.ClientID, tenant.ClientSecret)
	_, err := verifier.Verify(ctx, good)
	require.NoError(t, err)

	strangerCtx, stranger := newTenant(t)
	for name, refused := range map[string]struct{ token, because string }{
		"of another tenant":   {signIn(strangerCtx, t, stranger, stranger.ClientID, stranger.ClientSecret), "failed to verify signature"},
		"for another client":  {signIn(ctx, t, tenant, otherClient, otherSecret), "expected audience"},
		"for an API":          {tenant.AccessToken(email, mfa.ScopeEnroll).Reveal(), "expected audience"},
		"signed by a forger":  {forge(t, good), "failed to verify signature"},
		"without a signature": {unsigned(good), "malformed jwt"},
	} {
		_, err := verifier.Verify(ctx, refused.token)
		assert.ErrorContains(t, err, refused.because, name)
	}

	tenant.Advance(10 * time.Hour)
	_, err = verifier.Verify(ctx, good)
	var expired *oidc.TokenExpiredError
	assert.ErrorAs(t, err, &expired)
}

// forge signs the token again, with a key of its own under the name of the tenant's.
func forge(t *testing.T, token string) string {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	content := token[:strings.LastIndexByte(token, '.')]
	sum := sha256.Sum256([]byte(content))
	signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	require.NoError(t, err)
	return content + "." + base64.RawURLEncoding.EncodeToString(signature)
}

// unsigned says that the token needs no signature.
func unsigned(token string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none"}`)) + "." + strings.Split(token, ".")[1] + "."
}
