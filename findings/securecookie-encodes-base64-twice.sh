#!/usr/bin/env bash
# Software:  github.com/gorilla/securecookie v1.1.2 and github.com/gorilla/sessions
#            v1.4.0 with Go 1.26.8
#
# Expected:  A cookie limit of 4,096 bytes leaves about 3,000 bytes for data, as base64
#            adds a third.
# Behavior:  The value is encoded as base64, then encoded again with its date and MAC. 9
#            bytes become 16, so that about 2,200 bytes fit. The error names the encoded
#            length only.
# Output:    the largest value that CookieStore saves, and the cookie that it becomes.
# Why:       A session with two JWTs of 1.2 kB, or one mfa_token and an access token,
#            fits by any estimate and fails when the response is written.
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
	"sort"
	"strings"

	"github.com/gorilla/sessions"
)

func save(n int) (int, error) {
	store := sessions.NewCookieStore([]byte(strings.Repeat("k", 32)))
	r, w := httptest.NewRequest(http.MethodGet, "/", nil), httptest.NewRecorder()
	session, _ := store.Get(r, "s")
	session.Values["token"] = strings.Repeat("t", n)
	if err := session.Save(r, w); err != nil {
		return 0, err
	}
	return len(w.Result().Cookies()[0].Value), nil
}

func main() {
	largest := sort.Search(4096, func(n int) bool { _, err := save(n); return err != nil }) - 1
	length, _ := save(largest)
	fmt.Println("largest token:", largest, "cookie value:", length)
	_, err := save(3000)
	fmt.Println("token of 3000:", err)
}
EOF
go mod init finding 2>go.log
go get github.com/gorilla/sessions@v1.4.0 2>>go.log || { cat go.log; exit 1; }
go run . >actual

diff -u --label expected --label actual - actual <<'EOF'
largest token: 2219 cookie value: 4096
token of 3000: securecookie: the value is too long: 5488
EOF
