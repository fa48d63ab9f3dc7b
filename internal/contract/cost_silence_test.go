package contract

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/internal/wiretest"
)

// A connection that goes silent is found out by the pings of NewTransport,
// within the default time limit of a call, and replaced. Without pings HTTP/2
// hands the dead connection to every call. The bubble's clock makes it exact.
func TestCost_silentConnection(t *testing.T) {
	t.Parallel()
	const found = 25 * time.Second
	certificate := httptest.NewTLSServer(nil) // outside of the bubble, as it listens
	certificate.Close()
	for name, tt := range map[string]struct {
		op    mfa.Op
		fails int // calls until one works
	}{
		"acting, so it is not repeated": {"challenge", 1},
		"reading, so it is repeated":    {"list authenticators", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				peer := newPiped(t, certificate.TLS.Certificates)
				transport := mfa.NewTransport()
				transport.Proxy = nil
				transport.TLSClientConfig.RootCAs = certificate.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
				transport.DialContext = peer.dial
				client, err := mfa.NewClient("example.com", wiretest.ClientID, mfa.WithHTTPClient(&http.Client{Transport: transport}))
				require.NoError(t, err)
				defer client.CloseIdleConnections()
				require.NoError(t, client.Warm(t.Context()))
				close(peer.conns[0].silent)

				began := time.Now()
				op := wiretest.Named(tt.op)
				for range tt.fails {
					e, _ := op.Fails(t, t.Context(), client)
					assert.Equal(t, mfa.DeliveryUnknown, e.Delivery)
				}
				_, err = op.Call(t.Context(), client)
				require.NoError(t, err)
				assert.LessOrEqual(t, time.Since(began), found+time.Second, "and a backoff")
				assert.Len(t, peer.conns, 2)
				assert.EqualValues(t, 2, peer.requests.Load())
			})
		})
	}
}

// piped is a tenant at the other end of pipes, so that it fits into a bubble.
type piped struct {
	conns    []*mute
	accepts  chan net.Conn
	ended    chan struct{}
	requests atomic.Int32
}

func newPiped(t *testing.T, certificates []tls.Certificate) *piped {
	t.Helper()
	p := &piped{accepts: make(chan net.Conn), ended: make(chan struct{})}
	server := &http.Server{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			p.requests.Add(1)
			for _, op := range wiretest.Operations {
				if op.Route == r.URL.Path {
					_, _ = io.WriteString(w, op.Success.Body)
					return
				}
			}
		}),
		// A ticket would meet the client's first request on a pipe without a buffer.
		TLSConfig: &tls.Config{Certificates: certificates, NextProtos: []string{"h2"}, SessionTicketsDisabled: true},
		ErrorLog:  log.New(io.Discard, "", 0),
	}
	var serving sync.WaitGroup
	serving.Go(func() { _ = server.ServeTLS(p, "", "") })
	t.Cleanup(func() {
		_ = server.Close()
		serving.Wait()
	})
	return p
}

func (p *piped) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	near, far := net.Pipe()
	c := &mute{Conn: near, silent: make(chan struct{}), closed: make(chan struct{})}
	p.conns = append(p.conns, c)
	select {
	case p.accepts <- far:
		return c, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Accept makes piped a net.Listener.
func (p *piped) Accept() (net.Conn, error) {
	select {
	case conn := <-p.accepts:
		return conn, nil
	case <-p.ended:
		return nil, net.ErrClosed
	}
}

func (p *piped) Close() error   { close(p.ended); return nil }
func (p *piped) Addr() net.Addr { return &net.TCPAddr{} }

// mute is a connection that can fall silent: it then loses what is written and
// delivers nothing, as when a firewall forgot it.
type mute struct {
	net.Conn
	silent chan struct{} // closed when silent
	closed chan struct{}
	once   sync.Once
}

func (c *mute) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	select {
	case <-c.silent:
		<-c.closed
		return 0, errors.New("closed while silent")
	default:
		return n, err
	}
}

func (c *mute) Write(b []byte) (int, error) {
	select {
	case <-c.silent:
		return len(b), nil
	default:
		return c.Conn.Write(b)
	}
}

func (c *mute) Close() error {
	c.once.Do(func() { close(c.closed) })
	return c.Conn.Close()
}
