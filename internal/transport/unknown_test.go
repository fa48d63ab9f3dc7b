//go:build port

package transport_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa/internal/transport"
)

func TestClient_Do_unknown(t *testing.T) {
	t.Parallel()
	const head = "HTTP/1.1 200 OK\r\n"
	endless := func(start, line string) func(net.Conn, int) bool {
		return func(conn net.Conn, _ int) bool {
			_, err := io.WriteString(conn, start)
			for err == nil {
				_, err = io.WriteString(conn, line)
			}
			return false
		}
	}
	tests := []struct {
		name     string
		answer   func(net.Conn, int) bool
		timesOut bool
	}{
		{"closes after the request", writes(""), false},
		{"never answers", stalls(""), true},
		{"stops in the header", stalls(head), true},
		{"stops in the body", stalls(head + "Content-Length: 9\r\n\r\nabc"), true},
		{"closes in the body", writes(head + "Content-Length: 9\r\n\r\nabc"), false},
		{"closes in a chunk", writes(head + "Transfer-Encoding: chunked\r\n\r\n9\r\nabc"), false},
		{"bad chunk", writes(head + "Transfer-Encoding: chunked\r\n\r\nzz\r\nabc"), false},
		{"bad length", writes(head + "Content-Length: -1\r\n\r\n"), false},
		{"two lengths", writes(head + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab"), false},
		{"bad transfer encoding", writes(head + "Transfer-Encoding: secret\r\n\r\n"), false},
		{"bad status line", writes("eyJ0b2tlbiI\r\n\r\n"), false},
		{"bad header line", writes(head + "eyJ0b2tlbiI\r\n\r\n"), false},
		{"no status line", writes("<html></html>"), false},
		{"endless header", endless(head, "X-Filler: "+strings.Repeat("a", 1000)+"\r\n"), false},
		{"endless early hints", endless("", "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"), false},
	}
	for _, tt := range tests {
		for _, req := range []transport.Request{acting(), deleting(), reading()} {
			t.Run(tt.name+"/"+req.Method, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					p := newPeer(tt.answer)
					tr := p.transport()
					defer closeIdle(tr)

					out := do(t, newClient(tr, timeout(time.Minute)), req)

					want := 1
					if req.Read && !tt.timesOut {
						want = 3
					}
					require.Error(t, out.Err)
					assert.Equal(t, tt.timesOut, errors.Is(out.Err, context.DeadlineExceeded))
					assert.Zero(t, out.Status)
					assert.False(t, out.NotSent)
					assert.Equal(t, want, out.Attempt)
					assert.EqualValues(t, want, p.requests.Load())
				})
			})
		}
	}
}

func TestClient_Do_unknown_withoutTrace(t *testing.T) {
	t.Parallel()
	for _, req := range []transport.Request{acting(), deleting(), reading()} {
		t.Run(req.Method, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				requests := 0
				c := newClient(roundTripper(func(*http.Request) (*http.Response, error) {
					requests++
					return nil, &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
				}))

				out := do(t, c, req)

				want := 1
				if req.Read {
					want = 3
				}
				require.ErrorIs(t, out.Err, syscall.ECONNREFUSED)
				assert.False(t, out.NotSent)
				assert.Equal(t, want, out.Attempt)
				assert.Equal(t, want, requests)
			})
		})
	}
}

func TestClient_Do_unknown_overTCP(t *testing.T) {
	t.Parallel()
	tests := map[string]func(*net.TCPConn){
		"accepts and closes": func(*net.TCPConn) {},
		"resets in the middle of the request": func(conn *net.TCPConn) {
			_, _ = conn.Read(make([]byte, 1)) // a reset before the first byte could fail the dial
			_ = conn.SetLinger(0)
		},
		"reads and resets": func(conn *net.TCPConn) {
			if req, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
				_, _ = io.Copy(io.Discard, req.Body)
			}
			_ = conn.SetLinger(0)
		},
	}
	for name, accept := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			listener, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
			require.NoError(t, err)
			t.Cleanup(func() { _ = listener.Close() })
			go func() {
				for {
					conn, err := listener.AcceptTCP()
					if err != nil {
						return
					}
					accept(conn)
					_ = conn.Close()
				}
			}()
			at := func(c *transport.Config) { c.Host = listener.Addr().String() }

			for _, req := range []transport.Request{acting(), reading()} {
				out := do(t, newClient(nil, at), req)

				want := 1
				if req.Read {
					want = 3
				}
				require.Error(t, out.Err)
				assert.Zero(t, out.Status)
				assert.False(t, out.NotSent, req.Method)
				assert.Equal(t, want, out.Attempt, req.Method)
			}
		})
	}
}
