#!/usr/bin/env bash
# Software:  log/slog of Go 1.26.8
#
# Expected:  TextHandler writes what MarshalText returns and otherwise the result of
#            fmt.Sprint, as its documentation says. For a slice of bytes that is a list
#            of numbers.
# Behavior:  It writes the bytes as readable text, those of a named type such as
#            json.RawMessage too. JSONHandler writes base64.
# Output:    both handlers on the same attributes, at the end of this script.
# Why:       A request body or a key that was harmless in the JSON logs of production is
#            readable in the text logs of a developer or a CI job.
set -euo pipefail

dir=$(mktemp -d)
trap 'chmod -R u+w "$dir"; rm -rf "$dir"' EXIT
cd "$dir"
export GOTOOLCHAIN=go1.26.8 GOWORK=off GOFLAGS=-mod=mod

cat >main.go <<'EOF'
package main

import (
	"encoding/json"
	"log/slog"
	"os"
)

type key []byte

func main() {
	drop := &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey || a.Key == slog.LevelKey {
			return slog.Attr{}
		}
		return a
	}}
	for _, h := range []slog.Handler{slog.NewTextHandler(os.Stdout, drop), slog.NewJSONHandler(os.Stdout, drop)} {
		slog.New(h).Info("call", "body", []byte("otp=123456"), "key", key("k-1"), "raw", json.RawMessage(`{"otp":"1"}`))
	}
}
EOF
go mod init finding 2>go.log
go run . >actual

diff -u --label expected --label actual - actual <<'EOF'
msg=call body="otp=123456" key="k-1" raw="{\"otp\":\"1\"}"
{"msg":"call","body":"b3RwPTEyMzQ1Ng==","key":"ay0x","raw":{"otp":"1"}}
EOF
