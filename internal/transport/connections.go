package transport

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http/httptrace"
	"sync/atomic"
)

// errReplayed ends a GET that net/http keeps replaying by itself.
var errReplayed = errors.New("transport: the request was replayed too often")

// connections counts what the transport below does with connections in one
// attempt. That is the proof of whether a request can have left: a connection
// was asked for and none was had. Transports without httptrace give no proof.
type connections struct {
	trace      httptrace.ClientTrace
	asked, had atomic.Int32
	most       int32 // connections that the attempt may use, if there is stop
	stop       context.CancelFunc
}

func newConnections() *connections {
	s := new(connections)
	s.trace.GetConn = func(string) { s.asked.Add(1) }
	s.trace.GotConn = func(got httptrace.GotConnInfo) {
		if s.had.Add(1); s.stopped() {
			s.stop()
			closeUnshared(got.Conn)
		}
	}
	return s
}

// none reports whether it is proven that there was no connection to send on.
func (s *connections) none() bool { return s.asked.Load() > 0 && s.had.Load() == 0 }

// stopped reports whether the attempt was ended for using too many connections.
func (s *connections) stopped() bool { return s.stop != nil && s.had.Load() > s.most }

// requests returns how many requests the attempt made, repeats by net/http
// included: one on each connection but for the one it was stopped at.
func (s *connections) requests() int32 {
	if s.stopped() {
		return s.most
	}
	return max(1, s.had.Load())
}

// closeUnshared closes a connection unless other requests are on it: net/http
// writes to one of HTTP/1.1 even though the request was just cancelled.
func closeUnshared(conn net.Conn) {
	secure, ok := conn.(*tls.Conn)
	if conn != nil && !(ok && secure.ConnectionState().NegotiatedProtocol == "h2") {
		_ = conn.Close() // nothing was sent on it
	}
}
