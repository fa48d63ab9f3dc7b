// Package opentelemetry is an example of tracing with OpenTelemetry: a span for
// each request, and an event on the caller's span for each attempt of a call.
// No secret stands in either.
//
// It is a module of its own, so that package mfa does not require OpenTelemetry.
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

// Options returns the options of mfa.NewClient that trace its calls. Requests
// go out on base, such as mfa.NewTransport(). Call CloseIdleConnections of base
// and not of the client: otelhttp does not pass it on.
func Options(base http.RoundTripper, provider trace.TracerProvider) []mfa.Option {
	return []mfa.Option{
		mfa.WithHTTPClient(&http.Client{Transport: otelhttp.NewTransport(quiet{base},
			otelhttp.WithTracerProvider(provider),
			// Neither trace ids nor baggage go to Auth0.
			otelhttp.WithPropagators(propagation.NewCompositeTextMapPropagator()),
		)}),
		mfa.WithObserver(addEvent),
	}
}

// addEvent says on the caller's span what an attempt was and how it ended.
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
