package ui

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/go-auth0-mfa/mfa"
)

// What the account page asks for when it asks Auth0 for an access token for the MFA
// audience. The ID token that comes with it tells whose it is.
var manageScopes = []string{"openid", "email", mfa.ScopeReadAuthenticators, mfa.ScopeEnroll, mfa.ScopeRemoveAuthenticators}

// signedIn makes a handler of a page that only a signed-in user sees.
func (s *Pages) signedIn(handle func(http.ResponseWriter, *http.Request, *session)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		current := s.sessionOf(r)
		if current == nil {
			http.Redirect(w, r, "/login", http.StatusSeeOther)
			return
		}
		handle(w, r, current)
	}
}

// managing makes a handler of a page that needs the access token.
func (s *Pages) managing(handle func(http.ResponseWriter, *http.Request, *session)) http.HandlerFunc {
	return s.signedIn(func(w http.ResponseWriter, r *http.Request, current *session) {
		if !s.now().Before(current.manageUntil) || len(current.codes) > 0 {
			http.Redirect(w, r, "/", http.StatusSeeOther) // the notice waits there
			return
		}
		handle(w, r, current)
	})
}

// openAccount gets an access token for the MFA audience, without the password where the
// refresh token can do it. A login must not ask for that audience itself: Auth0 gives
// that token without a second factor to users who have none, or e-mail only.
func (s *Pages) openAccount(w http.ResponseWriter, r *http.Request, current *session) {
	if s.now().Before(current.manageUntil) {
		http.Redirect(w, r, "/account", http.StatusSeeOther)
		return
	}
	if current.refresh.IsZero() {
		http.Redirect(w, r, "/account/password", http.StatusSeeOther)
		return
	}
	token, err := s.client.Refresh(r.Context(), mfa.RefreshRequest{
		RefreshToken: current.refresh, Audience: s.client.MFAAudience(), Scopes: manageScopes, EndUserIP: userIP(r),
	})
	switch action := mfa.NextAction(err); {
	case err == nil && !mayList(token), action == mfa.ActionRestartLogin, action == mfa.ActionFix:
		// Auth0 gives no such token for a refresh token: ask for the password.
		s.report(r, err)
		http.Redirect(w, r, "/account/password", http.StatusSeeOther)
	default:
		s.opened(w, r, "/", token, err)
	}
}

// mayList reports whether the token is for the MFA audience. If an application may not
// ask for it, Auth0 ignores the audience, and the token is for another API.
func mayList(token *mfa.Token) bool {
	return token.Scope == "" || slices.Contains(strings.Fields(token.Scope), mfa.ScopeReadAuthenticators)
}

// passwordPage asks for the password again.
func (s *Pages) passwordPage(w http.ResponseWriter, r *http.Request, current *session) {
	s.render(w, r, http.StatusOK, "password", view{Title: "Confirm that it is you", Email: current.email})
}

// confirmPassword gets the access token by the password.
func (s *Pages) confirmPassword(w http.ResponseWriter, r *http.Request, current *session) {
	token, err := s.client.PasswordLogin(r.Context(), mfa.PasswordLoginRequest{
		Username: current.email, Password: mfa.NewSecret(r.PostFormValue("password")),
		Audience: s.client.MFAAudience(), Scopes: manageScopes, EndUserIP: userIP(r),
	})
	s.opened(w, r, "/account/password", token, err)
}

// opened goes on after a request for the access token: to the account, to another proof
// of who the user is, or back.
func (s *Pages) opened(w http.ResponseWriter, r *http.Request, back string, token *mfa.Token, err error) {
	switch {
	case r.Context().Err() != nil:
	case err == nil:
		s.mayManage(w, r, token)
	case errors.Is(err, mfa.ErrMFARequired):
		if checkErr := s.sealer.Check(s.binding(r, confirming)); checkErr != nil {
			s.next(w, r, confirming, nil, checkErr)
			return
		}
		step, err := s.flow.Begin(r.Context(), err)
		s.next(w, r, confirming, step, err)
	default:
		s.report(r, err)
		s.back(w, r, back, s.noticeFor(nil, err).later())
	}
}

// mayManage keeps the access token. One of another user opens nothing.
func (s *Pages) mayManage(w http.ResponseWriter, r *http.Request, token *mfa.Token) {
	current := s.sessionOf(r)
	if !token.IDToken.IsZero() {
		if _, err := s.tokens.check(r.Context(), token.IDToken, current.email); err != nil {
			s.log.ErrorContext(r.Context(), "id token refused", "error", err)
			s.back(w, r, "/", notice{key: "broken"})
			return
		}
	}
	life := token.ExpiresIn
	if life == 0 {
		life = 10 * time.Minute // as documented
	}
	s.change(r, func(current *session) {
		current.manage, current.manageUntil = token.AccessToken, s.now().Add(life)
		if !token.RefreshToken.IsZero() {
			current.refresh = token.RefreshToken // it was rotated
		}
	})
	s.back(w, r, "/account", notice{})
}

// lost goes on after an error with the access token.
func (s *Pages) lost(w http.ResponseWriter, r *http.Request, err error) {
	s.report(r, err)
	told := s.noticeFor(nil, err)
	if mfa.NextAction(err) == mfa.ActionRestartLogin {
		s.change(r, func(current *session) { current.manageUntil = time.Time{} })
		told.key = "over"
	}
	s.back(w, r, "/", told)
}

// factor is a row of the account page.
type factor struct {
	mfa.Authenticator
	Last  bool   // no other way is left but a recovery code
	Twins string // what is removed with it
}

// factors lists the ways to sign in that are set up.
func (s *Pages) factors(r *http.Request, current *session) ([]factor, error) {
	all, err := s.client.ListAuthenticators(r.Context(), mfa.ListAuthenticatorsRequest{Token: current.manage})
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(a mfa.Authenticator) bool { return !a.Active }) // never confirmed
	var rows []factor
	for _, a := range all {
		row := factor{Authenticator: a, Last: true}
		for _, other := range all {
			pair := twins[a.Factor()] == other.Factor() && a.Name == other.Name
			if pair {
				row.Twins = kind(other.Factor())
			}
			if other.ID != a.ID && !pair && other.Factor() != mfa.FactorRecoveryCode {
				row.Last = false
			}
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// twins are the factors that Auth0 removes together.
var twins = map[mfa.Factor]mfa.Factor{
	mfa.FactorPush: mfa.FactorOTP, mfa.FactorOTP: mfa.FactorPush,
	mfa.FactorSMS: mfa.FactorVoice, mfa.FactorVoice: mfa.FactorSMS,
}

// accountPage lists the ways to sign in.
func (s *Pages) accountPage(w http.ResponseWriter, r *http.Request, current *session) {
	rows, err := s.factors(r, current)
	if err != nil {
		s.lost(w, r, err)
		return
	}
	s.render(w, r, http.StatusOK, "account", view{Title: "Your ways to sign in", Factors: rows})
}

// removePage asks whether the user means it.
func (s *Pages) removePage(w http.ResponseWriter, r *http.Request, current *session) {
	rows, err := s.factors(r, current)
	if err != nil {
		s.lost(w, r, err)
		return
	}
	for _, row := range rows {
		if row.ID == r.PathValue("id") {
			s.render(w, r, http.StatusOK, "remove", view{Title: "Remove this way to sign in?", Factors: []factor{row}})
			return
		}
	}
	s.back(w, r, "/account", notice{key: "removed"}) // in another tab
}

// remove removes one. The verified address of the account is an authenticator that nobody
// can delete, and nothing in the list marks it: the refusal tells.
func (s *Pages) remove(w http.ResponseWriter, r *http.Request, current *session) {
	err := s.client.DeleteAuthenticator(r.Context(), mfa.DeleteAuthenticatorRequest{
		Token: current.manage, AuthenticatorID: r.PostFormValue("id"),
	})
	refused, isRefused := errors.AsType[*mfa.Error](err)
	switch action := mfa.NextAction(err); {
	case r.Context().Err() != nil:
	case action == mfa.ActionNone: // it is gone, perhaps since before
		s.back(w, r, "/account", notice{key: "removed"})
	case action == mfa.ActionFix && isRefused && refused.StatusCode == http.StatusForbidden:
		s.back(w, r, "/account", notice{key: "stays"})
	case action == mfa.ActionRetryLater && errors.Is(err, mfa.ErrOutcomeUnknown):
		s.back(w, r, "/account", notice{key: "look"})
	default:
		s.lost(w, r, err)
	}
}

// add starts to set up another way to sign in.
func (s *Pages) add(w http.ResponseWriter, r *http.Request, current *session) {
	err := s.sealer.Check(s.binding(r, adding))
	if err != nil {
		s.lost(w, r, err)
		return
	}
	step, err := s.flow.BeginEnrollment(r.Context(), current.manage)
	s.next(w, r, adding, step, err)
}
