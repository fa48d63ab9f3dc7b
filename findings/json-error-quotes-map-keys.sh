#!/usr/bin/env bash
# Software:  encoding/json of Go 1.27.3, beside Go 1.26.8
#
# Expected:  The error of a decoding failure names Go types and struct fields, which the
#            program chose.
# Behavior:  From Go 1.27 on the path in the error text, and UnmarshalTypeError.Field,
#            goes on through maps: it quotes the member names that the server sent.
# Output:    the error and its Field with each release, at the end of this script.
# Why:       Where a response is a map keyed by address, user id or token, a logged
#            decoding error now holds that key.
set -euo pipefail

dir=$(mktemp -d)
trap 'chmod -R u+w "$dir"; rm -rf "$dir"' EXIT
cd "$dir"
export GOTOOLCHAIN=go1.26.8 GOWORK=off GOFLAGS=-mod=mod

cat >main.go <<'EOF'
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
)

func main() {
	body := []byte(`{"attempts":{"ada@example.com":"three"}}`)
	var nested struct {
		Attempts map[string]int `json:"attempts"`
	}
	var flat map[string]map[string]int
	for _, v := range []any{&nested, &flat} {
		err := json.Unmarshal(body, v)
		var wrongType *json.UnmarshalTypeError
		errors.As(err, &wrongType)
		fmt.Printf("%s: %v; Field=%q\n", runtime.Version(), err, wrongType.Field)
	}
}
EOF
go mod init finding 2>go.log
for release in go1.26.8 go1.27.3; do GOTOOLCHAIN=$release go run .; done >actual

diff -u --label expected --label actual - actual <<'EOF'
go1.26.8: json: cannot unmarshal string into Go struct field .attempts of type int; Field="attempts"
go1.26.8: json: cannot unmarshal string into Go value of type int; Field=""
go1.27.3: json: cannot unmarshal string into Go struct field .attempts.ada@example.com of type int; Field="attempts.ada@example.com"
go1.27.3: json: cannot unmarshal string into Go struct field .attempts.ada@example.com of type int; Field="attempts.ada@example.com"
EOF
