package mfa

import (
	"context"
	"log/slog"
	"net/http"
	"time"
)

// Delivery tells where a request stood when it failed.
type Delivery int

const (
	// DeliveryUnknown: Auth0 may have acted, but no complete answer arrived.
	DeliveryUnknown Delivery = iota
	// DeliveryNotSent: it is proven that nothing left. Calling again is safe.
	DeliveryNotSent
	// DeliveryAnswered: a complete answer arrived.
	DeliveryAnswered
)

// String returns "unknown", "not sent" or "answered".
func (d Delivery) String() string {
	switch d {
	case DeliveryNotSent:
		return "not sent"
	case DeliveryAnswered:
		return "answered"
	default:
		return "unknown"
	}
}

// Event tells about one attempt of a call, for metrics and logs. It holds no
// secret, no address, no id of a user or an authenticator, and of what a server
// chose only what has the form of a code or of a request id.
type Event struct {
	Op         Op            // the operation
	Method     string        // the HTTP method
	Route      string        // the path as a template: "/mfa/authenticators/{id}"
	Code       string        // Auth0's error code, if it has the form of one; "" otherwise
	RequestID  string        // Auth0's id of the request; "" when the answer carried none
	Attempt    int           // 1 for the first attempt of a call
	StatusCode int           // the HTTP status; 0: no complete answer arrived
	Delivery   Delivery      // where the request stood
	Duration   time.Duration // of this attempt
	RetryAfter time.Duration // how long Auth0 asks to wait; 0: it does not say
}

// logTo returns an observer that writes each event as one record: a warning
// when no complete answer arrived or Auth0 refused by its limits or failed.
func logTo(l *slog.Logger) func(context.Context, Event) {
	return func(ctx context.Context, e Event) {
		level := slog.LevelInfo
		if e.Delivery != DeliveryAnswered || e.StatusCode == http.StatusTooManyRequests || e.StatusCode >= 500 {
			level = slog.LevelWarn
		}
		l.LogAttrs(ctx, level, "auth0 mfa call",
			slog.String("op", string(e.Op)),
			slog.String("method", e.Method),
			slog.String("route", e.Route),
			slog.Int("attempt", e.Attempt),
			slog.Int("status", e.StatusCode),
			slog.String("code", e.Code),
			slog.String("delivery", e.Delivery.String()),
			slog.Duration("duration", e.Duration),
			slog.Duration("retry_after", e.RetryAfter),
			slog.String("request_id", e.RequestID),
		)
	}
}
