package flow_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/flow"
	"github.com/go-auth0-mfa/mfa/mfatest"
)

func TestNew_refused(t *testing.T) {
	t.Parallel()
	client := newService(t, list()).client
	for name, tt := range map[string]struct {
		client *mfa.Client
		opts   []flow.Option
	}{
		"no client":            {nil, nil},
		"zero client":          {&mfa.Client{}, nil},
		"nil option":           {client, []flow.Option{nil}},
		"no factors":           {client, []flow.Option{flow.WithFactors()}},
		"empty factor":         {client, []flow.Option{flow.WithFactors("")}},
		"unknown factor":       {client, []flow.Option{flow.WithFactors(mfa.FactorEmail, "webauthn-roaming")}},
		"factor twice":         {client, []flow.Option{flow.WithFactors(mfa.FactorEmail, mfa.FactorOTP, mfa.FactorEmail)}},
		"factors, replaced":    {client, []flow.Option{flow.WithFactors("webauthn-roaming"), flow.WithFactors(mfa.FactorEmail)}},
		"nil clock":            {client, []flow.Option{flow.WithClock(nil)}},
		"nil clock, replaced":  {client, []flow.Option{flow.WithClock(nil), flow.WithClock(time.Now)}},
		"no interval":          {client, []flow.Option{flow.WithResendInterval(0)}},
		"negative interval":    {client, []flow.Option{flow.WithResendInterval(-1)}},
		"interval, replaced":   {client, []flow.Option{flow.WithResendInterval(0), flow.WithResendInterval(1)}},
		"no sends":             {client, []flow.Option{flow.WithMaxSends(0)}},
		"negative sends":       {client, []flow.Option{flow.WithMaxSends(-1)}},
		"sends, replaced":      {client, []flow.Option{flow.WithMaxSends(0), flow.WithMaxSends(1)}},
		"no length":            {client, []flow.Option{flow.WithMaxSealed(0)}},
		"negative length":      {client, []flow.Option{flow.WithMaxSealed(-1)}},
		"length, replaced":     {client, []flow.Option{flow.WithMaxSealed(0), flow.WithMaxSealed(1)}},
		"good beside bad ones": {client, []flow.Option{flow.WithMaxSends(1), nil, flow.WithClock(time.Now)}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, err := flow.New(tt.client, tt.opts...)
			require.ErrorIs(t, err, mfa.ErrInvalidRequest)
			assert.Nil(t, f)
			assert.Equal(t, mfa.ActionFix, mfa.NextAction(err))
		})
	}
}

// All that is wrong is told at once: each mistake that is added says more.
func TestNew_refused_allAtOnce(t *testing.T) {
	t.Parallel()
	mistakes := []flow.Option{nil, flow.WithFactors(), flow.WithClock(nil), flow.WithResendInterval(0), flow.WithMaxSends(0), flow.WithMaxSealed(0)}
	told := ""
	for n := range mistakes {
		_, err := flow.New(newService(t, list()).client, mistakes[:n+1]...)
		require.ErrorIs(t, err, mfa.ErrInvalidRequest)
		assert.Greater(t, len(err.Error()), len(told))
		told = err.Error()
	}
	_, err := flow.New(nil, mistakes...)
	require.ErrorIs(t, err, mfa.ErrInvalidRequest)
	assert.Greater(t, len(err.Error()), len(told))
}

// A package around this one sets defaults, and its callers replace them.
func TestNew_lastOptionWins(t *testing.T) {
	t.Parallel()
	s := newService(t, list(email1, otp1))
	f, err := flow.New(s.client,
		flow.WithFactors(mfa.FactorEmail), flow.WithClock(time.Now), flow.WithResendInterval(time.Hour), flow.WithMaxSends(7), flow.WithMaxSealed(1),
		flow.WithFactors(mfa.FactorOTP), flow.WithClock(s.clock), flow.WithResendInterval(time.Minute), flow.WithMaxSends(3), flow.WithMaxSealed(3000),
	)
	require.NoError(t, err)
	step, err := f.Begin(t.Context(), required("mfa-token"))
	require.NoError(t, err)
	require.Equal(t, flow.StateChoose, step.State())
	assert.Equal(t, mfa.FactorOTP, step.Authenticators()[0].Factor())
	require.NoError(t, step.Choose(t.Context(), "email|dev_1"))
	assert.Equal(t, s.clock().Add(time.Minute), step.ResendAt())
	assert.Equal(t, 2, step.SendsLeft())
}

func TestNew_smallest(t *testing.T) {
	t.Parallel()
	_, err := flow.New(newService(t, list()).client, flow.WithResendInterval(1), flow.WithMaxSends(1), flow.WithMaxSealed(1))
	assert.NoError(t, err)
}

func TestFlow_zero(t *testing.T) {
	t.Parallel()
	var none *flow.Flow
	for _, f := range []*flow.Flow{none, {}} {
		step, err := f.Begin(t.Context(), required("mfa-token"))
		require.ErrorIs(t, err, mfa.ErrInvalidRequest)
		assert.Nil(t, step)
		step, err = f.BeginEnrollment(t.Context(), mfa.NewSecret("access"))
		require.ErrorIs(t, err, mfa.ErrInvalidRequest)
		assert.Nil(t, step)
		_, err = f.NewSealer(make([]byte, 32))
		require.ErrorIs(t, err, mfa.ErrInvalidRequest)
	}
}

// A step carries the token of one tenant and application, and goes to no other:
// each step asks the tenant that it began with, and is sealed by no other.
func TestStep_staysWithItsTenant(t *testing.T) {
	t.Parallel()
	s, other := newService(t, list(email1)), newService(t, list(email1))
	step, _ := s.begin(flow.StateEnterCode), other.begin(flow.StateEnterCode)
	s.calls()
	other.calls()
	require.NoError(t, step.Submit(t.Context(), flow.Submission{Code: mfa.NewSecret("123456")}))
	assert.Equal(t, []string{"verify oob"}, s.calls())
	assert.Empty(t, other.calls())

	step = s.begin(flow.StateEnterCode)
	for name, tt := range map[string]struct{ domain, clientID string }{
		"tenant":      {"other.eu.auth0.com", "app"},
		"application": {"tenant.eu.auth0.com", "other"},
	} {
		client, err := mfa.NewClient(tt.domain, tt.clientID)
		require.NoError(t, err, name)
		f, err := flow.New(client)
		require.NoError(t, err, name)
		sealed, err := newSealer(t, f).Seal(step, session)
		require.ErrorIs(t, err, flow.ErrStepInvalid, name)
		assert.Equal(t, mfa.ActionRestartLogin, mfa.NextAction(err), name)
		assert.Empty(t, sealed, name)
	}
}

func TestWithFactors_order(t *testing.T) {
	t.Parallel()
	all := list(recovery, otp1, push1, sms1, email1, email2)
	for name, tt := range map[string]struct {
		opts []flow.Option
		want []mfa.Factor
	}{
		"default": {nil, []mfa.Factor{mfa.FactorEmail, mfa.FactorEmail, mfa.FactorSMS, mfa.FactorPush, mfa.FactorOTP, mfa.FactorRecoveryCode}},
		"some": {[]flow.Option{flow.WithFactors(mfa.FactorOTP, mfa.FactorRecoveryCode)},
			[]mfa.Factor{mfa.FactorOTP, mfa.FactorRecoveryCode, mfa.FactorEmail, mfa.FactorEmail, mfa.FactorSMS, mfa.FactorPush}},
		"all": {[]flow.Option{flow.WithFactors(mfa.FactorPush, mfa.FactorVoice, mfa.FactorSMS, mfa.FactorRecoveryCode, mfa.FactorEmail, mfa.FactorOTP)},
			[]mfa.Factor{mfa.FactorPush, mfa.FactorSMS, mfa.FactorRecoveryCode, mfa.FactorEmail, mfa.FactorEmail, mfa.FactorOTP}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			step := newService(t, all, tt.opts...).begin(flow.StateChoose)
			var order []mfa.Factor
			for _, a := range step.Authenticators() {
				order = append(order, a.Factor())
			}
			assert.Equal(t, tt.want, order)
		})
	}
}

func TestWithFactors_copies(t *testing.T) {
	t.Parallel()
	given := []mfa.Factor{mfa.FactorOTP, mfa.FactorEmail, mfa.FactorSMS, mfa.FactorVoice, mfa.FactorPush, mfa.FactorRecoveryCode}
	for n := 1; n <= len(given); n++ {
		before := slices.Clone(given)
		s := newService(t, list(email1, otp1), flow.WithFactors(given[:n]...))
		assert.Equal(t, before, given)
		clear(given)
		assert.Equal(t, mfa.FactorOTP, s.begin(flow.StateChoose).Authenticators()[0].Factor())
		given = before
	}
}

func TestWithFactors_suggestion(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		opts   []flow.Option
		enroll []string
		want   mfa.Factor
	}{
		"default":                          {nil, nil, mfa.FactorEmail},
		"preferred":                        {[]flow.Option{flow.WithFactors(mfa.FactorOTP)}, nil, mfa.FactorOTP},
		"recovery code cannot be enrolled": {[]flow.Option{flow.WithFactors(mfa.FactorRecoveryCode, mfa.FactorPush)}, nil, mfa.FactorPush},
		"what Auth0 takes":                 {nil, []string{"otp", "push-notification"}, mfa.FactorPush},
		"none that Auth0 names":            {nil, []string{"webauthn-roaming"}, mfa.FactorEmail},
		"nor that, recovery code first":    {[]flow.Option{flow.WithFactors(mfa.FactorRecoveryCode)}, []string{}, mfa.FactorEmail},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newService(t, list(), tt.opts...)
			step, err := s.flow.Begin(t.Context(), &mfa.RequiredError{MFAToken: mfa.NewSecret("t"), Requirements: mfa.Requirements{Enroll: tt.enroll}})
			require.NoError(t, err)
			assert.Equal(t, flow.StateEnroll, step.State())
			assert.Equal(t, tt.want, step.Factor())
			// E-mail may be enrolled whatever was suggested.
			require.NoError(t, step.Enroll(t.Context(), flow.Enrollment{Email: ada}))
			assert.Equal(t, mfa.FactorEmail, step.Factor())
		})
	}
}

// Every factor works through the same calls: first its enrollment, then a login.
func TestFlow_factors(t *testing.T) {
	t.Parallel()
	for factor, tt := range map[mfa.Factor]struct {
		enrollment flow.Enrollment
		proof      func(*page) string
	}{
		mfa.FactorEmail: {flow.Enrollment{Email: " " + ada + "\n"}, func(p *page) string { return p.code(ada) }},
		mfa.FactorSMS:   {flow.Enrollment{Factor: mfa.FactorSMS, PhoneNumber: " +1 (202) 555-01.42 "}, func(p *page) string { return p.code(phone) }},
		mfa.FactorVoice: {flow.Enrollment{Factor: mfa.FactorVoice, PhoneNumber: phone}, func(p *page) string { return p.code(phone) }},
		mfa.FactorOTP:   {flow.Enrollment{Factor: mfa.FactorOTP}, func(p *page) string { return p.tenant.OTP(ada) }},
		mfa.FactorPush:  {flow.Enrollment{Factor: mfa.FactorPush}, func(p *page) string { p.tenant.ApprovePush(ada); return "" }},
	} {
		t.Run(string(factor), func(t *testing.T) {
			t.Parallel()
			p := newPage(t, mfatest.User{}, nil)
			prove := func(step *flow.Step) {
				t.Helper()
				proof := tt.proof(p)
				if proof != "" {
					p.done(step, p.submit(step, proof))
					return
				}
				p.tenant.Advance(step.PollAt().Sub(ms(p.tenant.Now())))
				p.done(step, step.Poll(t.Context(), flow.Poll{}))
			}
			step := p.begin(flow.StateEnroll)
			require.NoError(t, step.Enroll(t.Context(), tt.enrollment))
			assert.True(t, step.Enrolling())
			codes := step.RecoveryCodes()
			assert.Len(t, codes, 1)
			prove(step)
			assert.False(t, step.Enrolling())
			assert.Equal(t, factor, step.Factor())
			require.Len(t, step.RecoveryCodes(), 1)
			assert.True(t, codes[0].Equal(step.RecoveryCodes()[0]))

			p.tenant.Advance(time.Hour)
			step, err := p.flow.Begin(t.Context(), p.login())
			require.NoError(t, err)
			if factor != mfa.FactorEmail {
				require.Equal(t, flow.StateChoose, step.State())
				require.NoError(t, step.Choose(t.Context(), id(t, step, factor)))
			}
			assert.Equal(t, factor, step.Factor())
			prove(step)

			// The recovery code stands in for all of them.
			step, err = p.flow.Begin(t.Context(), p.login())
			require.NoError(t, err)
			require.NoError(t, step.Choose(t.Context(), id(t, step, mfa.FactorRecoveryCode)))
			assert.Equal(t, flow.StateEnterCode, step.State())
			p.done(step, p.submit(step, codes[0].Reveal()))
			require.Len(t, step.RecoveryCodes(), 1)
			assert.Equal(t, p.recoveryCode(), step.RecoveryCodes()[0].Reveal())
		})
	}
}
