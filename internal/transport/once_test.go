//go:build port

package transport_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptrace"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa/internal/frames"
	"github.com/go-auth0-mfa/mfa/internal/transport"
)

// wrapped is a transport of which only RoundTrip can be reached.
func wrapped(tr *http.Transport) http.RoundTripper { return roundTripper(tr.RoundTrip) }

func bare(tr *http.Transport) http.RoundTripper { return tr }

var wrappings = map[string]func(*http.Transport) http.RoundTripper{
	"http.Transport":      bare,
	"caller's own around": wrapped,
}

// withKey adds the header that makes net/http repeat even a POST.
func withKey(req transport.Request) transport.Request {
	req.Header.Set("Idempotency-Key", "1")
	return req
}

// once is a GET that is not repeated by policy.
func once() transport.Request {
	return transport.Request{Method: http.MethodGet, Path: "/", Header: header()}
}

func TestClient_Do_sendsOnce_whenAKeptConnectionIsDropped(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		req      transport.Request
		attempts int
		requests int32
	}{
		{"POST", acting(), 1, 1},
		{"POST with an idempotency key", withKey(acting()), 1, 1},
		{"DELETE", deleting(), 1, 1},
		{"DELETE with an idempotency key", withKey(deleting()), 1, 1},
		{"GET", reading(), 2, 3}, // net/http itself makes the second
		{"GET that is made once", once(), 1, 2},
	}
	for _, tt := range tests {
		for wrapping, wrap := range wrappings {
			t.Run(tt.name+"/"+wrapping, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					p := newPeer(func(conn net.Conn, n int) bool {
						return n == 1 && !writes(ok)(conn, n)
					})
					tr := p.transport()
					defer closeIdle(tr)
					c := newClient(wrap(tr))
					require.NoError(t, do(t, c, tt.req).Err)

					out := do(t, c, tt.req)

					require.Error(t, out.Err)
					assert.Zero(t, out.Status)
					assert.False(t, out.NotSent)
					assert.Equal(t, tt.attempts, out.Attempt)
					assert.Equal(t, tt.requests, p.requests.Load()-1)
				})
			})
		}
	}
}

// The requests of a read are counted whichever connections net/http tries.
func TestClient_Do_readsThreeTimes_whenAllKeptConnectionsAreDropped(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const kept = 5
		all := make(chan struct{})
		p := newPeer(func(conn net.Conn, n int) bool {
			if n == kept {
				close(all)
			}
			<-all
			return n <= kept && !writes(ok)(conn, n)
		})
		tr := p.transport()
		defer closeIdle(tr)
		c := newClient(tr)
		var first sync.WaitGroup
		for range kept {
			first.Go(func() { assert.NoError(t, do(t, c, reading()).Err) })
		}
		first.Wait()

		out := do(t, c, reading())

		require.Error(t, out.Err)
		require.NotErrorIs(t, out.Err, context.Canceled, "nobody cancelled")
		assert.False(t, out.NotSent)
		assert.EqualValues(t, 3, p.requests.Load()-kept)
	})
}

// What a read has sent before counts for what net/http may repeat.
func TestClient_Do_readsThreeTimes_overTwoAttempts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		attempts := 0
		var had []net.Conn
		out := do(t, newClient(roundTripper(func(req *http.Request) (*http.Response, error) {
			attempts++
			for trace := httptrace.ContextClientTrace(req.Context()); req.Context().Err() == nil && len(had) < 10; {
				conn, _ := net.Pipe()
				had = append(had, conn)
				trace.GetConn(host)
				trace.GotConn(httptrace.GotConnInfo{Conn: conn})
				if attempts == 1 {
					return nil, syscall.ECONNRESET
				}
			}
			return nil, req.Context().Err()
		})), reading())

		require.Error(t, out.Err)
		assert.Equal(t, 2, attempts)
		require.Len(t, had, 4)
		for i, conn := range had {
			closed := conn.SetDeadline(time.Time{}) != nil
			assert.Equal(t, i == 3, closed, "nothing is sent on the last one")
		}
	})
}

// Bounding what net/http repeats must not take away the one repeat that cures
// a connection which the server closed in the meantime.
func TestClient_Do_readsOverANewConnection(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPeer(func(conn net.Conn, n int) bool {
			return n != 2 && !writes(ok)(conn, n)
		})
		tr := p.transport()
		defer closeIdle(tr)
		c := newClient(tr)
		require.NoError(t, do(t, c, reading()).Err)

		out := do(t, c, reading())

		require.NoError(t, out.Err)
		assert.Equal(t, http.StatusOK, out.Status)
		assert.Equal(t, 1, out.Attempt)
		assert.EqualValues(t, 2, p.dials.Load())
		assert.EqualValues(t, 3, p.requests.Load())
	})
}

func TestClient_Do_sendsOnce_overHTTP2(t *testing.T) {
	t.Parallel()
	authority()
	faults := map[string]func(uint32) []byte{
		"REFUSED_STREAM":         reset(frames.RefusedStream),
		"PROTOCOL_ERROR":         reset(frames.ProtocolError),
		"INTERNAL_ERROR":         reset(frames.InternalError),
		"CANCEL":                 reset(frames.Cancel),
		"ENHANCE_YOUR_CALM":      reset(frames.EnhanceYourCalm),
		"GOAWAY NO_ERROR":        goAway(frames.NoError),
		"GOAWAY INTERNAL_ERROR":  goAway(frames.InternalError),
		"GOAWAY, then the reset": func(s uint32) []byte { return append(goAway(frames.NoError)(s), reset(frames.RefusedStream)(s)...) },
		"103, then the reset":    func(s uint32) []byte { return append(answer("103")(s), reset(frames.RefusedStream)(s)...) },
	}
	tests := []struct {
		name            string
		req             transport.Request
		atLeast, atMost int32
	}{
		{"POST", acting(), 1, 1},
		{"DELETE", deleting(), 1, 1},
		{"GET", reading(), 3, 3},
		{"GET that is made once", once(), 1, 2},
	}
	for fault, answers := range faults {
		for _, tt := range tests {
			for wrapping, wrap := range wrappings {
				t.Run(fault+"/"+tt.name+"/"+wrapping, func(t *testing.T) {
					t.Parallel()
					synctest.Test(t, func(t *testing.T) {
						p := newHTTP2Peer(answers)
						tr := p.transport()
						defer closeIdle(tr)
						_, tr.TLSClientConfig.RootCAs = authority()

						out := do(t, newClient(wrap(tr), overTLS), tt.req)

						require.Error(t, out.Err)
						require.NotErrorIs(t, out.Err, context.Canceled, "nobody cancelled")
						assert.Zero(t, out.Status)
						assert.False(t, out.NotSent)
						assert.LessOrEqual(t, p.requests.Load(), tt.atMost)
						assert.GreaterOrEqual(t, p.requests.Load(), tt.atLeast)
					})
				})
			}
		}
	}
}
