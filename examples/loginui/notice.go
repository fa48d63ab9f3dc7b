package main

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/flow"
)

// notice is what the next page tells the user. It goes through a cookie as a
// key, never as text: what a page says is in this file.
type notice struct {
	key   string
	until time.Time // for those that ask to wait
}

// notices are the texts. Those in good are no errors.
var (
	notices = map[string]string{
		"address":  "This is not an e-mail address we can use. Please check it.",
		"again":    "We sent you a message just now.",
		"aborted":  "You cannot sign in at the moment. Please contact support.",
		"attempts": "Too many wrong codes.",
		"broken":   "Something on our side needs mending, and we have been told. Please try again later.",
		"choose":   "That way to sign in is not available any more. Please choose another.",
		"code":     "That code is not right.",
		"enroll":   "You have not set up a second step yet.",
		"expired":  "Your sign-in took too long. Please sign in again.",
		"form":     "Please fill in both fields.",
		"inbox":    "We could not see whether the message went out. Please look whether it has arrived before you send another.",
		"later":    "Something did not work. Please try again in a minute.",
		"logins":   "Too many attempts to sign in.",
		"old-code": "That code is too old. Please send another one.",
		"password": "E-mail address or password is not right.",
		"rejected": "The sign-in was rejected on your phone. If that was a mistake, send the notification again.",
		"restart":  "Please sign in again.",
		"spent":    "We have sent all the messages we can. Please use the newest, or start over.",
		"stale":    "That page was out of date. Please go on here.",
		"unknown":  "We could not check that code. Please use another one.",
		"wait":     "Please wait a moment.",
		"next":     "That was right. There is one more step.",
		"pending":  "Not approved yet. Look at your phone.",
		"sent":     "On its way. Only the newest message counts.",
		"bye":      "You are signed out.",
	}
	// successes are what forms that went well say, by their path.
	successes = map[string]string{"/send": "sent", "/code": "next", "/poll": "next"}
	good      = map[string]bool{"next": true, "pending": true, "sent": true, "bye": true}
)

// noticeFor says what the user is told about an error. The error's own text is
// for developers, and Auth0's is as well.
func (s *site) noticeFor(step *flow.Step, err error) notice {
	early, isEarly := errors.AsType[*flow.CooldownError](err)
	switch {
	case isEarly:
		if step != nil && step.SendsLeft() == 0 {
			return notice{key: "spent"} // only another login sends more
		}
		return notice{"again", early.ResendAt}
	case errors.Is(err, flow.ErrStepState): // the form of a tab that was left behind
		return notice{key: "stale"}
	case errors.Is(err, mfa.ErrInvalidCredentials):
		return notice{key: "password"}
	case errors.Is(err, mfa.ErrRejected):
		return notice{key: "rejected"}
	}
	switch mfa.NextAction(err) {
	case mfa.ActionNone:
		return notice{}
	case mfa.ActionAskAgain:
		switch {
		case step == nil:
			return notice{key: "form"}
		case errors.Is(err, mfa.ErrInvalidRequest):
			return notice{key: "address"}
		case errors.Is(err, mfa.ErrOutcomeUnknown):
			return notice{key: "unknown"}
		}
		return notice{key: "code"}
	case mfa.ActionResend:
		if errors.Is(err, mfa.ErrOutcomeUnknown) {
			return notice{key: "unknown"}
		}
		return notice{key: "old-code"}
	case mfa.ActionCheckInbox:
		return notice{key: "inbox"}
	case mfa.ActionChallenge:
		return notice{key: "choose"}
	case mfa.ActionEnroll:
		return notice{key: "enroll"}
	case mfa.ActionWait:
		return s.waitNotice(step, err)
	case mfa.ActionPoll:
		return notice{key: "pending"}
	case mfa.ActionRestartLogin:
		if errors.Is(err, mfa.ErrTokenExpired) {
			return notice{key: "expired"}
		}
		return notice{key: "restart"}
	case mfa.ActionRetryLater:
		return notice{key: "later"}
	case mfa.ActionAbort:
		return notice{key: "aborted"}
	default:
		return notice{key: "broken"}
	}
}

// waitNotice says how long to wait.
func (s *site) waitNotice(step *flow.Step, err error) notice {
	n := notice{key: "wait"}
	if errors.Is(err, mfa.ErrTooManyAttempts) {
		n.key = "attempts"
		if step == nil {
			n.key = "logins"
		}
	}
	if e, ok := errors.AsType[*mfa.Error](err); ok && e.RetryAfter > 0 {
		n.until = s.now().Add(e.RetryAfter)
	}
	return n
}

// text returns what the page says.
func (n notice) text(step *flow.Step, now time.Time) string {
	text := notices[n.key]
	switch {
	case text == "":
		return ""
	case n.until.After(now) && n.key == "again":
		text += fmt.Sprintf(" You can send another in %s.", words(seconds(n.until, now)))
	case n.until.After(now):
		text += fmt.Sprintf(" You can go on in %s.", words(seconds(n.until, now)))
	case n.key == "attempts" || n.key == "logins":
		text += " Please wait some minutes."
	case n.key == "code" && step != nil:
		switch left := step.AttemptsLeft(); {
		case left == 1:
			text += " You have one try left."
		case left > 1:
			text += fmt.Sprintf(" You have %d tries left.", left)
		}
	}
	return text
}

// setNotice keeps the notice for the next page.
func (s *site) setNotice(w http.ResponseWriter, r *http.Request, n notice) {
	value := n.key
	if !n.until.IsZero() {
		value += "." + strconv.FormatInt(n.until.Unix(), 10)
	}
	s.setCookie(w, r, cookieNotice, value, time.Minute)
}

// takeNotice returns the notice, once.
func (s *site) takeNotice(w http.ResponseWriter, r *http.Request) notice {
	cookie, err := r.Cookie(cookieName(r, cookieNotice))
	if err != nil {
		return notice{}
	}
	s.setNotice(w, r, notice{})
	key, until, _ := strings.Cut(cookie.Value, ".")
	n := notice{key: key}
	if unix, err := strconv.ParseInt(until, 10, 64); err == nil {
		n.until = time.Unix(unix, 0)
	}
	return n
}

// report logs what a developer has to mend. No error of packages mfa and flow
// holds a secret, or what a user typed.
func (s *site) report(r *http.Request, err error) {
	switch mfa.NextAction(err) {
	case mfa.ActionFix, mfa.ActionRetryLater:
	default:
		return
	}
	if errors.Is(err, flow.ErrStepState) {
		return
	}
	hint, id := "", ""
	if e, ok := errors.AsType[*mfa.Error](err); ok {
		hint, id = e.Hint(), e.RequestID
	}
	s.log.ErrorContext(r.Context(), "sign-in failed", "error", err, "hint", hint, "request_id", id)
}
