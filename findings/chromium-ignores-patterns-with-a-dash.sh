#!/usr/bin/env bash
# Software:  Chromium 156 of Debian 12 (headless)
#
# Expected:  The pattern attribute is a regular expression as RegExp takes it. A class
#            that ends in a dash, like [0-9 -], holds the dash.
# Behavior:  The attribute is compiled with the flag v, under which a dash in a class
#            has to be escaped. A pattern that does not compile is ignored: every value
#            is valid, and a line in the console is all there is. RegExp without the
#            flag and Go's regexp accept the same text.
# Output:    whether "abc def" is refused by the attribute, by a RegExp and by Go, at
#            the end of this script.
# Why:       A field for a code with dashes, or for an address, is not checked at all.
#            The form posts anything, and a test with a valid value does not notice.
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
	"regexp"
	"time"
)

const page = `<!doctype html><title>Code</title><input value="abc def" pattern="%s"><script>
const input = document.querySelector('input')
fetch('/seen', { method: 'POST', body: 'attribute: ' + input.validity.patternMismatch +
	', RegExp: ' + !new RegExp('^(?:' + input.pattern + ')$').test(input.value) })
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
	var pattern string
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprintf(w, page, pattern)
	})
	mux.HandleFunc("POST /seen", func(w http.ResponseWriter, r *http.Request) {
		seen, err := io.ReadAll(r.Body)
		if err != nil {
			panic(err)
		}
		fmt.Printf("%s refused by %s, Go: %t\n", pattern, seen, !regexp.MustCompile("^(?:"+pattern+")$").MatchString("abc def"))
		done <- true
	})
	server := httptest.NewServer(mux)
	defer server.Close()
	for _, pattern = range []string{`[0-9]{6}`, `[0-9 -]{6,7}`, `[0-9 \-]{6,7}`, `[A-Z0-9-]+`, `[\w.+-]+@[\w.-]+`} {
		visit(server.URL, done)
	}
}
EOF
go mod init finding 2>go.log
go run . >actual

diff -u --label expected --label actual - actual <<'EOF'
[0-9]{6} refused by attribute: true, RegExp: true, Go: true
[0-9 -]{6,7} refused by attribute: false, RegExp: true, Go: true
[0-9 \-]{6,7} refused by attribute: true, RegExp: true, Go: true
[A-Z0-9-]+ refused by attribute: false, RegExp: true, Go: true
[\w.+-]+@[\w.-]+ refused by attribute: false, RegExp: true, Go: true
EOF
