package mfa

import (
	"context"
	"errors"
	"slices"
)

// Action is what a login page should do after an error; see [NextAction].
type Action int

const (
	// ActionNone: nothing; there was no error, or the user went away.
	ActionNone Action = iota
	// ActionAskAgain: show the form again; what the user typed was not right.
	ActionAskAgain
	// ActionResend: call [Client.Challenge] again, with the same mfa_token.
	ActionResend
	// ActionChallenge: challenge an authenticator out of [Client.ListAuthenticators].
	ActionChallenge
	// ActionEnroll: call [Client.Associate]; the user has no authenticator.
	ActionEnroll
	// ActionVerifyMFA: another factor is due; go on with the token of the [*RequiredError].
	ActionVerifyMFA
	// ActionRestartLogin: back to the password; this login cannot be completed.
	ActionRestartLogin
	// ActionWait: tell the user to come back after [Error.RetryAfter]. All who are
	// refused within a second are told the same wait: a program that waits in the
	// user's place should add a random part to it, of its length at first and
	// twice as long after each further refusal, or all come back together.
	ActionWait
	// ActionPoll: call [Client.PollPush] again, not sooner than [Error.RetryAfter]
	// or five seconds.
	ActionPoll
	// ActionCheckInbox: a message may be out though no answer said so; have the
	// user look before another is sent.
	ActionCheckInbox
	// ActionRetryLater: something failed that may be well again in a while.
	ActionRetryLater
	// ActionAbort: the login is refused for good; show where help is to be had.
	ActionAbort
	// ActionFix: a developer or an administrator has to mend something; log the
	// error and its [Error.Hint], and apologise.
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

// NextAction says what the login page should do now. It takes any error: of
// this package, wrapped, made by hand, or a bare Err… variable. Errors of
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
		case e.unanswered():
			return ActionRetryLater
		case e.Op == OpDeleteAuthenticator && errors.Is(err, ErrAuthenticatorNotFound):
			return ActionNone // it is gone
		}
	}
	for _, row := range []struct {
		is   error
		next Action
	}{
		{ErrMFARequired, ActionVerifyMFA},
		{ErrAlreadyEnrolled, ActionChallenge},
		{ErrUnsupportedChallenge, ActionChallenge},
		{ErrAuthenticatorNotFound, ActionChallenge},
		{ErrNotEnrolled, ActionEnroll},
		{ErrInvalidCode, ActionAskAgain},
		{ErrChallengeExpired, ActionResend},
		{ErrRejected, ActionResend},
		{ErrInvalidToken, ActionRestartLogin},
		{ErrTokenExpired, ActionRestartLogin},
		{ErrInvalidCredentials, ActionRestartLogin},
		{ErrRateLimited, ActionWait},
		{ErrAuthorizationPending, ActionPoll},
		{ErrSlowDown, ActionPoll},
		{ErrOutcomeUnknown, ActionRetryLater},
		{ErrServer, ActionRetryLater},
		{ErrDeliveryFailed, ActionRetryLater},
		{ErrUnexpectedResponse, ActionRetryLater},
		{ErrBlocked, ActionAbort},
	} {
		if errors.Is(err, row.is) {
			return row.next
		}
	}
	return ActionFix
}

// afterUnknown says what is safe after a call that may have acted.
func afterUnknown(op Op) Action {
	switch op {
	case OpChallenge, OpAssociate:
		return ActionCheckInbox
	case OpVerifyOOB:
		return ActionResend // the code may be spent
	case OpVerifyOTP:
		return ActionAskAgain // the app shows a new code soon
	case OpVerifyRecoveryCode:
		return ActionRestartLogin // the code may be spent and its replacement lost
	default:
		return ActionRetryLater
	}
}

// typedByUser reports whether the refused fields are all such that the end
// user typed them.
func typedByUser(fields []string) bool {
	return len(fields) > 0 && !slices.ContainsFunc(fields, func(field string) bool {
		switch field {
		case "BindingCode", "OTP", "RecoveryCode", "Email", "PhoneNumber", "Username", "Password":
			return false
		default:
			return true
		}
	})
}
