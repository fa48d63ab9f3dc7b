package contract

import (
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/internal/wiretest"
)

// counting is a tenant over TLS that counts what it costs to talk to it.
type counting struct {
	*httptest.Server
	connections, requests atomic.Int32
}

// newCounting returns a tenant that sends the successful responses of the
// operations, after what before does.
func newCounting(t *testing.T, http2 bool, before func(*http.Request), change ...func(*http.Server)) *counting {
	t.Helper()
	c := &counting{}
	c.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.requests.Add(1)
		_, _ = io.Copy(io.Discard, r.Body)
		if before != nil {
			before(r)
		}
		for _, op := range wiretest.Operations {
			if route, _, _ := strings.Cut(op.Route, "{"); op.Method == r.Method && strings.HasPrefix(r.URL.Path, route) {
				w.WriteHeader(op.Success.Status)
				_, _ = io.WriteString(w, op.Success.Body)
				return
			}
		}
		http.NotFound(w, r)
	}))
	c.EnableHTTP2 = http2
	c.Config.ErrorLog = log.New(io.Discard, "", 0)
	c.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			c.connections.Add(1)
		}
	}
	for _, f := range change {
		f(c.Config)
	}
	c.StartTLS()
	t.Cleanup(c.Close)
	return c
}

// gather returns a function that returns when n goroutines have called it: the
// requests of a burst are then in flight at the same time, on any machine.
func gather(n int) func(context.Context) {
	var mu sync.Mutex
	waiting, all := 0, make(chan struct{})
	return func(ctx context.Context) {
		mu.Lock()
		met := all
		if waiting++; waiting == n {
			close(all)
			waiting, all = 0, make(chan struct{})
		}
		mu.Unlock()
		select {
		case <-met:
		case <-ctx.Done():
		}
	}
}

// gatherChallenges is gather for challenges; other requests pass.
func gatherChallenges(n int) func(*http.Request) {
	meet := gather(n)
	return func(r *http.Request) {
		if r.URL.Path == "/mfa/challenge" {
			meet(r.Context())
		}
	}
}

// burst makes n challenges at once and waits for all.
func burst(t *testing.T, client *mfa.Client, n int) {
	t.Helper()
	var all sync.WaitGroup
	failed := make(chan error, n)
	for range n {
		all.Go(func() {
			_, err := wiretest.Named("challenge").Call(t.Context(), client)
			failed <- err
		})
	}
	all.Wait()
	for range n {
		require.NoError(t, <-failed)
	}
}

func TestCost_burstsOverHTTP1(t *testing.T) {
	const calls, bursts = 64, 20
	server := newCounting(t, false, gatherChallenges(calls))
	client := trusting(t, server.Server)
	for range bursts {
		burst(t, client, calls)
	}
	assert.EqualValues(t, calls*bursts, server.requests.Load())
	assert.LessOrEqual(t, server.connections.Load(), int32(calls))
}

func TestCost_burstsOverHTTP2(t *testing.T) {
	const calls, bursts = 64, 20
	server := newCounting(t, true, gatherChallenges(calls))
	client := trusting(t, server.Server)
	require.NoError(t, client.Warm(t.Context()))
	for range bursts {
		burst(t, client, calls)
	}
	assert.EqualValues(t, calls*bursts+1, server.requests.Load())
	assert.EqualValues(t, 1, server.connections.Load())
}

// The server responds when all calls of a burst have arrived, so they need at least
// as many connections as hold them. net/http alone dials for each call that finds no
// stream free.
func TestCost_burstBeyondTheStreamLimit(t *testing.T) {
	for name, tt := range map[string]struct {
		streams, calls int
		warm           bool
		most           int32
	}{
		"a few too many":    {250, 256, true, 2},
		"warm":              {128, 1000, true, 16},
		"cold":              {100, 256, false, 6},
		"cold, and one fit": {1, 50, false, 60},
	} {
		t.Run(name, func(t *testing.T) {
			server := newCounting(t, true, gatherChallenges(tt.calls), func(s *http.Server) {
				s.HTTP2 = &http.HTTP2Config{MaxConcurrentStreams: tt.streams}
			})
			client := trusting(t, server.Server)
			if tt.warm {
				require.NoError(t, client.Warm(t.Context()))
			}
			for range 3 {
				before := server.requests.Load()
				burst(t, client, tt.calls)
				assert.EqualValues(t, tt.calls, server.requests.Load()-before)
				assert.LessOrEqual(t, server.connections.Load(), tt.most)
			}
		})
	}
}

func TestCost_firstCall(t *testing.T) {
	for _, op := range wiretest.Operations {
		t.Run(op.String(), func(t *testing.T) {
			var encodings []string
			server := newCounting(t, true, func(r *http.Request) {
				encodings = append(encodings, r.Header.Values("Accept-Encoding")...)
			})
			client := trusting(t, server.Server)
			_, err := op.Call(t.Context(), client)
			require.NoError(t, err)
			assert.EqualValues(t, 1, server.requests.Load())
			assert.EqualValues(t, 1, server.connections.Load())
			assert.Empty(t, encodings, "responses are small; inflating them costs more than their bytes")
		})
	}
}

// In a bubble everything that NewClient might have begun comes to rest first.
func TestCost_newClientSendsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var paths []string
		transport := wiretest.RoundTripper(func(r *http.Request) (*http.Response, error) {
			paths = append(paths, r.URL.Path)
			return wiretest.Named("challenge").Success.HTTP(r), nil
		})
		client, err := mfa.NewClient(wiretest.Domain, wiretest.ClientID, mfa.WithHTTPClient(&http.Client{Transport: transport}))
		require.NoError(t, err)
		synctest.Wait()
		assert.Empty(t, paths)

		_, err = wiretest.Named("challenge").Call(t.Context(), client)
		require.NoError(t, err)
		synctest.Wait()
		assert.Equal(t, []string{"/mfa/challenge"}, paths)
	})
}

func TestCost_warm(t *testing.T) {
	for protocol, http2 := range map[string]bool{"HTTP/1.1": false, "HTTP/2": true} {
		t.Run(protocol, func(t *testing.T) {
			server := newCounting(t, http2, nil)
			client := trusting(t, server.Server)
			require.NoError(t, client.Warm(t.Context()))
			assert.EqualValues(t, 1, server.requests.Load())
			assert.EqualValues(t, 1, server.connections.Load())
			for _, op := range wiretest.Operations {
				_, err := op.Call(t.Context(), client)
				require.NoError(t, err)
			}
			assert.EqualValues(t, 1+len(wiretest.Operations), server.requests.Load())
			assert.EqualValues(t, 1, server.connections.Load())
		})
	}
}

func TestCost_warmWithoutTenant(t *testing.T) {
	gone := httptest.NewTLSServer(nil)
	client := trusting(t, gone)
	gone.Close()
	e, err := wiretest.Named("warm").Fails(t, t.Context(), client)
	assert.Equal(t, mfa.DeliveryNotSent, e.Delivery)
	assert.Equal(t, mfa.ActionRetryLater, mfa.NextAction(err))
}

// tap counts the writes to a connection.
type tap struct {
	net.Conn
	writes *atomic.Int32
}

func (c tap) Write(b []byte) (int, error) {
	c.writes.Add(1)
	return c.Conn.Write(b)
}

// Header and body leave together, as one packet: a body of a type that net/http
// does not know is written after its header.
func TestCost_oneWritePerRequest(t *testing.T) {
	server := httptest.NewServer(newCounting(t, false, nil).Config.Handler)
	t.Cleanup(server.Close)
	var writes atomic.Int32
	transport := mfa.NewTransport()
	dial := transport.DialContext
	transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		return tap{conn, &writes}, err
	}
	client, err := mfa.NewClient(server.URL, wiretest.ClientID, mfa.WithHTTPClient(&http.Client{Transport: transport}))
	require.NoError(t, err)
	t.Cleanup(client.CloseIdleConnections)
	for _, op := range wiretest.Operations {
		writes.Store(0)
		_, err := op.Call(t.Context(), client)
		require.NoError(t, err)
		assert.EqualValues(t, 1, writes.Load(), op)
	}
}
