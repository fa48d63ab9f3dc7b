#!/usr/bin/env bash
# Software:  github.com/redis/go-redis/v9 v9.23.0 with Go 1.26.8, redis-server of Debian
#            12
#
# Expected:  A negative time to live means the same in all commands that set one. Redis
#            itself refuses it in SET and deletes the key in EXPIRE.
# Behavior:  Set and SetArgs drop it and store the key without an end. SetNX sends it on
#            and gets an error. Expire deletes the key. 99.9 s are kept by Set and cut
#            to 99 s by Expire.
# Output:    TTL -1ns means no end, -2ns no key. See the end of this script.
# Why:       A cache that computes the lifetime as time.Until(expiry) keeps the token
#            that was just too late, and only that one, forever.
set -euo pipefail

dir=$(mktemp -d)
trap 'kill %1 2>/dev/null || true; chmod -R u+w "$dir"; rm -rf "$dir"' EXIT
cd "$dir"
export GOTOOLCHAIN=go1.26.8 GOWORK=off GOFLAGS=-mod=mod

command -v redis-server >apt.log || { apt-get update -qq && apt-get install -qq -y --no-install-recommends redis-server; } >apt.log
redis-server --port 0 --unixsocket "$dir/redis.sock" --save '' --dir "$dir" >redis.log &
for _ in {1..100}; do [ -S redis.sock ] && break; sleep 0.1; done
cat >main.go <<'EOF'
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/redis/go-redis/v9"
)

func main() {
	ctx := context.Background()
	client := redis.NewClient(&redis.Options{Network: "unix", Addr: os.Args[1]})
	for _, ttl := range []time.Duration{-5 * time.Second, 99900 * time.Millisecond} {
		report := func(command string, err error) {
			left := client.PTTL(ctx, "key").Val()
			switch {
			case left > 99*time.Second:
				fmt.Println(command, ttl, "error:", err, "TTL: over 99s")
			case left > 0:
				fmt.Println(command, ttl, "error:", err, "TTL: 99s or less")
			default:
				fmt.Println(command, ttl, "error:", err, "TTL:", left)
			}
			client.Del(ctx, "key")
		}
		report("Set", client.Set(ctx, "key", "token", ttl).Err())
		report("SetArgs", client.SetArgs(ctx, "key", "token", redis.SetArgs{TTL: ttl}).Err())
		report("SetNX", client.SetNX(ctx, "key", "token", ttl).Err())
		client.Set(ctx, "key", "token", 0)
		report("Expire", client.Expire(ctx, "key", ttl).Err())
	}
}
EOF
go mod init finding 2>go.log
go get github.com/redis/go-redis/v9@v9.23.0 2>>go.log || { cat go.log; exit 1; }
go run . "$dir/redis.sock" >actual

diff -u --label expected --label actual - actual <<'EOF'
Set -5s error: <nil> TTL: -1ns
SetArgs -5s error: <nil> TTL: -1ns
SetNX -5s error: ERR invalid expire time in 'set' command TTL: -2ns
Expire -5s error: <nil> TTL: -2ns
Set 1m39.9s error: <nil> TTL: over 99s
SetArgs 1m39.9s error: <nil> TTL: over 99s
SetNX 1m39.9s error: <nil> TTL: over 99s
Expire 1m39.9s error: <nil> TTL: 99s or less
EOF
