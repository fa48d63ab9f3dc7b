//go:build port

package transport_test

import (
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa/internal/frames"
	"github.com/go-auth0-mfa/mfa/internal/transport"
)

const busy = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"

// What a caller's transport asks for on the way, or again, is no replay by
// net/http: the answer is not taken away because of it.
func TestClient_Do_readsOnATransportThatAsksOften(t *testing.T) {
	t.Parallel()
	authority()
	const each = 5
	protocols := map[string]func() (*peer, http.RoundTripper, func(*transport.Config)){
		"HTTP/1.1": func() (*peer, http.RoundTripper, func(*transport.Config)) {
			p := newPeer(func(conn net.Conn, _ int) bool {
				_, err := io.WriteString(conn, busy)
				return err == nil
			})
			return p, p.transport(), func(*transport.Config) {}
		},
		"HTTP/2": func() (*peer, http.RoundTripper, func(*transport.Config)) {
			p := newHTTP2Peer(answer("503"))
			tr := p.transport()
			_, tr.TLSClientConfig.RootCAs = authority()
			return p, tr, overTLS
		},
	}
	for protocol, open := range protocols {
		for _, tt := range []struct {
			req      transport.Request
			attempts int
		}{{reading(), 3}, {once(), 1}} {
			t.Run(protocol+tt.req.Path, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					p, tr, where := open()
					defer closeIdle(tr.(*http.Transport))
					c := newClient(roundTripper(func(req *http.Request) (*http.Response, error) {
						for range each - 1 {
							resp, err := tr.RoundTrip(req)
							if err != nil {
								return nil, err
							}
							_ = resp.Body.Close()
						}
						return tr.RoundTrip(req)
					}), where)

					out := do(t, c, tt.req)

					require.NoError(t, out.Err)
					assert.Equal(t, http.StatusServiceUnavailable, out.Status)
					assert.Equal(t, tt.attempts, out.Attempt)
					assert.EqualValues(t, tt.attempts*each, p.requests.Load())
				})
			})
		}
	}
}

// What net/http repeats counts, also when an answer came in the end.
func TestClient_Do_readsThreeTimes_replaysIncluded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPeer(func(conn net.Conn, n int) bool {
			answers := []string{ok, "", busy, busy, busy}
			_, err := io.WriteString(conn, answers[n-1])
			return err == nil && n != 2
		})
		tr := p.transport()
		defer closeIdle(tr)
		c := newClient(tr)
		require.NoError(t, do(t, c, reading()).Err)

		out := do(t, c, reading())

		assert.Equal(t, http.StatusServiceUnavailable, out.Status)
		assert.EqualValues(t, 3, p.requests.Load()-1)
	})
}

// A connection of HTTP/2 outlives a GET that is stopped on it.
func TestClient_Do_stopsWithoutANewConnection(t *testing.T) {
	t.Parallel()
	authority()
	synctest.Test(t, func(t *testing.T) {
		var requests atomic.Int32
		p := newHTTP2Peer(func(stream uint32) []byte {
			if requests.Add(1) <= 3 {
				return reset(frames.RefusedStream)(stream)
			}
			return answer("200")(stream)
		})
		tr := p.transport()
		defer closeIdle(tr)
		_, tr.TLSClientConfig.RootCAs = authority()
		c := newClient(tr, overTLS)

		require.Error(t, do(t, c, reading()).Err)
		require.NoError(t, do(t, c, reading()).Err)

		assert.EqualValues(t, 1, p.dials.Load())
	})
}

// A GET that is stopped takes no other call with it, over HTTP/2 without TLS
// neither, where a connection does not tell its protocol.
func TestClient_Do_stopsNoOtherCall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const first = 1 // stream
		var requests atomic.Int32
		p := newPlainHTTP2Peer(func(stream uint32) []byte {
			switch requests.Add(1) {
			case 1: // acts, and takes its time
				return nil
			case 5:
				return append(answer("200")(first), answer("200")(stream)...)
			default:
				return reset(frames.RefusedStream)(stream)
			}
		})
		tr := p.transport()
		defer closeIdle(tr)
		tr.Protocols = new(http.Protocols)
		tr.Protocols.SetUnencryptedHTTP2(true)
		c := newClient(tr)
		slow := make(chan transport.Outcome, 1)
		go func() { slow <- do(t, c, acting()) }()
		synctest.Wait()

		require.Error(t, do(t, c, reading()).Err)
		require.EqualValues(t, 4, requests.Load())

		require.NoError(t, do(t, c, reading()).Err)
		require.NoError(t, (<-slow).Err)
		assert.EqualValues(t, 1, p.dials.Load())
	})
}

func TestClient_Do_bounds1xx(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		req   transport.Request
		hints int
		want  int
	}{
		{reading(), 8, http.StatusOK},
		{reading(), 9, 0},
		{acting(), 9, http.StatusOK}, // it may have acted, and net/http does not replay it
	} {
		synctest.Test(t, func(t *testing.T) {
			tr := newPeer(writes(strings.Repeat("HTTP/1.1 103 Early Hints\r\n\r\n", tt.hints) + ok)).transport()
			defer closeIdle(tr)

			assert.Equal(t, tt.want, do(t, newClient(tr), tt.req).Status)
		})
	}
}
