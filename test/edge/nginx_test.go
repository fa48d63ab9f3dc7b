//go:build linux

package edge

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptrace"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/go-auth0-mfa/mfa"
)

// nginx is a real one in front of a backend, over TLS.
type nginx struct {
	*process
	address string
}

// newNginx starts nginx. Settings go into its server block.
func newNginx(t testing.TB, upstream, protocol string, settings ...string) *nginx {
	t.Helper()
	dir := openDir(t)
	n := &nginx{address: freeAddress(t)}
	identity := write(t, dir, "identity.pem", own().pem)
	path := write(t, dir, "nginx.conf", fmt.Sprintf(`
daemon off;
pid %[1]s/pid;
error_log %[1]s/error.log warn;
worker_processes 1;
worker_rlimit_nofile 8192;
events { worker_connections 4096; }
http {
	access_log off;
	client_body_temp_path %[1]s/body; proxy_temp_path %[1]s/proxy; fastcgi_temp_path %[1]s/fastcgi;
	uwsgi_temp_path %[1]s/uwsgi; scgi_temp_path %[1]s/scgi;
	upstream tenant { server %[2]s max_fails=0; keepalive 64; }
	server {
		listen %[3]s ssl %[4]s backlog=4096;
		ssl_certificate %[5]s; ssl_certificate_key %[5]s;
		%[6]s
		location / { proxy_pass http://tenant; proxy_http_version 1.1; proxy_set_header Connection ""; }
	}
}
`, dir, upstream, n.address, map[string]string{"h2": "http2"}[protocol], identity, strings.Join(settings, "\n")))
	n.process = start(t, nil, "nginx", "-c", path, "-e", filepath.Join(dir, "error.log"))
	n.listens(n.address)
	return n
}

// reload has new workers take over; the old ones end their connections.
func (n *nginx) reload() { n.signal(syscall.SIGHUP) }

var nginxScenes = []struct {
	name      string
	protocol  string
	settings  []string
	calls     [2]int // short, long
	reloading bool
}{
	{name: "rotation after 50", protocol: "h2", settings: []string{"keepalive_requests 50;"}, calls: [2]int{1500, 20_000}},
	{name: "rotation after 1000, the default", protocol: "h2", calls: [2]int{4000, 20_000}},
	{name: "reload", protocol: "h2", calls: [2]int{2000, 20_000}, reloading: true},
}

// nginx ends a connection after so many requests, and at a reload, by GOAWAY. What
// was on its way is not lost, and nothing is sent twice.
func TestNginx_HTTP2(t *testing.T) {
	t.Parallel()
	for _, scene := range nginxScenes {
		for _, workers := range []int{2, 8, 32} {
			t.Run(scene.name+"/"+strconv.Itoa(workers), func(t *testing.T) {
				upstream := newBackend(t)
				front := newNginx(t, upstream.address, scene.protocol, scene.settings...)
				client := newClient(t, front.address, trusting())
				calls, every := count(scene.calls[0], scene.calls[1]), 0
				if scene.reloading {
					every = 200
				}

				all := inParallel(workers, calls, func(token string) error {
					return challenge(t.Context(), client, token)
				}, every, front.reload)

				saw, doubled := upstream.requests()
				t.Logf("%d calls: %s; upstream saw %d", calls, all, saw)
				assert.Equal(t, calls, all.success, all)
				assert.Equal(t, calls, saw)
				assert.Zero(t, doubled)
			})
		}
	}
}

// Over HTTP/1.1 a request can be on its way when the connection ends. Then its
// outcome is unknown. No other call fails, and nothing is sent twice.
func TestNginx_HTTP1(t *testing.T) {
	t.Parallel()
	for _, workers := range []int{2, 8, 32} {
		t.Run(strconv.Itoa(workers), func(t *testing.T) {
			upstream := newBackend(t)
			front := newNginx(t, upstream.address, "http/1.1")
			client := newClient(t, front.address, onlyHTTP1())
			calls := count(2000, 20_000)

			var untouched atomic.Int64
			all := inParallel(workers, calls, func(token string) error {
				return touched(t.Context(), client, token, &untouched)
			}, 200, front.reload)
			saw, doubled := upstream.requests()

			hc := &http.Client{Transport: onlyHTTP1()}
			defer hc.CloseIdleConnections()
			plain := inParallel(workers, calls, func(token string) error {
				return plainly(t.Context(), hc, "https://"+front.address, token)
			}, 200, front.reload)

			t.Logf("%d calls: %s; upstream saw %d; plain net/http: %s", calls, all, saw, plain)
			assert.Zero(t, doubled)
			assert.Zero(t, untouched.Load(), "the system accepted no byte of it")
			assert.Zero(t, all.notSent+all.rest, all)
			assert.Equal(t, calls, all.success+all.unknown)
		})
	}
}

// touched is [challenge], and counts the failures of which the system accepted no byte.
func touched(ctx context.Context, client *mfa.Client, token string, untouched *atomic.Int64) error {
	var wrote atomic.Bool
	err := challenge(httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		WroteRequest: func(info httptrace.WroteRequestInfo) { wrote.Store(info.Err == nil) },
	}), client, token)
	if err != nil && !wrote.Load() {
		untouched.Add(1)
	}
	return err
}

// nginx ends idle connections when the next call is about to use them. If it was
// still unwritten, it succeeds.
func TestNginx_keepaliveTimeout(t *testing.T) {
	t.Parallel()
	for protocol, tr := range map[string]func() *http.Transport{"http/1.1": onlyHTTP1, "h2": trusting} {
		t.Run(protocol, func(t *testing.T) {
			t.Parallel()
			const timeout = 50 * time.Millisecond
			upstream := newBackend(t)
			front := newNginx(t, upstream.address, protocol, fmt.Sprintf("keepalive_timeout %dms;", timeout.Milliseconds()))
			all := &tally{}
			var untouched atomic.Int64
			var wg sync.WaitGroup
			users, calls := 16, count(20, 400)
			for range users {
				client := newClient(t, front.address, tr())
				wg.Go(func() {
					for i := range calls {
						token := newToken()
						all.add(token, touched(t.Context(), client, token, &untouched))
						time.Sleep(timeout + time.Duration(i%9-4)*500*time.Microsecond)
					}
				})
			}
			wg.Wait()

			saw, doubled := upstream.requests()
			t.Logf("%d calls: %s; upstream saw %d", users*calls, all, saw)
			assert.Zero(t, doubled)
			if protocol == "http/1.1" { // over HTTP/2 it may have accepted the header alone
				assert.Zero(t, untouched.Load(), "the system accepted no byte of it")
			}
			assert.Equal(t, users*calls, all.success+all.unknown, all)
		})
	}
}
