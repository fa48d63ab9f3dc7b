//go:build port

package transport_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-auth0-mfa/mfa/internal/transport"
)

// host is the name that the certificate of httptest is made for.
const host = "example.com"

const ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

// newClient returns a client of base, with a time limit that only a call
// without an end of its own reaches.
func newClient(base http.RoundTripper, change ...func(*transport.Config)) *transport.Client {
	config := transport.Config{
		Scheme:     "http",
		Host:       host,
		HTTPClient: &http.Client{Transport: base},
		Timeout:    time.Hour,
	}
	for _, f := range change {
		f(&config)
	}
	return transport.New(config)
}

func overTLS(c *transport.Config) { c.Scheme = "https" }

func timeout(d time.Duration) func(*transport.Config) {
	return func(c *transport.Config) { c.Timeout = d }
}

func rateLimitWait(d time.Duration) func(*transport.Config) {
	return func(c *transport.Config) { c.RateLimitWait = d }
}

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

// body makes the body of a request.
type body func(context.Context) ([]byte, error)

func (b body) Encode(ctx context.Context) ([]byte, error) { return b(ctx) }

func reading() transport.Request {
	return transport.Request{Method: http.MethodGet, Path: "/mfa/authenticators", Header: header(), Read: true}
}

func acting() transport.Request {
	return transport.Request{
		Method: http.MethodPost,
		Path:   "/mfa/challenge",
		Header: header("Content-Type", "application/json"),
		Body:   body(func(context.Context) ([]byte, error) { return []byte(`{"a":1}`), nil }),
	}
}

func deleting() transport.Request {
	return transport.Request{Method: http.MethodDelete, Path: "/mfa/authenticators/1", Header: header()}
}

// do makes the call and returns how it ended.
func do(t *testing.T, c *transport.Client, req transport.Request) transport.Outcome {
	t.Helper()
	return c.Do(t.Context(), req, nil)
}

// roundTripper is a transport made of one function.
type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// unanswered ends a request as net/http does when it had a connection (sent)
// or when it got none.
func unanswered(req *http.Request, sent bool, err error) (*http.Response, error) {
	trace := httptrace.ContextClientTrace(req.Context())
	trace.GetConn(req.URL.Host)
	if sent {
		trace.GotConn(httptrace.GotConnInfo{})
	}
	return nil, err
}

// peer is the other end of connections that touch no network: calls to it run
// on the clock of a bubble, which also sees what they leave behind.
type peer struct {
	serve    func(net.Conn)
	dials    atomic.Int32
	requests atomic.Int32
}

func (p *peer) dial(context.Context, string, string) (net.Conn, error) {
	p.dials.Add(1)
	near, far := net.Pipe()
	go func() {
		defer far.Close()
		p.serve(far)
	}()
	return near, nil
}

func (p *peer) transport() *http.Transport {
	tr := transport.NewTransport()
	tr.Proxy = nil
	tr.DialContext = p.dial
	return tr
}

// closeIdle closes every connection of a call that has ended. net/http is not
// done with a connection yet when the call returns.
func closeIdle(tr *http.Transport) {
	synctest.Wait()
	tr.CloseIdleConnections()
}

// newPeer returns a peer that reads every HTTP/1.1 request to its end before
// answer gets the connection and the number of the request. When answer
// returns false the connection is closed.
func newPeer(answer func(conn net.Conn, n int) bool) *peer {
	p := &peer{}
	p.serve = func(conn net.Conn) {
		in := bufio.NewReader(conn)
		for {
			req, err := http.ReadRequest(in)
			if err != nil {
				return
			}
			if _, err := io.Copy(io.Discard, req.Body); err != nil {
				return
			}
			if !answer(conn, int(p.requests.Add(1))) {
				return
			}
		}
	}
	return p
}

// writes is an answer of these bytes, after which the connection is closed.
func writes(answer string) func(net.Conn, int) bool {
	return func(conn net.Conn, _ int) bool {
		_, _ = io.WriteString(conn, answer)
		return false
	}
}

// stalls is an answer that stops after these bytes.
func stalls(answer string) func(net.Conn, int) bool {
	return func(conn net.Conn, _ int) bool {
		_, _ = io.WriteString(conn, answer)
		_, _ = io.Copy(io.Discard, conn)
		return false
	}
}

// authority is the certificate of httptest. It must be asked for outside of a
// bubble, because getting it takes a listener.
var authority = sync.OnceValues(func() (tls.Certificate, *x509.CertPool) {
	srv := httptest.NewTLSServer(http.NotFoundHandler())
	defer srv.Close()
	pool := x509.NewCertPool()
	pool.AddCert(srv.Certificate())
	return srv.TLS.Certificates[0], pool
})

// serverTLS is a configuration whose handshake ends with the server reading:
// a ticket would meet the client's first request on a pipe without a buffer.
func serverTLS(protocols ...string) *tls.Config {
	cert, _ := authority()
	return &tls.Config{
		Certificates:           []tls.Certificate{cert},
		NextProtos:             protocols,
		SessionTicketsDisabled: true,
	}
}
