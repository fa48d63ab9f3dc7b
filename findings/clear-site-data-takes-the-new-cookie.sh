#!/usr/bin/env bash
# Software:  Chromium 156 of Debian 12 (headless)
#
# Expected:  The response to a logout may clear the cookies and set a new one, say for
#            the message of the next page. What is cleared are the cookies of this host.
# Behavior:  The new cookie is stored first and cleared with the others. Cookies of
#            other hosts of the same site are cleared too. Set by the next response, it
#            stays.
# Output:    the cookies that the browser sent after each step, at the end of this
#            script.
# Why:       The logout of one app ends the sessions of all apps of the company. The
#            state for the login that follows is lost when it is set with the redirect,
#            so that the callback fails.
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
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"time"
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

func main() {
	done := make(chan bool, 1)
	var port string
	var clearing bool
	to := func(w http.ResponseWriter, host, path string) {
		w.Header().Set("Location", "http://"+host+".acme.localhost:"+port+path)
		w.WriteHeader(http.StatusSeeOther)
	}
	set := func(w http.ResponseWriter, name string) {
		http.SetCookie(w, &http.Cookie{Name: name, Value: "1", Path: "/"})
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/start", func(w http.ResponseWriter, r *http.Request) {
		set(w, "shop_session")
		to(w, "login", "/signed-in")
	})
	mux.HandleFunc("/signed-in", func(w http.ResponseWriter, r *http.Request) {
		set(w, "session")
		to(w, "login", "/logout")
	})
	mux.HandleFunc("/logout", func(w http.ResponseWriter, r *http.Request) {
		if clearing {
			w.Header().Set("Clear-Site-Data", `"cookies"`)
		}
		set(w, "message")
		to(w, "login", "/bye")
	})
	mux.HandleFunc("/bye", func(w http.ResponseWriter, r *http.Request) {
		set(w, "late_message")
		to(w, "login", "/last")
	})
	mux.HandleFunc("/last", func(w http.ResponseWriter, r *http.Request) {
		to(w, "shop", "/shop")
	})
	mux.HandleFunc("/shop", func(w http.ResponseWriter, r *http.Request) { done <- true })
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, pattern := mux.Handler(r); pattern != "" {
			host, _, _ := strings.Cut(r.Host, ":")
			fmt.Printf("\t%s%s: %q\n", host, r.URL.Path, r.Header.Get("Cookie"))
		}
		mux.ServeHTTP(w, r)
	}))
	defer server.Close()
	port = server.URL[strings.LastIndex(server.URL, ":")+1:]
	for _, clearing = range []bool{false, true} {
		fmt.Println("Clear-Site-Data:", clearing)
		visit("http://shop.acme.localhost:"+port+"/start", done)
	}
}
EOF
go mod init finding 2>go.log
go run . >actual

diff -u --label expected --label actual - actual <<'EOF'
Clear-Site-Data: false
	shop.acme.localhost/start: ""
	login.acme.localhost/signed-in: ""
	login.acme.localhost/logout: "session=1"
	login.acme.localhost/bye: "session=1; message=1"
	login.acme.localhost/last: "session=1; message=1; late_message=1"
	shop.acme.localhost/shop: "shop_session=1"
Clear-Site-Data: true
	shop.acme.localhost/start: ""
	login.acme.localhost/signed-in: ""
	login.acme.localhost/logout: "session=1"
	login.acme.localhost/bye: ""
	login.acme.localhost/last: "late_message=1"
	shop.acme.localhost/shop: ""
EOF
