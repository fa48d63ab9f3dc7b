//go:build linux

package edge

import (
	"context"
	"errors"
	"net"
	"net/http/httptrace"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// sleeper is a connection whose reader sleeps, as in a frozen process: what the
// peer does is known to the system only.
type sleeper struct {
	net.Conn
	gate *gate
}

// gate holds readers back while it is shut.
type gate struct {
	mu   sync.Mutex
	open chan struct{}
}

func newGate() *gate {
	g := &gate{open: make(chan struct{})}
	close(g.open)
	return g
}

func (g *gate) shut() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.open = make(chan struct{})
}

func (g *gate) reopen() {
	g.mu.Lock()
	defer g.mu.Unlock()
	close(g.open)
}

func (g *gate) wait() {
	g.mu.Lock()
	open := g.open
	g.mu.Unlock()
	<-open
}

func (s *sleeper) Read(b []byte) (int, error) {
	access, err := s.SyscallConn()
	if err != nil {
		return 0, err
	}
	if err := access.Read(readable); err != nil {
		return 0, err
	}
	s.gate.wait()
	return s.Conn.Read(b)
}

// readable reports whether a read would not wait.
func readable(fd uintptr) bool {
	n, _, err := syscall.Recvfrom(int(fd), make([]byte, 1), syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
	return n > 0 || err == nil || !errors.Is(err, syscall.EAGAIN)
}

// SyscallConn gives access to the socket.
func (s *sleeper) SyscallConn() (syscall.RawConn, error) { return s.Conn.(*net.TCPConn).SyscallConn() }

// allReadable waits until the system has something to tell of every connection.
func allReadable(t *testing.T, conns []net.Conn) {
	t.Helper()
	for _, conn := range conns {
		access, err := conn.(*net.TCPConn).SyscallConn()
		require.NoError(t, err)
		require.Eventually(t, func() bool {
			there := false
			closed := access.Control(func(fd uintptr) { there = readable(fd) }) // by the client
			return there || closed != nil
		}, 10*time.Second, 100*time.Microsecond)
	}
}

var endings = map[string]struct {
	protocols []string
	end       func(*peer)
}{
	"HTTP/1.1, FIN": {nil, (*peer).closeAll},
	"HTTP/1.1, RST": {nil, (*peer).resetAll},
	"HTTP/1.1, a response to no request, then FIN": {nil, func(p *peer) {
		p.say([]byte("HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"))
		p.closeAll()
	}},
	"HTTP/1.1, a response to no request": {nil, func(p *peer) {
		p.say([]byte("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"))
	}},
	"HTTP/1.1 over TLS, FIN": {[]string{"http/1.1"}, (*peer).closeAll},
	"HTTP/1.1 over TLS, RST": {[]string{"http/1.1"}, (*peer).resetAll},
	"HTTP/2, FIN":            {[]string{"h2"}, (*peer).closeAll},
	"HTTP/2, RST":            {[]string{"h2"}, (*peer).resetAll},
	"HTTP/2, GOAWAY, FIN":    {[]string{"h2"}, (*peer).goAwayAll},
}

// A connection that ended before the request was written is noticed before
// anything is written on it, even if no reader has seen the end.
func TestEndedConnection(t *testing.T) {
	t.Parallel()
	for name, ending := range endings {
		for op, operation := range operations {
			isHTTP2 := slices.Contains(ending.protocols, "h2")
			for _, kept := range []int{1, 3} {
				if isHTTP2 && kept > 1 {
					continue // one connection carries all
				}
				t.Run(name+"/"+op+"/"+map[int]string{1: "one", 3: "several idle"}[kept], func(t *testing.T) {
					t.Parallel()
					var all sync.WaitGroup // has several connections open at once
					all.Add(kept)
					serve := http1(func(conn net.Conn, n int, _ []byte) bool {
						if n <= kept {
							all.Done()
							all.Wait()
						}
						return answer1(conn, operation.body)
					})
					if isHTTP2 {
						serve = http2(func(s stream) []byte {
							if s.n <= kept {
								all.Done()
							}
							return answer2(s.id, operation.body)
						})
					}
					p := newPeer(t, serve, ending.protocols...)
					g := newGate()
					var mu sync.Mutex
					var conns []net.Conn
					tr := trusting()
					dial := (&net.Dialer{}).DialContext
					tr.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
						conn, err := dial(ctx, network, address)
						if err != nil {
							return nil, err
						}
						mu.Lock()
						defer mu.Unlock()
						conns = append(conns, conn)
						return &sleeper{conn, g}, nil
					}
					domain := p.address
					if ending.protocols == nil {
						domain = "http://" + domain
					}
					client := newClient(t, domain, tr)
					var warm, idle sync.WaitGroup
					if !isHTTP2 {
						idle.Add(kept)
					}
					ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{
						PutIdleConn: func(error) { idle.Done() }, // of HTTP/1.1
					})
					for range kept {
						warm.Go(func() { assertEnded(t, succeeds, op, operation.call(ctx, client)) })
					}
					warm.Wait()
					idle.Wait()
					g.shut()
					before := p.requests.Load()
					ending.end(p)
					mu.Lock()
					allReadable(t, conns)
					mu.Unlock()
					// The readers wake up when the call has met the first connection.
					var once sync.Once
					ctx = httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{
						GotConn: func(httptrace.GotConnInfo) { once.Do(g.reopen) },
					})

					err := operation.call(ctx, client)

					assertEnded(t, succeeds, op, err)
					assert.EqualValues(t, 1, p.requests.Load()-before)
				})
			}
		}
	}
}
