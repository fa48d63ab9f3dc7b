package mfa_test

import (
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/go-auth0-mfa/mfa"
)

// message returns what the page says after an error, and logs what a developer has to fix.
func message(log *slog.Logger, err error) string {
	if errors.Is(err, mfa.ErrInvalidCredentials) {
		return "Incorrect e-mail address or password."
	}
	switch mfa.NextAction(err) {
	case mfa.ActionNone: // no error, or the user went away
		return ""
	case mfa.ActionAskAgain:
		return "That is not right. Please check what you typed."
	case mfa.ActionResend:
		return "That code is no longer valid. We can send you a new one."
	case mfa.ActionVerifyMFA, mfa.ActionChallenge, mfa.ActionEnroll, mfa.ActionPoll:
		return "There is one more step. Please confirm that it is you."
	case mfa.ActionCheckInbox:
		return "We may have sent you a code. Please look into your inbox before you ask for another."
	case mfa.ActionRestartLogin:
		return "Please sign in again."
	case mfa.ActionWait, mfa.ActionRetryLater:
		return "That did not work. Please try again later."
	case mfa.ActionAbort:
		return "You cannot sign in. Please contact support."
	default: // ActionFix
		e := new(mfa.Error)
		errors.As(err, &e)
		log.Error("sign-in failed", "err", err, "hint", e.Hint(), "request_id", e.RequestID)
		return "Sorry, you cannot sign in right now."
	}
}

// One function chooses what the page says after any call. An error made by hand means
// the same as one that came from Auth0.
func ExampleNextAction() {
	log := slog.Default()
	wrongCode := &mfa.Error{Op: mfa.OpVerifyOOB, StatusCode: 403, Code: "invalid_grant", Description: "Invalid binding_code."}
	lostReply := &mfa.Error{Op: mfa.OpChallenge, Delivery: mfa.DeliveryUnknown}
	refused := &mfa.Error{Op: mfa.OpChallenge, StatusCode: 429, Code: "too_many_requests", RetryAfter: time.Minute}
	for _, err := range []error{wrongCode, lostReply, refused, mfa.ErrTokenExpired, nil} {
		fmt.Printf("%v: %q\n", mfa.NextAction(err), message(log, err))
	}
	// Output:
	// AskAgain: "That is not right. Please check what you typed."
	// CheckInbox: "We may have sent you a code. Please look into your inbox before you ask for another."
	// Wait: "That did not work. Please try again later."
	// RestartLogin: "Please sign in again."
	// None: ""
}

func ExampleParseErrorOf() {
	// The response that another library got to its login.
	err := mfa.ParseErrorOf(mfa.OpPasswordLogin, 403, nil, []byte(
		`{"error":"mfa_required","error_description":"Multifactor authentication required","mfa_token":"Fe26.2*eyJhb"}`))
	fmt.Println(err)
	fmt.Println(errors.Is(err, mfa.ErrMFARequired), mfa.NextAction(err))
	// Output:
	// mfa: password login: multi-factor authentication is required (HTTP 403, mfa_required)
	// true VerifyMFA
}
