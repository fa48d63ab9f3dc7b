// Package opentelemetry is an example of tracing with OpenTelemetry: a span for each
// request, and an event on the caller's span for each attempt of a call. Neither holds a
// secret.
package opentelemetry

import (
	"context"
	"net/http"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/go-auth0-mfa/mfa"
)

// Options returns the options of mfa.NewClient that trace its calls. base sends the
// requests, such as mfa.NewTransport(). Call CloseIdleConnections of base, not of the
// client: otelhttp does not pass it on.
func Options(base http.RoundTripper, provider trace.TracerProvider) []mfa.Option {
	return []mfa.Option{
		mfa.WithHTTPClient(&http.Client{Transport: otelhttp.NewTransport(quiet{base},
			otelhttp.WithTracerProvider(provider),
			// Trace IDs and baggage are not sent to Auth0.
			otelhttp.WithPropagators(propagation.NewCompositeTextMapPropagator()),
		)}),
		mfa.WithObserver(addEvent),
	}
}

// addEvent adds an attempt and its outcome to the caller's span.
func addEvent(ctx context.Context, e mfa.Event) {
	trace.SpanFromContext(ctx).AddEvent("auth0 mfa call", trace.WithAttributes(
		attribute.String("auth0.op", string(e.Op)),
		attribute.String("auth0.code", e.Code),
		attribute.String("auth0.delivery", e.Delivery.String()),
		attribute.String("auth0.request_id", e.RequestID),
		attribute.Int("auth0.attempt", e.Attempt),
		attribute.String("http.route", e.Route),
		attribute.Int("http.response.status_code", e.StatusCode),
	))
}
