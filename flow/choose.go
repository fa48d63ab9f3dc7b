package flow

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/go-auth0-mfa/mfa"
)

// Choose goes on with an authenticator out of [Step.Authenticators], also in
// place of one that was challenged before. For e-mail, SMS and voice it has a
// code sent, for push a notification; the step is then in [StateEnterCode] or
// [StatePoll]. For an authenticator app and a recovery code nothing is sent,
// and no request made.
//
// Another id, such as one off the page of a browser tab that was left behind, is
// refused with [mfa.ErrAuthenticatorNotFound], which is an [mfa.ErrInvalidRequest]
// here, without a request; the one that was sent a message is refused before
// [Step.ResendAt] with [*CooldownError]. After
// [mfa.ErrOutcomeUnknown] the message may be out, but the step cannot check its
// code: have the user look, then send again. Other errors are those of
// [mfa.Client.Challenge], and [ErrStepState].
func (s *Step) Choose(ctx context.Context, authenticatorID string) error {
	f, err := s.in("Choose", StateChoose, StateEnterCode, StatePoll)
	if err != nil {
		return err
	}
	if s.enrolling {
		return s.wrongState("Choose") // there is nothing to choose from
	}
	a, ok := s.authenticator(authenticatorID)
	if !ok {
		return fmt.Errorf("flow: Choose: AuthenticatorID is none of Authenticators: %w, %w", mfa.ErrAuthenticatorNotFound, mfa.ErrInvalidRequest)
	}
	switch factor := a.factor(); factor {
	case mfa.FactorOTP, mfa.FactorRecoveryCode:
		s.leave()
		s.state, s.factor, s.challenged = StateEnterCode, factor, a.id
		return nil
	default:
		return f.challenge(ctx, s, a)
	}
}

// challenge has a message sent to the authenticator.
func (f *Flow) challenge(ctx context.Context, s *Step, a authenticator) error {
	if err := f.maySend(s, a.id); err != nil {
		return err
	}
	began, factor := f.now(), a.factor()
	resp, err := f.client.Challenge(ctx, mfa.ChallengeRequest{MFAToken: s.mfaToken, AuthenticatorID: a.id})
	if err == nil && resp.OOBCode.IsZero() {
		err = fmt.Errorf("flow: the challenge has no oob_code: %w", mfa.ErrUnexpectedResponse)
	}
	if err != nil {
		return f.sendFailed(ctx, s, a.id, factor, err)
	}
	s.leave()
	s.factor, s.challenged, s.oobCode = factor, a.id, resp.OOBCode
	f.sent(s, a.id)
	// What to do about factors that this package does not know, Auth0 tells.
	if factor == mfa.FactorPush || !slices.Contains(f.order, factor) && resp.BindingMethod != "prompt" {
		f.awaitPush(s)
		return nil
	}
	s.awaitCode(began)
	return nil
}

// awaitCode waits for the user to type the code that was sent.
func (s *Step) awaitCode(sent time.Time) {
	s.state = StateEnterCode
	s.codeExpiresAt = sent.Add(lifetimeCode)
	if tokenDies := s.expiresAt.Add(lifetimeToken - lifetimeStep); tokenDies.Before(s.codeExpiresAt) {
		s.codeExpiresAt = tokenDies
	}
}

// awaitPush waits for the user to answer a notification.
func (f *Flow) awaitPush(s *Step) {
	s.state = StatePoll
	s.pollAt = f.now().Add(s.pollInterval)
}
