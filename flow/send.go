package flow

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/go-auth0-mfa/mfa"
)

// Choose goes on with one of [Step.Authenticators], also in place of one that
// was challenged before. For e-mail, SMS and voice it has a code sent, for push a
// notification; the step is then in [StateEnterCode] or [StatePoll]. For an
// authenticator app and a recovery code nothing is sent and no request is made.
//
// Another id, such as one from a browser tab that was left open, is refused
// without a request: the error is [mfa.ErrAuthenticatorNotFound] and
// [mfa.ErrInvalidRequest]. Each authenticator has an interval of its own, as in
// [Step.Resend], any two messages are 3 seconds apart, and at most 4 authenticators get
// one within an interval: what comes earlier is refused with [*CooldownError]. After [mfa.ErrOutcomeUnknown] a
// message may have been sent, but the step cannot check its code: let the user
// look, then send again. A step without room for the response is refused with
// [ErrStepTooLarge] before anything is sent. Other errors are those of
// [mfa.Client.Challenge], and [ErrStepState].
func (s *Step) Choose(ctx context.Context, authenticatorID string) error {
	f, d, err := s.in("Choose", StateChoose, StateEnterCode, StatePoll)
	if err != nil {
		return err
	}
	if d.enrolling {
		return d.wrongState("Choose") // there is nothing to choose from
	}
	i := slices.IndexFunc(d.authenticators, func(a mfa.Authenticator) bool { return a.ID == authenticatorID })
	if i < 0 {
		return fmt.Errorf("flow: Choose: AuthenticatorID is not one of Authenticators: %w, %w", mfa.ErrAuthenticatorNotFound, mfa.ErrInvalidRequest)
	}
	switch factor := d.authenticators[i].Factor(); factor {
	case mfa.FactorOTP, mfa.FactorRecoveryCode:
		return f.once(ctx, d, use{verb: "Choose", input: []string{authenticatorID}}, func(context.Context) error {
			d.reset()
			d.state, d.factor, d.challenged = StateEnterCode, factor, i+1
			return nil
		})
	default:
		return f.challengeOnce(ctx, d, "Choose", i)
	}
}

// Resend sends the code or the notification again. Only the newest code counts
// from then on. Before [Step.ResendAt] it is refused with [*CooldownError], and
// nothing is sent.
//
// While [Step.Enrolling], Auth0 has no way to send the code again. Resend enrolls
// the same address or factor once more, which adds another unconfirmed
// authenticator to the user and brings a new [Step.BarcodeURI] and
// [Step.OTPSecret]. [Step.RecoveryCodes] stay the first ones unless new ones come.
//
// In [StateChoose] Resend does again what [Flow.Begin] did: it lists the
// authenticators, and has a code mailed if there is nothing to choose. For an
// authenticator app and a recovery code that are not being enrolled there is
// nothing to send: [ErrStepState].
//
// After [mfa.ErrOutcomeUnknown] a message may have been sent whose code the step
// cannot check, and the older code may no longer work: let the user look, then
// send again. A step without room for the response is refused with
// [ErrStepTooLarge] before anything is sent. Other errors are those of
// [mfa.Client.Challenge] and [mfa.Client.Associate].
func (s *Step) Resend(ctx context.Context) error {
	f, d, err := s.in("Resend", StateChoose, StateEnterCode, StatePoll)
	switch {
	case err != nil:
		return err
	case d.state == StateChoose:
		if n := len(d.recent); n > 0 {
			// Nobody knows yet where the list will have it sent.
			if until := d.recent[n-1].until; f.now().Before(until) {
				return f.tooEarly(until)
			}
		}
		lost := func(err error) error {
			f.maybeMailed(d)
			return err
		}
		return f.once(ctx, d, use{verb: "Resend", op: mfa.OpChallenge, lost: lost}, func(ctx context.Context) error {
			if err := f.list(ctx, d); err != nil {
				return err
			}
			return f.mailAtOnce(ctx, d)
		})
	case d.enrolling:
		return f.associate(ctx, d, "Resend", d.pending())
	case d.challenged == 0 || d.oobCode.IsZero():
		return d.wrongState("Resend")
	default:
		return f.challengeOnce(ctx, d, "Resend", d.challenged-1)
	}
}

// maybeMailed notes that a message may have gone, nobody knows where.
func (f *Flow) maybeMailed(d *stepData) {
	d.sentAt = f.now()
	f.wait(d, "", f.resendInterval)
}

// challengeOnce is challenge for a call of the page.
func (f *Flow) challengeOnce(ctx context.Context, d *stepData, verb string, i int) error {
	if err := f.mayChallenge(d, i); err != nil {
		return err
	}
	id, factor := d.authenticators[i].ID, d.authenticators[i].Factor()
	u := use{verb: verb, input: []string{id}, op: mfa.OpChallenge, lost: func(err error) error { return f.sendFailed(d, id, true, factor, err) }}
	return f.once(ctx, d, u, func(ctx context.Context) error { return f.challenge(ctx, d, i) })
}

// mayChallenge refuses a challenge that cannot be made now.
func (f *Flow) mayChallenge(d *stepData, i int) error {
	if err := f.maySend(d, d.authenticators[i].ID, true); err != nil {
		return err
	}
	if !f.roomForChallenge(d, i) {
		return ErrStepTooLarge
	}
	return nil
}

// challenge has a message sent to one of the step's authenticators.
func (f *Flow) challenge(ctx context.Context, d *stepData, i int) error {
	return f.listAgain(ctx, d, f.challengeKnown(ctx, d, i))
}

// challengeKnown is challenge for a step that reads no list after an error.
func (f *Flow) challengeKnown(ctx context.Context, d *stepData, i int) error {
	if err := f.mayChallenge(d, i); err != nil {
		return err
	}
	id, factor := d.authenticators[i].ID, d.authenticators[i].Factor()
	began := f.now()
	resp, err := f.client.Challenge(ctx, mfa.ChallengeRequest{MFAToken: d.mfaToken, AuthenticatorID: id})
	if err == nil && resp.OOBCode.IsZero() {
		err = fmt.Errorf("flow: the challenge has no oob_code: %w", mfa.ErrUnexpectedResponse)
	}
	if err != nil {
		return f.sendFailed(d, id, true, factor, err)
	}
	d.reset()
	d.factor, d.challenged, d.oobCode = factor, i+1, resp.OOBCode
	f.sent(d, id, true)
	// The response tells what to do about factors that this package does not know.
	if factor == mfa.FactorPush || !slices.Contains(f.order, factor) && resp.BindingMethod != mfa.BindingMethodPrompt {
		f.awaitPush(d)
		return nil
	}
	d.awaitCode(began)
	return nil
}

// awaitCode waits for the user to type the code that was sent.
func (d *stepData) awaitCode(sent time.Time) {
	d.state = StateEnterCode
	d.codeExpiresAt = sent.Add(lifetimeCode)
	if end := d.tokenExpiresAt(); end.Before(d.codeExpiresAt) {
		d.codeExpiresAt = end
	}
}

// awaitPush waits for the user to respond to a notification.
func (f *Flow) awaitPush(d *stepData) {
	d.state = StatePoll
	d.pollAt = f.now().Add(d.pollInterval())
}

// message is one that went to a target, or was refused by Auth0 for some time.
type message struct {
	to    string    // digest of the target
	until time.Time // nothing may be sent there before
}

const (
	betweenMessages = 3 * time.Second // of one step, to whichever targets
	maxRecent       = 4
)

// maySend refuses a message or an enrollment that comes too early: to a target that
// got one within its interval, to more targets than the step remembers, or beyond what
// the step allows; and a message right after any other.
func (f *Flow) maySend(d *stepData, target string, isMessage bool) error {
	now := f.now()
	var until time.Time
	if isMessage {
		until = d.afterLast(f)
	}
	known, waiting := false, 0
	var first time.Time // when one of those that wait may get another
	for _, m := range d.recent {
		if m.to == digest(target) {
			known = true
			until = later(until, m.until)
		}
		if now.Before(m.until) {
			waiting++
			if first.IsZero() || m.until.Before(first) {
				first = m.until
			}
		}
	}
	switch {
	case d.sendsLeft <= 0:
		until = d.expiresAt
	case !known && waiting == maxRecent:
		until = later(until, first)
	}
	if now.Before(until) {
		return f.tooEarly(until)
	}
	return nil
}

// afterLast returns when the next message may go, wherever the last one went.
func (d *stepData) afterLast(f *Flow) time.Time {
	if d.sentAt.IsZero() {
		return time.Time{}
	}
	return d.sentAt.Add(min(betweenMessages, f.resendInterval))
}

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

// tooEarly refuses a message until the time.
func (f *Flow) tooEarly(until time.Time) error {
	return &CooldownError{ResendAt: until, wait: until.Sub(f.now())}
}

// sent notes that a message went to the target, or may have gone, or that an
// enrollment was made that needs none.
func (f *Flow) sent(d *stepData, target string, isMessage bool) {
	d.sendsLeft--
	if isMessage {
		d.sentAt = f.now()
	}
	f.wait(d, target, f.resendInterval)
}

// wait notes that nothing may be sent to the target for some time.
func (f *Flow) wait(d *stepData, target string, interval time.Duration) {
	now := f.now()
	recent := slices.DeleteFunc(slices.Clone(d.recent), func(m message) bool {
		return m.to == digest(target) || !now.Before(m.until)
	})
	recent = append(recent, message{digest(target), later(now.Add(interval), d.afterLast(f))})
	d.recent = recent[max(0, len(recent)-maxRecent):]
}

// digest returns a short hash of target, for comparison only.
func digest(target string) string {
	sum := sha256.Sum256([]byte(target))
	return string(sum[:4])
}

// sendFailed records what err says about message limits and returns it.
func (f *Flow) sendFailed(d *stepData, target string, isMessage bool, factor mfa.Factor, err error) error {
	switch {
	case errors.Is(err, mfa.ErrOutcomeUnknown):
		f.sent(d, target, isMessage)
	case errors.Is(err, mfa.ErrTooManyMessages):
		err = retryAfter(err, messageEvery(factor))
	}
	if wait := waitIn(err); wait > 0 && errors.Is(err, mfa.ErrRateLimited) {
		f.wait(d, target, wait)
	}
	return err
}

// messageEvery returns the interval at which Auth0 sends beyond its limit.
//
// Auth0 docs: https://auth0.com/docs/troubleshoot/customer-support/operational-policies/rate-limit-policy/rate-limit-configurations
func messageEvery(factor mfa.Factor) time.Duration {
	if factor == mfa.FactorSMS || factor == mfa.FactorVoice {
		return time.Hour
	}
	return time.Minute
}

// listAgain reads the authenticators again after an error which says that the
// step does not know them as they are, and returns that error. A step of
// [Flow.BeginEnrollment] knows none.
func (f *Flow) listAgain(ctx context.Context, d *stepData, err error) error {
	if outdated(err) && d.purpose != forAccount {
		_ = f.list(ctx, d) // if this fails too, the step stays as it is
	}
	return err
}

// outdated reports whether the error says that the user has other authenticators
// than the step knows.
func outdated(err error) bool {
	next := mfa.NextAction(err)
	return next == mfa.ActionChallenge || next == mfa.ActionEnroll
}
