package flow_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/flow"
)

func TestStep_Poll_waits(t *testing.T) {
	t.Parallel()
	inBubble(t, withActive(mfa.FactorPush), func(t *testing.T, p *page) {
		step := p.begin(flow.StateChoose)
		require.NoError(t, step.Choose(t.Context(), id(t, step, mfa.FactorPush)))
		before := len(p.asked())
		time.Sleep(5*time.Second - time.Millisecond)
		err := step.Poll(t.Context(), flow.Poll{})
		require.ErrorIs(t, err, mfa.ErrAuthorizationPending)
		assert.Equal(t, mfa.ActionPoll, mfa.NextAction(err))
		assert.Len(t, p.asked(), before)

		time.Sleep(time.Millisecond)
		for range 3 {
			err = step.Poll(t.Context(), flow.Poll{})
			require.ErrorIs(t, err, mfa.ErrAuthorizationPending)
			assert.Equal(t, mfa.ActionPoll, mfa.NextAction(err))
			assert.Equal(t, flow.StatePoll, step.State())
			assert.Equal(t, ms(p.tenant.Now()).Add(5*time.Second), step.PollAt())
			time.Sleep(5 * time.Second)
		}
		p.tenant.ApprovePush(ada)
		p.done(step, step.Poll(t.Context(), flow.Poll{}))
		assert.Zero(t, step.PollAt())
		assert.Equal(t, 10, step.AttemptsLeft())
	})
}

func TestStep_Poll_slowDown(t *testing.T) {
	t.Parallel()
	s := newService(t, list(push1))
	step := s.begin(flow.StateChoose)
	require.NoError(t, step.Choose(t.Context(), "push|dev_4"))
	slow, pending := refusal(429, "slow_down", ""), refusal(400, "authorization_pending", "")
	later := refusal(429, "slow_down", "")
	later.header = http.Header{"Retry-After": {"60"}}
	limited := refusal(429, "too_many_requests", "")
	limited.header = http.Header{"Retry-After": {"40"}}
	for i, tt := range []struct {
		response reply
		is       error
		wait     time.Duration
	}{
		{pending, mfa.ErrAuthorizationPending, 5 * time.Second},
		{slow, mfa.ErrSlowDown, 10 * time.Second},
		{pending, mfa.ErrAuthorizationPending, 10 * time.Second},
		{slow, mfa.ErrSlowDown, 15 * time.Second},
		{later, mfa.ErrSlowDown, time.Minute},
		{pending, mfa.ErrAuthorizationPending, 20 * time.Second},
		{limited, mfa.ErrRateLimited, 40 * time.Second},
		{reply{err: errLost}, mfa.ErrOutcomeUnknown, 20 * time.Second},
	} {
		s.advance(step.PollAt().Sub(s.clock()))
		s.then("poll push", tt.response)
		require.ErrorIs(t, step.Poll(t.Context(), flow.Poll{}), tt.is, i)
		assert.Equal(t, s.clock().Add(tt.wait), step.PollAt(), i)
		s.calls()
		require.ErrorIs(t, step.Poll(t.Context(), flow.Poll{}), mfa.ErrAuthorizationPending, i)
		assert.Empty(t, s.calls())
	}
	// The wider interval holds for the next notification too.
	require.NoError(t, step.Resend(t.Context()))
	assert.Equal(t, s.clock().Add(20*time.Second), step.PollAt())
	s.advance(20 * time.Second)
	require.NoError(t, step.Poll(t.Context(), flow.Poll{}))
	assert.Equal(t, flow.StateDone, step.State())
}

// A page that polls at PollAt, if there is one, leaves an expired notification alone.
func TestStep_Poll_rejected(t *testing.T) {
	t.Parallel()
	p := newPage(t, withActive(mfa.FactorPush), nil)
	step := p.begin(flow.StateChoose)
	require.NoError(t, step.Choose(t.Context(), id(t, step, mfa.FactorPush)))
	p.tenant.RejectPush(ada)
	p.tenant.Advance(time.Minute)
	for range 2 {
		err := step.Poll(t.Context(), flow.Poll{})
		require.ErrorIs(t, err, mfa.ErrRejected)
		assert.Equal(t, mfa.ActionResend, mfa.NextAction(err))
		assert.Equal(t, flow.StatePoll, step.State())
		assert.Zero(t, step.PollAt())
	}
	require.NoError(t, step.Resend(t.Context()))
	assert.Equal(t, ms(p.tenant.Now()).Add(5*time.Second), step.PollAt())
}

func TestStep_Poll_chain(t *testing.T) {
	t.Parallel()
	s := newService(t, list(push1))
	step := s.begin(flow.StateChoose)
	require.NoError(t, step.Choose(t.Context(), "push|dev_4"))
	s.advance(5 * time.Second)
	s.then("poll push", reply{status: 403, body: `{"error":"mfa_required","mfa_token":"second-token"}`})
	require.NoError(t, step.Poll(t.Context(), flow.Poll{}))
	assert.Equal(t, flow.StateChoose, step.State())
	assert.Zero(t, step.PollAt())
	assert.Zero(t, step.ResendAt())
	assert.Equal(t, 20, step.SendsLeft())
	require.NoError(t, step.Choose(t.Context(), "push|dev_4"))
}
