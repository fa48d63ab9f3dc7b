package flow

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"time"

	"github.com/go-auth0-mfa/mfa"
)

// Resend sends the code or the notification again and replaces what the step
// verifies: only the newest code counts. Before [Step.ResendAt] it refuses with
// [*CooldownError], and nothing is sent.
//
// While an enrolment is unconfirmed ([Step.Enrolling]) there is nothing to send
// again: Resend enrols the same address or factor once more, which adds another
// unconfirmed authenticator to the user and brings a new [Step.BarcodeURI] and
// [Step.OTPSecret]. [Step.RecoveryCodes] stay the first ones unless new ones come.
//
// In [StateChoose] Resend does again what [Flow.Begin] did: it lists the
// authenticators, and mails a code if there is nothing to choose. For an
// authenticator app and a recovery code that is no enrolment there is nothing
// to send: [ErrStepState].
//
// After [mfa.ErrOutcomeUnknown] a message may be out whose code the step cannot
// check; what was sent before may be dead or not. Have the user look, then send
// again. Other errors are those of [mfa.Client.Challenge] and
// [mfa.Client.Associate].
func (s *Step) Resend(ctx context.Context) error {
	f, err := s.in("Resend", StateChoose, StateEnterCode, StatePoll)
	if err != nil {
		return err
	}
	if s.state == StateChoose {
		if f.now().Before(s.resendAt) {
			return &CooldownError{ResendAt: s.resendAt}
		}
		if err := f.list(ctx, s); err != nil {
			return err
		}
		return f.mailAtOnce(ctx, s)
	}
	if s.enrolling {
		return f.associate(ctx, s, s.enrolment)
	}
	a, ok := s.authenticator(s.challenged)
	if !ok || s.oobCode.IsZero() {
		return s.wrongState("Resend")
	}
	return f.challenge(ctx, s, a)
}

// maySend refuses a message that comes too early: to where the last one went,
// or beyond what the mfa_token is good for.
func (f *Flow) maySend(s *Step, target string) error {
	switch {
	case s.sendsLeft <= 0:
		return &CooldownError{ResendAt: s.expiresAt}
	case s.sentTo.Equal(digest(target)) && f.now().Before(s.resendAt):
		return &CooldownError{ResendAt: s.resendAt}
	default:
		return nil
	}
}

// sent notes that a message went to the target, or may have gone.
func (f *Flow) sent(s *Step, target string) {
	s.sendsLeft--
	s.sentTo, s.resendAt = digest(target), f.now().Add(f.resendInterval)
	if s.sendsLeft == 0 {
		s.resendAt = s.expiresAt
	}
}

// digest is short for a target, to be compared only.
func digest(target string) mfa.Secret {
	sum := sha256.Sum256([]byte(target))
	return mfa.NewSecret(base64.RawURLEncoding.EncodeToString(sum[:6]))
}

// sendFailed notes what an error tells about messages, and returns it.
func (f *Flow) sendFailed(ctx context.Context, s *Step, target string, factor mfa.Factor, err error) error {
	switch {
	case errors.Is(err, mfa.ErrOutcomeUnknown):
		f.sent(s, target)
	case errors.Is(err, mfa.ErrTooManyMessages):
		err = retryAfter(err, messageEvery(factor))
	}
	if wait := waitIn(err); wait > 0 && errors.Is(err, mfa.ErrRateLimited) {
		s.sentTo, s.resendAt = digest(target), f.now().Add(wait)
	}
	return f.listAgain(ctx, s, err)
}

// messageEvery returns how often Auth0 sends beyond its limit.
//
// Auth0 docs: https://auth0.com/docs/troubleshoot/customer-support/operational-policies/rate-limit-policy/rate-limit-configurations
func messageEvery(factor mfa.Factor) time.Duration {
	if factor == mfa.FactorSMS || factor == mfa.FactorVoice {
		return time.Hour
	}
	return time.Minute
}

// listAgain reads the authenticators again after an error which says that the
// step does not know them as they are, and returns that error.
func (f *Flow) listAgain(ctx context.Context, s *Step, err error) error {
	switch mfa.NextAction(err) {
	case mfa.ActionChallenge, mfa.ActionEnroll:
		_ = f.list(ctx, s) // if this fails too, the step stays as it is
	}
	return err
}
