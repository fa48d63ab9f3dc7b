package ui

import (
	"crypto/rand"
	"io"
	"net/http"
	"strings"

	"github.com/go-auth0-mfa/mfa"
)

// user returns the user of the browser's session, and false if there is none.
func (p *Pages) user(r *http.Request) (User, bool) {
	if _, ok := r.Context().Value(attemptKey{}).(attempt); ok {
		return User{}, false // the password form has ended it, whatever the request still has
	}
	user, ok := p.c.App.SignedIn(r)
	if ok && user.Binding == "" {
		p.c.Log.ErrorContext(r.Context(), "App.SignedIn returned a user without Binding")
		return User{}, false
	}
	return user, ok
}

// signIn ends the login: it checks that the ID token is for the user who typed the
// password, and opens a session. The session that the browser had until now ends.
func (p *Pages) signIn(w http.ResponseWriter, r *http.Request, token *mfa.Token, codes []mfa.Secret) {
	if !p.signedOut(w, r) {
		p.signInAgain(w, r, "later")
		return
	}
	user, err := p.tokens.check(r.Context(), token.IDToken, typedEmail(r))
	if err != nil { // perhaps only the keys could not be had
		p.c.Log.ErrorContext(r.Context(), "id token refused", "error", err)
		p.signInAgain(w, r, "broken")
		return
	}
	user.Binding = rand.Text()
	if err := p.c.App.SignIn(w, r, user, token); err != nil {
		p.c.Log.ErrorContext(r.Context(), "App.SignIn failed", "error", err)
		p.signedOut(w, r) // in case it got halfway
		p.signInAgain(w, r, "later")
		return
	}
	p.forgetStep(w, r)
	setCookie(w, r, cookieLogin, "", 0)
	p.keep(w, r, user, cookieRefresh, token.RefreshToken, browserLife)
	p.keepCodes(w, r, user, codes)
	p.setNotice(w, r, notice{})
	if len(codes) > 0 {
		p.redirect(w, r, "/") // which shows them
		return
	}
	http.Redirect(w, r, p.c.Home, http.StatusSeeOther)
}

// signInAgain lets the user send the last form again. The step is still that of before the
// code, so for a minute the same code has the same result, with the recovery codes.
func (p *Pages) signInAgain(w http.ResponseWriter, r *http.Request, key string) {
	page := "/verify"
	if _, ok := r.Context().Value(attemptKey{}).(attempt); ok { // no code was due
		page = "/login"
	}
	p.back(w, r, page, notice{key: key})
}

// signedOut ends the browser's session, and deletes what belongs to it.
func (p *Pages) signedOut(w http.ResponseWriter, r *http.Request) bool {
	if err := p.c.App.SignOut(w, r); err != nil {
		p.c.Log.ErrorContext(r.Context(), "App.SignOut failed", "error", err)
		return false
	}
	for _, name := range []string{cookieRefresh, cookieManage, cookieCodes} {
		setCookie(w, r, name, "", 0)
	}
	return true
}

// homePage shows who is signed in. It shows the recovery codes first, until the user
// confirms that they are stored. If the page did not arrive, it can be loaded again.
func (p *Pages) homePage(w http.ResponseWriter, r *http.Request) {
	user, ok := p.user(r)
	if !ok {
		p.redirect(w, r, "/login")
		return
	}
	if codes := p.keptCodes(r, user); len(codes) > 0 {
		p.render(w, r, http.StatusOK, "recovery", view{Title: "recovery.title", Codes: codes, Shown: p.shown(codes)})
		return
	}
	p.render(w, r, http.StatusOK, "home", view{Title: "home.title", Email: user.Email, Claims: user.Claims})
}

// downloadCodes sends the recovery codes as a file, until the user confirms that they are
// stored.
func (p *Pages) downloadCodes(w http.ResponseWriter, r *http.Request, user User) {
	codes := p.keptCodes(r, user)
	if len(codes) == 0 {
		p.redirect(w, r, "/")
		return
	}
	l := p.language(r)
	title, _ := l.plain("recovery.file", "email", user.Email) // it is in texts
	lines := []string{title, ""}
	for _, code := range codes {
		lines = append(lines, groups(code.Reveal()))
	}
	lines = append(lines, "", l("recovery.why"), "")
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="recovery-codes.txt"`)
	_, _ = io.WriteString(w, strings.Join(lines, "\r\n")) // fails only if the client is gone
}

// shown is what the page sends back about the codes that it shows.
func (p *Pages) shown(codes []mfa.Secret) string {
	all := "codes"
	for _, code := range codes {
		all += " " + code.Reveal()
	}
	return p.formToken(all)
}

// codesKept deletes the recovery codes, if the page showed these. That of another tab can
// have shown older ones.
func (p *Pages) codesKept(w http.ResponseWriter, r *http.Request, user User) {
	if codes := p.keptCodes(r, user); len(codes) > 0 && r.PostFormValue("shown") != p.shown(codes) {
		p.redirect(w, r, "/")
		return
	}
	setCookie(w, r, cookieCodes, "", 0)
	http.Redirect(w, r, p.c.Home, http.StatusSeeOther)
}

// signOut ends the session.
func (p *Pages) signOut(w http.ResponseWriter, r *http.Request) {
	if !p.signedOut(w, r) {
		p.back(w, r, "/", notice{key: "later"})
		return
	}
	p.forgetStep(w, r)
	setCookie(w, r, cookieEmail, "", 0)
	p.back(w, r, "/login", notice{key: "bye"})
}
