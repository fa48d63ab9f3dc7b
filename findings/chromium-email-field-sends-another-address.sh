#!/usr/bin/env bash
# Software:  Chromium 156 of Debian 12 (headless), beside zod 4.6.7 with Node.js 20
#
# Expected:  An input of type email has the address that was typed, and accepts the same
#            address when a script fills it in.
# Behavior:  A domain that is not ASCII is replaced by its xn-- form as it is typed, and
#            in an address from the attribute value. That is what the form posts. An
#            address that a script sets stays as it is, and makes the field invalid: the
#            form cannot be submitted. zod refuses the xn-- form of a top-level domain.
# Output:    value and validity of addresses that were typed and filled in, at the end
#            of this script.
# Why:       The server looks for another text than the user typed and the directory
#            holds. A page that fills in the address of the last login cannot be sent.
set -euo pipefail

dir=$(mktemp -d)
trap 'chmod -R u+w "$dir"; rm -rf "$dir"' EXIT
cd "$dir"
export GOTOOLCHAIN=go1.26.8 GOWORK=off GOFLAGS=-mod=mod

command -v chromium >apt.log || { apt-get update -qq && apt-get install -qq -y --no-install-recommends chromium; } >apt.log
npm install --silent --no-audit --no-fund zod@4.6.7
cat >main.mjs <<'EOF'
import { z } from 'zod'

for (const address of process.argv.slice(2)) console.log('zod:', address, 'valid:', z.email().safeParse(address).success)
EOF
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

const page = `<!doctype html><meta charset="utf-8"><title>Address</title><input type="email" value="%[1]s"><script>
const input = document.querySelector('input')
const lines = []
const note = how => lines.push(how + ': ' + input.value + ' valid: ' + input.validity.valid)
note('attribute')
input.value = ''
input.value = '%[1]s'
note('script')
input.value = ''
input.focus()
document.execCommand('insertText', false, '%[1]s')
note('typed')
fetch('/lines', { method: 'POST', body: lines.join('\n') + '\n' })
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
	var address string
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprintf(w, page, address)
	})
	mux.HandleFunc("POST /lines", func(w http.ResponseWriter, r *http.Request) {
		io.Copy(os.Stdout, r.Body)
		done <- true
	})
	server := httptest.NewServer(mux)
	defer server.Close()
	for _, address = range os.Args[1:] {
		visit(server.URL, done)
	}
}
EOF
go mod init finding 2>go.log
go run . ada@example.com ivan@пример.рф ada@müller.example >actual
node main.mjs ada@example.com ivan@xn--e1afmkfd.xn--p1ai ada@xn--mller-kva.example >>actual

diff -u --label expected --label actual - actual <<'EOF'
attribute: ada@example.com valid: true
script: ada@example.com valid: true
typed: ada@example.com valid: true
attribute: ivan@xn--e1afmkfd.xn--p1ai valid: true
script: ivan@пример.рф valid: false
typed: ivan@xn--e1afmkfd.xn--p1ai valid: true
attribute: ada@xn--mller-kva.example valid: true
script: ada@müller.example valid: false
typed: ada@xn--mller-kva.example valid: true
zod: ada@example.com valid: true
zod: ivan@xn--e1afmkfd.xn--p1ai valid: false
zod: ada@xn--mller-kva.example valid: true
EOF
