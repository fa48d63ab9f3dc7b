// Package privatekeyjwt is an example of an application that authenticates with a key
// instead of a secret (private_key_jwt). go-jose signs the assertions.
package privatekeyjwt

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// lifetime is how long an assertion is valid. It is used at once, and only once. Auth0
// accepts at most 5 minutes.
const lifetime = time.Minute

// Assertion returns the function for mfa.WithClientAssertion. The audience is the URL of
// the tenant or its custom domain and ends with a slash: "https://tenant.eu.auth0.com/".
// keyID is the ID that Auth0 gave to the key. It can be empty if the application has only
// one key.
//
// Auth0 docs: https://auth0.com/docs/get-started/authentication-and-authorization-flow/authenticate-with-private-key-jwt
func Assertion(audience, clientID, keyID string, key *rsa.PrivateKey) (func(context.Context) (string, error), error) {
	signer, err := jose.NewSigner(
		jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: key, KeyID: keyID}},
		(&jose.SignerOptions{}).WithType("JWT"),
	)
	if err != nil {
		return nil, err
	}
	return func(context.Context) (string, error) {
		now := time.Now()
		return jwt.Signed(signer).Claims(jwt.Claims{
			Issuer:   clientID,
			Subject:  clientID,
			Audience: jwt.Audience{audience},
			IssuedAt: jwt.NewNumericDate(now),
			Expiry:   jwt.NewNumericDate(now.Add(lifetime)),
			ID:       rand.Text(),
		}).Serialize()
	}, nil
}
