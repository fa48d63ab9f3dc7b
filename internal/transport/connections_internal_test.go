package transport

import (
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httptest"
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
	plain, _ := net.Pipe()
	for name, tt := range map[string]struct {
		conn   net.Conn
		closed bool
	}{
		"HTTP/2":                    {dial("h2"), false},
		"HTTP/1.1 over TLS":         {dial("http/1.1"), true},
		"HTTP/1.1 over TLS, unsaid": {dial(), true},
		"HTTP/1.1":                  {plain, true},
	} {
		closeUnshared(tt.conn)

		assert.Equal(t, tt.closed, tt.conn.SetDeadline(time.Time{}) != nil, name)
		_ = tt.conn.Close()
	}
	assert.NotPanics(t, func() { closeUnshared(nil) }) // of a transport that names none
}
