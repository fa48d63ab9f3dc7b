#!/usr/bin/env bash
# Software:  Chromium 156 of Debian 12 (headless)
#
# Expected:  A submit handler that disables the button against a second click changes
#            nothing about the submit that is under way: it has begun with that button.
# Behavior:  The fields are collected after the handler. The name and value of the
#            button are missing, as is every field that the handler disabled. In a timer
#            set by the handler the same line does no harm.
# Output:    bodies posted by three handlers, at the end of this script.
# Why:       A page with two buttons ("verify", "resend") tells them by that value. Once
#            it is protected against double clicks, the server sees neither.
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
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"time"
)

const page = `<!doctype html><title>Code</title>
<form method="post"><input name="code" value="123456"><button name="action" value="verify">Verify</button></form>
<script>
const form = document.querySelector('form')
form.onsubmit = event => { %s }
form.querySelector('button').click()
</script>`

// visit opens a page in a new profile until the page is done.
func visit(url string, done chan bool, flags ...string) {
	profile, err := os.MkdirTemp(".", "profile")
	if err != nil {
		panic(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	args := append([]string{"--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0", "--user-data-dir=" + profile}, flags...)
	chromium := exec.CommandContext(ctx, "chromium", append(args, url)...)
	if err := chromium.Start(); err != nil {
		panic(err)
	}
	select {
	case <-done:
	case <-time.After(time.Minute):
		fmt.Println("nothing within a minute")
	}
	cancel()
	chromium.Wait()
}

func main() {
	done := make(chan bool, 1)
	var handler string
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprintf(w, page, handler)
	})
	mux.HandleFunc("POST /{$}", func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			panic(err)
		}
		fmt.Printf("%s -> %s\n", handler, body)
		done <- true
	})
	server := httptest.NewServer(mux)
	defer server.Close()
	for _, handler = range []string{
		"",
		"event.submitter.disabled = true",
		"setTimeout(() => event.submitter.disabled = true)",
	} {
		visit(server.URL, done)
	}
}
EOF
go mod init finding 2>go.log
go run . >actual

diff -u --label expected --label actual - actual <<'EOF'
 -> code=123456&action=verify
event.submitter.disabled = true -> code=123456
setTimeout(() => event.submitter.disabled = true) -> code=123456&action=verify
EOF
