package transport

import (
	"context"
	"crypto/tls"
	"errors"
	"math/rand/v2"
	"net"
	"net/http"
	"time"
)

const (
	maxReads     = 3               // requests of one read, net/http's own repeats included
	maxWarms     = 2               // requests of a GET that is no read, of which one is net/http's
	maxDials     = 2               // attempts of an acting call that provably never left
	maxRefusals  = 2               // repeats after 429, when asked for
	maxReadWait  = 5 * time.Second // longest server-stated wait that a read sits out
	firstBackoff = 50 * time.Millisecond
)

// budget is what one call may still repeat. A call that acts is repeated only
// when it provably never left; one that reads, when the server or the wire
// failed; any call after 429, when the caller asked for that.
type budget struct {
	read          bool
	rateLimitWait time.Duration

	attempts, refusals int
	requests           int32
}

// connections returns on how many connections the next attempt of a GET may be sent.
func (b *budget) connections() int32 {
	if b.read {
		return maxReads - b.requests
	}
	return maxWarms
}

// next says whether to repeat after out, and after which wait.
func (b *budget) next(out Outcome) (wait time.Duration, again bool) {
	b.attempts++
	b.requests += out.requests
	if out.Status == http.StatusTooManyRequests && b.rateLimitWait > 0 && out.RetryAfter > 0 {
		b.refusals++
		again = b.refusals <= maxRefusals && out.RetryAfter <= b.rateLimitWait
		return spread(out.RetryAfter), again && (!b.read || b.requests < maxReads)
	}
	if b.read {
		wait = backoff(b.attempts)
		if out.RetryAfter > 0 {
			wait = spread(out.RetryAfter)
		}
		return wait, b.requests < maxReads && out.RetryAfter <= maxReadWait && repeatableRead(out)
	}
	dials := b.attempts - b.refusals
	return backoff(dials), dials < maxDials && undelivered(out)
}

// repeatableRead reports whether a read that ended so may succeed if repeated.
func repeatableRead(out Outcome) bool {
	switch out.Status {
	case 0:
		return !out.NotSent || undelivered(out)
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	default:
		return false
	}
}

// undelivered reports whether the request provably never left, for a reason
// that another dial may cure.
func undelivered(out Outcome) bool {
	if !out.NotSent || out.final {
		return false
	}
	var (
		certificate *tls.CertificateVerificationError
		lookup      *net.DNSError
		op          *net.OpError
	)
	switch {
	case errors.As(out.Err, &certificate):
		return false
	case errors.As(out.Err, &lookup) && lookup.IsNotFound:
		return false
	case errors.As(out.Err, &op) && op.Op == "proxyconnect", errors.Is(out.Err, errProxyRefused):
		return false
	default:
		return true
	}
}

// backoff returns 50 to 100 ms after the first attempt, twice that after the second.
func backoff(attempts int) time.Duration {
	base := firstBackoff << (attempts - 1)
	return base + rand.N(base)
}

// spread returns the stated wait and up to a tenth more, so that those who
// were refused together do not come back together.
func spread(stated time.Duration) time.Duration { return stated + rand.N(stated/10+1) }

// sleep waits, unless the context would end first: then it returns at once,
// so that the caller hears of the failure while there is time to act on it.
func sleep(ctx context.Context, wait time.Duration) bool {
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= wait {
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
