package contract

import (
	"context"
	"net"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/internal/wiretest"
)

const busy = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"

// requestsOf returns how many requests of a call reach a peer that fails after
// each of them, net/http's own repeats included.
func requestsOf(op wiretest.Operation, read, warm int32) int32 {
	switch op.Op {
	case reading.Op:
		return read
	case warming.Op:
		return warm
	default:
		return 1
	}
}

func TestClient_sendsOnce_whenAKeptConnectionIsDropped(t *testing.T) {
	t.Parallel()
	for _, op := range wiretest.Operations {
		for wrapping, wrap := range wiretest.Wrappings {
			t.Run(op.String()+"/"+wrapping, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					p := wiretest.NewPeer(func(conn net.Conn, n int) bool {
						return n == 1 && wiretest.Keeps(raw(op))(conn, n)
					})
					tr := p.Transport()
					defer wiretest.CloseIdle(tr)
					w := watch(t, plainPeer, wrap(tr))
					require.NoError(t, w.call(t, op).err)

					out := w.call(t, op)

					require.Error(t, out.err)
					require.NotErrorIs(t, out.err, context.Canceled, "nobody canceled")
					assert.Zero(t, out.StatusCode)
					assert.Equal(t, mfa.DeliveryUnknown, out.Delivery)
					// The second request of a GET is by net/http itself.
					assert.Equal(t, attempts{reading: 2, acting: 1}.of(op), out.Attempt)
					assert.Equal(t, requestsOf(op, 3, 2), p.Requests.Load()-1)
				})
			})
		}
	}
}

// The requests of a read are counted whichever connections net/http tries.
func TestClient_readsAFewTimes_whenAllKeptConnectionsAreDropped(t *testing.T) {
	t.Parallel()
	for _, op := range []wiretest.Operation{reading, warming} {
		t.Run(op.String(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				const kept = 5
				all := make(chan struct{})
				p := wiretest.NewPeer(func(conn net.Conn, n int) bool {
					if n == kept {
						close(all)
					}
					<-all
					return n <= kept && wiretest.Keeps(raw(op))(conn, n)
				})
				tr := p.Transport()
				defer wiretest.CloseIdle(tr)
				var first sync.WaitGroup
				for range kept {
					w := watch(t, plainPeer, tr)
					first.Go(func() {
						_, err := op.Call(t.Context(), w.client)
						assert.NoError(t, err)
					})
				}
				first.Wait()

				out := watch(t, plainPeer, tr).call(t, op)

				require.Error(t, out.err)
				require.NotErrorIs(t, out.err, context.Canceled, "nobody canceled")
				assert.Equal(t, mfa.DeliveryUnknown, out.Delivery)
				assert.Equal(t, requestsOf(op, 3, 2), p.Requests.Load()-kept)
			})
		})
	}
}

// What a read has sent before counts for what net/http may repeat.
func TestClient_readsThreeTimes_overTwoAttempts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		attempts := 0
		var had []net.Conn
		out := watch(t, wiretest.Domain, wiretest.RoundTripper(func(req *http.Request) (*http.Response, error) {
			attempts++
			for trace := httptrace.ContextClientTrace(req.Context()); req.Context().Err() == nil && len(had) < 10; {
				conn, _ := net.Pipe()
				had = append(had, conn)
				trace.GetConn(req.URL.Host)
				trace.GotConn(httptrace.GotConnInfo{Conn: conn})
				if attempts == 1 {
					return nil, syscall.ECONNRESET
				}
			}
			return nil, req.Context().Err()
		})).call(t, reading)

		require.Error(t, out.err)
		require.NotErrorIs(t, out.err, context.Canceled, "nobody canceled")
		assert.Equal(t, 2, attempts)
		require.Len(t, had, 4)
		for i, conn := range had {
			closed := conn.SetDeadline(time.Time{}) != nil
			assert.Equal(t, i == 3, closed, "nothing is sent on the last one")
		}
	})
}

// What net/http repeats counts, also when a response came in the end.
func TestClient_readsThreeTimes_whenARepeatGetsAResponse(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		responses := []string{raw(reading), "", busy, busy, busy}
		p := wiretest.NewPeer(func(conn net.Conn, n int) bool {
			return wiretest.Keeps(responses[n-1])(conn, n) && n != 2
		})
		tr := p.Transport()
		defer wiretest.CloseIdle(tr)
		w := watch(t, plainPeer, tr)
		require.NoError(t, w.call(t, reading).err)

		out := w.call(t, reading)

		assert.Equal(t, http.StatusServiceUnavailable, out.StatusCode)
		assert.Equal(t, 2, out.Attempt)
		assert.EqualValues(t, 3, p.Requests.Load()-1)
	})
}

// Bounding what net/http repeats must not take away the one repeat that cures
// a connection which the server closed in the meantime.
func TestClient_readsOverANewConnection(t *testing.T) {
	t.Parallel()
	for _, op := range []wiretest.Operation{reading, warming} {
		t.Run(op.String(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := wiretest.NewPeer(func(conn net.Conn, n int) bool {
					return n != 2 && wiretest.Keeps(raw(op))(conn, n)
				})
				tr := p.Transport()
				defer wiretest.CloseIdle(tr)
				w := watch(t, plainPeer, tr)
				require.NoError(t, w.call(t, op).err)

				out := w.call(t, op)

				require.NoError(t, out.err)
				assert.Equal(t, http.StatusOK, out.StatusCode)
				assert.Equal(t, 1, out.Attempt)
				assert.EqualValues(t, 2, p.Dials.Load())
				assert.EqualValues(t, 3, p.Requests.Load())
			})
		})
	}
}

// Only a GOAWAY below the stream proves that nothing was acted on.
func TestClient_sendsOnlyOnce_overHTTP2_withoutAProof(t *testing.T) {
	t.Parallel()
	wiretest.Authority()
	for fault, frames := range wiretest.HTTP2Faults {
		for _, op := range wiretest.Operations {
			for wrapping, wrap := range wiretest.Wrappings {
				t.Run(fault+"/"+op.String()+"/"+wrapping, func(t *testing.T) {
					t.Parallel()
					synctest.Test(t, func(t *testing.T) {
						p := wiretest.NewHTTP2Peer(frames)
						tr := p.TrustingTransport()
						defer wiretest.CloseIdle(tr)

						out := watch(t, securePeer, wrap(tr)).call(t, op)

						require.Error(t, out.err)
						require.NotErrorIs(t, out.err, context.Canceled, "nobody canceled")
						assert.Zero(t, out.StatusCode)
						switch proven := strings.HasPrefix(fault, "GOAWAY"); {
						case op.Op == reading.Op:
							assert.EqualValues(t, 3, p.Requests.Load())
						case op.Op == warming.Op:
							assert.Positive(t, p.Requests.Load())
							assert.LessOrEqual(t, p.Requests.Load(), int32(3))
						case proven:
							assert.Equal(t, mfa.DeliveryNotSent, out.Delivery)
							assert.EqualValues(t, 3, p.Requests.Load())
						default:
							assert.Equal(t, mfa.DeliveryUnknown, out.Delivery)
							assert.EqualValues(t, 1, p.Requests.Load())
						}
					})
				})
			}
		}
	}
}

// What a caller's transport asks for on the way, or again, is no replay by
// net/http: the response is not taken away because of it.
func TestClient_readsOnATransportThatAsksOften(t *testing.T) {
	t.Parallel()
	wiretest.Authority()
	const each = 5
	for _, op := range []wiretest.Operation{reading, warming} {
		for protocol, open := range map[string]func() (*wiretest.Peer, string){
			"HTTP/1.1": func() (*wiretest.Peer, string) { return wiretest.NewPeer(wiretest.Keeps(busy)), plainPeer },
			"HTTP/2":   func() (*wiretest.Peer, string) { return wiretest.NewHTTP2Peer(wiretest.Status("503")), securePeer },
		} {
			t.Run(op.String()+"/"+protocol, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					p, domain := open()
					tr := p.TrustingTransport()
					defer wiretest.CloseIdle(tr)

					out := watch(t, domain, wiretest.Asking(tr, each)).call(t, op)

					assert.Equal(t, http.StatusServiceUnavailable, out.StatusCode)
					assert.Equal(t, mfa.DeliveryAnswered, out.Delivery)
					assert.Equal(t, repeatedRead.of(op), out.Attempt)
					assert.EqualValues(t, repeatedRead.of(op)*each, p.Requests.Load())
				})
			})
		}
	}
}

// The last request of a call is sent on a connection of its own, which is not kept:
// the two before it may have met a server that ends connections often.
func TestClient_sendsTheLastOneAlone(t *testing.T) {
	t.Parallel()
	wiretest.Authority()
	for lost, dials := range map[int32]int32{1: 2, 2: 4} { // of two calls
		synctest.Test(t, func(t *testing.T) {
			var requests atomic.Int32
			p := wiretest.NewHTTP2Peer(func(stream uint32) []byte {
				if requests.Add(1) <= lost {
					return wiretest.GoAway(wiretest.CodeNoError)(stream)
				}
				return wiretest.Status("204")(stream)
			})
			tr := p.TrustingTransport()
			defer wiretest.CloseIdle(tr)
			w := watch(t, securePeer, tr)

			require.NoError(t, w.call(t, deleting).err)
			require.NoError(t, w.call(t, deleting).err)

			assert.Equal(t, dials, p.Dials.Load())
			assert.Equal(t, lost+2, p.Requests.Load())
		})
	}
}
