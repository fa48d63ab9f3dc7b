#!/usr/bin/env bash
# Software:  github.com/lestrrat-go/jwx/v3 v3.4.0 with Go 1.26.8, beside
#            github.com/coreos/go-oidc/v3 v3.21.0
#
# Expected:  Token.Get reads amr, a list of strings, into a []string as it does with aud,
#            and auth_time into an int64 or a time.Time as it does with exp.
# Behavior:  Claims that are not among the seven of RFC 7519 keep the type that
#            encoding/json gives them, and Get converts nothing: amr is read by []any
#            only, auth_time by float64 only, a map by map[string]any only. The seven are
#            the other way round: exp is read by time.Time only. go-oidc decodes into what
#            the caller declares.
# Output:    which Go types read which claim, at the end of this script.
# Why:       A check of amr that takes any error of Get for "there is none" refuses every
#            login, or none.
set -euo pipefail

dir=$(mktemp -d)
trap 'chmod -R u+w "$dir"; rm -rf "$dir"' EXIT
cd "$dir"
export GOTOOLCHAIN=go1.26.8 GOWORK=off GOFLAGS=-mod=mod

cat >main.go <<'EOF'
package main

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"fmt"
	"reflect"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/lestrrat-go/jwx/v3/jwa"
	"github.com/lestrrat-go/jwx/v3/jwt"
)

func main() {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	expires := time.Now().Add(time.Hour).Truncate(time.Second)
	built, err := jwt.NewBuilder().Issuer("https://tenant.example/").Subject("auth0|1").Audience([]string{"app"}).Expiration(expires).
		Claim("amr", []string{"mfa"}).Claim("auth_time", 1790000000).Claim("org", map[string]string{"id": "org_1"}).Build()
	if err != nil {
		panic(err)
	}
	signed, err := jwt.Sign(built, jwt.WithKey(jwa.RS256(), key))
	if err != nil {
		panic(err)
	}
	token, err := jwt.Parse(signed, jwt.WithKey(jwa.RS256(), &key.PublicKey))
	if err != nil {
		panic(err)
	}
	verifier := oidc.NewVerifier("https://tenant.example/", &oidc.StaticKeySet{PublicKeys: []crypto.PublicKey{&key.PublicKey}}, &oidc.Config{ClientID: "app"})
	idToken, err := verifier.Verify(context.Background(), string(signed))
	if err != nil {
		panic(err)
	}
	var raw map[string]json.RawMessage
	if err := idToken.Claims(&raw); err != nil {
		panic(err)
	}
	for _, test := range []struct {
		claim string
		types []any
	}{
		{"aud", []any{[]string{}, []any{}}},
		{"amr", []any{[]string{}, []any{}}},
		{"exp", []any{int64(0), float64(0), time.Time{}}},
		{"auth_time", []any{int64(0), float64(0), time.Time{}}},
		{"org", []any{map[string]string{}, map[string]any{}}},
	} {
		for _, kind := range test.types {
			typ := reflect.TypeOf(kind)
			byJWX := token.Get(test.claim, reflect.New(typ).Interface()) == nil
			byOIDC := json.Unmarshal(raw[test.claim], reflect.New(typ).Interface()) == nil
			fmt.Printf("%s as %s: jwx %t, go-oidc %t\n", test.claim, typ, byJWX, byOIDC)
		}
	}
}
EOF
go mod init finding 2>go.log
go get github.com/lestrrat-go/jwx/v3@v3.4.0 github.com/coreos/go-oidc/v3@v3.21.0 2>>go.log || { cat go.log; exit 1; }
go run . >actual

diff -u --label expected --label actual - actual <<'EOF'
aud as []string: jwx true, go-oidc true
aud as []interface {}: jwx false, go-oidc true
amr as []string: jwx false, go-oidc true
amr as []interface {}: jwx true, go-oidc true
exp as int64: jwx false, go-oidc true
exp as float64: jwx false, go-oidc true
exp as time.Time: jwx true, go-oidc false
auth_time as int64: jwx false, go-oidc true
auth_time as float64: jwx true, go-oidc true
auth_time as time.Time: jwx false, go-oidc false
org as map[string]string: jwx false, go-oidc true
org as map[string]interface {}: jwx true, go-oidc true
EOF
