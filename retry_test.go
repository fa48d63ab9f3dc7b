package mfa_test

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/go-auth0-mfa/mfa"
)

// limited is an answer that refuses for so many seconds.
func limited(seconds string) answer {
	a := refusal(429, "too_many_requests", "Rate limit exceeded.")
	a.header = http.Header{"Retry-After": {seconds}}
	return a
}

func TestWithRateLimitRetry(t *testing.T) {
	t.Parallel()
	for _, op := range operations {
		for name, tt := range map[string]struct {
			max, deadline time.Duration
			answers       []answer
			requests      int
			waited        time.Duration
			succeeds      bool
		}{
			"not asked for":            {answers: []answer{limited("10"), op.success}, requests: 1},
			"once":                     {max: 3 * time.Second, answers: []answer{limited("2"), op.success}, requests: 2, waited: 2 * time.Second, succeeds: true},
			"twice":                    {max: 3 * time.Second, answers: []answer{limited("2"), limited("3"), op.success}, requests: 3, waited: 5 * time.Second, succeeds: true},
			"not three times":          {max: 3 * time.Second, answers: []answer{limited("1"), limited("1"), limited("1"), op.success}, requests: 3, waited: 2 * time.Second},
			"longer than wanted":       {max: 3 * time.Second, answers: []answer{limited("4"), op.success}, requests: 1},
			"second longer":            {max: 3 * time.Second, answers: []answer{limited("1"), limited("4"), op.success}, requests: 2, waited: time.Second},
			"past the deadline":        {max: time.Minute, deadline: 9 * time.Second, answers: []answer{limited("10"), op.success}, requests: 1},
			"past the option's limit":  {max: time.Minute, answers: []answer{limited("31"), op.success}, requests: 1},
			"second past the deadline": {max: time.Minute, deadline: 15 * time.Second, answers: []answer{limited("10"), limited("10"), op.success}, requests: 2, waited: 10 * time.Second},
		} {
			t.Run(op.String()+"/"+name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					tenant := newTenant(t, tt.answers...)
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
					client := tenant.client(t, opts...)
					began := time.Now()

					result, err := op.call(ctx, client)

					waited := time.Since(began) // of the bubble's clock
					assert.GreaterOrEqual(t, waited, tt.waited)
					assert.LessOrEqual(t, waited, tt.waited+tt.waited/10)
					assert.Len(t, tenant.requests(), tt.requests)
					if tt.succeeds {
						assert.NoError(t, err)
						return
					}
					assert.Nil(t, result)
					assertMeans(t, err, mfa.ErrRateLimited)
					assert.NotErrorIs(t, err, context.DeadlineExceeded)
				})
			})
		}
		t.Run(op.String()+"/without a stated wait", func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				tenant := newTenant(t, refusal(429, "too_many_requests", "Rate limit exceeded."))
				_, err := op.fails(t, t.Context(), tenant.client(t, mfa.WithRateLimitRetry(time.Second)))
				assertMeans(t, err, mfa.ErrRateLimited)
				if op.name == "list authenticators" {
					assert.Len(t, tenant.requests(), 3)
				} else {
					assert.Len(t, tenant.requests(), 1)
				}
			})
		})
		// A text about limits without the status is not repeated: the code may be spent.
		t.Run(op.String()+"/400", func(t *testing.T) {
			t.Parallel()
			a := refusal(400, "invalid_request", "Too many failed codes. Wait for some minutes before retrying.")
			a.header = http.Header{"Retry-After": {"1"}}
			tenant := newTenant(t, a)
			_, err := op.fails(t, t.Context(), tenant.client(t, mfa.WithRateLimitRetry(time.Second)))
			assertMeans(t, err, mfa.ErrTooManyAttempts)
			assert.Len(t, tenant.requests(), 1)
		})
		t.Run(op.String()+"/canceled while waiting", func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				tenant := newTenant(t, limited("10"))
				ctx, cancel := context.WithCancel(t.Context())
				time.AfterFunc(time.Second, cancel)
				e, err := op.fails(t, ctx, tenant.client(t, mfa.WithRateLimitRetry(time.Minute)))
				assert.ErrorIs(t, err, context.Canceled)
				assert.Equal(t, 429, e.StatusCode)
				assert.Equal(t, mfa.ActionNone, mfa.NextAction(err))
				assert.Len(t, tenant.requests(), 1)
			})
		})
	}
}

// An assertion is made anew for each attempt: it may have expired meanwhile.
func TestWithClientAssertion_perAttempt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		tenant := newTenant(t, limited("1"), limited("1"), tokenAnswer)
		made := []string{"first", "second", "third"}
		calls := 0
		client := tenant.client(t, mfa.WithRateLimitRetry(time.Second), mfa.WithClientAssertion(func(context.Context) (string, error) {
			calls++
			return made[calls-1], nil
		}))
		_, err := operationNamed("verify otp").call(t.Context(), client)
		assert.NoError(t, err)
		for i, request := range tenant.requests() {
			assert.Contains(t, request.Body, "client_assertion="+made[i]+"&")
		}
		assert.Equal(t, 3, calls)
	})
}

func TestClient_ListAuthenticators_repeats(t *testing.T) {
	t.Parallel()
	list := operationNamed("list authenticators")
	for name, tt := range map[string]struct {
		answers  []answer
		requests int
		succeeds bool
	}{
		"429":                  {[]answer{limited("5"), list.success}, 2, true},
		"429 for too long":     {[]answer{limited("6"), list.success}, 1, false},
		"502":                  {[]answer{{status: 502}, list.success}, 2, true},
		"503":                  {[]answer{{status: 503}, {status: 503}, list.success}, 3, true},
		"504":                  {[]answer{{status: 504}, {status: 504}, {status: 504}, list.success}, 3, false},
		"503 for some seconds": {[]answer{{status: 503, header: http.Header{"Retry-After": {"2"}}}, list.success}, 2, true},
		"lost":                 {[]answer{{err: http.ErrServerClosed}, {err: http.ErrServerClosed}, list.success}, 3, true},
		"lost for good":        {[]answer{{err: http.ErrServerClosed}}, 3, false},
		"500":                  {[]answer{{status: 500}, list.success}, 1, false},
		"501":                  {[]answer{{status: 501}, list.success}, 1, false},
		"408":                  {[]answer{{status: 408}, list.success}, 1, false},
		"HTML":                 {[]answer{{status: 200, body: "<html>"}, list.success}, 1, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				tenant := newTenant(t, tt.answers...)
				_, err := list.call(t.Context(), tenant.client(t))
				assert.Equal(t, tt.succeeds, err == nil)
				assert.Len(t, tenant.requests(), tt.requests)
			})
		})
	}
}
