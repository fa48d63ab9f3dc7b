package flow_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/flow"
	"github.com/go-auth0-mfa/mfa/mfatest"
)

// Choosing in turn sends no more than one message every few seconds, and each
// authenticator keeps its interval.
func TestStep_Choose_inTurn(t *testing.T) {
	t.Parallel()
	s := newService(t, list(email1, email2))
	step := s.begin(flow.StateChoose)
	began := s.clock()
	s.calls()
	targets := []string{"email|dev_1", "email|dev_2"}
	sent := map[string][]time.Duration{}
	for at := time.Duration(0); at <= time.Minute; at += 500 * time.Millisecond {
		for _, target := range targets {
			err := step.Choose(t.Context(), target)
			if err == nil {
				sent[target] = append(sent[target], s.clock().Sub(began))
			} else {
				assert.Equal(t, mfa.ActionWait, mfa.NextAction(err))
				assert.Positive(t, mfa.RetryAfter(err))
			}
			step = reopened(t, s.flow, step)
		}
		s.advance(500 * time.Millisecond)
	}
	assert.Equal(t, map[string][]time.Duration{
		"email|dev_1": {0, 30 * time.Second, 60 * time.Second},
		"email|dev_2": {3 * time.Second, 33 * time.Second},
	}, sent)
	assert.Len(t, s.calls(), 5)
}

// Neither do addresses that are enrolled in turn, of which there may be any number.
func TestStep_Enroll_inTurn(t *testing.T) {
	t.Parallel()
	for _, n := range []int{2, 6} {
		p := newPage(t, mfatest.User{}, nil)
		step := p.begin(flow.StateEnroll)
		began, newest := p.tenant.Now(), map[string]time.Time{}
		for at := time.Duration(0); at < time.Minute; at += time.Second {
			for i := range n {
				err := step.Enroll(t.Context(), flow.Enrollment{Email: fmt.Sprintf("ada+%d@example.com", i)})
				if err != nil {
					require.ErrorIs(t, err, mfa.ErrTooManyMessages)
				}
				step = reopened(t, p.flow, step)
			}
			p.tenant.Advance(time.Second)
		}
		var last time.Time
		for _, m := range p.tenant.Messages() {
			assert.GreaterOrEqual(t, m.SentAt.Sub(last), 3*time.Second)
			assert.GreaterOrEqual(t, m.SentAt.Sub(newest[m.To]), 30*time.Second, m.To)
			last, newest[m.To] = m.SentAt, m.SentAt
		}
		within := 0
		for _, m := range p.tenant.Messages() {
			if m.SentAt.Sub(began) < 30*time.Second {
				within++
			}
		}
		assert.Equal(t, min(n, 4), within, "an interval is kept for at most four")
		assert.Len(t, p.tenant.Messages(), 2*within)
	}
}

// What the page is told is when the call is accepted, to the millisecond.
func TestStep_Choose_waitsAsTold(t *testing.T) {
	t.Parallel()
	s := newService(t, list(email1, email2, sms1))
	step := s.begin(flow.StateChoose)
	for _, next := range []string{"email|dev_1", "email|dev_2", "sms|dev_3", "email|dev_1", "email|dev_1"} {
		for range 3 {
			err := step.Choose(t.Context(), next)
			if err == nil {
				break
			}
			var early *flow.CooldownError
			require.ErrorAs(t, err, &early)
			require.Equal(t, early.ResendAt.Sub(s.clock()), early.RetryAfter())
			s.advance(early.RetryAfter() - time.Millisecond)
			cooldown(t, step.Choose(t.Context(), next), early.ResendAt)
			s.advance(time.Millisecond)
		}
		current, _ := step.Authenticator()
		require.Equal(t, next, current.ID)
		assert.Equal(t, s.clock().Add(30*time.Second), step.ResendAt())
	}
}

// An interval below the few seconds holds for all.
func TestWithResendInterval_short(t *testing.T) {
	t.Parallel()
	s := newService(t, list(email1, email2), flow.WithResendInterval(time.Second))
	step := s.begin(flow.StateChoose)
	require.NoError(t, step.Choose(t.Context(), "email|dev_1"))
	cooldown(t, step.Choose(t.Context(), "email|dev_2"), s.clock().Add(time.Second))
	s.advance(time.Second)
	require.NoError(t, step.Choose(t.Context(), "email|dev_2"))
}

// What Auth0 refuses for one target holds up no other, and not for ever.
func TestStep_Choose_rateLimitedTarget(t *testing.T) {
	t.Parallel()
	s := newService(t, list(email1, sms1))
	step := s.begin(flow.StateEnterCode)
	s.advance(3 * time.Second)
	s.then("challenge", refusal(400, "invalid_request", "Too many SMS sent by the user. Wait for some minutes before retrying."))
	require.ErrorIs(t, step.Choose(t.Context(), "sms|dev_3"), mfa.ErrTooManyMessages)
	assert.Equal(t, s.clock().Add(time.Hour), step.ResendAt())
	s.advance(27 * time.Second)
	require.NoError(t, step.Choose(t.Context(), "email|dev_1"), "nothing went to the number")
	assert.Equal(t, s.clock().Add(30*time.Second), step.ResendAt())
	s.advance(3 * time.Second)
	cooldown(t, step.Choose(t.Context(), "sms|dev_3"), s.clock().Add(time.Hour-30*time.Second))
}

// A QR code is no message: changing to an app takes no wait.
func TestStep_Enroll_appAfterMail(t *testing.T) {
	t.Parallel()
	for _, factor := range []mfa.Factor{mfa.FactorOTP, mfa.FactorPush} {
		s := newService(t, list())
		step := s.begin(flow.StateEnroll)
		require.NoError(t, step.Enroll(t.Context(), flow.Enrollment{Email: ada}))
		require.NoError(t, step.Enroll(t.Context(), flow.Enrollment{Factor: factor}))
		cooldown(t, step.Enroll(t.Context(), flow.Enrollment{Email: "grace@example.com"}), s.clock().Add(3*time.Second))
		cooldown(t, step.Enroll(t.Context(), flow.Enrollment{Factor: factor}), s.clock().Add(30*time.Second))
	}
}

// With another factor due there is another mfa_token, and nothing has been sent.
func TestStep_Submit_chainSendsAtOnce(t *testing.T) {
	t.Parallel()
	s := newService(t, list(email1))
	step := s.begin(flow.StateEnterCode)
	s.calls()
	s.then("verify oob", refusals[mfa.ActionVerifyMFA])
	require.NoError(t, step.Submit(t.Context(), flow.Submission{Code: mfa.NewSecret("123456")}))
	assert.Equal(t, []string{"verify oob", "list authenticators", "challenge"}, s.calls())
}
