// Package privatekeyjwt is an example of an application that authenticates by
// a key and not by a secret (private_key_jwt). go-jose signs the assertions.
//
// It is a module of its own, so that package mfa does not require go-jose.
package privatekeyjwt

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// lifetime is how long an assertion is good for. It is used at once, and only
// once; Auth0 takes 5 minutes at most.
const lifetime = time.Minute

// Assertion returns what mfa.WithClientAssertion takes. The audience is the URL
// of the tenant or its custom domain with a slash at its end, such as
// "https://tenant.eu.auth0.com/". The keyID is the one that Auth0 gave to the
// key; "": the application has one key only.
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
