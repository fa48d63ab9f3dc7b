package acmelogin

import (
	"errors"
	"time"

	"github.com/go-auth0-mfa/mfa"
)

// The errors that a page of Acme distinguishes. Match them with errors.Is.
var (
	ErrTypo        = errors.New("acmelogin: what was typed is not right")
	ErrLogInAgain  = errors.New("acmelogin: the login has to begin again")
	ErrComeBack    = errors.New("acmelogin: come back later")
	ErrCallSupport = errors.New("acmelogin: the user cannot sign in")
	ErrOurFault    = errors.New("acmelogin: a setting or the code is wrong")
)

// Error is a failure of this package. It matches one of the Err… variables. errors.As
// finds the *mfa.Error behind it.
type Error struct {
	Kind  error         // one of the Err… variables
	After time.Duration // how long to wait; 0 if unknown
	cause error
}

// Error returns the kind and the text of package mfa, which holds no secrets.
func (e *Error) Error() string { return e.Kind.Error() + ": " + e.cause.Error() }

// Unwrap returns the kind and the error of package mfa.
func (e *Error) Unwrap() []error { return []error{e.Kind, e.cause} }

// wrap converts an error of package mfa. If the caller's own context ended the call, the
// error stays as it is.
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

// kind follows mfa.NextAction, except where Acme's pages differ.
func kind(err error) error {
	switch {
	case errors.Is(err, mfa.ErrInvalidCredentials):
		return ErrTypo
	case errors.Is(err, mfa.ErrAlreadyEnrolled):
		return ErrCallSupport // another factor, which no page of Acme asks for
	}
	switch mfa.NextAction(err) {
	case mfa.ActionAskAgain:
		return ErrTypo
	case mfa.ActionRestartLogin, mfa.ActionResend, mfa.ActionChallenge, mfa.ActionCheckInbox:
		return ErrLogInAgain // the login mails another code
	case mfa.ActionWait, mfa.ActionRetryLater:
		return ErrComeBack
	case mfa.ActionAbort:
		return ErrCallSupport
	default: // ActionFix, and actions that a password and one mailed code do not lead to
		return ErrOurFault
	}
}
