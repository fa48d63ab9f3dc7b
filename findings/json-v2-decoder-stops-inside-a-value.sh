#!/usr/bin/env bash
# Software:  encoding/json/v2 and encoding/json of Go 1.27.3
#
# Expected:  A decoder of a stream of values skips one that does not fit its type and
#            goes on with the next, as json.Decoder does.
# Behavior:  UnmarshalDecode of version 2 leaves the jsontext.Decoder in the middle of
#            the refused object. Every later call fails with an error about the state of
#            the object namespace.
# Output:    both decoders on the same three lines, at the end of this script.
# Why:       One odd record in a log stream (JSON lines) costs the rest of the stream.
#            Read each value with ReadValue first, then unmarshal it.
set -euo pipefail

dir=$(mktemp -d)
trap 'chmod -R u+w "$dir"; rm -rf "$dir"' EXIT
cd "$dir"
export GOTOOLCHAIN=go1.27.3 GOWORK=off GOFLAGS=-mod=mod

cat >main.go <<'EOF'
package main

import (
	"encoding/json"
	"encoding/json/jsontext"
	jsonv2 "encoding/json/v2"
	"errors"
	"fmt"
	"strings"
)

type event struct {
	Attempt int `json:"attempt"`
}

const lines = `{"attempt":1}
{"attempt":"two"}
{"attempt":3}
`

func main() {
	v1 := json.NewDecoder(strings.NewReader(lines))
	for range 3 {
		var e event
		err := v1.Decode(&e)
		var wrongType *json.UnmarshalTypeError
		fmt.Println("v1", e, "refused:", errors.As(err, &wrongType))
	}
	v2 := jsontext.NewDecoder(strings.NewReader(lines))
	for range 3 {
		var e event
		err := jsonv2.UnmarshalDecode(v2, &e)
		var semantic *jsonv2.SemanticError
		if errors.As(err, &semantic) {
			err = errors.New("refused")
		}
		fmt.Println("v2", e, err)
	}
}
EOF
go mod init finding 2>go.log
go run . >actual

diff -u --label expected --label actual - actual <<'EOF'
v1 {1} refused: false
v1 {0} refused: true
v1 {3} refused: false
v2 {1} <nil>
v2 {0} refused
v2 {0} jsontext: object namespace is in an invalid state after offset 30
EOF
