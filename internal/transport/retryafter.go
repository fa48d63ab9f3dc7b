package transport

import (
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// maxRetryAfter bounds what a server may ask for.
const maxRetryAfter = 24 * time.Hour

// RetryAfter returns how long a server that refused asks to wait, 0 if it does
// not say: from Retry-After, else from x-ratelimit-reset when the limit is what
// refused the call. Points in time are measured against the response's own Date,
// so that a wrong local clock does no harm.
//
// RFC 9110, section 10.2.3; https://auth0.com/docs/troubleshoot/customer-support/operational-policies/rate-limit-policy
func RetryAfter(status int, h http.Header) time.Duration {
	if status < http.StatusBadRequest {
		return 0
	}
	now := time.Now()
	if date, err := http.ParseTime(h.Get("Date")); err == nil {
		now = date
	}
	stated := strings.TrimSpace(h.Get("Retry-After"))
	if seconds, ok := wholeNumber(stated); ok {
		return clamp(seconds)
	}
	if at, err := http.ParseTime(stated); err == nil {
		return clamp(at.Sub(now).Seconds())
	}
	if status != http.StatusTooManyRequests && h.Get("X-Ratelimit-Remaining") != "0" {
		return 0
	}
	reset, ok := wholeNumber(strings.TrimSpace(h.Get("X-Ratelimit-Reset")))
	if !ok {
		return 0
	}
	if reset >= 1e11 {
		reset /= 1000 // milliseconds: as seconds this would be the year 5138
	}
	return clamp(reset - float64(now.Unix()))
}

// wholeNumber reads digits. A number too large to matter is still a number,
// so that an overflow means "very long" and never "now".
func wholeNumber(s string) (float64, bool) {
	if s == "" || strings.Trim(s, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseFloat(s, 64)
	if err != nil {
		n = math.Inf(1)
	}
	return n, true
}

// clamp turns seconds into a wait of 0 to 24 hours.
func clamp(seconds float64) time.Duration {
	switch {
	case seconds <= 0:
		return 0
	case seconds >= maxRetryAfter.Seconds():
		return maxRetryAfter
	default:
		return time.Duration(seconds * float64(time.Second))
	}
}
