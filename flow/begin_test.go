package flow_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/flow"
	"github.com/go-auth0-mfa/mfa/mfatest"
)

func TestFlow_Begin_oneEmail(t *testing.T) {
	t.Parallel()
	p := newPage(t, mfatest.User{EmailVerified: true}, nil)
	now := ms(p.tenant.Now())
	step := p.begin(flow.StateEnterCode)
	assert.Equal(t, []string{"list authenticators", "challenge"}, p.asked())
	assert.Len(t, p.tenant.Inbox(ada), 1)

	assert.Equal(t, mfa.FactorEmail, step.Factor())
	assert.Equal(t, "***@exam*******", step.Destination())
	assert.Len(t, step.Authenticators(), 1)
	assert.False(t, step.Enrolling())
	assert.Equal(t, now.Add(5*time.Minute), step.CodeExpiresAt())
	assert.Equal(t, now.Add(30*time.Second), step.ResendAt())
	assert.Equal(t, now.Add(15*time.Minute), step.ExpiresAt())
	assert.Zero(t, step.PollAt())
	assert.Equal(t, 10, step.AttemptsLeft())
	assert.Equal(t, 19, step.SendsLeft())
	assert.Nil(t, step.Token())
	assert.Nil(t, step.RecoveryCodes())
	assert.True(t, step.OTPSecret().IsZero())
	assert.True(t, step.BarcodeURI().IsZero())

	p.done(step, p.submit(step, p.code(ada)))
	assert.Len(t, p.tenant.Inbox(ada), 1)
	assert.Zero(t, step.CodeExpiresAt())
	assert.Empty(t, step.Destination())
}

// What is sent at once, and which form is shown otherwise.
func TestFlow_Begin_decides(t *testing.T) {
	t.Parallel()
	unconfirmed := strings.ReplaceAll(email1, "true", "false")
	nameless := strings.ReplaceAll(email1, "email|dev_1", "")
	webauthn := `{"id":"webauthn-roaming|dev_7","authenticator_type":"webauthn-roaming","active":true}`
	otpFirst := flow.WithFactors(mfa.FactorOTP)
	for name, tt := range map[string]struct {
		list      string
		challenge []string // mfa_requirements
		opts      []flow.Option
		state     flow.State
		sent      bool
	}{
		"nothing":                          {list(), nil, nil, flow.StateEnroll, false},
		"nothing confirmed":                {list(unconfirmed), nil, nil, flow.StateEnroll, false},
		"nothing that can be named":        {list(nameless), nil, nil, flow.StateEnroll, false},
		"one e-mail":                       {list(email1), nil, nil, flow.StateEnterCode, true},
		"one of two confirmed":             {list(unconfirmed, email2), nil, nil, flow.StateEnterCode, true},
		"two e-mails":                      {list(email1, email2), nil, nil, flow.StateChoose, false},
		"e-mail and recovery code":         {list(recovery, email1), nil, nil, flow.StateEnterCode, true},
		"e-mail and others":                {list(otp1, sms1, push1, email1), nil, nil, flow.StateEnterCode, true},
		"two e-mails and others":           {list(otp1, email1, email2), nil, nil, flow.StateChoose, false},
		"e-mail and a preferred one":       {list(otp1, email1), nil, []flow.Option{otpFirst}, flow.StateChoose, false},
		"e-mail, preferred one not active": {list(strings.ReplaceAll(otp1, "true", "false"), email1), nil, []flow.Option{otpFirst}, flow.StateEnterCode, true},
		"one number":                       {list(sms1), nil, nil, flow.StateChoose, false},
		"one app":                          {list(otp1), nil, nil, flow.StateChoose, false},
		"a recovery code alone":            {list(recovery), nil, nil, flow.StateChoose, false},
		"an unknown factor alone":          {list(webauthn), nil, nil, flow.StateChoose, false},
		"e-mail and an unknown factor":     {list(webauthn, email1), nil, nil, flow.StateEnterCode, true},
		"e-mail is taken":                  {list(email1, otp1), []string{"otp", "email"}, nil, flow.StateEnterCode, true},
		"out of band is taken":             {list(email1, otp1), []string{"otp", "oob"}, nil, flow.StateEnterCode, true},
		"e-mail is not taken":              {list(email1, otp1), []string{"otp"}, nil, flow.StateChoose, false},
		"e-mail alone is not taken":        {list(email1), []string{"otp"}, nil, flow.StateChoose, false},
		"an unknown factor is taken":       {list(email1, webauthn), []string{"webauthn-roaming"}, nil, flow.StateChoose, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newService(t, tt.list, tt.opts...)
			err := &mfa.RequiredError{MFAToken: mfa.NewSecret("t"), Requirements: mfa.Requirements{Challenge: tt.challenge}}
			step, beginErr := s.flow.Begin(t.Context(), fmt.Errorf("log in: %w", errors.Join(errors.New("other"), err)))
			require.NoError(t, beginErr)
			assert.Equal(t, tt.state, step.State())
			want := []string{"list authenticators"}
			if tt.sent {
				want = append(want, "challenge")
			}
			assert.Equal(t, want, s.calls())
			if tt.challenge != nil && !tt.sent && len(step.Authenticators()) > 1 {
				assert.Equal(t, mfa.Factor(tt.challenge[0]), step.Authenticators()[0].Factor())
			}
		})
	}
}

func TestFlow_Begin_bounds(t *testing.T) {
	t.Parallel()
	var many []string
	for i := range 20 {
		many = append(many, fmt.Sprintf(`{"id":"push|dev_%d","authenticator_type":"oob","oob_channel":"auth0","active":true,"name":"%s"}`, i, strings.Repeat("é", 300)))
	}
	step := newService(t, list(append(many, email1, email2)...)).begin(flow.StateChoose)
	all := step.Authenticators()
	require.Len(t, all, 8)
	assert.Equal(t, "email|dev_1", all[0].ID)
	assert.Equal(t, "email|dev_2", all[1].ID)
	assert.Equal(t, strings.Repeat("é", 16), all[7].Name)

	all[0].ID = "changed"
	assert.Equal(t, "email|dev_1", step.Authenticators()[0].ID)
}

func TestFlow_Begin_otherErrors(t *testing.T) {
	t.Parallel()
	s := newService(t, list(email1))

	other := errors.New("wrong password")
	step, err := s.flow.Begin(t.Context(), other)
	assert.Same(t, other, err)
	assert.Nil(t, step)

	step, err = s.flow.Begin(t.Context(), nil)
	require.ErrorIs(t, err, mfa.ErrInvalidRequest)
	assert.Nil(t, step)

	for name, tokenless := range map[string]error{
		"response": mfa.ParseError(403, nil, []byte(`{"error":"mfa_required"}`)),
		"wrapped":  fmt.Errorf("log in: %w", &mfa.RequiredError{}),
		"sentinel": mfa.ErrMFARequired,
		"by hand":  &mfa.Error{Op: "password login", StatusCode: 403, Code: "mfa_required"},
	} {
		step, err = s.flow.Begin(t.Context(), tokenless)
		require.ErrorIs(t, err, mfa.ErrMFARequired, name)
		require.ErrorIs(t, err, tokenless, name)
		assert.Equal(t, mfa.ActionFix, mfa.NextAction(err), name)
		assert.Nil(t, step, name)
	}
	assert.Empty(t, s.calls())
}

func TestFlow_Begin_tokenlessTenant(t *testing.T) {
	t.Parallel()
	p := newPage(t, mfatest.User{}, []mfatest.Option{mfatest.WithoutMFAToken()})
	step, err := p.flow.Begin(t.Context(), p.login())
	assert.Nil(t, step)
	assert.Equal(t, mfa.ActionFix, mfa.NextAction(err))
	var response *mfa.Error
	require.ErrorAs(t, err, &response)
	assert.NotEmpty(t, response.Hint())
}

func TestFlow_Begin_listFails(t *testing.T) {
	t.Parallel()
	p := newPage(t, mfatest.User{EmailVerified: true}, nil)
	loginErr := p.login()
	p.tenant.Advance(10 * time.Minute)
	step, err := p.flow.Begin(t.Context(), loginErr)
	require.ErrorIs(t, err, mfa.ErrInvalidToken)
	assert.Nil(t, step)
	assert.Empty(t, p.tenant.Inbox(ada))
}

// A mail that fails does not lose the mfa_token.
func TestFlow_Begin_sendFails(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		fault  mfatest.Fault
		is     error
		next   mfa.Action
		lost   bool          // the mail may be out
		resend time.Duration // from when on it can be sent again
	}{
		"lost reply": {mfatest.Fault{Kind: mfatest.FaultDropReply}, mfa.ErrOutcomeUnknown, mfa.ActionCheckInbox, true, 30 * time.Second},
		"gateway":    {mfatest.Fault{Status: 504, Kind: mfatest.FaultActThenAnswer, Body: "<html>"}, mfa.ErrOutcomeUnknown, mfa.ActionCheckInbox, true, 30 * time.Second},
		"provider": {mfatest.Fault{Status: 502, Body: `{"error":"bad_gateway","error_description":"Error sending email."}`},
			mfa.ErrDeliveryFailed, mfa.ActionRetryLater, false, 0},
		"limit": {mfatest.Fault{Status: 400, Body: `{"error":"invalid_request","error_description":"Too many emails sent by the user. Wait for some minutes before retrying."}`},
			mfa.ErrTooManyMessages, mfa.ActionWait, false, time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPage(t, mfatest.User{EmailVerified: true}, nil)
			tt.fault.Op = "challenge"
			p.tenant.Fail(tt.fault)
			now := ms(p.tenant.Now())
			step, err := p.flow.Begin(t.Context(), p.login())
			require.ErrorIs(t, err, tt.is)
			assert.Equal(t, tt.next, mfa.NextAction(err))
			require.NotNil(t, step)
			assert.Equal(t, flow.StateChoose, step.State())
			require.Len(t, step.Authenticators(), 1)
			assert.Empty(t, step.Factor())
			assert.Empty(t, step.Destination())
			mails := 0
			if tt.lost {
				mails = 1
				assert.Equal(t, 19, step.SendsLeft())
			} else {
				assert.Equal(t, 20, step.SendsLeft())
			}
			assert.Len(t, p.tenant.Inbox(ada), mails)

			again := []func() error{
				func() error { return step.Resend(t.Context()) },
				func() error { return step.Choose(t.Context(), step.Authenticators()[0].ID) },
			}
			if tt.resend > 0 {
				assert.Equal(t, now.Add(tt.resend), step.ResendAt())
				before := len(p.asked())
				p.tenant.Advance(tt.resend - time.Millisecond)
				for _, send := range again {
					cooldown(t, send(), now.Add(tt.resend))
				}
				assert.Len(t, p.asked(), before)
				p.tenant.Advance(time.Millisecond)
			}
			require.NoError(t, again[0]())
			assert.Equal(t, flow.StateEnterCode, step.State())
			assert.Len(t, p.tenant.Inbox(ada), mails+1)
			p.done(step, p.submit(step, p.code(ada)))
		})
	}
}
