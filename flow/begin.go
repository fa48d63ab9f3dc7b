package flow

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/go-auth0-mfa/mfa"
)

// Begin begins a step from the error of a login: an [*mfa.RequiredError]
// anywhere in its chain, of [mfa.Client.PasswordLogin] or [mfa.ParseError].
//
// It lists the user's authenticators. If exactly one e-mail is active, and
// nothing active comes before e-mail in the order of [WithFactors], it has the
// code mailed and returns a step in [StateEnterCode]; other authenticators can
// still be chosen. Otherwise nothing is sent: the step is in [StateChoose], or
// in [StateEnroll] when no authenticator is active.
//
// When only the mail fails, Begin returns both the error and a step in
// StateChoose, so that the mfa_token is not lost: go on with [Step.Resend] or
// [Step.Choose]. With any other error the step is nil.
//
// A loginErr that is not about MFA is returned as it is. One that came without
// an mfa_token is explained: [mfa.NextAction] says [mfa.ActionFix]. Other errors
// are those of [mfa.Client.ListAuthenticators] and [mfa.Client.Challenge].
func (f *Flow) Begin(ctx context.Context, loginErr error) (*Step, error) {
	if err := f.valid("Begin"); err != nil {
		return nil, err
	}
	if loginErr == nil {
		return nil, fmt.Errorf("flow: Begin: there is no login error: %w", mfa.ErrInvalidRequest)
	}
	required, err := requiredIn(loginErr)
	if err != nil {
		return nil, err
	}
	s := &Step{flow: func() *Flow { return f }, attemptsLeft: maxAttempts, pollInterval: pollInterval}
	f.adopt(s, required)
	if err := f.list(ctx, s); err != nil {
		return nil, err
	}
	return s, f.mailAtOnce(ctx, s)
}

// requiredIn finds what is needed to go on in the error of a login or a verify
// call, and otherwise says why it is not there.
func requiredIn(err error) (*mfa.RequiredError, error) {
	const text = "flow: mfa_required came without an mfa_token: an Action asks for MFA on this login while the tenant's " +
		`"Customize MFA Factors using Actions" is off; switch it on, or ask for MFA by the tenant's policy: %w`
	required, ok := errors.AsType[*mfa.RequiredError](err)
	switch {
	case ok && !required.MFAToken.IsZero():
		return required, nil
	case ok:
		return nil, fmt.Errorf(text, err)
	case errors.Is(err, mfa.ErrMFARequired): // made by hand
		answer, _ := errors.AsType[*mfa.Error](err)
		return nil, fmt.Errorf(text, &mfa.RequiredError{Err: answer})
	default:
		return nil, err
	}
}

// adopt goes on with a new mfa_token: nothing that was sent for the old one
// counts any more.
func (f *Flow) adopt(s *Step, required *mfa.RequiredError) {
	s.leave()
	s.state = StateChoose
	s.mfaToken, s.requirements = required.MFAToken, required.Requirements
	s.expiresAt = f.now().Add(lifetimeStep)
	s.sendsLeft, s.sentTo, s.resendAt = f.maxSends, mfa.Secret{}, time.Time{}
}

// list reads the user's authenticators and goes to the state that they ask
// for. If they cannot be read, the step stays as it is.
func (f *Flow) list(ctx context.Context, s *Step) error {
	all, err := f.client.ListAuthenticators(ctx, mfa.ListAuthenticatorsRequest{Token: s.mfaToken})
	if err != nil {
		return err
	}
	s.leave()
	s.state, s.authenticators = StateChoose, f.active(all, s.requirements)
	if len(s.authenticators) == 0 {
		s.state, s.factor = StateEnroll, f.suggested(s.requirements)
	}
	return nil
}

// active returns the authenticators to choose from: those that Auth0 says it
// takes for this login first, the preferred factors first.
func (f *Flow) active(all []mfa.Authenticator, r mfa.Requirements) []authenticator {
	// Without an id a challenge would go to whichever authenticator Auth0 picks.
	all = slices.DeleteFunc(all, func(a mfa.Authenticator) bool { return !a.Active || a.ID == "" })
	rank := func(a mfa.Authenticator) int {
		i := slices.Index(f.order, a.Factor())
		if i < 0 {
			i = len(f.order)
		}
		if !r.CanChallenge(a.Factor()) {
			i += len(f.order) + 1
		}
		return i
	}
	slices.SortStableFunc(all, func(a, b mfa.Authenticator) int { return rank(a) - rank(b) })
	var list []authenticator
	for _, a := range all[:min(len(all), maxAuthenticators)] {
		list = append(list, authenticator{a.ID, a.AuthenticatorType, a.OOBChannel, mfa.NewSecret(cut(a.Name))})
	}
	return list
}

// suggested returns the factor to enrol: the most preferred of those that Auth0
// says it takes, or of all if it says none of them.
func (f *Flow) suggested(r mfa.Requirements) mfa.Factor {
	for _, factor := range f.order {
		if factor != mfa.FactorRecoveryCode && r.CanEnroll(factor) {
			return factor
		}
	}
	return f.order[slices.IndexFunc(f.order, func(factor mfa.Factor) bool { return factor != mfa.FactorRecoveryCode })]
}

// mailAtOnce sends the code if there is nothing to decide.
func (f *Flow) mailAtOnce(ctx context.Context, s *Step) error {
	isEmail := func(i int) bool {
		return i < len(s.authenticators) && s.authenticators[i].factor() == mfa.FactorEmail
	}
	// They are in order: a second e-mail would follow the first.
	if !isEmail(0) || isEmail(1) || !s.requirements.CanChallenge(mfa.FactorEmail) {
		return nil
	}
	return f.challenge(ctx, s, s.authenticators[0])
}
