#!/usr/bin/env bash
# Software:  encoding/json of Go 1.27.3, beside Go 1.26.8, GODEBUG and language version
#            unchanged
#
# Expected:  fmt prints a json.RawMessage as what it is, a list of byte values, with any
#            release of Go.
# Behavior:  From Go 1.27 on json.RawMessage is another name for jsontext.Value, which
#            has a String method. fmt and log print the JSON itself, an unset one prints
#            as "null", and its type has another name.
# Output:    what fmt prints of the same struct with each release, at the end of this
#            script.
# Why:       A struct that keeps an undecoded response is now readable wherever it is
#            logged, tokens included. An unset message looks like a JSON null that was
#            received.
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

type answer struct {
	Raw, Unset json.RawMessage
}

func main() {
	var a answer
	err := json.Unmarshal([]byte(`{"Raw":{"id_token":"eyJ0"}}`), &a)
	fmt.Printf("%s: %v %T unset=%t err=%v\n", runtime.Version(), a, a.Raw, a.Unset == nil, err)
}
EOF
go mod init finding 2>go.log
for release in go1.26.8 go1.27.3; do GOTOOLCHAIN=$release go run .; done >actual

diff -u --label expected --label actual - actual <<'EOF'
go1.26.8: {[123 34 105 100 95 116 111 107 101 110 34 58 34 101 121 74 48 34 125] []} json.RawMessage unset=true err=<nil>
go1.27.3: {{"id_token":"eyJ0"} null} jsontext.Value unset=true err=<nil>
EOF
