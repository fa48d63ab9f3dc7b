package transport

import (
	"container/list"
	"context"
	"math"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

const (
	unlimited = math.MaxInt32
	// patience is how long the queue puts up with a dial or a first response before
	// more calls may look for a connection.
	patience = 500 * time.Millisecond
	// promptly is how soon after it was let in a call asks for its connection,
	// unless a transport of the caller does something else before.
	promptly = 5 * time.Millisecond
)

// gate keeps a burst of calls from opening a connection each. net/http dials for
// every call that finds no free HTTP/2 stream, and it shows no SETTINGS. So beyond
// the number of calls that are known to fit, one call at a time looks for a stream
// or opens a connection. The others wait for it, or for a call that ends. HTTP/1.1
// has no gate, and a transport without httptrace has none.
//
// Servers refuse requests beyond a limit that net/http has not read yet. So a new
// connection has one request until its SETTINGS were read: they come before the
// first response, and are acknowledged.
//
// The counts are atomic, so that a call that fits waits for no lock.
type gate struct {
	inside  atomic.Int32 // calls let in, apart from those on HTTP/1.1
	placed  atomic.Int32 // of these, the ones that have a connection
	asking  atomic.Int32 // of these, the ones that asked net/http for one and have none
	ending  atomic.Int32 // of these, the ones whose response has begun: the stream can be free
	proving atomic.Int32 // of these, the ones that are the first on a connection
	room    atomic.Int32 // how many calls are known to fit
	waiting atomic.Int32 // the length of the queue
	young   atomic.Int32 // the number of conns
	dials   atomic.Int32 // TLS handshakes begun
	unheard atomic.Bool  // no hook of httptrace was called yet
	prompt  atomic.Bool  // calls ask for a connection as soon as they are let in
	foreign bool         // the transport is not net/http's, so prompt is measured
	dialing func()       // counts dials

	mu    sync.Mutex
	queue list.List    // of chan struct{}
	looks int32        // how many calls may look for a connection at once
	conns []*youngConn // connections whose SETTINGS may be unread
	timer *time.Timer  // ends the patience of the queue
}

// youngConn is an HTTP/2 connection whose SETTINGS may be unread.
type youngConn struct {
	conn any  // the net.Conn, or nil if it is an old one
	busy bool // a request is on it
}

// newGate returns a gate for requests to one origin.
func newGate(base http.RoundTripper, scheme string) *gate {
	_, own := base.(*http.Transport)
	g := &gate{looks: 1, foreign: !own}
	g.dialing = func() { g.dials.Add(1) }
	g.prompt.Store(own)
	g.unheard.Store(!own)
	if !own || scheme == "http" {
		g.room.Store(unlimited)
	}
	return g
}

// enter waits until the call may look for a connection. It returns the context's
// error if that ends before.
func (g *gate) enter(ctx context.Context, p *place) error {
	p.gate = g
	for {
		inside, room := g.inside.Load(), g.room.Load()
		if room != unlimited && (inside >= room || g.asking.Load() > 0 || g.waiting.Load() > 0) {
			if err := g.wait(ctx); err != nil {
				return err
			}
			break
		}
		if g.inside.CompareAndSwap(inside, inside+1) {
			break
		}
	}
	if g.foreign {
		p.entered = time.Now()
	}
	return nil
}

// wait is enter for a call that may have to queue.
func (g *gate) wait(ctx context.Context) error {
	g.mu.Lock()
	if g.queue.Len() == 0 && g.admits() {
		g.inside.Add(1)
		g.mu.Unlock()
		return nil
	}
	admitted := make(chan struct{})
	queued := g.queue.PushBack(admitted)
	g.waiting.Add(1)
	g.admit() // nobody told the queue what changed before it had this call
	g.mu.Unlock()
	select {
	case <-admitted:
		return nil
	case <-ctx.Done():
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	select {
	case <-admitted:
		g.inside.Add(-1)
	default:
		g.queue.Remove(queued)
		g.waiting.Add(-1)
	}
	g.admit()
	return ctx.Err()
}

// admits reports whether another call may look for a connection.
func (g *gate) admits() bool {
	room, inside, asking := g.room.Load(), g.inside.Load(), g.asking.Load()
	if room == unlimited {
		return true
	}
	coming := int32(0) // neither placed nor asking yet
	if g.prompt.Load() {
		coming = inside - asking - g.placed.Load()
	}
	if g.proving.Load() > 0 {
		return inside < room && coming < g.looks
	}
	return inside-asking < room && coming < g.looks || asking+coming < g.looks
}

// admit lets calls in from the front of the queue. g.mu is held.
func (g *gate) admit() {
	for g.queue.Len() > 0 && g.admits() {
		g.inside.Add(1)
		g.waiting.Add(-1)
		close(g.queue.Remove(g.queue.Front()).(chan struct{})) //nolint:errcheck,forcetypeassert // nothing else is put in
	}
	switch {
	case g.queue.Len() == 0 && g.timer != nil:
		g.timer.Stop()
		g.timer = nil
	case g.queue.Len() > 0 && g.timer == nil:
		g.timer = time.AfterFunc(patience, g.impatient)
	}
}

// changed lets calls in after something changed.
func (g *gate) changed() {
	if g.waiting.Load() > 0 {
		g.mu.Lock()
		g.admit()
		g.mu.Unlock()
	}
}

// impatient lets more calls look for a connection when a dial hangs or a first
// response takes long. Whatever SETTINGS there are have been read by now.
func (g *gate) impatient() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.queue.Len() == 0 {
		return
	}
	g.looks = min(2*g.looks, unlimited/2)
	for len(g.conns) > 0 {
		g.remove(g.conns[0])
	}
	g.timer = nil
	g.admit()
}

// grown notes that the SETTINGS of a connection were read.
func (g *gate) grown(y *youngConn) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.remove(y)
	g.admit()
}

// add notes a connection with one request. g.mu is held.
func (g *gate) add(y *youngConn) {
	g.conns = slices.DeleteFunc(g.conns, func(old *youngConn) bool { return !old.busy })
	g.conns = append(g.conns, y)
	g.young.Store(int32(len(g.conns))) //nolint:gosec // there are few
}

// remove undoes add. g.mu is held.
func (g *gate) remove(y *youngConn) {
	g.free(y)
	g.conns = slices.DeleteFunc(g.conns, func(old *youngConn) bool { return old == y })
	g.young.Store(int32(len(g.conns))) //nolint:gosec // there are few
}

// free notes that no request is on a connection any more. g.mu is held.
func (g *gate) free(y *youngConn) {
	if y.busy {
		y.busy = false
		g.proving.Add(-1)
	}
}

// discount takes a call with these flags out of the counts that they are in.
func (g *gate) discount(flags uint32) {
	if flags&asks != 0 {
		g.asking.Add(-1)
	}
	if flags&hears != 0 {
		g.ending.Add(-1)
	}
	if flags&has != 0 {
		g.placed.Add(-1)
	}
}

// fit notes that no more than n calls fit, and returns how many were known to.
func (g *gate) fit(n int32) (before int32) {
	for {
		room := g.room.Load()
		if room == unlimited || room <= n || g.room.CompareAndSwap(room, n) {
			return room
		}
	}
}

// fits notes that n calls fit.
func (g *gate) fits(n int32) {
	for {
		room := g.room.Load()
		if room != unlimited && room >= n || g.room.CompareAndSwap(room, n) {
			return
		}
	}
}
