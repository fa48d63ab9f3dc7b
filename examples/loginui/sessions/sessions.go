// Package sessions keeps the sessions of the sign-in pages with scs, in memory. It shows how
// few lines an application needs beside package ui.
package sessions

import (
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/alexedwards/scs/v2"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/examples/loginui/ui"
)

// App is an [ui.App] with its texts in English.
type App struct {
	secure, plain *scs.SessionManager // plain is for this machine, without TLS
}

// New returns an App whose sessions last an hour. They are in the memory of this process,
// where scs deletes the expired ones until the process ends. It has stores for databases as
// well.
func New() *App {
	plain := scs.New()
	plain.Lifetime = time.Hour
	secure := *plain // on the same store
	secure.Cookie.Name, secure.Cookie.Secure = "__Host-"+plain.Cookie.Name, true
	return &App{&secure, plain}
}

// manager returns what sets the cookies of the request's host.
func (a *App) manager(r *http.Request) *scs.SessionManager {
	if ui.Secure(r) {
		return a.secure
	}
	return a.plain
}

// Load makes the sessions known to next. All pages have to be inside.
func (a *App) Load(next http.Handler) http.Handler {
	secure, plain := a.secure.LoadAndSave(next), a.plain.LoadAndSave(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if ui.Secure(r) {
			secure.ServeHTTP(w, r)
		} else {
			plain.ServeHTTP(w, r)
		}
	})
}

// SignIn implements [ui.App].
func (a *App) SignIn(_ http.ResponseWriter, r *http.Request, user ui.User, _ *mfa.Token) error {
	text, err := json.Marshal(user)
	if err != nil {
		return err
	}
	sessions := a.manager(r)
	// Neither the data nor the ID of a session from before the login.
	if err := errors.Join(sessions.Clear(r.Context()), sessions.RenewToken(r.Context())); err != nil {
		return err
	}
	sessions.Put(r.Context(), "user", text)
	return nil
}

// SignedIn implements [ui.App].
func (a *App) SignedIn(r *http.Request) (ui.User, bool) {
	var user ui.User
	err := json.Unmarshal(a.manager(r).GetBytes(r.Context(), "user"), &user)
	return user, err == nil // nobody is signed in without the bytes
}

// SignOut implements [ui.App].
func (a *App) SignOut(_ http.ResponseWriter, r *http.Request) error {
	sessions := a.manager(r)
	if sessions.Token(r.Context()) == "" {
		return nil // there is none, and no cookie to delete
	}
	return sessions.Destroy(r.Context())
}

// Text implements [ui.App].
func (a *App) Text(*http.Request, string) string { return "" }
