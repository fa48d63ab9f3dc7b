package transport_test

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa/internal/transport"
	"github.com/go-auth0-mfa/mfa/internal/wiretest"
)

const busy = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"

// What a caller's transport asks for on the way, or again, is no replay by
// net/http: the response is not taken away because of it.
func TestClient_Send_returnsTheResponse_onATransportThatAsksOften(t *testing.T) {
	t.Parallel()
	wiretest.Authority()
	const each = 5
	for _, connections := range []int32{1, 2, 3} {
		for name, overHTTP2 := range map[string]bool{"HTTP/1.1": false, "HTTP/2": true} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					p := wiretest.NewPeer(wiretest.Keeps(busy))
					var change []func(*transport.Config)
					if overHTTP2 {
						p, change = wiretest.NewHTTP2Peer(wiretest.Status("503")), append(change, overTLS)
					}
					tr := p.TrustingTransport()
					defer wiretest.CloseIdle(tr)

					out := send(t, newClient(wiretest.Asking(tr, each), change...), getOn(connections))

					require.NoError(t, out.Err)
					assert.Equal(t, http.StatusServiceUnavailable, out.Status)
					assert.EqualValues(t, each, p.Requests.Load())
				})
			})
		}
	}
}

// A connection of HTTP/2 outlives a GET that is stopped on it.
func TestClient_Send_stopsAGETWithoutANewConnection(t *testing.T) {
	t.Parallel()
	wiretest.Authority()
	synctest.Test(t, func(t *testing.T) {
		var requests atomic.Int32
		p := wiretest.NewHTTP2Peer(func(stream uint32) []byte {
			if requests.Add(1) <= 3 {
				return wiretest.ResetStream(wiretest.CodeRefusedStream)(stream)
			}
			return wiretest.Status("200")(stream)
		})
		tr := p.TrustingTransport()
		defer wiretest.CloseIdle(tr)
		c := newClient(tr, overTLS)

		require.Error(t, send(t, c, get()).Err)
		require.NoError(t, send(t, c, get()).Err)

		assert.EqualValues(t, 1, p.Dials.Load())
	})
}

// A GET that is stopped takes no other request with it, not even over HTTP/2
// without TLS, where a connection does not tell its protocol.
func TestClient_Send_stopsNoOtherRequest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const first = 1 // stream
		var requests atomic.Int32
		p := wiretest.NewPlainHTTP2Peer(func(stream uint32) []byte {
			switch requests.Add(1) {
			case 1: // acts, and takes its time
				return nil
			case 5:
				return append(wiretest.Status("200")(first), wiretest.Status("200")(stream)...)
			default:
				return wiretest.ResetStream(wiretest.CodeRefusedStream)(stream)
			}
		})
		tr := p.Transport()
		defer wiretest.CloseIdle(tr)
		tr.Protocols = new(http.Protocols)
		tr.Protocols.SetUnencryptedHTTP2(true)
		c := newClient(tr)
		slow := make(chan transport.Outcome, 1)
		go func() { slow <- send(t, c, post()) }()
		synctest.Wait()

		require.Error(t, send(t, c, get()).Err)
		require.EqualValues(t, 4, requests.Load())

		require.NoError(t, send(t, c, get()).Err)
		require.NoError(t, (<-slow).Err)
		assert.EqualValues(t, 1, p.Dials.Load())
	})
}

func TestClient_Send_bounds1xx(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		req   transport.Request
		hints int
		want  int
	}{
		{get(), 8, http.StatusOK},
		{get(), 9, 0},
		{post(), 9, http.StatusOK}, // it may have acted, and net/http does not replay it
	} {
		synctest.Test(t, func(t *testing.T) {
			tr := wiretest.NewPeer(wiretest.Closes(strings.Repeat("HTTP/1.1 103 Early Hints\r\n\r\n", tt.hints) + ok)).Transport()
			defer wiretest.CloseIdle(tr)

			assert.Equal(t, tt.want, send(t, newClient(tr), tt.req).Status)
		})
	}
}
