#!/usr/bin/env bash
# Software:  github.com/go-redis/redis_rate/v10 v10.0.1 on github.com/redis/go-redis/v9
#            v9.23.0 with Go 1.26.8, redis-server of Debian 12
#
# Expected:  RetryAfter of a refused request is the time after which the same request is
#            allowed, and -1 if there is none.
# Behavior:  A Limit without Burst refuses every request and says each time to come back
#            in 100 ms. AllowN of more than Burst is refused forever with a RetryAfter
#            too. Callers refused at the same moment are all told the same time.
# Output:    results before and after waiting as told, at the end of this script.
# Why:       A client that obeys waits, is refused, and waits again without an end or an
#            error. All others that were refused return in the same instant.
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

	"github.com/go-redis/redis_rate/v10"
	"github.com/redis/go-redis/v9"
)

func main() {
	ctx := context.Background()
	limiter := redis_rate.NewLimiter(redis.NewClient(&redis.Options{Network: "unix", Addr: os.Args[1]}))
	for range 2 {
		r, err := limiter.Allow(ctx, "no burst", redis_rate.Limit{Rate: 10, Period: time.Second})
		fmt.Println("no burst: allowed", r.Allowed, "retry after", r.RetryAfter.Round(10*time.Millisecond), err)
		time.Sleep(r.RetryAfter)
	}
	for range 2 {
		r, err := limiter.AllowN(ctx, "too many", redis_rate.PerSecond(2), 3)
		fmt.Println("3 of 2: allowed", r.Allowed, "retry after", r.RetryAfter.Round(10*time.Millisecond), err)
		time.Sleep(r.RetryAfter)
	}
	for range 4 {
		r, err := limiter.Allow(ctx, "burst", redis_rate.PerHour(1))
		fmt.Println("burst: allowed", r.Allowed, "retry after", r.RetryAfter.Round(time.Minute), err)
	}
}
EOF
go mod init finding 2>go.log
go get github.com/go-redis/redis_rate/v10@v10.0.1 github.com/redis/go-redis/v9@v9.23.0 2>>go.log || { cat go.log; exit 1; }
go run . "$dir/redis.sock" >actual

diff -u --label expected --label actual - actual <<'EOF'
no burst: allowed 0 retry after 100ms <nil>
no burst: allowed 0 retry after 100ms <nil>
3 of 2: allowed 0 retry after 500ms <nil>
3 of 2: allowed 0 retry after 500ms <nil>
burst: allowed 1 retry after 0s <nil>
burst: allowed 0 retry after 1h0m0s <nil>
burst: allowed 0 retry after 1h0m0s <nil>
burst: allowed 0 retry after 1h0m0s <nil>
EOF
