#!/usr/bin/env bash
# Software:  github.com/go-resty/resty/v2 v2.17.2 and resty.dev/v3 v3.0.0-rc.4 with Go
#            1.26.8
#
# Expected:  A retried request carries the same body, or is refused because the body
#            cannot be read again.
# Behavior:  resty v2 sends an io.Reader body once and then retries with an empty one,
#            and the second response counts as the result. resty v3 gives an error in
#            that case.
# Output:    bodies that the server saw and the final status, at the end of this script.
# Why:       A login or an enrollment that met one 503 is repeated without its
#            parameters. The error of the server then says that they are missing.
set -euo pipefail

dir=$(mktemp -d)
trap 'chmod -R u+w "$dir"; rm -rf "$dir"' EXIT
cd "$dir"
export GOTOOLCHAIN=go1.26.8 GOWORK=off GOFLAGS=-mod=mod

cat >main.go <<'EOF'
package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/go-resty/resty/v2"
	restyv3 "resty.dev/v3"
)

type stream struct{ io.Reader }

func main() {
	var bodies []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		bodies = append(bodies, string(body))
		if len(bodies) == 1 {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}))
	defer server.Close()

	v2 := resty.New().SetRetryCount(2).SetRetryWaitTime(time.Millisecond).
		AddRetryCondition(func(r *resty.Response, err error) bool {
			return err != nil || r.StatusCode() == http.StatusServiceUnavailable
		})
	resp, err := v2.R().SetBody(stream{strings.NewReader("otp=123456")}).Post(server.URL)
	fmt.Printf("v2 reader: %q %d %v\n", bodies, resp.StatusCode(), err)

	v3 := restyv3.New().SetRetryCount(2).SetRetryWaitTime(time.Millisecond).SetRetryAllowNonIdempotent(true).
		AddRetryConditions(func(r *restyv3.Response, err error) bool {
			return err != nil || r.StatusCode() == http.StatusServiceUnavailable
		})
	defer v3.Close()
	for _, body := range []any{"otp=123456", stream{strings.NewReader("otp=123456")}} {
		bodies = nil
		resp, err := v3.R().SetBody(body).Post(server.URL)
		fmt.Printf("v3 %T: %q response returned: %t error: %t\n", body, bodies, resp != nil, err != nil)
		if err != nil {
			fmt.Println(strings.ReplaceAll(err.Error(), server.URL, "URL"))
		}
	}
}
EOF
go mod init finding 2>go.log
go get github.com/go-resty/resty/v2@v2.17.2 resty.dev/v3@v3.0.0-rc.4 2>>go.log || { cat go.log; exit 1; }
go run . >actual

diff -u --label expected --label actual - actual <<'EOF'
v2 reader: ["otp=123456" ""] 200 <nil>
v3 string: ["otp=123456" "otp=123456"] response returned: true error: false
v3 main.stream: ["otp=123456"] response returned: false error: true
resty: reader is not seekable on request retry
EOF
