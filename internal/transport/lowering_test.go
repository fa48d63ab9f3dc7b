package transport_test

import (
	"crypto/tls"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa/internal/transport"
	"github.com/go-auth0-mfa/mfa/internal/wiretest"
)

// lowering is an HTTP/2 server that allows fewer streams after a number of requests,
// on every connection, and refuses what exceeds that once the client knows it.
type lowering struct {
	from, to, after int
	late            time.Duration // after which it sends its first SETTINGS

	mu                 sync.Mutex
	requests           int
	lower              []func()
	refused, responses atomic.Int32
}

const maxConcurrentStreams = 3 // RFC 9113, section 6.5.2

func settings(streams int) []byte {
	return wiretest.AppendFrame(nil, wiretest.FrameSettings, 0, 0,
		binary.BigEndian.AppendUint32([]byte{0, maxConcurrentStreams}, uint32(streams))...)
}

func (l *lowering) serve(raw net.Conn) {
	conn := tls.Server(raw, wiretest.ServerTLS("h2"))
	defer conn.Close()
	out, ended := make(chan []byte, 10_000), make(chan struct{})
	defer close(ended)
	go func() {
		for {
			select {
			case b := <-out:
				_, _ = conn.Write(b)
			case <-ended:
				return
			}
		}
	}()
	if _, err := io.CopyN(io.Discard, conn, int64(len("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"))); err != nil {
		return
	}
	l.mu.Lock()
	limits := []int{l.from}
	if l.requests >= l.after {
		limits[0] = l.to
	}
	if first := settings(limits[0]); l.late == 0 {
		out <- first
	} else {
		time.AfterFunc(l.late, func() { out <- first }) // of the bubble's clock
	}
	l.lower = append(l.lower, func() { // l.mu is held
		limits = append(limits, l.to)
		out <- settings(l.to)
	})
	l.mu.Unlock()
	var open atomic.Int32
	refused := map[uint32]bool{}
	head := make([]byte, 9)
	for {
		if _, err := io.ReadFull(conn, head); err != nil {
			return
		}
		payload := make([]byte, binary.BigEndian.Uint32(head)>>8)
		if _, err := io.ReadFull(conn, payload); err != nil {
			return
		}
		kind, flags, stream := head[3], head[4], binary.BigEndian.Uint32(head[5:])
		l.mu.Lock()
		switch {
		case kind == wiretest.FrameSettings && flags&wiretest.FlagAck != 0 && len(limits) > 1:
			limits = limits[1:]
		case kind == wiretest.FrameSettings && flags&wiretest.FlagAck == 0:
			out <- wiretest.AppendFrame(nil, wiretest.FrameSettings, wiretest.FlagAck, 0)
		case kind == wiretest.FramePing && flags&wiretest.FlagAck == 0:
			out <- wiretest.AppendFrame(nil, wiretest.FramePing, wiretest.FlagAck, 0, payload...)
		case kind == wiretest.FrameHeaders && int(open.Load()) >= limits[0]:
			l.refused.Add(1)
			refused[stream] = true
			out <- wiretest.ResetStream(wiretest.CodeRefusedStream)(stream)
		case kind == wiretest.FrameHeaders:
			open.Add(1)
		}
		if (kind == wiretest.FrameHeaders || kind == wiretest.FrameData) && flags&wiretest.FlagEndStream != 0 && !refused[stream] {
			if l.requests++; l.requests == l.after {
				for _, lower := range l.lower {
					lower()
				}
			}
			time.AfterFunc(latency, func() { // of the bubble's clock
				open.Add(-1)
				l.responses.Add(1)
				select {
				case out <- wiretest.Status("200")(stream):
				case <-ended:
				}
			})
		}
		l.mu.Unlock()
	}
}

// A limit that falls while a burst is on its way stops no call.
func TestGate_obeysALimitThatFalls(t *testing.T) {
	t.Parallel()
	for to, most := range map[int]int{1: 100, 10: 30} {
		for _, after := range []int{1, 50, 150} {
			t.Run(fmt.Sprintf("to=%d/after=%d", to, after), func(t *testing.T) {
				inBubble(t, func(t *testing.T) {
					l := &lowering{from: 100, to: to, after: after}
					p := &wiretest.Peer{Serve: l.serve}
					tr := p.TrustingTransport()
					defer wiretest.CloseIdle(tr)
					c := newClient(tr, overTLS)
					require.NoError(t, send(t, c, get()).Err)

					outs, took := burst(t.Context(), c, 300)

					assert.Less(t, took, 5*time.Second) // of the bubble's clock
					// net/http can acknowledge SETTINGS while it writes a request that
					// does not obey them yet.
					assert.EqualValues(t, failures(outs), l.refused.Load())
					assert.LessOrEqual(t, l.refused.Load(), p.Dials.Load())
					assert.LessOrEqual(t, p.Dials.Load(), int32(most))
				})
			})
		}
	}
}

// Until net/http has read the SETTINGS a connection has one request, whatever ends
// that request.
func TestGate_waitsForSettings(t *testing.T) {
	t.Parallel()
	for _, req := range allMethods() {
		for _, counted := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/own=%t", req.Method, counted), func(t *testing.T) {
				inBubble(t, func(t *testing.T) {
					l := &lowering{from: 1, to: 1, late: latency / 2}
					p := &wiretest.Peer{Serve: l.serve}
					tr := p.TrustingTransport()
					defer wiretest.CloseIdle(tr)
					if counted {
						tr.DialContext = transport.Counted(tr.DialContext)
					}
					outs, _ := burstOf(t.Context(), newClient(tr, overTLS), 20, req)
					assert.Zero(t, failures(outs))
					assert.Zero(t, l.refused.Load())
				})
			})
		}
	}
}
