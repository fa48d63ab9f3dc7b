#!/usr/bin/env bash
# Software:  net/http of Go 1.26.8 and Go 1.27.3, with context.WithTimeoutCause and
#            context.WithCancelCause
#
# Expected:  A request that ends with its context gives an error that is
#            context.DeadlineExceeded or context.Canceled, and url.Error.Timeout reports
#            a deadline. The cause comes on top.
# Behavior:  If the context has a cause, net/http returns the cause in place of both.
#            errors.Is finds neither, and Timeout is false.
# Output:    what errors.Is and Timeout say with and without a cause, at the end of this
#            script.
# Why:       Code that sorts errors into "timeout", "user left" and "broken" by
#            errors.Is puts a deadline into the last, as soon as a caller or a framework
#            further up sets a cause.
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
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"time"
)

func main() {
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	defer server.Close()
	cause := errors.New("login took too long")
	do := func(name string, ctx context.Context, cancel func()) {
		defer cancel()
		req, _ := http.NewRequestWithContext(ctx, http.MethodGet, server.URL, nil)
		_, err := http.DefaultClient.Do(req)
		var wrapped *url.Error
		errors.As(err, &wrapped)
		fmt.Println(runtime.Version(), name, "deadline:", errors.Is(err, context.DeadlineExceeded),
			"canceled:", errors.Is(err, context.Canceled), "timeout:", wrapped.Timeout(), "cause:", errors.Is(err, cause))
	}
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	do("timeout", ctx, cancel)
	ctx, cancel = context.WithTimeoutCause(context.Background(), 50*time.Millisecond, cause)
	do("timeout with cause", ctx, cancel)
	ctx, cancel = context.WithCancel(context.Background())
	time.AfterFunc(50*time.Millisecond, cancel)
	do("cancel", ctx, cancel)
	ctx, cancelCause := context.WithCancelCause(context.Background())
	time.AfterFunc(50*time.Millisecond, func() { cancelCause(cause) })
	do("cancel with cause", ctx, func() {})
}
EOF
go mod init finding 2>go.log
for release in go1.26.8 go1.27.3; do GOTOOLCHAIN=$release go run .; done >actual

diff -u --label expected --label actual - actual <<'EOF'
go1.26.8 timeout deadline: true canceled: false timeout: true cause: false
go1.26.8 timeout with cause deadline: false canceled: false timeout: false cause: true
go1.26.8 cancel deadline: false canceled: true timeout: false cause: false
go1.26.8 cancel with cause deadline: false canceled: false timeout: false cause: true
go1.27.3 timeout deadline: true canceled: false timeout: true cause: false
go1.27.3 timeout with cause deadline: false canceled: false timeout: false cause: true
go1.27.3 cancel deadline: false canceled: true timeout: false cause: false
go1.27.3 cancel with cause deadline: false canceled: false timeout: false cause: true
EOF
