#!/usr/bin/env bash
# Software:  github.com/gorilla/sessions v1.4.0 with Go 1.26.8, and Chromium 156 of
#            Debian 12 (headless)
#
# Expected:  The store refuses a session that is too long for a cookie, since it has a
#            limit of 4,096 bytes and an error for it.
# Behavior:  The limit is on the value alone. Chromium counts name and value and drops
#            the cookie without a word in the response. A value of the last few bytes
#            below the limit is saved without an error and never comes back.
# Output:    sizes that the store saved and what the browser sent back, at the end of
#            this script.
# Why:       Users whose token is a little longer than others' are signed out by the
#            next request. Nothing is logged. Keep name and value together below 4,096.
set -euo pipefail

dir=$(mktemp -d)
trap 'chmod -R u+w "$dir"; rm -rf "$dir"' EXIT
cd "$dir"
export GOTOOLCHAIN=go1.26.8 GOWORK=off GOFLAGS=-mod=mod

command -v chromium >apt.log || { apt-get update -qq && apt-get install -qq -y --no-install-recommends chromium; } >apt.log
cat >main.go <<'EOF'
package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"time"

	"github.com/gorilla/sessions"
)

func main() {
	store := sessions.NewCookieStore([]byte(strings.Repeat("k", 32)))
	sizes := make(map[string]int)
	done := make(chan bool, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/login":
			for name, length := range map[string]int{"session_1": 2210, "session_2": 2219, "session_3": 2230} {
				session, _ := store.Get(r, name)
				session.Values["token"] = strings.Repeat("t", length)
				recorder := httptest.NewRecorder()
				if session.Save(r, recorder) == nil {
					sizes[name] = len(recorder.Result().Cookies()[0].Value)
					w.Header().Add("Set-Cookie", recorder.Header().Get("Set-Cookie"))
				}
			}
			w.Header().Set("Content-Type", "text/html")
			fmt.Fprint(w, "<script>onload = () => fetch('/home')</script>")
		case "/home":
			for _, name := range []string{"session_1", "session_2", "session_3"} {
				if _, err := r.Cookie(name); sizes[name] == 0 {
					fmt.Println(name, "refused by the store")
				} else {
					fmt.Println(name, "saved with a value of", sizes[name], "sent back:", err == nil)
				}
			}
			done <- true
		}
	}))
	defer server.Close()
	chromium := exec.Command("chromium", "--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0", "--user-data-dir=profile", server.URL+"/login")
	if err := chromium.Start(); err != nil {
		panic(err)
	}
	select {
	case <-done:
	case <-time.After(time.Minute):
		fmt.Println("the browser did not come")
	}
	chromium.Process.Kill()
	chromium.Wait()
}
EOF
go mod init finding 2>go.log
go get github.com/gorilla/sessions@v1.4.0 2>>go.log || { cat go.log; exit 1; }
go run . >actual

diff -u --label expected --label actual - actual <<'EOF'
session_1 saved with a value of 4080 sent back: true
session_2 saved with a value of 4096 sent back: false
session_3 refused by the store
EOF
