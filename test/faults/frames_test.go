package faults

import (
	"encoding/binary"
	"strconv"
	"strings"
)

const (
	settingInitialWindow = 0x4 // RFC 9113, section 6.5.2
	defaultWindow        = 65535
	maxFrame             = 16384
)

// fields is the head of the response, in HPACK without a table.
//
// RFC 7541, section 6.2.2.
func (a response) fields() []byte {
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

func uint32Bytes(n uint32) []byte { return binary.BigEndian.AppendUint32(nil, n) }
