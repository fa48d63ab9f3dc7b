// Package plainsite is a complete login page in plain calls of package mfa, with chi and
// scs: password, code by e-mail, another code, recovery code, enrollment, and an account
// page that lists, adds and deletes factors. Only the Sealer is of package flow. Package
// guidedsite is such a page on package flow, which does more of this by itself.
package plainsite

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"html/template"
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/go-chi/chi/v5"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/examples/integrations/idtoken"
	"github.com/go-auth0-mfa/mfa/flow"
)

// Site is the page. All fields are required.
type Site struct {
	Client   *mfa.Client         // with a client secret, which EndUserIP needs
	Sealer   *flow.Sealer        // seals what the sessions keep
	Sessions *scs.SessionManager // with a store that all machines share
	Users    *idtoken.Site       // verifies ID tokens and renews these sessions
	Log      *slog.Logger
	Now      func() time.Time // time.Now, or the clock of a test
}

// Handler returns the page, for a server with TLS.
func (s *Site) Handler() http.Handler {
	s.Sessions.Cookie.Name, s.Sessions.Cookie.Secure = "__Host-session", true
	router := chi.NewRouter()
	router.Use(http.NewCrossOriginProtection().Handler, s.Sessions.LoadAndSave)
	router.Get("/login", s.page("login", func(*state) bool { return true }))
	router.Get("/enroll", s.page("enroll", func(st *state) bool { return st.Enrolling }))
	router.Get("/code", s.page("code", func(st *state) bool { return st.MFAToken != "" }))
	router.Get("/", s.page("account", func(st *state) bool { return st.SignedIn }))
	router.Post("/login", s.form(s.login))
	router.Post("/enroll", s.form(s.enroll))
	router.Post("/code", s.form(s.verify))
	router.Post("/resend", s.form(s.resend))
	router.Post("/codes", s.form(func(_ *http.Request, st *state) (string, error) { st.Codes = nil; return "/", nil }))
	router.Post("/factors", s.form(s.openFactors))
	router.Post("/factors/add", s.form(s.addFactor))
	router.Post("/factors/delete", s.form(s.deleteFactor))
	router.Post("/logout", s.form(s.logout))
	return router
}

// state is what the session of a browser keeps, sealed.
type state struct {
	Address, Notice string // the address as typed into the password form

	// A code that the page waits for.
	MFAToken  string
	OOBCode   string // empty if none was sent, or if nobody knows whether it was
	To        string // where the code went
	Enrolling bool
	SentAt    time.Time

	// A user who is signed in.
	SignedIn     bool
	RefreshToken string
	AskPassword  bool
	Manage       string // access token for the MFA API
	ManageUntil  time.Time
	Codes        []string            // recovery codes, until the user has stored them
	Factors      []mfa.Authenticator `json:"-"`
}

// binding is a random value of the session, because its ID is empty in the first request
// and changes at the login.
func (s *Site) binding(ctx context.Context) []byte {
	if !s.Sessions.Exists(ctx, "binding") {
		s.Sessions.Put(ctx, "binding", rand.Text())
	}
	return []byte(s.Sessions.GetString(ctx, "binding"))
}

// load returns what the session keeps, or an empty state.
func (s *Site) load(ctx context.Context) *state {
	st := new(state)
	text, err := s.Sealer.OpenSecret(s.Sessions.GetString(ctx, "state"), s.binding(ctx))
	if err != nil || json.Unmarshal([]byte(text.Reveal()), st) != nil {
		return new(state)
	}
	return st
}

// form returns the handler of a form. It keeps the state, after an error too.
func (s *Site) form(do func(*http.Request, *state) (page string, err error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ctx, st := r.Context(), s.load(r.Context())
		page, err := do(r, st)
		if mfa.NextAction(err) == mfa.ActionRestartLogin {
			page, st.MFAToken, st.Manage, st.Enrolling = "/", "", "", false // which shows the password form if nobody is signed in
		}
		st.Notice = s.say(ctx, err)
		text, _ := json.Marshal(st) //nolint:gosec // to be sealed
		sealed, err := s.Sealer.SealSecret(mfa.NewSecret(string(text)), s.binding(ctx))
		if err != nil {
			s.Log.ErrorContext(ctx, "state", "err", err)
		}
		s.Sessions.Put(ctx, "state", sealed)
		http.Redirect(w, r, page, http.StatusSeeOther)
	}
}

// page returns the handler of a page, for a state that has what it shows.
func (s *Site) page(name string, has func(*state) bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ctx, st := r.Context(), s.load(r.Context())
		if !has(st) {
			http.Redirect(w, r, "/login", http.StatusSeeOther)
			return
		}
		if err := s.factors(ctx, st); err != nil {
			st.Manage, st.Notice = "", s.say(ctx, err)
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("Content-Security-Policy", "default-src 'none'; form-action 'self'; frame-ancestors 'none'")
		if err := pages.ExecuteTemplate(w, name, st); err != nil {
			s.Log.ErrorContext(ctx, "page", "err", err)
		}
	}
}

// notice is an error that is told to the user as it is.
type notice string

func (n notice) Error() string { return string(n) }

const (
	resendInterval = 30 * time.Second
	errTooSoon     = notice("We have just sent you a code. Please wait a moment before you ask for another.")
	errOtherFactor = notice("You have no second factor that this page supports. Please use a recovery code.")
	errPassword    = notice("Please confirm your password.")
	errKept        = notice("This is the address of your account. It cannot be removed.")
	later          = "That did not work. Please try again later."
)

var sentences = map[mfa.Action]string{
	mfa.ActionNone:         "",
	mfa.ActionAskAgain:     "That is not right. Please check what you typed.",
	mfa.ActionResend:       "That code is no longer valid. Please ask for a new one.",
	mfa.ActionCheckInbox:   "We may have sent you a code, but cannot check it. Please ask for another.",
	mfa.ActionRestartLogin: "That took too long. Please start again.",
	mfa.ActionAbort:        "You cannot sign in. Please contact support.",
	mfa.ActionWait:         later, mfa.ActionRetryLater: later,
}

// say returns what the page says after an error, and logs what a developer has to fix.
func (s *Site) say(ctx context.Context, err error) string {
	if told, ok := errors.AsType[notice](err); ok {
		return string(told)
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

var pages = template.Must(template.New("").Parse(`
{{define "head"}}<!doctype html><html lang="en"><meta name="viewport" content="width=device-width"><title>Example</title>{{with .Notice}}<p role="alert">{{.}}</p>{{end}}{{end}}
{{define "login"}}{{template "head" .}}<form method="post" action="/login"><label>E-mail <input name="email" type="email" autocomplete="username" value="{{.Address}}" required></label><label>Password <input name="password" type="password" autocomplete="current-password" required></label><button>Sign in</button></form>{{end}}
{{define "enroll"}}{{template "head" .}}<h1>Where shall we send your codes?</h1><form method="post" action="/enroll"><label>E-mail <input name="address" type="email" value="{{or .To .Address}}" required></label><button>Send a code</button></form>{{end}}
{{define "code"}}{{template "head" .}}{{if .OOBCode}}<h1>We sent a code to {{.To}}</h1><form method="post" action="/code"><label>Code <input name="code" inputmode="numeric" autocomplete="one-time-code" required></label><button>Continue</button></form>{{end}}
<form method="post" action="/resend"><button>Send another code</button></form>{{if .Enrolling}}<a href="/enroll">Wrong address? Change it</a>
{{else}}<form method="post" action="/code"><label>Recovery code <input name="recovery" autocomplete="off" required></label><button>Use it</button></form>{{end}}{{end}}
{{define "account"}}{{template "head" .}}<h1>{{.Address}}</h1>{{with .Codes}}<p>Keep your recovery code. We show it only now: {{range .}}<code>{{.}}</code> {{end}}</p><form method="post" action="/codes"><button>I have stored it</button></form>{{end}}
{{if .Manage}}<ul>{{range .Factors}}{{if .Active}}<li>{{.Factor}} {{.Name}} {{if ne .Factor "recovery-code"}}<form method="post" action="/factors/delete"><input type="hidden" name="id" value="{{.ID}}"><button>Delete</button></form>{{end}}{{end}}{{end}}</ul>
<p>Without any, whoever knows your password can set up one of their own.</p>
<form method="post" action="/factors/add"><label>Another e-mail <input name="address" type="email" required></label><button>Add</button></form>{{else}}<form method="post" action="/factors">{{if .AskPassword}}<label>Password <input name="password" type="password" autocomplete="current-password" required></label>{{end}}<button>Manage your second factors</button></form>{{end}}<form method="post" action="/logout"><button>Sign out</button></form>{{end}}`))
