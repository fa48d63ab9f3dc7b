package transport

import (
	"net"
	"sync/atomic"
	"time"
)

// place is the place of one call in the gate. The zero value has no gate.
type place struct {
	gate    *gate
	entered time.Time                 // if the transport is not net/http's
	state   atomic.Uint32             // of the flags below
	room    atomic.Int32              // the gate's when the call asked for a connection
	dials   atomic.Int32              // the gate's then
	first   atomic.Pointer[youngConn] // the connection on which it is the first
}

const (
	asks  uint32 = 1 << iota // asked for a connection, and has none
	has                      // has one
	hears                    // has the first byte of a response there
	gone                     // is not inside any more
)

// turn changes flags unless the call is gone, and returns the ones before.
func (p *place) turn(off, on uint32) (before uint32) {
	for {
		before = p.state.Load()
		if before&gone != 0 || p.state.CompareAndSwap(before, before&^off|on) {
			return before
		}
	}
}

// ask notes that net/http was asked for a connection. It says at once which one has
// a free stream; if it does not, all that fit are inside.
func (p *place) ask() {
	g := p.gate
	if g == nil || p.turn(0, asks)&(asks|gone) != 0 {
		return
	}
	others := g.inside.Load() - g.asking.Add(1) - g.ending.Load()
	if g.foreign {
		g.prompt.Store(time.Since(p.entered) < promptly)
		if g.unheard.CompareAndSwap(true, false) {
			g.room.CompareAndSwap(unlimited, others)
		}
	}
	p.dials.Store(g.dials.Load())
	p.room.Store(g.fit(others))
}

// take notes that the call got an HTTP/2 connection. It reports whether the request
// may be written to it. If own is not nil, it is below conn and uses TLS 1.3.
func (p *place) take(conn net.Conn, own *countedConn, reused bool) bool {
	g := p.gate
	if g == nil {
		return true
	}
	p.settle() // net/http gave up another one
	asked := p.state.Load()&asks != 0
	dialed := asked && p.dials.Load() != g.dials.Load()
	free := reused && !dialed && g.young.Load() == 0 || p.begin(conn, own, reused, dialed)
	before := p.turn(asks|hears, has)
	if before&gone != 0 {
		p.settle()
		return true
	}
	if before&has == 0 {
		g.placed.Add(1)
	}
	g.discount(before &^ has)
	switch here, room := g.placed.Load()-g.ending.Load(), p.room.Load(); {
	case !free:
		g.fit(0) // the limits fell
	case reused && asked && room != unlimited:
		g.fits(max(here, room))
	default:
		g.fits(here)
	}
	g.changed()
	return free
}

// begin reports whether the request may be written to the connection, and whether it
// is the first one there. So is, for the gate, the request of a call that dialed and
// got an old connection after all: streams become free faster than connections open.
func (p *place) begin(conn net.Conn, own *countedConn, reused, dialed bool) bool {
	g := p.gate
	g.mu.Lock()
	defer g.mu.Unlock()
	var y *youngConn
	for _, known := range g.conns {
		if known.conn == conn {
			y = known
		}
	}
	switch {
	case y == nil && !reused:
		y = &youngConn{conn: conn}
		g.looks = 1
		if g.timer != nil {
			g.timer.Reset(patience)
		}
		if own != nil && own.onAcknowledge(func() { g.grown(y) }) {
			return true
		}
		g.add(y)
	case y == nil && dialed:
		y = &youngConn{}
		g.add(y)
	case y == nil:
		return true
	case y.busy:
		return false
	}
	y.busy = true
	g.proving.Add(1)
	p.first.Store(y)
	return true
}

// answered notes the first byte of a response, which comes after SETTINGS.
func (p *place) answered() {
	if before := p.state.Load(); before&(has|hears|gone) == has && p.state.CompareAndSwap(before, before|hears) {
		p.gate.ending.Add(1)
	}
	if y := p.first.Swap(nil); y != nil {
		p.gate.grown(y)
	}
}

// settle leaves a connection that had no response to another call.
func (p *place) settle() {
	if y := p.first.Swap(nil); y != nil {
		p.gate.mu.Lock()
		p.gate.free(y)
		p.gate.mu.Unlock()
	}
}

// ungate notes that the call got a connection that carries one request at a time.
func (p *place) ungate() {
	if p.gate != nil && p.out() {
		p.gate.room.Store(unlimited)
		p.gate.changed()
	}
}

// leave gives the place back, after the response was read: net/http has freed the
// stream by then.
func (p *place) leave() {
	if p.gate != nil && p.out() {
		p.gate.changed()
	}
}

// out reports whether the call was inside until now.
func (p *place) out() bool {
	g := p.gate
	before := p.turn(asks|has|hears, gone)
	if before&gone != 0 {
		return false
	}
	p.settle()
	g.discount(before)
	if g.inside.Add(-1) == 0 {
		g.fit(1) // before the next burst the connections may have ended
	}
	return true
}
