package flow_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/flow"
	"github.com/go-auth0-mfa/mfa/mfatest"
)

const minute = time.Minute

// enrollment begins an enrollment for ada, who is signed in.
func (p *page) enrollment(scopes ...string) *flow.Step {
	p.Helper()
	step, err := p.flow.BeginEnrollment(p.Context(), p.tenant.AccessToken(ada, scopes...))
	require.NoError(p, err)
	require.Equal(p, flow.StateEnroll, step.State())
	return step
}

// A user who is signed in adds another authenticator beside an active one, of each
// factor, in another request each time.
func TestFlow_BeginEnrollment_everyFactor(t *testing.T) {
	t.Parallel()
	const work = "work@example.com"
	for factor, tt := range map[mfa.Factor]struct {
		e       flow.Enrollment
		confirm func(*page, *flow.Step) error
		asked   string
	}{
		mfa.FactorEmail: {flow.Enrollment{Email: work}, func(p *page, step *flow.Step) error { return p.submit(step, p.code(work)) }, "verify oob"},
		mfa.FactorSMS:   {flow.Enrollment{PhoneNumber: phone}, func(p *page, step *flow.Step) error { return p.submit(step, p.code(phone)) }, "verify oob"},
		mfa.FactorVoice: {flow.Enrollment{PhoneNumber: phone}, func(p *page, step *flow.Step) error { return p.submit(step, p.code(phone)) }, "verify oob"},
		mfa.FactorOTP:   {flow.Enrollment{}, func(p *page, step *flow.Step) error { return p.submit(step, p.tenant.OTP(ada)) }, "verify otp"},
		mfa.FactorPush: {flow.Enrollment{}, func(p *page, step *flow.Step) error {
			p.tenant.ApprovePush(ada)
			p.tenant.Advance(5 * time.Second)
			return step.Poll(p.Context(), flow.Poll{})
		}, "poll push"},
	} {
		t.Run(string(factor), func(t *testing.T) {
			t.Parallel()
			p := newPage(t, mfatest.User{EmailVerified: true}, nil)
			now := ms(p.tenant.Now())
			step := p.enrollment(mfa.ScopeEnroll)
			assert.Empty(t, p.asked(), "it makes no request")
			assert.Equal(t, mfa.FactorEmail, step.Factor())
			assert.Empty(t, step.Authenticators())
			assert.Empty(t, step.Destination())
			assert.False(t, step.Enrolling())
			assert.Equal(t, now.Add(10*time.Minute), step.ExpiresAt())
			assert.Equal(t, 10, step.AttemptsLeft())
			assert.Equal(t, 20, step.SendsLeft())

			step = reopened(t, p.flow, step)
			tt.e.Factor = factor
			require.NoError(t, step.Enroll(t.Context(), tt.e))
			step = reopened(t, p.flow, step)
			assert.True(t, step.Enrolling())
			assert.Equal(t, tt.e.Email+tt.e.PhoneNumber, step.Destination())
			require.NoError(t, tt.confirm(p, step))

			assert.Equal(t, flow.StateDone, step.State())
			assert.Nil(t, step.Token(), "it is no sign-in")
			assert.True(t, flow.MFAToken(step).IsZero())
			_, inUse := step.Authenticator()
			assert.False(t, inUse)
			assert.Equal(t, []string{"associate", tt.asked}, p.asked())
			added := p.tenant.Authenticators(ada)[1]
			assert.Equal(t, factor, added.Factor)
			assert.True(t, added.Active)
		})
	}
}

// A factor before e-mail in the page's order is the one to suggest.
func TestFlow_BeginEnrollment_suggests(t *testing.T) {
	t.Parallel()
	s := newService(t, list(), flow.WithFactors(mfa.FactorRecoveryCode, mfa.FactorOTP))
	step, err := s.flow.BeginEnrollment(t.Context(), mfa.NewSecret("access-token"))
	require.NoError(t, err)
	assert.Equal(t, mfa.FactorOTP, step.Factor())
}

// The slip in an address is seen, and corrected, as on the way in.
func TestFlow_BeginEnrollment_correctsAddress(t *testing.T) {
	t.Parallel()
	p := newPage(t, mfatest.User{EmailVerified: true}, nil)
	step := p.enrollment(mfa.ScopeEnroll)
	require.NoError(t, step.Enroll(t.Context(), flow.Enrollment{Email: "typo@exmaple.com"}))
	cooldown(t, step.Resend(t.Context()), step.ResendAt())
	p.tenant.Advance(30 * time.Second)
	require.NoError(t, step.Resend(t.Context()))
	assert.Len(t, p.tenant.Inbox("typo@exmaple.com"), 2)
	p.tenant.Advance(30 * time.Second)
	require.NoError(t, step.Enroll(t.Context(), flow.Enrollment{Email: "typed@example.com"}))
	require.ErrorIs(t, p.submit(step, p.wrong("typed@example.com")), mfa.ErrInvalidCode)
	assert.Equal(t, 9, step.AttemptsLeft())
	require.NoError(t, p.submit(step, p.code("typed@example.com")))
	assert.Equal(t, flow.StateDone, step.State())
}

// The first authenticator of a user brings recovery codes here as well.
func TestFlow_BeginEnrollment_recoveryCodes(t *testing.T) {
	t.Parallel()
	p := newPage(t, mfatest.User{}, nil)
	step := p.enrollment(mfa.ScopeEnroll)
	require.NoError(t, step.Enroll(t.Context(), flow.Enrollment{}))
	step = reopened(t, p.flow, step)
	require.NoError(t, p.submit(step, p.code(ada)))
	require.Len(t, step.RecoveryCodes(), 1)
	assert.Equal(t, p.recoveryCode(), step.RecoveryCodes()[0].Reveal())
}

// The page can show what the user has, if the token may read it.
func TestFlow_BeginEnrollment_loadAuthenticators(t *testing.T) {
	t.Parallel()
	p := newPage(t, withActive(mfa.FactorPush, mfa.FactorEmail), nil)
	step := p.enrollment(mfa.ScopeEnroll, mfa.ScopeReadAuthenticators)
	require.NoError(t, step.LoadAuthenticators(t.Context()))
	assert.Equal(t, []string{"list authenticators"}, p.asked())
	assert.Equal(t, flow.StateEnroll, step.State())
	assert.Equal(t, mfa.FactorEmail, step.Factor())
	step = reopened(t, p.flow, step)
	require.Len(t, step.Authenticators(), 2)
	assert.Equal(t, mfa.FactorEmail, step.Authenticators()[0].Factor())
	_, inUse := step.Authenticator()
	assert.False(t, inUse)
	require.ErrorIs(t, step.Choose(t.Context(), step.Authenticators()[0].ID), flow.ErrStepState)

	// They leave their room to the response.
	require.NoError(t, step.Enroll(t.Context(), flow.Enrollment{Factor: mfa.FactorOTP}))
	assert.Empty(t, step.Authenticators())
	require.NoError(t, p.submit(step, p.tenant.OTP(ada)))

	step = p.enrollment(mfa.ScopeEnroll)
	err := step.LoadAuthenticators(t.Context())
	require.ErrorIs(t, err, mfa.ErrInvalidRequest)
	assert.Equal(t, mfa.ActionFix, mfa.NextAction(err))
	assert.Equal(t, flow.StateEnroll, step.State())
	require.NoError(t, step.Enroll(t.Context(), flow.Enrollment{Factor: mfa.FactorOTP}))
}

// However many there are, the step can be sealed.
func TestFlow_BeginEnrollment_loadAuthenticators_keepsWhatFits(t *testing.T) {
	t.Parallel()
	for length, want := range map[int]int{500: 8, 3100: 5, 3460: 0} {
		s := newService(t, emails(8))
		step, err := s.flow.BeginEnrollment(t.Context(), mfa.NewSecret(sealedToken(length)))
		require.NoError(t, err)
		require.NoError(t, step.LoadAuthenticators(t.Context()))
		assert.Len(t, step.Authenticators(), want)
		reopened(t, s.flow, step)
	}
}

// What Auth0 says about an access token that is not good enough.
func TestFlow_BeginEnrollment_token(t *testing.T) {
	t.Parallel()
	p := newPage(t, mfatest.User{EmailVerified: true}, nil)
	step := p.enrollment(mfa.ScopeReadAuthenticators)
	err := step.Enroll(t.Context(), flow.Enrollment{Email: "work@example.com"})
	require.ErrorIs(t, err, mfa.ErrInvalidRequest)
	assert.Equal(t, mfa.ActionFix, mfa.NextAction(err))
	var response *mfa.Error
	require.ErrorAs(t, err, &response)
	assert.Contains(t, response.Hint(), mfa.ScopeEnroll)
	assert.Equal(t, flow.StateEnroll, step.State())

	step = p.enrollment(mfa.ScopeEnroll)
	p.tenant.Advance(10 * time.Minute)
	err = step.Enroll(t.Context(), flow.Enrollment{Email: "work@example.com"})
	require.ErrorIs(t, err, mfa.ErrInvalidToken)
	assert.Equal(t, mfa.ActionRestartLogin, mfa.NextAction(err))
	_, err = newSealer(t, p.flow).Seal(step, session)
	require.ErrorIs(t, err, flow.ErrStepExpired)
	assert.Equal(t, mfa.ActionRestartLogin, mfa.NextAction(err))
	assert.Empty(t, p.tenant.Inbox("work@example.com"))

	// It expires between the mail and its code.
	step = p.enrollment(mfa.ScopeEnroll)
	p.tenant.Advance(6 * time.Minute)
	require.NoError(t, step.Enroll(t.Context(), flow.Enrollment{Email: "work@example.com"}))
	assert.Equal(t, step.ExpiresAt(), step.CodeExpiresAt(), "the code expires with the token")
	p.tenant.Advance(4 * time.Minute)
	err = p.submit(step, p.code("work@example.com"))
	require.ErrorIs(t, err, mfa.ErrTokenExpired)
	assert.Equal(t, mfa.ActionRestartLogin, mfa.NextAction(err))
}

func TestFlow_BeginEnrollment_refused(t *testing.T) {
	t.Parallel()
	s := newService(t, list())
	step, err := s.flow.BeginEnrollment(t.Context(), mfa.Secret{})
	require.ErrorIs(t, err, mfa.ErrInvalidRequest)
	require.ErrorIs(t, err, mfa.ErrInvalidToken)
	assert.Equal(t, mfa.ActionRestartLogin, mfa.NextAction(err), "the session of the page is gone")
	assert.Nil(t, step)

	// What package mfa refuses of a token.
	for name, token := range map[string]string{
		"a space": "access token", "too long": strings.Repeat("a", 17<<10), "printed in place of the token": "[REDACTED]",
	} {
		step, err := newService(t, list(), flow.WithMaxSealed(1<<20)).flow.BeginEnrollment(t.Context(), mfa.NewSecret(token))
		require.NoError(t, err, name)
		for call, err := range map[string]error{
			"Enroll": step.Enroll(t.Context(), flow.Enrollment{Email: ada}), "LoadAuthenticators": step.LoadAuthenticators(t.Context()),
		} {
			var refused *mfa.Error
			require.ErrorAs(t, err, &refused, name, call)
			assert.Equal(t, []string{"Token"}, refused.Fields, name, call)
			assert.Equal(t, mfa.ActionFix, mfa.NextAction(err), name, call)
		}
	}
	assert.Empty(t, s.calls())

	// What is refused of the enrollment does not depend on who asks.
	for _, e := range []flow.Enrollment{
		{Email: "ada"}, {Email: "ada@x"}, {Factor: mfa.FactorSMS}, {Factor: mfa.FactorSMS, PhoneNumber: "0170"}, {Factor: mfa.FactorRecoveryCode},
	} {
		step, err := s.flow.BeginEnrollment(t.Context(), mfa.NewSecret("access-token"))
		require.NoError(t, err)
		require.ErrorIs(t, step.Enroll(t.Context(), e), mfa.ErrInvalidRequest)
		assert.Equal(t, flow.StateEnroll, step.State())
	}
	assert.Empty(t, s.calls())

	step, err = s.flow.BeginEnrollment(t.Context(), mfa.NewSecret(sealedToken(3000)))
	require.NoError(t, err)
	require.ErrorIs(t, step.Enroll(t.Context(), flow.Enrollment{}), flow.ErrStepTooLarge)
	assert.Empty(t, s.calls(), "no mail goes out whose code no page could verify")
}

// A lost response is no reason to enroll twice.
func TestFlow_BeginEnrollment_lostReply(t *testing.T) {
	t.Parallel()
	p := newPage(t, mfatest.User{EmailVerified: true}, nil)
	p.tenant.Fail(mfatest.Fault{Op: mfa.OpAssociate, Kind: mfatest.FaultDropReply})
	step := p.enrollment(mfa.ScopeEnroll)
	err := step.Enroll(t.Context(), flow.Enrollment{Email: "work@example.com"})
	require.ErrorIs(t, err, mfa.ErrOutcomeUnknown)
	assert.Equal(t, mfa.ActionCheckInbox, mfa.NextAction(err))
	assert.Equal(t, flow.StateEnroll, step.State())
	assert.Len(t, p.tenant.Inbox("work@example.com"), 1)
	step = reopened(t, p.flow, step)
	cooldown(t, step.Enroll(t.Context(), flow.Enrollment{Email: "work@example.com"}), step.ResendAt())
	p.tenant.Advance(30 * time.Second)
	require.NoError(t, step.Enroll(t.Context(), flow.Enrollment{Email: "work@example.com"}))

	p.tenant.Fail(mfatest.Fault{Op: mfa.OpVerifyOOB, Kind: mfatest.FaultDropReply})
	err = p.submit(step, p.code("work@example.com"))
	require.ErrorIs(t, err, mfa.ErrOutcomeUnknown)
	assert.Equal(t, mfa.ActionResend, mfa.NextAction(err))
	assert.Equal(t, flow.StateEnterCode, step.State())
}

// Should another factor be due when an enrollment is confirmed, the step goes on with
// the mfa_token, and still is no sign-in.
func TestFlow_BeginEnrollment_chained(t *testing.T) {
	t.Parallel()
	s := newService(t, list(email1))
	step, err := s.flow.BeginEnrollment(t.Context(), mfa.NewSecret("access-token"))
	require.NoError(t, err)
	require.NoError(t, step.Enroll(t.Context(), flow.Enrollment{Factor: mfa.FactorOTP}))
	s.then("verify otp", refusals[mfa.ActionVerifyMFA])
	s.calls()
	require.NoError(t, step.Submit(t.Context(), flow.Submission{Code: mfa.NewSecret("123456")}))
	assert.Equal(t, []string{"verify otp", "list authenticators", "challenge"}, s.calls())
	step = reopened(t, s.flow, step)
	assert.Equal(t, flow.StateEnterCode, step.State())
	assert.False(t, step.Enrolling())
	assert.Equal(t, "second-token", flow.MFAToken(step).Reveal())
	assert.Equal(t, s.clock().Add(10*time.Minute), step.ExpiresAt())

	// Its list is read again as that of any login.
	s.then("verify oob", refusals[mfa.ActionChallenge])
	s.usual["list authenticators"] = ok(list(email1, email2))
	require.Error(t, step.Submit(t.Context(), flow.Submission{Code: mfa.NewSecret("123456")}))
	assert.Equal(t, flow.StateChoose, step.State())
	require.NoError(t, step.LoadAuthenticators(t.Context()))
	s.advance(3 * time.Second)
	require.NoError(t, step.Choose(t.Context(), "email|dev_2"))
	require.NoError(t, step.Submit(t.Context(), flow.Submission{Code: mfa.NewSecret("123456")}))
	assert.Equal(t, flow.StateDone, step.State())
	assert.Nil(t, step.Token())
	assert.Equal(t, []string{"access-token", "second-token", "second-token"}, []string{s.sent[0].Get("mfa_token"), s.sent[1].Get("mfa_token"), s.sent[2].Get("mfa_token")})
}

// Auth0's words that name other authenticators lead nowhere with an access token.
func TestFlow_BeginEnrollment_alreadyEnrolled(t *testing.T) {
	t.Parallel()
	s := newService(t, list(email1))
	step, err := s.flow.BeginEnrollment(t.Context(), mfa.NewSecret("access-token"))
	require.NoError(t, err)
	s.then("associate", refusal(409, "enrollment_conflict", ""))
	err = step.Enroll(t.Context(), flow.Enrollment{Email: ada})
	require.ErrorIs(t, err, mfa.ErrAlreadyEnrolled)
	assert.Equal(t, flow.StateEnroll, step.State())
	assert.Equal(t, []string{"associate"}, s.calls())
	assert.Equal(t, ada, step.Destination())
}
