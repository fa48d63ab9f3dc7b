package contract

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/internal/wiretest"
)

// What only a real server and real connections show.

// serve starts a TLS server for HTTP/2 or, if asked, for HTTP/1.1 only.
func serve(t *testing.T, http2 bool, handler http.HandlerFunc) *httptest.Server {
	t.Helper()
	server := httptest.NewUnstartedServer(handler)
	server.EnableHTTP2 = http2
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.Config.HTTP2 = &http.HTTP2Config{MaxConcurrentStreams: 1000} // or else net/http dials for each call beyond 250
	server.StartTLS()
	t.Cleanup(server.Close)
	return server
}

// trusting returns a client of the server on our own transport.
func trusting(t *testing.T, server *httptest.Server) *mfa.Client {
	t.Helper()
	transport := mfa.NewTransport()
	transport.TLSClientConfig.RootCAs = x509.NewCertPool()
	transport.TLSClientConfig.RootCAs.AddCert(server.Certificate())
	client, err := mfa.NewClient(server.URL, wiretest.ClientID, mfa.WithHTTPClient(&http.Client{Transport: transport}))
	require.NoError(t, err)
	t.Cleanup(client.CloseIdleConnections)
	return client
}

func TestWire_canceledInTheBody(t *testing.T) {
	t.Parallel()
	for _, op := range wiretest.Operations {
		for protocol, http2 := range map[string]bool{"HTTP/1.1": false, "HTTP/2": true} {
			t.Run(op.String()+"/"+protocol, func(t *testing.T) {
				t.Parallel()
				ctx, cancel := context.WithCancel(t.Context())
				var requests atomic.Int32
				server := serve(t, http2, func(w http.ResponseWriter, r *http.Request) {
					requests.Add(1)
					_, _ = io.WriteString(w, `{"access_token":"eyJ","oob_code":"o"`)
					_ = http.NewResponseController(w).Flush()
					cancel()
					<-r.Context().Done()
					panic(http.ErrAbortHandler) // or else the body would end in good order
				})

				e, err := op.Fails(t, ctx, trusting(t, server))

				assert.ErrorIs(t, err, context.Canceled)
				assert.Equal(t, op.Acts, errors.Is(err, mfa.ErrOutcomeUnknown))
				assert.Equal(t, mfa.DeliveryUnknown, e.Delivery)
				assert.Zero(t, e.StatusCode)
				assert.Equal(t, mfa.ActionNone, mfa.NextAction(err))
				assert.EqualValues(t, 1, requests.Load())
			})
		}
	}
}

func TestWire_untrusted(t *testing.T) {
	t.Parallel()
	for _, op := range wiretest.Operations {
		t.Run(op.String(), func(t *testing.T) {
			t.Parallel()
			var requests atomic.Int32
			server := serve(t, true, func(http.ResponseWriter, *http.Request) { requests.Add(1) })
			client, err := mfa.NewClient(server.URL, wiretest.ClientID)
			require.NoError(t, err)

			e, err := op.Fails(t, t.Context(), client)

			var certificate *tls.CertificateVerificationError
			assert.ErrorAs(t, err, &certificate)
			wiretest.AssertMeans(t, err)
			assert.Equal(t, mfa.DeliveryNotSent, e.Delivery)
			assert.Equal(t, mfa.ActionRetryLater, mfa.NextAction(err))
			assert.Zero(t, requests.Load())
		})
	}
}

// A call that provably never left is dialed again.
func TestWire_refused(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, listener.Close()) })
	taken, err := net.Dial("tcp", listener.Addr().String())
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, taken.Close()) })
	address := taken.LocalAddr().String() // where nobody listens, nor can anybody begin to
	for _, op := range wiretest.Operations {
		t.Run(op.String(), func(t *testing.T) {
			t.Parallel()
			transport := mfa.NewTransport()
			dial := transport.DialContext
			var dials atomic.Int32
			transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
				dials.Add(1)
				return dial(ctx, network, address)
			}
			client, err := mfa.NewClient(address, wiretest.ClientID, mfa.WithHTTPClient(&http.Client{Transport: transport}))
			require.NoError(t, err)

			e, err := op.Fails(t, t.Context(), client)

			assert.ErrorIs(t, err, syscall.ECONNREFUSED)
			var opError *net.OpError
			assert.ErrorAs(t, err, &opError)
			wiretest.AssertMeans(t, err)
			assert.Equal(t, mfa.DeliveryNotSent, e.Delivery)
			assert.Equal(t, mfa.ActionRetryLater, mfa.NextAction(err))
			assert.EqualValues(t, dialedAgain.of(op), dials.Load())
		})
	}
}

func TestWire_closedWithoutResponse(t *testing.T) {
	t.Parallel()
	for _, op := range wiretest.Operations {
		t.Run(op.String(), func(t *testing.T) {
			t.Parallel()
			var requests atomic.Int32
			server := serve(t, false, func(w http.ResponseWriter, _ *http.Request) {
				requests.Add(1)
				panic(http.ErrAbortHandler)
			})

			e, err := op.Fails(t, t.Context(), trusting(t, server))

			assert.Equal(t, mfa.DeliveryUnknown, e.Delivery)
			if op.Acts {
				wiretest.AssertMeans(t, err, mfa.ErrOutcomeUnknown)
				assert.EqualValues(t, 1, requests.Load())
			} else {
				wiretest.AssertMeans(t, err)
			}
			if op.Op == "list authenticators" {
				assert.EqualValues(t, 3, requests.Load())
			}
		})
	}
}

// The JSON is complete, but the response is not.
func TestWire_shorterThanAnnounced(t *testing.T) {
	t.Parallel()
	for _, op := range wiretest.Operations {
		if !op.Acts || op.Success.Body == "" {
			continue
		}
		t.Run(op.String(), func(t *testing.T) {
			t.Parallel()
			var requests atomic.Int32
			server := serve(t, false, func(w http.ResponseWriter, _ *http.Request) {
				requests.Add(1)
				w.Header().Set("Content-Length", "1000")
				_, _ = io.WriteString(w, op.Success.Body)
			})
			e, err := op.Fails(t, t.Context(), trusting(t, server))
			wiretest.AssertMeans(t, err, mfa.ErrOutcomeUnknown)
			assert.Equal(t, mfa.DeliveryUnknown, e.Delivery)
			assert.EqualValues(t, 1, requests.Load())
		})
	}
}

func TestWire_inParallel(t *testing.T) {
	t.Parallel()
	for protocol, calls := range map[string]int{"HTTP/1.1": 200, "HTTP/2": 1000} { // one connection each, and one for all
		t.Run(protocol, func(t *testing.T) {
			t.Parallel()
			var requests atomic.Int32
			server := serve(t, protocol == "HTTP/2", func(w http.ResponseWriter, r *http.Request) {
				requests.Add(1)
				token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
				_, _ = io.WriteString(w, `{"oob_code":"response-to-`+token+`"}`)
			})
			client := trusting(t, server)
			require.NoError(t, client.Warm(t.Context()))
			requests.Store(0)

			got, failed := make([]string, calls), make([]error, calls)
			var all sync.WaitGroup
			for i := range calls {
				all.Go(func() {
					resp, err := client.Associate(t.Context(), mfa.AssociateRequest{Token: mfa.NewSecret(name(i))})
					if failed[i] = err; err == nil {
						got[i] = resp.OOBCode.Reveal()
					}
				})
			}
			all.Wait()

			for i := range calls {
				require.NoError(t, failed[i])
				assert.Equal(t, "response-to-"+name(i), got[i])
			}
			assert.EqualValues(t, calls, requests.Load())
		})
	}
}

// name tells one call from another.
func name(i int) string { return fmt.Sprintf("call-%d", i) }
