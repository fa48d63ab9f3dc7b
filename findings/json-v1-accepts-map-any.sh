#!/usr/bin/env bash
# Software:  encoding/json of Go 1.27.3, beside Go 1.26.8
#
# Expected:  A map whose keys are not strings, integers or text marshalers is refused
#            with *json.UnsupportedTypeError, as the documentation of Marshal says.
# Behavior:  From Go 1.27 on maps with float and interface keys are encoded, keys as
#            text. Interface keys of different types that print alike give an object
#            with the same member twice.
# Output:    result and error with each release, at the end of this script.
# Why:       A session store or log encoder that relies on the refusal to find
#            map[any]any values now writes objects that strict decoders
#            (encoding/json/v2 among them) refuse.
set -euo pipefail

dir=$(mktemp -d)
trap 'chmod -R u+w "$dir"; rm -rf "$dir"' EXIT
cd "$dir"
export GOTOOLCHAIN=go1.26.8 GOWORK=off GOFLAGS=-mod=mod

cat >main.go <<'EOF'
package main

import (
	"encoding/json"
	"fmt"
	"runtime"
)

func main() {
	for _, v := range []any{
		map[float64]string{1.5: "a"},
		map[any]string{"otp": "a"},
		map[any]string{1: "a", "1": "a"},
		map[bool]string{true: "a"},
	} {
		text, err := json.Marshal(v)
		fmt.Printf("%s %T: %s %T\n", runtime.Version(), v, text, err)
	}
}
EOF
go mod init finding 2>go.log
for release in go1.26.8 go1.27.3; do GOTOOLCHAIN=$release go run .; done >actual

diff -u --label expected --label actual - actual <<'EOF'
go1.26.8 map[float64]string:  *json.UnsupportedTypeError
go1.26.8 map[interface {}]string:  *json.UnsupportedTypeError
go1.26.8 map[interface {}]string:  *json.UnsupportedTypeError
go1.26.8 map[bool]string:  *json.UnsupportedTypeError
go1.27.3 map[float64]string: {"1.5":"a"} <nil>
go1.27.3 map[interface {}]string: {"otp":"a"} <nil>
go1.27.3 map[interface {}]string: {"1":"a","1":"a"} <nil>
go1.27.3 map[bool]string:  *json.UnsupportedValueError
EOF
