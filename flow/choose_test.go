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

func TestStep_Choose_onlyWhatIsListed(t *testing.T) {
	t.Parallel()
	s := newService(t, list(email1, sms1))
	step := s.begin(flow.StateEnterCode)
	s.calls()
	for _, foreign := range []string{"", "email|dev_9", "EMAIL|dev_1", " email|dev_1"} {
		err := step.Choose(t.Context(), foreign)
		require.ErrorIs(t, err, mfa.ErrAuthenticatorNotFound, foreign)
		require.ErrorIs(t, err, mfa.ErrInvalidRequest, foreign)
		assert.Equal(t, mfa.ActionChallenge, mfa.NextAction(err), foreign)
	}
	assert.Empty(t, s.calls())
	assert.Equal(t, flow.StateEnterCode, step.State())
	assert.Equal(t, mfa.FactorEmail, step.Factor())
}

// Another way in: what was sent before does not hold up what comes next.
func TestStep_Choose_another(t *testing.T) {
	t.Parallel()
	user := withActive(mfa.FactorEmail, mfa.FactorSMS, mfa.FactorOTP, mfa.FactorPush)
	user.RecoveryCode = true
	p := newPage(t, user, nil)
	step := p.begin(flow.StateEnterCode)

	p.tenant.Advance(3 * time.Second)
	require.NoError(t, step.Choose(t.Context(), id(t, step, mfa.FactorSMS)))
	assert.Equal(t, flow.StateEnterCode, step.State())
	assert.Equal(t, mfa.FactorSMS, step.Factor())
	assert.Equal(t, "XXXXXXXX0142", step.Destination())
	assert.Len(t, p.tenant.Inbox(phone), 1)
	assert.Equal(t, 18, step.SendsLeft())
	cooldown(t, step.Choose(t.Context(), id(t, step, mfa.FactorSMS)), step.ResendAt())
	assert.Len(t, p.tenant.Inbox(phone), 1)

	p.tenant.Advance(3 * time.Second)
	require.NoError(t, step.Choose(t.Context(), id(t, step, mfa.FactorPush)))
	assert.Equal(t, flow.StatePoll, step.State())
	assert.Zero(t, step.CodeExpiresAt())
	assert.Equal(t, ms(p.tenant.Now()).Add(5*time.Second), step.PollAt())

	before := len(p.asked())
	require.NoError(t, step.Choose(t.Context(), id(t, step, mfa.FactorRecoveryCode)))
	assert.Equal(t, flow.StateEnterCode, step.State())
	require.NoError(t, step.Choose(t.Context(), id(t, step, mfa.FactorOTP)))
	assert.Equal(t, flow.StateEnterCode, step.State())
	assert.Equal(t, mfa.FactorOTP, step.Factor())
	assert.Zero(t, step.PollAt())
	assert.Zero(t, step.CodeExpiresAt())
	require.ErrorIs(t, step.Resend(t.Context()), flow.ErrStepState)
	assert.Len(t, p.asked(), before, "an app and a recovery code need no request")
	assert.Equal(t, 17, step.SendsLeft())
	p.done(step, p.submit(step, p.tenant.OTP(ada)))
	assert.Len(t, p.tenant.Inbox(ada), 1)
}

// A challenge that fails leaves the one before it as it was.
func TestStep_Choose_failureKeepsTheChallenge(t *testing.T) {
	t.Parallel()
	p := newPage(t, withActive(mfa.FactorEmail, mfa.FactorSMS), nil)
	step := p.begin(flow.StateEnterCode)
	p.tenant.Advance(3 * time.Second)
	p.tenant.Fail(mfatest.Fault{Op: mfa.OpChallenge, Status: 502, Body: `{"error":"bad_gateway","error_description":"Error sending SMS."}`})
	err := step.Choose(t.Context(), id(t, step, mfa.FactorSMS))
	require.ErrorIs(t, err, mfa.ErrDeliveryFailed)
	assert.Equal(t, flow.StateEnterCode, step.State())
	assert.Equal(t, mfa.FactorEmail, step.Factor())
	p.done(step, p.submit(step, p.code(ada)))
}

// What Auth0 calls by names of tomorrow.
func TestStep_Choose_unknownFactor(t *testing.T) {
	t.Parallel()
	const pigeon = `{"id":"pigeon|dev_8","authenticator_type":"oob","oob_channel":"pigeon","active":true,"name":"Speckled Jim"}`
	s := newService(t, list(pigeon))
	step := s.begin(flow.StateChoose)
	require.NoError(t, step.Choose(t.Context(), "pigeon|dev_8"))
	assert.Equal(t, flow.StateEnterCode, step.State())
	assert.Equal(t, "Speckled Jim", step.Destination())
	require.NoError(t, step.Submit(t.Context(), flow.Submission{Code: mfa.NewSecret("123456")}))
	assert.Equal(t, flow.StateDone, step.State())

	step = s.begin(flow.StateChoose)
	s.then("challenge", ok(`{"challenge_type":"oob","oob_code":"o"}`))
	require.NoError(t, step.Choose(t.Context(), "pigeon|dev_8"))
	assert.Equal(t, flow.StatePoll, step.State())
}

func TestStep_Choose_nothingToVerify(t *testing.T) {
	t.Parallel()
	s := newService(t, list(email1, email2))
	step := s.begin(flow.StateChoose)
	s.then("challenge", ok(`{"challenge_type":"otp"}`))
	require.ErrorIs(t, step.Choose(t.Context(), "email|dev_1"), mfa.ErrUnexpectedResponse)
	assert.Equal(t, flow.StateChoose, step.State())
}

// Names that a tenant does not mask are masked here.
func TestStep_Destination(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ authenticator, want string }{
		{`{"id":"email|dev_1","authenticator_type":"oob","oob_channel":"email","active":true,"name":"lovelace@example.com"}`, "love****@exam*******"},
		{`{"id":"email|dev_1","authenticator_type":"oob","oob_channel":"email","active":true,"name":"\"a@b\"@example.com"}`, `"a@b*@exam*******`},
		{`{"id":"email|dev_1","authenticator_type":"oob","oob_channel":"email","active":true,"name":"no address"}`, "no a******"},
		{`{"id":"email|dev_1","authenticator_type":"oob","oob_channel":"email","active":true,"name":"adam@exämple.org"}`, "****@exäm*******"},
		{`{"id":"email|dev_1","authenticator_type":"oob","oob_channel":"email","active":true,"name":"@example.com"}`, "@exam*******"},
		{`{"id":"email|dev_1","authenticator_type":"oob","oob_channel":"email","active":true}`, ""},
		{email1, "grac****@exam*******"},
		{`{"id":"sms|dev_1","authenticator_type":"oob","oob_channel":"sms","active":true,"name":"+12025550142"}`, "XXXXXXXX0142"},
		{`{"id":"sms|dev_1","authenticator_type":"oob","oob_channel":"sms","active":true,"name":"0142"}`, "0142"},
		{`{"id":"voice|dev_1","authenticator_type":"oob","oob_channel":"voice","active":true,"name":"+12025550142"}`, "XXXXXXXX0142"},
		{push1, "Pixel"},
	} {
		s := newService(t, list(tt.authenticator))
		step, err := s.flow.Begin(t.Context(), required("t"))
		require.NoError(t, err)
		if step.State() == flow.StateChoose {
			require.NoError(t, step.Choose(t.Context(), step.Authenticators()[0].ID))
		}
		assert.Equal(t, tt.want, step.Destination())
	}
}
