package mfa_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/internal/wiretest"
)

func TestWithObserver(t *testing.T) {
	t.Parallel()
	for _, op := range wiretest.Operations {
		for name, tt := range map[string]struct {
			response wiretest.Response
			change   func(*mfa.Event)
		}{
			"success": {
				wiretest.Response{Status: op.Success.Status, Body: op.Success.Body, Header: http.Header{"X-Auth0-Requestid": {"4a7f"}}},
				func(e *mfa.Event) {
					e.StatusCode, e.Delivery, e.RequestID = op.Success.Status, mfa.DeliveryAnswered, "4a7f"
				},
			},
			"refused": {
				wiretest.Refused(403, "access_denied", "User is already enrolled."),
				func(e *mfa.Event) { e.StatusCode, e.Delivery, e.Code = 403, mfa.DeliveryAnswered, "access_denied" },
			},
			"refused in other words": {
				wiretest.Response{Status: 403, Body: `{"code":"access_denied","description":"User is already enrolled."}`},
				func(e *mfa.Event) { e.StatusCode, e.Delivery, e.Code = 403, mfa.DeliveryAnswered, "access_denied" },
			},
			"required": {
				wiretest.Response{Status: 403, Body: `{"error":"mfa_required","mfa_token":"t"}`},
				func(e *mfa.Event) { e.StatusCode, e.Delivery, e.Code = 403, mfa.DeliveryAnswered, "mfa_required" },
			},
			"limited": {
				wiretest.RateLimited("17"),
				func(e *mfa.Event) {
					e.StatusCode, e.Delivery, e.Code, e.RetryAfter = 429, mfa.DeliveryAnswered, "too_many_requests", 17*time.Second
				},
			},
			"no code": {
				wiretest.Refused(400, "Ada Lovelace", "x"),
				func(e *mfa.Event) { e.StatusCode, e.Delivery = 400, mfa.DeliveryAnswered },
			},
			"no form of a code": {
				wiretest.Refused(400, "ada@example.com", "x"),
				func(e *mfa.Event) { e.StatusCode, e.Delivery = 400, mfa.DeliveryAnswered },
			},
		} {
			t.Run(op.String()+"/"+name, func(t *testing.T) {
				t.Parallel()
				var events []mfa.Event
				_, _ = op.Call(t.Context(), wiretest.NewTenant(t, tt.response).Client(t, wiretest.Record(&events)))
				want := mfa.Event{Op: op.Op, Method: op.Method, Route: op.Route, Attempt: 1}
				tt.change(&want)
				assert.Equal(t, []mfa.Event{want}, events)
			})
		}
		t.Run(op.String()+"/refused here", func(t *testing.T) {
			t.Parallel()
			var events []mfa.Event
			client := wiretest.NewTenant(t, op.Success).Client(t, wiretest.Record(&events))
			var none context.Context
			_, err := op.Call(none, client)
			assert.ErrorIs(t, err, mfa.ErrInvalidRequest)
			assert.Empty(t, events)
		})
		t.Run(op.String()+"/gone before", func(t *testing.T) {
			t.Parallel()
			var events []mfa.Event
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			_, _ = op.Call(ctx, wiretest.NewTenant(t, op.Success).Client(t, wiretest.Record(&events)))
			assert.Equal(t, []mfa.Event{{Op: op.Op, Method: op.Method, Route: op.Route, Attempt: 1, Delivery: mfa.DeliveryNotSent}}, events)
		})
	}
}

// One event for each attempt, on the goroutine of the call and with its
// context, to every observer.
func TestWithObserver_attempts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		type key struct{}
		var events []mfa.Event
		order := ""
		client := wiretest.NewTenant(t, wiretest.Response{Err: errors.New("broken wire")}, wiretest.Response{Status: 503}, wiretest.Named("list authenticators").Success).Client(t,
			mfa.WithObserver(func(ctx context.Context, _ mfa.Event) { order += ctx.Value(key{}).(string) }),
			mfa.WithObserver(func(context.Context, mfa.Event) { order += "," }),
			wiretest.Record(&events),
		)
		_, err := wiretest.Named("list authenticators").Call(context.WithValue(t.Context(), key{}, "ada"), client)
		require.NoError(t, err)
		base := mfa.Event{Op: "list authenticators", Method: "GET", Route: "/mfa/authenticators"}
		first, second, third := base, base, base
		first.Attempt, first.Delivery = 1, mfa.DeliveryUnknown
		second.Attempt, second.Delivery, second.StatusCode = 2, mfa.DeliveryAnswered, 503
		third.Attempt, third.Delivery, third.StatusCode = 3, mfa.DeliveryAnswered, 200
		assert.Equal(t, []mfa.Event{first, second, third}, events)
		assert.Equal(t, "ada,ada,ada,", order)
	})
}

func TestWithObserver_duration(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var took time.Duration
		client, err := mfa.NewClient(wiretest.Domain, wiretest.ClientID, mfa.WithHTTPClient(&http.Client{Transport: wiretest.Stuck{}}), mfa.WithTimeout(7*time.Second),
			mfa.WithObserver(func(_ context.Context, e mfa.Event) { took = e.Duration }))
		require.NoError(t, err)
		_, err = wiretest.Named("challenge").Call(t.Context(), client)
		require.Error(t, err)
		assert.Equal(t, 7*time.Second, took) // of the bubble's clock
	})
}

func TestWithLogger(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		response wiretest.Response
		level    string
		want     map[string]any
	}{
		"success": {wiretest.Response{Status: 204}, "INFO", map[string]any{"status": 204.0, "delivery": "answered"}},
		"refused": {wiretest.Refused(401, "invalid_grant", "x"), "INFO", map[string]any{"status": 401.0, "code": "invalid_grant", "delivery": "answered"}},
		"limited": {wiretest.RateLimited("2"), "WARN", map[string]any{"status": 429.0, "code": "too_many_requests", "delivery": "answered", "retry_after": 2e9}},
		"failed":  {wiretest.Response{Status: 500}, "WARN", map[string]any{"status": 500.0, "delivery": "answered"}},
		"lost":    {wiretest.Response{Err: errors.New("broken wire")}, "WARN", map[string]any{"delivery": "unknown"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			client := wiretest.NewTenant(t, tt.response).Client(t, mfa.WithLogger(slog.New(slog.NewJSONHandler(&out, nil))))
			_, _ = wiretest.Named("delete authenticator").Call(t.Context(), client)

			var got map[string]any
			require.NoError(t, json.Unmarshal(out.Bytes(), &got)) // which refuses a second record
			assert.Contains(t, got, "duration")
			want := map[string]any{
				"level": tt.level, "msg": got["msg"], "time": got["time"], "duration": got["duration"],
				"op": "delete authenticator", "method": "DELETE", "route": "/mfa/authenticators/{id}",
				"attempt": 1.0, "status": 0.0, "code": "", "retry_after": 0.0, "request_id": "",
			}
			maps.Copy(want, tt.want)
			assert.Equal(t, want, got)
		})
	}
}

func TestDelivery_String(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "unknown", mfa.DeliveryUnknown.String())
	assert.Equal(t, "not sent", mfa.DeliveryNotSent.String())
	assert.Equal(t, "answered", mfa.DeliveryAnswered.String())
	assert.Equal(t, mfa.DeliveryUnknown, (&mfa.Error{}).Delivery)
}

func TestWithObserver_errorWith200(t *testing.T) {
	t.Parallel()
	var events []mfa.Event
	_, err := wiretest.Named("poll push").Fails(t, t.Context(), wiretest.NewTenant(t, wiretest.Refused(200, "authorization_pending", "x")).Client(t, wiretest.Record(&events)))
	require.ErrorIs(t, err, mfa.ErrAuthorizationPending)
	assert.Equal(t, "authorization_pending", events[0].Code)

	// What else a success says is no code.
	a := wiretest.Response{Status: 200, Body: `{"access_token":"eyJ.a","code":"abc","name":"def"}`}
	_, err = wiretest.Named("poll push").Call(t.Context(), wiretest.NewTenant(t, a).Client(t, wiretest.Record(&events)))
	require.NoError(t, err)
	assert.Empty(t, events[1].Code)
}
