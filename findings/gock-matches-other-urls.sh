#!/usr/bin/env bash
# Software:  github.com/h2non/gock v1.2.0 with Go 1.26.8
#
# Expected:  A mock for POST https://tenant.example/oauth/token matches that URL and no
#            other.
# Behavior:  Host and path are regular expressions that may match anywhere: a longer
#            path, a longer host and any character in place of a dot match too.
# Output:    requests that were matched, at the end of this script.
# Why:       A test passes although the client calls the wrong endpoint or the wrong
#            tenant.
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
	"strings"

	"github.com/h2non/gock"
)

func main() {
	defer gock.Off()
	for _, url := range []string{
		"https://tenant.example/oauth/token",
		"https://tenant.example/v2/oauth/token/revoke",
		"https://other-tenant.example/oauth/token",
		"https://tenant-example/oauth/token",
		"https://tenant.example/oauth/authorize",
	} {
		gock.Off()
		gock.New("https://tenant.example").Post("/oauth/token").Reply(http.StatusOK)
		resp, err := http.Post(url, "application/json", strings.NewReader(`{}`))
		fmt.Println(url, "matched:", err == nil && resp.StatusCode == http.StatusOK)
	}
}
EOF
go mod init finding 2>go.log
go get github.com/h2non/gock@v1.2.0 2>>go.log || { cat go.log; exit 1; }
go run . >actual

diff -u --label expected --label actual - actual <<'EOF'
https://tenant.example/oauth/token matched: true
https://tenant.example/v2/oauth/token/revoke matched: true
https://other-tenant.example/oauth/token matched: true
https://tenant-example/oauth/token matched: true
https://tenant.example/oauth/authorize matched: false
EOF
