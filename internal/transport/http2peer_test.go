package transport_test

import (
	"crypto/tls"
	"encoding/binary"
	"io"
	"net"
)

// The frames of RFC 9113, section 6, that the peer needs.
const (
	frameData     = 0x0
	frameHeaders  = 0x1
	frameReset    = 0x3
	frameSettings = 0x4
	framePing     = 0x6
	frameGoAway   = 0x7

	flagEndStream  = 0x1
	flagAck        = 0x1
	flagEndHeaders = 0x4
)

// The error codes of RFC 9113, section 7.
const (
	codeNo            = 0x0
	codeProtocol      = 0x1
	codeInternal      = 0x2
	codeRefusedStream = 0x7
	codeCancel        = 0x8
	codeCalm          = 0xb
)

// patience is after how many requests a peer stops to answer, so that a client
// which repeats without end meets its deadline and not that of the test run.
const patience = 40

func frame(kind, flags byte, stream uint32, payload ...byte) []byte {
	head := make([]byte, 9, 9+len(payload))
	binary.BigEndian.PutUint32(head, uint32(len(payload))<<8|uint32(kind))
	head[4] = flags
	binary.BigEndian.PutUint32(head[5:], stream)
	return append(head, payload...)
}

func reset(code uint32) func(stream uint32) []byte {
	return func(stream uint32) []byte {
		return frame(frameReset, 0, stream, binary.BigEndian.AppendUint32(nil, code)...)
	}
}

// goAway says that no stream was processed.
func goAway(code uint32) func(stream uint32) []byte {
	return func(uint32) []byte {
		return frame(frameGoAway, 0, 0, binary.BigEndian.AppendUint32(make([]byte, 4), code)...)
	}
}

// answer is the header of an answer without a body, or of one that is yet to
// come (1xx): the status as a literal, by RFC 7541, section 6.2.2.
func answer(status string) func(stream uint32) []byte {
	flags := byte(flagEndHeaders)
	if status[0] != '1' {
		flags |= flagEndStream
	}
	return func(stream uint32) []byte {
		return frame(frameHeaders, flags, stream, append([]byte{0x08, byte(len(status))}, status...)...)
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
		out <- frame(frameSettings, 0, 0)
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
			case kind == frameSettings && flags&flagAck == 0:
				out <- frame(frameSettings, flagAck, 0)
			case kind == framePing && flags&flagAck == 0:
				out <- frame(framePing, flagAck, 0, payload...)
			case (kind == frameData || kind == frameHeaders) && flags&flagEndStream != 0:
				if p.requests.Add(1) <= patience {
					out <- fault(stream)
				}
			}
		}
	}
	return p
}
