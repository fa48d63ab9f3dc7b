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
)

// record returns an option that keeps the events, without how long they took.
func record(events *[]mfa.Event) mfa.Option {
	return mfa.WithObserver(func(_ context.Context, e mfa.Event) {
		e.Duration = 0
		*events = append(*events, e)
	})
}

func TestWithObserver(t *testing.T) {
	t.Parallel()
	for _, op := range operations {
		for name, tt := range map[string]struct {
			answer answer
			change func(*mfa.Event)
		}{
			"success": {
				answer{status: op.success.status, body: op.success.body, header: http.Header{"X-Auth0-Requestid": {"4a7f"}}},
				func(e *mfa.Event) {
					e.StatusCode, e.Delivery, e.RequestID = op.success.status, mfa.DeliveryAnswered, "4a7f"
				},
			},
			"refused": {
				refusal(403, "access_denied", "User is already enrolled."),
				func(e *mfa.Event) { e.StatusCode, e.Delivery, e.Code = 403, mfa.DeliveryAnswered, "access_denied" },
			},
			"refused in other words": {
				answer{status: 403, body: `{"code":"access_denied","description":"User is already enrolled."}`},
				func(e *mfa.Event) { e.StatusCode, e.Delivery, e.Code = 403, mfa.DeliveryAnswered, "access_denied" },
			},
			"required": {
				answer{status: 403, body: `{"error":"mfa_required","mfa_token":"t"}`},
				func(e *mfa.Event) { e.StatusCode, e.Delivery, e.Code = 403, mfa.DeliveryAnswered, "mfa_required" },
			},
			"limited": {
				limited("17"),
				func(e *mfa.Event) {
					e.StatusCode, e.Delivery, e.Code, e.RetryAfter = 429, mfa.DeliveryAnswered, "too_many_requests", 17*time.Second
				},
			},
			"no code": {
				refusal(400, "Ada Lovelace", "x"),
				func(e *mfa.Event) { e.StatusCode, e.Delivery = 400, mfa.DeliveryAnswered },
			},
			"no form of a code": {
				refusal(400, "ada@example.com", "x"),
				func(e *mfa.Event) { e.StatusCode, e.Delivery = 400, mfa.DeliveryAnswered },
			},
		} {
			t.Run(op.String()+"/"+name, func(t *testing.T) {
				t.Parallel()
				var events []mfa.Event
				_, _ = op.call(t.Context(), newTenant(t, tt.answer).client(t, record(&events)))
				want := mfa.Event{Op: op.name, Method: op.method, Route: op.route, Attempt: 1}
				tt.change(&want)
				assert.Equal(t, []mfa.Event{want}, events)
			})
		}
		t.Run(op.String()+"/refused here", func(t *testing.T) {
			t.Parallel()
			var events []mfa.Event
			client := newTenant(t, op.success).client(t, record(&events))
			var none context.Context
			_, err := op.call(none, client)
			assert.ErrorIs(t, err, mfa.ErrInvalidRequest)
			assert.Empty(t, events)
		})
		t.Run(op.String()+"/gone before", func(t *testing.T) {
			t.Parallel()
			var events []mfa.Event
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			_, _ = op.call(ctx, newTenant(t, op.success).client(t, record(&events)))
			assert.Equal(t, []mfa.Event{{Op: op.name, Method: op.method, Route: op.route, Attempt: 1, Delivery: mfa.DeliveryNotSent}}, events)
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
		client := newTenant(t, answer{err: errors.New("broken wire")}, answer{status: 503}, operationNamed("list authenticators").success).client(t,
			mfa.WithObserver(func(ctx context.Context, _ mfa.Event) { order += ctx.Value(key{}).(string) }),
			mfa.WithObserver(func(context.Context, mfa.Event) { order += "," }),
			record(&events),
		)
		_, err := operationNamed("list authenticators").call(context.WithValue(t.Context(), key{}, "ada"), client)
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
		client, err := mfa.NewClient(domain, clientID, mfa.WithHTTPClient(&http.Client{Transport: stuck{}}), mfa.WithTimeout(7*time.Second),
			mfa.WithObserver(func(_ context.Context, e mfa.Event) { took = e.Duration }))
		require.NoError(t, err)
		_, err = operationNamed("challenge").call(t.Context(), client)
		require.Error(t, err)
		assert.Equal(t, 7*time.Second, took) // of the bubble's clock
	})
}

func TestWithLogger(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		answer answer
		level  string
		want   map[string]any
	}{
		"success": {answer{status: 204}, "INFO", map[string]any{"status": 204.0, "delivery": "answered"}},
		"refused": {refusal(401, "invalid_grant", "x"), "INFO", map[string]any{"status": 401.0, "code": "invalid_grant", "delivery": "answered"}},
		"limited": {limited("2"), "WARN", map[string]any{"status": 429.0, "code": "too_many_requests", "delivery": "answered", "retry_after": 2e9}},
		"failed":  {answer{status: 500}, "WARN", map[string]any{"status": 500.0, "delivery": "answered"}},
		"lost":    {answer{err: errors.New("broken wire")}, "WARN", map[string]any{"delivery": "unknown"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			client := newTenant(t, tt.answer).client(t, mfa.WithLogger(slog.New(slog.NewJSONHandler(&out, nil))))
			_, _ = operationNamed("delete authenticator").call(t.Context(), client)

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
	_, err := operationNamed("poll push").fails(t, t.Context(), newTenant(t, refusal(200, "authorization_pending", "x")).client(t, record(&events)))
	require.ErrorIs(t, err, mfa.ErrAuthorizationPending)
	assert.Equal(t, "authorization_pending", events[0].Code)

	// What else a success says is no code.
	a := answer{status: 200, body: `{"access_token":"eyJ.a","code":"abc","name":"def"}`}
	_, err = operationNamed("poll push").call(t.Context(), newTenant(t, a).client(t, record(&events)))
	require.NoError(t, err)
	assert.Empty(t, events[1].Code)
}
