package flow

import (
	"context"
	"errors"
	"slices"

	"github.com/go-auth0-mfa/mfa"
)

// BeginOption sets up a call of [Flow.Begin]. When an option is given twice, the last
// one wins.
type BeginOption func(*beginning)

// beginning holds the values of the options.
type beginning struct {
	remembered  mfa.Authenticator
	user        string
	named       bool
	previous    *Step
	hasPrevious bool
}

// Remembered names the authenticator of an earlier login of the same user: what
// [Step.Authenticator] returned in [StateDone]. If it is an active e-mail
// authenticator, Begin has Auth0 mail the code at once, whatever the order of
// [WithFactors]. That saves the request for the list, one of four that a login needs.
// [Step.Authenticators] has this one alone then. When the user wants another way, call
// [Step.LoadAuthenticators].
//
// Begin reads the list, as without the option, if it is another authenticator or the
// zero one, if [mfa.Requirements] exclude e-mail, or if Auth0 refuses because the user
// does not have it or has to enroll: nothing was mailed then. After
// [mfa.ErrOutcomeUnknown], and after any other error of the challenge, nothing else is
// sent: Begin returns the error and a step in [StateChoose].
//
// Keep all fields of the authenticator in the user's record. They are no secret,
// because nobody can use them without the user's password. But they are personal data:
// the name shows parts of the user's address. Look them up only after the password was
// right, which a loginErr proves, and by the user that logged in: then nobody learns from
// a mail, or from the time of a response, whether an account exists. That Auth0 refuses
// the ID of another user's authenticator is documented. Package mfatest refuses it.
func Remembered(authenticator mfa.Authenticator) BeginOption {
	return func(b *beginning) { b.remembered = authenticator }
}

// mailRemembered has the code mailed to an authenticator of an earlier login. It
// reports whether Begin has nothing else to do, and the error that Begin returns.
func (f *Flow) mailRemembered(ctx context.Context, d *stepData, a mfa.Authenticator) (done bool, err error) {
	if a.Factor() != mfa.FactorEmail || !d.requirements.CanChallenge(mfa.FactorEmail) {
		return false, nil
	}
	if d.authenticators = f.active([]mfa.Authenticator{a}, d.requirements); len(d.authenticators) == 0 {
		return false, nil
	}
	err = f.challengeKnown(ctx, d, 0)
	if outdated(err) || refusedHere(err) {
		d.authenticators = nil
		return false, nil
	}
	return true, err
}

// refusedHere reports whether package mfa refused the ID, which was damaged where it
// was kept.
func refusedHere(err error) bool {
	e, ok := errors.AsType[*mfa.Error](err)
	return ok && slices.Equal(e.Fields, []string{"AuthenticatorID"})
}

// LoadAuthenticators reads the user's authenticators into [Step.Authenticators]. Call it
// after [Remembered], when the user wants another way to prove who they are, and go on
// with [Step.Choose]. A code that was sent stays valid, and the state stays as it is. In
// [StateChoose] without any active authenticator the step is in [StateEnroll] then.
// After [Flow.BeginEnrollment], call it in StateEnroll to show what the user has; that
// needs [mfa.ScopeReadAuthenticators].
//
// If not all of them fit into a sealed step, the last ones are left out. While an
// enrollment waits for its confirmation there is nothing to choose from: [ErrStepState].
// Other errors are those of [mfa.Client.ListAuthenticators], after which the step is as
// it was.
func (s *Step) LoadAuthenticators(ctx context.Context) error {
	f, d, err := s.in("LoadAuthenticators", StateEnroll, StateChoose, StateEnterCode, StatePoll)
	if err != nil {
		return err
	}
	account := d.state == StateEnroll && d.purpose == forAccount
	if !account && d.state != StateChoose && d.challenged == 0 {
		return d.wrongState("LoadAuthenticators")
	}
	return f.once(ctx, d, use{verb: "LoadAuthenticators", op: mfa.OpListAuthenticators}, func(ctx context.Context) error {
		if d.state == StateChoose {
			return f.list(ctx, d)
		}
		return s.listBeside(ctx, f, d)
	})
}

// listBeside reads the user's authenticators, and goes on with the current one.
func (s *Step) listBeside(ctx context.Context, f *Flow, d *stepData) error {
	all, err := f.client.ListAuthenticators(ctx, mfa.ListAuthenticatorsRequest{Token: d.mfaToken})
	if err != nil {
		return err
	}
	current, challenged := s.Authenticator()
	isCurrent := func(a mfa.Authenticator) bool { return challenged && a.ID == current.ID }
	if all = slices.DeleteFunc(all, isCurrent); challenged {
		all = append([]mfa.Authenticator{current}, all...)
	}
	list := f.active(all, d.requirements)
	if challenged && !slices.ContainsFunc(list, isCurrent) {
		list[len(list)-1] = current
	}
	for {
		d.authenticators, d.challenged = list, 1+slices.IndexFunc(list, isCurrent)
		last := len(list) - 1
		if last >= 0 && isCurrent(list[last]) {
			last--
		}
		if last < 0 || f.sealedLen(d) <= f.maxSealed {
			return nil
		}
		list = slices.Delete(list, last, last+1)
	}
}
