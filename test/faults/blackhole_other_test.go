//go:build !unix

package faults

import (
	"context"
	"net"
)

// blackHole stands for a dial that nobody accepts.
func blackHole(s *scene) {
	dials(func(ctx context.Context, _ dialer) (net.Conn, error) {
		s.reached()
		<-ctx.Done()
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: ctx.Err()}
	})(s)
}
