#!/usr/bin/env bash
# Software:  github.com/hashicorp/go-retryablehttp v0.7.8 with Go 1.26.8
#
# Expected:  RetryWaitMax is the maximum time to wait, as its comment says, and the last
#            429 reaches the caller, or an error that says 429.
# Behavior:  A Retry-After header goes over RetryWaitMax. After the last attempt the
#            response is dropped and the error names neither status nor header. Status
#            503 is treated so too, other 4xx are returned.
# Output:    time waited and the error, at the end of this script.
# Why:       A server that says 3,600 parks a user's login for an hour per attempt. The
#            page that could have said "try again in an hour" does not learn it.
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

	"github.com/hashicorp/go-retryablehttp"
)

func main() {
	requests := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		requests++
		w.Header().Set("Retry-After", "1")
		w.WriteHeader(http.StatusTooManyRequests)
	}))
	defer server.Close()
	client := retryablehttp.NewClient()
	client.Logger = nil
	client.RetryMax, client.RetryWaitMin, client.RetryWaitMax = 1, time.Millisecond, 2*time.Millisecond
	start := time.Now()
	resp, err := client.Post(server.URL, "application/json", strings.NewReader(`{}`))
	fmt.Println("POSTs:", requests, "waited a second:", time.Since(start) >= time.Second, "response returned:", resp != nil)
	fmt.Println(strings.ReplaceAll(err.Error(), server.URL, "URL"))
}
EOF
go mod init finding 2>go.log
go get github.com/hashicorp/go-retryablehttp@v0.7.8 2>>go.log || { cat go.log; exit 1; }
go run . >actual

diff -u --label expected --label actual - actual <<'EOF'
POSTs: 2 waited a second: true response returned: false
POST URL giving up after 2 attempt(s)
EOF
