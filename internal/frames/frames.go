// Package frames writes HTTP/2 frames for the peers of tests, which break the
// rules that a real server keeps.
package frames

import "encoding/binary"

// The kinds of frames and their flags: RFC 9113, section 6.
const (
	Data         = 0x0
	Headers      = 0x1
	Reset        = 0x3
	Settings     = 0x4
	Ping         = 0x6
	GoAway       = 0x7
	WindowUpdate = 0x8
	Continuation = 0x9

	EndStream  = 0x1
	Ack        = 0x1
	EndHeaders = 0x4
)

// The error codes: RFC 9113, section 7.
const (
	NoError         = 0x0
	ProtocolError   = 0x1
	InternalError   = 0x2
	RefusedStream   = 0x7
	Cancel          = 0x8
	EnhanceYourCalm = 0xb
)

// Append appends a frame to b.
func Append(b []byte, kind, flags byte, stream uint32, payload ...byte) []byte {
	b = binary.BigEndian.AppendUint32(b, uint32(len(payload))<<8|uint32(kind)) //nolint:gosec // of a test
	b = binary.BigEndian.AppendUint32(append(b, flags), stream)
	return append(b, payload...)
}
