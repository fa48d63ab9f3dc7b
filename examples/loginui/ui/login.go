package ui

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/flow"
)

// loginPage shows the password form.
func (p *Pages) loginPage(w http.ResponseWriter, r *http.Request) {
	p.render(w, r, http.StatusOK, "login", view{Title: "login.title", Email: typedEmail(r)})
}

// login handles the password form. It ends the session of whoever was signed in, so that
// a wrong password does not lead into another user's account.
func (p *Pages) login(w http.ResponseWriter, r *http.Request) {
	if !p.signedOut(w, r) {
		p.back(w, r, "/login", notice{key: "later"})
		return
	}
	attempt := attempt{rand.Text(), cut(strings.TrimSpace(r.PostFormValue("email")))}
	ctx := context.WithValue(r.Context(), attemptKey{}, attempt)
	r = r.WithContext(ctx)
	setCookie(w, r, cookieLogin, attempt.id, stepLife)
	p.keepText(w, r, cookieEmail, attempt.email, stepLife)
	if err := p.sealer.Check(p.binding(r, signingIn)); err != nil { // before a code is sent, not after
		p.next(w, r, signingIn, nil, err)
		return
	}
	token, err := p.c.Client.PasswordLogin(ctx, mfa.PasswordLoginRequest{
		Username: attempt.email, Password: mfa.NewSecret(r.PostFormValue("password")), EndUserIP: p.c.UserIP(r),
		// The refresh token is for managing factors later, without the password.
		Scopes: []string{"openid", "profile", "email", "offline_access"},
	})
	if err == nil { // no second factor is due
		p.signIn(w, r, token, nil)
		return
	}
	if !errors.Is(err, mfa.ErrMFARequired) {
		p.next(w, r, signingIn, nil, err)
		return
	}
	step, err := p.flow.Begin(ctx, err, flow.User(attempt.email)) // a double click mails one code
	p.next(w, r, signingIn, step, err)                            // Begin can return both
}

// attempt is a password form that was sent: a random ID, and the address that was typed.
type attempt struct{ id, email string }

type attemptKey struct{}

// loginID returns the random ID of the login, or "" if there is none.
func loginID(r *http.Request) string {
	if now, ok := r.Context().Value(attemptKey{}).(attempt); ok {
		return now.id
	}
	if cookie, err := r.Cookie(cookieName(r, cookieLogin)); err == nil {
		return cookie.Value
	}
	return ""
}

// typedEmail returns the address that the user typed into the password form, now or
// before.
func typedEmail(r *http.Request) string {
	if now, ok := r.Context().Value(attemptKey{}).(attempt); ok {
		return now.email
	}
	return text(r, cookieEmail)
}

// peer returns the address that the connection came from.
func peer(r *http.Request) netip.Addr {
	from, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{} // not over TCP
	}
	return from.Addr().Unmap().WithZone("")
}

// maxText is the longest text that a cookie keeps. An e-mail address has at most 320
// bytes, and escaped three times as many, which fits a cookie.
const maxText = 320

// cut shortens what no address is, so that no form makes a cookie that browsers refuse.
func cut(typed string) string {
	return strings.ToValidUTF8(typed[:min(len(typed), maxText)], "")
}

// keepText keeps what the user typed, for the next page.
func (p *Pages) keepText(w http.ResponseWriter, r *http.Request, name, typed string, life time.Duration) {
	setCookie(w, r, name, url.QueryEscape(cut(strings.TrimSpace(typed))), life)
}

// text returns what the user typed before.
func text(r *http.Request, name string) string {
	cookie, err := r.Cookie(cookieName(r, name))
	if err != nil {
		return ""
	}
	typed, _ := url.QueryUnescape(cookie.Value)
	return typed
}
