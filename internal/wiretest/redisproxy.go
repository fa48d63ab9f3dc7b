package wiretest

import (
	"bytes"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// RedisFault says what happens to one command.
type RedisFault struct {
	// Command is a word of the command in lower case, such as "nx" or a key. If empty, it is
	// any command.
	Command string
	// Times is how often. If negative, it is always.
	Times int
	// DropRequest ends the connection before Redis gets the command.
	DropRequest bool
	// DropReply ends the connection after Redis acted on the command.
	DropReply bool
	// Delay holds the reply back.
	Delay time.Duration
}

// matches reports whether the request has the word. On the wire each is a line.
func (f *RedisFault) matches(request []byte) bool {
	return f.Command == "" || bytes.Contains(bytes.ToLower(request), []byte("\r\n"+f.Command+"\r\n"))
}

// RedisProxy is a proxy in front of a Redis.
type RedisProxy struct {
	// Addr is the address of the proxy, for the network "tcp".
	Addr string

	socket   string
	listener net.Listener
	running  sync.WaitGroup
	ended    chan struct{}

	mu     sync.Mutex
	faults []*RedisFault
	conns  map[net.Conn]bool
	closed bool
}

// NewRedisProxy starts a proxy that ends with the test.
func NewRedisProxy(t testing.TB, s *Redis) *RedisProxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	p := &RedisProxy{Addr: l.Addr().String(), socket: s.Socket, listener: l, ended: make(chan struct{}), conns: map[net.Conn]bool{}}
	p.running.Go(p.accept)
	t.Cleanup(p.close)
	return p
}

// Fail prepares a fault. The first one that a command meets counts.
func (p *RedisProxy) Fail(f RedisFault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.faults = append(p.faults, &f)
}

// Unused returns how many of the faults, other than those that last, were not met.
func (p *RedisProxy) Unused() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	unused := 0
	for _, f := range p.faults {
		unused += max(0, f.Times)
	}
	return unused
}

func (p *RedisProxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("unix", p.socket)
		if err != nil || !p.keep(client, server) {
			_ = client.Close()
			continue
		}
		p.running.Go(func() {
			defer p.drop(client, server)
			p.serve(client, server)
		})
	}
}

// serve passes on what comes, and ends both connections when one ends.
func (p *RedisProxy) serve(client, server net.Conn) {
	var next atomic.Pointer[RedisFault] // of the reply to come
	var replies sync.WaitGroup
	replies.Go(func() {
		defer func() { _ = client.Close() }()
		reply := make([]byte, 1<<16)
		for {
			n, err := server.Read(reply)
			if err != nil {
				return
			}
			if fault := next.Swap(nil); fault != nil {
				if fault.DropReply {
					return
				}
				select {
				case <-time.After(fault.Delay):
				case <-p.ended:
				}
			}
			if _, err = client.Write(reply[:n]); err != nil {
				return
			}
		}
	})
	request := make([]byte, 1<<16)
	for {
		n, err := client.Read(request)
		if err != nil {
			break
		}
		if fault, met := p.meet(request[:n]); met {
			if fault.DropRequest {
				break
			}
			next.Store(&fault)
		}
		if _, err = server.Write(request[:n]); err != nil {
			break
		}
	}
	_ = server.Close()
	replies.Wait()
}

// meet returns the fault of a command, if it has one.
func (p *RedisProxy) meet(request []byte) (fault RedisFault, met bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, f := range p.faults {
		if f.Times != 0 && f.matches(request) {
			f.Times--
			return *f, true
		}
	}
	return RedisFault{}, false
}

func (p *RedisProxy) keep(conns ...net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, conn := range conns {
		p.conns[conn] = true
	}
	return !p.closed
}

func (p *RedisProxy) drop(conns ...net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, conn := range conns {
		_ = conn.Close()
		delete(p.conns, conn)
	}
}

func (p *RedisProxy) close() {
	_ = p.listener.Close()
	close(p.ended)
	p.mu.Lock()
	p.closed = true
	for conn := range p.conns {
		_ = conn.Close()
	}
	p.mu.Unlock()
	p.running.Wait()
}
