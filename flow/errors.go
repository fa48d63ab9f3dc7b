package flow

import (
	"errors"
	"time"

	"github.com/go-auth0-mfa/mfa"
)

// sentinel is an error to match with errors.Is. It is also an error of package
// mfa.
type sentinel struct {
	text string
	as   error
}

func (s *sentinel) Error() string { return "flow: " + s.text }
func (s *sentinel) Unwrap() error { return s.as }

// The errors of a step, beside those of package mfa. Match them with errors.Is;
// [mfa.NextAction] knows what they mean.
var (
	// ErrStepExpired means that the sealed step is too old, and its mfa_token has
	// expired. It is an [mfa.ErrTokenExpired]: the user logs in again.
	ErrStepExpired error = &sentinel{"step has expired", mfa.ErrTokenExpired}
	// ErrStepInvalid means that the sealed step was changed, or was sealed with
	// another key or binding, by another version, or for another tenant or
	// application. It is an [mfa.ErrInvalidToken]: the user logs in again.
	ErrStepInvalid error = &sentinel{"step is invalid", mfa.ErrInvalidToken}
	// ErrStepState means that [Step.State] does not allow the call, or that the step
	// is nil. It is an [mfa.ErrInvalidRequest], which [mfa.NextAction] takes for a
	// mistake of the page. But the form of a browser tab that was left open causes it
	// too: match it first, and show the form of Step.State.
	ErrStepState error = &sentinel{"the state of the step does not allow the call", mfa.ErrInvalidRequest}
	// ErrStepTooLarge means that the sealed step would be longer than [WithMaxSealed]
	// allows. A call that would send a message returns it before it sends. The reason
	// is a very long mfa_token. It is an [mfa.ErrInvalidRequest].
	ErrStepTooLarge error = &sentinel{"sealed step would be too long", mfa.ErrInvalidRequest}
	// ErrStepUsed means that the sealed step has made a call before: in another browser
	// tab, after a double click, or longer than a minute ago. Nothing was sent. It comes
	// only with [WithStore], and is an [mfa.ErrInvalidToken]: the user logs in again. But
	// match it first, and show the form of Step.State, if the browser may have a newer
	// step: the step is as the first call left it, unless that call brought tokens, codes
	// or another factor, which are for nobody else.
	ErrStepUsed error = &sentinel{"step was used before", mfa.ErrInvalidToken}

	// errNotACode means that the text cannot be a code, and was not sent.
	errNotACode error = &sentinel{"what was typed cannot be a code", mfa.ErrInvalidCode}
)

// CooldownError means that a message was asked for too early. Nothing was sent.
// It is an [mfa.ErrTooManyMessages], so [mfa.NextAction] returns [mfa.ActionWait].
type CooldownError struct {
	// ResendAt is the earliest time for the call: [Step.ResendAt]. When the messages
	// of [WithMaxSends] are used up, it is [Step.ExpiresAt], because only another
	// login can send more.
	ResendAt time.Time

	wait time.Duration // until then, on the clock of the Flow that made the error
}

// Error names the time to wait for.
func (e *CooldownError) Error() string {
	return "flow: not before " + e.ResendAt.UTC().Format(time.RFC3339)
}

// RetryAfter returns how long it was until ResendAt when the error was made, on the
// clock of the [Flow]. For an error made by hand it is how long it is from now. It is
// what [mfa.RetryAfter] returns.
func (e *CooldownError) RetryAfter() time.Duration {
	if e.wait != 0 {
		return e.wait
	}
	return max(0, time.Until(e.ResendAt))
}

// Unwrap returns [mfa.ErrTooManyMessages].
func (e *CooldownError) Unwrap() error { return mfa.ErrTooManyMessages }

// staleCodeError means that a refused code was too old to be right. Auth0 calls it
// wrong, but asking for the same code again would lead nowhere.
type staleCodeError struct{ response *mfa.Error }

func (e *staleCodeError) Error() string { return "flow: the code is too old: " + e.response.Error() }
func (e *staleCodeError) Unwrap() error { return mfa.ErrChallengeExpired }

// As finds the response. Unwrap must not lead to it, because it means another error.
func (e *staleCodeError) As(target any) bool {
	response, ok := target.(**mfa.Error)
	if ok {
		*response = e.response
	}
	return ok
}

// retryAfter returns the error with a wait in [mfa.Error.RetryAfter]: the one that
// Auth0 stated, or the documented one.
func retryAfter(err error, documented time.Duration) error {
	stated, ok := errors.AsType[*mfa.Error](err)
	if !ok || stated.RetryAfter > 0 {
		return err
	}
	e := *stated
	e.RetryAfter = documented
	return &e
}

// waitIn returns how long the error asks to wait, or 0.
func waitIn(err error) time.Duration {
	if e, ok := errors.AsType[*mfa.Error](err); ok {
		return e.RetryAfter
	}
	return 0
}
