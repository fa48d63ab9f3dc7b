package faults

import (
	"context"
	"errors"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/internal/wiretest"
)

// mixedFaults makes ten thousand calls that meet every kind of fault, and
// looks at what they leave.
func mixedFaults(t *testing.T) int {
	t.Helper()
	const calls = 10_000
	var (
		scenes  []*scene
		clients []*mfa.Client
	)
	for _, on := range onBoth {
		s := newScene(t, operations[0], on, 0)
		s.patience, s.anyOperation = 1<<30, true
		s.serve = mixture(on)
		// Until these are over, net/http keeps what is left of a dead HTTP/2 connection.
		s.tune = func(tr *http.Transport) { tr.IdleConnTimeout, tr.HTTP2.SendPingTimeout = time.Second, time.Second }
		go s.accept(s.listener)
		scenes, clients = append(scenes, s), append(clients, s.quietClient(t))
	}
	mix := func(calls int) {
		var workers sync.WaitGroup
		next := atomic.Int32{}
		for range 64 {
			workers.Go(func() {
				for i := int(next.Add(1)); i <= calls; i = int(next.Add(1)) {
					client := clients[0]
					if i%8 == 0 { // a lost HTTP/2 connection costs many handshakes
						client = clients[1]
					}
					oneOfMany(t, client, operations[i%len(operations)], i)
				}
			})
		}
		workers.Wait()
	}
	rest := func() (goroutines int, heap uint64) {
		for i, s := range scenes {
			assert.True(t, s.served(t.Context(), clients[i].CloseIdleConnections), "a connection is still open")
		}
		for range 3 { // twice to empty the pools
			runtime.GC()
		}
		var stats runtime.MemStats
		runtime.ReadMemStats(&stats)
		return runtime.NumGoroutine(), stats.HeapAlloc
	}
	mix(calls / 10)
	goroutines, heap := rest()

	mix(calls)

	var goroutinesLeft int
	var heapLeft uint64
	until(t.Context(), func() bool {
		goroutinesLeft, heapLeft = rest()
		return goroutinesLeft <= goroutines && heapLeft <= heap+heap/10
	})
	assert.LessOrEqual(t, goroutinesLeft, goroutines)
	assert.LessOrEqual(t, heapLeft, heap+heap/10, "heap before: %d", heap)
	for _, s := range scenes {
		s.close()
	}
	return calls
}

// oneOfMany makes a call, some of them with a context that ends.
func oneOfMany(t *testing.T, client *mfa.Client, op operation, i int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if i%50 == 0 {
		cancel()
	}
	_, err := op.call(ctx, client, newValues(strconv.Itoa(i)))
	var e *mfa.Error
	if err != nil && !errors.As(err, &e) {
		t.Errorf("%T is not of the package", err)
	}
}

// mixture serves one fault after the other.
func mixture(on carrier) wire {
	var n atomic.Int32
	responses := []func(*scene) response{
		func(s *scene) response { return s.success() },
		as(200, "text/html", page),
		as(502, "text/html", page),
		as(403, "application/json", `{"error":"invalid_grant","error_description":"Malformed mfa_token"}`),
		as(403, "application/json", `{"error":"mfa_required","mfa_token":"`+chainedToken+`"}`),
		as(200, "application/json", `{"access_token":`),
		redirects(307, elsewhere),
		limited("Retry-After", "3600"),
		func(*scene) response { return gzipped("not gzip") },
		func(*scene) response { return ok("%s", strings.Repeat(" ", 300<<10)) },
	}
	if on.http2 {
		reactions := []func(*http2Conn, uint32){
			http2Reset(wiretest.CodeProtocolError), http2Reset(wiretest.CodeInternalError), http2Reset(wiretest.CodeCancel), hangUp,
			inTheMiddle(http2Reset(wiretest.CodeInternalError)), func(*http2Conn, uint32) {},
			// Without the end of the connection net/http can forget it and not close it.
			func(c *http2Conn, stream uint32) {
				http2GoAway(wiretest.CodeNoError)(c, stream)
				hangUp(c, stream)
			},
		}
		return http2Wire(func(c *http2Conn, stream uint32) {
			if i := int(n.Add(1)) % (len(reactions) + len(responses)); i < len(responses) {
				http2Response(responses[i](c.scene))(c, stream)
			} else {
				reactions[i-len(responses)](c, stream)
			}
		})
	}
	replies := []func(*exchange) bool{
		writes(text("")), writes(text("HTTP/1.1 2x0 ?\r\n\r\n")), writes(text(okLine + "?\r\n\r\n")),
		writes(func(s *scene) string { return longer(s.success()) }), writes(func(s *scene) string { return chunked(s.document()) + "zz\r\n" }),
		hangs(text(okLine)), func(x *exchange) bool { resets(x.Conn); return false },
	}
	return http1(func(x *exchange) bool {
		i := int(n.Add(1)) % (len(replies) + len(responses))
		if i < len(responses) {
			return says(responses[i](x.scene))(x)
		}
		return replies[i-len(responses)](x)
	})
}
