#!/usr/bin/env bash
# Software:  github.com/redis/go-redis/v9 v9.23.0 with Go 1.26.8
#
# Expected:  A command ends when its context ends. ContextTimeoutEnabled makes the
#            client honor context timeouts and deadlines.
# Behavior:  By default neither a deadline nor a cancellation ends a read that is under
#            way. With ContextTimeoutEnabled a deadline does, a cancellation still does
#            not. The error is an i/o timeout in every case and matches no context
#            error.
# Output:    whether a read against a silent server lasts for ReadTimeout (1 s), at the
#            end of this script.
# Why:       A user who leaves, or a handler whose budget is 100 ms, keeps a pool
#            connection busy for ReadTimeout. During a stall of the store the pool is
#            empty soon.
set -euo pipefail

dir=$(mktemp -d)
trap 'chmod -R u+w "$dir"; rm -rf "$dir"' EXIT
cd "$dir"
export GOTOOLCHAIN=go1.26.8 GOWORK=off GOFLAGS=-mod=mod

cat >main.go <<'EOF'
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/redis/go-redis/v9"
)

func main() {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go io.Copy(io.Discard, c)
		}
	}()
	for _, enabled := range []bool{false, true} {
		for _, end := range []string{"deadline", "cancel"} {
			client := redis.NewClient(&redis.Options{Addr: l.Addr().String(), ReadTimeout: time.Second, MaxRetries: -1, DisableIdentity: true, ContextTimeoutEnabled: enabled})
			ctx, cancel := context.WithCancel(context.Background())
			if end == "deadline" {
				ctx, cancel = context.WithTimeout(context.Background(), 50*time.Millisecond)
			} else {
				time.AfterFunc(50*time.Millisecond, cancel)
			}
			start := time.Now()
			err := client.Get(ctx, "key").Err()
			fmt.Println("ContextTimeoutEnabled:", enabled, end, "lasts for ReadTimeout:", time.Since(start) > 900*time.Millisecond, err,
				"context error:", errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled))
			cancel()
			client.Close()
		}
	}
}
EOF
go mod init finding 2>go.log
go get github.com/redis/go-redis/v9@v9.23.0 2>>go.log || { cat go.log; exit 1; }
go run . >actual

diff -u --label expected --label actual - actual <<'EOF'
ContextTimeoutEnabled: false deadline lasts for ReadTimeout: true i/o timeout context error: false
ContextTimeoutEnabled: false cancel lasts for ReadTimeout: true i/o timeout context error: false
ContextTimeoutEnabled: true deadline lasts for ReadTimeout: false i/o timeout context error: false
ContextTimeoutEnabled: true cancel lasts for ReadTimeout: true i/o timeout context error: false
EOF
