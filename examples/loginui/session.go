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
	cookieBrowser = "browser" // a random id, which the step and the forms are bound to
	cookieStep    = "step"    // the sealed step
	cookieSession = "session" // the random id of a signed-in session
	cookieNotice  = "notice"
	cookieEmail   = "email"

	stepLife    = 15 * time.Minute
	browserLife = 24 * time.Hour
	sessionLife = time.Hour
)

// cookieName adds what makes a browser refuse the cookie from another host or
// from plain HTTP. Behind a proxy that ends TLS, where r.TLS is nil, make it
// and Secure constant.
func cookieName(r *http.Request, name string) string {
	if r.TLS != nil {
		return "__Host-" + name
	}
	return name
}

// setCookie sets a cookie that no script reads and no form of another site
// sends; an empty value deletes it. Strict in place of Lax would lose the step
// of a user who comes back by a link in a mail.
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

// withBrowser gives every browser an id and checks that forms come from pages
// of that browser. It stands behind http.CrossOriginProtection, which already
// refuses forms of other sites; the token also catches a browser whose cookie
// is gone.
func (s *site) withBrowser(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := ""
		if cookie, err := r.Cookie(cookieName(r, cookieBrowser)); err == nil && len(cookie.Value) == len(rand.Text()) {
			id = cookie.Value
		}
		if r.Method == http.MethodPost && (id == "" || !hmac.Equal([]byte(r.PostFormValue("form")), []byte(s.formToken(id)))) {
			s.fail(w, r, http.StatusForbidden, "This form is out of date, or your browser refuses our cookies. Please allow cookies and start again.")
			return
		}
		if id == "" {
			id = rand.Text()
			s.setCookie(w, r, cookieBrowser, id, browserLife)
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), browserKey{}, id)))
	})
}

// browserID returns the id of the browser; "" for one that has none.
func browserID(r *http.Request) string {
	id, _ := r.Context().Value(browserKey{}).(string)
	return id
}

// formToken returns what every form of the browser carries.
func (s *site) formToken(browserID string) string {
	mac := hmac.New(sha256.New, s.formKey)
	mac.Write([]byte(browserID))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// openStep returns the step of this browser.
func (s *site) openStep(r *http.Request) (*flow.Step, error) {
	cookie, err := r.Cookie(cookieName(r, cookieStep))
	if err != nil {
		return nil, flow.ErrStepExpired // most likely the browser dropped it at its time
	}
	return s.sealer.Open(cookie.Value, []byte(browserID(r)))
}

// keepStep seals the step into its cookie.
func (s *site) keepStep(w http.ResponseWriter, r *http.Request, step *flow.Step) error {
	sealed, err := s.sealer.Seal(step, []byte(browserID(r)))
	if err == nil {
		s.setCookie(w, r, cookieStep, sealed, step.ExpiresAt().Sub(s.now()))
	}
	return err
}

func (s *site) forgetStep(w http.ResponseWriter, r *http.Request) {
	s.setCookie(w, r, cookieStep, "", 0)
}

// session is a user who is signed in. It lives on the server, because sessions
// have to end there; a real page keeps them in its database.
type session struct {
	claims    []claim
	codes     []mfa.Secret // recovery codes that the user has not confirmed to have
	expiresAt time.Time
}

// sessions are the sessions by their ids.
type sessions struct {
	mu  sync.Mutex
	all map[string]session
}

// signIn ends the login: it checks the id token and opens a session under a new
// id, which nobody who knew the old cookies knows.
func (s *site) signIn(w http.ResponseWriter, r *http.Request, token *mfa.Token, codes []mfa.Secret) {
	s.forgetStep(w, r)
	claims, err := s.tokens.check(r.Context(), token.IDToken)
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

// sessionOf returns the browser's session; nil: it is not signed in.
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

// accountPage shows who is signed in: the recovery codes first, until the user
// says that they are kept. A page that got lost on its way can be loaded again.
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

// codesKept forgets the recovery codes.
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
