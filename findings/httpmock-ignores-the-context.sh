#!/usr/bin/env bash
# Software:  github.com/jarcoal/httpmock v1.4.2 with Go 1.26.8
#
# Expected:  A request whose context is canceled fails, and a transport closes the
#            request body (RoundTripper demands it, also on errors).
# Behavior:  A canceled request succeeds. The body is neither read nor closed. The
#            response has no protocol and a ContentLength of -1.
# Output:    what a client sees of one mocked call, at the end of this script.
# Why:       A test cannot show that a call stops with its context, and a body that is a
#            pipe or counts its Close waits forever.
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
	"strings"

	"github.com/jarcoal/httpmock"
)

type body struct {
	*strings.Reader
	read, closed bool
}

func (b *body) Read(p []byte) (int, error) { b.read = true; return b.Reader.Read(p) }
func (b *body) Close() error               { b.closed = true; return nil }

func main() {
	transport := httpmock.NewMockTransport()
	transport.RegisterResponder(http.MethodPost, "https://tenant.example/oauth/token", httpmock.NewStringResponder(http.StatusOK, `{}`))
	client := http.Client{Transport: transport}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	b := &body{Reader: strings.NewReader("otp=123456")}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://tenant.example/oauth/token", b)
	if err != nil {
		panic(err)
	}
	resp, err := client.Do(req)
	fmt.Println("canceled before the call:", ctx.Err() != nil, "response:", resp != nil, "error:", err)
	fmt.Println("body read:", b.read, "closed:", b.closed)
	fmt.Printf("proto %q content length %d\n", resp.Proto, resp.ContentLength)
}
EOF
go mod init finding 2>go.log
go get github.com/jarcoal/httpmock@v1.4.2 2>>go.log || { cat go.log; exit 1; }
go run . >actual

diff -u --label expected --label actual - actual <<'EOF'
canceled before the call: true response: true error: <nil>
body read: false closed: false
proto "" content length -1
EOF
