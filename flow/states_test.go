package flow_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/flow"
)

// situation is a state, and how a step gets into it.
type situation struct {
	signedIn bool // the step is one of BeginEnrollment
	state    flow.State
	list     string
	reach    func(*testing.T, *service, *flow.Step)

	// What each call leads to when Auth0 says yes; a call that is not here is
	// refused.
	calls map[string]flow.State
}

var situations = map[string]situation{
	"Enroll": {false, flow.StateEnroll, list(), nil, map[string]flow.State{"Enroll": flow.StateEnterCode}},
	"Choose": {false, flow.StateChoose, list(email1, email2), nil, map[string]flow.State{
		"Choose": flow.StateEnterCode, "Resend": flow.StateChoose, "LoadAuthenticators": flow.StateChoose,
	}},
	"EnterCode, e-mail": {false, flow.StateEnterCode, list(email1), nil, map[string]flow.State{
		"Choose": flow.StateEnterCode, "Resend": flow.StateEnterCode, "Submit": flow.StateDone, "LoadAuthenticators": flow.StateEnterCode,
	}},
	"EnterCode, app": {false, flow.StateEnterCode, list(email1, email2, otp1), choose("totp|dev_5"), map[string]flow.State{
		"Choose": flow.StateEnterCode, "Submit": flow.StateDone, "LoadAuthenticators": flow.StateEnterCode,
	}},
	"EnterCode, recovery code": {false, flow.StateEnterCode, list(email1, email2, recovery), choose("recovery-code|dev_6"), map[string]flow.State{
		"Choose": flow.StateEnterCode, "Submit": flow.StateDone, "LoadAuthenticators": flow.StateEnterCode,
	}},
	"EnterCode, enrollment": {false, flow.StateEnterCode, list(), enroll(mfa.FactorEmail), map[string]flow.State{
		"Enroll": flow.StateEnterCode, "Resend": flow.StateEnterCode, "Submit": flow.StateDone,
	}},
	"EnterCode, enrollment of an app": {false, flow.StateEnterCode, list(), enroll(mfa.FactorOTP), map[string]flow.State{
		"Enroll": flow.StateEnterCode, "Resend": flow.StateEnterCode, "Submit": flow.StateDone,
	}},
	"Poll": {false, flow.StatePoll, list(email1, email2, push1), choose("push|dev_4"), map[string]flow.State{
		"Choose": flow.StateEnterCode, "Resend": flow.StatePoll, "Poll": flow.StateDone, "LoadAuthenticators": flow.StatePoll,
	}},
	"Poll, enrollment": {false, flow.StatePoll, list(), enroll(mfa.FactorPush), map[string]flow.State{
		"Enroll": flow.StateEnterCode, "Resend": flow.StatePoll, "Poll": flow.StateDone,
	}},
	"Enroll, signed in": {true, flow.StateEnroll, list(email1), nil, map[string]flow.State{
		"Enroll": flow.StateEnterCode, "LoadAuthenticators": flow.StateEnroll,
	}},
	"EnterCode, enrollment, signed in": {true, flow.StateEnterCode, list(email1), enroll(mfa.FactorEmail), map[string]flow.State{
		"Enroll": flow.StateEnterCode, "Resend": flow.StateEnterCode, "Submit": flow.StateDone,
	}},
	"EnterCode, enrollment of an app, signed in": {true, flow.StateEnterCode, list(email1), enroll(mfa.FactorOTP), map[string]flow.State{
		"Enroll": flow.StateEnterCode, "Resend": flow.StateEnterCode, "Submit": flow.StateDone,
	}},
	"Poll, enrollment, signed in": {true, flow.StatePoll, list(email1), enroll(mfa.FactorPush), map[string]flow.State{
		"Enroll": flow.StateEnterCode, "Resend": flow.StatePoll, "Poll": flow.StateDone,
	}},
	"Done": {false, flow.StateDone, list(email1), func(t *testing.T, s *service, step *flow.Step) {
		t.Helper()
		require.NoError(t, step.Submit(t.Context(), flow.Submission{Code: mfa.NewSecret("123456")}))
	}, nil},
}

func choose(authenticator string) func(*testing.T, *service, *flow.Step) {
	return func(t *testing.T, s *service, step *flow.Step) {
		t.Helper()
		require.NoError(t, step.Choose(t.Context(), authenticator))
	}
}

func enroll(factor mfa.Factor) func(*testing.T, *service, *flow.Step) {
	return func(t *testing.T, s *service, step *flow.Step) {
		t.Helper()
		require.NoError(t, step.Enroll(t.Context(), flow.Enrollment{Factor: factor}))
	}
}

func (at situation) begin(t *testing.T, s *service) (*flow.Step, error) {
	t.Helper()
	if at.signedIn {
		return s.flow.BeginEnrollment(t.Context(), mfa.NewSecret("access-token"))
	}
	return s.flow.Begin(t.Context(), required("mfa-token"))
}

// start returns a step in the situation, with all cooldowns over.
func (at situation) start(t *testing.T) (*service, *flow.Step) {
	t.Helper()
	s := newService(t, at.list)
	step, err := at.begin(t, s)
	require.NoError(t, err)
	if at.reach != nil {
		at.reach(t, s, step)
	}
	require.Equal(t, at.state, step.State())
	s.advance(time.Minute)
	s.calls()
	return s, step
}

// The calls, by name.
var calls = map[string]func(context.Context, *service, *flow.Step) error{
	"Enroll": func(ctx context.Context, s *service, step *flow.Step) error {
		return step.Enroll(ctx, flow.Enrollment{Email: ada})
	},
	"Choose": func(ctx context.Context, s *service, step *flow.Step) error {
		return step.Choose(ctx, "email|dev_1")
	},
	"Resend": func(ctx context.Context, s *service, step *flow.Step) error { return step.Resend(ctx) },
	"Submit": func(ctx context.Context, s *service, step *flow.Step) error {
		code := "123 456"
		if step.Factor() == mfa.FactorRecoveryCode {
			code = "ABCDEFGHIJKLMNOPQRSTUVWX"
		}
		return step.Submit(ctx, flow.Submission{Code: mfa.NewSecret(code)})
	},
	"Poll": func(ctx context.Context, s *service, step *flow.Step) error { return step.Poll(ctx, flow.Poll{}) },
	"LoadAuthenticators": func(ctx context.Context, s *service, step *flow.Step) error {
		return step.LoadAuthenticators(ctx)
	},
}

// operation returns what a call asks Auth0 for.
func operation(call string, state flow.State, step *flow.Step) string {
	switch {
	case call == "Enroll" || call == "Resend" && step.Enrolling():
		return "associate"
	case call == "LoadAuthenticators" || call == "Resend" && state == flow.StateChoose:
		return "list authenticators"
	case call == "Submit" && step.Factor() == mfa.FactorOTP:
		return "verify otp"
	case call == "Submit" && step.Factor() == mfa.FactorRecoveryCode:
		return "verify recovery code"
	case call == "Submit":
		return "verify oob"
	case call == "Poll":
		return "poll push"
	default:
		return "challenge"
	}
}

// refusals has a response for each action that NextAction can return.
var refusals = map[mfa.Action]reply{
	mfa.ActionNone:         {err: context.Canceled},
	mfa.ActionAskAgain:     refusal(403, "mfa_invalid_code", ""),
	mfa.ActionResend:       refusal(403, "invalid_oob_code", ""),
	mfa.ActionChallenge:    refusal(403, "already_enrolled", ""),
	mfa.ActionEnroll:       refusal(400, "association_required", ""),
	mfa.ActionVerifyMFA:    {status: 403, body: `{"error":"mfa_required","mfa_token":"second-token"}`},
	mfa.ActionRestartLogin: refusal(403, "expired_token", "mfa_token is expired"),
	mfa.ActionWait:         refusal(429, "too_many_requests", ""),
	mfa.ActionPoll:         refusal(400, "authorization_pending", ""),
	mfa.ActionCheckInbox:   {err: errLost},
	mfa.ActionRetryLater:   refusal(500, "temporarily_unavailable", ""),
	mfa.ActionAbort:        refusal(401, "blocked_user", "user is blocked"),
	mfa.ActionFix:          refusal(401, "invalid_client", ""),
}

// Every call in every state, with every outcome.
func TestStates(t *testing.T) {
	t.Parallel()
	for name, at := range situations {
		for call, do := range calls {
			success, allowed := at.calls[call]
			if !allowed {
				t.Run(name+"/"+call+" refused", func(t *testing.T) {
					t.Parallel()
					s, step := at.start(t)
					before := flow.Contents(step)
					err := do(t.Context(), s, step)
					require.ErrorIs(t, err, flow.ErrStepState)
					assert.Equal(t, mfa.ActionFix, mfa.NextAction(err))
					assert.Equal(t, before, flow.Contents(step))
					assert.Empty(t, s.calls())
				})
				continue
			}
			t.Run(name+"/"+call, func(t *testing.T) {
				t.Parallel()
				s, step := at.start(t)
				op := operation(call, at.state, step)
				require.NoError(t, do(t.Context(), s, step))
				assert.Equal(t, success, step.State())
				assert.Equal(t, []string{op}, s.calls())
				assert.Equal(t, success == flow.StateDone && !at.signedIn, step.Token() != nil)
			})
			for action, response := range refusals {
				t.Run(name+"/"+call+"/"+action.String(), func(t *testing.T) {
					t.Parallel()
					s, step := at.start(t)
					op := operation(call, at.state, step)
					// What the list says when it is read again.
					verifies, lists := success == flow.StateDone, op == "list authenticators"
					again, want, asked := at.list, at.state, []string{op}
					switch {
					case action == mfa.ActionVerifyMFA && verifies:
						again, want, asked = list(email2), flow.StateEnterCode, []string{op, "list authenticators", "challenge"}
					case at.signedIn:
					case action == mfa.ActionChallenge && !lists:
						again, want, asked = list(email1, email2), flow.StateChoose, []string{op, "list authenticators"}
					case action == mfa.ActionEnroll && !lists:
						again, want, asked = list(), flow.StateEnroll, []string{op, "list authenticators"}
					}
					s.usual["list authenticators"] = ok(again)
					if lists {
						s.usual[op] = response // however often it is repeated
					} else {
						s.then(op, response)
					}

					err := do(t.Context(), s, step)
					assert.Equal(t, want, step.State())
					assert.Equal(t, asked, slices.Compact(s.calls()))
					assert.Nil(t, step.Token())
					if action == mfa.ActionVerifyMFA && verifies {
						require.NoError(t, err)
						return
					}
					require.Error(t, err)
					if next := mfa.NextAction(err); action != mfa.ActionCheckInbox || op == "associate" || op == "challenge" {
						assert.Equal(t, nextAfter(action, call, step), next)
					}
				})
			}
		}
	}
}

// nextAfter returns the action of an error: the one of Auth0's response, except
// that a code which is too old is not worth asking for again.
func nextAfter(action mfa.Action, call string, step *flow.Step) mfa.Action {
	if stale := !step.CodeExpiresAt().IsZero() && call == "Submit" && step.ExpiresAt().Sub(step.CodeExpiresAt()) > 10*time.Minute; stale && action == mfa.ActionAskAgain {
		return mfa.ActionResend
	}
	return action
}

// If the list cannot be read again, the step stays as it is.
func TestStates_listFails(t *testing.T) {
	t.Parallel()
	for name, at := range situations {
		for call, do := range calls {
			if _, allowed := at.calls[call]; !allowed || name == "Choose" && call == "Resend" || call == "LoadAuthenticators" {
				continue
			}
			t.Run(name+"/"+call, func(t *testing.T) {
				t.Parallel()
				s, step := at.start(t)
				authenticators, factor := step.Authenticators(), step.Factor()
				s.then(operation(call, at.state, step), refusals[mfa.ActionEnroll])
				s.then("list authenticators", refusal(500, "server_error", ""))
				require.ErrorIs(t, do(t.Context(), s, step), mfa.ErrNotEnrolled)
				assert.Equal(t, at.state, step.State())
				assert.Equal(t, authenticators, step.Authenticators())
				assert.Equal(t, factor, step.Factor())
			})
		}
	}
}

func TestStates_nilAndZeroStep(t *testing.T) {
	t.Parallel()
	s := newService(t, list(email1))
	for name, do := range calls {
		if name == "Submit" {
			do = func(ctx context.Context, s *service, step *flow.Step) error {
				return step.Submit(ctx, flow.Submission{Code: mfa.NewSecret("123456")})
			}
		}
		for _, step := range []*flow.Step{nil, {}} {
			err := do(t.Context(), s, step)
			require.ErrorIs(t, err, flow.ErrStepState, name)
			assert.Equal(t, mfa.ActionFix, mfa.NextAction(err), name)
		}
	}
	assert.Empty(t, s.calls())
	var zero flow.Step
	assert.Equal(t, "none", zero.State().String())
	assert.Empty(t, zero.Destination())
	assert.Empty(t, zero.Authenticators())
}

func TestState_String(t *testing.T) {
	t.Parallel()
	for state, want := range map[flow.State]string{
		-1: "unknown", 0: "none", flow.StateEnroll: "Enroll", flow.StateChoose: "Choose", flow.StateEnterCode: "EnterCode",
		flow.StatePoll: "Poll", flow.StateDone: "Done", flow.StateDone + 1: "unknown",
	} {
		assert.Equal(t, want, state.String())
	}
}
