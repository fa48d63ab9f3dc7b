package mfa

import (
	"context"
	"crypto/tls"
	"errors"
	"math/rand/v2"
	"net"
	"net/http"
	"time"

	"github.com/go-auth0-mfa/mfa/internal/transport"
)

const (
	maxReads     = 3               // requests of one read, net/http's own repeats included
	maxWarms     = 2               // requests of Warm, of which one is net/http's repeat
	maxActs      = 3               // requests of an acting call; all but the last were provably not acted on
	maxRefusals  = 2               // repeats after 429, when asked for
	maxReadWait  = 5 * time.Second // the longest wait stated by a server that a read sits out
	firstBackoff = 50 * time.Millisecond

	maxLimiterWait = 24 * time.Hour // the longest RetryAfter of a limiter; the same as a server's
)

// do sends the request until it succeeds or may not be repeated, and returns the
// last outcome.
func (c *call) do(ctx context.Context) transport.Outcome {
	started := time.Now()
	limit := started.Add(c.client.timeout)
	deadline := limit
	if earlier, ok := ctx.Deadline(); ok && earlier.Before(limit) {
		deadline = earlier
	}
	left := budget{reads: c.reads, rateLimitWait: c.client.rateLimitWait}
	observed := len(c.client.observers) > 0
	for attempt := 1; ; attempt++ {
		refused := c.admit(ctx, started, deadline)
		var began time.Time
		if observed {
			began = time.Now()
		}
		out := transport.Outcome{Err: refused, NotSent: true, Final: true, RetryAfter: RetryAfter(refused)}
		if refused == nil {
			out = c.attempt(ctx, limit, left)
		}
		if observed {
			c.observe(ctx, attempt, time.Since(began), out)
		}
		wait, again := left.next(out)
		if again && sleep(ctx, deadline, wait) {
			continue
		}
		if out.Status == 0 || again {
			out.Err = withContext(ctx, deadline, out.Err)
		}
		return out
	}
}

// admit waits until the limiter lets the next attempt go. The wait has to leave a fifth
// of the call's time, or half of what is left when a repeat is that late: a request
// without the time for its response is one whose outcome nobody knows.
func (c *call) admit(ctx context.Context, started, deadline time.Time) error {
	limiter := c.client.limiter
	if limiter == nil || c.op == OpWarm || ctx.Err() != nil {
		return nil
	}
	reserve := min(deadline.Sub(started)/5, time.Until(deadline)/2)
	waiting, stop := context.WithDeadline(ctx, deadline.Add(-reserve))
	defer stop()
	err := limiter.Wait(waiting)
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return err // the user went away: that is no refusal
	case err != nil:
		return &limiterError{err}
	case time.Until(deadline) < reserve:
		return &limiterError{context.DeadlineExceeded}
	default:
		return nil
	}
}

// limiterError means that the limiter refused an attempt, or held it back for too long.
type limiterError struct{ cause error }

func (e *limiterError) Error() string { return "mfa: the limiter refused" }
func (e *limiterError) Unwrap() error { return e.cause }

// RetryAfter returns how long the limiter asks to wait, if it says so.
func (e *limiterError) RetryAfter() time.Duration {
	return min(RetryAfter(e.cause), maxLimiterWait)
}

// attempt sends the request once, with fresh credentials. The limit is not the
// caller's own deadline: of two timers for that, ours could end the attempt before
// theirs had set the cause.
func (c *call) attempt(ctx context.Context, limit time.Time, left budget) transport.Outcome {
	ctx, stop := context.WithDeadline(ctx, limit)
	defer stop()
	req := c.request
	req.MaxConnections, req.Stop, req.Alone = left.connections(), stop, left.last()
	if c.encode != nil {
		cr, err := c.credentials(ctx)
		if err == nil {
			req.Body, err = c.encode(cr)
		}
		if err != nil {
			return transport.Outcome{Err: err, NotSent: true, Final: true}
		}
	}
	return c.client.transport().Send(ctx, req)
}

// budget tracks how often one call may still be repeated. A call that acts is
// repeated only when it was provably not acted on; one that reads, when the server or
// the network failed; any call after 429, when the caller asked for that.
type budget struct {
	reads         bool
	rateLimitWait time.Duration

	attempts, refusals int
	requests           int32
}

// connections returns on how many connections the next GET may be sent.
func (b *budget) connections() int32 {
	if b.reads {
		return maxReads - b.requests
	}
	return maxWarms
}

// last reports whether the next request of a call is its last one. The two before it
// may just have met a server that ends connections often, or a connection whose end
// net/http has yet to notice.
func (b *budget) last() bool {
	if b.reads {
		return b.requests == maxReads-1
	}
	return b.attempts-b.refusals == maxActs-1
}

// next says whether to repeat the call after out, and after which wait.
func (b *budget) next(out transport.Outcome) (wait time.Duration, again bool) {
	b.attempts++
	b.requests += out.Requests
	if out.Status == http.StatusTooManyRequests && b.rateLimitWait > 0 && out.RetryAfter > 0 {
		b.refusals++
		again = b.refusals <= maxRefusals && out.RetryAfter <= b.rateLimitWait
		return spread(out.RetryAfter), again && (!b.reads || b.requests < maxReads)
	}
	if b.reads {
		wait = backoff(b.attempts)
		if out.RetryAfter > 0 {
			wait = spread(out.RetryAfter)
		}
		return wait, b.requests < maxReads && out.RetryAfter <= maxReadWait && repeatableRead(out)
	}
	sent := b.attempts - b.refusals
	return backoff(sent), sent < maxActs && undelivered(out)
}

// repeatableRead reports whether a read that ended so may succeed if repeated.
func repeatableRead(out transport.Outcome) bool {
	switch out.Status {
	case 0:
		return !out.NotSent || undelivered(out)
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	default:
		return false
	}
}

// undelivered reports whether the request was provably not acted on, for a reason
// that another attempt may cure.
func undelivered(out transport.Outcome) bool {
	if !out.NotSent || out.Final {
		return false
	}
	var (
		certificate *tls.CertificateVerificationError
		lookup      *net.DNSError
		op          *net.OpError
		proxy       *transport.ProxyError
	)
	switch {
	case errors.As(out.Err, &certificate):
		return false
	case errors.As(out.Err, &lookup) && lookup.IsNotFound:
		return false
	case errors.As(out.Err, &op) && op.Op == "proxyconnect":
		return false
	case errors.As(out.Err, &proxy):
		return proxy.Status >= http.StatusInternalServerError
	default:
		return true
	}
}

// backoff returns 50 to 100 ms after the first attempt, twice that after the second.
func backoff(attempts int) time.Duration {
	base := firstBackoff << (attempts - 1)
	return base + rand.N(base)
}

// spread returns the stated wait and up to a tenth more, so that clients that were
// refused together do not retry together.
func spread(stated time.Duration) time.Duration { return stated + rand.N(stated/10+1) }

// sleep waits, unless the call would end first: then it returns at once, so that
// the caller hears of the failure while there is time to act on it.
func sleep(ctx context.Context, deadline time.Time, wait time.Duration) bool {
	if time.Until(deadline) <= wait {
		return false
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// withContext makes sure that the end of the call's time is found in the error that
// it caused, whatever the transport made of it.
func withContext(ctx context.Context, deadline time.Time, err error) error {
	if ended := ctx.Err(); ended != nil {
		return errors.Join(err, ended, context.Cause(ctx))
	}
	// The timer of a context, or the dialer's own, can be a moment early or late.
	if !time.Now().Before(deadline) {
		return errors.Join(err, context.DeadlineExceeded)
	}
	return err
}
