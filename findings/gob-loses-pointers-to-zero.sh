#!/usr/bin/env bash
# Software:  encoding/gob of Go 1.26.8
#
# Expected:  A pointer that was set is set after a round trip. Whether it is nil is what
#            a *bool is used for.
# Behavior:  Pointers to false, 0 and "" come back as nil, without an error, and
#            pointers to anything else come back set. In a map[string]any a *bool comes
#            back as a bool.
# Output:    the struct before and after, at the end of this script.
# Why:       Session stores (scs, gorilla/sessions) use gob. "The user declined" becomes
#            "the user was not asked" between two requests.
set -euo pipefail

dir=$(mktemp -d)
trap 'chmod -R u+w "$dir"; rm -rf "$dir"' EXIT
cd "$dir"
export GOTOOLCHAIN=go1.26.8 GOWORK=off GOFLAGS=-mod=mod

cat >main.go <<'EOF'
package main

import (
	"bytes"
	"encoding/gob"
	"fmt"
)

type state struct {
	Enrolled *bool
	Attempts *int
	Factor   *string
}

func main() {
	no, none, nothing := false, 0, ""
	yes, one, email := true, 1, "email"
	for _, before := range []state{{&no, &none, &nothing}, {&yes, &one, &email}} {
		var buf bytes.Buffer
		fmt.Println("encode:", gob.NewEncoder(&buf).Encode(before))
		var after state
		fmt.Println("decode:", gob.NewDecoder(&buf).Decode(&after))
		fmt.Println("nil after:", after.Enrolled == nil, after.Attempts == nil, after.Factor == nil)
	}
	var buf bytes.Buffer
	fmt.Println("encode:", gob.NewEncoder(&buf).Encode(map[string]any{"enrolled": &yes}))
	var session map[string]any
	fmt.Println("decode:", gob.NewDecoder(&buf).Decode(&session))
	fmt.Printf("type after: %T\n", session["enrolled"])
}
EOF
go mod init finding 2>go.log
go run . >actual

diff -u --label expected --label actual - actual <<'EOF'
encode: <nil>
decode: <nil>
nil after: true true true
encode: <nil>
decode: <nil>
nil after: false false false
encode: <nil>
decode: <nil>
type after: bool
EOF
