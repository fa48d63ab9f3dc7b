package contract

import (
	"context"
	"errors"
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/internal/wiretest"
)

// limiter is a function as a limiter that counts who asks.
type limiter struct {
	asked int
	wait  func(ctx context.Context, n int) error // n counts from 1
}

func (l *limiter) Wait(ctx context.Context) error {
	l.asked++
	return l.wait(ctx, l.asked)
}

// lets waits, unless ctx ends before.
func lets(wait time.Duration) *limiter {
	return &limiter{wait: func(ctx context.Context, _ int) error {
		select {
		case <-time.After(wait):
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}}
}

// deaf waits, whatever the context does.
func deaf(wait time.Duration) *limiter {
	return &limiter{wait: func(context.Context, int) error {
		time.Sleep(wait)
		return nil
	}}
}

var errFull = errors.New("the queue is full: " + wiretest.Quoted)

// fullError is a refusal that says how long to wait.
type fullError struct{ wait time.Duration }

func (fullError) Error() string               { return errFull.Error() }
func (fullError) Unwrap() error               { return errFull }
func (e fullError) RetryAfter() time.Duration { return e.wait }

// An attempt waits before it is sent, and before its assertion is made: that would age.
func TestWithLimiter_holdsBackEachAttempt(t *testing.T) {
	t.Parallel()
	for _, op := range wiretest.Operations {
		t.Run(op.String(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				made := []time.Time{}
				assertion := mfa.WithClientAssertion(func(context.Context) (string, error) {
					made = append(made, time.Now())
					return "made", nil
				})
				l, s := lets(time.Second), ends(refused, responds(429, "2"), succeeds)
				if op.Op != reading.Op && op.Op != acting.Op && op.Op != deleting.Op && op.Op != warming.Op {
					s = ends(refused, responds(429, "2"), responds(401, ""))
				}
				began := time.Now()

				out := watch(t, wiretest.Domain, s, mfa.WithLimiter(l), mfa.WithRateLimitRetry(time.Minute), assertion).call(t, op)

				if op.Op == mfa.OpWarm {
					assert.Zero(t, l.asked, "Warm is not held back")
					return
				}
				require.Len(t, s.at, 3)
				assert.Equal(t, 3, out.Attempt)
				assert.Equal(t, 3, l.asked)
				assert.Equal(t, time.Second, s.at[0].Sub(began))
				for _, wait := range s.waits() {
					assert.GreaterOrEqual(t, wait, time.Second)
				}
				for i, at := range made {
					assert.Equal(t, s.at[i], at)
				}
				for _, e := range out.events {
					assert.Zero(t, e.Duration, "the wait is not the attempt's")
				}
			})
		})
	}
}

func TestWithLimiter_sendsNothing_whenItRefuses(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		refusal    error
		retryAfter time.Duration
	}{
		"without a wait":    {errFull, 0},
		"with a wait":       {fullError{90 * time.Second}, 90 * time.Second},
		"with a long wait":  {fullError{25 * time.Hour}, 24 * time.Hour},
		"with a wait below": {errors.Join(io.EOF, fullError{time.Second}), time.Second},
		"with no wait":      {fullError{-time.Second}, 0},
	}
	for name, tt := range tests {
		for _, op := range wiretest.Operations {
			if op.Op == mfa.OpWarm {
				continue
			}
			t.Run(name+"/"+op.String(), func(t *testing.T) {
				t.Parallel()
				l := &limiter{wait: func(context.Context, int) error { return tt.refusal }}
				s := ends(succeeds)

				out := watch(t, wiretest.Domain, s, mfa.WithLimiter(l), mfa.WithRateLimitRetry(time.Hour)).call(t, op)

				assert.Empty(t, s.at)
				assert.Equal(t, 1, l.asked, "a limiter that refused is not asked again")
				assert.Len(t, out.events, 1)
				assert.Equal(t, mfa.DeliveryNotSent, out.Delivery)
				require.ErrorIs(t, out.err, mfa.ErrRateLimited)
				require.ErrorIs(t, out.err, tt.refusal)
				require.NotErrorIs(t, out.err, mfa.ErrOutcomeUnknown)
				require.NotErrorIs(t, out.err, mfa.ErrTooManyAttempts)
				require.NotErrorIs(t, out.err, context.DeadlineExceeded)
				assert.Equal(t, mfa.ActionWait, mfa.NextAction(out.err))
				assert.Equal(t, tt.retryAfter, out.RetryAfter)
				assert.Equal(t, tt.retryAfter, mfa.RetryAfter(out.err))
			})
		}
	}
}

// What was refused by the limiter on the way to a repeat was not acted on either.
func TestWithLimiter_sendsNothingMore_whenItRefusesARepeat(t *testing.T) {
	t.Parallel()
	for _, op := range []wiretest.Operation{reading, acting} {
		for name, first := range map[string]wiretest.RoundTripper{"429": responds(429, "1"), "not sent": refused} {
			t.Run(op.String()+"/"+name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					l := &limiter{wait: func(_ context.Context, n int) error {
						if n == 2 {
							return errFull
						}
						return nil
					}}
					s := ends(first, succeeds)

					out := watch(t, wiretest.Domain, s, mfa.WithLimiter(l), mfa.WithRateLimitRetry(time.Minute)).call(t, op)

					assert.Len(t, s.at, 1)
					assert.Len(t, out.events, 2)
					assert.Equal(t, mfa.DeliveryNotSent, out.Delivery)
					require.ErrorIs(t, out.err, mfa.ErrRateLimited)
					require.ErrorIs(t, out.err, errFull)
				})
			})
		}
	}
}

// A request that has no time left for its response is not sent: whether it acted would
// not be known.
func TestWithLimiter_keepsAFifthOfTheTime(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		limiter  *limiter
		deadline time.Duration // of the context; 0: none
		sent     bool
		after    time.Duration
	}{
		"just enough":                    {lets(8 * time.Second), 0, true, 8 * time.Second},
		"too long":                       {lets(8*time.Second + 1), 0, false, 8 * time.Second},
		"deaf, just enough":              {deaf(8 * time.Second), 0, true, 8 * time.Second},
		"deaf, too long":                 {deaf(8*time.Second + 1), 0, false, 8*time.Second + 1},
		"deaf, past the end":             {deaf(11 * time.Second), 0, false, 11 * time.Second},
		"of the context, just enough":    {lets(4 * time.Second), 5 * time.Second, true, 4 * time.Second},
		"of the context, too long":       {lets(5 * time.Second), 5 * time.Second, false, 4 * time.Second},
		"of a later context, too long":   {lets(9 * time.Second), time.Minute, false, 8 * time.Second},
		"of the context, deaf, too long": {deaf(5 * time.Second), 5 * time.Second, false, 5 * time.Second},
	}
	for name, tt := range tests {
		for _, op := range []wiretest.Operation{reading, acting} {
			t.Run(name+"/"+op.String(), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					ctx, cancel := context.WithCancel(t.Context())
					if tt.deadline > 0 {
						ctx, cancel = context.WithTimeout(t.Context(), tt.deadline)
					}
					defer cancel()
					s := ends(succeeds)
					began := time.Now()

					own := &limiter{wait: tt.limiter.wait} // each counts for itself
					out := watch(t, wiretest.Domain, s, mfa.WithLimiter(own), mfa.WithTimeout(10*time.Second)).callIn(ctx, t, op)

					assert.Equal(t, tt.after, time.Since(began))
					if tt.sent {
						require.NoError(t, out.err)
						return
					}
					assert.Empty(t, s.at)
					assert.Equal(t, mfa.DeliveryNotSent, out.Delivery)
					require.ErrorIs(t, out.err, mfa.ErrRateLimited)
					require.ErrorIs(t, out.err, context.DeadlineExceeded)
					assert.Equal(t, mfa.ActionWait, mfa.NextAction(out.err))
				})
			})
		}
	}
}

// A limiter that lets all go changes nothing about a late repeat: of the time that is
// left, half may be waited.
func TestWithLimiter_letsALateRepeatGo(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		wait func(left time.Duration) time.Duration
		sent int
	}{
		"at once":  {func(time.Duration) time.Duration { return 0 }, 2},
		"in time":  {func(left time.Duration) time.Duration { return left / 2 }, 2},
		"too late": {func(left time.Duration) time.Duration { return left/2 + 2 }, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				end := time.Now().Add(10 * time.Second)
				l := &limiter{wait: func(ctx context.Context, n int) error {
					if n == 2 {
						left := time.Until(end)
						until, _ := ctx.Deadline()
						assert.InDelta(t, left/2, time.Until(until), 1)
						time.Sleep(tt.wait(left))
					}
					return nil
				}}
				slow := func(req *http.Request) (*http.Response, error) {
					time.Sleep(8 * time.Second)
					return refused(req)
				}
				s := ends(slow, succeeds)

				out := watch(t, wiretest.Domain, s, mfa.WithLimiter(l), mfa.WithTimeout(10*time.Second)).call(t, acting)

				assert.Equal(t, 2, l.asked)
				assert.Len(t, s.at, tt.sent)
				assert.Equal(t, tt.sent == 1, errors.Is(out.err, mfa.ErrRateLimited))
			})
		})
	}
}

// The user who leaves is not refused.
func TestWithLimiter_endsWithTheCaller(t *testing.T) {
	t.Parallel()
	for name, l := range map[string]*limiter{
		"in time":            lets(time.Minute),
		"deaf":               deaf(time.Minute),
		"with its own words": {wait: func(ctx context.Context, _ int) error { <-ctx.Done(); return errFull }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancelCause(t.Context())
				time.AfterFunc(time.Second, func() { cancel(errReason) })
				s := ends(succeeds)

				out := watch(t, wiretest.Domain, s, mfa.WithLimiter(l)).callIn(ctx, t, acting)

				assert.Empty(t, s.at)
				assert.Equal(t, mfa.DeliveryNotSent, out.Delivery)
				require.ErrorIs(t, out.err, context.Canceled)
				require.ErrorIs(t, out.err, errReason)
				require.NotErrorIs(t, out.err, mfa.ErrRateLimited)
				assert.Equal(t, mfa.ActionNone, mfa.NextAction(out.err))
			})
		})
	}
}

// Nobody waits for a call that is refused here, or that is over before it begins.
func TestWithLimiter_isNotAsked_whenNothingWouldBeSent(t *testing.T) {
	t.Parallel()
	l, s := lets(0), ends(succeeds)
	w := watch(t, wiretest.Domain, s, mfa.WithLimiter(l))

	_, err := w.client.Challenge(t.Context(), mfa.ChallengeRequest{})
	require.ErrorIs(t, err, mfa.ErrInvalidRequest)

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, w.callIn(ctx, t, acting).err, context.Canceled)

	assert.Zero(t, l.asked)
	assert.Empty(t, s.at)
}
