package faultmatrix

import (
	"encoding/binary"
	"strconv"
	"strings"
)

// The frames of RFC 9113, section 6.
const (
	frameData         = 0x0
	frameHeaders      = 0x1
	frameReset        = 0x3
	frameSettings     = 0x4
	framePing         = 0x6
	frameGoAway       = 0x7
	frameWindowUpdate = 0x8
	frameContinuation = 0x9

	flagEndStream  = 0x1
	flagAck        = 0x1
	flagEndHeaders = 0x4

	settingInitialWindow = 0x4
	defaultWindow        = 65535
	maxFrame             = 16384
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

// fields is the head of the answer, in HPACK without a table.
//
// RFC 7541, section 6.2.2.
func (a answer) fields() []byte {
	b := literal(nil, ":status", strconv.Itoa(a.status))
	for i := 0; i < len(a.header); i += 2 {
		b = literal(b, strings.ToLower(a.header[i]), a.header[i+1])
	}
	return b
}

func literal(b []byte, name, value string) []byte {
	b = append(b, 0)
	for _, s := range []string{name, value} {
		n := len(s)
		if n < 127 {
			b = append(b, byte(n))
		} else {
			b = append(b, 127)
			for n -= 127; n >= 128; n /= 128 {
				b = append(b, byte(n%128)+128)
			}
			b = append(b, byte(n))
		}
		b = append(b, s...)
	}
	return b
}

func appendFrame(b []byte, kind, flags byte, stream uint32, payload ...byte) []byte {
	b = binary.BigEndian.AppendUint32(b, uint32(len(payload))<<8|uint32(kind))
	b = binary.BigEndian.AppendUint32(append(b, flags), stream)
	return append(b, payload...)
}

func uint32Bytes(n uint32) []byte { return binary.BigEndian.AppendUint32(nil, n) }
