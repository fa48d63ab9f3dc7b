#!/usr/bin/env bash
# Software:  html/template of Go 1.26.8
#
# Expected:  The value of a data attribute is text. html/template escapes it for HTML
#            and changes nothing else.
# Behavior:  The name decides. One that contains "uri", "url" or "src" holds a URL, and
#            "security" and "hourly" do: spaces become %20, and text with a colon is
#            replaced. One that begins with "on" holds JavaScript, and "one-time" does:
#            a string gets quotes, and a number gets spaces.
# Output:    one value of each kind under five names, at the end of this script.
# Why:       A script that reads dataset.securityCode or dataset.oneTimeCode gets
#            another text than the server wrote. There is no error, and a code of digits
#            alone passes the first of the two unchanged.
set -euo pipefail

dir=$(mktemp -d)
trap 'chmod -R u+w "$dir"; rm -rf "$dir"' EXIT
cd "$dir"
export GOTOOLCHAIN=go1.26.8 GOWORK=off GOFLAGS=-mod=mod

cat >main.go <<'EOF'
package main

import (
	"fmt"
	"html/template"
	"os"
)

func main() {
	for _, name := range os.Args[1:] {
		page := template.Must(template.New("").Parse("<p " + name + `="{{.}}">`))
		for _, value := range []any{"123 456", "expires: 9 pm", 123456} {
			if err := page.Execute(os.Stdout, value); err != nil {
				panic(err)
			}
			fmt.Println()
		}
	}
}
EOF
go mod init finding 2>go.log
go run . data-code data-security-code security-code data-hourly-limit data-one-time-code >actual

diff -u --label expected --label actual - actual <<'EOF'
<p data-code="123 456">
<p data-code="expires: 9 pm">
<p data-code="123456">
<p data-security-code="123%20456">
<p data-security-code="#ZgotmplZ">
<p data-security-code="123456">
<p security-code="123%20456">
<p security-code="#ZgotmplZ">
<p security-code="123456">
<p data-hourly-limit="123%20456">
<p data-hourly-limit="#ZgotmplZ">
<p data-hourly-limit="123456">
<p data-one-time-code="&#34;123 456&#34;">
<p data-one-time-code="&#34;expires: 9 pm&#34;">
<p data-one-time-code=" 123456 ">
EOF
