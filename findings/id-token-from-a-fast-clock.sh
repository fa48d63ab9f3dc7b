#!/usr/bin/env bash
# Software:  github.com/lestrrat-go/jwx/v3 v3.4.0 and github.com/zitadel/oidc/v3 v3.52.0
#            with Go 1.26.8, beside github.com/coreos/go-oidc/v3 v3.21.0,
#            github.com/golang-jwt/jwt/v5 v5.3.1 and github.com/go-jose/go-jose/v4
#            v4.1.9
#
# Expected:  iat says when a token was issued (RFC 7519, 4.1.6) and is no time before
#            which it is to be refused: that is nbf. A clock that is ten seconds fast at
#            the tenant does no harm.
# Behavior:  jwx and zitadel/oidc refuse such a token by default, without any leeway.
#            The other three accept it.
# Output:    the verdict on iat of now and of ten seconds later, at the end of this
#            script.
# Why:       The first token after a login is verified within milliseconds of its
#            making. With these two every clock difference is a failed login. Set
#            WithAcceptableSkew or WithIssuedAtOffset.
set -euo pipefail

dir=$(mktemp -d)
trap 'chmod -R u+w "$dir"; rm -rf "$dir"' EXIT
cd "$dir"
export GOTOOLCHAIN=go1.26.8 GOWORK=off GOFLAGS=-mod=mod

cat >main.go <<'EOF'
package main

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-jose/go-jose/v4"
	josejwt "github.com/go-jose/go-jose/v4/jwt"
	"github.com/golang-jwt/jwt/v5"
	"github.com/lestrrat-go/jwx/v3/jwa"
	jwxjwt "github.com/lestrrat-go/jwx/v3/jwt"
	"github.com/zitadel/oidc/v3/pkg/client/rp"
	zitadel "github.com/zitadel/oidc/v3/pkg/oidc"
)

const issuer = "https://tenant.example/"

func main() {
	ctx := context.Background()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	keys := jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: &key.PublicKey, KeyID: "1", Algorithm: "RS256", Use: "sig"}}}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { json.NewEncoder(w).Encode(keys) }))
	defer server.Close()
	verifiers := []struct {
		name   string
		verify func(token string) error
	}{
		{"jwx", func(token string) error {
			_, err := jwxjwt.Parse([]byte(token), jwxjwt.WithKey(jwa.RS256(), &key.PublicKey))
			return err
		}},
		{"zitadel/oidc", func(token string) error {
			v := rp.NewIDTokenVerifier(issuer, "app", rp.NewRemoteKeySet(http.DefaultClient, server.URL))
			_, err := rp.VerifyIDToken[*zitadel.IDTokenClaims](ctx, token, v)
			return err
		}},
		{"go-oidc", func(token string) error {
			_, err := oidc.NewVerifier(issuer, oidc.NewRemoteKeySet(ctx, server.URL), &oidc.Config{ClientID: "app"}).Verify(ctx, token)
			return err
		}},
		{"golang-jwt", func(token string) error {
			_, err := jwt.Parse(token, func(*jwt.Token) (any, error) { return &key.PublicKey, nil })
			return err
		}},
		{"go-jose", func(token string) error {
			parsed, err := josejwt.ParseSigned(token, []jose.SignatureAlgorithm{jose.RS256})
			if err != nil {
				return err
			}
			var claims josejwt.Claims
			if err := parsed.Claims(&key.PublicKey, &claims); err != nil {
				return err
			}
			return claims.Validate(josejwt.Expected{Issuer: issuer, Time: time.Now()})
		}},
	}
	for _, v := range verifiers {
		for _, fast := range []time.Duration{0, 10 * time.Second} {
			now := time.Now()
			token := jwt.NewWithClaims(jwt.SigningMethodRS256, jwt.MapClaims{
				"iss": issuer, "sub": "auth0|1", "aud": "app", "exp": now.Add(time.Hour).Unix(), "iat": now.Add(fast).Unix(),
			})
			token.Header["kid"] = "1"
			signed, err := token.SignedString(key)
			if err != nil {
				panic(err)
			}
			fmt.Println(v.name, "clock ahead by", fast, "accepted:", v.verify(signed) == nil)
		}
	}
}
EOF
go mod init finding 2>go.log
go get github.com/lestrrat-go/jwx/v3@v3.4.0 github.com/zitadel/oidc/v3@v3.52.0 github.com/coreos/go-oidc/v3@v3.21.0 github.com/golang-jwt/jwt/v5@v5.3.1 github.com/go-jose/go-jose/v4@v4.1.9 2>>go.log || { cat go.log; exit 1; }
go run . >actual

diff -u --label expected --label actual - actual <<'EOF'
jwx clock ahead by 0s accepted: true
jwx clock ahead by 10s accepted: false
zitadel/oidc clock ahead by 0s accepted: true
zitadel/oidc clock ahead by 10s accepted: false
go-oidc clock ahead by 0s accepted: true
go-oidc clock ahead by 10s accepted: true
golang-jwt clock ahead by 0s accepted: true
golang-jwt clock ahead by 10s accepted: true
go-jose clock ahead by 0s accepted: true
go-jose clock ahead by 10s accepted: true
EOF
