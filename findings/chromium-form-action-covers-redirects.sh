#!/usr/bin/env bash
# Software:  Chromium 156 of Debian 12 (headless)
#
# Expected:  "form-action 'self'" says where the forms of a page may be sent. Once the
#            server has the form, it may redirect to the callback of an app as ever.
# Behavior:  The policy holds for each redirect after the post as well. The form is sent
#            and processed, the callback is not requested, and the page stays as it was.
#            The violation names the URL of the form as blocked, which the policy
#            allows. A response of 200 with a script or a refresh that leads to the
#            callback passes.
# Output:    what the server received and the page was told, by kind of response, at the
#            end of this script.
# Why:       The code is spent, and nothing seems to happen. The second try says that
#            the code is wrong. List the origins of the callbacks in form-action.
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
	"strings"
	"time"
)

const page = `<!doctype html><title>Code</title><form method="post" action="/verify"></form><script>
document.onsecuritypolicyviolation = event => fetch('/violation', { method: 'POST', body: event.effectiveDirective + ' blocks ' + event.blockedURI })
document.forms[0].submit()
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
	callback := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/callback" {
			fmt.Println("\tcallback requested")
			done <- true
		}
	}))
	defer callback.Close()
	var kind string
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.Header().Set("Content-Security-Policy", "form-action 'self'")
		io.WriteString(w, page)
	})
	mux.HandleFunc("POST /verify", func(w http.ResponseWriter, r *http.Request) {
		fmt.Println(kind)
		fmt.Println("\tform posted")
		switch kind {
		case "redirect":
			http.Redirect(w, r, callback.URL+"/callback", http.StatusSeeOther)
		case "redirect by way of this server":
			http.Redirect(w, r, "/continue", http.StatusSeeOther)
		case "page with a refresh":
			w.Header().Set("Content-Type", "text/html")
			fmt.Fprintf(w, `<!doctype html><title>Done</title><meta http-equiv="refresh" content="0;url=%s/callback">`, callback.URL)
		}
	})
	mux.HandleFunc("GET /continue", func(w http.ResponseWriter, r *http.Request) {
		fmt.Println("\tcontinued on this server")
		http.Redirect(w, r, callback.URL+"/callback", http.StatusSeeOther)
	})
	var self string
	mux.HandleFunc("POST /violation", func(w http.ResponseWriter, r *http.Request) {
		violation, err := io.ReadAll(r.Body)
		if err != nil {
			panic(err)
		}
		fmt.Println("\t" + strings.NewReplacer(self, "http://login.example", callback.URL, "http://app.example").Replace(string(violation)))
		done <- true
	})
	server := httptest.NewServer(mux)
	defer server.Close()
	self = server.URL
	for _, kind = range []string{"redirect", "redirect by way of this server", "page with a refresh"} {
		visit(server.URL, done)
	}
}
EOF
go mod init finding 2>go.log
go run . >actual

diff -u --label expected --label actual - actual <<'EOF'
redirect
	form posted
	form-action blocks http://login.example/verify
redirect by way of this server
	form posted
	continued on this server
	form-action blocks http://login.example/verify
page with a refresh
	form posted
	callback requested
EOF
