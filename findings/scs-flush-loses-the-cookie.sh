#!/usr/bin/env bash
# Software:  github.com/alexedwards/scs/v2 v2.9.0 with Go 1.26.8
#
# Expected:  Whatever sends the response header first (Write, WriteHeader or Flush)
#            sends the session cookie with it, and data put later is refused or saved.
# Behavior:  Flush before the first Write sends the header without the cookie: the
#            session is stored and its token is lost. Data put after the first Write is
#            dropped without an error.
# Output:    the cookies of three responses and the data found later, at the end of this
#            script.
# Why:       A page that streams its state (a push being polled, server-sent events)
#            flushes first. Its new session never reaches the browser.
set -euo pipefail

dir=$(mktemp -d)
trap 'chmod -R u+w "$dir"; rm -rf "$dir"' EXIT
cd "$dir"
export GOTOOLCHAIN=go1.26.8 GOWORK=off GOFLAGS=-mod=mod

cat >main.go <<'EOF'
package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"

	"github.com/alexedwards/scs/v2"
)

func main() {
	sessions := scs.New()
	mux := http.NewServeMux()
	mux.HandleFunc("/write", func(w http.ResponseWriter, r *http.Request) {
		sessions.Put(r.Context(), "early", true)
		io.WriteString(w, "data")
		sessions.Put(r.Context(), "late", true)
	})
	mux.HandleFunc("/flush", func(w http.ResponseWriter, r *http.Request) {
		sessions.Put(r.Context(), "early", true)
		fmt.Println("flush error:", http.NewResponseController(w).Flush())
		io.WriteString(w, "data")
	})
	mux.HandleFunc("/keys", func(_ http.ResponseWriter, r *http.Request) { fmt.Println("keys:", sessions.Keys(r.Context())) })
	server := httptest.NewServer(sessions.LoadAndSave(mux))
	defer server.Close()
	var cookies []*http.Cookie
	for _, path := range []string{"/flush", "/write", "/keys"} {
		req, _ := http.NewRequest(http.MethodGet, server.URL+path, nil)
		for _, c := range cookies {
			req.AddCookie(c)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			panic(err)
		}
		resp.Body.Close()
		cookies = resp.Cookies()
		fmt.Println(path, "cookies:", len(cookies))
	}
}
EOF
go mod init finding 2>go.log
go get github.com/alexedwards/scs/v2@v2.9.0 2>>go.log || { cat go.log; exit 1; }
go run . >actual

diff -u --label expected --label actual - actual <<'EOF'
flush error: <nil>
/flush cookies: 0
/write cookies: 1
keys: [early]
/keys cookies: 0
EOF
