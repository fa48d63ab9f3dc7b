#!/usr/bin/env bash
# Software:  net/http/httptest of Go 1.27.3
#
# Expected:  NewTestServer is NewServer with a cleanup and a network in memory: its URL
#            can be used as soon as it returns, by any client.
# Behavior:  URL is empty until Client, Start or StartTLS is called. Then it is
#            http://example.com, which only the server's own client takes to the server:
#            any other client goes out to that host.
# Output:    the URL before and after, and where another client dials, at the end of
#            this script.
# Why:       Code that takes an endpoint first and makes its client later fails with
#            "unsupported protocol scheme". Code that uses its own transport sends test
#            credentials to a real host.
set -euo pipefail

dir=$(mktemp -d)
trap 'chmod -R u+w "$dir"; rm -rf "$dir"' EXIT
cd "$dir"
export GOTOOLCHAIN=go1.27.3 GOWORK=off GOFLAGS=-mod=mod

cat >finding_test.go <<'EOF'
package main

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestServer(t *testing.T) {
	handler := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
	server := httptest.NewTestServer(t, handler)
	t.Logf("URL after NewTestServer: %q", server.URL)
	_, err := http.Get(server.URL + "/oauth/token")
	t.Logf("error: %v", err)
	client := server.Client()
	t.Logf("URL after Client: %q", server.URL)
	resp, err := client.Get(server.URL + "/oauth/token")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	t.Logf("own client: %s", resp.Status)
	other := http.Client{Transport: &http.Transport{DialContext: func(_ context.Context, _, addr string) (net.Conn, error) {
		t.Logf("another client dials %s", addr)
		return nil, errors.New("not dialed")
	}}}
	other.Get(server.URL)
}
EOF
go mod init finding 2>go.log
go test -v . | sed -n 's/^ *finding_test.go:[0-9]*: //p' >actual

diff -u --label expected --label actual - actual <<'EOF'
URL after NewTestServer: ""
error: Get "/oauth/token": unsupported protocol scheme ""
URL after Client: "http://example.com"
own client: 200 OK
another client dials example.com:80
EOF
