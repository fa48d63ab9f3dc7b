package contract

import (
	"bufio"
	"context"
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

func TestClient_dialsAgain_whenNothingWasSent(t *testing.T) {
	t.Parallel()
	for _, tt := range wiretest.UnsentCases() {
		for _, op := range wiretest.Operations {
			t.Run(tt.Name+"/"+op.String(), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					tr := tt.Transport()
					defer wiretest.CloseIdle(tr)
					dials := 0
					dial := tr.DialContext
					tr.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
						dials++
						return dial(ctx, network, address)
					}
					want := dialedAgain.of(op)
					if tt.Final {
						want = notRepeated.of(op)
					}

					out := watch(t, tt.Host, tr).call(t, op)

					require.Error(t, out.err)
					assert.True(t, tt.As(out.err))
					assert.Equal(t, want, out.Attempt)
					assert.Equal(t, want, dials)
					action := mfa.ActionRetryLater
					if tt.Name == "proxy that refuses" { // with 407
						action = mfa.ActionFix
					}
					assert.Equal(t, action, mfa.NextAction(out.err))
					for _, e := range out.events {
						assert.Zero(t, e.StatusCode)
						assert.Equal(t, mfa.DeliveryNotSent, e.Delivery)
					}
				})
			})
		}
	}
}

func TestClient_knowsThatNothingWasSent_whenTheTimeIsUp(t *testing.T) {
	t.Parallel()
	wiretest.Authority()
	for name, base := range map[string]func() *http.Transport{"dialing": wiretest.Undialed, "handshake": wiretest.Silent} {
		for _, op := range wiretest.Operations {
			t.Run(name+"/"+op.String(), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					tr := base()
					defer wiretest.CloseIdle(tr)

					out := watch(t, securePeer, tr, mfa.WithTimeout(time.Second)).call(t, op)

					require.ErrorIs(t, out.err, context.DeadlineExceeded)
					assert.Equal(t, mfa.DeliveryNotSent, out.Delivery)
					assert.Equal(t, 1, out.Attempt)
				})
			})
		}
	}
}

// The last request of a call has a connection of its own. A repeat after HTTP 429
// does not count: it is no sign of a server that ends connections often.
func TestClient_sendsTheLastRequestAlone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var alone []bool
		p := new(wiretest.Peer)
		p.Serve = func(conn net.Conn) {
			req, err := http.ReadRequest(bufio.NewReader(conn))
			if !assert.NoError(t, err) {
				return
			}
			_, _ = io.Copy(io.Discard, req.Body)
			alone = append(alone, req.Close)
			response := raw(acting)
			if len(alone) == 1 {
				response = "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
			}
			wiretest.Closes(response)(conn, 0)
		}
		tr := p.Transport()
		defer wiretest.CloseIdle(tr)
		dials := 0
		dial := tr.DialContext
		tr.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
			if dials++; dials == 2 || dials == 3 {
				return nil, syscall.ECONNREFUSED
			}
			return dial(ctx, network, address)
		}

		out := watch(t, plainPeer, tr, mfa.WithRateLimitRetry(time.Minute)).call(t, acting)

		require.NoError(t, out.err)
		assert.Equal(t, 4, out.Attempt)
		assert.Equal(t, []bool{false, true}, alone)
	})
}

// A list may have met connections whose end net/http has yet to notice.
func TestClient_listsTheLastTimeAlone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var alone []bool
		p := new(wiretest.Peer)
		p.Serve = func(conn net.Conn) {
			in := bufio.NewReader(conn)
			for {
				req, err := http.ReadRequest(in)
				if err != nil {
					return
				}
				alone = append(alone, req.Close)
				_, _ = io.WriteString(conn, "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n")
			}
		}
		tr := p.Transport()
		defer wiretest.CloseIdle(tr)

		out := watch(t, plainPeer, tr).call(t, reading)

		require.ErrorIs(t, out.err, mfa.ErrServer)
		assert.Equal(t, []bool{false, false, true}, alone)
	})
}
