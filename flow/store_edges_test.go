package flow_test

import (
	"context"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/flow"
)

// A Begin whose browser has gone before it started sends nothing, and leaves the place to
// the next one. Package mfa refuses one without a context.
func TestUser_canceledBefore(t *testing.T) {
	t.Parallel()
	s := newSharing(t, list(email1), flow.NewMemoryStore())
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := s.flow.Begin(canceled, required("mfa-token"), flow.User("ada"))
	require.ErrorIs(t, err, context.Canceled)
	var none context.Context
	_, err = s.flow.Begin(none, required("mfa-token"), flow.User("ada"))
	require.ErrorIs(t, err, mfa.ErrInvalidRequest)
	assert.Empty(t, s.calls())
	s.login("mfa-token", flow.User("ada"))
	assert.Equal(t, mailed, s.calls())
}

// A machine whose clock is behind takes a result for a new one: nothing in it lasts longer
// than it did.
func TestWithStore_resultOfAClockAhead(t *testing.T) {
	t.Parallel()
	store := flow.NewMemoryStore()
	s := newSharing(t, list(email1), store)
	behind, err := flow.New(s.client, flow.WithStore(store, storeKey), flow.WithClock(func() time.Time { return s.clock().Add(-40 * time.Second) }))
	require.NoError(t, err)
	there := func(sealed string) *flow.Step {
		step, err := newSealer(t, behind).Open(sealed, session)
		require.NoError(t, err)
		return step
	}

	sealed := s.sealed(flow.StateEnterCode)
	s.then("verify oob", ok(`{"access_token":"access","token_type":"Bearer","expires_in":60}`))
	require.NoError(t, submit("123456")(t.Context(), s.open(sealed)))
	step := there(sealed)
	require.NoError(t, submit("123456")(t.Context(), step))
	assert.Equal(t, time.Minute, step.Token().ExpiresIn)

	sealed = s.sealed(flow.StateEnterCode)
	s.then("verify oob", reply{status: 429, body: `{"error":"too_many_attempts"}`, header: http.Header{"Retry-After": {"77"}}})
	require.ErrorIs(t, submit("123456")(t.Context(), s.open(sealed)), mfa.ErrTooManyAttempts)
	assert.Equal(t, 77*time.Second, mfa.RetryAfter(submit("123456")(t.Context(), there(sealed))))
}

// While the key is changed, a call can meet the claim of another machine under one key
// after it had its own under the other. Whoever meets that one gets the result as well.
func TestWithStore_rotation_manyClicks(t *testing.T) {
	t.Parallel()
	for name, alone := range map[string][]byte{"old key": key, "new key": another} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store := flow.NewMemoryStore()
			s := newSharing(t, list(email1), store)
			one, err := flow.New(s.client, flow.WithClock(s.clock), flow.WithStore(store, alone))
			require.NoError(t, err)
			both, err := flow.New(s.client, flow.WithClock(s.clock), flow.WithStore(store, key, another))
			require.NoError(t, err)
			sealed := seal(t, newSealer(t, both), s.begin(flow.StateEnterCode))
			s.calls()
			for _, f := range []*flow.Flow{one, both, both} {
				step, err := newSealer(t, f).Open(sealed, session)
				require.NoError(t, err)
				require.NoError(t, submit("123456")(t.Context(), step))
				assert.Equal(t, flow.StateDone, step.State())
			}
			assert.Equal(t, []string{"verify oob"}, s.calls())
		})
	}
}

// What hears of a Store that hangs can use the context: the time limit was the Store's.
func TestWithStoreErrors_contextGoesOn(t *testing.T) {
	t.Parallel()
	for name, broken := range map[string]func(*expiring){
		"Get": func(e *expiring) { e.get = true },
		"Set": func(e *expiring) { e.set = true },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			type id struct{}
			ctx := context.WithValue(t.Context(), id{}, "request 7")
			store := &expiring{Store: flow.NewMemoryStore()}
			var mu sync.Mutex
			heard := 0
			s := newSharing(t, list(email1), store, flow.WithStoreErrors(func(ctx context.Context, _ error) {
				mu.Lock()
				defer mu.Unlock()
				heard++
				_, limited := ctx.Deadline()
				assert.False(t, limited)
				assert.Equal(t, "request 7", ctx.Value(id{}))
			}))
			sealed := s.sealed(flow.StateEnterCode)
			require.NoError(t, submit("111111")(ctx, s.open(sealed)))
			broken(store)
			if store.get {
				assert.Equal(t, mfa.ActionRetryLater, mfa.NextAction(submit("123456")(ctx, s.open(sealed))))
			} else {
				require.NoError(t, submit("111111")(ctx, s.open(s.sealed(flow.StateEnterCode))))
			}
			assert.Positive(t, heard)
		})
	}
}

// expiring is a Store that fails as one does that its time limit ended.
type expiring struct {
	flow.Store

	get, set bool
}

func (e *expiring) Get(ctx context.Context, key string) ([]byte, bool, error) {
	if e.get {
		return nil, false, context.DeadlineExceeded
	}
	return e.Store.Get(ctx, key)
}

func (e *expiring) Set(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	if e.set {
		return context.DeadlineExceeded
	}
	return e.Store.Set(ctx, key, value, ttl)
}

func TestWithStore_refused(t *testing.T) {
	t.Parallel()
	client := newService(t, list()).client
	for name, opt := range map[string]flow.Option{
		"no store":      flow.WithStore(nil, storeKey),
		"nil store":     flow.WithStore((*flow.MemoryStore)(nil), storeKey),
		"no key":        flow.WithStore(flow.NewMemoryStore(), nil),
		"short key":     flow.WithStore(flow.NewMemoryStore(), storeKey[1:]),
		"key of text":   flow.WithStore(flow.NewMemoryStore(), []byte("Zx81-key-of-the-store-0123456789")),
		"empty old key": flow.WithStore(flow.NewMemoryStore(), storeKey, make([]byte, 32)),
		"short old key": flow.WithStore(flow.NewMemoryStore(), storeKey, storeKey[1:]),
		"nobody hears":  flow.WithStoreErrors(nil),
	} {
		_, err := flow.New(client, opt, flow.WithStore(flow.NewMemoryStore(), storeKey), flow.WithStoreErrors(new(heard).hear))
		require.ErrorIs(t, err, mfa.ErrInvalidRequest, name)
	}
}
