// Package fleet keeps the processes of a login page to the tenant's rate limit together.
//
// Auth0 counts the requests of all processes, and those of the tenant's other applications.
// So the limit of a [Limiter] is a share of the tenant's, such as 20 of its 25 requests a
// second. Pass the Limiter to mfa.WithLimiter in each process.
package fleet

import (
	"context"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"github.com/go-redis/redis_rate/v10"
	"github.com/redis/go-redis/v9"
)

// outage is how long all calls do without the limiter, once Redis did not respond.
const outage = time.Second

// Limiter is an mfa.Limiter in Redis. Processes with the same Redis and the same key share
// one limit. Make it with [NewLimiter].
//
// In each process one call at a time asks Redis. The others queue in their order, and one
// that gives up leaves the queue at once. So a thousand callers that were refused together
// do not ask again in the same moment, which they would if each obeyed redis_rate.
type Limiter struct {
	// Patience is how long one call waits for the response of Redis. NewLimiter sets 250 ms.
	// A call that is not limited is better than a user who waits for nothing.
	Patience time.Duration

	rate    *redis_rate.Limiter
	key     string
	limit   redis_rate.Limit
	failed  func(error)
	turn    chan struct{}
	waiting atomic.Int64
	without atomic.Pointer[time.Time] // when to ask Redis again
}

// NewLimiter returns a Limiter. The client needs ContextTimeoutEnabled, or a Redis that
// hangs holds calls back. failed hears of each failure of Redis; it may be nil. Calls go on
// then, since a login matters more than the limit.
//
// The tenant should have room for the burst of the limit beside what its share leaves to
// others. A quarter of the rate evens out what the network delays.
func NewLimiter(client redis.UniversalClient, key string, limit redis_rate.Limit, failed func(error)) *Limiter {
	limit.Burst = max(1, limit.Burst) // without one redis_rate refuses forever
	return &Limiter{
		Patience: 250 * time.Millisecond,
		rate:     redis_rate.NewLimiter(client), key: key, limit: limit, failed: failed, turn: make(chan struct{}, 1),
	}
}

// Wait returns nil when a request may go. If that cannot be before the deadline of ctx, it
// returns a [BusyError] at once.
func (l *Limiter) Wait(ctx context.Context) error {
	ahead := l.waiting.Add(1) - 1
	defer l.waiting.Add(-1)
	// At best all of the limit is this process's.
	if wait := time.Duration(max(0, ahead-int64(l.limit.Burst))) * l.interval(); tooLate(ctx, wait) {
		return busy(wait)
	}
	select {
	case l.turn <- struct{}{}:
		defer func() { <-l.turn }()
	case <-ctx.Done():
		return ctx.Err()
	}
	for {
		if until := l.without.Load(); until != nil && time.Now().Before(*until) {
			return nil
		}
		wait, err := l.ask(ctx)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			until := time.Now().Add(outage)
			l.without.Store(&until)
			if l.failed != nil {
				l.failed(err)
			}
			return nil
		case wait < 0:
			return nil
		case tooLate(ctx, wait):
			return busy(wait)
		}
		// All processes were told the same time.
		timer := time.NewTimer(wait + rand.N(l.interval()))
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		}
	}
}

// ask takes one request from the limit, or returns how long to wait for one.
func (l *Limiter) ask(ctx context.Context) (wait time.Duration, err error) {
	ctx, cancel := context.WithTimeout(ctx, l.Patience)
	defer cancel()
	result, err := l.rate.Allow(ctx, l.key, l.limit)
	if err != nil {
		return 0, err
	}
	return result.RetryAfter, nil // -1 if the request may go
}

// interval is the time between two requests.
func (l *Limiter) interval() time.Duration { return l.limit.Period / time.Duration(l.limit.Rate) }

func tooLate(ctx context.Context, wait time.Duration) bool {
	deadline, ok := ctx.Deadline()
	return ok && wait > time.Until(deadline)
}

// BusyError means that a request could not go before the deadline of its call.
type BusyError struct{ wait time.Duration }

// busy adds up to the wait itself, so that callers that were refused together do not come
// back together.
func busy(wait time.Duration) error { return &BusyError{wait + rand.N(wait+1)} }

func (*BusyError) Error() string { return "fleet: too many requests are waiting" }

// RetryAfter returns how long to wait. mfa.RetryAfter and mfa.Error have the same.
func (e *BusyError) RetryAfter() time.Duration { return e.wait }
