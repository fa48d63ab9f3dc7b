package flow_test

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/flow"
)

// hanging is a RoundTripper that waits for the test before it passes requests on.
type hanging struct {
	http.RoundTripper

	arrived, release chan struct{}
}

func (h *hanging) RoundTrip(r *http.Request) (*http.Response, error) {
	h.arrived <- struct{}{}
	select {
	case <-h.release:
		return h.RoundTripper.RoundTrip(r)
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
}

// hang makes the flow's requests wait, from now on.
func (s *sharing) hang(store flow.Store) *hanging {
	s.t.Helper()
	h := &hanging{s.service, make(chan struct{}), make(chan struct{})}
	client, err := mfa.NewClient("tenant.eu.auth0.com", "app", mfa.WithHTTPClient(&http.Client{Transport: h}))
	require.NoError(s.t, err)
	s.flow, err = flow.New(client, flow.WithClock(s.clock), flow.WithStore(store, storeKey))
	require.NoError(s.t, err)
	s.sealer, err = s.flow.NewSealer(key)
	require.NoError(s.t, err)
	return h
}

// A browser that drops its request takes nothing from the one that it makes again.
func TestWithStore_browserGone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := flow.NewMemoryStore()
		s := newSharing(t, list(email1), store)
		sealed := s.sealed(flow.StateEnterCode)
		h := s.hang(store)
		dropped, drop := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- submit("123456")(dropped, s.open(sealed)) }()
		<-h.arrived
		drop()
		again := s.open(sealed)
		go func() { done <- submit("123456")(t.Context(), again) }()
		synctest.Wait()
		h.release <- struct{}{}
		require.NoError(t, <-done)
		require.NoError(t, <-done)
		assert.Equal(t, flow.StateDone, again.State())
		assert.Equal(t, []string{"verify oob"}, s.calls())
	})
}

// The deadline of a call is no browser's doing, and counts.
func TestWithStore_deadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := flow.NewMemoryStore()
		s := newSharing(t, list(email1), store)
		sealed := s.sealed(flow.StateEnterCode)
		h := s.hang(store)
		short, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		done := make(chan error)
		go func() { done <- submit("123456")(short, s.open(sealed)) }()
		<-h.arrived
		err := <-done
		require.ErrorIs(t, err, mfa.ErrOutcomeUnknown)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assertSameError(t, err, submit("123456")(t.Context(), s.open(sealed)))
	})
}

// When the process that makes a call ends in the middle, or takes too long, the others
// have an error after 10 seconds, and a step to go on with.
func TestWithStore_winnerSilent(t *testing.T) {
	t.Parallel()
	for name, next := range map[string]mfa.Action{"Submit": mfa.ActionResend, "Enroll": mfa.ActionCheckInbox, "Choose": mfa.ActionCheckInbox, "Poll": mfa.ActionRetryLater} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				tt := verbs[name]
				store := flow.NewMemoryStore()
				s := newSharing(t, tt.list, store)
				sealed := tt.prepare(s)
				h := s.hang(store)
				done := make(chan error)
				go func() { done <- tt.call(t.Context(), s.open(sealed)) }()
				<-h.arrived
				second, other := s.open(sealed), s.open(sealed)
				if name == "Submit" {
					go func() { done <- submit("654321")(t.Context(), other) }()
				}
				began := time.Now()
				err := tt.call(t.Context(), second)
				assert.Equal(t, 10*time.Second, time.Since(began))
				require.ErrorIs(t, err, mfa.ErrOutcomeUnknown)
				assert.Equal(t, next, mfa.NextAction(err))
				if name == "Submit" {
					require.ErrorIs(t, <-done, flow.ErrStepUsed)
				}
				id, calls := flow.Identity(s.open(sealed))
				secondID, secondCalls := flow.Identity(s.open(s.seal(second)))
				assert.Equal(t, id, secondID)
				assert.Equal(t, calls+1, secondCalls)
				if next == mfa.ActionCheckInbox {
					assert.False(t, second.ResendAt().IsZero(), "a message may have been sent")
				}
				h.release <- struct{}{}
				require.NoError(t, <-done)
				assert.Equal(t, tt.asks, s.calls())
			})
		})
	}
}

// A second caller that gives up does so at once.
func TestWithStore_secondGivesUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := flow.NewMemoryStore()
		s := newSharing(t, list(email1), store)
		sealed := s.sealed(flow.StateEnterCode)
		h := s.hang(store)
		done := make(chan error)
		go func() { done <- submit("123456")(t.Context(), s.open(sealed)) }()
		<-h.arrived
		ctx, cancel := context.WithCancel(t.Context())
		second := make(chan error)
		go func() { second <- submit("123456")(ctx, s.open(sealed)) }()
		synctest.Wait()
		began := time.Now()
		cancel()
		err := <-second
		require.ErrorIs(t, err, context.Canceled)
		assert.Equal(t, mfa.ActionNone, mfa.NextAction(err))
		assert.Zero(t, time.Since(began))
		h.release <- struct{}{}
		require.NoError(t, <-done)
	})
}
