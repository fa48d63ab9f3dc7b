package transport

import (
	"encoding/binary"
	"syscall"
)

const tcpEstablished = 1 // include/net/tcp_states.h

// socketEnded asks for the state, which shows a FIN also behind bytes that nobody
// has read yet, such as an HTTP/2 GOAWAY.
func socketEnded(fd uintptr, silent bool) bool {
	info, err := syscall.GetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_INFO)
	if err != nil {
		return false // not TCP
	}
	var state [4]byte                                     // and three more members of struct tcp_info
	binary.NativeEndian.PutUint32(state[:], uint32(info)) //nolint:gosec // four bytes, whatever they say
	return state[0] != tcpEstablished || silent && peekedEnd(fd, silent)
}
