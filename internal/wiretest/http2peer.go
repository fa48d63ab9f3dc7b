package wiretest

import (
	"crypto/tls"
	"encoding/binary"
	"io"
	"net"
)

// patience is after how many requests a peer stops to respond, so that a client
// which repeats without end meets its deadline and not that of the test run.
const patience = 40

// Frames are what an HTTP/2 peer sends for the request on a stream.
type Frames func(stream uint32) []byte

// ResetStream ends the stream with an error code.
func ResetStream(code uint32) Frames {
	return func(stream uint32) []byte {
		return AppendFrame(nil, FrameReset, 0, stream, binary.BigEndian.AppendUint32(nil, code)...)
	}
}

// GoAway ends the connection and says that no stream was processed.
func GoAway(code uint32) Frames {
	return func(uint32) []byte {
		return AppendFrame(nil, FrameGoAway, 0, 0, binary.BigEndian.AppendUint32(make([]byte, 4), code)...)
	}
}

// Status is the header of a response without a body, or of one that is yet to
// come (1xx): the status as a literal, by RFC 7541, section 6.2.2.
func Status(status string) Frames {
	flags := byte(FlagEndHeaders)
	if status[0] != '1' {
		flags |= FlagEndStream
	}
	return func(stream uint32) []byte {
		return AppendFrame(nil, FrameHeaders, flags, stream, append([]byte{0x08, byte(len(status))}, status...)...)
	}
}

// Both sends the one and then the other.
func Both(one, other Frames) Frames {
	return func(stream uint32) []byte { return append(one(stream), other(stream)...) }
}

// NewHTTP2Peer returns a peer that reads every request to its end and sends
// these frames for it.
func NewHTTP2Peer(respond Frames) *Peer {
	p := NewPlainHTTP2Peer(respond)
	serve, config := p.Serve, ServerTLS("h2")
	p.Serve = func(raw net.Conn) {
		conn := tls.Server(raw, config)
		defer conn.Close() //nolint:errcheck // of a pipe
		serve(conn)
	}
	return p
}

// NewPlainHTTP2Peer is [NewHTTP2Peer] without TLS.
func NewPlainHTTP2Peer(respond Frames) *Peer {
	p := &Peer{}
	p.Serve = func(conn net.Conn) {
		// Reading must go on while a response waits to be read.
		out := make(chan []byte, 4*patience)
		defer close(out)
		go func() {
			for b := range out {
				_, _ = conn.Write(b)
			}
		}()
		if _, err := io.CopyN(io.Discard, conn, int64(len("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"))); err != nil {
			return
		}
		out <- AppendFrame(nil, FrameSettings, 0, 0)
		head := make([]byte, 9)
		for {
			if _, err := io.ReadFull(conn, head); err != nil {
				return
			}
			payload := make([]byte, binary.BigEndian.Uint32(head)>>8)
			if _, err := io.ReadFull(conn, payload); err != nil {
				return
			}
			stream := binary.BigEndian.Uint32(head[5:])
			switch kind, flags := head[3], head[4]; {
			case kind == FrameSettings && flags&FlagAck == 0:
				out <- AppendFrame(nil, FrameSettings, FlagAck, 0)
			case kind == FramePing && flags&FlagAck == 0:
				out <- AppendFrame(nil, FramePing, FlagAck, 0, payload...)
			case (kind == FrameData || kind == FrameHeaders) && flags&FlagEndStream != 0:
				if p.Requests.Add(1) <= patience {
					out <- respond(stream)
				}
			}
		}
	}
	return p
}
