#!/usr/bin/env bash
# Software:  nginx 1.22 of Debian 12, with the client of net/http of Go 1.26.8
#
# Expected:  After keepalive_requests (1,000 by default) nginx ends an HTTP/2 connection
#            gracefully: first GOAWAY with the highest stream id, then, a round trip
#            later, one with the real one (RFC 9113, 6.8), so that nothing already sent
#            is lost.
# Behavior:  It sends one GOAWAY with the id of the last request that it read. Requests
#            that were on their way are dropped. net/http repeats those that it can
#            rewind, all others fail, most with "cannot retry err".
# Output:    800 POSTs by 8 workers over connections of 50 requests, at the end of this
#            script.
# Why:       A POST with a streamed body, or of a client that allows no replay, fails
#            about once in a thousand behind a healthy nginx. The GOAWAY proves that it
#            was not served, so it can be repeated.
set -euo pipefail

dir=$(mktemp -d)
trap 'chmod -R u+w "$dir"; rm -rf "$dir"' EXIT
cd "$dir"
export GOTOOLCHAIN=go1.26.8 GOWORK=off GOFLAGS=-mod=mod

command -v nginx >apt.log || { apt-get update -qq && apt-get install -qq -y --no-install-recommends nginx-light; } >apt.log
cat >main.go <<'EOF'
package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const config = `
daemon off;
master_process off;
pid %[1]s/pid;
error_log %[1]s/error.log;
events {}
http {
	access_log off;
	keepalive_requests 50;
	client_body_temp_path %[1]s; proxy_temp_path %[1]s; fastcgi_temp_path %[1]s; uwsgi_temp_path %[1]s; scgi_temp_path %[1]s;
	server {
		listen %[2]s http2;
		location / { proxy_pass http://%[3]s; }
	}
}`

func listen() net.Listener {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	return l
}

func main() {
	var served atomic.Int32
	backend, front := listen(), listen()
	go http.Serve(backend, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		served.Add(1)
		time.Sleep(20 * time.Millisecond)
	}))
	front.Close()
	dir, err := os.Getwd()
	if err != nil {
		panic(err)
	}
	os.WriteFile("nginx.conf", fmt.Appendf(nil, config, dir, front.Addr(), backend.Addr()), 0o600)
	nginx := exec.Command("nginx", "-p", dir, "-e", dir+"/error.log", "-c", dir+"/nginx.conf")
	if err := nginx.Start(); err != nil {
		panic(err)
	}
	defer nginx.Wait()
	defer nginx.Process.Kill()
	for range 100 {
		if conn, err := net.Dial("tcp", front.Addr().String()); err == nil {
			conn.Close()
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	for _, getBody := range []bool{true, false} {
		served.Store(0)
		transport := &http.Transport{Protocols: new(http.Protocols)}
		transport.Protocols.SetUnencryptedHTTP2(true)
		var good, bad atomic.Int32
		var workers sync.WaitGroup
		for range 8 {
			workers.Go(func() {
				for range 100 {
					req, _ := http.NewRequest(http.MethodPost, "http://"+front.Addr().String(), strings.NewReader("otp=123456"))
					if !getBody {
						req.GetBody = nil
					}
					resp, err := transport.RoundTrip(req)
					if err != nil {
						bad.Add(1)
						continue
					}
					io.Copy(io.Discard, resp.Body)
					resp.Body.Close()
					good.Add(1)
				}
			})
		}
		workers.Wait()
		fmt.Println("GetBody:", getBody, "failed:", bad.Load() > 0,
			"successes are what the backend served:", good.Load() == served.Load())
	}
}
EOF
go mod init finding 2>go.log
go run . >actual

diff -u --label expected --label actual - actual <<'EOF'
GetBody: true failed: false successes are what the backend served: true
GetBody: false failed: true successes are what the backend served: true
EOF
