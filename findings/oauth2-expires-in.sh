#!/usr/bin/env bash
# Software:  golang.org/x/oauth2 v0.38.0 with Go 1.26.8
#
# Expected:  expires_in is a number of seconds. 3600.0 and 3.6e3 are the JSON number
#            3600, and 0 means that the token has just expired.
# Behavior:  A number with a fraction or an exponent fails the whole call, although the
#            server has already issued the tokens. The string "3600" is accepted. 0 and
#            null give a token that never expires: Valid is true forever and a refresh
#            never happens.
# Output:    one line for each spelling, at the end of this script.
# Why:       A code or a rotated refresh token is spent when the response is thrown
#            away. Servers whose JSON library writes floats are met behind gateways that
#            transform responses.
set -euo pipefail

dir=$(mktemp -d)
trap 'chmod -R u+w "$dir"; rm -rf "$dir"' EXIT
cd "$dir"
export GOTOOLCHAIN=go1.26.8 GOWORK=off GOFLAGS=-mod=mod

cat >main.go <<'EOF'
package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	"golang.org/x/oauth2"
)

func main() {
	var expiresIn string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"access_token":"eyJ0","token_type":"Bearer","expires_in":%s}`, expiresIn)
	}))
	defer server.Close()
	for _, expiresIn = range strings.Fields(`3600 "3600" 3600.0 3.6e3 0 null`) {
		config := oauth2.Config{ClientID: "app", Endpoint: oauth2.Endpoint{TokenURL: server.URL, AuthStyle: oauth2.AuthStyleInParams}}
		token, err := config.Exchange(context.Background(), "code")
		if err != nil {
			fmt.Println(expiresIn, "error:", err)
			continue
		}
		fmt.Println(expiresIn, "valid:", token.Valid(), "never expires:", token.Expiry.IsZero())
	}
}
EOF
go mod init finding 2>go.log
go get golang.org/x/oauth2@v0.38.0 2>>go.log || { cat go.log; exit 1; }
go run . >actual

diff -u --label expected --label actual - actual <<'EOF'
3600 valid: true never expires: false
"3600" valid: true never expires: false
3600.0 error: oauth2: cannot parse json: strconv.ParseInt: parsing "3600.0": invalid syntax
3.6e3 error: oauth2: cannot parse json: strconv.ParseInt: parsing "3.6e3": invalid syntax
0 valid: true never expires: true
null valid: true never expires: true
EOF
