package contract

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/internal/wiretest"
)

func TestClient_doesNotKnow_withoutACompleteResponse(t *testing.T) {
	t.Parallel()
	for _, tt := range wiretest.UnknownCases {
		for _, op := range wiretest.Operations {
			t.Run(tt.Name+"/"+op.String(), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					p := wiretest.NewPeer(tt.Respond)
					tr := p.Transport()
					defer wiretest.CloseIdle(tr)
					want := repeatedRead.of(op)
					if tt.TimesOut {
						want = notRepeated.of(op)
					}

					out := watch(t, plainPeer, tr, mfa.WithTimeout(time.Minute)).call(t, op)

					require.Error(t, out.err)
					assert.Equal(t, tt.TimesOut, errors.Is(out.err, context.DeadlineExceeded))
					assert.Equal(t, want, out.Attempt)
					assert.EqualValues(t, want, p.Requests.Load())
					for _, e := range out.events {
						assert.Zero(t, e.StatusCode)
						assert.Equal(t, mfa.DeliveryUnknown, e.Delivery)
					}
				})
			})
		}
	}
}

// A transport that tells nothing about its connections proves nothing.
func TestClient_doesNotKnow_withoutATrace(t *testing.T) {
	t.Parallel()
	for _, op := range wiretest.Operations {
		t.Run(op.String(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := ends(untraced)

				out := watch(t, wiretest.Domain, s).call(t, op)

				require.ErrorIs(t, out.err, syscall.ECONNREFUSED)
				assert.Equal(t, mfa.DeliveryUnknown, out.Delivery)
				assert.Equal(t, repeatedRead.of(op), out.Attempt)
				assert.Len(t, s.at, repeatedRead.of(op))
			})
		})
	}
}

func TestClient_doesNotKnow_overTCP(t *testing.T) {
	t.Parallel()
	tests := map[string]func(*net.TCPConn){
		"resets in the middle of the request": func(conn *net.TCPConn) {
			_, _ = conn.Read(make([]byte, 1)) // a reset before the first byte could fail the dial
			_ = conn.SetLinger(0)
		},
		"reads and resets": func(conn *net.TCPConn) {
			if req, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
				_, _ = io.Copy(io.Discard, req.Body)
			}
			_ = conn.SetLinger(0)
		},
	}
	for name, accept := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			listener, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
			require.NoError(t, err)
			t.Cleanup(func() { assert.NoError(t, listener.Close()) })
			go func() {
				for {
					conn, err := listener.AcceptTCP()
					if err != nil {
						return
					}
					accept(conn)
					_ = conn.Close()
				}
			}()
			w := watch(t, "http://"+listener.Addr().String(), nil)

			for _, op := range wiretest.Operations {
				out := w.call(t, op)

				require.Error(t, out.err)
				assert.Zero(t, out.StatusCode)
				assert.Equal(t, mfa.DeliveryUnknown, out.Delivery, op)
				assert.Equal(t, repeatedRead.of(op), out.Attempt, op)
			}
		})
	}
}

// Whether the system accepted a byte before the end is up to chance. Without one
// that is a proof.
func TestClient_sendsAgain_onlyWithAProof_overTCP(t *testing.T) {
	t.Parallel()
	listener, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, listener.Close()) })
	go func() {
		for {
			conn, err := listener.AcceptTCP()
			if err != nil {
				return
			}
			_ = conn.Close()
		}
	}()

	for range 10 {
		w := watch(t, "http://"+listener.Addr().String(), nil)

		out := w.call(t, acting)

		require.Error(t, out.err)
		assert.Zero(t, out.StatusCode)
		for _, e := range out.events[:len(out.events)-1] {
			assert.Equal(t, mfa.DeliveryNotSent, e.Delivery)
		}
		assert.LessOrEqual(t, out.Attempt, 3)
		assert.Equal(t, out.Delivery == mfa.DeliveryNotSent, out.Attempt == 3 && out.events[2].Delivery == mfa.DeliveryNotSent)
	}
}
