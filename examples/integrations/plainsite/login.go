package plainsite

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/go-auth0-mfa/mfa"
)

// login handles the password form.
func (s *Site) login(r *http.Request, st *state) (string, error) {
	ctx := r.Context()
	if page, err := s.logout(r, st); err != nil { // whoever was signed in here is not who types this
		return page, err
	}
	st.Address = strings.TrimSpace(r.PostFormValue("email"))
	token, err := s.Client.PasswordLogin(ctx, mfa.PasswordLoginRequest{
		Username: st.Address, Password: mfa.NewSecret(r.PostFormValue("password")),
		Scopes: []string{"openid", "email", "offline_access"}, EndUserIP: userIP(r),
	})
	return s.next(ctx, st, token, err, "/login")
}

// next goes on after a login, a refresh or a code. It signs in a user who has tokens, and
// sends a code if another factor is due. After any other error it returns page.
func (s *Site) next(ctx context.Context, st *state, token *mfa.Token, err error, page string) (string, error) {
	required, ok := errors.AsType[*mfa.RequiredError](err)
	switch {
	case ok && !required.MFAToken.IsZero():
		st.MFAToken = required.MFAToken.Reveal()
		return s.send(ctx, st)
	case err != nil:
		return page, err
	case st.SignedIn:
		return "/", s.managed(st, token)
	}
	if err := s.Users.SignIn(ctx, token, st.Address); err != nil { // renews the ID of the session
		return "/login", err
	}
	*st = state{Address: st.Address, SignedIn: true, RefreshToken: token.RefreshToken.Reveal(), Codes: st.Codes}
	return "/", nil
}

// send sends a code to an active e-mail address, or has a user without any active factor
// enroll one.
func (s *Site) send(ctx context.Context, st *state) (string, error) {
	st.OOBCode, st.Enrolling = "", false
	mfaToken := mfa.NewSecret(st.MFAToken)
	list, err := s.Client.ListAuthenticators(ctx, mfa.ListAuthenticatorsRequest{Token: mfaToken})
	if err != nil {
		return "/code", err
	}
	list = slices.DeleteFunc(list, func(a mfa.Authenticator) bool { return !a.Active })
	if len(list) == 0 {
		st.Enrolling = true
		return "/enroll", nil
	}
	i := slices.IndexFunc(list, func(a mfa.Authenticator) bool { return a.Factor() == mfa.FactorEmail })
	if i < 0 { // somebody who only knows the password must not get around it by enrolling another
		return "/code", errOtherFactor
	}
	st.To, st.SentAt = list[i].Name, s.Now()
	challenge, err := s.Client.Challenge(ctx, mfa.ChallengeRequest{MFAToken: mfaToken, AuthenticatorID: list[i].ID})
	if err == nil {
		st.OOBCode = challenge.OOBCode.Reveal()
	}
	return "/code", err
}

// enroll handles the form for an address.
func (s *Site) enroll(r *http.Request, st *state) (string, error) {
	if !st.Enrolling {
		return "/login", nil
	}
	return s.associate(r.Context(), st, r.PostFormValue("address"), "/enroll")
}

// associate enrolls an address, which sends a code there. After a refusal it returns page.
func (s *Site) associate(ctx context.Context, st *state, address, page string) (string, error) {
	if s.Now().Before(st.SentAt.Add(resendInterval)) {
		return page, errTooSoon
	}
	st.To, st.OOBCode = strings.TrimSpace(address), ""
	enrollment, err := s.Client.Associate(ctx, mfa.AssociateRequest{Token: mfa.NewSecret(st.MFAToken), Email: st.To})
	if err != nil && !errors.Is(err, mfa.ErrOutcomeUnknown) {
		return page, err
	}
	st.SentAt = s.Now()
	if err == nil {
		st.OOBCode = enrollment.OOBCode.Reveal()
		for _, code := range enrollment.RecoveryCodes {
			st.Codes = append(st.Codes, code.Reveal())
		}
	}
	return "/code", err
}

// resend sends another code. Package flow with a Store also keeps two clicks apart.
func (s *Site) resend(r *http.Request, st *state) (string, error) {
	if st.Enrolling {
		return s.associate(r.Context(), st, st.To, "/code")
	}
	if s.Now().Before(st.SentAt.Add(resendInterval)) {
		return "/code", errTooSoon
	}
	return s.send(r.Context(), st)
}

// verify handles the forms for a code and for a recovery code.
func (s *Site) verify(r *http.Request, st *state) (page string, err error) {
	ctx, mfaToken, ip := r.Context(), mfa.NewSecret(st.MFAToken), userIP(r)
	var token *mfa.Token
	if code := r.PostFormValue("recovery"); code != "" {
		token, err = s.Client.VerifyRecoveryCode(ctx, mfa.VerifyRecoveryCodeRequest{MFAToken: mfaToken, RecoveryCode: mfa.NewSecret(code), EndUserIP: ip})
	} else {
		token, err = s.Client.VerifyOOB(ctx, mfa.VerifyOOBRequest{
			MFAToken: mfaToken, OOBCode: mfa.NewSecret(st.OOBCode), BindingCode: mfa.NewSecret(r.PostFormValue("code")), EndUserIP: ip,
		})
	}
	if err == nil && !token.RecoveryCode.IsZero() { // in place of the one that was used
		st.Codes = append(st.Codes, token.RecoveryCode.Reveal())
	}
	return s.next(ctx, st, token, err, "/code")
}

// openFactors gets an access token for the MFA API, by the refresh token if that is enough,
// and else by the password. Auth0 asks users who have a factor besides e-mail for a code.
func (s *Site) openFactors(r *http.Request, st *state) (string, error) {
	if !st.SignedIn {
		return "/login", nil
	}
	st.Enrolling = false // what was begun and left
	audience, scopes := s.Client.MFAAudience(), []string{mfa.ScopeEnroll, mfa.ScopeReadAuthenticators, mfa.ScopeRemoveAuthenticators}
	if password := mfa.NewSecret(r.PostFormValue("password")); !password.IsZero() {
		token, err := s.Client.PasswordLogin(r.Context(), mfa.PasswordLoginRequest{Username: st.Address, Password: password, Audience: audience, Scopes: scopes, EndUserIP: userIP(r)})
		return s.next(r.Context(), st, token, err, "/")
	}
	token, err := s.Client.Refresh(r.Context(), mfa.RefreshRequest{RefreshToken: mfa.NewSecret(st.RefreshToken), Audience: audience, Scopes: scopes, EndUserIP: userIP(r)})
	if errors.Is(err, mfa.ErrInvalidToken) || errors.Is(err, mfa.ErrInvalidRequest) || errors.Is(err, mfa.ErrGrantNotAllowed) {
		st.AskPassword, err = true, errPassword
	}
	return s.next(r.Context(), st, token, err, "/")
}

// managed ends a refresh, its second factor, or an enrollment, of a user who is signed in.
func (s *Site) managed(st *state, token *mfa.Token) error {
	enrolled := st.Enrolling
	st.MFAToken, st.Enrolling = "", false
	if enrolled { // its token is for nothing else
		return nil
	}
	if !token.RefreshToken.IsZero() { // otherwise the old one stays valid
		st.RefreshToken = token.RefreshToken.Reveal()
	}
	if token.Scope != "" && !slices.Contains(strings.Fields(token.Scope), mfa.ScopeReadAuthenticators) {
		st.AskPassword = true // Auth0 ignores an audience that a refresh token is not for
		return errPassword
	}
	st.Manage, st.ManageUntil = token.AccessToken.Reveal(), s.Now().Add(token.ExpiresIn)
	return nil
}

// factors lists the active factors of a user who has a token for the MFA API. When it
// expires, the page offers to get another.
func (s *Site) factors(ctx context.Context, st *state) (err error) {
	if !s.Now().Before(st.ManageUntil) {
		st.Manage = ""
	}
	if st.Manage != "" {
		st.Factors, err = s.Client.ListAuthenticators(ctx, mfa.ListAuthenticatorsRequest{Token: mfa.NewSecret(st.Manage)})
	}
	return err
}

// addFactor enrolls another address. The same token verifies its code.
func (s *Site) addFactor(r *http.Request, st *state) (string, error) {
	if st.Manage == "" {
		return "/", nil
	}
	st.MFAToken, st.Enrolling = st.Manage, true
	return s.associate(r.Context(), st, r.PostFormValue("address"), "/")
}

// deleteFactor deletes a factor. Whoever deletes the last one enrolls an address at the
// next login.
func (s *Site) deleteFactor(r *http.Request, st *state) (string, error) {
	err := s.Client.DeleteAuthenticator(r.Context(), mfa.DeleteAuthenticatorRequest{Token: mfa.NewSecret(st.Manage), AuthenticatorID: r.PostFormValue("id")})
	if refused, ok := errors.AsType[*mfa.Error](err); ok && refused.Code == "access_denied" {
		err = errKept
	}
	return "/", err
}

// logout ends the session.
func (s *Site) logout(r *http.Request, st *state) (string, error) {
	*st = state{}
	return "/login", errors.Join(s.Sessions.Clear(r.Context()), s.Sessions.RenewToken(r.Context()))
}
