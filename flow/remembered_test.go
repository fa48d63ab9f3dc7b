package flow_test

import (
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

// mailbox is the authenticator email1 as an application keeps it.
var mailbox = mfa.Authenticator{ID: "email|dev_1", AuthenticatorType: "oob", OOBChannel: "email", Name: "grac****@exam*******", Active: true}

// A user who comes back gets the mail after one request, and is signed in after three.
func TestRemembered_needsOneRequest(t *testing.T) {
	t.Parallel()
	p := newPage(t, mfatest.User{EmailVerified: true}, nil)
	first := p.begin(flow.StateEnterCode)
	current, ok := first.Authenticator()
	require.True(t, ok)
	assert.Equal(t, []mfa.Authenticator{current}, first.Authenticators())
	p.done(first, p.submit(first, p.code(ada)))
	kept, ok := first.Authenticator()
	require.True(t, ok)
	assert.Equal(t, current, kept)
	p.tenant.Advance(time.Hour)

	before := len(p.tenant.Requests())
	now := ms(p.tenant.Now())
	step, err := p.flow.Begin(t.Context(), p.login(), flow.Remembered(kept))
	require.NoError(t, err)
	assert.Equal(t, flow.StateEnterCode, step.State())
	assert.Equal(t, mfa.FactorEmail, step.Factor())
	assert.Equal(t, "***@exam*******", step.Destination())
	assert.Equal(t, []mfa.Authenticator{kept}, step.Authenticators())
	assert.Equal(t, now.Add(5*time.Minute), step.CodeExpiresAt())
	assert.Equal(t, 19, step.SendsLeft())
	assert.Len(t, p.tenant.Inbox(ada), 2)
	p.done(step, p.submit(step, p.code(ada)))

	var ops []string
	for _, r := range p.tenant.Requests()[before:] {
		ops = append(ops, string(r.Op))
	}
	assert.Equal(t, []string{"password login", "challenge", "verify oob"}, ops)
	again, ok := step.Authenticator()
	assert.True(t, ok)
	assert.Equal(t, kept, again)
}

// When Begin reads the list after all, and that nothing is sent twice then.
func TestRemembered_fallsBackToTheList(t *testing.T) {
	t.Parallel()
	other := mailbox
	other.ID = "email|dev_9"
	with := func(change func(*mfa.Authenticator)) mfa.Authenticator {
		a := mailbox
		change(&a)
		return a
	}
	listed, mailed := []string{"list authenticators"}, []string{"list authenticators", "challenge"}
	for name, tt := range map[string]struct {
		remembered mfa.Authenticator
		list       string
		challenge  []string // mfa_requirements
		refusal    *reply
		first      mfa.Factor
		state      flow.State
		asked      []string
	}{
		"none":                   {mfa.Authenticator{}, list(email1), nil, nil, mfa.FactorEmail, flow.StateEnterCode, mailed},
		"an app":                 {mfa.Authenticator{ID: "totp|dev_5", AuthenticatorType: "otp", Active: true}, list(otp1), nil, nil, mfa.FactorEmail, flow.StateChoose, listed},
		"a number":               {mfa.Authenticator{ID: "sms|dev_3", AuthenticatorType: "oob", OOBChannel: "sms", Active: true}, list(sms1), nil, nil, mfa.FactorEmail, flow.StateChoose, listed},
		"not active":             {with(func(a *mfa.Authenticator) { a.Active = false }), list(email1), nil, nil, mfa.FactorEmail, flow.StateEnterCode, mailed},
		"without an id":          {with(func(a *mfa.Authenticator) { a.ID = "" }), list(email1), nil, nil, mfa.FactorEmail, flow.StateEnterCode, mailed},
		"with a damaged id":      {with(func(a *mfa.Authenticator) { a.ID = "email|dev_1\n" }), list(email1), nil, nil, mfa.FactorEmail, flow.StateEnterCode, mailed},
		"e-mail is not accepted": {mailbox, list(email1, otp1), []string{"otp"}, nil, mfa.FactorEmail, flow.StateChoose, listed},
		"it is gone":             {other, list(email1), nil, new(refusal(400, "invalid_authenticator", "The authenticator does not exist")), mfa.FactorEmail, flow.StateEnterCode, append([]string{"challenge"}, mailed...)},
		"it is gone, of two":     {other, list(email1, email2), nil, new(refusal(400, "invalid_authenticator", "")), mfa.FactorEmail, flow.StateChoose, append([]string{"challenge"}, listed...)},
		"all are gone":           {mailbox, list(), nil, new(refusal(400, "association_required", "")), mfa.FactorEmail, flow.StateEnroll, append([]string{"challenge"}, listed...)},
		"known by its prefix":    {mfa.Authenticator{ID: "email|dev_1", Active: true}, list(email1), nil, nil, mfa.FactorEmail, flow.StateEnterCode, []string{"challenge"}},
		"e-mail is accepted":     {mailbox, list(email1, otp1), []string{"otp", "email"}, nil, mfa.FactorEmail, flow.StateEnterCode, []string{"challenge"}},
		"an app comes first":     {mailbox, list(otp1, email1), nil, nil, mfa.FactorOTP, flow.StateEnterCode, []string{"challenge"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newService(t, tt.list, flow.WithFactors(tt.first))
			if tt.refusal != nil {
				s.then("challenge", *tt.refusal)
			}
			loginErr := &mfa.RequiredError{MFAToken: mfa.NewSecret("t"), Requirements: mfa.Requirements{Challenge: tt.challenge}}
			step, err := s.flow.Begin(t.Context(), loginErr, flow.Remembered(tt.remembered))
			require.NoError(t, err)
			assert.Equal(t, tt.state, step.State())
			assert.Equal(t, tt.asked, s.calls())
			if tt.state == flow.StateEnterCode {
				assert.Equal(t, 19, step.SendsLeft(), "one mail")
			} else {
				assert.Equal(t, 20, step.SendsLeft(), "no mail")
			}
		})
	}
}

// Whatever else the challenge ends with, nothing is sent again, and the mfa_token is
// not lost.
func TestRemembered_sendsNothingElse(t *testing.T) {
	t.Parallel()
	for action, response := range refusals {
		if action == mfa.ActionChallenge || action == mfa.ActionEnroll {
			continue
		}
		t.Run(action.String(), func(t *testing.T) {
			t.Parallel()
			s := newService(t, list(email1, email2))
			s.then("challenge", response)
			step, err := s.flow.Begin(t.Context(), required("mfa-token"), flow.Remembered(mailbox))
			require.Error(t, err)
			assert.Equal(t, action, mfa.NextAction(err))
			assert.Equal(t, []string{"challenge"}, s.calls())
			require.NotNil(t, step)
			assert.Equal(t, flow.StateChoose, step.State())
			assert.Equal(t, []mfa.Authenticator{mailbox}, step.Authenticators())
			_, ok := step.Authenticator()
			assert.False(t, ok)

			require.NoError(t, step.LoadAuthenticators(t.Context()))
			assert.Len(t, step.Authenticators(), 2)
			assert.Equal(t, flow.StateChoose, step.State())
			if action == mfa.ActionCheckInbox {
				assert.Equal(t, 19, step.SendsLeft(), "a mail may be out")
				cooldown(t, step.Choose(t.Context(), mailbox.ID), step.ResendAt())
			}
		})
	}
}

// If the list cannot be read after a refusal, there is no step, as without the option.
func TestRemembered_returnsTheErrorOfTheList(t *testing.T) {
	t.Parallel()
	s := newService(t, list(email1))
	s.then("challenge", refusals[mfa.ActionChallenge])
	s.then("list authenticators", refusals[mfa.ActionRestartLogin])
	step, err := s.flow.Begin(t.Context(), required("mfa-token"), flow.Remembered(mailbox))
	assert.Equal(t, mfa.ActionRestartLogin, mfa.NextAction(err))
	assert.Nil(t, step)
	assert.Equal(t, []string{"challenge", "list authenticators"}, s.calls())
}

// Another user's authenticator gets no mail, whoever asks for it.
func TestRemembered_isRefused_ifItIsAnotherUsers(t *testing.T) {
	t.Parallel()
	p := newPage(t, mfatest.User{EmailVerified: true}, nil)
	const eve = "eve@example.org"
	p.tenant.AddUser(mfatest.User{Email: eve, Password: password, EmailVerified: true})
	step, err := p.flow.Begin(t.Context(), &mfa.RequiredError{MFAToken: p.tenant.MFAToken(eve)})
	require.NoError(t, err)
	hers, ok := step.Authenticator()
	require.True(t, ok)
	before := len(p.asked())

	step, err = p.flow.Begin(t.Context(), p.login(), flow.Remembered(hers))
	require.NoError(t, err)
	assert.Equal(t, []string{"challenge", "list authenticators", "challenge"}, p.asked()[before:])
	assert.Len(t, p.tenant.Inbox(eve), 1)
	assert.Len(t, p.tenant.Inbox(ada), 1)
	current, ok := step.Authenticator()
	require.True(t, ok)
	assert.NotEqual(t, hers.ID, current.ID)
	p.done(step, p.submit(step, p.code(ada)))
}

func TestFlow_Begin_refusesANilOption(t *testing.T) {
	t.Parallel()
	s := newService(t, list(email1))
	step, err := s.flow.Begin(t.Context(), required("mfa-token"), nil)
	require.ErrorIs(t, err, mfa.ErrInvalidRequest)
	assert.Nil(t, step)
	assert.Empty(t, s.calls())
}

// When an option is given twice, the last one wins.
func TestRemembered_lastOneWins(t *testing.T) {
	t.Parallel()
	s := newService(t, list(email1))
	_, err := s.flow.Begin(t.Context(), required("mfa-token"), flow.Remembered(mailbox), flow.Remembered(mfa.Authenticator{}))
	require.NoError(t, err)
	assert.Equal(t, []string{"list authenticators", "challenge"}, s.calls())
}

// The user asks for another way: the code that was sent stays valid, and no message
// goes out.
func TestStep_LoadAuthenticators_keepsTheChallenge(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		list    string
		want    []string // ids
		current int
	}{
		"last in the order":   {list(otp1, email1), []string{"totp|dev_5", "email|dev_1"}, 1},
		"beside another one":  {list(email2, email1), []string{"email|dev_1", "email|dev_2"}, 0},
		"gone meanwhile":      {list(sms1), []string{"email|dev_1", "sms|dev_3"}, 0},
		"alone":               {list(email1), []string{"email|dev_1"}, 0},
		"not active any more": {list(strings.ReplaceAll(email1, "true", "false"), sms1), []string{"email|dev_1", "sms|dev_3"}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var opts []flow.Option
			if tt.current > 0 {
				opts = append(opts, flow.WithFactors(mfa.FactorOTP))
			}
			s := newService(t, tt.list, opts...)
			step, err := s.flow.Begin(t.Context(), required("mfa-token"), flow.Remembered(mailbox))
			require.NoError(t, err)
			expires, resend := step.CodeExpiresAt(), step.ResendAt()
			step = reopened(t, s.flow, step)
			s.calls()

			require.NoError(t, step.LoadAuthenticators(t.Context()))
			assert.Equal(t, []string{"list authenticators"}, s.calls())
			var ids []string
			for _, a := range step.Authenticators() {
				ids = append(ids, a.ID)
			}
			assert.Equal(t, tt.want, ids)
			current, ok := step.Authenticator()
			assert.True(t, ok)
			assert.Equal(t, mailbox, current)
			assert.Equal(t, flow.StateEnterCode, step.State())
			assert.Equal(t, expires, step.CodeExpiresAt())
			assert.Equal(t, resend, step.ResendAt())

			step = reopened(t, s.flow, step)
			require.NoError(t, step.Submit(t.Context(), flow.Submission{Code: mfa.NewSecret("123456")}))
			assert.Equal(t, "oob-challenge", s.sent[0].Get("oob_code"))
			verified, ok := step.Authenticator()
			assert.True(t, ok)
			assert.Equal(t, mailbox, verified)
		})
	}
}

// However many a user has, the step keeps the one in use, and can be sealed.
func TestStep_LoadAuthenticators_keepsWhatFits(t *testing.T) {
	t.Parallel()
	var many []string
	for i := range 20 {
		many = append(many, fmt.Sprintf(`{"id":"push|dev_%s%d","authenticator_type":"oob","oob_channel":"auth0","active":true,"name":"%s"}`,
			strings.Repeat("p", 20), i, strings.Repeat("n", 300)))
	}
	many = append(many, email1) // here, because the subtests run at once
	for name, tt := range map[string]struct {
		token, want int
	}{
		"eight": {100, 8}, "fewer, beside a long mfa_token": {2100, 4},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newService(t, list(many...), flow.WithFactors(mfa.FactorPush))
			s.then("challenge", ok(`{"challenge_type":"oob","binding_method":"prompt","oob_code":"`+strings.Repeat("o*", 400)+`"}`))
			step, err := s.flow.Begin(t.Context(), required(strings.Repeat("t", tt.token)), flow.Remembered(mailbox))
			require.NoError(t, err)
			require.NoError(t, step.LoadAuthenticators(t.Context()))
			assert.Len(t, step.Authenticators(), tt.want)
			current, found := step.Authenticator()
			assert.True(t, found)
			assert.Equal(t, mailbox, current)
			reopened(t, s.flow, step)
		})
	}
}

func TestStep_LoadAuthenticators_enrollsIfThereIsNone(t *testing.T) {
	t.Parallel()
	s := newService(t, list())
	s.then("challenge", refusals[mfa.ActionCheckInbox])
	step, err := s.flow.Begin(t.Context(), required("mfa-token"), flow.Remembered(mailbox))
	require.Error(t, err)
	require.NoError(t, step.LoadAuthenticators(t.Context()))
	assert.Equal(t, flow.StateEnroll, step.State())
	assert.Empty(t, step.Authenticators())
}

// Which one is in use, in each state.
func TestStep_Authenticator(t *testing.T) {
	t.Parallel()
	want := map[string]string{
		"EnterCode, e-mail": "email|dev_1", "EnterCode, app": "totp|dev_5", "EnterCode, recovery code": "recovery-code|dev_6",
		"Poll": "push|dev_4", "Done": "email|dev_1",
	}
	for name, at := range situations {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, step := at.start(t)
			a, ok := step.Authenticator()
			assert.Equal(t, want[name] != "", ok)
			assert.Equal(t, want[name], a.ID)
			if ok {
				assert.Contains(t, step.Authenticators(), a)
			}
		})
	}
	var zero flow.Step
	_, ok := zero.Authenticator()
	assert.False(t, ok)
}

// After an enrollment there is none: Auth0 does not say which one it was.
func TestStep_Authenticator_afterAnEnrollment(t *testing.T) {
	t.Parallel()
	p := newPage(t, mfatest.User{}, nil)
	step := p.begin(flow.StateEnroll)
	require.NoError(t, step.Enroll(t.Context(), flow.Enrollment{}))
	p.done(step, p.submit(step, p.code(ada)))
	_, ok := step.Authenticator()
	assert.False(t, ok)
}

// reopened returns the step as another request gets it.
func reopened(t *testing.T, f *flow.Flow, step *flow.Step) *flow.Step {
	t.Helper()
	sealer := newSealer(t, f)
	sealed, err := sealer.Seal(step, session)
	require.NoError(t, err)
	step, err = sealer.Open(sealed, session)
	require.NoError(t, err)
	return step
}
