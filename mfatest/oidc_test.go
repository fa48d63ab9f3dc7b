package mfatest_test

import (
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/mfatest"
)

// part decodes one part of a JWT.
func part(t require.TestingT, token string, i int) map[string]any {
	parts := strings.Split(token, ".")
	require.Len(t, parts, 3)
	data, err := base64.RawURLEncoding.DecodeString(parts[i])
	require.NoError(t, err)
	var fields map[string]any
	require.NoError(t, json.Unmarshal(data, &fields))
	return fields
}

func claims(t require.TestingT, token string) map[string]any { return part(t, token, 1) }

// verifySignature checks a JWT against the tenant's published keys.
func verifySignature(a api, token string) {
	a.Helper()
	var set struct {
		Keys []struct{ Kty, Use, Alg, Kid, N, E string }
	}
	require.NoError(a, json.Unmarshal([]byte(a.do("GET", "/.well-known/jwks.json", "", "", "").Body), &set))
	require.Len(a, set.Keys, 1)
	key := set.Keys[0]
	assert.Equal(a, []string{"RSA", "sig", "RS256"}, []string{key.Kty, key.Use, key.Alg})
	assert.Equal(a, map[string]any{"alg": "RS256", "typ": "JWT", "kid": key.Kid}, part(a, token, 0))
	n, err := base64.RawURLEncoding.DecodeString(key.N)
	require.NoError(a, err)
	e, err := base64.RawURLEncoding.DecodeString(key.E)
	require.NoError(a, err)
	public := &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: int(new(big.Int).SetBytes(e).Int64())}
	i := strings.LastIndexByte(token, '.')
	signature, err := base64.RawURLEncoding.DecodeString(token[i+1:])
	require.NoError(a, err)
	sum := sha256.Sum256([]byte(token[:i]))
	require.NoError(a, rsa.VerifyPKCS1v15(public, crypto.SHA256, sum[:], signature))
}

func TestTenant_discovery(t *testing.T) {
	t.Parallel()
	a := newAPI(t, nil)
	r := a.do("GET", "/.well-known/openid-configuration", "", "", "")
	require.Equal(t, 200, r.Status)
	assert.Equal(t, a.tenant.URL+"/", r.text("issuer"))
	assert.Equal(t, a.tenant.URL+"/oauth/token", r.text("token_endpoint"))
	assert.Equal(t, a.tenant.URL+"/mfa/challenge", r.text("mfa_challenge_endpoint"))
	assert.Equal(t, a.tenant.URL+"/.well-known/jwks.json", r.text("jwks_uri"))
	assert.Equal(t, []any{"RS256"}, r.Fields["id_token_signing_alg_values_supported"])
	for name, value := range r.Fields { // nothing is advertised that is not there
		if at, isURL := value.(string); isURL && strings.HasPrefix(at, a.tenant.URL) && name != "issuer" {
			assert.NotEqual(t, 404, a.do("GET", strings.TrimPrefix(at, a.tenant.URL), "", "", "").Status, name)
		}
	}
	assert.Empty(t, r.Fields["response_types_supported"])
	for _, grant := range r.Fields["grant_types_supported"].([]any) {
		assert.NotEqual(t, "unsupported_grant_type", a.form("grant_type", grant.(string)).text("error"), grant)
	}
	assert.Len(t, r.Fields["grant_types_supported"], 6)
}

// Tokens of one tenant do not pass for those of another, neither by their key nor
// by its name.
func TestTenant_hasAKeyOfItsOwn(t *testing.T) {
	t.Parallel()
	ids := map[string]bool{}
	var moduli []string
	for range 5 { // more than there are keys
		a := newAPI(t, nil)
		var set struct{ Keys []struct{ Kid, N string } }
		require.NoError(t, json.Unmarshal([]byte(a.do("GET", "/.well-known/jwks.json", "", "", "").Body), &set))
		ids[set.Keys[0].Kid] = true
		moduli = append(moduli, set.Keys[0].N)
	}
	assert.Len(t, ids, 5)
	assert.Greater(t, len(slices.Compact(slices.Sorted(slices.Values(moduli)))), 1)
}

func TestTenant_idToken(t *testing.T) {
	t.Parallel()
	user := with("Otp@Example.com", mfa.FactorOTP)
	user.EmailVerified = true
	a := newAPI(t, []mfatest.User{user})
	r := a.verifyOTP(a.mfaToken("otp@example.com", "scope", "openid email", "nonce", "n-1"), a.tenant.OTP("OTP@example.com"))
	wantTokens(t, r)
	token := r.text("id_token")
	verifySignature(a, token)
	c := claims(t, token)
	assert.Regexp(t, `^auth0\|[0-9a-f]{24}$`, c["sub"])
	now := a.tenant.Now().Unix()
	assert.Equal(t, map[string]any{
		"iss": a.tenant.URL + "/", "aud": a.tenant.ClientID, "sub": c["sub"], "email": "Otp@Example.com", "email_verified": true,
		"iat": float64(now), "exp": float64(now + 36000), "nonce": "n-1", "amr": []any{"mfa"},
	}, c)

	r = a.verifyOTP(a.mfaToken("otp@example.com", "scope", "openid"), a.tenant.OTP("OTP@example.com"))
	assert.Equal(t, "Otp@Example.com", claims(t, r.text("id_token"))["email"])

	r = a.verifyOTP(a.mfaToken("otp@example.com"), a.tenant.OTP("otp@example.com"))
	wantTokens(t, r)
	for _, absent := range []string{"id_token", "refresh_token", "recovery_code", "scope"} {
		assert.NotContains(t, r.Fields, absent)
	}
}

func TestTenant_unverifiedEmailInTheIDToken(t *testing.T) {
	t.Parallel()
	a := newAPI(t, nil, mfatest.WithOptionalMFA())
	r := a.login(ada, "scope", "openid email")
	wantTokens(t, r)
	c := claims(t, r.text("id_token"))
	assert.Equal(t, false, c["email_verified"])
	assert.NotContains(t, c, "amr")
}

func TestTenant_accessTokens(t *testing.T) {
	t.Parallel()
	a := newAPI(t, nil, mfatest.WithOptionalMFA())
	token := a.tenant.AccessToken(ada, mfa.ScopeEnroll, mfa.ScopeRemoveAuthenticators).Reveal()
	verifySignature(a, token)
	c := claims(t, token)
	now := a.tenant.Now()
	assert.Equal(t, a.tenant.URL+"/mfa/", c["aud"])
	assert.Equal(t, "enroll remove:authenticators", c["scope"])
	assert.Equal(t, a.tenant.ClientID, c["azp"])
	assert.EqualValues(t, now.Unix(), c["iat"])
	assert.EqualValues(t, now.Add(10*time.Minute).Unix(), c["exp"])
	assert.NotEqual(t, token, a.tenant.AccessToken(ada, mfa.ScopeEnroll, mfa.ScopeRemoveAuthenticators).Reveal())

	r := a.login(ada, "audience", "https://api.example.com")
	verifySignature(a, r.text("access_token"))
	assert.Equal(t, "https://api.example.com", claims(t, r.text("access_token"))["aud"])
	assert.EqualValues(t, 86400, r.Fields["expires_in"])
	assert.NotContains(t, a.login(ada).text("access_token"), ".")

	other := newAPI(t, nil)
	wantError(t, other.do("GET", "/mfa/authenticators", "", "Bearer "+token, ""), 401,
		"invalid_grant", "The mfa_token provided is invalid. Try getting a new token.")
}

func TestTenant_warm(t *testing.T) {
	t.Parallel()
	a := newAPI(t, nil)
	client := a.tenant.Client()
	require.NoError(t, client.Warm(context.WithoutCancel(t.Context())))
	requests := a.tenant.Requests()
	require.Len(t, requests, 1)
	assert.Equal(t, mfa.OpWarm, requests[0].Op)
}
