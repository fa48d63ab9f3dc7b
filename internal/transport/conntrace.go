package transport

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http/httptrace"
	"net/textproto"
	"sync/atomic"
)

var (
	// ErrRepeats means that the transport below sent the request again by itself,
	// though the one before had no response. That was stopped before its first byte.
	ErrRepeats = errors.New("transport: the transport below repeats requests by itself")
	// errEnded ends a request whose connection had ended before it.
	errEnded = errors.New("transport: the connection had ended before the request")
	// errCrowded ends a request on a connection whose limit is not known yet.
	errCrowded = errors.New("transport: the connection had no response yet")
	// errInformed ends a request that got too many 1xx responses.
	errInformed = errors.New("transport: too many 1xx responses")
)

const (
	maxInformed       = 8   // 1xx responses of a GET, which net/http may have replayed by then
	maxInformedActing = 100 // of an acting request, which is not repeated
)

// connTrace watches by httptrace what the transport below does with connections
// for one request. It stops the request on a connection that has ended, and stops
// one that follows another without a response. Afterwards it tells whether the
// request was provably not acted on. A transport without httptrace proves nothing.
type connTrace struct {
	trace httptrace.ClientTrace
	stop  context.CancelFunc // ends the request's context

	most         int32 // requests that may be without a response
	mostInformed int32
	late         bool // an empty frame, as short as an acknowledgment of SETTINGS, ends the request

	asked      atomic.Int32 // connections requested
	had        atomic.Int32 // connections obtained
	begun      atomic.Int32 // connections that the request was written to, as far as is known
	unanswered atomic.Int32 // of these, the ones without a response
	informed   atomic.Int32 // 1xx responses
	answered   atomic.Bool  // the last one begun has a response
	fresh      atomic.Bool  // the last one obtained speaks HTTP/2, and no header field was written
	ended      atomic.Bool  // stopped, because the connection had ended
	crowded    atomic.Bool  // stopped, because another request is the first on the connection
	repeats    atomic.Bool  // stopped, because the transport repeats
	own        atomic.Pointer[ownConn]
	place      place
}

// ownConn is a connection of [NewTransport]'s dialer as the request got it.
type ownConn struct {
	*countedConn
	taken  int64 // bytes, before the request
	shared bool  // with other requests
}

// watch starts. An acting request may be without a response on one connection
// only, a GET on most.
func (c *connTrace) watch(acting bool, most int32, stop context.CancelFunc) {
	c.most, c.mostInformed, c.stop = most, maxInformed, stop
	if acting {
		c.most, c.mostInformed = 1, maxInformedActing
	}
	c.trace = httptrace.ClientTrace{
		GetConn:              func(string) { c.getConn() },
		GotConn:              c.gotConn,
		WroteHeaderField:     func(string, []string) { c.wroteHeaderField() },
		GotFirstResponseByte: c.gotFirstResponseByte,
		Got1xxResponse:       c.got1xxResponse,
	}
	if c.place.gate != nil {
		c.trace.TLSHandshakeStart = c.place.gate.dialing
	}
}

func (c *connTrace) getConn() {
	c.asked.Add(1)
	c.place.ask()
}

func (c *connTrace) gotConn(got httptrace.GotConnInfo) {
	raw, isHTTP2, known := protocol(got.Conn)
	shared := isHTTP2 || !known && got.Reused && !got.WasIdle
	c.had.Add(1)
	free := true
	if isHTTP2 {
		var own *countedConn
		if !got.Reused {
			own = c.acknowledging(got.Conn, raw)
		}
		free = c.place.take(got.Conn, own, got.Reused)
	} else {
		c.place.ungate()
	}
	switch {
	case c.unanswered.Load() >= c.most:
		c.repeats.Store(true)
	case !free:
		c.crowded.Store(true)
	case hasEnded(raw, got.Reused && !shared):
		c.ended.Store(true)
	}
	// Over HTTP/2 net/http may find that the connection accepts no more requests,
	// and get another. As long as no header field is written, it is free to.
	c.fresh.Store(isHTTP2)
	if c.ended.Load() || c.crowded.Load() || c.repeats.Load() {
		c.stop() // keeps net/http from writing over HTTP/2 …
		if !shared && raw != nil {
			_ = raw.Close() // … but not over HTTP/1.1
		}
		return
	}
	if counted, ok := raw.(*countedConn); ok {
		c.own.Store(&ownConn{counted, counted.taken.Load(), shared})
	}
	if !isHTTP2 {
		c.begin()
	}
}

// acknowledging returns our own dialer's connection if it can tell when net/http
// acknowledges SETTINGS.
func (c *connTrace) acknowledging(conn, raw net.Conn) *countedConn {
	counted, ok := raw.(*countedConn)
	if over, isTLS := conn.(*tls.Conn); !ok || !isTLS || c.late || over.ConnectionState().Version != tls.VersionTLS13 {
		return nil
	}
	return counted
}

func (c *connTrace) wroteHeaderField() {
	if c.fresh.Swap(false) {
		c.begin()
	}
}

func (c *connTrace) begin() {
	c.begun.Add(1)
	c.unanswered.Add(1)
	c.answered.Store(false)
}

// A request that was answered is never replayed by net/http. What follows is a
// request of the caller's transport, which may ask for a token first, or again
// after a 503.
func (c *connTrace) gotFirstResponseByte() {
	if !c.answered.Swap(true) {
		c.unanswered.Add(-1)
	}
	c.place.answered()
}

// Over HTTP/2 a replay can follow a 1xx response.
func (c *connTrace) got1xxResponse(int, textproto.MIMEHeader) error {
	if c.answered.Swap(false) {
		c.unanswered.Add(1)
	}
	if c.informed.Add(1) > c.mostInformed { // net/http has no limit where there is this hook
		return errInformed
	}
	return nil
}

// requests returns how many requests were made, at least one, repeats by net/http
// included.
func (c *connTrace) requests() int32 {
	requests := c.unanswered.Load()
	if c.answered.Load() {
		requests++
	}
	return max(1, requests)
}

// protocol returns the connection below TLS and whether HTTP/2 is spoken on it, if
// that is known.
func protocol(conn net.Conn) (raw net.Conn, isHTTP2, known bool) {
	for {
		switch this := conn.(type) {
		case *tls.Conn:
			conn = this.NetConn()
			if own, ok := conn.(*countedConn); ok && own.http2.Load() {
				return own, true, true
			}
			known, isHTTP2 = true, isHTTP2 || this.ConnectionState().NegotiatedProtocol == "h2"
		case *countedConn:
			if isHTTP2 {
				this.http2.Store(true)
			}
			return conn, this.http2.Load(), true
		default:
			return conn, isHTTP2, known
		}
	}
}
