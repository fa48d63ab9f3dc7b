//go:build port

package transport_test

import (
	"crypto/tls"
	"encoding/binary"
	"io"
	"net"

	"github.com/go-auth0-mfa/mfa/internal/frames"
)

// patience is after how many requests a peer stops to answer, so that a client
// which repeats without end meets its deadline and not that of the test run.
const patience = 40

func reset(code uint32) func(stream uint32) []byte {
	return func(stream uint32) []byte {
		return frames.Append(nil, frames.Reset, 0, stream, binary.BigEndian.AppendUint32(nil, code)...)
	}
}

// goAway says that no stream was processed.
func goAway(code uint32) func(stream uint32) []byte {
	return func(uint32) []byte {
		return frames.Append(nil, frames.GoAway, 0, 0, binary.BigEndian.AppendUint32(make([]byte, 4), code)...)
	}
}

// answer is the header of an answer without a body, or of one that is yet to
// come (1xx): the status as a literal, by RFC 7541, section 6.2.2.
func answer(status string) func(stream uint32) []byte {
	flags := byte(frames.EndHeaders)
	if status[0] != '1' {
		flags |= frames.EndStream
	}
	return func(stream uint32) []byte {
		return frames.Append(nil, frames.Headers, flags, stream, append([]byte{0x08, byte(len(status))}, status...)...)
	}
}

// newHTTP2Peer returns a peer that reads every request to its end and answers
// it with the frames that fault returns.
func newHTTP2Peer(fault func(stream uint32) []byte) *peer {
	p := newPlainHTTP2Peer(fault)
	serve, config := p.serve, serverTLS("h2")
	p.serve = func(raw net.Conn) {
		conn := tls.Server(raw, config)
		defer conn.Close()
		serve(conn)
	}
	return p
}

// newPlainHTTP2Peer is [newHTTP2Peer] without TLS.
func newPlainHTTP2Peer(fault func(stream uint32) []byte) *peer {
	p := &peer{}
	p.serve = func(conn net.Conn) {
		// Reading must go on while an answer waits to be read.
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
		out <- frames.Append(nil, frames.Settings, 0, 0)
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
			case kind == frames.Settings && flags&frames.Ack == 0:
				out <- frames.Append(nil, frames.Settings, frames.Ack, 0)
			case kind == frames.Ping && flags&frames.Ack == 0:
				out <- frames.Append(nil, frames.Ping, frames.Ack, 0, payload...)
			case (kind == frames.Data || kind == frames.Headers) && flags&frames.EndStream != 0:
				if p.requests.Add(1) <= patience {
					out <- fault(stream)
				}
			}
		}
	}
	return p
}
