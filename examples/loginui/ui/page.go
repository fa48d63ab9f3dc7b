package ui

import (
	"bytes"
	"fmt"
	"html/template"
	"net/http"
	"strings"
	"time"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/flow"
)

// view is the data of a template. A secret in it is shown as "[REDACTED]" unless the
// template calls Reveal.
type view struct {
	Title, Form, Notice, Message, Email, Phone string
	Good, Neutral                              bool
	Invalid                                    string // the field that the notice is about
	Walk                                       walk
	Base, At, Start                            string // the paths of all pages, of those of the walk, and of the page to start over from
	Home, Logo                                 string
	Footer                                     template.HTML
	Step                                       *flow.Step
	CodeLeft, ResendLeft, PollIn               int // seconds; 0 if over or none
	Codes                                      []mfa.Secret
	Claims                                     []Claim
	Factors                                    []factor
}

// stepView returns what the pages of a step have in common.
func (p *Pages) stepView(wk walk, step *flow.Step, title string) view {
	now := p.c.Now()
	return view{
		Title: title, Walk: wk, Step: step,
		CodeLeft: seconds(step.CodeExpiresAt(), now), ResendLeft: seconds(step.ResendAt(), now), PollIn: seconds(step.PollAt(), now),
	}
}

// render writes a page, with the notice if there is one.
func (p *Pages) render(w http.ResponseWriter, r *http.Request, status int, name string, v view) {
	v.Form, v.Base, v.At, v.Start = p.formToken(browserID(r)), p.c.Prefix, p.c.Prefix+string(v.Walk), p.c.Prefix+v.Walk.start()
	v.Home, v.Logo, v.Footer = p.c.Home, p.c.Logo, p.c.Footer
	if name != "message" { // that one is not part of the login
		n := p.takeNotice(w, r)
		v.Notice, v.Good, v.Neutral, v.Invalid = n.text(v.Step, p.c.Now()), good[n.key], neutral[n.key], fields[n.key]
	}
	var page bytes.Buffer
	if err := p.templates[name].Execute(&page, v); err != nil {
		p.c.Log.ErrorContext(r.Context(), "page", "name", name, "error", err)
		http.Error(w, "Sorry, something went wrong.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = page.WriteTo(w) // fails only if the client is gone
}

// fail writes a page that only says what is wrong.
func (p *Pages) fail(w http.ResponseWriter, r *http.Request, status int, title, message string) {
	p.render(w, r, status, "message", view{Title: title, Message: message})
}

// codeTitles are the headings of the code page.
var codeTitles = map[mfa.Factor]string{
	mfa.FactorEmail:        "Check your e-mail",
	mfa.FactorSMS:          "Check your messages",
	mfa.FactorVoice:        "Answer your phone",
	mfa.FactorOTP:          "Open your authenticator app",
	mfa.FactorRecoveryCode: "Use your recovery code",
}

// fields are the fields that notices are about.
var fields = map[string]string{"code": "code", "old-code": "code", "address": "email", "number": "phone", "wrong": "password"}

// appLink is the link that opens an authenticator app on the phone that shows it.
func appLink(uri mfa.Secret) template.URL {
	if !strings.HasPrefix(uri.Reveal(), "otpauth://") {
		return ""
	}
	return template.URL(uri.Reveal()) //nolint:gosec // no script starts like that
}

// kind names an authenticator for the list.
func kind(f mfa.Factor) string {
	names := map[mfa.Factor]string{
		mfa.FactorEmail: "Code by e-mail", mfa.FactorSMS: "Code by text message", mfa.FactorVoice: "Code by phone call",
		mfa.FactorPush: "Notification on your phone", mfa.FactorOTP: "Authenticator app", mfa.FactorRecoveryCode: "Recovery code",
	}
	if name, ok := names[f]; ok {
		return name
	}
	return "Another way"
}

// groups splits a long code into groups, to copy it by hand.
func groups(code string) string {
	var b strings.Builder
	for i, r := range code {
		if i > 0 && i%4 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// seconds returns the whole seconds from now to t, or 0 if t is over.
func seconds(t, now time.Time) int {
	if t.IsZero() || !t.After(now) {
		return 0
	}
	return int((t.Sub(now) + time.Second - 1) / time.Second)
}

// words writes seconds for people, as page.js does.
func words(left int) string {
	var parts []string
	if minutes := left / 60; minutes > 0 {
		parts = append(parts, fmt.Sprintf("%d min", minutes))
	}
	if rest := left % 60; rest > 0 || len(parts) == 0 {
		parts = append(parts, fmt.Sprintf("%d s", rest))
	}
	return strings.Join(parts, " ")
}
