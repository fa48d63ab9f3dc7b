package transport_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa/internal/transport"
)

// resuming is a server that notes of each request whether its TLS session was
// resumed. It has the names of its certificate, whatever they resolve to.
type resuming struct {
	*httptest.Server
	resumed []bool
}

func newResuming(t *testing.T, version uint16) *resuming {
	t.Helper()
	r := &resuming{}
	r.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		r.resumed = append(r.resumed, req.TLS.DidResume)
		_, _ = io.WriteString(w, "ok") // the stream has ended when that was read
	}))
	r.EnableHTTP2 = true
	r.TLS = &tls.Config{MaxVersion: version}
	r.StartTLS()
	t.Cleanup(r.Close)
	return r
}

// visitor returns a transport to the server.
func (r *resuming) visitor(t *testing.T) *http.Transport {
	t.Helper()
	tr := transport.NewTransport()
	t.Cleanup(tr.CloseIdleConnections)
	tr.Proxy = nil
	tr.TLSClientConfig.RootCAs = x509.NewCertPool()
	tr.TLSClientConfig.RootCAs.AddCert(r.Certificate())
	dial := tr.DialContext
	tr.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
		return dial(ctx, network, r.Listener.Addr().String())
	}
	return tr
}

// visit makes a request on a new connection.
func (r *resuming) visit(t *testing.T, tr *http.Transport, host string) (resumed bool) {
	t.Helper()
	tr.CloseIdleConnections()
	require.NoError(t, send(t, newClient(tr, overTLS, func(c *transport.Config) { c.Host = host }), post()).Err)
	return r.resumed[len(r.resumed)-1]
}

func TestNewTransport_resumesTLS(t *testing.T) {
	t.Parallel()
	for version, name := range map[uint16]string{tls.VersionTLS12: "TLS 1.2", tls.VersionTLS13: "TLS 1.3"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newResuming(t, version)
			tr := r.visitor(t)
			assert.False(t, r.visit(t, tr, "example.com"))
			assert.True(t, r.visit(t, tr, "example.com"))
			assert.True(t, r.visit(t, tr, "example.com:8443"), "the name counts alone")

			assert.False(t, r.visit(t, tr, "127.0.0.1"), "another name has another session")
			assert.True(t, r.visit(t, tr, "127.0.0.1"))
			assert.False(t, r.visit(t, r.visitor(t), "example.com"), "another transport has another cache")

			own := r.visitor(t)
			own.TLSClientConfig = &tls.Config{RootCAs: own.TLSClientConfig.RootCAs}
			assert.False(t, r.visit(t, own, "example.com"))
			assert.False(t, r.visit(t, own, "example.com"), "a caller's configuration is used as it is")
			assert.Nil(t, own.TLSClientConfig.ClientSessionCache)
		})
	}
}

// A request with a connection of its own uses the session, too.
func TestClient_Send_resumesTLS_onAConnectionOfItsOwn(t *testing.T) {
	t.Parallel()
	r := newResuming(t, tls.VersionTLS13)
	tr := r.visitor(t)
	assert.False(t, r.visit(t, tr, "example.com"))
	req := post()
	req.Alone = true
	require.NoError(t, send(t, newClient(tr, overTLS), req).Err)
	assert.Equal(t, []bool{false, true}, r.resumed)
}
