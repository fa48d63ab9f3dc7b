package ui

import (
	"bytes"
	"html/template"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/flow"
)

// view is the data of a template. A secret in it is shown as "[REDACTED]" unless the
// template calls Reveal.
type view struct {
	Title, Message     string // keys of texts
	Form, Email, Phone string

	Home, Logo, Stylesheet, ForgotPassword string // as in Config
	Footer                                 template.HTML
	Notice                                 template.HTML
	Tone                                   string // of the notice: "good", "neutral", or "" for an error
	Invalid                                string // the field that the notice is about
	Walk                                   walk
	Base, At, Start                        string // the paths of all pages, of those of the walk, and of the page to start over from
	Step                                   *flow.Step
	CodeLeft, ResendLeft, PollIn           int // seconds; 0 if over or none
	Codes                                  []mfa.Secret
	Shown                                  string // which codes they are
	Claims                                 []Claim
	Factors                                []factor

	language language
}

// Failed reports whether the notice is about an error.
func (v view) Failed() bool { return v.Notice != "" && v.Tone == "" }

// Text returns a text with what its placeholders stand for.
func (v view) Text(key string, pairs ...any) (template.HTML, error) {
	return v.language.say(key, pairs...)
}

// Kind names a kind of authenticator.
func (v view) Kind(f mfa.Factor) (template.HTML, error) { return v.language.factor(f) }

// Timer returns a duration that page.js counts down.
func (v view) Timer(left int) template.HTML {
	return template.HTML(`<span role="timer">` + template.HTMLEscapeString(v.language.duration(left)) + `</span>`) //nolint:gosec // escaped
}

// OnlyRecovery reports whether the only factor is a recovery code.
func (v view) OnlyRecovery() bool {
	return len(v.Factors) > 0 && !slices.ContainsFunc(v.Factors, func(f factor) bool { return f.Factor() != mfa.FactorRecoveryCode })
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
	v.Home, v.Logo, v.Stylesheet, v.ForgotPassword, v.Footer = p.c.Home, p.c.Logo, p.c.Stylesheet, p.c.ForgotPassword, p.c.Footer
	v.language = p.language(r)
	if name != "message" { // that one is not part of the login
		n := p.takeNotice(w, r)
		v.Notice, v.Tone, v.Invalid = n.text(v, p.c.Now()), tones[n.key], fields[n.key]
	}
	var page bytes.Buffer
	if err := p.templates[name].Execute(&page, v); err != nil {
		p.c.Log.ErrorContext(r.Context(), "page", "name", name, "error", err)
		http.Error(w, v.language("failed"), http.StatusInternalServerError)
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

// fields are the fields that notices are about.
var fields = map[string]string{"code": "code", "old-code": "code", "address": "email", "number": "phone", "wrong": "password"}

// appLink is the link that opens an authenticator app on the phone that shows it.
func appLink(uri mfa.Secret) template.URL {
	if !strings.HasPrefix(uri.Reveal(), "otpauth://") {
		return ""
	}
	return template.URL(uri.Reveal()) //nolint:gosec // no script starts like that
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
