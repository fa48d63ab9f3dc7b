package transport

import (
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A connection of HTTP/2 carries the requests of others.
func TestCloseUnshared(t *testing.T) {
	t.Parallel()
	srv := httptest.NewUnstartedServer(http.NotFoundHandler())
	srv.EnableHTTP2 = true
	srv.StartTLS()
	defer srv.Close()
	trusting, ok := srv.Client().Transport.(*http.Transport)
	require.True(t, ok)
	dial := func(protocols ...string) net.Conn {
		config := trusting.TLSClientConfig.Clone()
		config.NextProtos = protocols
		conn, err := tls.Dial("tcp", srv.Listener.Addr().String(), config)
		require.NoError(t, err)
		return conn
	}
	plain := func() net.Conn {
		conn, _ := net.Pipe()
		return conn
	}
	for name, tt := range map[string]struct {
		got    httptrace.GotConnInfo
		closed bool
	}{
		"HTTP/2":                    {httptrace.GotConnInfo{Conn: dial("h2")}, false},
		"HTTP/1.1 over TLS":         {httptrace.GotConnInfo{Conn: dial("http/1.1")}, true},
		"HTTP/1.1 over TLS, unsaid": {httptrace.GotConnInfo{Conn: dial()}, true},
		"HTTP/1.1":                  {httptrace.GotConnInfo{Conn: plain()}, true},
		"HTTP/1.1, kept":            {httptrace.GotConnInfo{Conn: plain(), Reused: true, WasIdle: true}, true},
		"HTTP/2 without TLS":        {httptrace.GotConnInfo{Conn: plain(), Reused: true}, false},
	} {
		closeUnshared(tt.got)

		assert.Equal(t, tt.closed, tt.got.Conn.SetDeadline(time.Time{}) != nil, name)
		_ = tt.got.Conn.Close()
	}
	assert.NotPanics(t, func() { closeUnshared(httptrace.GotConnInfo{}) }) // of a transport that names none
}

// A transport that asks on two connections at once gets two first bytes.
func TestConnTrace_requests(t *testing.T) {
	t.Parallel()
	c := newConnTrace()
	c.boundReplays(3, func() { assert.Fail(t, "stopped") })
	for range 2 {
		c.trace.GotConn(httptrace.GotConnInfo{})
	}
	for range 2 {
		c.trace.GotFirstResponseByte()
	}

	assert.EqualValues(t, 2, c.requests())
}
