package faults

import (
	"encoding/binary"
	"io"
	"net"
	"strconv"
	"sync"

	"github.com/go-auth0-mfa/mfa/internal/wiretest"
)

// patience is after how many requests a peer stops responding, so that a client
// which repeats without end meets its deadline.
const patience = 40

// http2Conn is the server's end of an HTTP/2 connection.
type http2Conn struct {
	*scene
	conn net.Conn
	in   []byte        // what was read last
	pong chan struct{} // one for each answered ping

	write sync.Mutex
	out   []byte // what is written next

	flow    sync.Mutex
	granted *sync.Cond
	initial int64            // window of a new stream
	window  int64            // of the connection
	streams map[uint32]int64 // windows of the open streams
	closed  bool
}

// http2Wire serves HTTP/2: while the fault lasts, each complete request goes to react.
func http2Wire(react func(c *http2Conn, stream uint32), settings ...byte) wire {
	return overTLS(trusted("h2"), func(s *scene, conn net.Conn) {
		c := &http2Conn{
			scene: s, conn: conn, in: make([]byte, maxFrame), out: make([]byte, 0, 2*maxFrame), pong: make(chan struct{}, 1),
			initial: defaultWindow, window: defaultWindow, streams: map[uint32]int64{},
		}
		c.granted = sync.NewCond(&c.flow)
		defer c.end()
		if _, err := io.CopyN(io.Discard, conn, int64(len("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"))); err != nil {
			return
		}
		c.send(wiretest.FrameSettings, 0, 0, settings...)
		for {
			kind, flags, stream, payload, err := c.next()
			if err != nil {
				return
			}
			if c.took(kind, flags, stream, payload) {
				c.arrived("", "", nil)
				s.spawn(func() {
					if !s.faulty.Load() {
						http2Response(s.success())(c, stream)
					} else if s.requests.Load() <= s.patience {
						react(c, stream)
					}
				})
			}
		}
	})
}

// next reads a frame. The payload is good until the next one. A flood must not
// cost the server memory, which would count as the client's.
func (c *http2Conn) next() (kind, flags byte, stream uint32, payload []byte, err error) {
	head := c.in[:9]
	if _, err = io.ReadFull(c.conn, head); err != nil {
		return 0, 0, 0, nil, err
	}
	kind, flags, stream = head[3], head[4], binary.BigEndian.Uint32(head[5:])
	payload = c.in[:binary.BigEndian.Uint32(head)>>8]
	_, err = io.ReadFull(c.conn, payload)
	return kind, flags, stream, payload, err
}

// took does what the protocol asks for; complete tells that a request ended.
func (c *http2Conn) took(kind, flags byte, stream uint32, payload []byte) (complete bool) {
	switch kind {
	case wiretest.FrameSettings:
		if flags&wiretest.FlagAck == 0 {
			c.configure(payload)
			c.send(wiretest.FrameSettings, wiretest.FlagAck, 0)
		}
	case wiretest.FramePing:
		if flags&wiretest.FlagAck == 0 {
			c.send(wiretest.FramePing, wiretest.FlagAck, 0, payload...)
			break
		}
		select {
		case c.pong <- struct{}{}:
		default:
		}
	case wiretest.FrameWindowUpdate:
		c.grant(stream, int64(binary.BigEndian.Uint32(payload)))
	case wiretest.FrameReset:
		c.drop(stream)
	case wiretest.FrameHeaders:
		c.flow.Lock()
		c.streams[stream] = c.initial
		c.flow.Unlock()
		if !c.faulty.Load() { // the window may have been shut
			c.send(wiretest.FrameWindowUpdate, 0, stream, uint32Bytes(1<<20)...)
		}
		return flags&wiretest.FlagEndStream != 0
	case wiretest.FrameData:
		return flags&wiretest.FlagEndStream != 0
	}
	return false
}

// configure takes the window of new streams out of the client's settings.
func (c *http2Conn) configure(settings []byte) {
	c.flow.Lock()
	defer c.flow.Unlock()
	for ; len(settings) >= 6; settings = settings[6:] {
		if binary.BigEndian.Uint16(settings) == settingInitialWindow {
			c.initial = int64(binary.BigEndian.Uint32(settings[2:]))
		}
	}
}

// grant widens the window of a stream, or of the connection for stream 0.
func (c *http2Conn) grant(stream uint32, n int64) {
	c.flow.Lock()
	defer c.flow.Unlock()
	if stream == 0 {
		c.window += n
	} else if _, open := c.streams[stream]; open {
		c.streams[stream] += n
	}
	c.granted.Broadcast()
}

// drop forgets a stream that the client gave up.
func (c *http2Conn) drop(stream uint32) {
	c.flow.Lock()
	defer c.flow.Unlock()
	delete(c.streams, stream)
	c.granted.Broadcast()
}

func (c *http2Conn) end() {
	c.flow.Lock()
	defer c.flow.Unlock()
	c.closed = true
	close(c.pong)
	c.granted.Broadcast()
}

// take waits until some of n bytes may be sent, and returns how many; 0: none
// ever.
func (c *http2Conn) take(stream uint32, n int) int {
	c.flow.Lock()
	defer c.flow.Unlock()
	for !c.closed {
		left, open := c.streams[stream]
		if !open {
			return 0
		}
		if room := min(int64(n), left, c.window, maxFrame); room > 0 {
			c.streams[stream] -= room
			c.window -= room
			return int(room)
		}
		c.granted.Wait()
	}
	return 0
}

// send writes a frame, and reports whether it could.
func (c *http2Conn) send(kind, flags byte, stream uint32, payload ...byte) bool {
	c.write.Lock()
	defer c.write.Unlock()
	return c.sendLocked(kind, flags, stream, payload...)
}

func (c *http2Conn) sendLocked(kind, flags byte, stream uint32, payload ...byte) bool {
	c.out = wiretest.AppendFrame(c.out[:0], kind, flags, stream, payload...)
	_, err := c.conn.Write(c.out)
	return err == nil
}

// endless sends a frame until the client gives up the stream. Each time when the
// frames make 32 KiB it waits until they were read: what is on its way when the
// client gives up gets decoded too, and loopback would take in megabytes.
func (c *http2Conn) endless(kind, flags byte, stream uint32, payload ...byte) {
	unread := 0
	for sent := int64(0); c.isOpen(stream) && (c.limit == 0 || sent < c.limit); sent += int64(len(payload)) {
		if !c.send(kind, flags, stream, payload...) {
			return
		}
		if unread += len(payload); unread > 32<<10 {
			unread = 0
			c.send(wiretest.FramePing, 0, 0, make([]byte, 8)...)
			if _, open := <-c.pong; !open {
				return
			}
		}
	}
}

func (c *http2Conn) isOpen(stream uint32) bool {
	c.flow.Lock()
	defer c.flow.Unlock()
	_, open := c.streams[stream]
	return open
}

// data sends a part of a body, within the windows.
func (c *http2Conn) data(stream uint32, body []byte, last bool) bool {
	for {
		n := 0
		if len(body) > 0 {
			if n = c.take(stream, len(body)); n == 0 {
				return false
			}
		}
		flags := byte(0)
		if last && n == len(body) {
			flags = wiretest.FlagEndStream
		}
		if !c.send(wiretest.FrameData, flags, stream, body[:n]...) {
			return false
		}
		if body = body[n:]; len(body) == 0 {
			return true
		}
	}
}

// http2Response reacts with a complete response.
func http2Response(a response) func(*http2Conn, uint32) {
	head, body, flags := a.fields(), []byte(a.body), byte(wiretest.FlagEndHeaders)
	if a.bare() || a.body == "" {
		flags |= wiretest.FlagEndStream
	} else {
		head = literal(head, "content-length", strconv.Itoa(len(body)))
	}
	return func(c *http2Conn, stream uint32) {
		if c.send(wiretest.FrameHeaders, flags, stream, head...) && flags&wiretest.FlagEndStream == 0 {
			c.data(stream, body, true)
		}
	}
}

// http2Reset reacts with a reset of the stream.
func http2Reset(code uint32) func(*http2Conn, uint32) {
	return func(c *http2Conn, stream uint32) { c.send(wiretest.FrameReset, 0, stream, uint32Bytes(code)...) }
}

// http2GoAway reacts by saying that no stream was processed.
func http2GoAway(code uint32) func(*http2Conn, uint32) {
	return func(c *http2Conn, _ uint32) {
		c.send(wiretest.FrameGoAway, 0, 0, append(uint32Bytes(0), uint32Bytes(code)...)...)
	}
}
