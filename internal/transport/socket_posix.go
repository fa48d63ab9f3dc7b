//go:build unix && !linux && !aix

package transport

func socketEnded(fd uintptr, silent bool) bool { return peekedEnd(fd, silent) }
