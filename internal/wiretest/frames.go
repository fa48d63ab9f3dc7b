package wiretest

import "encoding/binary"

// The kinds of HTTP/2 frames: RFC 9113, section 6.
const (
	FrameData         = 0x0
	FrameHeaders      = 0x1
	FrameReset        = 0x3
	FrameSettings     = 0x4
	FramePing         = 0x6
	FrameGoAway       = 0x7
	FrameWindowUpdate = 0x8
	FrameContinuation = 0x9
)

// Their flags.
const (
	FlagEndStream  = 0x1
	FlagAck        = 0x1
	FlagEndHeaders = 0x4
)

// The error codes of HTTP/2: RFC 9113, section 7.
const (
	CodeNoError         = 0x0
	CodeProtocolError   = 0x1
	CodeInternalError   = 0x2
	CodeRefusedStream   = 0x7
	CodeCancel          = 0x8
	CodeEnhanceYourCalm = 0xb
)

// AppendFrame appends an HTTP/2 frame to b, for peers that break the rules which
// a real server keeps.
func AppendFrame(b []byte, kind, flags byte, stream uint32, payload ...byte) []byte {
	b = binary.BigEndian.AppendUint32(b, uint32(len(payload))<<8|uint32(kind))
	b = binary.BigEndian.AppendUint32(append(b, flags), stream)
	return append(b, payload...)
}
