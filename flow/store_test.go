package flow_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/flow"
)

// sharing is a service whose steps are shared through a Store.
type sharing struct {
	*service

	sealer *flow.Sealer
	heard  *heard
}

// heard collects what WithStoreErrors hears.
type heard struct {
	mu   sync.Mutex
	errs []error
}

func (h *heard) hear(_ context.Context, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.errs = append(h.errs, err)
}

func (h *heard) all() []error {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.errs)
}

var storeKey = keyOf("the key of the store")

func newSharing(t *testing.T, list string, store flow.Store, opts ...flow.Option) *sharing {
	t.Helper()
	h := new(heard)
	s := newService(t, list, append([]flow.Option{flow.WithStore(store, storeKey), flow.WithStoreErrors(h.hear)}, opts...)...)
	return &sharing{s, newSealer(t, s.flow), h}
}

// open returns the step of a seal, as another request gets it.
func (s *sharing) open(sealed string) *flow.Step {
	s.t.Helper()
	step, err := s.sealer.Open(sealed, session)
	require.NoError(s.t, err)
	return step
}

// seal returns the seal of a new step in the state.
func (s *sharing) seal(step *flow.Step) string {
	s.t.Helper()
	sealed, err := s.sealer.Seal(step, session)
	require.NoError(s.t, err)
	return sealed
}

// sealed begins a step and seals it, and forgets its requests.
func (s *sharing) sealed(state flow.State) string {
	s.t.Helper()
	sealed := s.seal(s.begin(state))
	s.calls()
	return sealed
}

func submit(code string) func(context.Context, *flow.Step) error {
	return func(ctx context.Context, step *flow.Step) error {
		return step.Submit(ctx, flow.Submission{Code: mfa.NewSecret(code)})
	}
}

// verbs are the calls that a seal is good for, each with what it asks Auth0.
var verbs = map[string]struct {
	list    string
	prepare func(*sharing) string // returns a seal
	call    func(context.Context, *flow.Step) error
	asks    []string
}{
	"Submit": {list(email1), func(s *sharing) string { return s.sealed(flow.StateEnterCode) }, submit("123456"), []string{"verify oob"}},
	"Resend": {list(email1), func(s *sharing) string {
		sealed := s.sealed(flow.StateEnterCode)
		s.advance(time.Minute)
		return sealed
	}, func(ctx context.Context, step *flow.Step) error { return step.Resend(ctx) }, []string{"challenge"}},
	"Choose": {list(email1, email2), func(s *sharing) string { return s.sealed(flow.StateChoose) },
		func(ctx context.Context, step *flow.Step) error { return step.Choose(ctx, "email|dev_2") }, []string{"challenge"}},
	"Choose an app": {list(email1, otp1), func(s *sharing) string { return s.sealed(flow.StateEnterCode) },
		func(ctx context.Context, step *flow.Step) error { return step.Choose(ctx, "totp|dev_5") }, nil},
	"Enroll": {list(), func(s *sharing) string { return s.sealed(flow.StateEnroll) },
		func(ctx context.Context, step *flow.Step) error {
			return step.Enroll(ctx, flow.Enrollment{Email: "ada@example.com"})
		}, []string{"associate"}},
	"Poll": {list(push1), func(s *sharing) string {
		step := s.begin(flow.StateChoose)
		require.NoError(s.t, step.Choose(s.t.Context(), "push|dev_4"))
		s.calls()
		s.advance(time.Minute)
		return s.seal(step)
	}, func(ctx context.Context, step *flow.Step) error { return step.Poll(ctx, flow.Poll{}) }, []string{"poll push"}},
	"LoadAuthenticators": {list(email1), func(s *sharing) string { return s.sealed(flow.StateEnterCode) },
		func(ctx context.Context, step *flow.Step) error { return step.LoadAuthenticators(ctx) }, []string{"list authenticators"}},
}

// Fifty tabs make a call with one seal at the same moment, and once more later: one of
// them makes the request, and all get what came of it.
func TestWithStore_oneRequest_howeverManyMakeTheCall(t *testing.T) {
	t.Parallel()
	for name, tt := range verbs {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newSharing(t, tt.list, flow.NewMemoryStore())
				sealed := tt.prepare(s)
				var steps []*flow.Step
				var wg sync.WaitGroup
				for range 50 {
					step := s.open(sealed)
					steps = append(steps, step)
					wg.Go(func() { assert.NoError(t, tt.call(t.Context(), step)) })
				}
				wg.Wait()
				s.advance(59 * time.Second)
				time.Sleep(59 * time.Second)
				late := s.open(sealed)
				steps = append(steps, late)
				require.NoError(t, tt.call(t.Context(), late))
				assert.Equal(t, tt.asks, s.calls())
				for _, step := range steps {
					assert.Equal(t, flow.Contents(steps[0]), flow.Contents(step))
				}
				assert.Empty(t, s.heard.all())
			})
		})
	}
}

// What is in the result of a code is for who typed this code, and within a minute.
func TestWithStore_stepUsed(t *testing.T) {
	t.Parallel()
	for name, tt := range verbs {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSharing(t, tt.list, flow.NewMemoryStore())
			sealed := tt.prepare(s)
			require.NoError(t, tt.call(t.Context(), s.open(sealed)))
			s.advance(time.Minute)
			step := s.open(sealed)
			err := tt.call(t.Context(), step)
			require.ErrorIs(t, err, flow.ErrStepUsed)
			assert.Equal(t, mfa.ActionRestartLogin, mfa.NextAction(err))
			assert.NotEqual(t, flow.StateDone, step.State())
			assert.Equal(t, tt.asks, s.calls())
		})
	}
}

func TestWithStore_anotherUse_getsNothing(t *testing.T) {
	t.Parallel()
	s := newSharing(t, list(email1), flow.NewMemoryStore())
	s.usual["verify oob"] = ok(`{"access_token":"access","token_type":"Bearer","recovery_code":"RECOVERY"}`)
	sealed := s.sealed(flow.StateEnterCode)
	require.NoError(t, submit("123456")(t.Context(), s.open(sealed)))
	for name, call := range map[string]func(context.Context, *flow.Step) error{
		"another code": submit("654321"),
		"another call": func(ctx context.Context, step *flow.Step) error { return step.LoadAuthenticators(ctx) },
	} {
		step := s.open(sealed)
		require.ErrorIs(t, call(t.Context(), step), flow.ErrStepUsed, name)
		assert.Equal(t, flow.StateEnterCode, step.State(), name)
		assert.Nil(t, step.Token(), name)
		assert.Empty(t, step.RecoveryCodes(), name)
	}
	assert.Equal(t, []string{"verify oob"}, s.calls())
}

// A wrong code beside a right one that another factor follows is no way to that factor.
func TestWithStore_anotherUse_isNotPastTheFactor(t *testing.T) {
	t.Parallel()
	s := newSharing(t, list(email1), flow.NewMemoryStore())
	sealed := s.sealed(flow.StateEnterCode)
	s.usual["list authenticators"] = ok(list(otp1))
	s.then("verify oob", reply{status: 403, body: `{"error":"mfa_required","mfa_token":"second-token"}`})
	right := s.open(sealed)
	require.NoError(t, submit("123456")(t.Context(), right))
	require.Equal(t, flow.StateChoose, right.State())
	wrong, again := s.open(sealed), s.open(sealed)
	require.ErrorIs(t, submit("654321")(t.Context(), wrong), flow.ErrStepUsed)
	assert.Equal(t, flow.StateEnterCode, wrong.State())
	assert.Equal(t, "mfa-token", flow.MFAToken(wrong).Reveal())
	require.NoError(t, submit("123456")(t.Context(), again))
	assert.Equal(t, flow.Contents(right), flow.Contents(again))
}

// Another use without anything to gain goes on where the first one left the step.
func TestWithStore_anotherUse_findsTheStepAsItIs(t *testing.T) {
	t.Parallel()
	s := newSharing(t, list(email1), flow.NewMemoryStore())
	sealed := s.sealed(flow.StateEnterCode)
	s.then("verify oob", refusal(403, "invalid_grant", "Invalid binding_code."))
	first, second := s.open(sealed), s.open(sealed)
	require.ErrorIs(t, submit("111111")(t.Context(), first), mfa.ErrInvalidCode)
	require.ErrorIs(t, submit("222222")(t.Context(), second), flow.ErrStepUsed)
	assert.Equal(t, 9, second.AttemptsLeft())
	assert.Equal(t, flow.Contents(first), flow.Contents(second))
	// Both have the same seal from now on, which is good for one call.
	a, b := s.open(s.seal(first)), s.open(s.seal(second))
	require.NoError(t, submit("333333")(t.Context(), b))
	require.ErrorIs(t, submit("444444")(t.Context(), a), flow.ErrStepUsed)
	assert.Equal(t, []string{"verify oob", "verify oob"}, s.calls())
}

// The binding is part of the use: a step that was sealed for two browsers is good for one
// of them.
func TestWithStore_anotherBinding(t *testing.T) {
	t.Parallel()
	s := newSharing(t, list(email1), flow.NewMemoryStore())
	step := s.begin(flow.StateEnterCode)
	sealed := s.seal(step)
	elsewhere, err := s.sealer.Seal(step, []byte("another browser"))
	require.NoError(t, err)
	require.NoError(t, submit("123456")(t.Context(), s.open(sealed)))
	step, err = s.sealer.Open(elsewhere, []byte("another browser"))
	require.NoError(t, err)
	require.ErrorIs(t, submit("123456")(t.Context(), step), flow.ErrStepUsed)
	assert.Nil(t, step.Token())
}

// What is refused without a request does not use up a seal.
func TestWithStore_refusedHere(t *testing.T) {
	t.Parallel()
	s := newSharing(t, list(email1), flow.NewMemoryStore())
	sealed := s.sealed(flow.StateEnterCode)
	for range 2 {
		step := s.open(sealed)
		require.ErrorIs(t, submit("12345")(t.Context(), step), mfa.ErrInvalidCode)
		require.ErrorIs(t, step.Poll(t.Context(), flow.Poll{}), flow.ErrStepState)
		cooldown(t, step.Resend(t.Context()), step.ResendAt())
		require.ErrorIs(t, step.Choose(t.Context(), "email|dev_9"), mfa.ErrAuthenticatorNotFound)
		canceled, cancel := context.WithCancel(t.Context())
		cancel()
		require.ErrorIs(t, submit("123456")(canceled, s.open(sealed)), context.Canceled)
	}
	assert.Empty(t, s.calls())
	require.NoError(t, submit("123456")(t.Context(), s.open(sealed)))

	s = newSharing(t, list(), flow.NewMemoryStore())
	sealed = s.sealed(flow.StateEnroll)
	for _, e := range []flow.Enrollment{{Email: "ada"}, {Email: "ada@x"}, {Factor: mfa.FactorSMS}, {Factor: mfa.FactorRecoveryCode}} {
		require.ErrorIs(t, s.open(sealed).Enroll(t.Context(), e), mfa.ErrInvalidRequest)
	}
	assert.Empty(t, s.calls())
	require.NoError(t, s.open(sealed).Enroll(t.Context(), flow.Enrollment{Email: "ada@example.com"}))

	s = newSharing(t, list(push1), flow.NewMemoryStore())
	step := s.begin(flow.StateChoose)
	require.NoError(t, step.Choose(t.Context(), "push|dev_4"))
	sealed = s.seal(step)
	s.calls()
	require.ErrorIs(t, s.open(sealed).Poll(t.Context(), flow.Poll{}), mfa.ErrAuthorizationPending)
	assert.Empty(t, s.calls())
	s.advance(time.Minute)
	require.NoError(t, s.open(sealed).Poll(t.Context(), flow.Poll{}))
}

// The error of the first call is that of the others as well, in all that a page can ask of
// it.
func TestWithStore_sameError(t *testing.T) {
	t.Parallel()
	for name, r := range map[string]reply{
		"wrong code":        refusal(403, "invalid_grant", "Invalid binding_code."),
		"too many attempts": {status: 429, body: `{"error":"too_many_attempts"}`, header: http.Header{"Retry-After": {"77"}}},
		"expired":           refusal(401, "expired_token", "mfa_token is expired"),
		"server":            refusal(500, "server_error", "failed"),
		"unavailable":       {status: 503, body: `<html>`},
		"lost":              {err: errLost},
		"refused by proxy":  {err: &net.OpError{Op: "dial", Err: errors.New("refused")}},
		"blocked":           refusal(403, "unauthorized", "the tenant's own words"),
		"no token":          {status: 403, body: `{"error":"mfa_required"}`},
		"not a token":       ok(`{"hello":"world"}`),
		"page":              ok(`<html>`),
		"unknown":           refusal(418, "teapot", "short"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSharing(t, list(email1), flow.NewMemoryStore())
			sealed := s.sealed(flow.StateEnterCode)
			s.then("verify oob", r)
			first, second := s.open(sealed), s.open(sealed)
			want, got := submit("123456")(t.Context(), first), submit("123456")(t.Context(), second)
			assertSameError(t, want, got)
			assert.Equal(t, flow.Contents(first), flow.Contents(second))
			assert.Equal(t, []string{"verify oob"}, s.calls())
		})
	}
	t.Run("old code", func(t *testing.T) {
		t.Parallel()
		s := newSharing(t, list(email1), flow.NewMemoryStore())
		sealed := s.sealed(flow.StateEnterCode)
		s.then("verify oob", refusal(403, "invalid_grant", "Invalid binding_code."))
		s.advance(6 * time.Minute)
		assertSameError(t, submit("123456")(t.Context(), s.open(sealed)), submit("123456")(t.Context(), s.open(sealed)))
	})
	t.Run("too many messages", func(t *testing.T) {
		t.Parallel()
		s := newSharing(t, list(email1, email2), flow.NewMemoryStore())
		sealed := s.sealed(flow.StateChoose)
		s.then("challenge", refusal(429, "invalid_request", "Too many emails sent by the user"))
		call := func() error { return s.open(sealed).Choose(t.Context(), "email|dev_2") }
		assertSameError(t, call(), call())
	})
}

func assertSameError(t *testing.T, want, got error) {
	t.Helper()
	require.Error(t, want)
	require.Error(t, got)
	assert.Equal(t, want.Error(), got.Error())
	assert.Equal(t, mfa.NextAction(want), mfa.NextAction(got))
	assert.Equal(t, mfa.RetryAfter(want), mfa.RetryAfter(got))
	for _, one := range []error{
		mfa.ErrMFARequired, mfa.ErrInvalidCode, mfa.ErrInvalidToken, mfa.ErrTokenExpired, mfa.ErrChallengeExpired, mfa.ErrRateLimited,
		mfa.ErrTooManyAttempts, mfa.ErrTooManyMessages, mfa.ErrBlocked, mfa.ErrInvalidRequest, mfa.ErrServer,
		mfa.ErrUnexpectedResponse, mfa.ErrOutcomeUnknown, context.Canceled, context.DeadlineExceeded, flow.ErrStepUsed,
	} {
		assert.Equal(t, errors.Is(want, one), errors.Is(got, one), one)
	}
	w, answered := errors.AsType[*mfa.Error](want)
	if g, ok := errors.AsType[*mfa.Error](got); ok {
		require.True(t, answered)
		assert.Equal(t, w.StatusCode, g.StatusCode)
		assert.Equal(t, w.Description, g.Description)
		assert.Equal(t, w.RequestID, g.RequestID)
		assert.Equal(t, w.RetryAfter, g.RetryAfter)
	}
}

// Nobody who reads the Store learns anything.
func TestWithStore_secrets(t *testing.T) {
	t.Parallel()
	store := &recording{Store: flow.NewMemoryStore()}
	s := newSharing(t, list(), store)
	s.usual["associate"] = ok(`{"authenticator_type":"oob","oob_channel":"email","oob_code":"oob-associate","recovery_codes":["RECOVERYRECOVERY"]}`)
	step := s.open(s.sealed(flow.StateEnroll))
	require.NoError(t, step.Enroll(t.Context(), flow.Enrollment{Email: "ada@example.com"}))
	require.NoError(t, submit("123456")(t.Context(), s.open(s.seal(step))))
	require.Len(t, store.keys, 4)
	for _, key := range store.keys {
		assert.Regexp(t, `^[A-Za-z0-9_-]{43}$`, key)
	}
	for _, secret := range []string{"ada@example.com", "mfa-token", "oob-associate", "RECOVERYRECOVERY", "123456", "access"} {
		assert.NotContains(t, strings.Join(append(store.keys, store.values...), " "), secret)
	}
	// A claim lives as long as the step, and a result a minute.
	assert.Equal(t, []time.Duration{15 * time.Minute, time.Minute, 15 * time.Minute, time.Minute}, store.ttls)
}

// recording is a Store that notes what it is told.
type recording struct {
	flow.Store

	keys, values []string
	ttls         []time.Duration
}

func (r *recording) Add(ctx context.Context, key string, value []byte, ttl time.Duration) (bool, error) {
	r.keys, r.values, r.ttls = append(r.keys, key), append(r.values, string(value)), append(r.ttls, ttl)
	return r.Store.Add(ctx, key, value, ttl)
}

func (r *recording) Set(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	r.keys, r.values, r.ttls = append(r.keys, key), append(r.values, string(value)), append(r.ttls, ttl)
	return r.Store.Set(ctx, key, value, ttl)
}
