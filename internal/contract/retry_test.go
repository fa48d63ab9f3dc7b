package contract

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/internal/wiretest"
)

func TestWithRateLimitRetry(t *testing.T) {
	t.Parallel()
	for _, op := range wiretest.Operations {
		for name, tt := range map[string]struct {
			max, deadline time.Duration
			responses     []wiretest.Response
			requests      int
			waited        time.Duration
			succeeds      bool
		}{
			"not asked for":            {responses: []wiretest.Response{wiretest.RateLimited("10"), op.Success}, requests: 1},
			"once":                     {max: 3 * time.Second, responses: []wiretest.Response{wiretest.RateLimited("2"), op.Success}, requests: 2, waited: 2 * time.Second, succeeds: true},
			"twice":                    {max: 3 * time.Second, responses: []wiretest.Response{wiretest.RateLimited("2"), wiretest.RateLimited("3"), op.Success}, requests: 3, waited: 5 * time.Second, succeeds: true},
			"not three times":          {max: 3 * time.Second, responses: []wiretest.Response{wiretest.RateLimited("1"), wiretest.RateLimited("1"), wiretest.RateLimited("1"), op.Success}, requests: 3, waited: 2 * time.Second},
			"longer than wanted":       {max: 3 * time.Second, responses: []wiretest.Response{wiretest.RateLimited("4"), op.Success}, requests: 1},
			"second longer":            {max: 3 * time.Second, responses: []wiretest.Response{wiretest.RateLimited("1"), wiretest.RateLimited("4"), op.Success}, requests: 2, waited: time.Second},
			"past the deadline":        {max: time.Minute, deadline: 9 * time.Second, responses: []wiretest.Response{wiretest.RateLimited("10"), op.Success}, requests: 1},
			"past the option's limit":  {max: time.Minute, responses: []wiretest.Response{wiretest.RateLimited("31"), op.Success}, requests: 1},
			"second past the deadline": {max: time.Minute, deadline: 15 * time.Second, responses: []wiretest.Response{wiretest.RateLimited("10"), wiretest.RateLimited("10"), op.Success}, requests: 2, waited: 10 * time.Second},
		} {
			t.Run(op.String()+"/"+name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					tenant := wiretest.NewTenant(t, tt.responses...)
					var opts []mfa.Option
					if tt.max != 0 {
						opts = append(opts, mfa.WithRateLimitRetry(tt.max))
					}
					ctx := t.Context()
					if tt.deadline != 0 {
						var cancel context.CancelFunc
						ctx, cancel = context.WithTimeout(ctx, tt.deadline)
						defer cancel()
					}
					client := tenant.Client(t, opts...)
					began := time.Now()

					result, err := op.Call(ctx, client)

					waited := time.Since(began) // of the bubble's clock
					assert.GreaterOrEqual(t, waited, tt.waited)
					assert.LessOrEqual(t, waited, tt.waited+tt.waited/10)
					assert.Len(t, tenant.Requests(), tt.requests)
					if tt.succeeds {
						assert.NoError(t, err)
						return
					}
					assert.Nil(t, result)
					wiretest.AssertMeans(t, err, mfa.ErrRateLimited)
					assert.NotErrorIs(t, err, context.DeadlineExceeded)
				})
			})
		}
		t.Run(op.String()+"/without a stated wait", func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				tenant := wiretest.NewTenant(t, wiretest.Refused(429, "too_many_requests", "Rate limit exceeded."))
				_, err := op.Fails(t, t.Context(), tenant.Client(t, mfa.WithRateLimitRetry(time.Second)))
				wiretest.AssertMeans(t, err, mfa.ErrRateLimited)
				if op.Op == "list authenticators" {
					assert.Len(t, tenant.Requests(), 3)
				} else {
					assert.Len(t, tenant.Requests(), 1)
				}
			})
		})
		// A text about limits without the status is not repeated: the code may be used up.
		t.Run(op.String()+"/400", func(t *testing.T) {
			t.Parallel()
			a := wiretest.Refused(400, "too_many_attempts", "Wait for some minutes before retrying.")
			a.Header = http.Header{"Retry-After": {"1"}}
			tenant := wiretest.NewTenant(t, a)
			_, err := op.Fails(t, t.Context(), tenant.Client(t, mfa.WithRateLimitRetry(time.Second)))
			wiretest.AssertMeans(t, err, mfa.ErrTooManyAttempts)
			assert.Len(t, tenant.Requests(), 1)
		})
		t.Run(op.String()+"/canceled while waiting", func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				tenant := wiretest.NewTenant(t, wiretest.RateLimited("10"))
				ctx, cancel := context.WithCancel(t.Context())
				time.AfterFunc(time.Second, cancel)
				e, err := op.Fails(t, ctx, tenant.Client(t, mfa.WithRateLimitRetry(time.Minute)))
				assert.ErrorIs(t, err, context.Canceled)
				assert.Equal(t, 429, e.StatusCode)
				assert.Equal(t, mfa.ActionNone, mfa.NextAction(err))
				assert.Len(t, tenant.Requests(), 1)
			})
		})
	}
}

func TestClient_ListAuthenticators_repeats(t *testing.T) {
	t.Parallel()
	list := wiretest.Named("list authenticators")
	for name, tt := range map[string]struct {
		responses []wiretest.Response
		requests  int
		succeeds  bool
	}{
		"429":                  {[]wiretest.Response{wiretest.RateLimited("5"), list.Success}, 2, true},
		"429 for too long":     {[]wiretest.Response{wiretest.RateLimited("6"), list.Success}, 1, false},
		"502":                  {[]wiretest.Response{{Status: 502}, list.Success}, 2, true},
		"503":                  {[]wiretest.Response{{Status: 503}, {Status: 503}, list.Success}, 3, true},
		"504":                  {[]wiretest.Response{{Status: 504}, {Status: 504}, {Status: 504}, list.Success}, 3, false},
		"503 for some seconds": {[]wiretest.Response{{Status: 503, Header: http.Header{"Retry-After": {"2"}}}, list.Success}, 2, true},
		"lost":                 {[]wiretest.Response{{Err: http.ErrServerClosed}, {Err: http.ErrServerClosed}, list.Success}, 3, true},
		"lost for good":        {[]wiretest.Response{{Err: http.ErrServerClosed}}, 3, false},
		"500":                  {[]wiretest.Response{{Status: 500}, list.Success}, 1, false},
		"501":                  {[]wiretest.Response{{Status: 501}, list.Success}, 1, false},
		"408":                  {[]wiretest.Response{{Status: 408}, list.Success}, 1, false},
		"HTML":                 {[]wiretest.Response{{Status: 200, Body: "<html>"}, list.Success}, 1, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				tenant := wiretest.NewTenant(t, tt.responses...)
				_, err := list.Call(t.Context(), tenant.Client(t))
				assert.Equal(t, tt.succeeds, err == nil)
				assert.Len(t, tenant.Requests(), tt.requests)
			})
		})
	}
}
