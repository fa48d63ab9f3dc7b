package flow_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/flow"
)

// machine returns the flow of another machine of the same login page, whose clock goes
// wrong by so much.
func (s *service) machine(wrong time.Duration) *flow.Flow {
	s.t.Helper()
	f, err := flow.New(s.client, flow.WithClock(func() time.Time { return s.clock().Add(wrong) }))
	require.NoError(s.t, err)
	return f
}

// The clocks of two machines differ by minutes. No wait that a step tells is longer
// than the interval it stands for, whoever sealed the step, and however old the seal is.
func TestSealer_Open_clocksDiffer(t *testing.T) {
	t.Parallel()
	for _, wrong := range []time.Duration{-7 * time.Minute, -time.Second, 0, time.Second, 7 * time.Minute, 3 * time.Hour} {
		for _, later := range []time.Duration{0, 2 * time.Second, time.Minute} {
			s := newService(t, list(email1, email2, push1))
			there, here := s.machine(wrong), s.flow
			now := s.clock
			move := func(step *flow.Step) *flow.Step {
				t.Helper()
				sealed := seal(t, newSealer(t, there), step)
				s.advance(later)
				opened, err := newSealer(t, here).Open(sealed, session)
				require.NoError(t, err, "%s, after %s", wrong, later)
				return opened
			}
			begin := func() *flow.Step {
				t.Helper()
				step, err := there.Begin(t.Context(), required("mfa-token"))
				require.NoError(t, err)
				return step
			}
			atMost := func(limit time.Duration, told time.Time) {
				t.Helper()
				assert.LessOrEqual(t, told.Sub(now()), limit, "%s, after %s", wrong, later)
			}

			step := begin()
			require.NoError(t, step.Choose(t.Context(), "email|dev_1"))
			step = move(step)
			atMost(30*time.Second, step.ResendAt())
			atMost(5*time.Minute, step.CodeExpiresAt())
			atMost(15*time.Minute, step.ExpiresAt())
			if err := step.Choose(t.Context(), "email|dev_2"); err != nil {
				assert.LessOrEqual(t, mfa.RetryAfter(err), 3*time.Second)
			}
			step = begin()
			require.NoError(t, step.Choose(t.Context(), "email|dev_1"))
			step = move(step)
			if err := step.Resend(t.Context()); err != nil {
				assert.LessOrEqual(t, mfa.RetryAfter(err), 30*time.Second)
				s.advance(30 * time.Second)
				require.NoError(t, step.Resend(t.Context()))
			}

			step = begin()
			require.NoError(t, step.Choose(t.Context(), "push|dev_4"))
			step = move(step)
			atMost(5*time.Second, step.PollAt())
			s.advance(5 * time.Second)
			s.calls()
			require.NoError(t, step.Poll(t.Context(), flow.Poll{}))
			assert.Equal(t, []string{"poll push"}, s.calls())
		}
	}
}

// A clock that is right moves nothing, and one that is ahead makes no seal live longer.
func TestSealer_Open_setsBackOnlyWhatIsAhead(t *testing.T) {
	t.Parallel()
	s := newService(t, list(email1))
	step, err := s.machine(4*time.Minute).Begin(t.Context(), required("mfa-token"))
	require.NoError(t, err)
	sealed := seal(t, newSealer(t, s.machine(4*time.Minute)), step)
	opened, err := newSealer(t, s.flow).Open(sealed, session)
	require.NoError(t, err)
	assert.Equal(t, s.clock().Add(15*time.Minute), opened.ExpiresAt())
	assert.Equal(t, s.clock().Add(30*time.Second), opened.ResendAt())
	assert.Equal(t, s.clock().Add(5*time.Minute), opened.CodeExpiresAt())
	assert.Zero(t, opened.PollAt())
	opened, err = newSealer(t, s.machine(4*time.Minute)).Open(sealed, session)
	require.NoError(t, err)
	assert.Equal(t, flow.Contents(step), flow.Contents(opened))

	s.advance(10 * time.Minute)
	opened, err = newSealer(t, s.flow).Open(sealed, session)
	require.NoError(t, err)
	assert.Equal(t, step.ExpiresAt(), opened.ExpiresAt())
}

// However often a step goes to a machine that is ahead and comes back, it lives as long.
func TestSealer_Open_clocksDiffer_lifetime(t *testing.T) {
	t.Parallel()
	s := newService(t, list(email1))
	ahead := s.machine(4 * time.Minute)
	step := s.begin(flow.StateEnterCode)
	expires, code := step.ExpiresAt(), step.CodeExpiresAt()
	for range 10 {
		for _, way := range [][2]*flow.Flow{{s.flow, ahead}, {ahead, s.flow}} {
			opened, err := newSealer(t, way[1]).Open(seal(t, newSealer(t, way[0]), step), session)
			require.NoError(t, err)
			step = opened
		}
	}
	assert.Equal(t, expires, step.ExpiresAt())
	assert.Equal(t, code, step.CodeExpiresAt())
}

// What a machine leaves in the Store for another is told on the other's clock.
func TestWithStore_clocksDiffer(t *testing.T) {
	t.Parallel()
	s, store := newService(t, list(email1, email2)), flow.NewMemoryStore()
	machine := func(wrong time.Duration) *flow.Flow {
		f, err := flow.New(s.client, flow.WithClock(func() time.Time { return s.clock().Add(wrong) }), flow.WithStore(store, storeKey))
		require.NoError(t, err)
		return f
	}
	ahead, here := machine(7*time.Minute), machine(0)
	step, err := here.Begin(t.Context(), required("mfa-token"))
	require.NoError(t, err)
	sealed := seal(t, newSealer(t, here), step)
	s.calls()
	for _, f := range []*flow.Flow{ahead, here} {
		step, err := newSealer(t, f).Open(sealed, session)
		require.NoError(t, err)
		require.NoError(t, step.Choose(t.Context(), "email|dev_1"))
		if f == here {
			assert.Equal(t, s.clock().Add(30*time.Second), step.ResendAt())
			assert.Equal(t, s.clock().Add(15*time.Minute), step.ExpiresAt())
		}
	}
	assert.Equal(t, []string{"challenge"}, s.calls())
}
