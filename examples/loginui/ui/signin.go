package ui

import (
	"crypto/rand"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/go-auth0-mfa/mfa"
)

// session is a user who is signed in. It is kept on the server, which must be able to end
// it. A real page keeps sessions in its database, and seals the tokens with
// Sealer.SealSecret.
type session struct {
	email     string
	claims    []claim
	codes     []mfa.Secret // recovery codes that the user has not stored yet
	binding   string       // a random value that the steps of this session are sealed for
	refresh   mfa.Secret   // zero if the login brought none
	manage    mfa.Secret   // an access token for the MFA audience, until manageUntil
	expiresAt time.Time

	manageUntil time.Time
}

// keep adds recovery codes, once: a double click gets the same ones twice.
func (current *session) keep(codes []mfa.Secret) {
	for _, code := range codes {
		if !slices.ContainsFunc(current.codes, code.Equal) {
			current.codes = append(current.codes, code)
		}
	}
}

// sessions holds the sessions by their IDs.
type sessions struct {
	mu  sync.Mutex
	all map[string]session
}

// signIn ends the login: it checks that the ID token is for the user who typed the
// password, and opens a session under a new ID, which is unknown to anybody who knew the
// old cookies. The session that the browser had until now ends.
func (s *Pages) signIn(w http.ResponseWriter, r *http.Request, token *mfa.Token, codes []mfa.Secret) {
	s.forgetStep(w, r)
	s.endSession(w, r)
	email := typedEmail(r)
	claims, err := s.tokens.check(r.Context(), token.IDToken, email)
	if err != nil {
		s.log.ErrorContext(r.Context(), "id token refused", "error", err)
		s.back(w, r, "/login", notice{key: "broken"})
		return
	}
	s.setCookie(w, r, cookieLogin, "", 0)
	id, now := rand.Text(), s.now()
	s.sessions.mu.Lock()
	for other, old := range s.sessions.all {
		if !now.Before(old.expiresAt) {
			delete(s.sessions.all, other)
		}
	}
	s.sessions.all[id] = session{
		email: email, claims: claims, codes: codes, binding: rand.Text(), refresh: token.RefreshToken, expiresAt: now.Add(sessionLife),
	}
	s.sessions.mu.Unlock()
	s.setCookie(w, r, cookieSession, id, sessionLife)
	s.back(w, r, "/", notice{})
}

// sessionOf returns the browser's session, or nil if it is not signed in.
func (s *Pages) sessionOf(r *http.Request) *session {
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

// change changes the browser's session.
func (s *Pages) change(r *http.Request, change func(*session)) {
	cookie, err := r.Cookie(cookieName(r, cookieSession))
	if err != nil {
		return
	}
	s.sessions.mu.Lock()
	defer s.sessions.mu.Unlock()
	if current, ok := s.sessions.all[cookie.Value]; ok {
		change(&current)
		s.sessions.all[cookie.Value] = current
	}
}

// endSession ends the browser's session, here too: its ID opens nothing any more.
func (s *Pages) endSession(w http.ResponseWriter, r *http.Request) {
	if cookie, err := r.Cookie(cookieName(r, cookieSession)); err == nil {
		s.sessions.mu.Lock()
		delete(s.sessions.all, cookie.Value)
		s.sessions.mu.Unlock()
	}
	s.setCookie(w, r, cookieSession, "", 0)
}

// homePage shows who is signed in. It shows the recovery codes first, until the user
// confirms that they are stored. If the page did not arrive, it can be loaded again.
func (s *Pages) homePage(w http.ResponseWriter, r *http.Request) {
	switch current := s.sessionOf(r); {
	case current == nil:
		http.Redirect(w, r, "/login", http.StatusSeeOther)
	case len(current.codes) > 0:
		s.render(w, r, http.StatusOK, "recovery", view{Title: "Keep your recovery code", Codes: current.codes})
	default:
		s.render(w, r, http.StatusOK, "home", view{Title: "You are signed in", Email: current.email, Claims: current.claims})
	}
}

// codesKept deletes the recovery codes.
func (s *Pages) codesKept(w http.ResponseWriter, r *http.Request) {
	s.change(r, func(current *session) { current.codes = nil })
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// signOut ends the session.
func (s *Pages) signOut(w http.ResponseWriter, r *http.Request) {
	s.endSession(w, r)
	s.forgetStep(w, r)
	s.setCookie(w, r, cookieEmail, "", 0)
	s.back(w, r, "/login", notice{key: "bye"})
}
