//go:build !unix

package faultmatrix

import (
	"context"
	"net"
)

// blackHole stands for a dial that nobody answers.
func blackHole(ctx context.Context, _ dialer) (net.Conn, error) {
	<-ctx.Done()
	return nil, &net.OpError{Op: "dial", Net: "tcp", Err: ctx.Err()}
}
