package mfatest

import (
	"context"
	"io"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// memoryNetwork is a network of one host: a listener, and the way to it. It waits
// on channels and condition variables alone, so that a bubble of testing/synctest
// sees who waits for what.
type memoryNetwork struct {
	address  string // host and port, as a transport dials it
	incoming chan net.Conn
	closed   chan struct{}
	once     sync.Once
	dialed   atomic.Int32
}

func newMemoryNetwork(host string) *memoryNetwork {
	return &memoryNetwork{address: net.JoinHostPort(host, "443"), incoming: make(chan net.Conn), closed: make(chan struct{})}
}

// dial connects to the host. There is no other one.
func (n *memoryNetwork) dial(ctx context.Context, network, address string) (net.Conn, error) {
	failed := func(err error) (net.Conn, error) {
		return nil, &net.OpError{Op: "dial", Net: network, Addr: n.Addr(), Err: err}
	}
	if address != n.address {
		host, _, _ := net.SplitHostPort(address)
		return failed(&net.DNSError{Err: "the memory network of this tenant has no such host", Name: host, IsNotFound: true})
	}
	client := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1024 + int(n.dialed.Add(1)-1)%(1<<16-1024)}
	near, far := newMemoryConns(client, n.Addr())
	select {
	case n.incoming <- far:
		return near, nil
	case <-n.closed:
		return failed(syscall.ECONNREFUSED)
	case <-ctx.Done():
		return failed(ctx.Err())
	}
}

// Accept waits for the next connection.
func (n *memoryNetwork) Accept() (net.Conn, error) {
	select {
	case c := <-n.incoming:
		return c, nil
	case <-n.closed:
		return nil, net.ErrClosed
	}
}

// Close ends Accept and refuses connections from now on.
func (n *memoryNetwork) Close() error {
	n.once.Do(func() { close(n.closed) })
	return nil
}

// Addr returns a loopback address, because every connection comes from one.
func (n *memoryNetwork) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 443} }

// memoryConn is one end of a connection.
type memoryConn struct {
	in, out       *memoryStream
	local, remote net.Addr
	abortive      atomic.Bool // Close resets
}

func newMemoryConns(a, b net.Addr) (first, second *memoryConn) {
	there, back := newMemoryStream(), newMemoryStream()
	return &memoryConn{in: back, out: there, local: a, remote: b}, &memoryConn{in: there, out: back, local: b, remote: a}
}

// Read reads what the other end wrote.
func (c *memoryConn) Read(p []byte) (int, error) {
	n, err := c.in.read(p)
	return n, c.wrap("read", err)
}

// Write writes to the buffer of the other end, and waits while it is full.
func (c *memoryConn) Write(p []byte) (int, error) {
	n, err := c.out.write(p)
	return n, c.wrap("write", err)
}

// Close ends both directions. The other end can still read what was written,
// unless the connection is reset.
func (c *memoryConn) Close() error {
	var cause error
	if c.abortive.Load() {
		cause = syscall.ECONNRESET
	}
	c.in.stopReading(cause)
	c.out.stopWriting(cause)
	return nil
}

// SetLinger makes Close reset the connection if sec is 0, as that of a
// net.TCPConn does.
func (c *memoryConn) SetLinger(sec int) error {
	c.abortive.Store(sec == 0)
	return nil
}

// LocalAddr returns the address of this end.
func (c *memoryConn) LocalAddr() net.Addr { return c.local }

// RemoteAddr returns the address of the other end.
func (c *memoryConn) RemoteAddr() net.Addr { return c.remote }

// SetDeadline sets both deadlines.
func (c *memoryConn) SetDeadline(at time.Time) error {
	c.in.setDeadline(&c.in.reading, at)
	c.out.setDeadline(&c.out.writing, at)
	return nil
}

// SetReadDeadline sets the time at which Read gives up.
func (c *memoryConn) SetReadDeadline(at time.Time) error {
	c.in.setDeadline(&c.in.reading, at)
	return nil
}

// SetWriteDeadline sets the time at which Write gives up.
func (c *memoryConn) SetWriteDeadline(at time.Time) error {
	c.out.setDeadline(&c.out.writing, at)
	return nil
}

// wrap adds to an error what those of a TCP connection have.
func (c *memoryConn) wrap(op string, err error) error {
	if err == nil || err == io.EOF { //nolint:errorlint // EOF is returned as it is
		return err
	}
	return &net.OpError{Op: op, Net: c.local.Network(), Source: c.local, Addr: c.remote, Err: err}
}

// maxBuffered is how much one direction holds before its writer waits. Like a
// socket, and unlike net.Pipe, two ends that both write first do not block each
// other, as those of TLS and HTTP/2 may.
const maxBuffered = 64 << 10

// memoryStream is one direction of a connection.
type memoryStream struct {
	mu               sync.Mutex
	changed          sync.Cond // of anything below
	data             []byte
	reading, writing deadline
	done             error // why nothing more arrives; io.EOF if the writer closed
	refused          error // why nothing more can be written
	unread           error // why nothing more can be read by this end itself
}

// deadline is a time, and what wakes those who wait when it comes.
type deadline struct {
	at    time.Time
	timer *time.Timer
}

func (d *deadline) passed() bool { return !d.at.IsZero() && !time.Now().Before(d.at) }

func newMemoryStream() *memoryStream {
	s := &memoryStream{}
	s.changed.L = &s.mu
	return s
}

func (s *memoryStream) read(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		switch {
		case s.unread != nil:
			return 0, s.unread
		case s.reading.passed():
			return 0, os.ErrDeadlineExceeded
		case len(p) == 0:
			return 0, nil
		case len(s.data) > 0:
			n := copy(p, s.data)
			if s.data = s.data[n:]; len(s.data) == 0 {
				s.data = nil // an idle connection holds no buffer
			}
			s.changed.Broadcast()
			return n, nil
		case s.done != nil:
			return 0, s.done
		}
		s.changed.Wait()
	}
}

func (s *memoryStream) write(p []byte) (written int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		switch {
		case s.refused != nil:
			return written, s.refused
		case s.writing.passed():
			return written, os.ErrDeadlineExceeded
		case len(p) == 0:
			return written, nil
		}
		if n := min(len(p), maxBuffered-len(s.data)); n > 0 {
			s.data = append(s.data, p[:n]...)
			p = p[n:]
			written += n
			s.changed.Broadcast()
			continue
		}
		s.changed.Wait()
	}
}

// stopReading ends the direction on behalf of its reader. The writer learns the
// cause, by default that nobody reads.
func (s *memoryStream) stopReading(cause error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.unread != nil {
		return
	}
	if cause == nil {
		cause = syscall.EPIPE
	}
	if s.refused == nil {
		s.refused = cause
	}
	s.unread, s.data = net.ErrClosed, nil
	s.reading.stop()
	s.changed.Broadcast()
}

// stopWriting ends the direction on behalf of its writer. The reader gets what is
// buffered and then EOF, or at once the cause.
func (s *memoryStream) stopWriting(cause error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.done != nil {
		return
	}
	s.done = io.EOF
	if cause != nil {
		s.done, s.data = cause, nil
	}
	s.refused = net.ErrClosed
	s.writing.stop()
	s.changed.Broadcast()
}

func (s *memoryStream) setDeadline(d *deadline, at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d.stop()
	d.at = at
	if wait := time.Until(at); wait > 0 {
		d.timer = time.AfterFunc(wait, func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.changed.Broadcast()
		})
	}
	s.changed.Broadcast()
}

func (d *deadline) stop() {
	if d.timer != nil {
		d.timer.Stop()
		d.timer = nil
	}
}
