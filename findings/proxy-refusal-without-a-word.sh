#!/usr/bin/env bash
# Software:  net/http of Go 1.26.8 and Go 1.27.3
#
# Expected:  If a proxy refuses CONNECT, the error says so, with the status.
# Behavior:  The error is the reason phrase alone, as a plain string, nothing else: no
#            status, no mention of a proxy. The phrase is optional in HTTP/1.1. Without
#            one, the error text ends after the colon, or says "unknown status code".
# Output:    the error for three refusals, and what OnProxyConnectResponse saw, at the
#            end of this script.
# Why:       "Forbidden" reads like a response of the tenant, and nothing tells a proxy
#            that asks for a password (407) from one that is overloaded (503).
set -euo pipefail

dir=$(mktemp -d)
trap 'chmod -R u+w "$dir"; rm -rf "$dir"' EXIT
cd "$dir"
export GOTOOLCHAIN=go1.26.8 GOWORK=off GOFLAGS=-mod=mod

cat >main.go <<'EOF'
package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"runtime"
)

func main() {
	for _, status := range []string{"HTTP/1.1 403 Forbidden", "HTTP/1.1 407 ", "HTTP/1.1 503"} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			panic(err)
		}
		go func() {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			defer conn.Close()
			http.ReadRequest(bufio.NewReader(conn))
			io.WriteString(conn, status+"\r\nContent-Length: 0\r\n\r\n")
		}()
		seen := 0
		client := http.Client{Transport: &http.Transport{
			Proxy: http.ProxyURL(&url.URL{Scheme: "http", Host: l.Addr().String()}),
			OnProxyConnectResponse: func(_ context.Context, _ *url.URL, _ *http.Request, resp *http.Response) error {
				seen = resp.StatusCode
				return nil
			},
		}}
		_, err = client.Get("https://tenant.example/")
		fmt.Printf("%s %q hook: %d error: %q\n", runtime.Version(), status, seen, err)
		l.Close()
	}
}
EOF
go mod init finding 2>go.log
for release in go1.26.8 go1.27.3; do GOTOOLCHAIN=$release go run .; done >actual

diff -u --label expected --label actual - actual <<'EOF'
go1.26.8 "HTTP/1.1 403 Forbidden" hook: 403 error: "Get \"https://tenant.example/\": Forbidden"
go1.26.8 "HTTP/1.1 407 " hook: 407 error: "Get \"https://tenant.example/\": "
go1.26.8 "HTTP/1.1 503" hook: 503 error: "Get \"https://tenant.example/\": unknown status code"
go1.27.3 "HTTP/1.1 403 Forbidden" hook: 403 error: "Get \"https://tenant.example/\": Forbidden"
go1.27.3 "HTTP/1.1 407 " hook: 407 error: "Get \"https://tenant.example/\": "
go1.27.3 "HTTP/1.1 503" hook: 503 error: "Get \"https://tenant.example/\": unknown status code"
EOF
