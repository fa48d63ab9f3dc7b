package flow

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/go-auth0-mfa/mfa"
)

// Begin starts a step from the error of a login: an [*mfa.RequiredError]
// anywhere in its chain, from [mfa.Client.PasswordLogin] or [mfa.ParseError].
//
// It lists the user's authenticators. If exactly one e-mail authenticator is
// active, and no active authenticator comes before e-mail in the order of
// [WithFactors], Auth0 mails the code at once and the step is in
// [StateEnterCode]; the user can still choose another authenticator. Otherwise
// nothing is sent: the step is in [StateChoose], or in [StateEnroll] if no
// authenticator is active.
//
// With [User], and [Previous] or [WithStore], a user who sends the password form twice
// gets one mail: the second Begin goes on with the step of the first. The loginErr of
// another tenant or application, which [mfa.Client.PasswordLogin] notes, is refused with
// [mfa.ErrInvalidRequest].
//
// With [Remembered], a user who comes back gets the mail after one request: the list
// is read only if Auth0 refuses, or if the user asks for it.
//
// If only the mail fails, Begin returns both the error and a step in StateChoose,
// so that the mfa_token is not lost: go on with [Step.Resend] or [Step.Choose].
// With any other error the step is nil.
//
// A loginErr that is not about MFA is returned unchanged. One that came without
// an mfa_token is explained, and [mfa.NextAction] returns [mfa.ActionFix]. Other
// errors are those of [mfa.Client.ListAuthenticators] and [mfa.Client.Challenge],
// and [ErrStepTooLarge]. A nil option is [mfa.ErrInvalidRequest].
func (f *Flow) Begin(ctx context.Context, loginErr error, opts ...BeginOption) (*Step, error) {
	if err := f.valid("Begin"); err != nil {
		return nil, err
	}
	var b beginning
	for _, opt := range opts {
		if opt == nil {
			return nil, fmt.Errorf("flow: Begin: a BeginOption is nil: %w", mfa.ErrInvalidRequest)
		}
		opt(&b)
	}
	if b.named && b.user == "" {
		return nil, fmt.Errorf("flow: Begin: the name of User is empty: %w", mfa.ErrInvalidRequest)
	}
	if loginErr == nil {
		return nil, fmt.Errorf("flow: Begin: there is no login error: %w", mfa.ErrInvalidRequest)
	}
	required, err := requiredIn(loginErr)
	if err != nil {
		return nil, err
	}
	user, err := f.forUser(b.user, required)
	if err != nil {
		return nil, err
	}
	if b.hasPrevious {
		if step, err := f.beginPrevious(ctx, b, user); step != nil || err != nil {
			return step, err
		}
	}
	begin := func(ctx context.Context) (*stepData, error) { return f.begin(ctx, required, b.remembered, user) }
	if f.shared == nil || user == "" || ctx == nil || ctx.Err() != nil {
		return f.begun(begin(ctx))
	}
	d, err := f.beginShared(ctx, user, begin)
	if d == nil && errors.Is(err, mfa.ErrOutcomeUnknown) { // a mail may have been sent for the user
		d = f.newLogin(required, user)
		f.maybeMailed(d)
	}
	return f.begun(d, err)
}

// begun returns what Begin does.
func (f *Flow) begun(d *stepData, err error) (*Step, error) {
	if d == nil {
		return nil, err
	}
	return newStep(f, d), err
}

// newLogin returns what a step knows before its first request.
func (f *Flow) newLogin(required *mfa.RequiredError, user string) *stepData {
	d := newData(forLogin)
	f.restart(d, required)
	d.user = shortUser(user)
	return d
}

// begin makes the requests of Begin.
func (f *Flow) begin(ctx context.Context, required *mfa.RequiredError, remembered mfa.Authenticator, user string) (*stepData, error) {
	d := f.newLogin(required, user)
	if done, err := f.mailRemembered(ctx, d, remembered); done {
		return d, err
	}
	if err := f.list(ctx, d); err != nil {
		return nil, err
	}
	return d, f.mailAtOnce(ctx, d)
}

// requiredIn returns what the error of a login or a verify call has to go on
// with, and otherwise an error that says why there is nothing.
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
		response, _ := errors.AsType[*mfa.Error](err)
		return nil, fmt.Errorf(text, &mfa.RequiredError{Err: response})
	default:
		return nil, err
	}
}

// restart replaces the mfa_token and forgets everything sent for the old one.
func (f *Flow) restart(d *stepData, required *mfa.RequiredError) {
	d.reset()
	d.state = StateChoose
	d.mfaToken, d.requirements = required.MFAToken, required.Requirements
	d.expiresAt = f.now().Add(d.lifetime())
	d.user = "" // who goes on with it has passed a factor
	d.sendsLeft, d.sentAt, d.recent = f.maxSends, time.Time{}, nil
}

// list reads the user's authenticators and goes to the state that they ask for.
// If they cannot be read, the step stays as it is.
func (f *Flow) list(ctx context.Context, d *stepData) error {
	all, err := f.client.ListAuthenticators(ctx, mfa.ListAuthenticatorsRequest{Token: d.mfaToken})
	if err != nil {
		return err
	}
	d.reset()
	d.state, d.authenticators = StateChoose, f.active(all, d.requirements)
	if len(d.authenticators) == 0 {
		d.state, d.factor = StateEnroll, f.suggested(d.requirements)
	}
	return nil
}

// active returns the authenticators to choose from: first those that Auth0 says
// it accepts for this login, and among these the preferred factors first.
func (f *Flow) active(all []mfa.Authenticator, r mfa.Requirements) []mfa.Authenticator {
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
	var list []mfa.Authenticator
	for _, a := range all[:min(len(all), maxAuthenticators)] {
		a.Name = cutName(a.Name)
		list = append(list, a)
	}
	return list
}

// cutName shortens a name, which is only shown, so that it leaves room in a
// sealed step.
func cutName(name string) string {
	if len(name) <= maxName {
		return name
	}
	end := maxName
	for end > uncutName+1 && !utf8.RuneStart(name[end]) {
		end--
	}
	return name[:end]
}

// suggested returns the factor to enroll: the most preferred of those that Auth0
// says it accepts, or of all if it names none of them.
func (f *Flow) suggested(r mfa.Requirements) mfa.Factor {
	for _, factor := range f.order {
		if factor != mfa.FactorRecoveryCode && r.CanEnroll(factor) {
			return factor
		}
	}
	return f.order[slices.IndexFunc(f.order, func(factor mfa.Factor) bool { return factor != mfa.FactorRecoveryCode })]
}

// mailAtOnce has the code sent if the user has nothing to decide.
func (f *Flow) mailAtOnce(ctx context.Context, d *stepData) error {
	isEmail := func(i int) bool {
		return i < len(d.authenticators) && d.authenticators[i].Factor() == mfa.FactorEmail
	}
	// They are in order: a second e-mail would follow the first.
	if !isEmail(0) || isEmail(1) || !d.requirements.CanChallenge(mfa.FactorEmail) {
		return nil
	}
	return f.challenge(ctx, d, 0)
}
