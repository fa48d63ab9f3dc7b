package mfa

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/go-auth0-mfa/mfa/internal/input"
	"github.com/go-auth0-mfa/mfa/internal/transport"
)

// Action is what a login page should do next; see [NextAction].
type Action int

const (
	// ActionNone means that there is nothing to do: there was no error, the user went
	// away, or the authenticator to delete does not exist any more.
	ActionNone Action = iota
	// ActionAskAgain means that what the user typed was not right: show the form again.
	ActionAskAgain
	// ActionResend means to call [Client.Challenge] again, with the same mfa_token.
	ActionResend
	// ActionChallenge means to challenge an authenticator of [Client.ListAuthenticators].
	ActionChallenge
	// ActionEnroll means that the user has no authenticator: call [Client.Associate].
	ActionEnroll
	// ActionVerifyMFA means that another factor is due: continue with the token of the
	// [*RequiredError].
	ActionVerifyMFA
	// ActionRestartLogin means that this login cannot be completed: back to the password.
	ActionRestartLogin
	// ActionWait means to tell the user to come back after [Error.RetryAfter]. Clients
	// refused in the same second get the same wait. A program that waits on the user's
	// behalf should add jitter, up to the wait itself at first and doubling after each
	// refusal.
	ActionWait
	// ActionPoll means to call [Client.PollPush] again, not sooner than after
	// [Error.RetryAfter] or five seconds.
	ActionPoll
	// ActionCheckInbox means that a message may have been sent, although no response said
	// so: have the user look into the inbox before another is sent.
	ActionCheckInbox
	// ActionRetryLater means a temporary failure: offer to try again in a while.
	ActionRetryLater
	// ActionAbort means that the login is refused for good: show where to get help.
	ActionAbort
	// ActionFix means that a developer or an administrator has to fix something: log
	// the error and its [Error.Hint], and apologize.
	ActionFix
)

// String returns the name of the action without its prefix: "AskAgain".
func (a Action) String() string {
	names := [...]string{
		"None", "AskAgain", "Resend", "Challenge", "Enroll", "VerifyMFA", "RestartLogin",
		"Wait", "Poll", "CheckInbox", "RetryLater", "Abort", "Fix",
	}
	if a < 0 || int(a) >= len(names) {
		return "unknown"
	}
	return names[a]
}

// NextAction says what the login page should do now. It accepts any error: one of
// this package, also wrapped or made by hand, or a bare Err… variable. Errors of
// other packages give [ActionFix], nil gives [ActionNone].
func NextAction(err error) Action {
	if err == nil || errors.Is(err, context.Canceled) {
		return ActionNone
	}
	if required, ok := errors.AsType[*RequiredError](err); ok {
		if required.MFAToken.IsZero() {
			return ActionFix
		}
		return ActionVerifyMFA
	}
	if e, ok := errors.AsType[*Error](err); ok {
		switch {
		case e.outcomeUnknown():
			return afterUnknown(e.Op)
		case typedByUser(e.Fields):
			return ActionAskAgain
		case e.refusedByProxy():
			return ActionFix
		case e.lacksSession():
			return ActionRestartLogin
		case e.unanswered() && !e.limited:
			return ActionRetryLater
		case e.meaning().next != ActionNone:
			return e.meaning().next
		case e.Op == OpDeleteAuthenticator && errors.Is(err, ErrAuthenticatorNotFound):
			return ActionNone // it is gone
		}
	}
	if s, ok := errors.AsType[*sentinel](err); ok {
		return s.next
	}
	return ActionFix
}

// refusedByProxy reports whether a proxy wants to know who asks, or forbids it.
func (e *Error) refusedByProxy() bool {
	var proxy *transport.ProxyError
	if !e.As(&proxy) {
		return false
	}
	switch proxy.Status {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusProxyAuthRequired:
		return true
	default:
		return false
	}
}

// afterUnknown says what is safe after a call that may have acted.
func afterUnknown(op Op) Action {
	switch op {
	case OpChallenge, OpAssociate:
		return ActionCheckInbox
	case OpVerifyOOB:
		return ActionResend // the code may be used
	case OpVerifyOTP:
		return ActionAskAgain // the app shows a new code soon
	case OpVerifyRecoveryCode:
		return ActionRestartLogin // the code may be used and its replacement lost
	default:
		return ActionRetryLater
	}
}

// typedByUser reports whether the end user typed all of the refused fields.
func typedByUser(fields []string) bool {
	return len(fields) > 0 && !slices.ContainsFunc(fields, func(field string) bool { return !isTyped(field) })
}

func isTyped(field string) bool {
	switch field {
	case "BindingCode", "OTP", "RecoveryCode", "Email", "PhoneNumber", "Username", "Password":
		return true
	default:
		return false
	}
}

// lacksSession reports whether a token of the login is missing, and nothing else is
// wrong but what the end user typed: the page kept it in a session that is no more. An
// error made by hand does not tell a missing token from a malformed one.
func (e *Error) lacksSession() bool {
	lacks := false
	for _, one := range e.refused {
		switch {
		case isTyped(one.field):
		case isOfSession(one.field) && one.problem == input.Missing:
			lacks = true
		default:
			return false
		}
	}
	return lacks
}

// isOfSession reports whether the page keeps the field while a login goes on.
func isOfSession(field string) bool {
	switch field {
	case "MFAToken", "OOBCode", "Token", "RefreshToken":
		return true
	default:
		return false
	}
}

// RetryAfter returns how long to wait before it makes sense to repeat the call that
// failed with err, an error of this package or of package flow. It is
// [Error.RetryAfter], or what a method RetryAfter() time.Duration of the error returns.
// If it is zero, that is unknown.
func RetryAfter(err error) time.Duration {
	if own, ok := errors.AsType[interface {
		error
		RetryAfter() time.Duration
	}](err); ok {
		return max(0, own.RetryAfter())
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.RetryAfter
	}
	return 0
}
