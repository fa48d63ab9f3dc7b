//go:build unix

package faults

import (
	"context"
	"net"
	"sync"
	"syscall"
	"time"
)

// hole is the address of a listener that accepts nobody and whose queue is full.
var hole = sync.OnceValue(func() string {
	listener := must(net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)}))
	raw := must(listener.SyscallConn())
	if err := raw.Control(func(fd uintptr) { _ = syscall.Listen(int(fd), 0) }); err != nil {
		panic(err)
	}
	kept = append(kept, listener)
	for range 512 { // more than the queue of any system takes
		conn, err := net.DialTimeout("tcp", listener.Addr().String(), time.Second)
		if err != nil {
			return listener.Addr().String()
		}
		kept = append(kept, conn)
	}
	panic("the queue does not fill")
})

// kept is what the hole is made of, lest it be collected and closed.
var kept []any

// blackHole has the client dial where nobody accepts and nobody refuses.
func blackHole(s *scene) {
	address := hole() // before the call, as it takes its time
	dials(func(ctx context.Context, base dialer) (net.Conn, error) {
		s.reached()
		return base(ctx, "tcp", address)
	})(s)
}
