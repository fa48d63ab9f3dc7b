//go:build unix && !aix

package transport

import (
	"errors"
	"syscall"
)

// peekedEnd looks at the next byte, without waiting for it or taking it away.
func peekedEnd(fd uintptr, silent bool) bool {
	var next [1]byte
	n, _, err := syscall.Recvfrom(int(fd), next[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
	switch {
	case err != nil: // RST, unless there is just nothing to read
		return errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
	case n == 0: // FIN
		return true
	default:
		return silent
	}
}
