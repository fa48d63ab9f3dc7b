package transport_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/go-auth0-mfa/mfa/internal/transport"
	"github.com/go-auth0-mfa/mfa/internal/wiretest"
)

const host = wiretest.CertifiedHost

const ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

func newClient(base http.RoundTripper, change ...func(*transport.Config)) *transport.Client {
	config := transport.Config{
		Scheme:     "http",
		Host:       host,
		HTTPClient: &http.Client{Transport: base},
	}
	for _, f := range change {
		f(&config)
	}
	return transport.New(config)
}

func overTLS(c *transport.Config) { c.Scheme = "https" }

func toServer(srv *httptest.Server) func(*transport.Config) {
	return func(c *transport.Config) { c.Host = srv.Listener.Addr().String() }
}

// header is what every request names, and these pairs.
func header(pairs ...string) http.Header {
	h := http.Header{"User-Agent": {"ours/1"}, "Accept": {"application/json"}}
	for i := 0; i < len(pairs); i += 2 {
		h.Set(pairs[i], pairs[i+1])
	}
	return h
}

func get() transport.Request {
	return transport.Request{Method: http.MethodGet, Path: "/mfa/authenticators", Header: header(), MaxConnections: 3}
}

func post() transport.Request {
	return transport.Request{
		Method: http.MethodPost,
		Path:   "/mfa/challenge",
		Header: header("Content-Type", "application/json"),
		Body:   []byte(`{"a":1}`),
	}
}

// del is a DELETE.
func del() transport.Request {
	return transport.Request{Method: http.MethodDelete, Path: "/mfa/authenticators/1", Header: header()}
}

// allMethods are a request of each kind.
func allMethods() []transport.Request { return []transport.Request{get(), post(), del()} }

// send sends the request and returns how it ended, within a time that only a
// request without an end of its own needs.
func send(t *testing.T, c *transport.Client, req transport.Request) transport.Outcome {
	t.Helper()
	return sendIn(t.Context(), c, req)
}

// sendIn is send in a context of the test's own.
func sendIn(ctx context.Context, c *transport.Client, req transport.Request) transport.Outcome {
	ctx, stop := context.WithTimeout(ctx, time.Minute)
	defer stop()
	req.Stop = stop
	return c.Send(ctx, req)
}

// responds is a transport that returns the response.
func responds(resp *http.Response) wiretest.RoundTripper {
	return func(*http.Request) (*http.Response, error) { return resp, nil }
}
