#!/usr/bin/env bash
# Software:  golang.org/x/time v0.16.0 with Go 1.26.8
#
# Expected:  Limiter.Wait under a context that ends too early gives an error for which
#            errors.Is(err, context.DeadlineExceeded) holds, as its documentation speaks
#            of the context's deadline.
# Behavior:  It gives a plain error at once, long before the deadline, which matches
#            neither context error. Only when the context has already ended is the
#            context's own error returned.
# Output:    the two cases, at the end of this script.
# Why:       A retry loop or an HTTP handler that treats DeadlineExceeded as "busy, try
#            later" reports a bug instead.
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
	"time"

	"golang.org/x/time/rate"
)

func main() {
	limiter := rate.NewLimiter(rate.Every(time.Hour), 1)
	limiter.Allow()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	err := limiter.Wait(ctx)
	fmt.Println(err, errors.Is(err, context.DeadlineExceeded), "context ended:", ctx.Err() != nil)
	cancel()
	err = limiter.Wait(ctx)
	fmt.Println(err, errors.Is(err, context.Canceled))
}
EOF
go mod init finding 2>go.log
go get golang.org/x/time@v0.16.0 2>>go.log || { cat go.log; exit 1; }
go run . >actual

diff -u --label expected --label actual - actual <<'EOF'
rate: Wait(n=1) would exceed context deadline false context ended: false
context canceled true
EOF
