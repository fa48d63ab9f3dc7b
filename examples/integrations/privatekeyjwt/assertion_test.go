package privatekeyjwt_test

import (
	"crypto/rand"
	"crypto/rsa"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/examples/integrations/privatekeyjwt"
	"github.com/go-auth0-mfa/mfa/mfatest"
)

func newKey(t *testing.T) *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	return key
}

// What Auth0 asks of an assertion.
func TestAssertion(t *testing.T) {
	t.Parallel()
	key := newKey(t)
	assertion, err := privatekeyjwt.Assertion("https://tenant.eu.auth0.com/", "client", "kid", key)
	require.NoError(t, err)
	ids := map[string]bool{}
	for range 2 {
		signed, err := assertion(t.Context())
		require.NoError(t, err)
		assert.LessOrEqual(t, len(signed), 2048)
		token, err := jwt.ParseSigned(signed, []jose.SignatureAlgorithm{jose.RS256})
		require.NoError(t, err)
		assert.Equal(t, "kid", token.Headers[0].KeyID)
		var claims jwt.Claims
		require.NoError(t, token.Claims(&key.PublicKey, &claims))
		assert.Equal(t, []string{"client", "client"}, []string{claims.Issuer, claims.Subject})
		assert.Equal(t, jwt.Audience{"https://tenant.eu.auth0.com/"}, claims.Audience)
		assert.Equal(t, time.Minute, claims.Expiry.Time().Sub(claims.IssuedAt.Time()))
		assert.Less(t, len(claims.ID), 65)
		ids[claims.ID] = true
	}
	assert.Len(t, ids, 2, "an assertion is used once")
}

// The tenant accepts the key that it knows, and no other.
func TestAssertion_key(t *testing.T) {
	t.Parallel()
	known := newKey(t)
	tenant := mfatest.NewTenant(mfatest.WithClientAssertionKey(&known.PublicKey))
	t.Cleanup(tenant.Close)
	tenant.AddUser(mfatest.User{Email: "ada@example.com", Password: "correct horse"})
	for name, test := range map[string]struct {
		key      *rsa.PrivateKey
		audience string
		want     error
	}{
		"known":          {known, tenant.URL + "/", mfa.ErrMFARequired},
		"another":        {newKey(t), tenant.URL + "/", mfa.ErrInvalidClient},
		"other audience": {known, tenant.URL, mfa.ErrInvalidClient},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assertion, err := privatekeyjwt.Assertion(test.audience, tenant.ClientID, "", test.key)
			require.NoError(t, err)
			client := tenant.Client(mfa.WithClientAssertion(assertion))
			_, err = client.PasswordLogin(t.Context(), mfa.PasswordLoginRequest{
				Username: "ada@example.com", Password: mfa.NewSecret("correct horse"),
			})
			assert.ErrorIs(t, err, test.want)
		})
	}
}
