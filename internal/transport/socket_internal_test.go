//go:build unix && !aix

package transport

import (
	"io"
	"net"
	"net/http/httptrace"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What a peer did is seen before anybody reads.
func TestHasEnded(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		do             func(*testing.T, *net.TCPConn)
		silent, shared bool // on a connection where nothing may arrive, and on another
	}{
		"nothing": {func(*testing.T, *net.TCPConn) {}, false, false},
		"FIN":     {func(t *testing.T, conn *net.TCPConn) { require.NoError(t, conn.Close()) }, true, true},
		"half":    {func(t *testing.T, conn *net.TCPConn) { require.NoError(t, conn.CloseWrite()) }, true, true},
		"RST": {func(t *testing.T, conn *net.TCPConn) {
			require.NoError(t, conn.SetLinger(0))
			require.NoError(t, conn.Close())
		}, true, true},
		"bytes": {func(t *testing.T, conn *net.TCPConn) {
			_, err := io.WriteString(conn, "HTTP/1.1 408 Request Timeout\r\n")
			require.NoError(t, err)
		}, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, err := net.Listen("tcp", "127.0.0.1:0")
			require.NoError(t, err)
			defer l.Close()
			conn, err := net.Dial("tcp", l.Addr().String())
			require.NoError(t, err)
			defer conn.Close()
			far, err := l.Accept()
			require.NoError(t, err)
			defer far.Close()

			tt.do(t, far.(*net.TCPConn))

			ours := &countedConn{Conn: conn}
			if tt.silent {
				assert.Eventually(t, func() bool { return hasEnded(ours, true) }, 10*time.Second, time.Millisecond)
			}
			if tt.shared {
				assert.Eventually(t, func() bool { return hasEnded(ours, false) }, 10*time.Second, time.Millisecond)
			}
			assert.Equal(t, tt.silent, hasEnded(ours, true))
			assert.Equal(t, tt.shared, hasEnded(ours, false))
		})
	}
}

// Where there is no socket to look at, nothing is known.
func TestHasEnded_withoutASocket(t *testing.T) {
	t.Parallel()
	near, far := net.Pipe()
	require.NoError(t, far.Close())

	assert.False(t, hasEnded(near, true))
	assert.False(t, hasEnded(&countedConn{Conn: near}, true))
	assert.False(t, hasEnded(nil, true))
}

// Bytes that nobody has read yet end a connection of HTTP/1.1. One of HTTP/2 has its
// own frames, and goes on.
func TestConnTrace_looksAtTheConnection(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ preface, reused, fin, ended bool }{
		"HTTP/1.1": {false, true, false, true},
		// Such as TLS sessions. It can have been idle as well: net/http calls no
		// connection reused that was dialed and not needed.
		"HTTP/1.1, unused":      {false, false, false, false},
		"HTTP/1.1, unused, FIN": {false, false, true, true},
		"HTTP/2":                {true, true, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, err := net.Listen("tcp", "127.0.0.1:0")
			require.NoError(t, err)
			defer l.Close()
			conn, err := net.Dial("tcp", l.Addr().String())
			require.NoError(t, err)
			defer conn.Close()
			far, err := l.Accept()
			require.NoError(t, err)
			defer far.Close()
			_, err = io.WriteString(far, "bytes that nobody asked for")
			require.NoError(t, err)
			ours := &countedConn{Conn: conn}
			if tt.fin {
				_, err = io.CopyN(io.Discard, conn, int64(len("bytes that nobody asked for")))
				require.NoError(t, err)
				require.NoError(t, far.Close())
			}
			require.Eventually(t, func() bool { return hasEnded(ours, true) }, 10*time.Second, time.Millisecond)
			ours.http2.Store(tt.preface)
			var c connTrace
			stopped := false
			c.watch(true, 0, func() { stopped = true })

			c.trace.GotConn(httptrace.GotConnInfo{Conn: ours, Reused: tt.reused, WasIdle: true})

			assert.Equal(t, tt.ended, c.ended.Load())
			assert.Equal(t, tt.ended, stopped)
			assert.Equal(t, tt.ended, conn.SetDeadline(time.Time{}) != nil, "closed, so that nothing is written")
		})
	}
}
