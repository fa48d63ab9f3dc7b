#!/usr/bin/env bash
# Software:  github.com/MicahParks/keyfunc/v3 v3.9.1 with Go 1.26.8
#
# Expected:  NewDefaultCtx returns an error if the key set cannot be fetched. Its
#            signature has one, and the documentation names no exception.
# Behavior:  It returns no error and an empty set, and writes an ERROR line to the
#            process-wide slog logger. Every token is refused with "key not found" until
#            the next refresh.
# Output:    the results for an address where nobody listens, at the end of this script.
# Why:       A wrong domain in the configuration passes the start of the service and its
#            health check, and is found by the first user.
set -euo pipefail

dir=$(mktemp -d)
trap 'chmod -R u+w "$dir"; rm -rf "$dir"' EXIT
cd "$dir"
export GOTOOLCHAIN=go1.26.8 GOWORK=off GOFLAGS=-mod=mod

cat >main.go <<'EOF'
package main

import (
	"bytes"
	"context"
	"fmt"
	"log"
	"log/slog"
	"net"
	"strings"

	"github.com/MicahParks/keyfunc/v3"
)

func main() {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	l.Close()
	var logged bytes.Buffer
	log.SetOutput(&logged)
	slog.SetDefault(slog.New(slog.NewTextHandler(&logged, nil)))
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	keys, err := keyfunc.NewDefaultCtx(ctx, []string{"http://" + l.Addr().String() + "/.well-known/jwks.json"})
	fmt.Println("error:", err)
	all, err := keys.Storage().KeyReadAll(ctx)
	fmt.Println("keys:", len(all), "error:", err)
	fmt.Println("logged at level ERROR:", strings.Contains(logged.String(), "level=ERROR"))
}
EOF
go mod init finding 2>go.log
go get github.com/MicahParks/keyfunc/v3@v3.9.1 2>>go.log || { cat go.log; exit 1; }
go run . >actual

diff -u --label expected --label actual - actual <<'EOF'
error: <nil>
keys: 0 error: <nil>
logged at level ERROR: true
EOF
