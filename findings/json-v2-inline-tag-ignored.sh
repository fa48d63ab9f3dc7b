#!/usr/bin/env bash
# Software:  encoding/json/v2 of Go 1.27.3, beside github.com/go-json-experiment/json of
#            July 2025
#
# Expected:  The tag option "inline", which the experiment had for years, either still
#            works in the released package or is refused, as "format" is.
# Behavior:  The released package calls it "embed" and ignores "inline" without an
#            error. The field becomes an ordinary member, and unknown members of the
#            input are dropped.
# Output:    the same struct written and read by both, at the end of this script.
# Why:       Code that keeps unknown members of a response in an inlined map (custom
#            claims, say) compiles, passes decoding and loses them.
set -euo pipefail

dir=$(mktemp -d)
trap 'chmod -R u+w "$dir"; rm -rf "$dir"' EXIT
cd "$dir"
export GOTOOLCHAIN=go1.27.3 GOWORK=off GOFLAGS=-mod=mod

cat >experiment.go <<'EOF'
//go:build experiment

package main

import "github.com/go-json-experiment/json"

var marshal, unmarshal = json.Marshal, json.Unmarshal
EOF
cat >released.go <<'EOF'
//go:build !experiment

package main

import "encoding/json/v2"

var marshal, unmarshal = json.Marshal, json.Unmarshal
EOF
cat >main.go <<'EOF'
package main

import "fmt"

type claims struct {
	Subject string         `json:"sub"`
	Custom  map[string]any `json:",inline"`
}

type expiry struct {
	At []byte `json:",format:hex"`
}

func main() {
	text, err := marshal(claims{"ada", map[string]any{"role": "admin"}})
	fmt.Printf("%s %v\n", text, err)
	var c claims
	err = unmarshal([]byte(`{"sub":"ada","role":"admin"}`), &c)
	fmt.Println(c.Custom, err)
	_, err = marshal(expiry{})
	fmt.Println("format option refused:", err != nil)
}
EOF
go mod init finding 2>go.log
go get github.com/go-json-experiment/json@v0.0.0-20250725192818-e39067aee2d2 2>>go.log
{
	echo "experiment:" && go run -tags experiment .
	echo "released:" && go run .
} >actual

diff -u --label expected --label actual - actual <<'EOF'
experiment:
{"sub":"ada","role":"admin"} <nil>
map[role:admin] <nil>
format option refused: false
released:
{"sub":"ada","Custom":{"role":"admin"}} <nil>
map[] <nil>
format option refused: true
EOF
