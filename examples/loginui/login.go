package main

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/go-auth0-mfa/mfa"
)

// loginPage shows the password form.
func (s *site) loginPage(w http.ResponseWriter, r *http.Request) {
	s.render(w, r, http.StatusOK, "login", view{Title: "Sign in", Email: typedEmail(r)})
}

// login handles the password form.
func (s *site) login(w http.ResponseWriter, r *http.Request) {
	email := strings.TrimSpace(r.PostFormValue("email"))
	ctx := context.WithValue(r.Context(), emailKey{}, email)
	r = r.WithContext(ctx)
	token, err := s.client.PasswordLogin(ctx, mfa.PasswordLoginRequest{
		Username: email, Password: mfa.NewSecret(r.PostFormValue("password")),
		Scopes: []string{"openid", "profile", "email"},
	})
	if err == nil { // no second factor is due
		s.signIn(w, r, token, nil)
		return
	}
	step, err := s.flow.Begin(ctx, err)
	s.next(w, r, step, err) // Begin can return both
}

type emailKey struct{}

// typedEmail returns the address that the user typed into the password form, now or
// before.
func typedEmail(r *http.Request) string {
	if email, ok := r.Context().Value(emailKey{}).(string); ok {
		return email
	}
	cookie, err := r.Cookie(cookieName(r, cookieEmail))
	if err != nil {
		return ""
	}
	email, _ := url.QueryUnescape(cookie.Value)
	return email
}
