#!/usr/bin/env bash
# Software:  golang.org/x/oauth2 v0.38.0 with Go 1.26.8
#
# Expected:  A token response in JSON is read whatever its Content-Type says, or is
#            refused for its type.
# Behavior:  JSON sent as text/html, text/json, or without a type is read. JSON sent as
#            text/plain is parsed as a form, and the error says "server response missing
#            access_token".
# Output:    the result for each Content-Type, at the end of this script.
# Why:       Gateways and test doubles written in Go send text/plain when a handler
#            forgets the header. The error leads to the tenant's settings, not to the
#            header.
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

	"golang.org/x/oauth2"
)

func main() {
	for _, contentType := range []string{"application/json", "text/json", "text/html", "", "text/plain; charset=utf-8"} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header()["Content-Type"] = []string{contentType}
			fmt.Fprint(w, `{"access_token":"eyJ0","token_type":"Bearer"}`)
		}))
		config := oauth2.Config{ClientID: "app", Endpoint: oauth2.Endpoint{TokenURL: server.URL, AuthStyle: oauth2.AuthStyleInParams}}
		_, err := config.Exchange(context.Background(), "code")
		fmt.Printf("%q: %v\n", contentType, err)
		server.Close()
	}
}
EOF
go mod init finding 2>go.log
go get golang.org/x/oauth2@v0.38.0 2>>go.log || { cat go.log; exit 1; }
go run . >actual

diff -u --label expected --label actual - actual <<'EOF'
"application/json": <nil>
"text/json": <nil>
"text/html": <nil>
"": <nil>
"text/plain; charset=utf-8": oauth2: server response missing access_token
EOF
