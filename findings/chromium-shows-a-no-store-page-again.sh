#!/usr/bin/env bash
# Software:  Chromium 156 of Debian 12 (headless), beside playwright-core 1.65.1 with
#            Node.js 20
#
# Expected:  A page with "Cache-Control: no-store" is requested again when the user
#            comes back to it, and its fields are as the server wrote them.
# Behavior:  While no cookie changes, Chromium shows the page as it was left, without a
#            request, and autocomplete="off" does not matter. After a change it requests
#            the page, and puts what was typed before into the new one, one-time-code
#            included. Playwright switches the first off: under it the page is always
#            requested.
# Output:    the request that the shown page came from, and what its fields hold after
#            going back, at the end of this script.
# Why:       The spent code stands in the field again, and the state that the server
#            would show does not. A test in Playwright sees another page than the user
#            does.
set -euo pipefail

dir=$(mktemp -d)
trap 'chmod -R u+w "$dir"; rm -rf "$dir"' EXIT
cd "$dir"
export GOTOOLCHAIN=go1.26.8 GOWORK=off GOFLAGS=-mod=mod

command -v chromium >apt.log || { apt-get update -qq && apt-get install -qq -y --no-install-recommends chromium; } >apt.log
npm install --silent --no-audit --no-fund playwright-core@1.65.1
cat >main.mjs <<'EOF'
import { chromium } from 'playwright-core'

const browser = await chromium.launch({ executablePath: '/usr/bin/chromium' })
const page = await browser.newPage()
await page.goto(process.argv[2])
process.stdin.on('end', () => browser.close()).resume()
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

const page = `<!doctype html><title>Code</title><form><input id="plain"><input id="otp" autocomplete="one-time-code"><input id="off" autocomplete="off"></form><script>
const requests = %d
const inputs = [...document.querySelectorAll('input')]
onpageshow = () => setTimeout(async () => {
	if (location.hash) {
		await fetch('/line', { method: 'POST', body: 'requests: ' + requests + ', ' + inputs.map(i => i.id + ': ' + i.value).join(', ') })
		return
	}
	history.replaceState(null, '', '#left')
	for (const input of inputs) {
		input.focus()
		document.execCommand('insertText', false, '123456')
	}
	location = '/next'
}, 500)
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

// playwright opens a page as visit does, under Playwright.
func playwright(url string, done chan bool) {
	ctx, cancel := context.WithCancel(context.Background())
	node := exec.CommandContext(ctx, "node", "main.mjs", url)
	stdin, err := node.StdinPipe()
	if err != nil {
		panic(err)
	}
	if err := node.Start(); err != nil {
		panic(err)
	}
	select {
	case <-done:
	case <-time.After(time.Minute):
		fmt.Println("nothing within a minute")
	}
	stdin.Close()
	node.Wait()
	cancel()
}

func main() {
	done := make(chan bool, 1)
	var name string
	var requests int
	var cookie bool
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		requests++
		w.Header().Set("Content-Type", "text/html")
		w.Header().Set("Cache-Control", "no-store")
		fmt.Fprintf(w, page, requests)
	})
	mux.HandleFunc("GET /next", func(w http.ResponseWriter, r *http.Request) {
		if cookie {
			http.SetCookie(w, &http.Cookie{Name: "session", Value: "new"})
		}
		w.Header().Set("Content-Type", "text/html")
		io.WriteString(w, "<!doctype html><title>Next</title><script>setTimeout(() => history.back(), 500)</script>")
	})
	mux.HandleFunc("POST /line", func(w http.ResponseWriter, r *http.Request) {
		line, err := io.ReadAll(r.Body)
		if err != nil {
			panic(err)
		}
		fmt.Printf("%s, cookie changed: %t, %s\n", name, cookie, line)
		requests = 0
		done <- true
	})
	server := httptest.NewServer(mux)
	defer server.Close()
	for _, cookie = range []bool{false, true} {
		name = "Chromium"
		visit(server.URL, done)
		name = "Playwright"
		playwright(server.URL, done)
	}
}
EOF
go mod init finding 2>go.log
go run . >actual

diff -u --label expected --label actual - actual <<'EOF'
Chromium, cookie changed: false, requests: 1, plain: 123456, otp: 123456, off: 123456
Playwright, cookie changed: false, requests: 2, plain: 123456, otp: 123456, off: 
Chromium, cookie changed: true, requests: 2, plain: 123456, otp: 123456, off: 
Playwright, cookie changed: true, requests: 2, plain: 123456, otp: 123456, off: 
EOF
