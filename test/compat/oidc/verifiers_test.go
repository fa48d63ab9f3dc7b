package oidc_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-jose/go-jose/v4"
	"github.com/lestrrat-go/jwx/v3/jwa"
	"github.com/lestrrat-go/jwx/v3/jwk"
	"github.com/lestrrat-go/jwx/v3/jwt"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	zitadel "github.com/zitadel/oidc/v3/pkg/client"
	"github.com/zitadel/oidc/v3/pkg/client/rp"
	zoidc "github.com/zitadel/oidc/v3/pkg/oidc"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/mfatest"
)

// identity is what an id token says.
type identity struct {
	Email    string   `json:"email"`
	Verified bool     `json:"email_verified"`
	Methods  []string `json:"amr"`
}

// verify verifies an id token with the keys that the tenant publishes.
type verify func(ctx context.Context, raw string) (identity, error)

var verifiers = map[string]func(context.Context, *testing.T, *mfatest.Tenant) verify{
	"github.com/coreos/go-oidc": func(ctx context.Context, t *testing.T, tenant *mfatest.Tenant) verify {
		verifier := newProvider(ctx, t, tenant).Verifier(&oidc.Config{ClientID: tenant.ClientID})
		return func(ctx context.Context, raw string) (who identity, err error) {
			token, err := verifier.Verify(ctx, raw)
			if err != nil {
				return identity{}, err
			}
			return who, token.Claims(&who)
		}
	},
	"github.com/zitadel/oidc": func(ctx context.Context, t *testing.T, tenant *mfatest.Tenant) verify {
		verifier := newParty(ctx, t, tenant).IDTokenVerifier()
		return func(ctx context.Context, raw string) (identity, error) {
			claims, err := rp.VerifyIDToken[*zoidc.IDTokenClaims](ctx, raw, verifier)
			if err != nil {
				return identity{}, err
			}
			return identity{claims.Email, bool(claims.EmailVerified), claims.AuthenticationMethodsReferences}, nil
		}
	},
	"github.com/lestrrat-go/jwx": func(ctx context.Context, t *testing.T, tenant *mfatest.Tenant) verify {
		keys, err := jwk.Fetch(ctx, tenant.URL+"/.well-known/jwks.json", jwk.WithHTTPClient(tenant.HTTPClient()))
		require.NoError(t, err)
		return func(_ context.Context, raw string) (who identity, err error) {
			token, err := jwt.ParseString(raw, jwt.WithKeySet(keys), jwt.WithIssuer(tenant.URL+"/"), jwt.WithAudience(tenant.ClientID))
			if err != nil {
				return identity{}, err
			}
			var methods []any
			for name, value := range map[string]any{"email": &who.Email, "email_verified": &who.Verified, "amr": &methods} {
				if err := token.Get(name, value); err != nil {
					return identity{}, err
				}
			}
			for _, method := range methods {
				who.Methods = append(who.Methods, method.(string))
			}
			return who, nil
		}
	},
}

func TestVerifiers(t *testing.T) {
	t.Parallel()
	verified := 0
	for library, newVerifier := range verifiers {
		t.Run(library, func(t *testing.T) {
			const otherClient, otherSecret = "other-application", "other-secret"
			ctx, tenant := newTenant(t, mfatest.WithApplication(otherClient, otherSecret))
			check := newVerifier(ctx, t, tenant)
			good := signIn(ctx, t, tenant, tenant.ClientID, tenant.ClientSecret)
			who, err := check(ctx, good)
			require.NoError(t, err)
			assert.Equal(t, identity{email, true, []string{"mfa"}}, who)

			strangerCtx, stranger := newTenant(t)
			for name, token := range map[string]string{
				"of another tenant":   signIn(strangerCtx, t, stranger, stranger.ClientID, stranger.ClientSecret),
				"for another client":  signIn(ctx, t, tenant, otherClient, otherSecret),
				"for an API":          tenant.AccessToken(email, mfa.ScopeEnroll).Reveal(),
				"signed by a forger":  forge(t, good),
				"without a signature": unsigned(good),
			} {
				_, err := check(ctx, token)
				assert.Error(t, err, name)
			}

			pastCtx, past := newTenant(t, mfatest.WithClock(func() time.Time { return time.Now().Add(-11 * time.Hour) }))
			_, err = newVerifier(pastCtx, t, past)(pastCtx, signIn(pastCtx, t, past, past.ClientID, past.ClientSecret))
			assert.Error(t, err, "expired")
			verified++
		})
	}
	assert.Equal(t, 3, verified)
}

// Assertions that two libraries sign authenticate the application.
func TestAssertions(t *testing.T) {
	t.Parallel()
	key := newKey(t)
	accepted := 0
	for library, sign := range map[string]func(clientID, audience string) (string, error){
		"github.com/lestrrat-go/jwx": func(clientID, audience string) (string, error) {
			token, err := jwt.NewBuilder().Issuer(clientID).Subject(clientID).Audience([]string{audience}).
				IssuedAt(time.Now()).Expiration(time.Now().Add(time.Minute)).Build()
			if err != nil {
				return "", err
			}
			signed, err := jwt.Sign(token, jwt.WithKey(jwa.RS256(), key))
			return string(signed), err
		},
		"github.com/zitadel/oidc": func(clientID, audience string) (string, error) {
			return zitadel.SignedJWTProfileAssertion(clientID, []string{audience}, time.Minute, newSigner(t, key))
		},
	} {
		t.Run(library, func(t *testing.T) {
			ctx, tenant := newTenant(t, mfatest.WithClientAssertionKey(&key.PublicKey))
			for _, tt := range []struct {
				audience string
				want     error
			}{
				{tenant.URL + "/", mfa.ErrMFARequired},
				{"https://elsewhere.example/", mfa.ErrInvalidClient},
			} {
				client := tenant.Client(mfa.WithClientAssertion(func(context.Context) (string, error) { return sign(tenant.ClientID, tt.audience) }))
				_, err := client.PasswordLogin(ctx, mfa.PasswordLoginRequest{Username: email, Password: mfa.NewSecret(password)})
				assert.ErrorIs(t, err, tt.want)
			}
			accepted++
		})
	}
	assert.Equal(t, 2, accepted)
}

func newKey(t *testing.T) *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	return key
}

func newSigner(t *testing.T, key *rsa.PrivateKey) jose.Signer {
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: key}, nil)
	require.NoError(t, err)
	return signer
}
