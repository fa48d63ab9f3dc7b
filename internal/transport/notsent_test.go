package transport_test

import (
	"context"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa/internal/transport"
	"github.com/go-auth0-mfa/mfa/internal/wiretest"
)

func TestClient_Send_provesThatNothingWasSent(t *testing.T) {
	t.Parallel()
	for _, tt := range wiretest.UnsentCases() {
		for _, req := range allMethods() {
			t.Run(tt.Name+"/"+req.Method, func(t *testing.T) {
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

					out := send(t, newClient(tr, overTLS, func(c *transport.Config) { c.Host = tt.Host }), req)

					require.Error(t, out.Err)
					assert.True(t, tt.As(out.Err))
					assert.NotContains(t, out.Err.Error(), wiretest.Quoted)
					assert.Zero(t, out.Status)
					assert.True(t, out.NotSent)
					assert.Equal(t, 1, dials)
				})
			})
		}
	}
}

func TestClient_Send_namesTheRefusalOfAProxy(t *testing.T) {
	t.Parallel()
	for _, tt := range wiretest.UnsentCases() {
		if tt.Name == "proxy that refuses" {
			synctest.Test(t, func(t *testing.T) {
				tr := tt.Transport()
				defer wiretest.CloseIdle(tr)
				var refused *transport.ProxyError
				require.ErrorAs(t, send(t, newClient(tr, overTLS), get()).Err, &refused)
				assert.Equal(t, http.StatusProxyAuthRequired, refused.Status)
			})
		}
	}
}

func TestClient_Send_provesThatNothingWasSent_whenTheTimeIsUp(t *testing.T) {
	t.Parallel()
	wiretest.Authority()
	for name, base := range map[string]func() *http.Transport{"dialing": wiretest.Undialed, "handshake": wiretest.Silent} {
		for _, req := range allMethods() {
			t.Run(name+"/"+req.Method, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					tr := base()
					defer wiretest.CloseIdle(tr)
					ctx, cancel := context.WithTimeout(t.Context(), time.Second)
					defer cancel()

					out := sendIn(ctx, newClient(tr, overTLS), req)

					require.ErrorIs(t, out.Err, context.DeadlineExceeded)
					assert.Zero(t, out.Status)
					assert.True(t, out.NotSent)
				})
			})
		}
	}
}

func TestClient_Send_sendsNothing_whenTheContextHasEnded(t *testing.T) {
	t.Parallel()
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	expired, cancelExpired := context.WithDeadline(t.Context(), time.Unix(0, 0))
	t.Cleanup(cancelExpired)
	for want, ctx := range map[error]context.Context{context.Canceled: canceled, context.DeadlineExceeded: expired} {
		for _, req := range allMethods() {
			t.Run(want.Error()+"/"+req.Method, func(t *testing.T) {
				t.Parallel()
				requests := 0
				c := newClient(wiretest.RoundTripper(func(*http.Request) (*http.Response, error) {
					requests++
					return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody}, nil
				}))

				out := sendIn(ctx, c, req)

				require.ErrorIs(t, out.Err, want)
				assert.True(t, out.NotSent)
				assert.True(t, out.Final)
				assert.Zero(t, requests)
			})
		}
	}
}
