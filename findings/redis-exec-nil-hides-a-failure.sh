#!/usr/bin/env bash
# Software:  github.com/redis/go-redis/v9 v9.23.0 with Go 1.26.8, redis-server of Debian
#            12
#
# Expected:  Exec of a pipeline returns an error if a command failed. redis.Nil, the
#            sign of a missing key, is commonly ignored.
# Behavior:  Exec returns the first error of the pipeline. A GET of a missing key hides
#            every failure after it: ignoring redis.Nil ignores a write that did not
#            happen.
# Output:    the result of Exec and of each command, at the end of this script.
# Why:       "Read the attempts, count one more" in one round trip reports success while
#            the counter is never written.
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

	"github.com/redis/go-redis/v9"
)

func main() {
	ctx := context.Background()
	client := redis.NewClient(&redis.Options{Network: "unix", Addr: os.Args[1]})
	client.LPush(ctx, "attempts", "a list, not a number")
	for i, pipe := range []redis.Pipeliner{client.Pipeline(), client.TxPipeline()} {
		name := []string{"Pipeline", "TxPipeline"}[i]
		get := pipe.Get(ctx, "missing")
		incr := pipe.Incr(ctx, "attempts")
		_, err := pipe.Exec(ctx)
		fmt.Println(name, "Exec:", err, "is redis.Nil:", err == redis.Nil)
		fmt.Println(name, "GET:", get.Err())
		fmt.Println(name, "INCR:", incr.Err())
	}
}
EOF
go mod init finding 2>go.log
go get github.com/redis/go-redis/v9@v9.23.0 2>>go.log || { cat go.log; exit 1; }
go run . "$dir/redis.sock" >actual

diff -u --label expected --label actual - actual <<'EOF'
Pipeline Exec: redis: nil is redis.Nil: true
Pipeline GET: redis: nil
Pipeline INCR: WRONGTYPE Operation against a key holding the wrong kind of value
TxPipeline Exec: redis: nil is redis.Nil: true
TxPipeline GET: redis: nil
TxPipeline INCR: WRONGTYPE Operation against a key holding the wrong kind of value
EOF
