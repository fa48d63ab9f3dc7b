package transport_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"syscall"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa/internal/wiretest"
)

func TestClient_Send_doesNotKnow_withoutACompleteResponse(t *testing.T) {
	t.Parallel()
	for _, tt := range wiretest.UnknownCases {
		for _, req := range allMethods() {
			t.Run(tt.Name+"/"+req.Method, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					p := wiretest.NewPeer(tt.Respond)
					tr := p.Transport()
					defer wiretest.CloseIdle(tr)

					out := send(t, newClient(tr), req)

					require.Error(t, out.Err)
					assert.Equal(t, tt.TimesOut, errors.Is(out.Err, context.DeadlineExceeded))
					assert.Zero(t, out.Status)
					assert.Empty(t, out.Header)
					assert.Empty(t, out.Body)
					assert.False(t, out.NotSent)
					assert.False(t, out.Final)
					assert.EqualValues(t, 1, p.Requests.Load())
				})
			})
		}
	}
}

// A transport that tells nothing about its connections proves nothing.
func TestClient_Send_doesNotKnow_withoutATrace(t *testing.T) {
	t.Parallel()
	for _, req := range allMethods() {
		t.Run(req.Method, func(t *testing.T) {
			t.Parallel()
			c := newClient(wiretest.RoundTripper(func(*http.Request) (*http.Response, error) {
				return nil, &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
			}))

			out := send(t, c, req)

			require.ErrorIs(t, out.Err, syscall.ECONNREFUSED)
			assert.False(t, out.NotSent)
		})
	}
}
