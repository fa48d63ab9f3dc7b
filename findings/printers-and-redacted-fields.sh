#!/usr/bin/env bash
# Software:  github.com/davecgh/go-spew v1.1.1, github.com/k0kubun/pp/v3 v3.5.4,
#            github.com/kr/pretty v0.3.1, github.com/alecthomas/repr v0.5.4 and
#            github.com/sanity-io/litter v1.5.8 with Go 1.26.8
#
# Expected:  A type that redacts itself with String, GoString and Format is redacted in
#            an exported field and, since no method can be called there, printed in full
#            in an unexported one, as fmt does.
# Behavior:  pp prints it in full in both. spew redacts it in both: it reaches the
#            unexported field through package unsafe and calls String. litter prints
#            neither its text nor its content. Only kr/pretty and repr do as fmt does.
# Output:    one line for each printer, at the end of this script.
# Why:       Which debugging printer is used decides whether a secret is in the dump.
#            What was tried with one of them says nothing about the next.
set -euo pipefail

dir=$(mktemp -d)
trap 'chmod -R u+w "$dir"; rm -rf "$dir"' EXIT
cd "$dir"
export GOTOOLCHAIN=go1.26.8 GOWORK=off GOFLAGS=-mod=mod

cat >main.go <<'EOF'
package main

import (
	"fmt"
	"strings"

	"github.com/alecthomas/repr"
	"github.com/davecgh/go-spew/spew"
	"github.com/k0kubun/pp/v3"
	"github.com/kr/pretty"
	"github.com/sanity-io/litter"
)

type secret struct{ value string }

func (secret) String() string             { return "[REDACTED]" }
func (secret) GoString() string           { return "[REDACTED]" }
func (secret) Format(f fmt.State, _ rune) { fmt.Fprint(f, "[REDACTED]") }

func how(text string) string {
	switch {
	case strings.Contains(text, "token-1"):
		return "in full"
	case strings.Contains(text, "REDACTED"):
		return "redacted"
	}
	return "nothing"
}

func main() {
	pp.ColoringEnabled = false
	exported := struct{ Token secret }{secret{"token-1"}}
	unexported := struct{ token secret }{secret{"token-1"}}
	for _, p := range []struct {
		name  string
		print func(any) string
	}{
		{"fmt", func(v any) string { return fmt.Sprintf("%+v", v) }},
		{"spew", func(v any) string { return spew.Sdump(v) }},
		{"pp", func(v any) string { return pp.Sprint(v) }},
		{"kr/pretty", func(v any) string { return pretty.Sprint(v) }},
		{"repr", func(v any) string { return repr.String(v) }},
		{"litter", func(v any) string { return litter.Sdump(v) }},
	} {
		fmt.Println(p.name, "exported:", how(p.print(exported)), "unexported:", how(p.print(unexported)))
	}
}
EOF
go mod init finding 2>go.log
go get github.com/davecgh/go-spew@v1.1.1 github.com/k0kubun/pp/v3@v3.5.4 github.com/kr/pretty@v0.3.1 github.com/alecthomas/repr@v0.5.4 github.com/sanity-io/litter@v1.5.8 2>>go.log || { cat go.log; exit 1; }
go run . >actual

diff -u --label expected --label actual - actual <<'EOF'
fmt exported: redacted unexported: in full
spew exported: redacted unexported: redacted
pp exported: in full unexported: in full
kr/pretty exported: redacted unexported: in full
repr exported: redacted unexported: in full
litter exported: nothing unexported: nothing
EOF
