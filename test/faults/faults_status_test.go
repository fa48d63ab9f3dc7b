package faults

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/go-auth0-mfa/mfa"
)

var statusFaults = []fault{
	{name: "429 Retry-After 1", ops: acting, on: onBoth, says: limited("Retry-After", "1"), want: rateLimited(time.Second)},
	{
		name: "429 Retry-After 1, without time to wait", ops: onlyList, on: onBoth, within: soon,
		says: limited("Retry-After", "1"),
		want: rateLimited(time.Second).reads(exactly(1)),
	},
	{name: "429 Retry-After 1, with time to wait", ops: onlyList, on: onBoth, stage: once(limited("Retry-After", "1")), want: expect(succeeds).reads(exactly(2))},
	{name: "429 Retry-After 1, opted in", ops: acting, stage: func(s *scene) {
		once(limited("Retry-After", "1"))(s)
		s.options = []mfa.Option{mfa.WithRateLimitRetry(2 * time.Second)}
	}, want: expect(succeeds).changed(func(w *want, _ operation) { w.requests = exactly(2) })},
	{
		name: "429 Retry-After as a date", on: onBoth,
		says: limited("Date", "Wed, 21 Oct 2015 07:27:00 GMT", "Retry-After", "Wed, 21 Oct 2015 07:28:00 GMT"),
		want: rateLimited(time.Minute),
	},
	{
		name: "429 Retry-After in the past", on: onBoth,
		says: limited("Date", "Wed, 21 Oct 2015 07:29:00 GMT", "Retry-After", "Wed, 21 Oct 2015 07:28:00 GMT"),
		want: rateLimited(0),
	},
	// The deadline would allow this wait; what a read sits out is bounded as well.
	{name: "429 Retry-After 6", on: onBoth, says: limited("Retry-After", "6"), want: rateLimited(6 * time.Second)},
	{
		name: "429 Retry-After 6, opted in for less", ops: acting, on: onBoth,
		stage: func(s *scene) { s.options = []mfa.Option{mfa.WithRateLimitRetry(2 * time.Second)} },
		says:  limited("Retry-After", "6"),
		want:  rateLimited(6 * time.Second),
	},
	{name: "429 Retry-After 3600", on: onBoth, says: limited("Retry-After", "3600"), want: rateLimited(time.Hour)},
	{name: "429 Retry-After 86401", on: onBoth, says: limited("Retry-After", "86401"), want: rateLimited(24 * time.Hour)},
	{name: "429 Retry-After overflowing", on: onBoth, says: limited("Retry-After", "99999999999999999999"), want: rateLimited(24 * time.Hour)},
	{name: "429 Retry-After beyond any number", on: onBoth, says: limited("Retry-After", strings.Repeat("9", 400)), want: rateLimited(24 * time.Hour)},
	{name: "429 Retry-After negative", on: onBoth, says: limited("Retry-After", "-3600"), want: rateLimited(0)},
	{name: "429 Retry-After junk", on: onBoth, says: func(s *scene) response { return limited("Retry-After", s.hostile())(s) }, want: rateLimited(0)},
	{name: "429 x-ratelimit-reset past", on: onBoth, says: resets429(-100, time.Second), want: rateLimited(0)},
	{name: "429 x-ratelimit-reset future", on: onBoth, says: resets429(90, time.Second), want: rateLimited(90 * time.Second)},
	{name: "429 x-ratelimit-reset in milliseconds", on: onBoth, says: resets429(90, time.Millisecond), want: rateLimited(90 * time.Second)},
	{name: "429 x-ratelimit-reset far", on: onBoth, says: resets429(1e9, time.Second), want: rateLimited(24 * time.Hour)},
	{name: "429 x-ratelimit-reset junk", on: onBoth, says: func(s *scene) response { return limited("X-RateLimit-Reset", s.hostile())(s) }, want: rateLimited(0)},
	{
		name: "429 x-ratelimit-reset by a clock that is years off", on: onBoth,
		says: limited("Date", "Wed, 21 Oct 2015 07:28:00 GMT", "X-RateLimit-Reset", "1445412540"),
		want: rateLimited(time.Minute),
	},
	{name: "429 x-ratelimit-reset without a date", on: onBoth, says: func(s *scene) response {
		return limited("X-RateLimit-Reset", strconv.FormatInt(time.Now().Unix()+90, 10))(s)
	}, want: rateLimited(90 * time.Second).changed(func(w *want, _ operation) { w.about = grace })},
	{name: "429 HTML", on: onAll, says: as(429, "text/html", page), want: rateLimited(0)},
	{name: "503 Retry-After 0", on: onBoth, says: func(*scene) response {
		return response{status: 503, header: []string{"Retry-After", "0"}}
	}, want: failed(503)},
	{name: "503 HTML", on: onAll, says: as(503, "text/html", page), want: failed(503)},
	{
		name: "500 after processing", on: onAll,
		says: as(500, "application/json", `{"error":"server_error","error_description":"boom"}`),
		want: failed(500).coded("server_error"),
	},
	{name: "408", on: onBoth, says: as(408, "text/plain", "slow"), want: answered(408, mfa.ActionFix)},
	{name: "425", on: onBoth, says: as(425, "text/plain", "early"), want: answered(425, mfa.ActionFix)},
	{
		name: "expired mfa_token", on: onBoth,
		says: refuses(401, "expired_token", "mfa_token is expired"),
		want: answered(401, mfa.ActionRestartLogin, mfa.ErrTokenExpired).coded("expired_token"),
	},
	{
		name: "invalid mfa_token", on: onBoth,
		says: refuses(401, "invalid_grant", "The mfa_token provided is invalid. Try getting a new token."),
		want: byOp(answered(401, mfa.ActionRestartLogin, mfa.ErrInvalidToken), map[mfa.Op]expect{
			"password login": answered(401, mfa.ActionRestartLogin, mfa.ErrInvalidCredentials),
		}).coded("invalid_grant"),
	},
	{
		name: "malformed mfa_token", on: onBoth,
		says: refuses(403, "invalid_grant", "Malformed mfa_token"),
		want: byOp(answered(403, mfa.ActionRestartLogin, mfa.ErrInvalidToken), map[mfa.Op]expect{
			"password login": answered(403, mfa.ActionRestartLogin, mfa.ErrInvalidCredentials),
		}).coded("invalid_grant"),
	},
	{
		name: "invalid binding_code", ops: tokens, on: onBoth,
		says: refuses(403, "invalid_grant", "Invalid binding_code."),
		want: byOp(nil, wrongCode(403)).coded("invalid_grant"),
	},
	{
		name: "invalid otp_code", ops: tokens, on: onBoth,
		says: refuses(403, "invalid_grant", "Invalid otp_code."),
		want: byOp(nil, wrongCode(403)).coded("invalid_grant"),
	},
	{
		name: "expired oob_code", ops: tokens, on: onBoth,
		says: refuses(403, "expired_token", "oob_code is expired"),
		want: byOp(answered(403, mfa.ActionRestartLogin, mfa.ErrTokenExpired), map[mfa.Op]expect{
			"verify oob": answered(403, mfa.ActionResend, mfa.ErrChallengeExpired),
			"poll push":  answered(403, mfa.ActionResend, mfa.ErrChallengeExpired),
		}).coded("expired_token"),
	},
	{
		name: "invalid recovery code", ops: []mfa.Op{"verify recovery code"}, on: onBoth,
		says: refuses(403, "invalid_grant", "MFA Authorization rejected."),
		want: answered(403, mfa.ActionAskAgain, mfa.ErrInvalidCode).coded("invalid_grant"),
	},
	{
		name: "rejected push", ops: []mfa.Op{"poll push"}, on: onBoth,
		says: refuses(400, "access_denied", "MFA Authorization rejected."),
		want: answered(400, mfa.ActionResend, mfa.ErrRejected).coded("access_denied"),
	},
	{
		name: "too many failed codes", ops: tokens, on: onBoth,
		says: refuses(400, "invalid_request", "Too many failed codes. Wait for some minutes before retrying."),
		want: byOp(answered(400, mfa.ActionWait, mfa.ErrTooManyAttempts), map[mfa.Op]expect{
			"password login": answered(400, mfa.ActionFix, mfa.ErrInvalidRequest),
			"refresh":        answered(400, mfa.ActionFix, mfa.ErrInvalidRequest),
		}).coded("invalid_request"),
	},
	{
		name: "500 access_denied in the tenant's words", on: onBoth,
		says: refuses(500, "access_denied", "You are already enrolled in the beta."),
		want: byOp(failed(500), denied(500)).coded("access_denied"),
	},
	{
		name: "429 access_denied in the tenant's words", ops: tokens, on: onBoth,
		says: refuses(429, "access_denied", "Too many SMS sent by the user."),
		want: byOp(nil, denied(429)).coded("access_denied"),
	},
	{
		name: "authorization_pending", ops: tokens, on: onBoth,
		says: refuses(400, "authorization_pending", "Authorization pending: please repeat the request in a few seconds."),
		want: answered(400, mfa.ActionPoll, mfa.ErrAuthorizationPending).coded("authorization_pending"),
	},
	{
		name: "slow_down", ops: tokens, on: onBoth,
		says: func(s *scene) response { return refuses(429, "slow_down", "")(s).and("Retry-After", "10") },
		want: answered(429, mfa.ActionPoll, mfa.ErrSlowDown).coded("slow_down").changed(func(w *want, _ operation) { w.retryAfter = 10 * time.Second }),
	},
	{name: "403 plain text", on: onBoth, says: as(403, "text/plain", "Forbidden"), want: answered(403, mfa.ActionFix)},
	{name: "403 HTML of a bot page", on: onBoth, says: as(403, "text/html", page), want: answered(403, mfa.ActionFix)},
	{name: "status 600", on: onBoth, says: as(600, "text/plain", "?"), want: failed(600)},
	{name: "status 999", on: onBoth, says: as(999, "text/plain", "?"), want: failed(999)},
	{name: "501", on: onBoth, says: as(501, "text/plain", "?"), want: failed(501)},
	{
		name: "502 bad_gateway", on: onBoth,
		says: refuses(502, "bad_gateway", "Error sending SMS."),
		want: byOp(answered(502, mfa.ActionRetryLater, mfa.ErrServer), map[mfa.Op]expect{
			"associate": answered(502, mfa.ActionRetryLater, mfa.ErrDeliveryFailed),
			"challenge": answered(502, mfa.ActionRetryLater, mfa.ErrDeliveryFailed),
		}).reads(exactly(3)).coded("bad_gateway"),
	},
	{
		name: "500 temporarily_unavailable", on: onBoth,
		says: refuses(500, "temporarily_unavailable", ""),
		want: answered(500, mfa.ActionRetryLater, mfa.ErrServer).coded("temporarily_unavailable"),
	},
	{name: "reason phrase that quotes", on: onHTTP1, says: reasoned(403), want: answered(403, mfa.ActionFix)},
	{name: "reason phrase that quotes, 500", on: onHTTP1, says: reasoned(500), want: failed(500)},
	{name: "reason phrase that quotes, 200", on: onHTTP1, says: reasoned(200), want: unexpectedOK},
}

// wrongCode is what the operations make of an invalid_grant that names a code: only
// where the user typed one it is wrong.
func wrongCode(status int) map[mfa.Op]expect {
	return map[mfa.Op]expect{
		"verify oob":           answered(status, mfa.ActionAskAgain, mfa.ErrInvalidCode),
		"verify otp":           answered(status, mfa.ActionAskAgain, mfa.ErrInvalidCode),
		"verify recovery code": answered(status, mfa.ActionAskAgain, mfa.ErrInvalidCode),
		"poll push":            answered(status, mfa.ActionRestartLogin, mfa.ErrInvalidToken),
		"refresh":              answered(status, mfa.ActionRestartLogin, mfa.ErrInvalidToken),
		"password login":       answered(status, mfa.ActionRestartLogin, mfa.ErrInvalidCredentials),
	}
}

// denied is what a tenant's own decision means to the operations that can meet one.
func denied(status int) map[mfa.Op]expect {
	all := map[mfa.Op]expect{}
	for _, op := range tokens {
		all[op] = answered(status, mfa.ActionAbort, mfa.ErrBlocked)
	}
	return all
}

// limited is a 429 with this header.
func limited(header ...string) func(*scene) response {
	return func(*scene) response { return response{status: http.StatusTooManyRequests}.and(header...) }
}

// resets429 is a 429 whose limit resets so many seconds after the response's
// date, told in this unit.
func resets429(seconds int64, unit time.Duration) func(*scene) response {
	return func(s *scene) response {
		now := time.Now()
		reset := (now.Unix() + seconds) * int64(time.Second/unit)
		return limited("Date", now.UTC().Format(http.TimeFormat), "X-RateLimit-Reset", strconv.FormatInt(reset, 10))(s)
	}
}

// refuses is a response as Auth0 gives it.
func refuses(status int, code, description string) func(*scene) response {
	return func(*scene) response { return refusal(status, code, description) }
}

// reasoned is a response with every secret of the call in its first line.
func reasoned(status int) func(*scene) response {
	return func(s *scene) response { return response{status: status, reason: s.hostile(), body: page} }
}

// once gives the first request this response, and the others success.
func once(what func(*scene) response) func(*scene) {
	return func(s *scene) {
		if s.on.http2 {
			s.serve = http2Wire(func(c *http2Conn, stream uint32) {
				http2Response(c.nth(what(s)))(c, stream)
			})
			return
		}
		s.serve = http1(func(x *exchange) bool { return says(x.nth(what(s)))(x) })
	}
}

// nth is the response to the first request, success to the others.
func (s *scene) nth(first response) response {
	if s.requests.Load() == 1 {
		return first
	}
	return s.success()
}
