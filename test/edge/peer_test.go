//go:build linux

package edge

import (
	"bufio"
	"crypto/tls"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa/internal/wiretest"
)

// peer is a server that breaks the rules. It counts connections and requests.
type peer struct {
	address     string
	connections atomic.Int32
	requests    atomic.Int32

	mu   sync.Mutex
	open map[net.Conn]net.Conn // and what is spoken to over it: TLS, or itself
}

// newPeer starts a peer. With protocols it speaks TLS, and serve gets the
// connection after the handshake.
func newPeer(t testing.TB, serve func(p *peer, conn net.Conn), protocols ...string) *peer {
	t.Helper()
	l := listen(t)
	p := &peer{address: l.Addr().String(), open: map[net.Conn]net.Conn{}}
	var wg sync.WaitGroup
	t.Cleanup(func() {
		_ = l.Close()
		p.closeAll()
		wg.Wait()
	})
	wg.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			p.connections.Add(1)
			wg.Go(func() {
				top := conn
				if protocols != nil {
					top = tls.Server(conn, serverTLS(protocols...))
				}
				p.keep(conn, top)
				defer p.keep(conn, nil)
				defer conn.Close() //nolint:errcheck // it may have ended
				if secure, ok := top.(*tls.Conn); ok && secure.Handshake() != nil {
					return
				}
				serve(p, top)
			})
		}
	})
	return p
}

func (p *peer) keep(conn, top net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if top != nil {
		p.open[conn] = top
	} else {
		delete(p.open, conn)
	}
}

// gone waits until all connections have ended on the other side too.
func (p *peer) gone(t testing.TB) {
	t.Helper()
	unconnected(t, p.address, p.closeAll) // what came in meanwhile
}

// unconnected waits until the system has brought the end of all connections to an
// address to their other side, which takes its time on a busy machine.
func unconnected(t testing.TB, address string, end func()) {
	t.Helper()
	_, port, err := net.SplitHostPort(address)
	require.NoError(t, err)
	number, err := strconv.ParseUint(port, 10, 16)
	require.NoError(t, err)
	remote := fmt.Sprintf(":%04X", number)
	require.Eventually(t, func() bool {
		end()
		table, err := os.ReadFile("/proc/net/tcp")
		require.NoError(t, err)
		for line := range strings.Lines(string(table)) {
			fields := strings.Fields(line)
			if strings.HasSuffix(fields[2], remote) && fields[3] == "01" { // ESTABLISHED
				return false
			}
		}
		return true
	}, 10*time.Second, 100*time.Microsecond)
}

// say writes to all connections.
func (p *peer) say(bytes []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, top := range p.open {
		_, _ = top.Write(bytes)
	}
}

// closeAll ends all connections by FIN.
func (p *peer) closeAll() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for conn := range p.open {
		_ = conn.Close()
	}
}

// resetAll ends all connections by RST.
func (p *peer) resetAll() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for conn := range p.open {
		if tcp, ok := conn.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0)
		}
		_ = conn.Close()
	}
}

// goAwayAll ends all connections of HTTP/2 as a server does that goes: none of the
// streams so far is said to be lost.
func (p *peer) goAwayAll() {
	p.say(goAway2(1<<31-1, wiretest.CodeNoError))
	p.closeAll()
}

// http1 serves requests of HTTP/1.1: react gets the connection, the number of the
// request and its body, and returns whether the connection goes on.
func http1(react func(conn net.Conn, n int, body []byte) bool) func(*peer, net.Conn) {
	return func(p *peer, conn net.Conn) {
		in := bufio.NewReader(conn)
		for {
			req, err := http.ReadRequest(in)
			if err != nil {
				return
			}
			body, err := io.ReadAll(req.Body)
			if err != nil || !react(conn, int(p.requests.Add(1)), body) {
				return
			}
		}
	}
}

// answer1 answers a request of HTTP/1.1.
func answer1(conn net.Conn, body string) bool {
	_, err := io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "+strconv.Itoa(len(body))+"\r\n\r\n"+body)
	return err == nil
}

// stream is a request of HTTP/2 that the peer read to its end.
type stream struct {
	id   uint32
	n    int // the number of the request
	body []byte
	conn net.Conn
	last uint32 // the stream of this connection that was answered before; 0 if there was none
}

// http2 serves requests of HTTP/2: react returns the frames to send.
func http2(react func(stream) []byte) func(*peer, net.Conn) {
	return func(p *peer, conn net.Conn) {
		if _, err := io.CopyN(io.Discard, conn, int64(len("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"))); err != nil {
			return
		}
		if _, err := conn.Write(wiretest.AppendFrame(nil, wiretest.FrameSettings, 0, 0)); err != nil {
			return
		}
		bodies, last := map[uint32][]byte{}, uint32(0)
		head := make([]byte, 9)
		for {
			if _, err := io.ReadFull(conn, head); err != nil {
				return
			}
			payload := make([]byte, binary.BigEndian.Uint32(head)>>8)
			if _, err := io.ReadFull(conn, payload); err != nil {
				return
			}
			id := binary.BigEndian.Uint32(head[5:])
			kind, flags := head[3], head[4]
			var out []byte
			switch {
			case kind == wiretest.FrameSettings && flags&wiretest.FlagAck == 0:
				out = wiretest.AppendFrame(nil, wiretest.FrameSettings, wiretest.FlagAck, 0)
			case kind == wiretest.FramePing && flags&wiretest.FlagAck == 0:
				out = wiretest.AppendFrame(nil, wiretest.FramePing, wiretest.FlagAck, 0, payload...)
			case kind == wiretest.FrameData:
				bodies[id] = append(bodies[id], payload...)
				if len(payload) > 0 { // the connection's window
					out = wiretest.AppendFrame(nil, wiretest.FrameWindowUpdate, 0, 0, binary.BigEndian.AppendUint32(nil, uint32(len(payload)))...)
				}
			}
			if (kind == wiretest.FrameData || kind == wiretest.FrameHeaders) && flags&wiretest.FlagEndStream != 0 {
				out = append(out, react(stream{id, int(p.requests.Add(1)), bodies[id], conn, last})...)
				delete(bodies, id)
				last = id
			}
			if len(out) > 0 {
				if _, err := conn.Write(out); err != nil {
					return
				}
			}
		}
	}
}

// answer2 is a response over HTTP/2.
func answer2(id uint32, body string) []byte {
	b := wiretest.AppendFrame(nil, wiretest.FrameHeaders, wiretest.FlagEndHeaders, id, 0x88) // :status 200, RFC 7541, appendix A
	return wiretest.AppendFrame(b, wiretest.FrameData, wiretest.FlagEndStream, id, []byte(body)...)
}

// early2 is a 103 response over HTTP/2.
func early2(id uint32) []byte {
	return wiretest.AppendFrame(nil, wiretest.FrameHeaders, wiretest.FlagEndHeaders, id, append([]byte{0x08, 3}, "103"...)...)
}

func reset2(id, code uint32) []byte {
	return wiretest.AppendFrame(nil, wiretest.FrameReset, 0, id, binary.BigEndian.AppendUint32(nil, code)...)
}

// goAway2 says that no stream after last was or will be processed.
func goAway2(last, code uint32) []byte {
	payload := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, last), code)
	return wiretest.AppendFrame(nil, wiretest.FrameGoAway, 0, 0, payload...)
}
