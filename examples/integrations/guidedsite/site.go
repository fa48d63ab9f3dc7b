// Package guidedsite is a complete site on package flow and net/http: a login with a second
// factor of any kind, recovery codes, enrollment, and an account page that lists, adds and
// deletes factors. A login is in cookies alone, so each form may reach another machine.
// Package plainsite is such a site without package flow.
package guidedsite

import (
	"context"
	"errors"
	"html/template"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/flow"
)

// Site is the site. All fields are required.
type Site struct {
	Client   *mfa.Client // with a client secret, which EndUserIP needs
	Flow     *flow.Flow
	Sealer   *flow.Sealer
	Verifier *oidc.IDTokenVerifier
	Log      *slog.Logger
	Now      func() time.Time // time.Now, or the clock of a test

	mu       sync.Mutex
	sessions map[string]session // a real site keeps them in its database
}

// session is a user who is signed in.
type session struct {
	Address     string
	Subject     string
	binding     string // what a step is sealed for that this user begins
	refresh     mfa.Secret
	AskPassword bool       // the refresh token is not for the MFA API
	Manage      mfa.Secret // access token for the MFA API
	manageUntil time.Time
	until       time.Time
	Codes       []mfa.Secret // recovery codes that the user has not stored yet
}

// visit is what a request finds of its browser, and leaves.
type visit struct {
	binding string     // a random value, and the address that was typed into the password form
	step    *flow.Step // nil if no code is awaited
	stale   error      // why there is no step
	id      string     // of the session; empty if nobody is signed in
	session session
}

func setCookie(w http.ResponseWriter, name, value string) {
	cookie := &http.Cookie{Name: "__Host-" + name, Value: value, Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode}
	if value == "" {
		cookie.MaxAge = -1
	}
	http.SetCookie(w, cookie)
}

func cookie(r *http.Request, name string) string {
	if found, err := r.Cookie("__Host-" + name); err == nil {
		return found.Value
	}
	return ""
}

// Handler returns the site, for a server with TLS.
func (s *Site) Handler() http.Handler {
	s.sessions = map[string]session{}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.page)
	mux.HandleFunc("POST /login", s.form(s.login))
	mux.HandleFunc("POST /step", s.form(s.submit))
	mux.HandleFunc("POST /cancel", s.form(func(_ *http.Request, v *visit) error { v.step = nil; return nil }))
	mux.HandleFunc("POST /codes", s.form(func(_ *http.Request, v *visit) error { v.session.Codes = nil; return nil }))
	mux.HandleFunc("POST /factors", s.form(s.openFactors))
	mux.HandleFunc("POST /factors/add", s.form(s.addFactor))
	mux.HandleFunc("POST /factors/delete", s.form(s.deleteFactor))
	mux.HandleFunc("POST /logout", s.form(func(_ *http.Request, v *visit) error { s.end(v); return nil }))
	return http.NewCrossOriginProtection().Handler(mux)
}

// open reads the cookies.
func (s *Site) open(r *http.Request) *visit {
	v, now := &visit{binding: cookie(r, "login")}, s.Now()
	s.mu.Lock()
	found, ok := s.sessions[cookie(r, "session")]
	s.mu.Unlock()
	if ok && now.Before(found.until) {
		v.id, v.session, v.binding = cookie(r, "session"), found, found.binding
	}
	if !now.Before(v.session.manageUntil) { // then the page offers to get another
		v.session.Manage = mfa.Secret{}
	}
	v.step, v.stale = s.Sealer.Open(cookie(r, "step"), []byte(v.binding))
	return v
}

// form returns the handler of a form. It keeps the step, after an error too.
func (s *Site) form(do func(*http.Request, *visit) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		v := s.open(r)
		err := do(r, v)
		switch {
		case errors.Is(err, flow.ErrStepState), errors.Is(err, flow.ErrStepUsed):
			err = nil // a tab that was left open: the page shows the form that is due
		case mfa.NextAction(err) == mfa.ActionRestartLogin, mfa.NextAction(err) == mfa.ActionAbort:
			v.step, v.session.Manage = nil, mfa.Secret{}
		}
		sealed := ""
		if v.step != nil {
			var sealErr error
			sealed, sealErr = s.Sealer.Seal(v.step, []byte(v.binding))
			err = errors.Join(err, sealErr)
		}
		setCookie(w, "step", sealed)
		setCookie(w, "notice", url.QueryEscape(s.say(r.Context(), err)))
		setCookie(w, "session", v.id)
		if v.id == "" {
			setCookie(w, "login", v.binding)
		}
		s.mu.Lock()
		if _, ok := s.sessions[v.id]; ok { // no other request has ended it
			s.sessions[v.id] = v.session
		}
		s.mu.Unlock()
		http.Redirect(w, r, "/", http.StatusSeeOther)
	}
}

// notice is an error that is told to the user as it is.
type notice string

func (n notice) Error() string { return string(n) }

const (
	errPassword = notice("Please confirm your password.")
	errKept     = notice("This is the address of your account. It cannot be removed.")
	later       = "That did not work. Please try again later."
)

var sentences = map[mfa.Action]string{
	mfa.ActionAskAgain:     "That is not right. Please check what you typed.",
	mfa.ActionResend:       "That code is no longer valid. Please ask for a new one.",
	mfa.ActionCheckInbox:   "We may have sent you a code. If there is none, please ask for another.",
	mfa.ActionRestartLogin: "That took too long. Please start again.",
	mfa.ActionPoll:         "Please approve the login on your phone.",
	mfa.ActionAbort:        "You cannot sign in. Please contact support.",
	mfa.ActionNone:         "", mfa.ActionWait: later, mfa.ActionRetryLater: later, mfa.ActionChallenge: later, mfa.ActionEnroll: later,
}

// say returns what the page says after an error, and logs what a developer has to fix.
func (s *Site) say(ctx context.Context, err error) string {
	if told, ok := errors.AsType[notice](err); ok {
		return string(told)
	}
	if _, tooSoon := errors.AsType[*flow.CooldownError](err); tooSoon {
		return "We have just sent you a code. Please wait a moment before you ask for another."
	}
	if errors.Is(err, mfa.ErrInvalidCredentials) {
		return "Incorrect e-mail address or password."
	}
	if sentence, ok := sentences[mfa.NextAction(err)]; ok {
		return sentence
	}
	e := new(mfa.Error)
	errors.As(err, &e)
	s.Log.ErrorContext(ctx, "sign-in failed", "err", err, "hint", e.Hint(), "request_id", e.RequestID)
	return "Sorry, that did not work."
}

// userIP returns the user's address. Behind a proxy it is what the proxy passes on, in a
// header that the user cannot set.
func userIP(r *http.Request) netip.Addr {
	address, _ := netip.ParseAddrPort(r.RemoteAddr)
	return address.Addr().WithZone("")
}

// page shows the form of a step, the account, or the password form.
func (s *Site) page(w http.ResponseWriter, r *http.Request) {
	v, name := s.open(r), "login"
	notice, _ := url.QueryUnescape(cookie(r, "notice"))
	var factors []mfa.Authenticator
	switch {
	case v.step != nil:
		name = v.step.State().String()
	case v.id != "":
		name = "account"
	}
	if name == "account" && !v.session.Manage.IsZero() {
		var err error
		if factors, err = s.Client.ListAuthenticators(r.Context(), mfa.ListAuthenticatorsRequest{Token: v.session.Manage}); err != nil {
			notice = s.say(r.Context(), err)
		}
	}
	setCookie(w, "notice", "")
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; form-action 'self'; frame-ancestors 'none'")
	if err := pages.ExecuteTemplate(w, name, map[string]any{
		"Notice": notice, "Address": v.address(), "Step": v.step, "Session": v.session, "Factors": factors,
	}); err != nil {
		s.Log.ErrorContext(r.Context(), "page", "err", err)
	}
}

var pages = template.Must(template.New("").Parse(`
{{define "head"}}<!doctype html><html lang="en"><meta name="viewport" content="width=device-width"><title>Example</title>{{with .Notice}}<p role="alert">{{.}}</p>{{end}}{{end}}
{{define "login"}}{{template "head" .}}<form method="post" action="/login"><label>E-mail <input name="email" type="email" autocomplete="username" value="{{.Address}}" required></label><label>Password <input name="password" type="password" autocomplete="current-password" required></label><button>Sign in</button></form>{{end}}
{{define "factor"}}<select name="factor"><option value="email">E-mail</option><option value="sms">Text message</option><option value="otp">Authenticator app</option></select><label>E-mail address or phone number <input name="address" value="{{.}}"></label><button>Continue</button>{{end}}
{{define "Enroll"}}{{template "head" .}}<h1>Where shall we send your codes?</h1><form method="post" action="/step">{{template "factor" (or .Step.Destination .Address)}}</form>{{template "cancel"}}{{end}}
{{define "others"}}{{range .Step.Authenticators}}<form method="post" action="/step"><input type="hidden" name="authenticator" value="{{.ID}}"><button>{{.Factor}} {{.Name}}</button></form>{{end}}{{end}}
{{define "cancel"}}<form method="post" action="/cancel"><button>Cancel</button></form>{{end}}
{{define "Choose"}}{{template "head" .}}<h1>How do you want to confirm that it is you?</h1>{{template "others" .}}{{template "cancel"}}{{end}}
{{define "EnterCode"}}{{template "head" .}}{{with .Step.OTPSecret.Reveal}}<p>Add this key to your app: <code>{{.}}</code></p>{{end}}
<h1>Enter the code{{with .Step.Destination}} that we sent to {{.}}{{end}}</h1><form method="post" action="/step"><label>Code <input name="code" autocomplete="one-time-code" required></label><button>Continue</button></form>{{if not .Step.ResendAt.IsZero}}<form method="post" action="/step"><button name="resend" value="yes">Send another code</button></form>{{end}}
{{if .Step.Enrolling}}<h2>Wrong address?</h2><form method="post" action="/step">{{template "factor" .Step.Destination}}</form>{{else}}<h2>Another way</h2>{{template "others" .}}{{end}}{{template "cancel"}}{{end}}
{{define "Poll"}}{{template "head" .}}<h1>Approve the login on your phone</h1><form method="post" action="/step"><button>I have approved it</button></form>{{template "others" .}}{{template "cancel"}}{{end}}
{{define "account"}}{{template "head" .}}<h1>{{.Session.Address}}</h1>
{{with .Session.Codes}}<p>Keep your recovery code. We show it only now: {{range .}}<code>{{.Reveal}}</code> {{end}}</p><form method="post" action="/codes"><button>I have stored it</button></form>{{end}}
{{if not .Session.Manage.IsZero}}<ul>{{range .Factors}}{{if .Active}}<li>{{.Factor}} {{.Name}} {{if ne .Factor "recovery-code"}}<form method="post" action="/factors/delete"><input type="hidden" name="id" value="{{.ID}}"><button>Delete</button></form>{{end}}{{end}}{{end}}</ul><p>Without any, whoever knows your password can set up one of their own.</p>
<form method="post" action="/factors/add">{{template "factor" ""}}</form>{{else}}<form method="post" action="/factors">{{if .Session.AskPassword}}<label>Password <input name="password" type="password" autocomplete="current-password" required></label>{{end}}<button>Manage your second factors</button></form>{{end}}<form method="post" action="/logout"><button>Sign out</button></form>{{end}}`))
