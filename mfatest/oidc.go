package mfatest

import (
	"encoding/base64"
	"math/big"
	"net/http"
	"strings"
	"time"
)

// configurationBody is the discovery document. The endpoints that belong to a
// login in the browser are named, because OpenID Connect requires it, but the
// tenant has none of them.
type configurationBody struct {
	Issuer            string   `json:"issuer"`
	Authorization     string   `json:"authorization_endpoint"`
	Token             string   `json:"token_endpoint"`
	Challenge         string   `json:"mfa_challenge_endpoint"`
	Keys              string   `json:"jwks_uri"`
	Scopes            []string `json:"scopes_supported"`
	ResponseTypes     []string `json:"response_types_supported"`
	SubjectTypes      []string `json:"subject_types_supported"`
	SigningAlgorithms []string `json:"id_token_signing_alg_values_supported"`
	ClientMethods     []string `json:"token_endpoint_auth_methods_supported"`
	Claims            []string `json:"claims_supported"`
}

// configuration answers GET /.well-known/openid-configuration.
//
// Auth0 docs: https://auth0.com/docs/get-started/applications/configure-applications-with-oidc-discovery
func (t *Tenant) configuration(call) answer {
	return reply(http.StatusOK, configurationBody{
		Issuer:            t.origin + "/",
		Authorization:     t.origin + "/authorize",
		Token:             t.origin + "/oauth/token",
		Challenge:         t.origin + "/mfa/challenge",
		Keys:              t.origin + "/.well-known/jwks.json",
		Scopes:            []string{"openid", "profile", "offline_access", "email", "email_verified"},
		ResponseTypes:     []string{"code", "token", "id_token", "code token", "code id_token", "token id_token", "code token id_token"},
		SubjectTypes:      []string{"public"},
		SigningAlgorithms: []string{"RS256"},
		ClientMethods:     []string{"client_secret_basic", "client_secret_post", "private_key_jwt", "none"},
		Claims:            []string{"aud", "email", "email_verified", "exp", "iat", "iss", "sub"},
	})
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

// jwks answers GET /.well-known/jwks.json.
func (t *Tenant) jwks(call) answer {
	key := signingKey().PublicKey
	return reply(http.StatusOK, keySet{[]publicKey{{
		Type: "RSA", Use: "sig", Algorithm: "RS256", ID: keyID(),
		Modulus:  base64.RawURLEncoding.EncodeToString(key.N.Bytes()),
		Exponent: base64.RawURLEncoding.EncodeToString(big.NewInt(int64(key.E)).Bytes()),
	}}})
}

// idToken makes an id token. The address is always in it.
func (t *Tenant) idToken(now time.Time, g grant) string {
	c := claims{
		Issuer: t.origin + "/", Subject: g.user.id, Audience: audience{g.app.id},
		IssuedAt: now.Unix(), Expiry: now.Add(lifetimeID).Unix(), Nonce: g.nonce,
		Email: g.user.email, EmailVerified: &g.user.verified,
	}
	if g.mfa {
		c.Methods = []string{"mfa"}
	}
	return sign(c)
}

// accessToken makes an access token: a JWT for the grant's audience, opaque if
// it has none. One for the MFA audience opens a session.
func (t *Tenant) accessToken(now time.Time, g grant) string {
	if g.audience == "" {
		return randomText(alphanumeric, 32)
	}
	expires := now.Add(t.accessLifetime(g))
	token := sign(claims{
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
