package acmelogin

import (
	"errors"
	"time"

	"github.com/go-auth0-mfa/mfa"
)

// What a page of Acme tells apart. Match with errors.Is.
var (
	ErrTypo        = errors.New("acmelogin: what was typed is not right")
	ErrLogInAgain  = errors.New("acmelogin: the login has to begin again")
	ErrComeBack    = errors.New("acmelogin: come back later")
	ErrCallSupport = errors.New("acmelogin: the user cannot sign in")
	ErrOurFault    = errors.New("acmelogin: a setting or the code is wrong")
)

// Error is every failure of this package. It is one of the Err… variables, and
// keeps what package mfa said: errors.As finds the *mfa.Error.
type Error struct {
	Kind  error         // one of the Err… variables
	After time.Duration // how long to wait; 0: unknown
	cause error
}

// Error adds the words of package mfa, which hold no secret.
func (e *Error) Error() string { return e.Kind.Error() + ": " + e.cause.Error() }

// Unwrap returns the kind and the error of package mfa.
func (e *Error) Unwrap() []error { return []error{e.Kind, e.cause} }

// wrap makes an error of package mfa one of this package. What the caller's own
// context ended stays as it is.
func wrap(err error) error {
	if mfa.NextAction(err) == mfa.ActionNone {
		return err
	}
	e := &Error{Kind: kind(err), cause: err}
	if refused, ok := errors.AsType[*mfa.Error](err); ok {
		e.After = refused.RetryAfter
	}
	return e
}

// kind starts from what package mfa would do, and differs where Acme's pages do.
func kind(err error) error {
	if errors.Is(err, mfa.ErrInvalidCredentials) {
		return ErrTypo
	}
	switch mfa.NextAction(err) {
	case mfa.ActionAskAgain:
		return ErrTypo
	case mfa.ActionRestartLogin, mfa.ActionResend, mfa.ActionChallenge, mfa.ActionCheckInbox:
		return ErrLogInAgain // which mails another code
	case mfa.ActionWait, mfa.ActionRetryLater:
		return ErrComeBack
	case mfa.ActionAbort:
		return ErrCallSupport
	default: // Fix, and what a password and one mailed code do not lead to
		return ErrOurFault
	}
}
