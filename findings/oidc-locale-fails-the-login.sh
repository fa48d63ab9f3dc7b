#!/usr/bin/env bash
# Software:  github.com/zitadel/oidc/v3 v3.52.0 with Go 1.26.8, beside
#            github.com/coreos/go-oidc/v3 v3.21.0
#
# Expected:  An optional profile claim that cannot be parsed is left empty. It says
#            nothing about who signed in.
# Behavior:  A locale that is not a well-formed language tag fails the decoding of the
#            whole id token, and of userinfo too. Among such are the POSIX form
#            en_US.UTF-8 and an object of country and language. An unknown language and
#            an empty string pass. go-oidc leaves the claim to the caller.
# Output:    the result for each locale, at the end of this script.
# Why:       locale is whatever a social connection sent. The users of one connection,
#            or the few with an odd setting, cannot sign in.
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
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/golang-jwt/jwt/v5"
	zitadel "github.com/zitadel/oidc/v3/pkg/oidc"
)

func main() {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	verifier := oidc.NewVerifier("https://tenant.example/", &oidc.StaticKeySet{PublicKeys: []crypto.PublicKey{&key.PublicKey}}, &oidc.Config{ClientID: "app"})
	for _, locale := range []any{"en-US", "en_US", "xx", "", "en_US.UTF-8", "english", map[string]string{"country": "US", "language": "en"}} {
		claims := jwt.MapClaims{"iss": "https://tenant.example/", "sub": "auth0|1", "aud": "app", "exp": time.Now().Add(time.Hour).Unix(), "locale": locale}
		text, err := json.Marshal(claims)
		if err != nil {
			panic(err)
		}
		var idToken zitadel.IDTokenClaims
		var userInfo zitadel.UserInfo
		errToken, errInfo := json.Unmarshal(text, &idToken), json.Unmarshal(text, &userInfo)
		signed, err := jwt.NewWithClaims(jwt.SigningMethodRS256, claims).SignedString(key)
		if err != nil {
			panic(err)
		}
		_, err = verifier.Verify(context.Background(), signed)
		fmt.Printf("%q zitadel: id token %t, userinfo %t; go-oidc: id token %t\n", locale, errToken == nil, errInfo == nil, err == nil)
	}
}
EOF
go mod init finding 2>go.log
go get github.com/zitadel/oidc/v3@v3.52.0 github.com/coreos/go-oidc/v3@v3.21.0 github.com/golang-jwt/jwt/v5@v5.3.1 2>>go.log || { cat go.log; exit 1; }
go run . >actual

diff -u --label expected --label actual - actual <<'EOF'
"en-US" zitadel: id token true, userinfo true; go-oidc: id token true
"en_US" zitadel: id token true, userinfo true; go-oidc: id token true
"xx" zitadel: id token true, userinfo true; go-oidc: id token true
"" zitadel: id token true, userinfo true; go-oidc: id token true
"en_US.UTF-8" zitadel: id token false, userinfo false; go-oidc: id token true
"english" zitadel: id token false, userinfo false; go-oidc: id token true
map["country":"US" "language":"en"] zitadel: id token false, userinfo false; go-oidc: id token true
EOF
