package transport

import (
	"bytes"
	"context"
	"net"
	"sync/atomic"
	"syscall"
)

// maxAlert is the longest TLS record with an alert in it, which crypto/tls writes
// when a connection is closed. No request is as short.
const maxAlert = 31

// acknowledgment is how long the TLS 1.3 record is with an empty frame in it. Before
// the first request of a connection ends there is one empty frame: net/http
// acknowledges the SETTINGS as soon as it obeys them.
const acknowledgment = 9 + 22

// countedConn is a connection that counts the bytes that the system accepted.
type countedConn struct {
	net.Conn
	taken  atomic.Int64 // during a write: as if all were accepted
	broken atomic.Bool  // a write failed, after which crypto/tls writes no more
	http2  atomic.Bool  // HTTP/2 is spoken, as was found out

	acknowledged atomic.Bool // SETTINGS, if this is HTTP/2 over TLS 1.3
	acknowledge  atomic.Pointer[func()]
}

func (c *countedConn) Write(b []byte) (int, error) {
	if len(b) == acknowledgment {
		defer c.acknowledges()
	}
	if len(b) <= maxAlert {
		return c.Conn.Write(b)
	}
	if c.taken.Add(int64(len(b))) == int64(len(b)) && bytes.HasPrefix(b, []byte("PRI * HTTP/2.0\r\n")) {
		c.http2.Store(true)
	}
	n, err := c.Conn.Write(b)
	c.taken.Add(int64(n - len(b)))
	if err != nil {
		c.broken.Store(true)
	}
	return n, err
}

func (c *countedConn) acknowledges() {
	c.acknowledged.Store(true)
	if then := c.acknowledge.Load(); then != nil {
		(*then)()
	}
}

// onAcknowledge calls then when SETTINGS are acknowledged. It reports whether they
// are.
func (c *countedConn) onAcknowledge(then func()) bool {
	c.acknowledge.Store(&then)
	return c.acknowledged.Load()
}

// NetConn returns the connection below, as crypto/tls names it.
func (c *countedConn) NetConn() net.Conn { return c.Conn }

// SyscallConn gives access to the socket.
func (c *countedConn) SyscallConn() (syscall.RawConn, error) {
	socket, ok := c.Conn.(syscall.Conn)
	if !ok {
		return nil, syscall.EINVAL
	}
	return socket.SyscallConn()
}

// counted has dial return connections that count.
func counted(dial func(ctx context.Context, network, address string) (net.Conn, error)) func(ctx context.Context, network, address string) (net.Conn, error) {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return &countedConn{Conn: conn}, nil
	}
}

// hasEnded reports whether the peer ended the connection: by FIN or RST, or, if
// nothing may arrive before a request (silent), by any byte. net/http's readers
// may not have seen it yet, after a freeze for example.
func hasEnded(raw net.Conn, silent bool) bool {
	socket, ok := raw.(syscall.Conn)
	if !ok {
		return false
	}
	access, err := socket.SyscallConn()
	if err != nil {
		return false
	}
	ended := false
	// Control and not Read, which waits for net/http's reader.
	err = access.Control(func(fd uintptr) { ended = socketEnded(fd, silent) })
	return err == nil && ended
}
