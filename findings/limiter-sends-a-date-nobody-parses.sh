#!/usr/bin/env bash
# Software:  github.com/sethvargo/go-limiter v0.7.1 with Go 1.26.8
#
# Expected:  Retry-After is a number of seconds or an HTTP date, which ends in "GMT"
#            (RFC 9110, 5.6.7).
# Behavior:  The middleware sends a date that ends in "UTC", which net/http.ParseTime
#            refuses. X-RateLimit-Reset, elsewhere a number, is the same date.
# Output:    the form of the headers, and what parses them, at the end of this script.
# Why:       A client that falls back to "no hint" retries at once. Parsers that allow
#            any zone name (go-retryablehttp) obey, so that tests with them pass.
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
	"regexp"
	"time"

	"github.com/sethvargo/go-limiter/httplimit"
	"github.com/sethvargo/go-limiter/memorystore"
)

func main() {
	store, err := memorystore.New(&memorystore.Config{Tokens: 1, Interval: time.Minute})
	if err != nil {
		panic(err)
	}
	limit, err := httplimit.NewMiddleware(store, httplimit.IPKeyFunc())
	if err != nil {
		panic(err)
	}
	h := limit.Handle(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	var w *httptest.ResponseRecorder
	for range 2 {
		w = httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/oauth/token", nil))
	}
	fmt.Println("status:", w.Code)
	for _, name := range []string{"Retry-After", "X-RateLimit-Reset"} {
		value := w.Header().Get(name)
		_, errHTTP := http.ParseTime(value)
		_, errAnyZone := time.Parse(time.RFC1123, value)
		form := regexp.MustCompile(`\d`).ReplaceAllString(value, "9")
		fmt.Println(name, "ends in", form[len(form)-12:], "HTTP date:", errHTTP == nil, "RFC 1123 with any zone:", errAnyZone == nil)
	}
}
EOF
go mod init finding 2>go.log
go get github.com/sethvargo/go-limiter@v0.7.1 2>>go.log || { cat go.log; exit 1; }
go run . >actual

diff -u --label expected --label actual - actual <<'EOF'
status: 429
Retry-After ends in 99:99:99 UTC HTTP date: false RFC 1123 with any zone: true
X-RateLimit-Reset ends in 99:99:99 UTC HTTP date: false RFC 1123 with any zone: true
EOF
