package mfa

import (
	"context"
	"log/slog"
	"net/http"
	"time"
)

// Delivery tells how far a request came.
type Delivery int

const (
	// DeliveryUnknown means that Auth0 may have acted, but no complete response arrived.
	DeliveryUnknown Delivery = iota
	// DeliveryNotSent means that Auth0 provably did not act on the request. Calling again
	// is safe. These are the proofs:
	//   - A local check or the [Limiter] refused the call.
	//   - No connection was made, or a proxy refused to make one.
	//   - The socket showed that the connection had ended before the request, and nothing was
	//     written to it (on Linux and other Unix systems).
	//   - The system accepted no byte of the request ([NewTransport] only).
	//   - The server ended an HTTP/2 connection by a GOAWAY below the request's stream
	//     (RFC 9113, section 6.8).
	// A reset proves nothing, not even REFUSED_STREAM: HAProxy sends that after its backend
	// has received the whole request.
	DeliveryNotSent
	// DeliveryAnswered means that a complete response arrived.
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

// Event describes one attempt of a call, for metrics and logs. It holds no secrets,
// addresses or identifiers of users and authenticators. The only text from the server is
// the error code and the request ID, and only if well formed.
type Event struct {
	Op         Op            // the operation
	Method     string        // the HTTP method
	Route      string        // the path as a template: "/mfa/authenticators/{id}"
	Code       string        // Auth0's error code; "" if there is none or it is not well formed
	RequestID  string        // Auth0's ID of the request; "" if the response has none
	Attempt    int           // counts the attempts of a call from 1
	StatusCode int           // the HTTP status; 0 if no complete response arrived
	Delivery   Delivery      // how far the request came
	Duration   time.Duration // of this attempt, with the wait for a connection, without other waits
	RetryAfter time.Duration // how long Auth0, or the Limiter, asks to wait; 0 if it does not say
}

// logTo returns an observer that writes each event as one record. It is a warning if no
// complete response arrived, if Auth0 limited the rate, or if Auth0 failed.
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
