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
func (p *Pages) signedIn(handle func(http.ResponseWriter, *http.Request, User)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		user, ok := p.user(r)
		if !ok {
			p.redirect(w, r, "/login")
			return
		}
		handle(w, r, user)
	}
}

// managing makes a handler of a page that needs the access token.
func (p *Pages) managing(handle func(http.ResponseWriter, *http.Request, mfa.Secret)) http.HandlerFunc {
	return p.signedIn(func(w http.ResponseWriter, r *http.Request, user User) {
		token := p.accessToken(r, user)
		if token.IsZero() || len(p.keptCodes(r, user)) > 0 {
			p.redirect(w, r, "/") // the notice waits there
			return
		}
		handle(w, r, token)
	})
}

// openAccount gets an access token for the MFA audience, without the password where the
// refresh token can do it. A login must not ask for that audience itself: Auth0 gives
// that token without a second factor to users who have none, or e-mail only.
func (p *Pages) openAccount(w http.ResponseWriter, r *http.Request, user User) {
	if !p.accessToken(r, user).IsZero() {
		p.redirect(w, r, "/account")
		return
	}
	refresh := p.kept(r, user, cookieRefresh)
	if refresh.IsZero() {
		p.redirect(w, r, "/account/password")
		return
	}
	token, err := p.c.Client.Refresh(r.Context(), mfa.RefreshRequest{
		RefreshToken: refresh, Audience: p.c.Client.MFAAudience(), Scopes: manageScopes, EndUserIP: p.c.UserIP(r),
	})
	switch action := mfa.NextAction(err); {
	case err == nil && !mayList(token), action == mfa.ActionRestartLogin, action == mfa.ActionFix:
		// Auth0 gives no such token for a refresh token: ask for the password.
		p.report(r, err)
		if err == nil {
			p.keepRotated(w, r, user, token)
		}
		p.redirect(w, r, "/account/password")
	default:
		p.opened(w, r, user, "/", token, err)
	}
}

// mayList reports whether the token is for the MFA audience. If an application may not
// ask for it, Auth0 ignores the audience, and the token is for another API.
func mayList(token *mfa.Token) bool {
	return token.Scope == "" || slices.Contains(strings.Fields(token.Scope), mfa.ScopeReadAuthenticators)
}

// passwordPage asks for the password again.
func (p *Pages) passwordPage(w http.ResponseWriter, r *http.Request, user User) {
	p.render(w, r, http.StatusOK, "password", view{Title: "password.title", Email: user.Email})
}

// confirmPassword gets the access token by the password.
func (p *Pages) confirmPassword(w http.ResponseWriter, r *http.Request, user User) {
	token, err := p.c.Client.PasswordLogin(r.Context(), mfa.PasswordLoginRequest{
		Username: user.Email, Password: mfa.NewSecret(r.PostFormValue("password")),
		Audience: p.c.Client.MFAAudience(), Scopes: manageScopes, EndUserIP: p.c.UserIP(r),
	})
	p.opened(w, r, user, "/account/password", token, err)
}

// opened goes on after a request for the access token: to the account, to another proof
// of who the user is, or back.
func (p *Pages) opened(w http.ResponseWriter, r *http.Request, user User, back string, token *mfa.Token, err error) {
	switch {
	case r.Context().Err() != nil:
	case err == nil:
		p.mayManage(w, r, user, token)
	case errors.Is(err, mfa.ErrMFARequired):
		if checkErr := p.sealer.Check(p.binding(r, confirming)); checkErr != nil {
			p.next(w, r, confirming, nil, checkErr)
			return
		}
		step, err := p.flow.Begin(r.Context(), err)
		p.next(w, r, confirming, step, err)
	default:
		p.report(r, err)
		p.back(w, r, back, p.noticeFor(nil, err).later())
	}
}

// mayManage keeps the access token. One of another user, or of nobody knows whom, opens
// nothing.
func (p *Pages) mayManage(w http.ResponseWriter, r *http.Request, user User, token *mfa.Token) {
	checked, err := p.tokens.check(r.Context(), token.IDToken, user.Email)
	if err == nil && checked.Subject != user.Subject {
		err = errors.New("sub is another user's")
	}
	if err != nil {
		p.c.Log.ErrorContext(r.Context(), "id token refused", "error", err)
		p.back(w, r, "/", notice{key: "broken"})
		return
	}
	life := token.ExpiresIn
	if life == 0 {
		life = 10 * time.Minute // as documented
	}
	p.keepRotated(w, r, user, token)
	if !p.keepAccessToken(w, r, user, token.AccessToken, life) {
		p.c.Log.ErrorContext(r.Context(), "the access token for the MFA audience does not fit a cookie: keep it elsewhere")
		p.back(w, r, "/", notice{key: "broken"})
		return
	}
	p.back(w, r, "/account", notice{})
}

// keepRotated keeps the refresh token that replaces the one that was sent, if there is one.
func (p *Pages) keepRotated(w http.ResponseWriter, r *http.Request, user User, token *mfa.Token) {
	if !token.RefreshToken.IsZero() {
		p.keep(w, r, user, cookieRefresh, token.RefreshToken, browserLife)
	}
}

// lost goes on after an error with the access token.
func (p *Pages) lost(w http.ResponseWriter, r *http.Request, err error) {
	p.report(r, err)
	told := p.noticeFor(nil, err)
	if mfa.NextAction(err) == mfa.ActionRestartLogin {
		setCookie(w, r, cookieManage, "", 0)
		told.key = "over"
	}
	p.back(w, r, "/", told)
}

// factor is a row of the account page.
type factor struct {
	mfa.Authenticator
	Last bool       // no other way is left but a recovery code
	Twin mfa.Factor // what is removed with it
}

// factors lists the ways to sign in that are set up.
func (p *Pages) factors(r *http.Request, token mfa.Secret) ([]factor, error) {
	all, err := p.c.Client.ListAuthenticators(r.Context(), mfa.ListAuthenticatorsRequest{Token: token})
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
				row.Twin = other.Factor()
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
func (p *Pages) accountPage(w http.ResponseWriter, r *http.Request, token mfa.Secret) {
	rows, err := p.factors(r, token)
	if err != nil {
		p.lost(w, r, err)
		return
	}
	p.render(w, r, http.StatusOK, "account", view{Title: "account.title", Factors: rows})
}

// removePage asks whether the user means it.
func (p *Pages) removePage(w http.ResponseWriter, r *http.Request, token mfa.Secret) {
	rows, err := p.factors(r, token)
	if err != nil {
		p.lost(w, r, err)
		return
	}
	for _, row := range rows {
		if row.ID == r.PathValue("id") {
			p.render(w, r, http.StatusOK, "remove", view{Title: "remove.title", Factors: []factor{row}})
			return
		}
	}
	p.back(w, r, "/account", notice{key: "removed"}) // in another tab
}

// remove removes one. The verified address of the account is an authenticator that nobody
// can delete, and nothing in the list marks it: the refusal tells.
func (p *Pages) remove(w http.ResponseWriter, r *http.Request, token mfa.Secret) {
	err := p.c.Client.DeleteAuthenticator(r.Context(), mfa.DeleteAuthenticatorRequest{
		Token: token, AuthenticatorID: r.PostFormValue("id"),
	})
	refused, isRefused := errors.AsType[*mfa.Error](err)
	switch action := mfa.NextAction(err); {
	case r.Context().Err() != nil:
	case action == mfa.ActionNone: // it is gone, perhaps since before
		p.back(w, r, "/account", notice{key: "removed"})
	case action == mfa.ActionFix && isRefused && refused.StatusCode == http.StatusForbidden:
		p.back(w, r, "/account", notice{key: "stays"})
	case action == mfa.ActionRetryLater && errors.Is(err, mfa.ErrOutcomeUnknown):
		p.back(w, r, "/account", notice{key: "look"})
	default:
		p.lost(w, r, err)
	}
}

// add starts to set up another way to sign in.
func (p *Pages) add(w http.ResponseWriter, r *http.Request, token mfa.Secret) {
	err := p.sealer.Check(p.binding(r, adding))
	if err != nil {
		p.lost(w, r, err)
		return
	}
	step, err := p.flow.BeginEnrollment(r.Context(), token)
	p.next(w, r, adding, step, err)
}
