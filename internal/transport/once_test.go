package transport_test

import (
	"context"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa/internal/transport"
	"github.com/go-auth0-mfa/mfa/internal/wiretest"
)

// withKey adds the header that makes net/http repeat even a POST.
func withKey(req transport.Request) transport.Request {
	req.Header.Set("Idempotency-Key", "1")
	return req
}

// getOn is a GET that may be without a response on so many connections.
func getOn(connections int32) transport.Request {
	req := get()
	req.MaxConnections = connections
	return req
}

func TestClient_Send_sendsOnce_whenAKeptConnectionIsDropped(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		req      transport.Request
		requests int32
	}{
		{"POST", post(), 1},
		{"POST with an idempotency key", withKey(post()), 1},
		{"DELETE", del(), 1},
		{"DELETE with an idempotency key", withKey(del()), 1},
		{"GET", getOn(3), 2}, // net/http itself makes the second
		{"GET on two connections", getOn(2), 2},
		{"GET on one connection", getOn(1), 1},
	}
	for _, tt := range tests {
		for wrapping, wrap := range wiretest.Wrappings {
			t.Run(tt.name+"/"+wrapping, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					p := wiretest.NewPeer(func(conn net.Conn, n int) bool {
						return n == 1 && wiretest.Keeps(ok)(conn, n)
					})
					tr := p.Transport()
					defer wiretest.CloseIdle(tr)
					c := newClient(wrap(tr))
					require.NoError(t, send(t, c, tt.req).Err)

					out := send(t, c, tt.req)

					require.Error(t, out.Err)
					require.NotErrorIs(t, out.Err, context.Canceled, "nobody canceled")
					assert.Zero(t, out.Status)
					assert.False(t, out.NotSent)
					assert.Equal(t, tt.requests, p.Requests.Load()-1)
				})
			})
		}
	}
}

// The requests of a GET are counted whichever connections net/http tries.
func TestClient_Send_stopsAGET_whenAllKeptConnectionsAreDropped(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const kept = 5
		all := make(chan struct{})
		p := wiretest.NewPeer(func(conn net.Conn, n int) bool {
			if n == kept {
				close(all)
			}
			<-all
			return n <= kept && wiretest.Keeps(ok)(conn, n)
		})
		tr := p.Transport()
		defer wiretest.CloseIdle(tr)
		c := newClient(tr)
		var first sync.WaitGroup
		for range kept {
			first.Go(func() { assert.NoError(t, send(t, c, get()).Err) })
		}
		first.Wait()

		out := send(t, c, get())

		require.Error(t, out.Err)
		require.NotErrorIs(t, out.Err, context.Canceled, "nobody canceled")
		assert.False(t, out.NotSent)
		assert.EqualValues(t, 3, p.Requests.Load()-kept)
		assert.GreaterOrEqual(t, out.Requests, int32(3))
	})
}

// What net/http repeats counts, also when a response came in the end.
func TestClient_Send_countsReplays(t *testing.T) {
	t.Parallel()
	for connections, want := range map[int32]struct {
		status   int
		requests int32
	}{1: {0, 1}, 2: {http.StatusOK, 2}, 3: {http.StatusOK, 2}} {
		synctest.Test(t, func(t *testing.T) {
			p := wiretest.NewPeer(func(conn net.Conn, n int) bool {
				return n != 2 && wiretest.Keeps(ok)(conn, n)
			})
			tr := p.Transport()
			defer wiretest.CloseIdle(tr)
			c := newClient(tr)
			require.NoError(t, send(t, c, get()).Err)

			out := send(t, c, getOn(connections))

			assert.Equal(t, want.status, out.Status)
			assert.Equal(t, want.requests, out.Requests)
			assert.Equal(t, want.requests, p.Requests.Load()-1)
		})
	}
}

func TestClient_Send_sendsOnce_overHTTP2(t *testing.T) {
	t.Parallel()
	wiretest.Authority()
	tests := []struct {
		name   string
		req    transport.Request
		atMost int32
	}{
		{"POST", post(), 1},
		{"DELETE", del(), 1},
		{"GET", get(), 3},
		{"GET on two connections", getOn(2), 2},
		{"GET on one connection", getOn(1), 1},
	}
	for fault, frames := range wiretest.HTTP2Faults {
		for _, tt := range tests {
			for wrapping, wrap := range wiretest.Wrappings {
				t.Run(fault+"/"+tt.name+"/"+wrapping, func(t *testing.T) {
					t.Parallel()
					synctest.Test(t, func(t *testing.T) {
						p := wiretest.NewHTTP2Peer(frames)
						tr := p.TrustingTransport()
						defer wiretest.CloseIdle(tr)

						out := send(t, newClient(wrap(tr), overTLS), tt.req)

						require.Error(t, out.Err)
						require.NotErrorIs(t, out.Err, context.Canceled, "nobody canceled")
						assert.Zero(t, out.Status)
						if tt.req.Method != http.MethodGet { // which net/http repeats by itself
							assert.Equal(t, strings.HasPrefix(fault, "GOAWAY"), out.NotSent)
						}
						assert.LessOrEqual(t, p.Requests.Load(), tt.atMost)
						assert.GreaterOrEqual(t, p.Requests.Load(), int32(1))
					})
				})
			}
		}
	}
}

// A request that is sent alone gets a connection of its own, which is closed after it.
func TestClient_Send_sendsAlone(t *testing.T) {
	t.Parallel()
	wiretest.Authority()
	for wrapping, dials := range map[string]int32{"http.Transport": 2, "caller's own around": 1} {
		for protocol, tt := range map[string]struct {
			open   func() *wiretest.Peer
			change []func(*transport.Config)
		}{
			"HTTP/1.1": {func() *wiretest.Peer { return wiretest.NewPeer(wiretest.Keeps(ok)) }, nil},
			"HTTP/2":   {func() *wiretest.Peer { return wiretest.NewHTTP2Peer(wiretest.Status("200")) }, []func(*transport.Config){overTLS}},
		} {
			t.Run(protocol+"/"+wrapping, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					p := tt.open()
					tr := p.TrustingTransport()
					defer wiretest.CloseIdle(tr)
					c := newClient(wiretest.Wrappings[wrapping](tr), tt.change...)
					alone := post()
					alone.Alone = true
					require.NoError(t, send(t, c, post()).Err)

					require.NoError(t, send(t, c, alone).Err)
					require.NoError(t, send(t, c, post()).Err)

					assert.Equal(t, dials, p.Dials.Load())
					assert.EqualValues(t, 3, p.Requests.Load())
				})
			})
		}
	}
}
