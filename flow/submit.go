package flow

import (
	"context"
	"errors"
	"net/netip"
	"slices"

	"github.com/go-auth0-mfa/mfa"
)

// Submission is what the user typed into the code form.
type Submission struct {
	// Code is the text as it was typed or pasted. Six digits are found with blanks
	// and dashes between them, in the digits of any script, and in a sentence such
	// as "Your code is 123456". In a recovery code blanks and dashes are dropped
	// and letters become capitals. Secret.
	Code mfa.Secret
	// EndUserIP is the user's address as the backend itself saw it, as in
	// [mfa.VerifyOOBRequest]. Zero: not sent.
	EndUserIP netip.Addr
}

// Submit verifies what the user typed, or confirms an enrolment with it. After
// a nil error look at [Step.State]: in [StateDone] there are tokens; when
// yet another factor is due the step went on as [Flow.Begin] does.
//
// What cannot be a code is refused without a request and costs no attempt; it
// matches [mfa.ErrInvalidCode], as a wrong code does, after which the step is
// as usable as before. A code that is refused after [Step.CodeExpiresAt] is an
// [mfa.ErrChallengeExpired] instead, because only another one can be right.
//
// After [mfa.ErrTooManyAttempts] [mfa.Error.RetryAfter] says when Auth0 takes
// the next code: what Auth0 states, else the documented 6 minutes. After
// [mfa.ErrOutcomeUnknown] the code may be spent: send another. Other errors are
// those of the verify calls of [mfa.Client], and [ErrStepState].
func (s *Step) Submit(ctx context.Context, sub Submission) error {
	f, err := s.in("Submit", StateEnterCode)
	if err != nil {
		return err
	}
	clean := cleanCode
	if s.factor == mfa.FactorRecoveryCode {
		clean = cleanRecoveryCode
	}
	typed, ok := clean(sub.Code.Reveal())
	if !ok {
		return errNotACode
	}
	var token *mfa.Token
	switch code := mfa.NewSecret(typed); s.factor {
	case mfa.FactorOTP:
		token, err = f.client.VerifyOTP(ctx, mfa.VerifyOTPRequest{MFAToken: s.mfaToken, OTP: code, EndUserIP: sub.EndUserIP})
	case mfa.FactorRecoveryCode:
		token, err = f.client.VerifyRecoveryCode(ctx, mfa.VerifyRecoveryCodeRequest{MFAToken: s.mfaToken, RecoveryCode: code, EndUserIP: sub.EndUserIP})
	default:
		token, err = f.client.VerifyOOB(ctx, mfa.VerifyOOBRequest{MFAToken: s.mfaToken, OOBCode: s.oobCode, BindingCode: code, EndUserIP: sub.EndUserIP})
	}
	return f.verified(ctx, s, token, f.attempted(s, err))
}

// attempted counts what an attempt cost, and returns its error with what the
// page needs to know.
func (f *Flow) attempted(s *Step, err error) error {
	switch {
	case errors.Is(err, mfa.ErrTooManyAttempts):
		s.attemptsLeft = 0
		return retryAfter(err, attemptEvery)
	case !errors.Is(err, mfa.ErrInvalidCode):
		return err
	}
	s.attemptsLeft = max(0, s.attemptsLeft-1)
	answer, ok := errors.AsType[*mfa.Error](err)
	if ok && !s.codeExpiresAt.IsZero() && !f.now().Before(s.codeExpiresAt) {
		return &staleCodeError{answer}
	}
	return err
}

// verified moves the step on after a verify call.
func (f *Flow) verified(ctx context.Context, s *Step, token *mfa.Token, err error) error {
	switch {
	case err == nil:
		s.finish(token)
		return nil
	case !errors.Is(err, mfa.ErrMFARequired):
		return f.listAgain(ctx, s, err)
	}
	required, err := requiredIn(err)
	if err != nil {
		return err
	}
	f.adopt(s, required)
	if err := f.list(ctx, s); err != nil {
		return err
	}
	return f.mailAtOnce(ctx, s)
}

// finish ends the step with tokens.
func (s *Step) finish(token *mfa.Token) {
	factor := s.factor
	s.leave()
	s.state, s.factor, s.token, s.mfaToken = StateDone, factor, token, mfa.Secret{}
	if code := token.RecoveryCode; !code.IsZero() && !slices.ContainsFunc(s.recoveryCodes, code.Equal) {
		s.recoveryCodes = append(s.recoveryCodes, code)
	}
}
