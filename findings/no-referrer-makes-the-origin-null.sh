#!/usr/bin/env bash
# Software:  Chromium 156 of Debian 12 (headless), github.com/gorilla/csrf v1.7.3,
#            github.com/justinas/nosurf v1.2.0 and net/http of Go 1.26.8
#
# Expected:  "Referrer-Policy: no-referrer" on a login page removes the Referer header.
#            The form of the page still posts with its Origin, and passes a check for
#            requests of the same origin.
# Behavior:  The form posts with "Origin: null" to its own server. gorilla/csrf refuses
#            it everywhere, its token right or not. CrossOriginProtection and nosurf
#            accept it where the browser sends Sec-Fetch-Site: under https and on the
#            loopback address, but not under http with a host name.
# Output:    the headers of each post and three verdicts, all tokens right, at the end
#            of this script.
# Why:       The policy is what one sets on pages with a token in the URL. It works on
#            the developer's machine, and every login fails in a test environment with
#            plain http. "same-origin" hides as much and works.
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
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/gorilla/csrf"
	"github.com/justinas/nosurf"
)

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

// gorilla calls next with the verdict of gorilla/csrf on r.
func gorilla(w http.ResponseWriter, r *http.Request, next func(http.ResponseWriter, *http.Request, error)) {
	if r.TLS == nil {
		r = csrf.PlaintextHTTPRequest(r)
	}
	refused := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { next(w, r, csrf.FailureReason(r)) })
	accepted := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { next(w, r, nil) })
	key := []byte(strings.Repeat("k", 32))
	csrf.Protect(key, csrf.Secure(r.TLS != nil), csrf.FieldName("gorilla"), csrf.ErrorHandler(refused))(accepted).ServeHTTP(w, r)
}

// surf calls next with the verdict of nosurf on r.
func surf(w http.ResponseWriter, r *http.Request, next func(http.ResponseWriter, *http.Request, error)) {
	h := nosurf.New(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { next(w, r, nil) }))
	h.SetFailureHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { next(w, r, nosurf.Reason(r)) }))
	h.SetIsTLSFunc(func(r *http.Request) bool { return r.TLS != nil })
	h.ServeHTTP(w, r)
}

func word(err error) string {
	if err == nil {
		return "accepts"
	}
	return "refuses"
}

func main() {
	done := make(chan bool, 1)
	var policy string
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		gorilla(w, r, func(w http.ResponseWriter, r *http.Request, byGorilla error) {
			surf(w, r, func(w http.ResponseWriter, r *http.Request, bySurf error) {
				if r.Method == http.MethodGet {
					w.Header().Set("Content-Type", "text/html")
					w.Header().Set("Referrer-Policy", policy)
					fmt.Fprintf(w, `<!doctype html><title>Code</title><form method="post">%s<input name="csrf_token" value="%s"></form><script>document.forms[0].submit()</script>`, csrf.TemplateField(r), nosurf.Token(r))
					return
				}
				if errors.Is(byGorilla, csrf.ErrBadToken) || errors.Is(bySurf, nosurf.ErrBadToken) {
					panic("the token is wrong")
				}
				scheme := map[bool]string{false: "http", true: "https"}[r.TLS != nil]
				host, port, _ := strings.Cut(r.Host, ":")
				origin := strings.TrimSuffix(r.Header.Get("Origin"), ":"+port)
				fmt.Printf("%s on %s://%s: Origin %q, Sec-Fetch-Site %q\n", policy, scheme, host, origin, r.Header.Get("Sec-Fetch-Site"))
				fmt.Printf("\tCrossOriginProtection %s, nosurf %s, gorilla/csrf %s\n", word(http.NewCrossOriginProtection().Check(r)), word(bySurf), word(byGorilla))
				done <- true
			})
		})
	})
	plain := httptest.NewServer(handler)
	defer plain.Close()
	encrypted := httptest.NewUnstartedServer(handler)
	encrypted.Config.ErrorLog = log.New(io.Discard, "", 0)
	encrypted.StartTLS()
	defer encrypted.Close()
	named := strings.Replace(plain.URL, "127.0.0.1", "login.example", 1)
	for _, policy = range []string{"no-referrer", "same-origin"} {
		for _, url := range []string{encrypted.URL, plain.URL, named} {
			visit(url, done, "--host-resolver-rules=MAP login.example 127.0.0.1", "--ignore-certificate-errors")
		}
	}
}
EOF
go mod init finding 2>go.log
go get github.com/gorilla/csrf@v1.7.3 github.com/justinas/nosurf@v1.2.0 2>>go.log || { cat go.log; exit 1; }
go run . >actual

diff -u --label expected --label actual - actual <<'EOF'
no-referrer on https://127.0.0.1: Origin "null", Sec-Fetch-Site "same-origin"
	CrossOriginProtection accepts, nosurf accepts, gorilla/csrf refuses
no-referrer on http://127.0.0.1: Origin "null", Sec-Fetch-Site "same-origin"
	CrossOriginProtection accepts, nosurf accepts, gorilla/csrf refuses
no-referrer on http://login.example: Origin "null", Sec-Fetch-Site ""
	CrossOriginProtection refuses, nosurf refuses, gorilla/csrf refuses
same-origin on https://127.0.0.1: Origin "https://127.0.0.1", Sec-Fetch-Site "same-origin"
	CrossOriginProtection accepts, nosurf accepts, gorilla/csrf accepts
same-origin on http://127.0.0.1: Origin "http://127.0.0.1", Sec-Fetch-Site "same-origin"
	CrossOriginProtection accepts, nosurf accepts, gorilla/csrf accepts
same-origin on http://login.example: Origin "http://login.example", Sec-Fetch-Site ""
	CrossOriginProtection accepts, nosurf accepts, gorilla/csrf accepts
EOF
