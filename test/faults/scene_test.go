package faults

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
)

// scene is one run: one operation that meets one fault, then the same
// operation once more when the fault is over.
type scene struct {
	*findings
	server
	setup
	progress

	op      operation
	on      carrier
	domain  string
	address string // the only one that the client may dial, beside proxies
	proxies []string
	limit   int64 // bytes of a response without end; 0: none

	mine, other values       // of the call that meets the fault, and of the one after
	own         atomic.Value // the string that the next successful response carries

	cleanups []func()
}

// server is what the other end of the connections does.
type server struct {
	listener     net.Listener
	serve        wire  // connections while the fault lasts
	patience     int32 // after how many requests over HTTP/2 none gets a response
	anyOperation bool  // requests of other operations arrive as well

	requests, cookies atomic.Int32
	alive             atomic.Int32 // goroutines that serve
	open              sync.Mutex
	conns             map[net.Conn]struct{}
}

// setup is what the caller gives to the client.
type setup struct {
	dial       func(ctx context.Context, s *scene, base dialer, address string) (net.Conn, error)
	options    []mfa.Option
	httpClient *http.Client // the caller's; its Transport is replaced
	proxy      func(*http.Request) (*url.URL, error)
	tune       func(*http.Transport)
	transport  func(http.RoundTripper) http.RoundTripper // what the caller puts around
	below      http.RoundTripper                         // what the client is given
	client     *mfa.Client                               // nil in the control
	events     strings.Builder                           // the log of the client, written by the call's own goroutine

	dials, strangers atomic.Int32
	pending          pending
}

// progress is how far the run is.
type progress struct {
	warm     bool          // there is a call before the fault
	between  func()        // after the call that comes before the fault
	faulty   atomic.Bool   // requests meet the fault
	reached  func()        // the fault tells that the call is in its middle
	over     chan struct{} // closed when the fault is over
	returned chan struct{} // closed when the call that met the fault returned
}

// pending are the dials that go on. net/http dials on when the call that wanted the
// connection has ended, and the port of a listener that is closed can be the next
// scene's: a dial that outlives its scene would be a stranger there.
type pending struct {
	mutex sync.Mutex
	over  bool
	stops map[int]context.CancelFunc
	last  int
	all   sync.WaitGroup
}

// begin lets a dial begin whose context ends with the scene.
func (p *pending) begin(ctx context.Context) (_ context.Context, done func(), err error) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if p.over {
		return nil, nil, errors.New("the scene is over")
	}
	ctx, stop := context.WithCancel(ctx)
	if p.stops == nil {
		p.stops = map[int]context.CancelFunc{}
	}
	p.last++
	n := p.last
	p.stops[n] = stop
	p.all.Add(1)
	return ctx, func() {
		p.mutex.Lock()
		delete(p.stops, n)
		p.mutex.Unlock()
		stop()
		p.all.Done()
	}, nil
}

// end stops all dials and waits for them.
func (p *pending) end() {
	p.mutex.Lock()
	p.over = true
	for _, stop := range p.stops {
		stop()
	}
	p.mutex.Unlock()
	p.all.Wait()
}

type dialer func(ctx context.Context, network, address string) (net.Conn, error)

// wire is what the other end of a connection does.
type wire func(s *scene, conn net.Conn)

// newScene opens the stage: a listener that nobody has connected to yet.
func newScene(t *testing.T, op operation, on carrier, limit int64) *scene {
	t.Helper()
	s := &scene{
		findings: &findings{}, op: op, on: on, domain: on.origin(), address: on.address(), limit: limit,
		mine: newValues("mine7"), other: newValues("other7"),
		server:   server{patience: patience, conns: map[net.Conn]struct{}{}},
		setup:    setup{dial: toListener},
		progress: progress{reached: func() {}, over: make(chan struct{}), returned: make(chan struct{})},
	}
	s.own.Store("own+1/" + strings.ReplaceAll(string(op.Op), " ", "-"))
	s.faulty.Store(true)
	var err error
	s.listener, err = (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	return s
}

// toListener connects to the scene, whatever the name of the host is.
func toListener(ctx context.Context, s *scene, base dialer, _ string) (net.Conn, error) {
	return base(ctx, "tcp", s.listener.Addr().String())
}

// accept serves connections until the listener is closed.
func (s *scene) accept(listener net.Listener) {
	for {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		s.open.Lock()
		s.conns[conn] = struct{}{}
		s.open.Unlock()
		s.spawn(func() {
			defer func() {
				_ = conn.Close()
				s.open.Lock()
				defer s.open.Unlock()
				delete(s.conns, conn)
			}()
			if s.serve != nil && (s.warm || s.faulty.Load()) {
				s.serve(s, conn)
				return
			}
			s.on.healthy(s, conn)
		})
	}
}

// spawn serves on a goroutine of its own.
func (s *scene) spawn(serve func()) {
	s.alive.Add(1)
	go func() {
		defer s.alive.Add(-1)
		serve()
	}()
}

// served waits until every connection of the scene has ended. A connection is
// not idle yet at the moment when its call returns, so closing is tried again.
func (s *scene) served(ctx context.Context, closeIdle func()) bool {
	return until(ctx, func() bool {
		closeIdle()
		return s.alive.Load() == 0
	})
}

// heal ends the fault.
func (s *scene) heal() {
	s.faulty.Store(false)
	close(s.over)
}

// close ends what is left of the scene.
func (s *scene) close() {
	s.pending.end()
	_ = s.listener.Close()
	s.cut()
	for _, cleanup := range slices.Backward(s.cleanups) {
		cleanup()
	}
}

// cut closes every connection.
func (s *scene) cut() {
	s.open.Lock()
	defer s.open.Unlock()
	for conn := range s.conns {
		_ = conn.Close()
	}
}

// rescue ends a call that goes on and on. What it repeats succeeds.
func (s *scene) rescue() {
	s.faulty.Store(false)
	s.cut()
}

// later has f called when the scene closes.
func (s *scene) later(f func()) { s.cleanups = append(s.cleanups, f) }

// success is the response that makes the operation succeed.
func (s *scene) success() response { return s.op.success(s.own.Load().(string)) }

// hostile is text that quotes every secret of the call, as it is and escaped.
func (s *scene) hostile() string {
	var all []string
	for _, secret := range append(s.op.Sends(s.mine), clientSecret) {
		all = append(all, forms(secret)...)
	}
	return strings.Join(all, " ")
}

// forms are the ways in which a value may stand in a text.
func forms(value string) []string {
	return []string{value, url.QueryEscape(value), url.PathEscape(value)}
}

// arrived counts a request that is complete.
func (s *scene) arrived(method, path string, header http.Header) {
	s.requests.Add(1)
	if header == nil || s.anyOperation { // HTTP/2 is not decoded
		return
	}
	assert.Equal(s, s.op.Method, method)
	assert.True(s, strings.HasPrefix(path, s.op.path()), "another path")
	s.cookies.Add(int32(len(header["Cookie"])))
}

// roundTripper connects the client to the scene.
func (s *scene) roundTripper() http.RoundTripper {
	tr := s.on.base()
	base := tr.DialContext
	tr.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		ctx, done, err := s.pending.begin(ctx)
		if err != nil {
			return nil, err
		}
		defer done()
		s.dials.Add(1)
		if address != s.address && !slices.Contains(s.proxies, address) {
			s.strangers.Add(1)
		}
		return s.dial(ctx, s, base, address)
	}
	if s.tune != nil {
		s.tune(tr)
	}
	if s.proxy != nil {
		tr.Proxy = s.proxy
	}
	var rt http.RoundTripper = tr
	if s.on.wrapped {
		rt = &callersOwn{tr}
	}
	if s.transport != nil {
		rt = s.transport(rt)
	}
	s.below = rt
	return rt
}

// callersOwn is a transport as a caller may have written it: it adds a header,
// and of what is below it shows RoundTrip and CloseIdleConnections.
type callersOwn struct{ below *http.Transport }

func (c *callersOwn) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	req.Header.Set("X-Trace", "1")
	return c.below.RoundTrip(req)
}

func (c *callersOwn) CloseIdleConnections() { c.below.CloseIdleConnections() }

// overTLS does the handshake and hands on.
func overTLS(config func() *tls.Config, next wire) wire {
	return func(s *scene, conn net.Conn) {
		secure := tls.Server(conn, config())
		if secure.Handshake() != nil {
			return
		}
		defer secure.Close() //nolint:errcheck // the other side may be gone
		next(s, secure)
	}
}

// stalls reads on and never says another word.
func stalls(_ *scene, conn net.Conn) { _, _ = io.Copy(io.Discard, conn) }

// findings collects what a run did wrong, so that a run can be judged as a whole.
type findings struct {
	mutex sync.Mutex
	found []string
}

// Errorf makes findings usable by the assert package. Where in the harness an
// assertion stands says nothing about the run.
func (f *findings) Errorf(format string, args ...any) {
	_, text, _ := strings.Cut(fmt.Sprintf(format, args...), "Error:")
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.found = append(f.found, strings.Join(strings.Fields(text), " "))
}
