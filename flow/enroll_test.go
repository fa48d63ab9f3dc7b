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

// The association sends the mail; nothing else does.
func TestStep_Enroll_sendsOnce(t *testing.T) {
	t.Parallel()
	p := newPage(t, mfatest.User{}, nil)
	step := p.begin(flow.StateEnroll)
	assert.Empty(t, step.Authenticators())
	assert.Zero(t, step.ResendAt())
	now := ms(p.tenant.Now())
	require.NoError(t, step.Enroll(t.Context(), flow.Enrollment{Email: "lovelace@analytical.example"}))
	assert.Equal(t, flow.StateEnterCode, step.State())
	assert.True(t, step.Enrolling())
	assert.Equal(t, mfa.FactorEmail, step.Factor())
	assert.Equal(t, "lovelace@analytical.example", step.Destination(), "in clear, so that a typing mistake can be seen")
	assert.Equal(t, now.Add(5*time.Minute), step.CodeExpiresAt())
	assert.Equal(t, now.Add(30*time.Second), step.ResendAt())
	assert.Equal(t, 19, step.SendsLeft())
	codes := step.RecoveryCodes()
	require.Len(t, codes, 1)
	assert.Equal(t, p.recoveryCode(), codes[0].Reveal())
	codes[0] = mfa.Secret{}
	assert.False(t, step.RecoveryCodes()[0].IsZero())

	assert.Equal(t, []string{"list authenticators", "associate"}, p.asked())
	assert.Len(t, p.tenant.Inbox("lovelace@analytical.example"), 1)
	p.done(step, p.submit(step, p.code("lovelace@analytical.example")))
	assert.Equal(t, []string{"list authenticators", "associate", "verify oob"}, p.asked())
	assert.Len(t, step.RecoveryCodes(), 1)
}

func TestStep_Enroll_ownAddress(t *testing.T) {
	t.Parallel()
	p := newPage(t, mfatest.User{}, nil)
	step := p.begin(flow.StateEnroll)
	require.NoError(t, step.Enroll(t.Context(), flow.Enrollment{}))
	assert.Empty(t, step.Destination())
	p.done(step, p.submit(step, p.code(ada)))
}

func TestStep_Enroll_shows(t *testing.T) {
	t.Parallel()
	now := func(p *page) time.Time { return ms(p.tenant.Now()) }

	p := newPage(t, mfatest.User{}, nil)
	step := p.begin(flow.StateEnroll)
	require.NoError(t, step.Enroll(t.Context(), flow.Enrollment{Factor: mfa.FactorOTP}))
	assert.Equal(t, flow.StateEnterCode, step.State())
	assert.False(t, step.OTPSecret().IsZero())
	assert.Contains(t, step.BarcodeURI().Reveal(), step.OTPSecret().Reveal())
	assert.Zero(t, step.CodeExpiresAt())
	assert.Zero(t, step.PollAt())
	assert.Empty(t, step.Destination())
	secret := step.OTPSecret()

	// Another QR code: what the first one showed is of no use any more.
	p.tenant.Advance(30 * time.Second)
	require.NoError(t, step.Resend(t.Context()))
	assert.False(t, secret.Equal(step.OTPSecret()))
	p.done(step, p.submit(step, p.tenant.OTP(ada)))
	assert.True(t, step.OTPSecret().IsZero())
	assert.True(t, step.BarcodeURI().IsZero())

	p = newPage(t, mfatest.User{}, nil)
	step = p.begin(flow.StateEnroll)
	require.NoError(t, step.Enroll(t.Context(), flow.Enrollment{Factor: mfa.FactorPush}))
	assert.Equal(t, flow.StatePoll, step.State())
	assert.True(t, step.OTPSecret().IsZero())
	assert.False(t, step.BarcodeURI().IsZero())
	assert.Equal(t, now(p).Add(5*time.Minute), step.CodeExpiresAt())
	assert.Equal(t, now(p).Add(5*time.Second), step.PollAt())

	p = newPage(t, mfatest.User{}, nil)
	step = p.begin(flow.StateEnroll)
	require.NoError(t, step.Enroll(t.Context(), flow.Enrollment{Factor: mfa.FactorSMS, PhoneNumber: phone}))
	assert.Equal(t, phone, step.Destination())
	assert.Len(t, p.tenant.Inbox(phone), 1)
}

// An address may be corrected while nothing is confirmed.
func TestStep_Enroll_again(t *testing.T) {
	t.Parallel()
	p := newPage(t, mfatest.User{}, nil)
	step := p.begin(flow.StateEnroll)
	require.NoError(t, step.Enroll(t.Context(), flow.Enrollment{Email: "typo@exmaple.com"}))
	codes := step.RecoveryCodes()
	resendAt := step.ResendAt()

	cooldown(t, step.Enroll(t.Context(), flow.Enrollment{Email: "Typo@exmaple.com "}), resendAt)
	assert.Len(t, p.tenant.Inbox("typo@exmaple.com"), 1)
	p.tenant.Advance(3 * time.Second)
	require.NoError(t, step.Enroll(t.Context(), flow.Enrollment{Email: ada}))
	assert.Equal(t, ada, step.Destination())
	assert.Equal(t, 18, step.SendsLeft())
	require.Len(t, step.RecoveryCodes(), 1)
	assert.True(t, codes[0].Equal(step.RecoveryCodes()[0]))

	// Also by another factor, and back.
	require.NoError(t, step.Enroll(t.Context(), flow.Enrollment{Factor: mfa.FactorPush}))
	assert.Equal(t, flow.StatePoll, step.State())
	cooldown(t, step.Enroll(t.Context(), flow.Enrollment{Email: ada}), ms(p.tenant.Now()).Add(30*time.Second))
	p.tenant.Advance(30 * time.Second)
	require.NoError(t, step.Enroll(t.Context(), flow.Enrollment{Email: ada}))
	assert.Equal(t, flow.StateEnterCode, step.State())
	assert.True(t, step.BarcodeURI().IsZero())
	assert.Zero(t, step.PollAt())
	p.done(step, p.submit(step, p.code(ada)))
	assert.True(t, codes[0].Equal(step.RecoveryCodes()[0]))
}

// A call to the number that got a text message is another message.
func TestStep_Enroll_sameNumberByVoice(t *testing.T) {
	t.Parallel()
	p := newPage(t, mfatest.User{}, nil)
	step := p.begin(flow.StateEnroll)
	require.NoError(t, step.Enroll(t.Context(), flow.Enrollment{Factor: mfa.FactorSMS, PhoneNumber: phone}))
	cooldown(t, step.Enroll(t.Context(), flow.Enrollment{Factor: mfa.FactorSMS, PhoneNumber: phone}), step.ResendAt())
	p.tenant.Advance(3 * time.Second)
	require.NoError(t, step.Enroll(t.Context(), flow.Enrollment{Factor: mfa.FactorVoice, PhoneNumber: phone}))
	assert.Len(t, p.tenant.Inbox(phone), 2)
}

// New recovery codes replace the first ones, no codes do not.
func TestStep_Enroll_recoveryCodes(t *testing.T) {
	t.Parallel()
	s := newService(t, list())
	with := func(codes string) reply { return ok(`{"authenticator_type":"oob","oob_code":"o"` + codes + `}`) }
	s.then("associate", with(`,"recovery_codes":["FIRST","SECOND"]`), with(``), with(`,"recovery_codes":["THIRD"]`))
	step := s.begin(flow.StateEnroll)
	for _, want := range [][]string{{"FIRST", "SECOND"}, {"FIRST", "SECOND"}, {"THIRD"}} {
		require.NoError(t, step.Enroll(t.Context(), flow.Enrollment{}))
		var got []string
		for _, code := range step.RecoveryCodes() {
			got = append(got, code.Reveal())
		}
		assert.Equal(t, want, got)
		s.advance(time.Minute)
	}
}

func TestStep_Enroll_refused(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		enrollment flow.Enrollment
		next       mfa.Action
	}{
		"no address":               {flow.Enrollment{Email: "ada"}, mfa.ActionAskAgain},
		"far too long an address":  {flow.Enrollment{Email: strings.Repeat("a", 5000) + "@example.com"}, mfa.ActionAskAgain},
		"far too long a number":    {flow.Enrollment{Factor: mfa.FactorSMS, PhoneNumber: "+" + strings.Repeat("1", 5000)}, mfa.ActionAskAgain},
		"no number":                {flow.Enrollment{Factor: mfa.FactorSMS}, mfa.ActionAskAgain},
		"a number of another form": {flow.Enrollment{Factor: mfa.FactorSMS, PhoneNumber: "0170 123"}, mfa.ActionAskAgain},
		"letters in a number":      {flow.Enrollment{Factor: mfa.FactorVoice, PhoneNumber: "+1202call"}, mfa.ActionAskAgain},
		"a tilde in a number":      {flow.Enrollment{Factor: mfa.FactorVoice, PhoneNumber: "+1202~5550142"}, mfa.ActionAskAgain},
		"a recovery code":          {flow.Enrollment{Factor: mfa.FactorRecoveryCode}, mfa.ActionFix},
		"an unknown factor":        {flow.Enrollment{Factor: "webauthn-roaming"}, mfa.ActionFix},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newService(t, list())
			step := s.begin(flow.StateEnroll)
			s.calls()
			err := step.Enroll(t.Context(), tt.enrollment)
			require.ErrorIs(t, err, mfa.ErrInvalidRequest)
			assert.Equal(t, tt.next, mfa.NextAction(err))
			assert.Empty(t, s.calls())
			assert.Equal(t, flow.StateEnroll, step.State())
			assert.Equal(t, 20, step.SendsLeft())
		})
	}
}

// Somebody who only knows the password cannot enroll another factor beside the
// one that they do not have.
func TestStep_Enroll_besideActive(t *testing.T) {
	t.Parallel()
	p := newPage(t, mfatest.User{EmailVerified: true}, nil)
	step := p.begin(flow.StateEnterCode)
	require.ErrorIs(t, step.Enroll(t.Context(), flow.Enrollment{Email: "mallory@example.com"}), flow.ErrStepState)
	assert.Equal(t, flow.StateEnterCode, step.State())
	assert.Empty(t, p.tenant.Inbox("mallory@example.com"))
	p.done(step, p.submit(step, p.code(ada)))

	s := newService(t, list(push1))
	step = s.begin(flow.StateChoose)
	require.NoError(t, step.Choose(t.Context(), "push|dev_4"))
	require.ErrorIs(t, step.Enroll(t.Context(), flow.Enrollment{}), flow.ErrStepState)
}

// The user enrolled in another window meanwhile.
func TestStep_Enroll_alreadyEnrolled(t *testing.T) {
	t.Parallel()
	p := newPage(t, mfatest.User{}, nil)
	step, other := p.begin(flow.StateEnroll), p.begin(flow.StateEnroll)
	require.NoError(t, other.Enroll(t.Context(), flow.Enrollment{Email: ada}))
	p.done(other, p.submit(other, p.code(ada)))

	err := step.Enroll(t.Context(), flow.Enrollment{Email: "other@example.com"})
	require.ErrorIs(t, err, mfa.ErrAlreadyEnrolled)
	assert.Equal(t, mfa.ActionChallenge, mfa.NextAction(err))
	assert.Equal(t, flow.StateChoose, step.State())
	assert.Empty(t, p.tenant.Inbox("other@example.com"))
	require.NoError(t, step.Choose(t.Context(), id(t, step, mfa.FactorEmail)))
	p.done(step, p.submit(step, p.code(ada)))
}

func TestStep_Enroll_lostReply(t *testing.T) {
	t.Parallel()
	p := newPage(t, mfatest.User{}, nil)
	p.tenant.Fail(mfatest.Fault{Op: mfa.OpAssociate, Kind: mfatest.FaultDropReply})
	step := p.begin(flow.StateEnroll)
	err := step.Enroll(t.Context(), flow.Enrollment{Email: ada})
	require.ErrorIs(t, err, mfa.ErrOutcomeUnknown)
	assert.Equal(t, mfa.ActionCheckInbox, mfa.NextAction(err))
	assert.Equal(t, flow.StateEnroll, step.State())
	assert.Equal(t, 19, step.SendsLeft())
	assert.Len(t, p.tenant.Inbox(ada), 1)

	cooldown(t, step.Enroll(t.Context(), flow.Enrollment{Email: ada}), step.ResendAt())
	assert.Len(t, p.tenant.Inbox(ada), 1)
	p.tenant.Advance(30 * time.Second)
	require.NoError(t, step.Enroll(t.Context(), flow.Enrollment{Email: ada}))
	p.done(step, p.submit(step, p.code(ada)))
}
