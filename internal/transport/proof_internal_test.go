package transport

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http/httptrace"
	"net/url"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const refusedStream = "http2: Transport: cannot retry err [stream error: stream ID 1; REFUSED_STREAM; received from peer] after Request.Body was written; define Request.GetBody to avoid this error"

// failed is an error as resty returns it.
func failed(text string) error {
	return &url.Error{Op: "Post", URL: "https://tenant.example", Err: errors.New(text)}
}

// What the transport below told, and whether it is a proof.
func TestConnTrace_provesNotSent(t *testing.T) {
	t.Parallel()
	overHTTP1 := func(c *connTrace) { c.trace.GotConn(httptrace.GotConnInfo{}) }
	overHTTP2 := func(c *connTrace) { c.had.Add(1); c.fresh.Store(true) }
	header := func(c *connTrace) { c.trace.WroteHeaderField(":method", nil) }
	respond := func(c *connTrace) { c.trace.GotFirstResponseByte() }
	inform := func(c *connTrace) { _ = c.trace.Got1xxResponse(103, nil) }
	end := func(c *connTrace) { c.had.Add(1); c.ended.Store(true) }
	type seen []func(*connTrace)
	for name, tt := range map[string]struct {
		seen seen
		err  error
		want bool
	}{
		"no connection":                         {nil, io.EOF, true},
		"HTTP/1.1":                              {seen{overHTTP1}, io.EOF, false},
		"HTTP/1.1, in net/http's words":         {seen{overHTTP1}, failed("http: server closed idle connection"), false},
		"HTTP/2, GOAWAY":                        {seen{overHTTP2, header}, failed(goAway), true},
		"HTTP/2, GOAWAY with a code":            {seen{overHTTP2, header}, failed(goAwayFirst + "INTERNAL_ERROR"), true},
		"HTTP/2, GOAWAY before a header field":  {seen{overHTTP2}, failed(goAway), true},
		"HTTP/2, GOAWAY after another refused":  {seen{overHTTP2, overHTTP2, header}, failed(goAway), true},
		"HTTP/2, GOAWAY on the second":          {seen{overHTTP2, header, overHTTP2, header}, failed(goAway), false},
		"HTTP/2, GOAWAY on one after HTTP/1.1":  {seen{overHTTP1, overHTTP2, header}, failed(goAway), false},
		"HTTP/2, GOAWAY after a response":       {seen{overHTTP2, header, respond}, failed(goAway), false},
		"HTTP/2, GOAWAY after a token":          {seen{overHTTP2, header, respond, overHTTP2, header}, failed(goAway), false},
		"HTTP/2, GOAWAY after 103":              {seen{overHTTP2, header, respond, inform}, failed(goAway), false},
		"HTTP/2, GOAWAY quoted by a server":     {seen{overHTTP2, header}, failed(`malformed HTTP response "` + goAway + `"`), false},
		"HTTP/2, GOAWAY beside another error":   {seen{overHTTP2, header}, errors.Join(failed(goAway), io.EOF), false},
		"HTTP/2, GOAWAY wrapped":                {seen{overHTTP2, header}, fmt.Errorf("giving up: %w", failed(goAway)), true},
		"HTTP/2, REFUSED_STREAM":                {seen{overHTTP2, header}, failed(refusedStream), false},
		"HTTP/2, ended after GOAWAY":            {seen{overHTTP2, header}, failed(`http2: server sent GOAWAY and closed the connection; LastStreamID=1, ErrCode=NO_ERROR, debug=""`), false},
		"HTTP/2, no connection accepted it":     {seen{overHTTP2}, failed(unrewound), true},
		"HTTP/2, no connection was usable":      {seen{overHTTP2, overHTTP2}, failed(unusable), true},
		"HTTP/2, a header field, unrewound":     {seen{overHTTP2, header}, failed(unrewound), false},
		"HTTP/2, no header field, another text": {seen{overHTTP2}, io.EOF, false},
		"ended before it":                       {seen{end}, io.EOF, true},
		"ended, after a token was fetched":      {seen{overHTTP1, respond, end}, io.EOF, false},
		"ended, but written to nonetheless":     {seen{end, overHTTP2, header}, io.EOF, false},
		"HTTP/1.1, unrewound":                   {seen{overHTTP1}, failed(unrewound), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var c connTrace
			c.watch(true, 0, func() {})
			assert.False(t, c.provesNotSent(tt.err), "without httptrace")
			if tt.seen == nil { // else net/http may leave it out
				c.trace.GetConn("tenant.example:443")
			}
			for _, see := range tt.seen {
				c.repeats.Store(false)
				see(&c)
			}

			assert.Equal(t, tt.want, c.provesNotSent(tt.err))
		})
	}
}

// pipe is a connection whose writes the test decides about.
type pipe struct {
	net.Conn
	accepts func([]byte) (int, error)
	closed  bool
}

func (p *pipe) Write(b []byte) (int, error) { return p.accepts(b) }
func (p *pipe) Close() error                { p.closed = true; return nil }

func TestConnTrace_provesNotSent_whenTheSystemAcceptedNoByte(t *testing.T) {
	t.Parallel()
	request, alert := make([]byte, maxAlert+1), make([]byte, maxAlert)
	all := func(b []byte) (int, error) { return len(b), nil }
	none := func([]byte) (int, error) { return 0, syscall.EPIPE }
	some := func([]byte) (int, error) { return 1, syscall.EPIPE }
	for name, tt := range map[string]struct {
		accepts func([]byte) (int, error)
		writes  [][]byte
		want    bool
	}{
		"nothing was written":   {all, nil, true},
		"no byte was accepted":  {none, [][]byte{request}, true},
		"one byte was accepted": {some, [][]byte{request}, false},
		"all were accepted":     {all, [][]byte{request}, false},
		"an alert was accepted": {all, [][]byte{alert}, true},
		"more after an alert":   {all, [][]byte{alert, request}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			below := &pipe{accepts: all}
			conn := &countedConn{Conn: below}
			_, err := conn.Write(request) // of an earlier call
			require.NoError(t, err)
			var c connTrace
			c.watch(true, 0, func() {})
			c.trace.GetConn("tenant.example:80")
			c.trace.GotConn(httptrace.GotConnInfo{Conn: conn, Reused: true, WasIdle: true})
			below.accepts = tt.accepts
			for _, b := range tt.writes {
				_, _ = conn.Write(b)
			}

			assert.Equal(t, tt.want, c.provesNotSent(io.EOF))
			assert.Equal(t, tt.want, below.closed, "so that no write follows")
		})
	}
}

// A connection that others use is left to them. Only if it is broken, nothing
// follows.
func TestConnTrace_provesNotSent_onASharedConnection(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ broken, want bool }{"broken": {true, true}, "whole": {false, false}} {
		below := &pipe{accepts: func([]byte) (int, error) { return 0, syscall.EPIPE }}
		conn := &countedConn{Conn: below}
		conn.http2.Store(true)
		var c connTrace
		c.watch(true, 0, func() {})
		c.trace.GetConn("tenant.example:80")
		c.trace.GotConn(httptrace.GotConnInfo{Conn: conn, Reused: true})
		c.trace.WroteHeaderField(":method", nil)
		if tt.broken {
			_, _ = conn.Write(make([]byte, maxAlert+1))
		}

		assert.Equal(t, tt.want, c.provesNotSent(io.EOF), name)
		assert.False(t, below.closed, name)
	}
}

// The second connection of an acting request is stopped before its first byte,
// unless the first one has a response or was never written to.
func TestConnTrace_stops(t *testing.T) {
	t.Parallel()
	var c connTrace
	stopped := 0
	c.watch(true, 3, func() { stopped++ })
	first, second := &pipe{}, &pipe{}
	c.trace.GotConn(httptrace.GotConnInfo{Conn: first})
	c.trace.GotFirstResponseByte()
	c.trace.GotConn(httptrace.GotConnInfo{Conn: first})
	require.Zero(t, stopped)
	_ = c.trace.Got1xxResponse(103, nil)
	c.trace.GotConn(httptrace.GotConnInfo{Conn: second})

	assert.Equal(t, 1, stopped)
	assert.True(t, second.closed)
	assert.False(t, first.closed)
	assert.True(t, c.repeats.Load())
}

// By its bytes a connection without TLS is known to be shared, and not closed.
func TestProtocol(t *testing.T) {
	t.Parallel()
	all := &pipe{accepts: func(b []byte) (int, error) { return len(b), nil }}
	prior, plain := &countedConn{Conn: all}, &countedConn{Conn: all}
	_, _ = prior.Write([]byte("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n and its SETTINGS"))
	_, _ = plain.Write([]byte("GET / HTTP/1.1\r\nHost: tenant.example\r\n\r\n"))
	for _, tt := range []struct {
		conn    net.Conn
		raw     net.Conn
		isHTTP2 bool
		known   bool
	}{
		{prior, prior, true, true},
		{plain, plain, false, true},
		{tls.Client(plain, &tls.Config{MinVersion: tls.VersionTLS12}), plain, false, true},
		{all, all, false, false},
		{nil, nil, false, false},
	} {
		raw, isHTTP2, known := protocol(tt.conn)

		assert.Equal(t, tt.raw, raw)
		assert.Equal(t, tt.isHTTP2, isHTTP2)
		assert.Equal(t, tt.known, known)
	}
}
