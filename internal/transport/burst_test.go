package transport_test

import (
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-auth0-mfa/mfa/internal/transport"
	"github.com/go-auth0-mfa/mfa/internal/wiretest"
)

const latency = 50 * time.Millisecond

// site is a server of net/http without a network.
type site struct {
	streams   int                   // of an HTTP/2 connection
	speaks    func(dial int) string // the protocol of a connection; HTTP/2 if nil
	dialing   func(ctx context.Context, dial int) error
	responds  func(request int) time.Duration // if nil, after the latency
	counted   bool                            // the connections are those of our own dialer
	transport *http.Transport

	dials, requests, conns atomic.Int32
	accepted               map[string]chan net.Conn
}

// start serves until the test ends.
func (s *site) start(t *testing.T) *site {
	t.Helper()
	s.accepted = map[string]chan net.Conn{"h2": make(chan net.Conn), "http/1.1": make(chan net.Conn)}
	for protocol, accepted := range s.accepted {
		server := &http.Server{
			Handler:   http.HandlerFunc(s.serve),
			TLSConfig: wiretest.ServerTLS(protocol),
			HTTP2:     &http.HTTP2Config{MaxConcurrentStreams: s.streams},
			ErrorLog:  log.New(io.Discard, "", 0),
			Protocols: new(http.Protocols),
		}
		server.Protocols.SetHTTP1(protocol == "http/1.1")
		server.Protocols.SetHTTP2(protocol == "h2")
		go server.ServeTLS(&pipes{accepted, make(chan struct{}), sync.Once{}}, "", "") //nolint:errcheck // it is closed
		t.Cleanup(func() { _ = server.Close() })
	}
	s.transport = transport.NewTransport()
	s.transport.Proxy = nil
	_, s.transport.TLSClientConfig.RootCAs = wiretest.Authority()
	s.transport.DialContext = s.dial
	if s.counted {
		s.transport.DialContext = transport.Counted(s.dial)
	}
	t.Cleanup(func() { wiretest.CloseIdle(s.transport) })
	return s
}

func (s *site) serve(w http.ResponseWriter, r *http.Request) {
	n := s.requests.Add(1)
	_, _ = io.Copy(io.Discard, r.Body)
	wait := latency
	if s.responds != nil {
		wait = s.responds(int(n))
	}
	select {
	case <-time.After(wait): // of the bubble's clock
	case <-r.Context().Done():
	}
	_, _ = io.WriteString(w, "ok")
}

func (s *site) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	n := int(s.dials.Add(1))
	if s.dialing != nil {
		if err := s.dialing(ctx, n); err != nil {
			return nil, err
		}
	}
	protocol := "h2"
	if s.speaks != nil {
		protocol = s.speaks(n)
	}
	near, far := net.Pipe()
	s.accepted[protocol] <- far
	s.conns.Add(1)
	return near, nil
}

// pipes is a listener.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case conn := <-p.conns:
		return conn, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.TCPAddr{} }

// burst sends n requests at once, and again if that is proven to be harmless. It
// returns how they ended and how long that took.
func burst(ctx context.Context, c *transport.Client, n int) (outs []transport.Outcome, took time.Duration) {
	return burstOf(ctx, c, n, post())
}

func burstOf(ctx context.Context, c *transport.Client, n int, req transport.Request) (outs []transport.Outcome, took time.Duration) {
	began := time.Now()
	outs = make([]transport.Outcome, n)
	var all sync.WaitGroup
	for i := range outs {
		all.Go(func() {
			for range 3 {
				outs[i] = sendIn(ctx, c, req)
				if !outs[i].NotSent || outs[i].Final || ctx.Err() != nil {
					return
				}
				time.Sleep(latency) // of the bubble's clock
			}
		})
	}
	all.Wait()
	return outs, time.Since(began)
}

// failures returns how many have no response.
func failures(outs []transport.Outcome) (n int) {
	for _, out := range outs {
		if out.Status != http.StatusOK {
			n++
		}
	}
	return n
}

func inBubble(t *testing.T, test func(t *testing.T)) {
	t.Helper()
	wiretest.Authority()
	t.Parallel()
	synctest.Test(t, test)
}
