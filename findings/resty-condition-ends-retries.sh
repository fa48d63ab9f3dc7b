#!/usr/bin/env bash
# Software:  github.com/go-resty/resty/v2 v2.17.2 with Go 1.26.8
#
# Expected:  A retry condition adds a reason to retry. Connection errors are retried
#            without one, and still are when a condition for a status is added.
# Behavior:  A condition that returns false for a connection error switches its retry
#            off, unless another condition returns true.
# Output:    requests that reached a server that drops every connection, at the end of
#            this script.
# Why:       Adding "also retry on 429" quietly ends the retries on dropped connections.
set -euo pipefail

dir=$(mktemp -d)
trap 'chmod -R u+w "$dir"; rm -rf "$dir"' EXIT
cd "$dir"
export GOTOOLCHAIN=go1.26.8 GOWORK=off GOFLAGS=-mod=mod

cat >main.go <<'EOF'
package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/go-resty/resty/v2"
)

type quiet struct{}

func (quiet) Errorf(string, ...any) {}
func (quiet) Warnf(string, ...any)  {}
func (quiet) Debugf(string, ...any) {}

func main() {
	requests := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		requests++
		c, _, _ := w.(http.Hijacker).Hijack()
		c.Close()
	}))
	defer server.Close()
	status := func(r *resty.Response, _ error) bool { return r != nil && r.StatusCode() == http.StatusTooManyRequests }
	failed := func(_ *resty.Response, err error) bool { return err != nil }
	for _, c := range []struct {
		name       string
		conditions []resty.RetryConditionFunc
	}{
		{"none", nil},
		{"status", []resty.RetryConditionFunc{status}},
		{"error, status", []resty.RetryConditionFunc{failed, status}},
		{"status, error", []resty.RetryConditionFunc{status, failed}},
	} {
		requests = 0
		client := resty.New().SetLogger(quiet{}).SetRetryCount(2).SetRetryWaitTime(time.Millisecond)
		for _, condition := range c.conditions {
			client.AddRetryCondition(condition)
		}
		client.R().Post(server.URL)
		fmt.Println("conditions:", c.name, "requests:", requests)
	}
}
EOF
go mod init finding 2>go.log
go get github.com/go-resty/resty/v2@v2.17.2 2>>go.log || { cat go.log; exit 1; }
go run . >actual

diff -u --label expected --label actual - actual <<'EOF'
conditions: none requests: 3
conditions: status requests: 1
conditions: error, status requests: 3
conditions: status, error requests: 3
EOF
