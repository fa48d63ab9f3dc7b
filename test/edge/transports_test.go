//go:build linux

package edge

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"testing"
	"time"

	"github.com/PuerkitoBio/rehttp"
	"github.com/hashicorp/go-retryablehttp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/contrib/instrumentation/net/http/httptrace/otelhttptrace"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"

	"github.com/go-auth0-mfa/mfa/internal/wiretest"
)

// signer makes a request of its own, as signing transports do. http.NewRequest
// gives it a GetBody, by which net/http repeats it.
type signer struct{ wrapped }

func (s signer) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	_ = req.Body.Close()
	signed, err := http.NewRequestWithContext(req.Context(), req.Method, req.URL.String(), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	signed.Header = req.Header.Clone()
	return s.wrapped.RoundTrip(signed)
}

// fetcher asks for a token first, in the same context.
type fetcher struct{ wrapped }

func (f fetcher) RoundTrip(req *http.Request) (*http.Response, error) {
	ask, err := http.NewRequestWithContext(req.Context(), http.MethodGet, "https://"+req.URL.Host+"/token", http.NoBody)
	if err != nil {
		return nil, err
	}
	resp, err := f.wrapped.RoundTrip(ask)
	if err != nil {
		return nil, err
	}
	_, _ = io.Copy(io.Discard, resp.Body)
	_ = resp.Body.Close()
	return f.wrapped.RoundTrip(req)
}

func retryable(base http.RoundTripper) http.RoundTripper {
	client := retryablehttp.NewClient()
	client.HTTPClient = &http.Client{Transport: base}
	client.Logger = nil
	client.RetryMax, client.RetryWaitMin, client.RetryWaitMax = 4, time.Millisecond, time.Millisecond
	return idleCloser{&retryablehttp.RoundTripper{Client: client}, base}
}

func retrying(base http.RoundTripper) http.RoundTripper {
	retry := func(attempt rehttp.Attempt) bool { return attempt.Error != nil && attempt.Index < 4 }
	return idleCloser{rehttp.NewTransport(base, retry, rehttp.ConstDelay(time.Millisecond)), base}
}

func traced(base http.RoundTripper) http.RoundTripper {
	return idleCloser{otelhttp.NewTransport(base, otelhttp.WithClientTrace(func(ctx context.Context) *httptrace.ClientTrace {
		return otelhttptrace.NewClientTrace(ctx)
	})), base}
}

// idleCloser closes the idle connections of the transport below another.
type idleCloser struct {
	http.RoundTripper
	base http.RoundTripper
}

func (c idleCloser) CloseIdleConnections() {
	c.base.(interface{ CloseIdleConnections() }).CloseIdleConnections()
}

// callers are the transports of callers, and whether they repeat by themselves.
var callers = map[string]struct {
	around  func(http.RoundTripper) http.RoundTripper
	repeats bool
}{
	"go-retryablehttp": {retryable, true},
	"rehttp":           {retrying, true},
	"otelhttp":         {traced, false},
	"signer":           {func(base http.RoundTripper) http.RoundTripper { return signer{wrapped{base}} }, false},
	"rehttp over otelhttp": {func(base http.RoundTripper) http.RoundTripper {
		return retrying(traced(base))
	}, true},
	"go-retryablehttp over a signer": {func(base http.RoundTripper) http.RoundTripper {
		return retryable(signer{wrapped{base}})
	}, true},
}

// A server acts and loses its response, once or always. There is one request,
// whatever the transport wants.
func TestTransports_lostResponse(t *testing.T) {
	t.Parallel()
	for name, caller := range callers {
		for _, protocol := range []string{"http/1.1", "h2"} {
			for _, kept := range []bool{false, true} {
				for _, always := range []bool{false, true} {
					for how, lose := range map[string]func(stream) []byte{
						"FIN":            func(s stream) []byte { _ = s.conn.Close(); return nil },
						"REFUSED_STREAM": reset(wiretest.CodeRefusedStream),
						"PROTOCOL_ERROR": reset(wiretest.CodeProtocolError),
					} {
						if protocol == "http/1.1" && how != "FIN" {
							continue
						}
						t.Run(name+"/"+protocol+"/"+how+map[bool]string{true: "/kept"}[kept]+map[bool]string{true: "/always", false: "/once"}[always], func(t *testing.T) {
							t.Parallel()
							before := 0
							if kept {
								before = 1
							}
							lost := func(n int) bool { return n == before+1 || always && n > before }
							serve := http1(func(conn net.Conn, n int, body []byte) bool {
								return !lost(n) && answer1(conn, challenged(tokenOf(body)))
							})
							if protocol == "h2" {
								serve = http2(func(s stream) []byte {
									if lost(s.n) {
										return lose(s)
									}
									return answer2(s.id, challenged(tokenOf(s.body)))
								})
							}
							p := newPeer(t, serve, protocol)
							client := newClient(t, p.address, caller.around(trusting()))
							if kept {
								require.NoError(t, challenge(t.Context(), client, newToken()))
							}

							err := challenge(t.Context(), client, newToken())

							assertEnded(t, unknown, "POST", err)
							assert.Equal(t, 1, int(p.requests.Load())-before, reason(err))
							if caller.repeats {
								assert.Contains(t, err.Error(), "transport repeats")
							}
						})
					}
				}
			}
		}
	}
}

// A server goes away from every connection without having acted, as far as it says.
func TestTransports_draining(t *testing.T) {
	t.Parallel()
	for name, caller := range callers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPeer(t, http2(func(s stream) []byte { return goAway2(0, wiretest.CodeNoError) }), "h2")
			client := newClient(t, p.address, caller.around(trusting()))

			err := challenge(t.Context(), client, newToken())

			want, requests := unknown, 1
			if name == "otelhttp" {
				want, requests = notSent, 3
			}
			assertEnded(t, want, "POST", err)
			assert.EqualValues(t, requests, p.requests.Load())
		})
	}
}

// What is no repeat goes on: a token that is fetched first, a proof that comes
// through a wrapper.
func TestTransports_success(t *testing.T) {
	t.Parallel()
	for name, around := range map[string]func(http.RoundTripper) http.RoundTripper{
		"otelhttp":                  traced,
		"signer":                    func(base http.RoundTripper) http.RoundTripper { return signer{wrapped{base}} },
		"fetcher":                   func(base http.RoundTripper) http.RoundTripper { return fetcher{wrapped{base}} },
		"fetcher over otelhttp":     func(base http.RoundTripper) http.RoundTripper { return fetcher{wrapped{traced(base)}} },
		"go-retryablehttp":          retryable,
		"rehttp, over its fetching": func(base http.RoundTripper) http.RoundTripper { return retrying(fetcher{wrapped{base}}) },
	} {
		for _, protocol := range []string{"http/1.1", "h2"} {
			t.Run(name+"/"+protocol, func(t *testing.T) {
				t.Parallel()
				serve := http1(func(conn net.Conn, _ int, body []byte) bool { return answer1(conn, challenged(tokenOf(body))) })
				if protocol == "h2" {
					serve = http2(func(s stream) []byte { return answer2(s.id, challenged(tokenOf(s.body))) })
				}
				client := newClient(t, newPeer(t, serve, protocol).address, around(trusting()))
				for range 3 {
					require.NoError(t, challenge(t.Context(), client, newToken()))
				}
			})
		}
	}
}
