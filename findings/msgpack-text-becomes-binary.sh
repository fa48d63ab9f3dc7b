#!/usr/bin/env bash
# Software:  github.com/vmihailenco/msgpack/v5 v5.4.1 with Go 1.26.8
#
# Expected:  A type with MarshalText is written as a MessagePack string, as every JSON,
#            YAML and TOML encoder writes it as their string.
# Behavior:  It is written with the type "bin", in values and in map keys. Go reads that
#            back, so nothing is noticed until a decoder in another language yields a
#            byte array.
# Output:    the first byte of each value: a0 to bf is a short string, c4 is binary.
# Why:       An id, an address (netip.Addr) or a redacted secret that a Go service puts
#            into a shared cache or queue is a Buffer in JavaScript and compares unequal
#            to the text.
set -euo pipefail

dir=$(mktemp -d)
trap 'chmod -R u+w "$dir"; rm -rf "$dir"' EXIT
cd "$dir"
export GOTOOLCHAIN=go1.26.8 GOWORK=off GOFLAGS=-mod=mod

cat >main.go <<'EOF'
package main

import (
	"fmt"

	"github.com/vmihailenco/msgpack/v5"
)

type factor string

func (f factor) MarshalText() ([]byte, error) { return []byte(f), nil }

func main() {
	for _, v := range []any{"email", factor("email"), map[string]int{"email": 1}, map[factor]int{"email": 1}} {
		packed, err := msgpack.Marshal(v)
		fmt.Printf("%T % x %v\n", v, packed, err)
	}
}
EOF
go mod init finding 2>go.log
go get github.com/vmihailenco/msgpack/v5@v5.4.1 2>>go.log || { cat go.log; exit 1; }
go run . >actual

diff -u --label expected --label actual - actual <<'EOF'
string a5 65 6d 61 69 6c <nil>
main.factor c4 05 65 6d 61 69 6c <nil>
map[string]int 81 a5 65 6d 61 69 6c 01 <nil>
map[main.factor]int 81 c4 05 65 6d 61 69 6c 01 <nil>
EOF
