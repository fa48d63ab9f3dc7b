package contract

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/internal/wiretest"
)

func TestWithTimeout(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		client  time.Duration
		opts    []mfa.Option
		context time.Duration
		want    time.Duration
	}{
		"nothing":                       {want: 30 * time.Second},
		"option":                        {opts: []mfa.Option{mfa.WithTimeout(2 * time.Second)}, want: 2 * time.Second},
		"option longer than default":    {opts: []mfa.Option{mfa.WithTimeout(time.Minute)}, want: time.Minute},
		"http client":                   {client: 3 * time.Second, want: 3 * time.Second},
		"http client, option zero":      {client: 3 * time.Second, opts: []mfa.Option{mfa.WithTimeout(0)}, want: 3 * time.Second},
		"http client, negative":         {client: -1, want: 30 * time.Second},
		"option before http client":     {client: 3 * time.Second, opts: []mfa.Option{mfa.WithTimeout(5 * time.Second)}, want: 5 * time.Second},
		"context before option":         {opts: []mfa.Option{mfa.WithTimeout(5 * time.Second)}, context: time.Second, want: time.Second},
		"option before context":         {opts: []mfa.Option{mfa.WithTimeout(time.Second)}, context: 5 * time.Second, want: time.Second},
		"http client before context":    {client: time.Second, context: 5 * time.Second, want: time.Second},
		"a context longer than default": {context: time.Hour, want: 30 * time.Second},
	} {
		for _, op := range wiretest.Operations {
			t.Run(name+"/"+op.String(), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					hc := &http.Client{Transport: wiretest.Stuck{}, Timeout: tt.client}
					client, err := mfa.NewClient(wiretest.Domain, wiretest.ClientID, slices.Concat(tt.opts, []mfa.Option{mfa.WithHTTPClient(hc)})...)
					require.NoError(t, err)
					ctx := t.Context()
					if tt.context != 0 {
						var cancel context.CancelFunc
						ctx, cancel = context.WithTimeout(ctx, tt.context)
						defer cancel()
					}
					began := time.Now()

					e, err := op.Fails(t, ctx, client)

					assert.Equal(t, tt.want, time.Since(began)) // of the bubble's clock
					assert.ErrorIs(t, err, context.DeadlineExceeded)
					assert.NotErrorIs(t, err, context.Canceled)
					assert.Equal(t, mfa.DeliveryUnknown, e.Delivery)
					assert.Zero(t, e.StatusCode)
					if op.Acts {
						wiretest.AssertMeans(t, err, mfa.ErrOutcomeUnknown)
					} else {
						wiretest.AssertMeans(t, err)
					}
				})
			})
		}
	}
}

func TestClient_contextDone(t *testing.T) {
	t.Parallel()
	gone := errors.New("the user went away")
	for _, op := range wiretest.Operations {
		for name, stop := range map[string]func(context.Context) context.Context{
			"canceled": func(ctx context.Context) context.Context {
				ctx, cancel := context.WithCancel(ctx)
				cancel()
				return ctx
			},
			"canceled with a cause": func(ctx context.Context) context.Context {
				ctx, cancel := context.WithCancelCause(ctx)
				cancel(gone)
				return ctx
			},
		} {
			t.Run(op.String()+"/"+name, func(t *testing.T) {
				t.Parallel()
				tenant := wiretest.NewTenant(t, op.Success)
				ctx := stop(t.Context())
				e, err := op.Fails(t, ctx, tenant.Client(t))
				assert.ErrorIs(t, err, context.Canceled)
				assert.ErrorIs(t, err, context.Cause(ctx))
				wiretest.AssertMeans(t, err)
				assert.Equal(t, mfa.DeliveryNotSent, e.Delivery)
				assert.Equal(t, mfa.ActionNone, mfa.NextAction(err))
				assert.Empty(t, tenant.Requests())
			})
		}
		// While the request is on its way it may have acted.
		t.Run(op.String()+"/canceled on the way", func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				client, err := mfa.NewClient(wiretest.Domain, wiretest.ClientID, mfa.WithHTTPClient(&http.Client{Transport: wiretest.Stuck{}}))
				require.NoError(t, err)
				ctx, cancel := context.WithCancelCause(t.Context())
				time.AfterFunc(time.Second, func() { cancel(gone) })
				e, err := op.Fails(t, ctx, client)
				assert.ErrorIs(t, err, context.Canceled)
				assert.ErrorIs(t, err, gone)
				assert.Equal(t, op.Acts, errors.Is(err, mfa.ErrOutcomeUnknown))
				assert.Equal(t, mfa.DeliveryUnknown, e.Delivery)
				assert.Equal(t, mfa.ActionNone, mfa.NextAction(err))
			})
		})
	}
}
