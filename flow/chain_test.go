package flow_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/flow"
	"github.com/go-auth0-mfa/mfa/mfatest"
)

// Another factor is due: the step goes on with the new token as if it had begun
// with it.
func TestStep_Submit_chain(t *testing.T) {
	t.Parallel()
	p := newPage(t, mfatest.User{}, []mfatest.Option{mfatest.WithChainedMFA(2)}, flow.WithMaxSends(2))
	step := p.begin(flow.StateEnroll)
	require.NoError(t, step.Enroll(t.Context(), flow.Enrollment{Email: ada}))
	require.ErrorIs(t, p.submit(step, p.wrong(ada)), mfa.ErrInvalidCode)
	p.tenant.Advance(3 * time.Minute)
	now := ms(p.tenant.Now())
	require.NoError(t, p.submit(step, p.code(ada)))
	require.Equal(t, flow.StateEnterCode, step.State())
	assert.False(t, step.Enrolling())
	assert.Len(t, step.Authenticators(), 2)
	assert.Nil(t, step.Token())
	assert.Len(t, p.tenant.Inbox(ada), 2)
	assert.Equal(t, now.Add(15*time.Minute), step.ExpiresAt())
	assert.Equal(t, 1, step.SendsLeft(), "the messages of the first token do not count")
	assert.Equal(t, 9, step.AttemptsLeft(), "but wrong codes do: Auth0 counts them for the user")
	assert.Len(t, step.RecoveryCodes(), 1)

	require.NoError(t, p.submit(step, p.code(ada)), "at once, in spite of the cooldown")
	require.Equal(t, flow.StateEnterCode, step.State())
	p.done(step, p.submit(step, p.code(ada)))
	assert.Len(t, step.RecoveryCodes(), 1)
	assert.Len(t, p.tenant.Inbox(ada), 3)
}

func TestStep_Submit_chainFails(t *testing.T) {
	t.Parallel()
	due := reply{status: 403, body: `{"error":"mfa_required","mfa_token":"second-token"}`}

	t.Run("mail", func(t *testing.T) {
		t.Parallel()
		s := newService(t, list(email1))
		step := s.begin(flow.StateEnterCode)
		s.then("verify oob", due)
		s.then("challenge", refusal(502, "bad_gateway", "Error sending email."))
		err := step.Submit(t.Context(), flow.Submission{Code: mfa.NewSecret("123456")})
		require.ErrorIs(t, err, mfa.ErrDeliveryFailed)
		assert.Equal(t, flow.StateChoose, step.State())
		require.NoError(t, step.Resend(t.Context()))
		assert.Equal(t, flow.StateEnterCode, step.State())
		require.NoError(t, step.Submit(t.Context(), flow.Submission{Code: mfa.NewSecret("123456")}))
		assert.Equal(t, "second-token", s.sent[len(s.sent)-1].Get("mfa_token"))
	})
	t.Run("list", func(t *testing.T) {
		t.Parallel()
		for _, authenticators := range []string{list(), list(email1)} { // an enrollment, a challenge
			s := newService(t, authenticators)
			step, err := s.flow.Begin(t.Context(), required("first-token"))
			require.NoError(t, err)
			if step.State() == flow.StateEnroll {
				require.NoError(t, step.Enroll(t.Context(), flow.Enrollment{Email: ada}))
			}
			known := step.Authenticators()
			s.then("verify oob", due)
			s.then("list authenticators", refusal(500, "server_error", ""), ok(list(email1)))
			require.ErrorIs(t, step.Submit(t.Context(), flow.Submission{Code: mfa.NewSecret("123456")}), mfa.ErrServer)
			assert.Equal(t, flow.StateChoose, step.State())
			assert.Equal(t, known, step.Authenticators())
			assert.False(t, step.Enrolling())
			require.NoError(t, step.Resend(t.Context()))
			assert.Equal(t, flow.StateEnterCode, step.State())
			require.NoError(t, step.Submit(t.Context(), flow.Submission{Code: mfa.NewSecret("123456")}))
			assert.Equal(t, "second-token", s.sent[len(s.sent)-1].Get("mfa_token"))
		}
	})
	t.Run("no token", func(t *testing.T) {
		t.Parallel()
		s := newService(t, list(email1))
		step := s.begin(flow.StateEnterCode)
		s.then("verify oob", reply{status: 403, body: `{"error":"mfa_required"}`})
		err := step.Submit(t.Context(), flow.Submission{Code: mfa.NewSecret("123456")})
		require.ErrorIs(t, err, mfa.ErrMFARequired)
		assert.Equal(t, mfa.ActionFix, mfa.NextAction(err))
		assert.Equal(t, flow.StateEnterCode, step.State())
	})
}
