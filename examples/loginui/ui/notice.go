package ui

import (
	"errors"
	"html/template"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/flow"
)

// notice is a message for the next page. The cookie holds its key, never a text.
// The key of the text starts with "notice.".
type notice struct {
	key   string
	until time.Time // if not zero, how long to wait
}

var (
	// successes are the notices of forms that succeeded, by their path.
	successes = map[string]string{"/send": "sent", "/code": "next", "/poll": "next"}
	// tones are the classes of notices that are no errors.
	tones = map[string]string{
		"added": "good", "bye": "good", "next": "good", "removed": "good", "sent": "good", "sent-push": "good",
		"again": "neutral", "look": "neutral", "over": "neutral", "pending": "neutral", "stale": "neutral",
	}
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

// text returns what the page says. It is empty if there is no such notice.
func (n notice) text(v view, now time.Time) template.HTML {
	if _, ok := texts["notice."+n.key]; !ok {
		return "" // the user can have changed the cookie
	}
	told, err := v.Text("notice." + n.key)
	if more := n.more(v, now); err == nil && more != "" {
		told += " " + more
	}
	return told
}

// more returns the sentence with the time or the number, if there is one.
func (n notice) more(v view, now time.Time) template.HTML {
	left, attempts := seconds(n.until, now), 0
	if v.Step != nil && n.key == "code" {
		attempts = v.Step.AttemptsLeft()
	}
	var told template.HTML
	switch {
	case left > 0 && n.key == "again" && v.Step != nil && n.until.Unix() == v.Step.ResendAt().Unix():
		// The countdown at the button says it.
	case left > 0:
		told, _ = v.Text("and.again-in", "time", v.language.duration(left))
	case n.key == "attempts" || n.key == "logins":
		told, _ = v.Text("and.wait")
	case attempts == 1:
		told, _ = v.Text("and.one-left")
	case attempts > 1:
		told, _ = v.Text("and.left", "left", attempts)
	}
	return told
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
