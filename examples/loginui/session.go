package main

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"sync"
	"time"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/flow"
)

// The cookies.
const (
	cookieBrowser = "browser" // a random ID that the step and the forms are bound to
	cookieStep    = "step"    // the sealed step
	cookieSession = "session" // the random ID of a signed-in session
	cookieNotice  = "notice"
	cookieEmail   = "email" // what was typed into the password form; the step is bound to it

	stepLife    = 15 * time.Minute
	browserLife = 24 * time.Hour
	sessionLife = time.Hour
)

// cookieName adds a prefix that makes a browser refuse the cookie from another host and
// from plain HTTP. Behind a proxy that terminates TLS, r.TLS is nil: use the prefix and
// Secure always.
func cookieName(r *http.Request, name string) string {
	if r.TLS != nil {
		return "__Host-" + name
	}
	return name
}

// setCookie sets a cookie that no script can read and no form of another site sends. An
// empty value deletes it. Strict instead of Lax would lose the step of a user who comes
// back through a link in a mail.
func (s *site) setCookie(w http.ResponseWriter, r *http.Request, name, value string, life time.Duration) {
	age := int(life / time.Second)
	if value == "" {
		age = -1
	}
	http.SetCookie(w, &http.Cookie{
		Name: cookieName(r, name), Value: value, Path: "/", MaxAge: age,
		HttpOnly: true, Secure: r.TLS != nil, SameSite: http.SameSiteLaxMode,
	})
}

type browserKey struct{}

// withBrowser gives every browser an ID and checks that forms come from pages of that
// browser. http.CrossOriginProtection already refuses the forms of other sites. The
// token also catches a browser that lost its cookie.
func (s *site) withBrowser(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := ""
		if cookie, err := r.Cookie(cookieName(r, cookieBrowser)); err == nil && len(cookie.Value) == len(rand.Text()) {
			id = cookie.Value
		}
		if r.Method == http.MethodPost && (id == "" || !hmac.Equal([]byte(r.PostFormValue("form")), []byte(s.formToken(id)))) {
			s.fail(w, r, http.StatusForbidden, "Please start again", "This form is out of date, or your browser blocks cookies. Please allow cookies and start again.")
			return
		}
		if id == "" {
			id = rand.Text()
			s.setCookie(w, r, cookieBrowser, id, browserLife)
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), browserKey{}, id)))
	})
}

// browserID returns the ID of the browser, or "" if it has none.
func browserID(r *http.Request) string {
	id, _ := r.Context().Value(browserKey{}).(string)
	return id
}

// formToken returns the token that every form of the browser carries.
func (s *site) formToken(browserID string) string {
	mac := hmac.New(sha256.New, s.formKey)
	mac.Write([]byte(browserID))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// binding ties a step to the browser and to the address that its user typed, so that
// neither can be exchanged for another.
func binding(r *http.Request) []byte { return []byte(browserID(r) + " " + typedEmail(r)) }

// openStep returns the step of this browser.
func (s *site) openStep(r *http.Request) (*flow.Step, error) {
	cookie, err := r.Cookie(cookieName(r, cookieStep))
	if err != nil {
		return nil, flow.ErrStepExpired // most likely the browser deleted it when it expired
	}
	return s.sealer.Open(cookie.Value, binding(r))
}

// keepStep seals the step into its cookie.
func (s *site) keepStep(w http.ResponseWriter, r *http.Request, step *flow.Step) error {
	sealed, err := s.sealer.Seal(step, binding(r))
	if err == nil {
		s.setCookie(w, r, cookieStep, sealed, step.ExpiresAt().Sub(s.now()))
	}
	return err
}

func (s *site) forgetStep(w http.ResponseWriter, r *http.Request) {
	s.setCookie(w, r, cookieStep, "", 0)
}

// session is a user who is signed in. It is kept on the server, which must be able to end
// it. A real page keeps sessions in its database.
type session struct {
	claims    []claim
	codes     []mfa.Secret // recovery codes that the user has not stored yet
	expiresAt time.Time
}

// sessions holds the sessions by their IDs.
type sessions struct {
	mu  sync.Mutex
	all map[string]session
}

// signIn ends the login: it checks that the ID token is for the user who typed the
// password, and opens a session under a new ID, which is unknown to anybody who knew the
// old cookies.
func (s *site) signIn(w http.ResponseWriter, r *http.Request, token *mfa.Token, codes []mfa.Secret) {
	s.forgetStep(w, r)
	claims, err := s.tokens.check(r.Context(), token.IDToken, typedEmail(r))
	if err != nil {
		s.log.ErrorContext(r.Context(), "id token refused", "error", err)
		s.setNotice(w, r, notice{key: "broken"})
		http.Redirect(w, r, "/login", http.StatusSeeOther)
		return
	}
	id, now := rand.Text(), s.now()
	s.sessions.mu.Lock()
	for other, old := range s.sessions.all {
		if !now.Before(old.expiresAt) {
			delete(s.sessions.all, other)
		}
	}
	s.sessions.all[id] = session{claims, codes, now.Add(sessionLife)}
	s.sessions.mu.Unlock()
	s.setCookie(w, r, cookieSession, id, sessionLife)
	s.setNotice(w, r, notice{})
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// sessionOf returns the browser's session, or nil if it is not signed in.
func (s *site) sessionOf(r *http.Request) *session {
	cookie, err := r.Cookie(cookieName(r, cookieSession))
	if err != nil {
		return nil
	}
	s.sessions.mu.Lock()
	defer s.sessions.mu.Unlock()
	found, ok := s.sessions.all[cookie.Value]
	if !ok || !s.now().Before(found.expiresAt) {
		return nil
	}
	return &found
}

// accountPage shows who is signed in. It shows the recovery codes first, until the user
// confirms that they are stored. If the page did not arrive, it can be loaded again.
func (s *site) accountPage(w http.ResponseWriter, r *http.Request) {
	switch current := s.sessionOf(r); {
	case current == nil:
		http.Redirect(w, r, "/login", http.StatusSeeOther)
	case len(current.codes) > 0:
		s.render(w, r, http.StatusOK, "recovery", view{Title: "Keep your recovery code", Codes: current.codes})
	default:
		s.render(w, r, http.StatusOK, "account", view{Title: "You are signed in", Claims: current.claims})
	}
}

// codesKept deletes the recovery codes.
func (s *site) codesKept(w http.ResponseWriter, r *http.Request) {
	if cookie, err := r.Cookie(cookieName(r, cookieSession)); err == nil {
		s.sessions.mu.Lock()
		if current, ok := s.sessions.all[cookie.Value]; ok {
			current.codes = nil
			s.sessions.all[cookie.Value] = current
		}
		s.sessions.mu.Unlock()
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// signOut ends the session.
func (s *site) signOut(w http.ResponseWriter, r *http.Request) {
	if cookie, err := r.Cookie(cookieName(r, cookieSession)); err == nil {
		s.sessions.mu.Lock()
		delete(s.sessions.all, cookie.Value)
		s.sessions.mu.Unlock()
	}
	s.setCookie(w, r, cookieSession, "", 0)
	s.setCookie(w, r, cookieEmail, "", 0)
	s.setNotice(w, r, notice{key: "bye"})
	http.Redirect(w, r, "/login", http.StatusSeeOther)
}
