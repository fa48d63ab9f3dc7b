package flow_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/flow"
	"github.com/go-auth0-mfa/mfa/mfatest"
)

func TestStep_Resend_replacesTheChallenge(t *testing.T) {
	t.Parallel()
	inBubble(t, mfatest.User{EmailVerified: true}, func(t *testing.T, p *page) {
		step := p.begin(flow.StateEnterCode)
		first, resendAt := p.code(ada), step.ResendAt()

		time.Sleep(resendAt.Sub(ms(p.tenant.Now())) - time.Millisecond)
		cooldown(t, step.Resend(t.Context()), resendAt)
		assert.Len(t, p.tenant.Inbox(ada), 1)
		time.Sleep(time.Millisecond)
		now := ms(p.tenant.Now())
		require.NoError(t, step.Resend(t.Context()))
		assert.Len(t, p.tenant.Inbox(ada), 2)
		assert.Equal(t, now.Add(30*time.Second), step.ResendAt())
		assert.Equal(t, now.Add(5*time.Minute), step.CodeExpiresAt())
		assert.Equal(t, 18, step.SendsLeft())

		if first != p.code(ada) {
			require.ErrorIs(t, p.submit(step, first), mfa.ErrInvalidCode)
		}
		p.done(step, p.submit(step, p.code(ada)))
	})
}

// There is no documented way to send the code of an enrollment again, so the
// enrollment is made again.
func TestStep_Resend_enrollment(t *testing.T) {
	t.Parallel()
	p := newPage(t, mfatest.User{}, nil)
	step := p.begin(flow.StateEnroll)
	require.NoError(t, step.Enroll(t.Context(), flow.Enrollment{Email: "other@example.com"}))
	codes := step.RecoveryCodes()
	cooldown(t, step.Resend(t.Context()), step.ResendAt())

	p.tenant.Advance(30 * time.Second)
	require.True(t, step.Enrolling())
	require.NoError(t, step.Resend(t.Context()))
	assert.True(t, step.Enrolling())
	assert.Equal(t, []string{"list authenticators", "associate", "associate"}, p.asked())
	assert.Len(t, p.tenant.Inbox("other@example.com"), 2)
	assert.Equal(t, "other@example.com", step.Destination())
	require.Len(t, step.RecoveryCodes(), 1)
	assert.True(t, codes[0].Equal(step.RecoveryCodes()[0]))
	p.done(step, p.submit(step, p.code("other@example.com")))
}

func TestStep_Resend_push(t *testing.T) {
	t.Parallel()
	inBubble(t, withActive(mfa.FactorPush), func(t *testing.T, p *page) {
		step := p.begin(flow.StateChoose)
		require.NoError(t, step.Choose(t.Context(), id(t, step, mfa.FactorPush)))
		p.tenant.RejectPush(ada)
		time.Sleep(30 * time.Second)
		err := step.Poll(t.Context(), flow.Poll{})
		require.ErrorIs(t, err, mfa.ErrRejected)
		assert.Equal(t, mfa.ActionResend, mfa.NextAction(err))
		require.NoError(t, step.Resend(t.Context()))
		p.tenant.ApprovePush(ada)
		time.Sleep(5 * time.Second)
		p.done(step, step.Poll(t.Context(), flow.Poll{}))
	})
}

// Where nothing was sent, nothing can be sent again.
func TestStep_Resend_nothing(t *testing.T) {
	t.Parallel()
	for _, authenticator := range []string{otp1, recovery} {
		s := newService(t, list(authenticator))
		step := s.begin(flow.StateChoose)
		require.NoError(t, step.Choose(t.Context(), step.Authenticators()[0].ID))
		s.calls()
		require.ErrorIs(t, step.Resend(t.Context()), flow.ErrStepState)
		assert.Empty(t, s.calls())
	}
}

// In StateChoose Resend begins again.
func TestStep_Resend_inStateChoose(t *testing.T) {
	t.Parallel()
	s := newService(t, list(email1, email2))
	step := s.begin(flow.StateChoose)
	s.calls()
	require.NoError(t, step.Resend(t.Context()))
	assert.Equal(t, flow.StateChoose, step.State())
	assert.Equal(t, []string{"list authenticators"}, s.calls())

	s.then("list authenticators", refusal(401, "invalid_grant", "The mfa_token provided is invalid. Try getting a new token."))
	require.ErrorIs(t, step.Resend(t.Context()), mfa.ErrInvalidToken)
	assert.Equal(t, flow.StateChoose, step.State())
	assert.Len(t, step.Authenticators(), 2)

	s.calls()
	s.then("list authenticators", ok(list(email2)))
	require.NoError(t, step.Resend(t.Context()))
	assert.Equal(t, flow.StateEnterCode, step.State())
	assert.Equal(t, []string{"list authenticators", "challenge"}, s.calls())
}

func TestWithMaxSends(t *testing.T) {
	t.Parallel()
	p := newPage(t, mfatest.User{EmailVerified: true}, nil, flow.WithMaxSends(2), flow.WithResendInterval(time.Minute))
	step := p.begin(flow.StateEnterCode)
	assert.Equal(t, 1, step.SendsLeft())
	assert.Equal(t, ms(p.tenant.Now()).Add(time.Minute), step.ResendAt())
	p.tenant.Advance(time.Minute)
	require.NoError(t, step.Resend(t.Context()))
	assert.Zero(t, step.SendsLeft())
	assert.Equal(t, step.ExpiresAt(), step.ResendAt())
	p.tenant.Advance(5 * time.Minute)
	cooldown(t, step.Resend(t.Context()), step.ExpiresAt())
	cooldown(t, step.Choose(t.Context(), step.Authenticators()[0].ID), step.ExpiresAt())
	assert.Len(t, p.tenant.Inbox(ada), 2)
	assert.Equal(t, flow.StateEnterCode, step.State())
}

// WithMaxSends holds for whatever is sent, and not for what needs no message.
func TestWithMaxSends_all(t *testing.T) {
	t.Parallel()
	s := newService(t, list(), flow.WithMaxSends(1))
	step := s.begin(flow.StateEnroll)
	require.NoError(t, step.Enroll(t.Context(), flow.Enrollment{Email: ada}))
	s.calls()
	cooldown(t, step.Enroll(t.Context(), flow.Enrollment{Email: "other@example.com"}), step.ExpiresAt())
	assert.Empty(t, s.calls())

	s = newService(t, list(email1, sms1, otp1), flow.WithMaxSends(1))
	step = s.begin(flow.StateEnterCode)
	s.calls()
	cooldown(t, step.Choose(t.Context(), "sms|dev_3"), step.ExpiresAt())
	assert.Empty(t, s.calls())
	require.NoError(t, step.Choose(t.Context(), "totp|dev_5"))
	assert.Zero(t, step.SendsLeft())
}

// The code in a message that is sent late expires with the mfa_token.
func TestStep_CodeExpiresAt_endOfToken(t *testing.T) {
	t.Parallel()
	s := newService(t, list(email1))
	step := s.begin(flow.StateEnterCode)
	tokenDies := s.clock().Add(10 * time.Minute)
	for _, tt := range []struct {
		after time.Duration
		want  time.Time
	}{
		{5 * time.Minute, tokenDies},
		{time.Minute, tokenDies},
	} {
		s.advance(tt.after)
		require.NoError(t, step.Resend(t.Context()))
		assert.Equal(t, tt.want, step.CodeExpiresAt())
	}
}

func TestStep_Resend_failures(t *testing.T) {
	t.Parallel()
	tooMany := func(what string) reply {
		return refusal(400, "invalid_request", "Too many "+what+" sent by the user. Wait for some minutes before retrying.")
	}
	stated := tooMany("emails")
	stated.header = http.Header{"Retry-After": {"90"}}
	failing := refusal(503, "temporarily_unavailable", "")
	failing.header = stated.header
	voice := strings.NewReplacer("sms", "voice").Replace(sms1)
	limited := refusal(429, "too_many_requests", "")
	limited.header = http.Header{"Retry-After": {"7"}}
	for name, tt := range map[string]struct {
		list       string
		response   reply
		is         error
		next       mfa.Action
		wait       time.Duration // until ResendAt; 0: at once
		retryAfter time.Duration
		sendsLeft  int
	}{
		"lost":                 {list(email1), reply{err: errLost}, mfa.ErrOutcomeUnknown, mfa.ActionCheckInbox, 30 * time.Second, 0, 18},
		"mails, no wait named": {list(email1), tooMany("emails"), mfa.ErrTooManyMessages, mfa.ActionWait, time.Minute, time.Minute, 19},
		"mails, wait named":    {list(email1), stated, mfa.ErrTooManyMessages, mfa.ActionWait, 90 * time.Second, 90 * time.Second, 19},
		"texts, no wait named": {list(sms1), tooMany("SMS"), mfa.ErrTooManyMessages, mfa.ActionWait, time.Hour, time.Hour, 19},
		"calls, no wait named": {list(voice), tooMany("voice calls"), mfa.ErrTooManyMessages, mfa.ActionWait, time.Hour, time.Hour, 19},
		"server, wait named":   {list(email1), failing, mfa.ErrServer, mfa.ActionRetryLater, 0, 90 * time.Second, 19},
		"rate limit":           {list(email1), limited, mfa.ErrRateLimited, mfa.ActionWait, 7 * time.Second, 7 * time.Second, 19},
		"rate limit, no wait":  {list(email1), refusal(429, "too_many_requests", ""), mfa.ErrRateLimited, mfa.ActionWait, 0, 0, 19},
		"provider":             {list(email1), refusal(502, "bad_gateway", "Error sending email."), mfa.ErrDeliveryFailed, mfa.ActionRetryLater, 0, 0, 19},
		"token":                {list(email1), refusal(403, "expired_token", "mfa_token is expired"), mfa.ErrTokenExpired, mfa.ActionRestartLogin, 0, 0, 19},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newService(t, tt.list)
			step, err := s.flow.Begin(t.Context(), required("t"))
			require.NoError(t, err)
			if step.State() == flow.StateChoose {
				require.NoError(t, step.Choose(t.Context(), step.Authenticators()[0].ID))
			}
			s.advance(time.Minute)
			before := step.ResendAt()
			s.then("challenge", tt.response)
			err = step.Resend(t.Context())
			require.ErrorIs(t, err, tt.is)
			assert.Equal(t, tt.next, mfa.NextAction(err))
			var response *mfa.Error
			require.ErrorAs(t, err, &response)
			assert.Equal(t, tt.retryAfter, response.RetryAfter)
			assert.Equal(t, flow.StateEnterCode, step.State())
			assert.Equal(t, tt.sendsLeft, step.SendsLeft())
			if tt.wait > 0 {
				assert.Equal(t, s.clock().Add(tt.wait), step.ResendAt())
				cooldown(t, step.Resend(t.Context()), step.ResendAt())
				s.advance(tt.wait)
			} else {
				assert.Equal(t, before, step.ResendAt())
			}
			require.NoError(t, step.Resend(t.Context()))
		})
	}
}
