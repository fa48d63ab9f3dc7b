#!/usr/bin/env bash
# Software:  net/http of Go 1.26.8 and Go 1.27.3; the server is built with
#            golang.org/x/net v0.62.0
#
# Expected:  GOAWAY with a last stream id below the request's says that the request was
#            not processed (RFC 9113, 6.8), whatever its error code. It is repeated in
#            both cases, or in neither.
# Behavior:  With NO_ERROR net/http repeats the POST as often as that happens. With any
#            other code it gives up at once, and the error does not say that nothing was
#            processed: the last stream id is not in it, nor is there a type to ask.
# Output:    requests and the error for two codes, at the end of this script.
# Why:       A caller that has to decide whether a code was sent cannot tell a proven
#            "no" from a maybe, but by the text of the error.
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
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// serve reads whole requests and calls respond with the number of each, counted over all connections.
func serve(l net.Listener, respond func(n int, framer *http2.Framer, stream uint32)) {
	requests := make(chan int, 1)
	requests <- 0
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		go func() {
			defer conn.Close()
			io.ReadFull(conn, make([]byte, len(http2.ClientPreface)))
			framer := http2.NewFramer(conn, conn)
			framer.WriteSettings()
			for {
				frame, err := framer.ReadFrame()
				if err != nil {
					return
				}
				if data, ok := frame.(*http2.DataFrame); ok && data.StreamEnded() {
					n := <-requests + 1
					respond(n, framer, data.StreamID)
					requests <- n
				}
			}
		}()
	}
}

func ok(framer *http2.Framer, stream uint32) {
	var block bytes.Buffer
	hpack.NewEncoder(&block).WriteField(hpack.HeaderField{Name: ":status", Value: "200"})
	framer.WriteHeaders(http2.HeadersFrameParam{StreamID: stream, BlockFragment: block.Bytes(), EndHeaders: true, EndStream: true})
}

// post sends one POST over HTTP/2 without TLS.
func post(l net.Listener) (*http.Response, error) {
	transport := &http.Transport{Protocols: new(http.Protocols)}
	transport.Protocols.SetUnencryptedHTTP2(true)
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+l.Addr().String(), strings.NewReader("otp=123456"))
	if err != nil {
		return nil, err
	}
	return transport.RoundTrip(req)
}

func main() {
	for _, code := range []http2.ErrCode{http2.ErrCodeNo, http2.ErrCodeEnhanceYourCalm} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			panic(err)
		}
		seen := make(chan int, 10)
		go serve(l, func(n int, framer *http2.Framer, stream uint32) {
			seen <- n
			if n <= 3 {
				framer.WriteGoAway(0, code, nil)
				return
			}
			ok(framer, stream)
		})
		_, err = post(l)
		fmt.Println(runtime.Version(), "GOAWAY", code, "requests:", len(seen), "error:", err)
	}
}
EOF
go mod init finding 2>go.log
go get golang.org/x/net@v0.62.0 2>>go.log || { cat go.log; exit 1; }
for release in go1.26.8 go1.27.3; do GOTOOLCHAIN=$release go run .; done >actual

diff -u --label expected --label actual - actual <<'EOF'
go1.26.8 GOAWAY NO_ERROR requests: 4 error: <nil>
go1.26.8 GOAWAY ENHANCE_YOUR_CALM requests: 1 error: http2: Transport received GOAWAY from server ErrCode:ENHANCE_YOUR_CALM
go1.27.3 GOAWAY NO_ERROR requests: 4 error: <nil>
go1.27.3 GOAWAY ENHANCE_YOUR_CALM requests: 1 error: http2: Transport received GOAWAY from server ErrCode:ENHANCE_YOUR_CALM
EOF
