package flow

import (
	"errors"
	"time"

	"github.com/go-auth0-mfa/mfa"
)

// sentinel is an error to match with errors.Is, and one of package mfa that it
// means as well.
type sentinel struct {
	text string
	as   error
}

func (s *sentinel) Error() string { return "flow: " + s.text }
func (s *sentinel) Unwrap() error { return s.as }

// What can go wrong with a step, beside what package mfa reports. Match with
// errors.Is; [mfa.NextAction] knows what they mean.
var (
	// ErrStepExpired: the sealed step is too old; its mfa_token is dead. It is an
	// [mfa.ErrTokenExpired]: the user logs in again.
	ErrStepExpired error = &sentinel{"step is expired", mfa.ErrTokenExpired}
	// ErrStepInvalid: the sealed step was changed, or sealed with another key or
	// binding, or for another tenant or application. It is an
	// [mfa.ErrInvalidToken]: the user logs in again.
	ErrStepInvalid error = &sentinel{"step is invalid", mfa.ErrInvalidToken}
	// ErrStepState: the call does not fit [Step.State], or the step is nil. It is
	// an [mfa.ErrInvalidRequest], which [mfa.NextAction] takes for a mistake of the
	// page. A form of a browser tab that was left behind causes it too: match it
	// first, and show the form of Step.State.
	ErrStepState error = &sentinel{"call does not fit the state of the step", mfa.ErrInvalidRequest}
	// ErrStepTooLarge: the sealed step would be longer than 3,800 characters and
	// not fit into a cookie; keep it on the server. It is an
	// [mfa.ErrInvalidRequest].
	ErrStepTooLarge error = &sentinel{"sealed step would be too long", mfa.ErrInvalidRequest}

	// errNotACode: what was typed cannot be a code, and was not sent.
	errNotACode error = &sentinel{"what was typed cannot be a code", mfa.ErrInvalidCode}
)

// CooldownError refuses a message that comes too early; nothing was sent. It is an
// [mfa.ErrTooManyMessages], so [mfa.NextAction] says [mfa.ActionWait].
type CooldownError struct {
	// ResendAt is when the call may be made: [Step.ResendAt]. When the messages of
	// [WithMaxSends] are used up it is [Step.ExpiresAt]: only another login sends
	// more.
	ResendAt time.Time
}

// Error says until when to wait.
func (e *CooldownError) Error() string {
	return "flow: not before " + e.ResendAt.UTC().Format(time.RFC3339)
}

// Unwrap returns [mfa.ErrTooManyMessages].
func (e *CooldownError) Unwrap() error { return mfa.ErrTooManyMessages }

// staleCodeError is a refused code that was too old to be right: Auth0 calls
// it wrong, but to ask for the same code again would lead nowhere.
type staleCodeError struct{ response *mfa.Error }

func (e *staleCodeError) Error() string { return "flow: the code is too old: " + e.response.Error() }
func (e *staleCodeError) Unwrap() error { return mfa.ErrChallengeExpired }

// As finds the answer, which Unwrap must not lead to: it means another error.
func (e *staleCodeError) As(target any) bool {
	response, ok := target.(**mfa.Error)
	if ok {
		*response = e.response
	}
	return ok
}

// retryAfter returns the error with a wait in [mfa.Error.RetryAfter]: the one
// that Auth0 stated, else the documented one.
func retryAfter(err error, documented time.Duration) error {
	stated, ok := errors.AsType[*mfa.Error](err)
	if !ok || stated.RetryAfter > 0 {
		return err
	}
	e := *stated
	e.RetryAfter = documented
	return &e
}

// waitIn returns how long the error asks to wait; 0: it does not say.
func waitIn(err error) time.Duration {
	if e, ok := errors.AsType[*mfa.Error](err); ok {
		return e.RetryAfter
	}
	return 0
}
