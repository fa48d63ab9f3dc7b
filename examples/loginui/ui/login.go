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
func (s *Pages) loginPage(w http.ResponseWriter, r *http.Request) {
	s.render(w, r, http.StatusOK, "login", view{Title: "Sign in", Email: typedEmail(r)})
}

// login handles the password form. It ends the session of whoever was signed in, so that
// a wrong password does not lead into another user's account.
func (s *Pages) login(w http.ResponseWriter, r *http.Request) {
	s.endSession(w, r)
	attempt := attempt{rand.Text(), cut(strings.TrimSpace(r.PostFormValue("email")))}
	ctx := context.WithValue(r.Context(), attemptKey{}, attempt)
	r = r.WithContext(ctx)
	s.setCookie(w, r, cookieLogin, attempt.id, stepLife)
	s.keepText(w, r, cookieEmail, attempt.email, stepLife)
	if err := s.sealer.Check(s.binding(r, signingIn)); err != nil { // before a code is sent, not after
		s.next(w, r, signingIn, nil, err)
		return
	}
	token, err := s.client.PasswordLogin(ctx, mfa.PasswordLoginRequest{
		Username: attempt.email, Password: mfa.NewSecret(r.PostFormValue("password")), EndUserIP: userIP(r),
		// The refresh token is for managing factors later, without the password.
		Scopes: []string{"openid", "profile", "email", "offline_access"},
	})
	if err == nil { // no second factor is due
		s.signIn(w, r, token, nil)
		return
	}
	if !errors.Is(err, mfa.ErrMFARequired) {
		s.next(w, r, signingIn, nil, err)
		return
	}
	step, err := s.flow.Begin(ctx, err, flow.User(attempt.email)) // a double click mails one code
	s.next(w, r, signingIn, step, err)                            // Begin can return both
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

// userIP returns the user's address as this server saw it, for Auth0's protection against
// guessed passwords and codes. Behind a proxy of yours, return the address that the proxy
// saw, from a header that it replaces: a user can send any header.
func userIP(r *http.Request) netip.Addr {
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
func (s *Pages) keepText(w http.ResponseWriter, r *http.Request, name, typed string, life time.Duration) {
	s.setCookie(w, r, name, url.QueryEscape(cut(strings.TrimSpace(typed))), life)
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
