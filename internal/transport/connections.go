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

// errInformed ends a GET to which more 1xx answers came than [maxInformed].
var errInformed = errors.New("transport: too many 1xx answers")

const maxInformed = 8

// connections counts what the transport below does with connections in one
// attempt. That is the proof of whether a request can have left: a connection
// was asked for and none was had. Transports without httptrace give no proof.
type connections struct {
	trace      httptrace.ClientTrace
	asked, had atomic.Int32

	// Of a GET:
	stop       context.CancelFunc
	most       int32        // connections that may be unanswered
	unanswered atomic.Int32 // connections
	answered   atomic.Bool  // the last connection
	informed   atomic.Int32 // 1xx answers
	stopped    atomic.Bool  // for too many unanswered connections
}

func newConnections() *connections {
	c := new(connections)
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

// limit has stop end the attempt when it has more than most connections without
// an answer. One that was answered is never replayed by net/http: what follows
// it is a request of the caller's transport, which may ask for a token first, or
// again after a 503.
func (c *connections) limit(most int32, stop context.CancelFunc) {
	c.most, c.stop = most, stop
	c.trace.GotFirstResponseByte = func() {
		if !c.answered.Swap(true) {
			c.unanswered.Add(-1)
		}
	}
	// Over HTTP/2 a replay can follow a 1xx answer.
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

// none reports whether it is proven that there was no connection to send on.
func (c *connections) none() bool { return c.asked.Load() > 0 && c.had.Load() == 0 }

// requests returns how many requests a GET made, repeats by net/http included,
// and one more if it was stopped.
func (c *connections) requests() int32 {
	requests := c.unanswered.Load()
	if c.answered.Load() {
		requests++
	}
	return max(1, requests)
}

// closeUnshared closes a connection unless other requests are on it: net/http
// writes to one of HTTP/1.1 even though the request was just cancelled.
func closeUnshared(got httptrace.GotConnInfo) {
	secure, ok := got.Conn.(*tls.Conn)
	shared := got.Reused && !got.WasIdle || ok && secure.ConnectionState().NegotiatedProtocol == "h2"
	if got.Conn != nil && !shared {
		_ = got.Conn.Close() // nothing was sent on it
	}
}
