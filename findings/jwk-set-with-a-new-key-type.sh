#!/usr/bin/env bash
# Software:  github.com/lestrrat-go/jwx/v3 v3.4.0 and github.com/go-jose/go-jose/v4
#            v4.1.9 with Go 1.26.8, beside github.com/coreos/go-oidc/v3 v3.21.0 and
#            github.com/MicahParks/keyfunc/v3 v3.9.1
#
# Expected:  A key of an unknown type in a JWK set is ignored (RFC 7517, section 5), and
#            the others are used.
# Behavior:  jwx refuses the whole set, the known RSA key included. go-jose fills the
#            set with the known key and returns an error nonetheless. go-oidc and
#            keyfunc ignore the unknown key.
# Output:    what each makes of a set of one RSA key and one other, at the end of this
#            script.
# Why:       On the day a tenant adds a key for a new algorithm (kty AKP, for ML-DSA)
#            every login fails, though the tokens are still signed with RSA. jwx has
#            WithIgnoreParseError.
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

	"github.com/MicahParks/keyfunc/v3"
	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-jose/go-jose/v4"
	"github.com/golang-jwt/jwt/v5"
	"github.com/lestrrat-go/jwx/v3/jwk"
)

func main() {
	ctx := context.Background()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	known, err := json.Marshal(jose.JSONWebKey{Key: &key.PublicKey, KeyID: "1", Algorithm: "RS256", Use: "sig"})
	if err != nil {
		panic(err)
	}
	token := jwt.NewWithClaims(jwt.SigningMethodRS256, jwt.MapClaims{"iss": "https://tenant.example/", "aud": "app", "exp": time.Now().Add(time.Hour).Unix()})
	token.Header["kid"] = "1"
	signed, err := token.SignedString(key)
	if err != nil {
		panic(err)
	}
	for _, other := range []string{"", `{"kty":"AKP","kid":"2","alg":"ML-DSA-65","pub":"AAAA"},`, `{"kty":"NEW","kid":"2"},`} {
		set := fmt.Sprintf(`{"keys":[%s%s]}`, other, known)
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprint(w, set)
		}))
		fmt.Printf("other key: %q\n", other)
		_, err := jwk.Parse([]byte(set))
		fmt.Println("jwx: error:", err != nil)
		_, err = jwk.Parse([]byte(set), jwk.WithIgnoreParseError(true))
		fmt.Println("jwx WithIgnoreParseError: error:", err != nil)
		var keys jose.JSONWebKeySet
		err = json.Unmarshal([]byte(set), &keys)
		fmt.Println("go-jose: error:", err != nil, "keys:", len(keys.Keys))
		_, err = oidc.NewVerifier("https://tenant.example/", oidc.NewRemoteKeySet(ctx, server.URL), &oidc.Config{ClientID: "app"}).Verify(ctx, signed)
		fmt.Println("go-oidc: error:", err != nil)
		functions, err := keyfunc.NewDefaultCtx(ctx, []string{server.URL})
		if err != nil {
			panic(err)
		}
		_, err = jwt.Parse(signed, functions.Keyfunc)
		fmt.Println("keyfunc: error:", err != nil)
		server.Close()
	}
}
EOF
go mod init finding 2>go.log
go get github.com/lestrrat-go/jwx/v3@v3.4.0 github.com/go-jose/go-jose/v4@v4.1.9 github.com/coreos/go-oidc/v3@v3.21.0 github.com/MicahParks/keyfunc/v3@v3.9.1 github.com/golang-jwt/jwt/v5@v5.3.1 2>>go.log || { cat go.log; exit 1; }
go run . >actual

diff -u --label expected --label actual - actual <<'EOF'
other key: ""
jwx: error: false
jwx WithIgnoreParseError: error: false
go-jose: error: false keys: 1
go-oidc: error: false
keyfunc: error: false
other key: "{\"kty\":\"AKP\",\"kid\":\"2\",\"alg\":\"ML-DSA-65\",\"pub\":\"AAAA\"},"
jwx: error: true
jwx WithIgnoreParseError: error: false
go-jose: error: true keys: 1
go-oidc: error: false
keyfunc: error: false
other key: "{\"kty\":\"NEW\",\"kid\":\"2\"},"
jwx: error: true
jwx WithIgnoreParseError: error: false
go-jose: error: true keys: 1
go-oidc: error: false
keyfunc: error: false
EOF
