package mfatest

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	_ "crypto/sha512" // for RS384
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
	"sync"
)

// signingKey is the key that all tenants of the process sign with, because
// making one takes longer than most tests.
var signingKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	mustSign(err)
	return key
})

// keyID names the signing key in tokens and in the key set.
func keyID() string {
	sum := sha256.Sum256(signingKey().N.Bytes())
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// jwtHeader is the first part of a JWT.
type jwtHeader struct {
	Algorithm string `json:"alg"`
	Type      string `json:"typ,omitempty"`
	KeyID     string `json:"kid,omitempty"`
}

// claims are the second part of a JWT: id token, access token or assertion.
type claims struct {
	Issuer        string   `json:"iss"`
	Subject       string   `json:"sub"`
	Audience      audience `json:"aud"`
	IssuedAt      int64    `json:"iat,omitempty"`
	Expiry        int64    `json:"exp"`
	Scope         string   `json:"scope,omitempty"`
	AuthorizedFor string   `json:"azp,omitempty"`
	ID            string   `json:"jti,omitempty"`
	Email         string   `json:"email,omitempty"`
	EmailVerified *bool    `json:"email_verified,omitempty"`
	Nonce         string   `json:"nonce,omitempty"`
	Methods       []string `json:"amr,omitempty"`
}

// audience is text, or a list of text in what others sign.
type audience []string

// MarshalJSON writes the one audience of a token as text.
func (a audience) MarshalJSON() ([]byte, error) { return json.Marshal(strings.Join(a, " ")) }

// UnmarshalJSON reads both forms.
func (a *audience) UnmarshalJSON(data []byte) error {
	var one string
	if json.Unmarshal(data, &one) == nil {
		*a = audience{one}
		return nil
	}
	return json.Unmarshal(data, (*[]string)(a))
}

func (a audience) has(wanted string) bool { return slices.Contains(a, wanted) }

// sign makes a JWT with RS256.
func sign(c claims) string {
	content := segment(jwtHeader{Algorithm: "RS256", Type: "JWT", KeyID: keyID()}) + "." + segment(c)
	sum := sha256.Sum256([]byte(content))
	signature, err := rsa.SignPKCS1v15(nil, signingKey(), crypto.SHA256, sum[:])
	mustSign(err)
	return content + "." + base64.RawURLEncoding.EncodeToString(signature)
}

func segment(v any) string { return base64.RawURLEncoding.EncodeToString(reply(0, v).body) }

// parseJWT reads a JWT that somebody else signed and verifies it with the key;
// nil: any signature does.
func parseJWT(token string, key *rsa.PublicKey) (claims, bool) {
	var header jwtHeader
	var c claims
	parts := strings.Split(token, ".")
	if len(parts) != 3 || !decodeSegment(parts[0], &header) || !decodeSegment(parts[1], &c) {
		return claims{}, false
	}
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	hash := map[string]crypto.Hash{"RS256": crypto.SHA256, "RS384": crypto.SHA384, "PS256": crypto.SHA256}[header.Algorithm]
	if err != nil || hash == 0 {
		return claims{}, false
	}
	if key == nil {
		return c, true
	}
	h := hash.New()
	h.Write([]byte(parts[0] + "." + parts[1]))
	if header.Algorithm == "PS256" {
		err = rsa.VerifyPSS(key, hash, h.Sum(nil), signature, nil)
	} else {
		err = rsa.VerifyPKCS1v15(key, hash, h.Sum(nil), signature)
	}
	return c, err == nil
}

func decodeSegment(part string, into any) bool {
	data, err := base64.RawURLEncoding.DecodeString(part)
	return err == nil && json.Unmarshal(data, into) == nil
}
