package ui

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

// notice is a message for the next page. The cookie holds its key, never a text: all
// texts are in this file.
type notice struct {
	key   string
	until time.Time // if not zero, how long to wait
}

// notices are the texts. Those in good say that something succeeded, and those in neutral
// say what is so. The others are errors.
var (
	notices = map[string]string{
		"address":  "We can't use this e-mail address. Please check it.",
		"again":    "We just sent you a message.",
		"aborted":  "You can't sign in at the moment. Please contact support.",
		"attempts": "Too many incorrect codes.",
		"broken":   "Something went wrong on our side, and we have been notified. Please try again later.",
		"choose":   "That way to sign in is no longer available. Please choose another.",
		"code":     "That code is incorrect.",
		"enroll":   "You have not set up a second step yet.",
		"expired":  "Your sign-in took too long. Please sign in again.",
		"form":     "Please fill in both fields.",
		"inbox":    "We don't know whether the message was sent. Please check whether it has arrived before you send another.",
		"later":    "Something went wrong. Please try again in a minute.",
		"logins":   "Too many sign-in attempts.",
		"old-code": "That code has expired. Please send another one.",
		"password": "Incorrect e-mail address or password.",
		"rejected": "The sign-in was rejected on your phone. If that was a mistake, send the notification again.",
		"restart":  "Please sign in again.",
		"spent":    "We can't send any more codes. Please use the latest one, or start over.",
		"stale":    "That page was out of date. Please continue here.",
		"unknown":  "We could not check that code. Please use another one.",
		"wait":     "Please wait a moment.",
		"number":   "We can't use this phone number. Please check it, and start it with + and the code of the country.",
		"wrong":    "That password is incorrect.",
		"stays":    "We can't remove this one: the confirmed address of your account always stays.",
		"look":     "We don't know whether it was removed. Please check the list.",
		"over":     "That took too long. Please open your ways to sign in again.",
		"removed":  "It is removed.",
		"added":    "It is set up. You can use it the next time you sign in.",
		"next":     "That worked. There is one more step.",
		"pending":  "Not approved yet. Check your phone.",
		"sent":     "On its way. Only the latest one works.",
		"bye":      "You are signed out.",
	}
	// successes are the notices of forms that succeeded, by their path.
	successes = map[string]string{"/send": "sent", "/code": "next", "/poll": "next"}
	good      = map[string]bool{"next": true, "sent": true, "bye": true, "removed": true, "added": true}
	neutral   = map[string]bool{"again": true, "look": true, "over": true, "pending": true, "stale": true}
)

// noticeFor returns what the user is told about an error. The texts of the error and of
// Auth0 are for developers.
func (p *Pages) noticeFor(step *flow.Step, err error) notice {
	early, isEarly := errors.AsType[*flow.CooldownError](err)
	switch {
	case isEarly:
		if step != nil && step.SendsLeft() == 0 {
			return notice{key: "spent"} // only another login can send more
		}
		return notice{"again", early.ResendAt}
	case errors.Is(err, flow.ErrStepState), step != nil && errors.Is(err, flow.ErrStepUsed): // the form of a browser tab that was left behind
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
		return p.waitNotice(step, err)
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

// later returns the notice for a user who is signed in already.
func (n notice) later() notice {
	switch n.key {
	case "password":
		n.key = "wrong"
	case "restart", "expired":
		n.key = "over"
	}
	return n
}

// waitNotice returns a notice that says how long to wait.
func (p *Pages) waitNotice(step *flow.Step, err error) notice {
	n := notice{key: "wait"}
	if errors.Is(err, mfa.ErrTooManyAttempts) {
		n.key = "attempts"
		if step == nil {
			n.key = "logins"
		}
	}
	if e, ok := errors.AsType[*mfa.Error](err); ok && e.RetryAfter > 0 {
		n.until = p.c.Now().Add(e.RetryAfter)
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
		text += fmt.Sprintf(" You can continue in %s.", words(seconds(n.until, now)))
	case n.key == "attempts" || n.key == "logins":
		text += " Please wait a few minutes."
	case n.key == "code" && step != nil:
		switch left := step.AttemptsLeft(); {
		case left == 1:
			text += " You have one attempt left."
		case left > 1:
			text += fmt.Sprintf(" You have %d attempts left.", left)
		}
	}
	return text
}

// setNotice keeps the notice for the next page.
func (p *Pages) setNotice(w http.ResponseWriter, r *http.Request, n notice) {
	value := n.key
	if !n.until.IsZero() {
		value += "." + strconv.FormatInt(n.until.Unix(), 10)
	}
	setCookie(w, r, cookieNotice, value, time.Minute)
}

// takeNotice returns the notice and deletes it.
func (p *Pages) takeNotice(w http.ResponseWriter, r *http.Request) notice {
	cookie, err := r.Cookie(cookieName(r, cookieNotice))
	if err != nil {
		return notice{}
	}
	p.setNotice(w, r, notice{})
	key, until, _ := strings.Cut(cookie.Value, ".")
	n := notice{key: key}
	if unix, err := strconv.ParseInt(until, 10, 64); err == nil {
		n.until = time.Unix(min(unix, p.c.Now().Add(24*time.Hour).Unix()), 0) // the user can have changed it
	}
	return n
}

// report logs what a developer has to fix. No error of packages mfa and flow holds a
// secret or what a user typed.
func (p *Pages) report(r *http.Request, err error) {
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
	p.c.Log.ErrorContext(r.Context(), "sign-in failed", "error", err, "hint", hint, "request_id", id)
}
