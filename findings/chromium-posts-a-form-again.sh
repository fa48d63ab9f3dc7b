#!/usr/bin/env bash
# Software:  Chromium 156 of Debian 12 (headless)
#
# Expected:  A form that is submitted once by POST is sent once. If the connection
#            closes without a response, the browser shows an error, since the server may
#            have acted.
# Behavior:  On a kept-alive connection Chromium sends the POST again by itself, on a
#            new connection, and shows the second response. The page cannot notice.
# Output:    requests that the server saw for one submit, and where each came in, at the
#            end of this script.
# Why:       A login server that restarts between request and response sees one code
#            twice. The second is refused as spent, and the user is told that a right
#            code was wrong. Make the form idempotent.
set -euo pipefail

dir=$(mktemp -d)
trap 'chmod -R u+w "$dir"; rm -rf "$dir"' EXIT
cd "$dir"
export GOTOOLCHAIN=go1.26.8 GOWORK=off GOFLAGS=-mod=mod

command -v chromium >apt.log || { apt-get update -qq && apt-get install -qq -y --no-install-recommends chromium; } >apt.log
cat >main.go <<'EOF'
package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"time"
)

type firstUse struct{}

// submits opens a page that submits its form once, and reports the POSTs until a response to it is shown.
func submits() {
	posts := 0
	shown := make(chan bool, 10)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		used := r.Context().Value(firstUse{}).(*bool)
		kept := *used
		*used = true
		switch {
		case r.URL.Path == "/":
			io.WriteString(w, `<form method="post" action="/code"><input name="code" value="123456"></form><script>onload = () => setTimeout(() => document.forms[0].submit(), 500)</script>`)
		case r.URL.Path == "/code":
			posts++
			fmt.Println("POST", posts, r.FormValue("code"), "on a kept connection:", kept)
			if posts == 1 {
				conn, _, err := w.(http.Hijacker).Hijack()
				if err != nil {
					panic(err)
				}
				conn.Close()
				return
			}
			io.WriteString(w, "<script>fetch('/shown')</script>")
		case r.URL.Path == "/shown":
			shown <- true
		}
	}))
	server.Config.ConnContext = func(ctx context.Context, _ net.Conn) context.Context {
		return context.WithValue(ctx, firstUse{}, new(bool))
	}
	server.Start()
	defer server.Close()
	profile, err := os.MkdirTemp(".", "profile")
	if err != nil {
		panic(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	chromium := exec.CommandContext(ctx, "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0", "--user-data-dir="+profile, server.URL)
	if err := chromium.Start(); err != nil {
		panic(err)
	}
	select {
	case <-shown:
		fmt.Println("second response shown")
	case <-time.After(time.Minute):
		fmt.Println("no response shown")
	}
	cancel()
	chromium.Wait()
}

func main() {
	submits()
}
EOF
go mod init finding 2>go.log
go run . >actual

diff -u --label expected --label actual - actual <<'EOF'
POST 1 123456 on a kept connection: true
POST 2 123456 on a kept connection: false
second response shown
EOF
