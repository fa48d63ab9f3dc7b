// Package ui has the pages of a login with a second factor.
package ui

import (
	"bytes"
	"context"
	"crypto/rand"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/flow"
)

//go:embed templates
var templateFiles embed.FS

//go:embed static
var staticFiles embed.FS

// Pages is the login page.
type Pages struct {
	client    *mfa.Client
	flow      *flow.Flow
	sealer    *flow.Sealer
	tokens    *checker
	now       func() time.Time
	log       *slog.Logger
	formKey   []byte
	sessions  sessions
	templates map[string]*template.Template
	mailbox   *mailbox // nil for a real tenant
}

// New returns the login page of a tenant. Its keys are new at each start. A real page
// reads them from where its secrets are: all machines that serve it share them, and the
// store. The store makes a double click one request to Auth0, and one mail. The context
// ends what fetches the tenant's keys.
func New(ctx context.Context, client *mfa.Client, keys *http.Client, now func() time.Time, log *slog.Logger, store flow.Store) (*Pages, error) {
	secret := make([]byte, 64)
	_, _ = rand.Read(secret) // never fails
	f, err := flow.New(client, flow.WithClock(now), flow.WithStore(store, secret[:32]),
		flow.WithStoreErrors(func(ctx context.Context, err error) { log.WarnContext(ctx, "store failed", "error", err) }))
	if err != nil {
		return nil, err
	}
	sealer, err := f.NewSealer(secret[:32])
	if err != nil {
		return nil, err
	}
	s := &Pages{
		client: client, flow: f, sealer: sealer, now: now, log: log, formKey: secret[32:],
		tokens:    newChecker(ctx, "https://"+client.Domain()+"/", client.ClientID(), keys, now),
		sessions:  sessions{all: map[string]session{}},
		templates: map[string]*template.Template{},
	}
	for _, name := range []string{"login", "enroll", "choose", "code", "poll", "recovery", "home", "password", "account", "remove", "message", "mailbox"} {
		s.templates[name], err = template.New("layout.html").Funcs(template.FuncMap{"words": words, "kind": kind, "groups": groups, "app": appLink, "qr": drawQR}).
			ParseFS(templateFiles, "templates/layout.html", "templates/parts.html", "templates/"+name+".html")
		if err != nil {
			return nil, err
		}
	}
	return s, nil
}

// Handler serves the pages.
func (s *Pages) Handler() http.Handler {
	mux := http.NewServeMux()
	for pattern, handle := range map[string]http.HandlerFunc{
		"GET /{$}":               s.homePage,
		"GET /login":             s.loginPage,
		"POST /login":            s.login,
		"POST /recovery-codes":   s.codesKept,
		"POST /sign-out":         s.signOut,
		"POST /account":          s.signedIn(s.openAccount),
		"GET /account":           s.managing(s.accountPage),
		"GET /account/password":  s.signedIn(s.passwordPage),
		"POST /account/password": s.signedIn(s.confirmPassword),
		"GET /remove/{id}":       s.managing(s.removePage),
		"POST /remove":           s.managing(s.remove),
		"POST /add":              s.managing(s.add),
		"/": func(w http.ResponseWriter, r *http.Request) {
			s.fail(w, r, http.StatusNotFound, "Page not found", "There is no page at this address.")
		},
	} {
		mux.HandleFunc(pattern, handle)
	}
	for _, wk := range walks {
		for form, handle := range map[string]func(http.ResponseWriter, *http.Request, walk){
			"GET %s/verify":  s.verifyPage,
			"POST %s/code":   s.submitCode,
			"POST %s/send":   s.sendAgain,
			"GET %s/choose":  s.choosePage,
			"POST %s/choose": s.choose,
			"GET %s/enroll":  s.enrollPage,
			"POST %s/enroll": s.enroll,
			"POST %s/poll":   s.poll,
		} {
			mux.HandleFunc(fmt.Sprintf(form, wk), s.on(wk, handle))
		}
	}
	if s.mailbox != nil {
		mux.HandleFunc("GET /mailbox", s.mailboxPage)
		mux.HandleFunc("POST /mailbox", s.mailboxAct)
	}
	static, _ := fs.Sub(staticFiles, "static") // cannot fail: the folder is embedded
	all := http.NewServeMux()
	all.Handle("GET /static/{file}", http.StripPrefix("/static/", http.FileServerFS(static)))
	all.Handle("/", s.withBrowser(mux))
	return headers(http.NewCrossOriginProtection().Handler(http.MaxBytesHandler(all, 64<<10)))
}

// headers allows the pages only their own files and forms, and keeps them out of caches.
func headers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
		h.Set("Cache-Control", "no-store")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("X-Content-Type-Options", "nosniff")
		next.ServeHTTP(w, r)
	})
}

// view is the data of a template. A secret in it is shown as "[REDACTED]" unless the
// template calls Reveal.
type view struct {
	Title, Form, Notice, Message, Email, Phone string
	Good, Neutral, Embedded                    bool
	Invalid                                    string // the field that the notice is about
	Walk                                       walk
	Step                                       *flow.Step
	CodeLeft, ResendLeft, PollIn               int // seconds; 0 if over or none
	Codes                                      []mfa.Secret
	Claims                                     []claim
	Factors                                    []factor
	Mailbox                                    *mailboxView
}

// stepView returns what the pages of a step have in common.
func (s *Pages) stepView(wk walk, step *flow.Step, title string) view {
	now := s.now()
	return view{
		Title: title, Walk: wk, Step: step,
		CodeLeft: seconds(step.CodeExpiresAt(), now), ResendLeft: seconds(step.ResendAt(), now), PollIn: seconds(step.PollAt(), now),
	}
}

// render writes a page, with the notice if there is one.
func (s *Pages) render(w http.ResponseWriter, r *http.Request, status int, name string, v view) {
	v.Form, v.Embedded = s.formToken(browserID(r)), s.mailbox != nil
	if name != "mailbox" && name != "message" { // these are not part of the login
		n := s.takeNotice(w, r)
		v.Notice, v.Good, v.Neutral, v.Invalid = n.text(v.Step, s.now()), good[n.key], neutral[n.key], fields[n.key]
	}
	var page bytes.Buffer
	if err := s.templates[name].Execute(&page, v); err != nil {
		s.log.ErrorContext(r.Context(), "page", "name", name, "error", err)
		http.Error(w, "Sorry, something went wrong.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = page.WriteTo(w) // fails only if the client is gone
}

// fail writes a page that only says what is wrong.
func (s *Pages) fail(w http.ResponseWriter, r *http.Request, status int, title, message string) {
	s.render(w, r, status, "message", view{Title: title, Message: message})
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
