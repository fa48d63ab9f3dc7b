#!/usr/bin/env bash
# Software:  github.com/failsafe-go/failsafe-go v0.9.8 with Go 1.26.8
#
# Expected:  When the attempts are used up, the last response is returned, or an error
#            that names the status.
# Behavior:  The response is not returned. The text of the error is the Go
#            representation of the whole http.Response, with every header.
# Output:    whether the error holds status and a cookie of the response, at the end of
#            this script.
# Why:       Set-Cookie and all other headers of a failed login land in the log. The
#            body, with its OAuth error, is out of reach.
set -euo pipefail

dir=$(mktemp -d)
trap 'chmod -R u+w "$dir"; rm -rf "$dir"' EXIT
cd "$dir"
export GOTOOLCHAIN=go1.26.8 GOWORK=off GOFLAGS=-mod=mod

cat >main.go <<'EOF'
package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/failsafe-go/failsafe-go/failsafehttp"
)

func main() {
	requests := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		requests++
		w.Header().Set("Set-Cookie", "did=device-1")
		w.WriteHeader(http.StatusServiceUnavailable)
		fmt.Fprint(w, `{"error":"temporarily_unavailable"}`)
	}))
	defer server.Close()
	policy := failsafehttp.NewRetryPolicyBuilder().WithMaxRetries(2).WithDelay(time.Millisecond).Build()
	client := http.Client{Transport: failsafehttp.NewRoundTripper(nil, policy)}
	resp, err := client.Post(server.URL, "application/json", strings.NewReader(`{}`))
	fmt.Println("POSTs:", requests, "response returned:", resp != nil)
	fmt.Println("error has status:", strings.Contains(err.Error(), "503"), "cookie:", strings.Contains(err.Error(), "did=device-1"),
		"body:", strings.Contains(err.Error(), "temporarily_unavailable"))
}
EOF
go mod init finding 2>go.log
go get github.com/failsafe-go/failsafe-go@v0.9.8 2>>go.log || { cat go.log; exit 1; }
go run . >actual

diff -u --label expected --label actual - actual <<'EOF'
POSTs: 3 response returned: false
error has status: true cookie: true body: false
EOF
