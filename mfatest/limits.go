package mfatest

import (
	"net/http"
	"strconv"
	"time"
)

// limit is a burst of so many, and one more every so often.
type limit struct {
	burst int
	every time.Duration
}

// Auth0 docs: https://auth0.com/docs/troubleshoot/customer-support/operational-policies/rate-limit-policy/rate-limit-configurations
var (
	limitWrongCodes    = limit{10, 6 * time.Minute}
	limitWrongRecovery = limit{10, 6 * time.Minute} // "10 per hour"; that they come back one by one is not documented
	limitMails         = limit{20, time.Minute}
	limitTexts         = limit{10, time.Hour} // text messages and calls together
	limitPushes        = limit{5, 12 * time.Second}
	limitExchanges     = limit{12, 5 * time.Second} // mfa-oob grant, per mfa_token
)

const (
	limitAuthenticators = 51
	pollInterval        = 5 * time.Second
)

// bucket holds what is left of a limit. The zero bucket is full.
type bucket struct{ full time.Time } // when it is full again

// left returns how many there are.
func (b *bucket) left(l limit, now time.Time) int {
	missing := b.full.Sub(now)
	if missing <= 0 {
		return l.burst
	}
	used := (missing + l.every - 1) / l.every
	return max(0, l.burst-int(used))
}

// take takes one, and reports whether there was one.
func (b *bucket) take(l limit, now time.Time) bool {
	if b.left(l, now) == 0 {
		return false
	}
	if b.full.Before(now) {
		b.full = now
	}
	b.full = b.full.Add(l.every)
	return true
}

// wait returns how long it takes until there is one.
func (b *bucket) wait(l limit, now time.Time) time.Duration {
	return max(0, b.full.Sub(now)-time.Duration(l.burst-1)*l.every)
}

// policy writes what is left after a take into the x-ratelimit headers. The
// reset is when the limit is whole again.
func (b *bucket) policy(l limit, now time.Time, header http.Header) {
	header.Set("X-Ratelimit-Limit", strconv.Itoa(l.burst))
	header.Set("X-Ratelimit-Remaining", strconv.Itoa(b.left(l, now)))
	header.Set("X-Ratelimit-Reset", strconv.FormatInt(b.full.Add(time.Second-1).Unix(), 10))
}

// tooManyRequests is the answer beyond a limit that has a policy.
func (b *bucket) tooManyRequests(l limit, now time.Time) answer {
	a := refuse(http.StatusTooManyRequests, "too_many_requests", "Too many requests. Check the X-RateLimit-* headers.")
	a.header.Set("Retry-After", seconds(b.wait(l, now)))
	b.policy(l, now, a.header)
	return a
}

// seconds rounds up, because to wait less would be too short.
func seconds(d time.Duration) string {
	return strconv.FormatInt(int64((d+time.Second-1)/time.Second), 10)
}
