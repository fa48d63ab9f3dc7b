//go:build unix

package faultmatrix

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
	for {
		conn, err := net.DialTimeout("tcp", listener.Addr().String(), 200*time.Millisecond)
		if err != nil {
			return listener.Addr().String()
		}
		kept = append(kept, conn)
	}
})

// kept is what the hole is made of, lest it be collected and closed.
var kept []any

// blackHole dials where nobody answers and nobody refuses.
func blackHole(ctx context.Context, base dialer) (net.Conn, error) { return base(ctx, "tcp", hole()) }
