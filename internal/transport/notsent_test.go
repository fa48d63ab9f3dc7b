//go:build port

package transport_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"net/url"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa/internal/transport"
)

// failsToDial makes a transport that gets no connection.
func failsToDial(err error) func() *http.Transport {
	return func() *http.Transport {
		tr := (&peer{}).transport()
		tr.DialContext = func(context.Context, string, string) (net.Conn, error) { return nil, err }
		return tr
	}
}

// serves makes a transport to a peer, which counts as trusted if roots is set.
func serves(roots bool, serve func(net.Conn)) func() *http.Transport {
	return func() *http.Transport {
		tr := (&peer{serve: serve}).transport()
		if roots {
			_, tr.TLSClientConfig.RootCAs = authority()
		}
		return tr
	}
}

// proxied makes a transport whose proxy answers every request so.
func proxied(answer string) func() *http.Transport {
	return func() *http.Transport {
		tr := newPeer(writes(answer)).transport()
		tr.Proxy = http.ProxyURL(&url.URL{Scheme: "http", Host: "proxy.example:3128"})
		return tr
	}
}

func handshake(config *tls.Config) func(net.Conn) {
	return func(conn net.Conn) { _ = tls.Server(conn, config).Handshake() }
}

func swallow(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) }

func as[T error](t *testing.T, err error) {
	t.Helper()
	var target T
	assert.ErrorAs(t, err, &target)
}

func TestClient_Do_notSent(t *testing.T) {
	t.Parallel()
	authority()
	refused := &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	notFound := &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Name: host, IsNotFound: true}}
	noServer := &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Name: host, IsTemporary: true}}
	old := serverTLS()
	old.MaxVersion = tls.VersionTLS11
	tests := []struct {
		name            string
		base            func() *http.Transport
		change          func(*transport.Config)
		acting, reading int // attempts
		as              func(*testing.T, error)
	}{
		{"refused", failsToDial(refused), overTLS, 2, 3, as[*net.OpError]},
		{"unknown name", failsToDial(notFound), overTLS, 1, 1, as[*net.DNSError]},
		{"name server fails", failsToDial(noServer), overTLS, 2, 3, as[*net.DNSError]},
		{"untrusted certificate", serves(false, handshake(serverTLS())), overTLS, 1, 1, as[*tls.CertificateVerificationError]},
		{"certificate for another host", serves(true, handshake(serverTLS())), func(c *transport.Config) {
			c.Scheme, c.Host = "https", "other.example"
		}, 1, 1, as[x509.HostnameError]},
		{"old TLS", serves(true, handshake(old)), overTLS, 2, 3, as[*net.OpError]},
		{"no TLS", serves(true, func(conn net.Conn) { _, _ = io.WriteString(conn, ok) }), overTLS, 2, 3, as[*url.Error]},
		{"handshake that hangs", serves(true, swallow), overTLS, 2, 3, as[net.Error]},
		{"proxy that cannot be reached", func() *http.Transport {
			tr := failsToDial(refused)()
			tr.Proxy = http.ProxyURL(&url.URL{Scheme: "http", Host: "proxy.example:3128"})
			return tr
		}, overTLS, 1, 1, as[*net.OpError]},
	}
	for _, tt := range tests {
		for _, req := range []transport.Request{acting(), reading()} {
			t.Run(tt.name+"/"+req.Method, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					tr := tt.base()
					defer closeIdle(tr)
					dials := 0
					dial := tr.DialContext
					tr.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
						dials++
						return dial(ctx, network, address)
					}

					out := do(t, newClient(tr, tt.change), req)

					want := tt.acting
					if req.Read {
						want = tt.reading
					}
					require.Error(t, out.Err)
					tt.as(t, out.Err)
					assert.Zero(t, out.Status)
					assert.True(t, out.NotSent)
					assert.Equal(t, want, out.Attempt)
					assert.Equal(t, want, dials)
				})
			})
		}
	}
}

func TestClient_Do_notSent_whenTheProxyRefuses(t *testing.T) {
	t.Parallel()
	for _, req := range []transport.Request{acting(), reading()} {
		synctest.Test(t, func(t *testing.T) {
			tr := proxied("HTTP/1.1 407 eyJ0b2tlbiI\r\nContent-Length: 0\r\n\r\n")()
			defer closeIdle(tr)

			out := do(t, newClient(tr, overTLS), req)

			require.Error(t, out.Err)
			assert.Zero(t, out.Status)
			assert.True(t, out.NotSent)
			assert.Equal(t, 1, out.Attempt)
			assert.NotContains(t, out.Err.Error(), "eyJ0b2tlbiI")
		})
	}
}

func TestClient_Do_notSent_overTCP(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	// The port of a connection's own end: nobody listens there, and nobody can
	// begin to while it is open, unlike the port of a closed listener.
	conn, err := net.Dial("tcp", listener.Addr().String())
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	at := func(c *transport.Config) { c.Host = conn.LocalAddr().String() }

	for attempts, req := range map[int]transport.Request{2: acting(), 3: reading()} {
		out := do(t, newClient(nil, at), req)

		require.ErrorIs(t, out.Err, syscall.ECONNREFUSED)
		assert.True(t, out.NotSent)
		assert.Equal(t, attempts, out.Attempt)
	}
}

func TestClient_Do_notSent_whenTheTimeIsUp(t *testing.T) {
	t.Parallel()
	authority()
	tests := map[string]func() *http.Transport{
		"dialing": func() *http.Transport {
			tr := (&peer{}).transport()
			tr.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
				<-ctx.Done()
				return nil, ctx.Err()
			}
			return tr
		},
		"handshake": serves(true, swallow),
	}
	for name, base := range tests {
		for _, req := range []transport.Request{acting(), reading()} {
			t.Run(name+"/"+req.Method, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					tr := base()
					defer closeIdle(tr)

					out := do(t, newClient(tr, overTLS, timeout(time.Second)), req)

					require.ErrorIs(t, out.Err, context.DeadlineExceeded)
					assert.True(t, out.NotSent)
					assert.Equal(t, 1, out.Attempt)
				})
			})
		}
	}
}
