package flow

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/internal/input"
)

// Submission holds the parameters of [Step.Submit].
type Submission struct {
	// Code is the text as the user typed or pasted it. Six digits are found with
	// spaces and dashes between them, in the digits of any script, and in a
	// sentence such as "Your code is 123456". In a recovery code spaces and dashes
	// are dropped and letters become capitals. Secret.
	Code mfa.Secret
	// EndUserIP is the user's address as the backend itself saw it, as in
	// [mfa.VerifyOOBRequest]. If zero, it is not sent.
	EndUserIP netip.Addr
}

// Submit verifies the code that the user typed, or confirms an enrollment with
// it. After a nil error look at [Step.State]: in [StateDone] there are tokens.
// When another factor is due, the step has gone on as [Flow.Begin] does.
//
// Text that cannot be a code is refused without a request and costs no attempt.
// The error is [mfa.ErrInvalidCode], as for a wrong code, after which the step is
// as usable as before. A code that Auth0 refuses after [Step.CodeExpiresAt] is
// [mfa.ErrChallengeExpired] instead, because only another code can be right.
//
// After [mfa.ErrTooManyAttempts], [mfa.Error.RetryAfter] is the time until Auth0
// accepts the next code: the one that Auth0 states, or the documented 6 minutes.
// After [mfa.ErrOutcomeUnknown] the code may be spent: send another. Other errors
// are those of the verify calls of [mfa.Client], and [ErrStepState].
func (s *Step) Submit(ctx context.Context, sub Submission) error {
	f, d, err := s.in("Submit", StateEnterCode)
	if err != nil {
		return err
	}
	clean := input.OneTimeCode
	if d.factor == mfa.FactorRecoveryCode {
		clean = input.RecoveryCode
	}
	typed, ok := clean(sub.Code.Reveal())
	if !ok {
		return errNotACode
	}
	code := mfa.NewSecret(typed)
	verify := func(ctx context.Context) (*mfa.Token, error) {
		switch d.factor {
		case mfa.FactorOTP:
			return f.client.VerifyOTP(ctx, mfa.VerifyOTPRequest{MFAToken: d.mfaToken, OTP: code, EndUserIP: sub.EndUserIP})
		case mfa.FactorRecoveryCode:
			return f.client.VerifyRecoveryCode(ctx, mfa.VerifyRecoveryCodeRequest{MFAToken: d.mfaToken, RecoveryCode: code, EndUserIP: sub.EndUserIP})
		default:
			return f.client.VerifyOOB(ctx, mfa.VerifyOOBRequest{MFAToken: d.mfaToken, OOBCode: d.oobCode, BindingCode: code, EndUserIP: sub.EndUserIP})
		}
	}
	u := use{verb: "Submit", input: []string{typed}, op: mfa.OpVerifyOOB, request: withoutResult(verify)}
	switch d.factor {
	case mfa.FactorOTP:
		u.op = mfa.OpVerifyOTP
	case mfa.FactorRecoveryCode:
		u.op = mfa.OpVerifyRecoveryCode
	}
	return f.once(ctx, d, u, func(ctx context.Context) error {
		token, err := verify(ctx)
		return f.verified(ctx, d, token, f.attempted(d, err))
	})
}

// attempted counts what an attempt cost, and returns its error with what the
// page needs to know.
func (f *Flow) attempted(d *stepData, err error) error {
	switch {
	case errors.Is(err, mfa.ErrTooManyAttempts):
		d.attemptsLeft = 0
		return retryAfter(err, attemptEvery)
	case !errors.Is(err, mfa.ErrInvalidCode):
		return err
	}
	d.attemptsLeft = max(0, d.attemptsLeft-1)
	response, ok := errors.AsType[*mfa.Error](err)
	if ok && !d.codeExpiresAt.IsZero() && !f.now().Before(d.codeExpiresAt) {
		return &staleCodeError{response}
	}
	return err
}

// Poll holds the parameters of [Step.Poll].
type Poll struct {
	// EndUserIP is the user's address as the backend itself saw it, as in
	// [mfa.PollPushRequest]. If zero, it is not sent.
	EndUserIP netip.Addr
}

// Poll asks once whether the user approved the push notification. It does not
// wait. After a nil error look at [Step.State], as after [Step.Submit].
//
// Until the user has decided the error is [mfa.ErrAuthorizationPending]: poll
// again at [Step.PollAt]. Before that time Poll returns the same error without a
// request. After [mfa.ErrSlowDown] the interval is 5 seconds longer for the rest
// of the step. After [mfa.ErrRejected] this notification is over and PollAt is
// zero: offer [Step.Resend] or [Step.Choose]. Other errors are those of
// [mfa.Client.PollPush], and [ErrStepState].
//
// RFC 8628, section 3.5.
func (s *Step) Poll(ctx context.Context, p Poll) error {
	f, d, err := s.in("Poll", StatePoll)
	if err != nil {
		return err
	}
	if f.now().Before(d.pollAt) {
		return fmt.Errorf("flow: Poll: not before PollAt: %w", mfa.ErrAuthorizationPending)
	}
	poll := func(ctx context.Context) (*mfa.Token, error) {
		return f.client.PollPush(ctx, mfa.PollPushRequest{MFAToken: d.mfaToken, OOBCode: d.oobCode, EndUserIP: p.EndUserIP})
	}
	polled := func(err error) error {
		if errors.Is(err, mfa.ErrSlowDown) {
			d.slowDowns++
		}
		d.pollAt = f.now().Add(max(d.pollInterval(), waitIn(err)))
		if errors.Is(err, mfa.ErrRejected) {
			d.pollAt = time.Time{}
		}
		return err
	}
	return f.once(ctx, d, use{verb: "Poll", op: mfa.OpPollPush, request: withoutResult(poll), lost: polled}, func(ctx context.Context) error {
		token, err := poll(ctx)
		return f.verified(ctx, d, token, polled(err))
	})
}

// pollInterval returns the time between two polls.
func (d *stepData) pollInterval() time.Duration {
	return pollInterval + time.Duration(d.slowDowns)*slowDown
}

// verified moves the step on after a verify call.
func (f *Flow) verified(ctx context.Context, d *stepData, token *mfa.Token, err error) error {
	switch {
	case err == nil:
		d.finish(token)
		return nil
	case !errors.Is(err, mfa.ErrMFARequired):
		return f.listAgain(ctx, d, err)
	}
	required, err := requiredIn(err)
	if err != nil {
		return err
	}
	if d.purpose == forAccount {
		d.purpose = forAccountMFA
	}
	f.restart(d, required)
	if err := f.list(ctx, d); err != nil {
		return err
	}
	return f.mailAtOnce(ctx, d)
}

// finish ends the step with tokens.
func (d *stepData) finish(token *mfa.Token) {
	factor, challenged := d.factor, d.challenged
	d.reset()
	d.state, d.factor, d.challenged, d.mfaToken = StateDone, factor, challenged, mfa.Secret{}
	if d.purpose == forLogin {
		d.token = token
	}
	if code := token.RecoveryCode; !code.IsZero() && !slices.ContainsFunc(d.recoveryCodes, code.Equal) {
		d.recoveryCodes = append(d.recoveryCodes, code)
	}
}
