package transport

import (
	"context"
	"crypto/tls"
	"errors"
	"net/http/httptrace"
	"net/textproto"
	"sync/atomic"
)

// errReplayed ends a GET that net/http keeps replaying by itself.
var errReplayed = errors.New("transport: the request was replayed too often")

// errInformed ends a GET that got more 1xx responses than [maxInformed].
var errInformed = errors.New("transport: too many 1xx responses")

const maxInformed = 8

// connTrace counts what the transport below does with connections for one
// request. If a connection was requested and none obtained, the request was
// provably not sent. A transport without httptrace proves nothing.
type connTrace struct {
	trace      httptrace.ClientTrace
	asked, had atomic.Int32

	// Of a GET:
	stop       context.CancelFunc
	most       int32        // connections that may be without a response
	unanswered atomic.Int32 // connections
	answered   atomic.Bool  // the last connection
	informed   atomic.Int32 // 1xx responses
	stopped    atomic.Bool  // because of too many unanswered connections
}

func newConnTrace() *connTrace {
	c := new(connTrace)
	c.trace.GetConn = func(string) { c.asked.Add(1) }
	c.trace.GotConn = func(got httptrace.GotConnInfo) {
		c.had.Add(1)
		c.answered.Store(false)
		if c.unanswered.Add(1) > c.most && c.stop != nil {
			c.stopped.Store(true)
			c.stop()
			closeUnshared(got)
		}
	}
	return c
}

// boundReplays has stop end the request when it has more than most connections
// without a response. net/http never replays on a connection that answered: what
// follows is a request of the caller's transport, which may ask for a token
// first, or again after a 503.
func (c *connTrace) boundReplays(most int32, stop context.CancelFunc) {
	c.most, c.stop = most, stop
	c.trace.GotFirstResponseByte = func() {
		if !c.answered.Swap(true) {
			c.unanswered.Add(-1)
		}
	}
	// Over HTTP/2 a replay can follow a 1xx response.
	c.trace.Got1xxResponse = func(int, textproto.MIMEHeader) error {
		if c.answered.Swap(false) {
			c.unanswered.Add(1)
		}
		if c.informed.Add(1) > maxInformed { // net/http has no limit where there is this hook
			return errInformed
		}
		return nil
	}
}

// provesNotSent reports whether there was no connection to send on.
func (c *connTrace) provesNotSent() bool { return c.asked.Load() > 0 && c.had.Load() == 0 }

// requests returns how many requests were made, repeats by net/http included, and
// one more if they were stopped. Only those of a GET are counted.
func (c *connTrace) requests() int32 {
	requests := c.unanswered.Load()
	if c.answered.Load() {
		requests++
	}
	return max(1, requests)
}

// closeUnshared closes a connection unless other requests are on it: net/http
// writes to one of HTTP/1.1 even though the request was just canceled.
func closeUnshared(got httptrace.GotConnInfo) {
	secure, ok := got.Conn.(*tls.Conn)
	shared := got.Reused && !got.WasIdle || ok && secure.ConnectionState().NegotiatedProtocol == "h2"
	if got.Conn != nil && !shared {
		_ = got.Conn.Close() // nothing was sent on it
	}
}
