#!/usr/bin/env bash
# Software:  HAProxy 2.6 of Debian 12, with the client of net/http of Go 1.26.8
#
# Expected:  REFUSED_STREAM tells the client that the request was not processed and can
#            be sent again (RFC 9113, 8.7). A proxy that has handed the whole request to
#            a backend sends 502.
# Behavior:  If the backend takes the POST and closes without a response, HAProxy ends
#            the HTTP/2 stream with REFUSED_STREAM. net/http believes it and sends the
#            POST again. A client over HTTP/1.1 gets 502.
# Output:    POSTs that the backend saw for one call, at the end of this script.
# Why:       One call with a lost reply becomes several mails or several wrong codes, as
#            far as the client knows in one attempt. Set Request.GetBody to nil.
set -euo pipefail

dir=$(mktemp -d)
trap 'chmod -R u+w "$dir"; rm -rf "$dir"' EXIT
cd "$dir"
export GOTOOLCHAIN=go1.26.8 GOWORK=off GOFLAGS=-mod=mod

command -v haproxy >apt.log || { apt-get update -qq && apt-get install -qq -y --no-install-recommends haproxy; } >apt.log
cat >main.go <<'EOF'
package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"time"
)

const config = `
defaults
	mode http
	timeout connect 5s
	timeout client 30s
	timeout server 30s
frontend in
	bind %s
	bind %s proto h2
	default_backend out
backend out
	server s %s
`

func listen() net.Listener {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	return l
}

func main() {
	backend := listen()
	posts := make(chan struct{}, 10)
	go func() {
		for {
			conn, err := backend.Accept()
			if err != nil {
				return
			}
			req, err := http.ReadRequest(bufio.NewReader(conn))
			if err == nil {
				io.Copy(io.Discard, req.Body)
				posts <- struct{}{}
				if len(posts) == 3 {
					io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
				}
			}
			conn.Close()
		}
	}()
	h1, h2 := listen(), listen()
	h1.Close()
	h2.Close()
	os.WriteFile("haproxy.cfg", fmt.Appendf(nil, config, h1.Addr(), h2.Addr(), backend.Addr()), 0o600)
	haproxy := exec.Command("haproxy", "-db", "-f", "haproxy.cfg")
	if err := haproxy.Start(); err != nil {
		panic(err)
	}
	defer haproxy.Wait()
	defer haproxy.Process.Kill()
	for range 100 {
		if conn, err := net.Dial("tcp", h2.Addr().String()); err == nil {
			conn.Close()
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	for _, c := range []struct {
		name, addr string
		getBody    bool
	}{{"HTTP/1.1", h1.Addr().String(), true}, {"HTTP/2", h2.Addr().String(), true}, {"HTTP/2, GetBody nil", h2.Addr().String(), false}} {
		for len(posts) > 0 {
			<-posts
		}
		transport := &http.Transport{Protocols: new(http.Protocols)}
		transport.Protocols.SetHTTP1(c.name == "HTTP/1.1")
		transport.Protocols.SetUnencryptedHTTP2(c.name != "HTTP/1.1")
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+c.addr+"/mfa/challenge", strings.NewReader("{}"))
		if err != nil {
			panic(err)
		}
		if !c.getBody {
			req.GetBody = nil
		}
		resp, err := transport.RoundTrip(req)
		status := ""
		if resp != nil {
			status = resp.Status
		}
		fmt.Println(c.name, "POSTs:", len(posts), status, err)
		cancel()
	}
}
EOF
go mod init finding 2>go.log
go run . >actual

diff -u --label expected --label actual - actual <<'EOF'
HTTP/1.1 POSTs: 1 502 Bad Gateway <nil>
HTTP/2 POSTs: 3 200 OK <nil>
HTTP/2, GetBody nil POSTs: 1  http2: Transport: cannot retry err [stream error: stream ID 1; REFUSED_STREAM; received from peer] after Request.Body was written; define Request.GetBody to avoid this error
EOF
