#!/usr/bin/env bash
# Software:  net/http of Go 1.26.8 and Go 1.27.3, with the types of golang.org/x/net
#            v0.62.0
#
# Expected:  errors.As finds http2.StreamError and http2.GoAwayError in an error of
#            net/http, as it does for a stream that was reset with CANCEL.
# Behavior:  If the request cannot be repeated because GetBody is nil, the same reset
#            becomes a plain string: the type is gone. A GOAWAY is never found.
# Output:    what errors.As finds for three ends of one POST, at the end of this script.
# Why:       The callers that forbid replays, to be safe, are those who need the code
#            most, and have to read it from the text.
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
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"time"

	"golang.org/x/net/http2"
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

// post sends one POST over HTTP/2 without TLS.
func post(l net.Listener, getBody bool) (*http.Response, error) {
	transport := &http.Transport{Protocols: new(http.Protocols)}
	transport.Protocols.SetUnencryptedHTTP2(true)
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+l.Addr().String(), strings.NewReader("otp=123456"))
	if err != nil {
		return nil, err
	}
	if !getBody {
		req.GetBody = nil
	}
	return transport.RoundTrip(req)
}

func main() {
	for _, c := range []struct {
		name    string
		getBody bool
		end     func(framer *http2.Framer, stream uint32)
	}{
		{"CANCEL", true, func(f *http2.Framer, stream uint32) { f.WriteRSTStream(stream, http2.ErrCodeCancel) }},
		{"CANCEL", false, func(f *http2.Framer, stream uint32) { f.WriteRSTStream(stream, http2.ErrCodeCancel) }},
		{"REFUSED_STREAM", false, func(f *http2.Framer, stream uint32) { f.WriteRSTStream(stream, http2.ErrCodeRefusedStream) }},
		{"GOAWAY", false, func(f *http2.Framer, stream uint32) { f.WriteGoAway(0, http2.ErrCodeEnhanceYourCalm, nil) }},
	} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			panic(err)
		}
		go serve(l, func(_ int, framer *http2.Framer, stream uint32) { c.end(framer, stream) })
		_, err = post(l, c.getBody)
		var reset http2.StreamError
		var goAway http2.GoAwayError
		fmt.Println(runtime.Version(), c.name, "GetBody:", c.getBody, "StreamError:", errors.As(err, &reset), "GoAwayError:", errors.As(err, &goAway))
		l.Close()
	}
}
EOF
go mod init finding 2>go.log
go get golang.org/x/net@v0.62.0 2>>go.log || { cat go.log; exit 1; }
for release in go1.26.8 go1.27.3; do GOTOOLCHAIN=$release go run .; done >actual

diff -u --label expected --label actual - actual <<'EOF'
go1.26.8 CANCEL GetBody: true StreamError: true GoAwayError: false
go1.26.8 CANCEL GetBody: false StreamError: true GoAwayError: false
go1.26.8 REFUSED_STREAM GetBody: false StreamError: false GoAwayError: false
go1.26.8 GOAWAY GetBody: false StreamError: false GoAwayError: false
go1.27.3 CANCEL GetBody: true StreamError: true GoAwayError: false
go1.27.3 CANCEL GetBody: false StreamError: true GoAwayError: false
go1.27.3 REFUSED_STREAM GetBody: false StreamError: false GoAwayError: false
go1.27.3 GOAWAY GetBody: false StreamError: false GoAwayError: false
EOF
