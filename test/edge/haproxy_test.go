//go:build linux

package edge

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
)

// newHAProxy starts HAProxy in front of a backend, over TLS, and returns its address.
func newHAProxy(t *testing.T, upstream string) string {
	t.Helper()
	dir := openDir(t)
	address := freeAddress(t)
	path := write(t, dir, "haproxy.cfg", fmt.Sprintf(`
global
	maxconn 1000
defaults
	mode http
	timeout connect 5s
	timeout client 60s
	timeout server 60s
frontend front
	bind %s ssl crt %s alpn h2,http/1.1
	default_backend tenant
backend tenant
	server tenant %s
`, address, write(t, dir, "identity.pem", own().pem), upstream))
	start(t, nil, "haproxy", "-db", "-f", path).listens(address)
	return address
}

// A backend that takes a POST and closes its connection has acted, whatever
// HAProxy makes of it: 502, the end of the connection, or REFUSED_STREAM. The POST
// is not sent again, and its outcome is unknown.
func TestHAProxy_backendTakesAndCloses(t *testing.T) {
	t.Parallel()
	for name, tr := range map[string]func() *http.Transport{"HTTP/1.1": onlyHTTP1, "HTTP/2": trusting} {
		for _, first := range []bool{true, false} {
			t.Run(name+map[bool]string{true: "/first", false: "/later"}[first], func(t *testing.T) {
				t.Parallel()
				b := &backend{seen: map[string]int{}}
				var mu sync.Mutex
				taking := ""
				p := newPeer(t, http1(func(conn net.Conn, _ int, body []byte) bool {
					response := b.act(body)
					mu.Lock()
					defer mu.Unlock()
					return tokenOf(body) != taking && answer1(conn, response)
				}))
				client := newClient(t, newHAProxy(t, p.address), tr())
				hc := &http.Client{Transport: tr()}
				defer hc.CloseIdleConnections()
				if !first {
					require.NoError(t, challenge(t.Context(), client, newToken()))
					require.NoError(t, plainly(t.Context(), hc, "https://"+client.Domain(), newToken()))
				}
				take := func(call func(token string) error) (string, error) {
					token := newToken()
					mu.Lock()
					taking = token
					mu.Unlock()
					return token, call(token)
				}

				token, err := take(func(token string) error { return challenge(t.Context(), client, token) })
				plain, plainErr := take(func(token string) error {
					ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
					defer cancel()
					return plainly(ctx, hc, "https://"+client.Domain(), token)
				})

				t.Logf("%s; plain net/http: %d requests, %v", reason(err), b.of(plain), plainErr)
				require.ErrorIs(t, err, mfa.ErrOutcomeUnknown)
				assert.Equal(t, mfa.ActionCheckInbox, mfa.NextAction(err))
				assert.Equal(t, 1, b.of(token))
			})
		}
	}
}
