#!/usr/bin/env bash
# Software:  net/http of Go 1.26.8, beside Go 1.27.3; the server is built with
#            golang.org/x/net v0.62.0
#
# Expected:  A POST whose stream was reset after the server had read all of it is not
#            sent again. Only REFUSED_STREAM says that nothing was processed (RFC 9113,
#            8.7).
# Behavior:  net/http of Go 1.26 sends it again after RST_STREAM with PROTOCOL_ERROR,
#            without a pause and without a limit of its own. Go 1.27 sends it once.
# Output:    requests that a server saw which resets the first five, at the end of this
#            script.
# Why:       A challenge that mails a code is sent six times, and the caller sees one
#            success. Set Request.GetBody to nil, or move to Go 1.27.
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
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	seen := make(chan int, 10)
	go serve(l, func(n int, framer *http2.Framer, stream uint32) {
		seen <- n
		if n <= 5 {
			framer.WriteRSTStream(stream, http2.ErrCodeProtocol)
			return
		}
		ok(framer, stream)
	})
	_, err = post(l)
	fmt.Println(runtime.Version(), "requests:", len(seen), "error:", err)
}
EOF
go mod init finding 2>go.log
go get golang.org/x/net@v0.62.0 2>>go.log || { cat go.log; exit 1; }
for release in go1.26.8 go1.27.3; do GOTOOLCHAIN=$release go run .; done >actual

diff -u --label expected --label actual - actual <<'EOF'
go1.26.8 requests: 6 error: <nil>
go1.27.3 requests: 1 error: stream error: stream ID 1; PROTOCOL_ERROR; received from peer
EOF
