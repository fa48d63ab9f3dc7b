#!/usr/bin/env bash
# Software:  golang.org/x/oauth2 v0.38.0 with Go 1.26.8
#
# Expected:  A refused password login is one request. A 403 with the OAuth error
#            mfa_required has nothing to do with how the client authenticated.
# Behavior:  With the default AuthStyle every refusal, whatever its code, is followed by
#            a second request with the same password, and that on each call: only a
#            success is remembered. The caller gets the error of the second one.
# Output:    requests that the server saw in two calls, at the end of this script.
# Why:       A wrong password counts twice towards brute-force protection, and two
#            mfa_tokens are issued of which the first is lost. Set AuthStyle explicitly.
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
	requests := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests++
		_, _, basic := r.BasicAuth()
		fmt.Println("request", requests, "basic auth:", basic, "password:", r.FormValue("password") != "")
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprintf(w, `{"error":"mfa_required","error_description":"token %d"}`, requests)
	}))
	defer server.Close()
	config := oauth2.Config{ClientID: "app", ClientSecret: "s", Endpoint: oauth2.Endpoint{TokenURL: server.URL}}
	for range 2 {
		_, err := config.PasswordCredentialsToken(context.Background(), "ada@example.com", "pw")
		fmt.Println(err)
	}
}
EOF
go mod init finding 2>go.log
go get golang.org/x/oauth2@v0.38.0 2>>go.log || { cat go.log; exit 1; }
go run . >actual

diff -u --label expected --label actual - actual <<'EOF'
request 1 basic auth: true password: true
request 2 basic auth: false password: true
oauth2: "mfa_required" "token 2"
request 3 basic auth: true password: true
request 4 basic auth: false password: true
oauth2: "mfa_required" "token 4"
EOF
