#!/usr/bin/env bash
# Software:  github.com/redis/go-redis/v9 v9.23.0 with Go 1.26.8, redis-server of Debian
#            12
#
# Expected:  A value of a named string type is stored as the string that it is, as
#            database/sql, fmt and encoding/json do. What cannot be stored is refused, a
#            nil pointer first of all.
# Behavior:  A named string type is refused at run time, on each call, with advice to
#            implement BinaryMarshaler. A nil *int is stored as 0, and a time.Duration
#            as a number of nanoseconds.
# Output:    what is stored for each type, or the error, at the end of this script.
# Why:       Typed ids compile, since the parameter is any, and fail on the first write
#            of that code path.
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

type id string

func main() {
	ctx := context.Background()
	client := redis.NewClient(&redis.Options{Network: "unix", Addr: os.Args[1]})
	for _, v := range []any{"email|dev_1", id("email|dev_1"), (*int)(nil), time.Minute} {
		if err := client.Set(ctx, "key", v, 0).Err(); err != nil {
			fmt.Printf("%T error: %v\n", v, err)
			continue
		}
		fmt.Printf("%T stored: %q\n", v, client.Get(ctx, "key").Val())
	}
}
EOF
go mod init finding 2>go.log
go get github.com/redis/go-redis/v9@v9.23.0 2>>go.log || { cat go.log; exit 1; }
go run . "$dir/redis.sock" >actual

diff -u --label expected --label actual - actual <<'EOF'
string stored: "email|dev_1"
main.id error: redis: can't marshal main.id (implement encoding.BinaryMarshaler)
*int stored: "0"
time.Duration stored: "60000000000"
EOF
