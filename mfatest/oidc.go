package mfatest

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	_ "crypto/sha512" // for RS384
	"encoding/base64"
	"encoding/json"
	"math/big"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// configurationBody is the discovery document. It names what the tenant has: no
// endpoint of a browser login, although OpenID Connect requires one, and so no
// response types.
type configurationBody struct {
	Issuer            string   `json:"issuer"`
	Token             string   `json:"token_endpoint"`
	Challenge         string   `json:"mfa_challenge_endpoint"`
	Keys              string   `json:"jwks_uri"`
	Scopes            []string `json:"scopes_supported"`
	ResponseTypes     []string `json:"response_types_supported"`
	Grants            []string `json:"grant_types_supported"`
	SubjectTypes      []string `json:"subject_types_supported"`
	SigningAlgorithms []string `json:"id_token_signing_alg_values_supported"`
	ClientMethods     []string `json:"token_endpoint_auth_methods_supported"`
	Claims            []string `json:"claims_supported"`
}

// configuration is GET /.well-known/openid-configuration.
//
// Auth0 docs: https://auth0.com/docs/get-started/applications/configure-applications-with-oidc-discovery
func (t *Tenant) configuration(call) (response, error) {
	return respond(http.StatusOK, configurationBody{
		Issuer:            t.origin + "/",
		Token:             t.origin + "/oauth/token",
		Challenge:         t.origin + "/mfa/challenge",
		Keys:              t.origin + "/.well-known/jwks.json",
		Scopes:            []string{"openid", "profile", "offline_access", "email", "email_verified"},
		ResponseTypes:     []string{},
		Grants:            []string{grantPassword, grantRealm, grantRefresh, grantOOB, grantOTP, grantRecovery},
		SubjectTypes:      []string{"public"},
		SigningAlgorithms: []string{"RS256"},
		ClientMethods:     []string{"client_secret_basic", "client_secret_post", "private_key_jwt", "none"},
		Claims:            []string{"aud", "email", "email_verified", "exp", "iat", "iss", "sub"},
	}), nil
}

type keySet struct {
	Keys []publicKey `json:"keys"`
}

type publicKey struct {
	Type      string `json:"kty"`
	Use       string `json:"use"`
	Algorithm string `json:"alg"`
	ID        string `json:"kid"`
	Modulus   string `json:"n"`
	Exponent  string `json:"e"`
}

// jwks is GET /.well-known/jwks.json.
func (t *Tenant) jwks(call) (response, error) {
	key := t.signer.key().PublicKey
	return respond(http.StatusOK, keySet{[]publicKey{{
		Type: "RSA", Use: "sig", Algorithm: "RS256", ID: t.signer.id,
		Modulus:  base64.RawURLEncoding.EncodeToString(key.N.Bytes()),
		Exponent: base64.RawURLEncoding.EncodeToString(big.NewInt(int64(key.E)).Bytes()),
	}}}), nil
}

// idToken issues an ID token. It always contains the user's address.
func (t *Tenant) idToken(now time.Time, g grant) string {
	c := claims{
		Issuer: t.origin + "/", Subject: g.user.id, Audience: audience{g.app.id},
		IssuedAt: now.Unix(), Expiry: now.Add(lifetimeID).Unix(), Nonce: g.nonce,
		Email: g.user.email, EmailVerified: &g.user.verified,
	}
	if g.mfa {
		c.Methods = []string{"mfa"}
	}
	return t.signer.sign(c)
}

// accessToken issues an access token: a JWT for the grant's audience, or an
// opaque token if it has none. One for the MFA audience opens a session.
func (t *Tenant) accessToken(now time.Time, g grant) string {
	if g.audience == "" {
		return randomText(alphanumeric, 32)
	}
	expires := now.Add(t.accessLifetime(g))
	token := t.signer.sign(claims{
		Issuer: t.origin + "/", Subject: g.user.id, Audience: audience{g.audience},
		IssuedAt: now.Unix(), Expiry: expires.Unix(),
		Scope: strings.Join(g.scopes, " "), AuthorizedFor: g.app.id, ID: randomText(alphanumeric, 22),
	})
	if g.audience == t.mfaAudience() {
		t.sessions[token] = &session{grant: g, token: token, jwt: true, expires: expires}
	}
	return token
}

func (t *Tenant) accessLifetime(g grant) time.Duration {
	if g.audience == t.mfaAudience() {
		return lifetimeToken
	}
	return lifetimeAccess
}

// signer signs the tokens of one tenant.
type signer struct {
	key func() *rsa.PrivateKey
	id  string // kid
}

// signingKeys are the keys of all tenants in the process. Generating one takes
// longer than most tests, so there are few, each made on first use.
var signingKeys = [4]func() *rsa.PrivateKey{
	sync.OnceValue(generateKey), sync.OnceValue(generateKey), sync.OnceValue(generateKey), sync.OnceValue(generateKey),
}

// signers counts the tenants of the process, so that those that come one after
// another have different keys.
var signers atomic.Uint32

// newSigner returns a signer with a key ID of its own. Code that takes the keys of
// one tenant for those of another must not get away with it.
func newSigner() signer {
	return signer{key: signingKeys[int(signers.Add(1)-1)%len(signingKeys)], id: randomText(alphanumeric, 21)}
}

func generateKey() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	mustSign(err)
	return key
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

// audience is one or more audiences.
type audience []string

// MarshalJSON writes the one audience of a token as a string.
func (a audience) MarshalJSON() ([]byte, error) { return json.Marshal(strings.Join(a, " ")) }

// UnmarshalJSON reads a string or a list of strings.
func (a *audience) UnmarshalJSON(data []byte) error {
	var one string
	if json.Unmarshal(data, &one) == nil {
		*a = audience{one}
		return nil
	}
	return json.Unmarshal(data, (*[]string)(a))
}

func (a audience) has(wanted string) bool { return slices.Contains(a, wanted) }

// sign returns a JWT signed with RS256.
func (s signer) sign(c claims) string {
	content := segment(jwtHeader{Algorithm: "RS256", Type: "JWT", KeyID: s.id}) + "." + segment(c)
	sum := sha256.Sum256([]byte(content))
	signature, err := rsa.SignPKCS1v15(nil, s.key(), crypto.SHA256, sum[:])
	mustSign(err)
	return content + "." + base64.RawURLEncoding.EncodeToString(signature)
}

func segment(v any) string { return base64.RawURLEncoding.EncodeToString(respond(0, v).body) }

// parseJWT reads a JWT of a client and verifies it with the key. If the key is
// nil, any signature is accepted.
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
