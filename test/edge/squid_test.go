//go:build linux

package edge

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
)

// proxyPassword must not be in any error.
const proxyPassword = "open-sesame"

// newSquid starts squid at an address, with these rules for access.
func newSquid(t *testing.T, address string, rules ...string) *process {
	t.Helper()
	dir := openDir(t)
	// What squids of one name keep in shared memory is in each other's way.
	_, port, err := net.SplitHostPort(address)
	require.NoError(t, err)
	p := start(t, nil, "squid", "-N", "-n", "edge"+port, "-f", write(t, dir, "squid.conf", fmt.Sprintf(`
http_port %[1]s
visible_hostname edge
pid_filename none
cache_log %[2]s/cache.log
access_log none
cache deny all
netdb_filename none
pinger_enable off
shutdown_lifetime 0 seconds
max_filedescriptors 1024
coredump_dir %[2]s
auth_param basic program /bin/sed -u s/.*/ERR/
acl known proxy_auth REQUIRED
%[3]s
`, address, dir, strings.Join(rules, "\n"))))
	p.listens(address)
	return p
}

// through returns [trusting] behind a proxy, and counts how often it dials.
func through(address string, tr *http.Transport) (*http.Transport, *atomic.Int32) {
	dials := new(atomic.Int32)
	tr.Proxy = http.ProxyURL(&url.URL{Scheme: "http", Host: address, User: url.UserPassword("edge", proxyPassword)})
	dial := tr.DialContext
	tr.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		dials.Add(1)
		return dial(ctx, network, address)
	}
	return tr, dials
}

func TestSquid_allows(t *testing.T) {
	t.Parallel()
	for _, tr := range []*http.Transport{trusting(), onlyHTTP1()} {
		upstream := newBackend(t)
		front := newNginx(t, upstream.address, "h2")
		address := freeAddress(t)
		newSquid(t, address, "http_access allow all")
		behind, dials := through(address, tr)
		client := newClient(t, front.address, behind)

		all := inParallel(1, count(20, 200), func(token string) error { return challenge(t.Context(), client, token) }, 0, nil)

		saw, doubled := upstream.requests()
		assert.Equal(t, saw, all.success, all)
		assert.Zero(t, doubled)
		assert.EqualValues(t, 1, dials.Load())
	}
}

// A proxy that does not connect is named by its status, without its words and the
// password. What it may do the next time is tried again.
func TestSquid_refuses(t *testing.T) {
	t.Parallel()
	nobody := freeAddress(t)
	for name, scene := range map[string]struct {
		rules  []string
		status string
		dials  int32
		next   mfa.Action
	}{
		"407": {[]string{"http_access deny !known"}, "HTTP 407", 1, mfa.ActionFix},
		"403": {[]string{"http_access deny all"}, "HTTP 403", 1, mfa.ActionFix},
		"401": {[]string{"deny_info 401:ERR_ACCESS_DENIED all", "http_access deny all"}, "HTTP 401", 1, mfa.ActionFix},
		"502": {[]string{"deny_info 502:ERR_CANNOT_FORWARD all", "http_access deny all"}, "HTTP 502", 3, mfa.ActionRetryLater},
		"503": {[]string{"http_access allow all"}, "HTTP 503", 3, mfa.ActionRetryLater}, // nobody listens
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			address := freeAddress(t)
			newSquid(t, address, scene.rules...)
			for op, operation := range operations {
				behind, dials := through(address, trusting())
				client := newClient(t, nobody, behind)

				err := operation.call(t.Context(), client)

				var e *mfa.Error
				require.ErrorAs(t, err, &e)
				assert.Equal(t, mfa.DeliveryNotSent, e.Delivery)
				assert.NotErrorIs(t, err, mfa.ErrOutcomeUnknown)
				assert.Contains(t, err.Error(), scene.status)
				assert.Equal(t, scene.next, mfa.NextAction(err), op)
				assert.Equal(t, scene.dials, dials.Load(), op)
				for _, text := range []string{err.Error(), reason(err)} {
					assert.NotContains(t, text, proxyPassword)
					assert.NotContains(t, strings.ToLower(text), "squid")
				}
			}
		})
	}
}

// A tunnel that is dropped in the middle of a request leaves its outcome unknown.
// One that is dropped between requests does not.
func TestSquid_drops(t *testing.T) {
	t.Parallel()
	for _, protocol := range []string{"http/1.1", "h2"} {
		t.Run(protocol, func(t *testing.T) {
			address := freeAddress(t)
			var (
				mu   sync.Mutex
				drop func() // at the next request
			)
			dropped := func() bool {
				mu.Lock()
				defer mu.Unlock()
				if drop == nil {
					return false
				}
				drop()
				drop = nil
				return true
			}
			serve := http1(func(conn net.Conn, _ int, body []byte) bool {
				return !dropped() && answer1(conn, challenged(tokenOf(body)))
			})
			if protocol == "h2" {
				serve = http2(func(s stream) []byte {
					if dropped() {
						return nil
					}
					return answer2(s.id, challenged(tokenOf(s.body)))
				})
			}
			p := newPeer(t, serve, protocol)
			tr := trusting()
			tr.Proxy = http.ProxyURL(&url.URL{Scheme: "http", Host: address})
			client := newClient(t, p.address, tr)
			rounds := count(3, 30)
			for round := range rounds {
				proxy := newSquid(t, address, "http_access allow all")
				err := challenge(t.Context(), client, newToken())
				require.NoError(t, err, "over a new tunnel, after the last one was dropped: %s", reason(err))
				assert.EqualValues(t, 3*round+1, p.requests.Load())

				mu.Lock()
				drop = proxy.kill
				mu.Unlock()
				assertEnded(t, unknown, "POST", challenge(t.Context(), client, newToken()))
				assert.EqualValues(t, 3*round+2, p.requests.Load())

				unconnected(t, address, func() {})
				again := newSquid(t, address, "http_access allow all")
				require.NoError(t, challenge(t.Context(), client, newToken()))
				again.kill()
				unconnected(t, address, func() {})
			}
		})
	}
}
