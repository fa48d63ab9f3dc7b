#!/usr/bin/env bash
# Software:  github.com/stretchr/testify v1.12.1 with Go 1.26.8
#
# Expected:  The failure of assert.Equal prints both values the same way throughout. Its
#            first lines honor GoString and Format, so a type that redacts itself is
#            safe.
# Behavior:  The Diff section below switches all methods off and prints the unexported
#            fields of the same values.
# Output:    the lines of one failure that hold the type's own text or its content, at
#            the end of this script.
# Why:       A failed comparison of a struct with a token in it puts the token into the
#            CI log, although the lines above it look redacted.
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

	"github.com/stretchr/testify/assert"
)

type secret struct{ value string }

func (secret) String() string             { return "[REDACTED]" }
func (secret) GoString() string           { return "[REDACTED]" }
func (secret) Format(f fmt.State, _ rune) { fmt.Fprint(f, "[REDACTED]") }

type printer struct{}

func (printer) Errorf(format string, args ...any) {
	for line := range strings.Lines(fmt.Sprintf(format, args...)) {
		line = strings.TrimSpace(line)
		if strings.Contains(line, "REDACTED") || strings.Contains(line, "value: ") {
			fmt.Println(line)
		}
	}
}

func main() {
	type login struct {
		User  string
		Token secret
	}
	assert.Equal(printer{}, login{"ada", secret{"token-1"}}, login{"grace", secret{"token-2"}})
}
EOF
go mod init finding 2>go.log
go get github.com/stretchr/testify@v1.12.1 2>>go.log || { cat go.log; exit 1; }
go run . >actual

diff -u --label expected --label actual - actual <<'EOF'
expected: main.login{User:"ada", Token:[REDACTED]}
actual  : main.login{User:"grace", Token:[REDACTED]}
-  value: (string) (len=7) "token-1"
+  value: (string) (len=7) "token-2"
EOF
