#!/usr/bin/env bash
# Software:  encoding/json/v2 of Go 1.27.3
#
# Expected:  The same input gives the same error text, in every run of the same program.
# Behavior:  Each process picks one of two wordings at random, "cannot" or "unable to".
#            The source says that this is on purpose, the package documentation does
#            not.
# Output:    both wordings in 150 runs of one binary, at the end of this script.
# Why:       A test or a log filter that compares the text of a decoding error passes in
#            most runs and fails in about one of eight. Match the type
#            *json.SemanticError instead.
set -euo pipefail

dir=$(mktemp -d)
trap 'chmod -R u+w "$dir"; rm -rf "$dir"' EXIT
cd "$dir"
export GOTOOLCHAIN=go1.27.3 GOWORK=off GOFLAGS=-mod=mod

cat >main.go <<'EOF'
package main

import (
	"encoding/json/v2"
	"fmt"
)

func main() {
	var token struct {
		ExpiresIn int `json:"expires_in"`
	}
	fmt.Println(json.Unmarshal([]byte(`{"expires_in":"86400"}`), &token))
}
EOF
go mod init finding 2>go.log
go build -o finding .
for _ in {1..150}; do ./finding; done | sort -u >actual

diff -u --label expected --label actual - actual <<'EOF'
json: cannot unmarshal JSON string into Go int within "/expires_in"
json: unable to unmarshal JSON string into Go int within "/expires_in"
EOF
