package flow_test

import (
	"net/http"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/flow"
	"github.com/go-auth0-mfa/mfa/mfatest"
)

func TestStep_Submit_cleans(t *testing.T) {
	t.Parallel()
	p := newPage(t, mfatest.User{EmailVerified: true}, nil)
	step := p.begin(flow.StateEnterCode)
	code := p.code(ada)
	p.done(step, p.submit(step, "Your code is "+code[:3]+" "+code[3:]+"."))
}

func TestStep_Submit_notACode(t *testing.T) {
	t.Parallel()
	p := newPage(t, mfatest.User{EmailVerified: true, RecoveryCode: true}, nil)
	step := p.begin(flow.StateEnterCode)
	before := len(p.asked())
	refuse := func(typed string) {
		t.Helper()
		err := p.submit(step, typed)
		require.ErrorIs(t, err, mfa.ErrInvalidCode, typed)
		assert.Equal(t, mfa.ActionAskAgain, mfa.NextAction(err), typed)
	}
	for _, typed := range []string{"", " ", "12345", "1234567", "abcdef", "ABCDEFGHIJKLMNOPQRSTUVWX"} {
		refuse(typed)
	}
	require.NoError(t, step.Choose(t.Context(), id(t, step, mfa.FactorRecoveryCode)))
	refuse("123456")
	assert.Len(t, p.asked(), before)
	assert.Equal(t, 10, step.AttemptsLeft())
	assert.Equal(t, flow.StateEnterCode, step.State())
}

func TestStep_Submit_attempts(t *testing.T) {
	t.Parallel()
	p := newPage(t, mfatest.User{EmailVerified: true}, nil)
	step := p.begin(flow.StateEnterCode)
	for left := 9; left >= 0; left-- {
		err := p.submit(step, p.wrong(ada))
		require.ErrorIs(t, err, mfa.ErrInvalidCode)
		assert.Equal(t, mfa.ActionAskAgain, mfa.NextAction(err))
		assert.Equal(t, flow.StateEnterCode, step.State())
		assert.Equal(t, left, step.AttemptsLeft())
	}
	// Now even the right code is refused, for six minutes.
	err := p.submit(step, p.code(ada))
	require.ErrorIs(t, err, mfa.ErrTooManyAttempts)
	assert.Equal(t, mfa.ActionWait, mfa.NextAction(err))
	var response *mfa.Error
	require.ErrorAs(t, err, &response)
	assert.Equal(t, 6*time.Minute, response.RetryAfter)
	assert.Equal(t, mfa.OpVerifyOOB, response.Op)

	p.tenant.Advance(6 * time.Minute)
	require.NoError(t, step.Resend(t.Context()))
	p.done(step, p.submit(step, p.code(ada)))
}

// Others used up the user's attempts: what the step counted was an upper bound.
func TestStep_Submit_tooManyAttempts(t *testing.T) {
	t.Parallel()
	s := newService(t, list(email1))
	step := s.begin(flow.StateEnterCode)
	tooMany := refusal(400, "invalid_request", "Too many failed codes. Wait for some minutes before retrying.")
	tooMany.header = http.Header{"Retry-After": {"11"}}
	s.then("verify oob", tooMany, refusal(403, "invalid_grant", "Invalid binding_code."))
	err := step.Submit(t.Context(), flow.Submission{Code: mfa.NewSecret("123456")})
	require.ErrorIs(t, err, mfa.ErrTooManyAttempts)
	var response *mfa.Error
	require.ErrorAs(t, err, &response)
	assert.Equal(t, 11*time.Second, response.RetryAfter)
	assert.Zero(t, step.AttemptsLeft())

	// Auth0 decides when to take the next one.
	require.ErrorIs(t, step.Submit(t.Context(), flow.Submission{Code: mfa.NewSecret("123456")}), mfa.ErrInvalidCode)
	assert.Zero(t, step.AttemptsLeft())
	require.NoError(t, step.Submit(t.Context(), flow.Submission{Code: mfa.NewSecret("123456")}))
}

// A right code that is too old is a wrong one to Auth0, and to ask for it again
// would lead nowhere.
func TestStep_Submit_staleCode(t *testing.T) {
	t.Parallel()
	p := newPage(t, mfatest.User{EmailVerified: true}, nil)
	step := p.begin(flow.StateEnterCode)
	p.tenant.Advance(5*time.Minute - time.Millisecond)
	require.ErrorIs(t, p.submit(step, p.wrong(ada)), mfa.ErrInvalidCode)
	p.tenant.Advance(time.Millisecond)
	err := p.submit(step, p.code(ada))
	require.ErrorIs(t, err, mfa.ErrChallengeExpired)
	require.NotErrorIs(t, err, mfa.ErrInvalidCode)
	assert.Equal(t, mfa.ActionResend, mfa.NextAction(err))
	var response *mfa.Error
	require.ErrorAs(t, err, &response)
	assert.Equal(t, 403, response.StatusCode)
	var required *mfa.RequiredError
	assert.NotErrorAs(t, err, &required)
	assert.NotContains(t, err.Error(), p.code(ada))
	assert.Equal(t, 8, step.AttemptsLeft())
	require.NoError(t, step.Resend(t.Context()))
	p.done(step, p.submit(step, p.code(ada)))
}

// An app has no code that gets old.
func TestStep_Submit_otpIsNeverStale(t *testing.T) {
	t.Parallel()
	p := newPage(t, withActive(mfa.FactorOTP), nil)
	step := p.begin(flow.StateChoose)
	require.NoError(t, step.Choose(t.Context(), id(t, step, mfa.FactorOTP)))
	p.tenant.Advance(9 * time.Minute)
	old := p.tenant.OTP(ada)
	p.tenant.Advance(45 * time.Second)
	if fresh := p.tenant.OTP(ada); fresh != old {
		p.tenant.Advance(15*time.Second - time.Millisecond)
		require.ErrorIs(t, p.submit(step, old), mfa.ErrInvalidCode)
		assert.Equal(t, 9, step.AttemptsLeft())
	}
	p.done(step, p.submit(step, p.tenant.OTP(ada)))
}

func TestStep_Submit_deadToken(t *testing.T) {
	t.Parallel()
	p := newPage(t, mfatest.User{EmailVerified: true}, nil)
	step := p.begin(flow.StateEnterCode)
	p.tenant.Advance(10 * time.Minute)
	err := p.submit(step, p.code(ada))
	require.ErrorIs(t, err, mfa.ErrTokenExpired)
	assert.Equal(t, mfa.ActionRestartLogin, mfa.NextAction(err))
	err = step.Resend(t.Context())
	assert.Equal(t, mfa.ActionRestartLogin, mfa.NextAction(err))
	assert.Equal(t, 10, step.AttemptsLeft())

	step = p.begin(flow.StateEnterCode)
	p.done(step, p.submit(step, p.code(ada)))
}

// The code may be spent, so another one is sent; nothing is sent by itself.
func TestStep_Submit_lostReply(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		user   mfatest.User
		choose mfa.Factor
		op     mfa.Op
		code   func(p *page) string
		next   mfa.Action
	}{
		"e-mail": {mfatest.User{EmailVerified: true}, "", "verify oob", func(p *page) string { return p.code(ada) }, mfa.ActionResend},
		"app":    {withActive(mfa.FactorOTP), mfa.FactorOTP, "verify otp", func(p *page) string { return p.tenant.OTP(ada) }, mfa.ActionAskAgain},
		"recovery code": {mfatest.User{EmailVerified: true, RecoveryCode: true}, mfa.FactorRecoveryCode, "verify recovery code",
			func(p *page) string { return p.recoveryCode() }, mfa.ActionRestartLogin},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPage(t, tt.user, nil)
			step, err := p.flow.Begin(t.Context(), p.login())
			require.NoError(t, err)
			if tt.choose != "" {
				require.NoError(t, step.Choose(t.Context(), id(t, step, tt.choose)))
			}
			p.tenant.Fail(mfatest.Fault{Op: tt.op, Kind: mfatest.FaultDropReply})
			before := len(p.tenant.Inbox(ada))
			err = p.submit(step, tt.code(p))
			require.ErrorIs(t, err, mfa.ErrOutcomeUnknown)
			assert.Equal(t, tt.next, mfa.NextAction(err))
			assert.Equal(t, flow.StateEnterCode, step.State())
			assert.Equal(t, 10, step.AttemptsLeft())
			assert.Len(t, p.tenant.Inbox(ada), before)
		})
	}
}

// The reply that confirmed an enrollment got lost: sending again finds the user
// enrolled, and the authenticator to challenge.
func TestStep_Submit_lostConfirmation(t *testing.T) {
	t.Parallel()
	p := newPage(t, mfatest.User{}, nil)
	step := p.begin(flow.StateEnroll)
	require.NoError(t, step.Enroll(t.Context(), flow.Enrollment{Email: ada}))
	p.tenant.Fail(mfatest.Fault{Op: mfa.OpVerifyOOB, Kind: mfatest.FaultDropReply})
	require.ErrorIs(t, p.submit(step, p.code(ada)), mfa.ErrOutcomeUnknown)
	p.tenant.Advance(30 * time.Second)
	err := step.Resend(t.Context())
	assert.Equal(t, mfa.ActionChallenge, mfa.NextAction(err))
	assert.Equal(t, flow.StateChoose, step.State())
	assert.Len(t, step.RecoveryCodes(), 1)
	require.NoError(t, step.Choose(t.Context(), id(t, step, mfa.FactorEmail)))
	p.done(step, p.submit(step, p.code(ada)))
	assert.Len(t, step.RecoveryCodes(), 1)
}

func TestStep_Submit_endUserIP(t *testing.T) {
	t.Parallel()
	user := withActive(mfa.FactorOTP, mfa.FactorEmail)
	user.RecoveryCode = true
	p := newPage(t, user, nil)
	for _, factor := range []mfa.Factor{mfa.FactorEmail, mfa.FactorOTP, mfa.FactorRecoveryCode} {
		step := p.begin(flow.StateEnterCode)
		code := p.code(ada)
		switch factor {
		case mfa.FactorOTP:
			code = p.tenant.OTP(ada)
		case mfa.FactorRecoveryCode:
			code = p.recoveryCode()
		}
		if factor != mfa.FactorEmail {
			require.NoError(t, step.Choose(t.Context(), id(t, step, factor)))
		}
		require.NoError(t, step.Submit(t.Context(), flow.Submission{Code: mfa.NewSecret(code), EndUserIP: netip.MustParseAddr("203.0.113.7")}))
		requests := p.tenant.Requests()
		assert.Equal(t, "203.0.113.7", requests[len(requests)-1].Header.Get("auth0-forwarded-for"))
	}
}

func TestStep_Poll_endUserIP(t *testing.T) {
	t.Parallel()
	p := newPage(t, withActive(mfa.FactorPush), nil)
	step := p.begin(flow.StateChoose)
	require.NoError(t, step.Choose(t.Context(), id(t, step, mfa.FactorPush)))
	p.tenant.ApprovePush(ada)
	for _, ip := range []netip.Addr{{}, netip.MustParseAddr("203.0.113.7")} {
		p.tenant.Advance(5 * time.Second)
		p.tenant.Fail(mfatest.Fault{Op: "poll push", Status: 400, Body: `{"error":"authorization_pending"}`})
		require.ErrorIs(t, step.Poll(t.Context(), flow.Poll{EndUserIP: ip}), mfa.ErrAuthorizationPending)
		requests := p.tenant.Requests()
		sent := ""
		if ip.IsValid() {
			sent = ip.String()
		}
		assert.Equal(t, sent, requests[len(requests)-1].Header.Get("auth0-forwarded-for"))
	}
}

// The replacement of a recovery code is shown once, however often it comes.
func TestStep_Submit_recoveryCode(t *testing.T) {
	t.Parallel()
	const code = "ABCDEFGHIJKLMNOPQRSTUVWX"
	s := newService(t, list())
	s.then("associate", ok(`{"authenticator_type":"oob","oob_code":"o","recovery_codes":["FIRST"]}`))
	s.then("verify oob", ok(`{"access_token":"a","recovery_code":"FIRST"}`))
	step := s.begin(flow.StateEnroll)
	require.NoError(t, step.Enroll(t.Context(), flow.Enrollment{}))
	require.NoError(t, step.Submit(t.Context(), flow.Submission{Code: mfa.NewSecret("123456")}))
	assert.Len(t, step.RecoveryCodes(), 1)

	s = newService(t, list(recovery))
	s.then("verify recovery code", ok(`{"access_token":"a","recovery_code":"NEXT"}`))
	step = s.begin(flow.StateChoose)
	require.NoError(t, step.Choose(t.Context(), "recovery-code|dev_6"))
	require.NoError(t, step.Submit(t.Context(), flow.Submission{Code: mfa.NewSecret("abcd-efgh-ijkl-mnop-qrst-uvwx")}))
	assert.Equal(t, code, s.sent[0].Get("recovery_code"))
	require.True(t, slices.ContainsFunc(step.RecoveryCodes(), mfa.NewSecret("NEXT").Equal))
	assert.True(t, step.Token().RecoveryCode.Equal(mfa.NewSecret("NEXT")))
}
