package mfatest

import (
	"net/http"
	"net/netip"
	"strconv"
	"time"
)

// limit is a burst, and one more after each interval.
type limit struct {
	burst int
	every time.Duration
}

// Auth0 docs: https://auth0.com/docs/troubleshoot/customer-support/operational-policies/rate-limit-policy/rate-limit-configurations
var (
	limitWrongCodes    = limit{10, 6 * time.Minute}
	limitWrongRecovery = limit{10, 6 * time.Minute} // documented as 10 per hour; that they come back one by one is not
	limitMails         = limit{20, time.Minute}
	limitTexts         = limit{10, time.Hour} // text messages and voice calls together
	limitPushes        = limit{5, 12 * time.Second}
	limitExchanges     = limit{12, 5 * time.Second} // mfa-oob grant, per mfa_token
)

const (
	limitAuthenticators = 51
	pollInterval        = 5 * time.Second
)

// bucket holds what is left of a limit. The zero bucket is full.
type bucket struct{ full time.Time } // when it is full again

// left returns how many are left.
func (b *bucket) left(l limit, now time.Time) int {
	missing := b.full.Sub(now)
	if missing <= 0 {
		return l.burst
	}
	used := (missing + l.every - 1) / l.every
	return max(0, l.burst-int(used))
}

// take takes one, and reports whether one was left.
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

// wait returns how long it takes until one is left.
func (b *bucket) wait(l limit, now time.Time) time.Duration {
	return max(0, b.full.Sub(now)-time.Duration(l.burst-1)*l.every)
}

// policy sets the x-ratelimit headers to what is left after a take. The reset is
// when the bucket is full again.
func (b *bucket) policy(l limit, now time.Time, header http.Header) {
	header.Set("X-Ratelimit-Limit", strconv.Itoa(l.burst))
	header.Set("X-Ratelimit-Remaining", strconv.Itoa(b.left(l, now)))
	header.Set("X-Ratelimit-Reset", strconv.FormatInt(b.full.Add(time.Second-1).Unix(), 10))
}

// tooManyRequests refuses a request beyond a limit that has a policy.
func (b *bucket) tooManyRequests(l limit, now time.Time) error {
	refused := newRefusal(http.StatusTooManyRequests,
		errorBody{Error: "too_many_requests", Description: "Too many requests. Check the X-RateLimit-* headers."})
	refused.header.Set("Retry-After", seconds(b.wait(l, now)))
	b.policy(l, now, refused.header)
	return refused
}

// seconds rounds up, because a shorter wait would be too short.
func seconds(d time.Duration) string {
	return strconv.FormatInt(int64((d+time.Second-1)/time.Second), 10)
}

// lifetimeBlock is how long brute-force protection blocks an address.
const lifetimeBlock = 30 * 24 * time.Hour

// failures are wrong passwords in a row from one address.
type failures struct {
	wrong int
	last  time.Time
}

// checkPassword refuses a wrong password, and any from an address that is blocked.
func (t *Tenant) checkPassword(c call, user *account) error {
	from := endUser(c)
	failed := user.failures[from]
	if failed.wrong > 0 && !c.now.Before(failed.last.Add(lifetimeBlock)) {
		failed = failures{}
	}
	switch {
	case t.config.attempts > 0 && failed.wrong >= t.config.attempts:
		return refuse(http.StatusTooManyRequests, "too_many_attempts", "Your account has been blocked after multiple consecutive login attempts."+
			" We've sent you an email with instructions on how to unblock it.")
	case user.password == "" || !equal(user.password, c.params.text("password")):
		if t.config.attempts > 0 {
			user.failures[from] = failures{wrong: failed.wrong + 1, last: c.now}
		}
		return wrongPassword()
	}
	delete(user.failures, from)
	return nil
}

func wrongPassword() error {
	return refuse(http.StatusForbidden, "invalid_grant", "Wrong email or password.")
}

// endUser returns the address that a login counts for.
func endUser(c call) netip.Addr {
	if named, err := netip.ParseAddr(c.header.Get("Auth0-Forwarded-For")); err == nil && c.app.secret != "" && !c.app.signed {
		return named.Unmap()
	}
	return c.from
}
