package wiretest

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
	"testing/synctest"

	"github.com/go-auth0-mfa/mfa"
)

// CertifiedHost is the name that the certificate of [Authority] is made for.
const CertifiedHost = "example.com"

// Peer is the other end of connections that touch no network: calls to it run
// on the clock of a bubble, which also sees what they leave behind.
type Peer struct {
	Serve    func(net.Conn) // a connection, until it returns
	Dials    atomic.Int32
	Requests atomic.Int32 // of [NewPeer] and [NewHTTP2Peer]
}

func (p *Peer) dial(context.Context, string, string) (net.Conn, error) {
	p.Dials.Add(1)
	near, far := net.Pipe()
	go func() {
		defer far.Close() //nolint:errcheck // of a pipe
		p.Serve(far)
	}()
	return near, nil
}

// Transport returns the default transport, whose connections lead to the peer.
func (p *Peer) Transport() *http.Transport {
	tr := mfa.NewTransport()
	tr.Proxy = nil
	tr.DialContext = p.dial
	return tr
}

// TrustingTransport is [Peer.Transport] that trusts the certificate of [Authority].
func (p *Peer) TrustingTransport() *http.Transport {
	tr := p.Transport()
	_, tr.TLSClientConfig.RootCAs = Authority()
	return tr
}

// CloseIdle closes every connection of a call that has ended. net/http is not
// done with a connection yet when the call returns.
func CloseIdle(tr *http.Transport) {
	synctest.Wait()
	tr.CloseIdleConnections()
}

// NewPeer returns a peer that reads every HTTP/1.1 request to its end before
// respond gets the connection and the number of the request. When respond
// returns false the connection is closed.
func NewPeer(respond func(conn net.Conn, n int) bool) *Peer {
	p := &Peer{}
	p.Serve = func(conn net.Conn) {
		in := bufio.NewReader(conn)
		for {
			req, err := http.ReadRequest(in)
			if err != nil {
				return
			}
			if _, err := io.Copy(io.Discard, req.Body); err != nil {
				return
			}
			if !respond(conn, int(p.Requests.Add(1))) {
				return
			}
		}
	}
	return p
}

// Keeps is a response of these bytes, after which the connection stays open.
func Keeps(response string) func(net.Conn, int) bool {
	return func(conn net.Conn, _ int) bool {
		_, err := io.WriteString(conn, response)
		return err == nil
	}
}

// Closes is a response of these bytes, after which the connection is closed.
func Closes(response string) func(net.Conn, int) bool {
	return func(conn net.Conn, _ int) bool {
		_, _ = io.WriteString(conn, response)
		return false
	}
}

// Stalls is a response that stops after these bytes.
func Stalls(response string) func(net.Conn, int) bool {
	return func(conn net.Conn, _ int) bool {
		_, _ = io.WriteString(conn, response)
		_, _ = io.Copy(io.Discard, conn)
		return false
	}
}

// Authority is the certificate of httptest. It must be asked for outside of a
// bubble first, because getting it takes a listener.
var Authority = sync.OnceValues(func() (tls.Certificate, *x509.CertPool) {
	srv := httptest.NewTLSServer(http.NotFoundHandler())
	defer srv.Close()
	pool := x509.NewCertPool()
	pool.AddCert(srv.Certificate())
	return srv.TLS.Certificates[0], pool
})

// ServerTLS is a configuration whose handshake ends with the server reading:
// a ticket would meet the client's first request on a pipe without a buffer.
func ServerTLS(protocols ...string) *tls.Config {
	cert, _ := Authority()
	return &tls.Config{
		Certificates:           []tls.Certificate{cert},
		NextProtos:             protocols,
		SessionTicketsDisabled: true,
	}
}

// WithoutResponse ends a request as net/http does when it had a connection (sent) or
// when it got none.
func WithoutResponse(req *http.Request, sent bool, err error) (*http.Response, error) {
	trace := httptrace.ContextClientTrace(req.Context())
	trace.GetConn(req.URL.Host)
	if sent {
		trace.GotConn(httptrace.GotConnInfo{})
	}
	return nil, err
}
