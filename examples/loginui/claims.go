package main

import (
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/go-auth0-mfa/mfa"
)

// checker checks ID tokens, so that this example needs no other library. In production,
// use an OpenID Connect library, which also caches the keys, follows their rotation and
// supports more algorithms.
type checker struct {
	issuer, clientID string
	http             *http.Client
	now              func() time.Time
}

// claim is one claim of a token.
type claim struct{ Name, Value string }

// check returns the claims of a token that the tenant signed, for this application and
// for the user with this address, and that has not expired.
func (c *checker) check(ctx context.Context, token mfa.Secret, email string) ([]claim, error) {
	parts := strings.Split(token.Reveal(), ".")
	if len(parts) != 3 {
		return nil, errors.New("not a signed token")
	}
	var header struct {
		Algorithm string `json:"alg"`
		KeyID     string `json:"kid"`
	}
	if err := decodePart(parts[0], &header); err != nil {
		return nil, err
	}
	if header.Algorithm != "RS256" { // fixed here, because a token can claim any algorithm, even "none"
		return nil, errors.New("not signed with RS256; set that in the application's settings")
	}
	key, err := c.key(ctx, header.KeyID)
	if err != nil {
		return nil, err
	}
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil {
		return nil, errors.New("signature is not base64url")
	}
	digest := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if err := rsa.VerifyPKCS1v15(key, crypto.SHA256, digest[:], signature); err != nil {
		return nil, err
	}

	var payload struct {
		Issuer   string   `json:"iss"`
		Audience audience `json:"aud"`
		Expiry   int64    `json:"exp"`
		Nonce    string   `json:"nonce"`
		Email    string   `json:"email"`
	}
	if err := decodePart(parts[1], &payload); err != nil {
		return nil, err
	}
	switch {
	case payload.Issuer != c.issuer:
		return nil, errors.New("iss is another issuer")
	case !slices.Contains(payload.Audience, c.clientID):
		return nil, errors.New("aud is another application")
	case !c.now().Before(time.Unix(payload.Expiry, 0)):
		return nil, errors.New("exp has passed")
	case !strings.EqualFold(payload.Email, email): // a proxy can have mixed up two responses
		return nil, errors.New("email is another user's")
	case payload.Nonce != "": // a password login sends none; after a redirect, compare it with the one that was sent
		return nil, errors.New("nonce of another login")
	}
	var all map[string]any
	if err := decodePart(parts[1], &all); err != nil {
		return nil, err
	}
	var claims []claim
	for name, value := range all {
		claims = append(claims, claim{name, show(name, value)})
	}
	slices.SortFunc(claims, func(a, b claim) int { return strings.Compare(a.Name, b.Name) })
	return claims, nil
}

// key fetches the tenant's key with the ID.
func (c *checker) key(ctx context.Context, id string) (*rsa.PublicKey, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.issuer+".well-known/jwks.json", nil)
	if err != nil {
		return nil, err
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close() //nolint:errcheck // it was only read
	var set struct {
		Keys []struct{ Kty, Kid, N, E string }
	}
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("keys: status %d", resp.StatusCode)
	}
	if err := json.NewDecoder(io.LimitReader(resp.Body, 1<<20)).Decode(&set); err != nil {
		return nil, errors.New("keys: not the JSON of a key set")
	}
	for _, key := range set.Keys {
		n, errN := base64.RawURLEncoding.DecodeString(key.N)
		e, errE := base64.RawURLEncoding.DecodeString(key.E)
		if key.Kid == id && key.Kty == "RSA" && errN == nil && errE == nil {
			return &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: int(new(big.Int).SetBytes(e).Int64())}, nil
		}
	}
	return nil, errors.New("keys: none has the ID that the token names")
}

// audience is a string or a list of strings.
type audience []string

// UnmarshalJSON reads either.
func (a *audience) UnmarshalJSON(data []byte) error {
	var one string
	if json.Unmarshal(data, &one) == nil {
		*a = audience{one}
		return nil
	}
	return json.Unmarshal(data, (*[]string)(a))
}

func decodePart(part string, v any) error {
	data, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil {
		return errors.New("not base64url")
	}
	if json.Unmarshal(data, v) != nil {
		return errors.New("not the JSON of a token")
	}
	return nil
}

// show formats a claim for people.
func show(name string, value any) string {
	switch value := value.(type) {
	case string:
		return value
	case float64:
		if name == "exp" || name == "iat" || name == "auth_time" {
			return time.Unix(int64(value), 0).UTC().Format("2006-01-02 15:04:05 UTC")
		}
	}
	text, _ := json.Marshal(value) // cannot fail: the value came from JSON
	return string(text)
}
