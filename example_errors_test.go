package mfa_test

import (
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/go-auth0-mfa/mfa"
)

const (
	oneMoreStep = "There is one more step. Please confirm that it is you."
	tryLater    = "That did not work. Please try again later."
)

// sentences are what the page says after an error, by what it does next.
var sentences = map[mfa.Action]string{
	mfa.ActionNone:         "", // no error, or the user went away
	mfa.ActionAskAgain:     "That is not right. Please check what you typed.",
	mfa.ActionResend:       "That code is no longer valid. We can send you a new one.",
	mfa.ActionCheckInbox:   "We may have sent you a code. Please look into your inbox before you ask for another.",
	mfa.ActionRestartLogin: "Please sign in again.",
	mfa.ActionAbort:        "You cannot sign in. Please contact support.",
	mfa.ActionVerifyMFA:    oneMoreStep, mfa.ActionChallenge: oneMoreStep, mfa.ActionEnroll: oneMoreStep, mfa.ActionPoll: oneMoreStep,
	mfa.ActionWait: tryLater, mfa.ActionRetryLater: tryLater,
}

// message returns what the page says after an error, and logs what a developer has to fix.
func message(log *slog.Logger, err error) string {
	if errors.Is(err, mfa.ErrInvalidCredentials) {
		return "Incorrect e-mail address or password."
	}
	if sentence, found := sentences[mfa.NextAction(err)]; found {
		return sentence
	}
	e := new(mfa.Error) // after ActionFix
	errors.As(err, &e)
	log.Error("sign-in failed", "err", err, "hint", e.Hint(), "request_id", e.RequestID)
	return "Sorry, you cannot sign in right now."
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

// A queue, a batch job or a gateway waits longer than it is told, by a random time.
func ExampleRetryAfter() {
	err := &mfa.Error{Op: mfa.OpListAuthenticators, StatusCode: 429, Code: "too_many_requests", RetryAfter: 4 * time.Second}
	n := 1 // after the first refusal

	base := max(mfa.RetryAfter(err), time.Second) // 0 if Auth0 does not say
	wait := base + rand.N(base<<min(n, 5))
	fmt.Println(base, base <= wait && wait < 3*base)
	// Output:
	// 4s true
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
