package guidedsite

import (
	"context"
	"crypto/rand"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/flow"
)

// address returns what was typed into the password form.
func (v *visit) address() string {
	_, address, _ := strings.Cut(v.binding, ".")
	address, _ = url.QueryUnescape(address)
	return address
}

// login handles the password form. Each login has a binding of its own.
func (s *Site) login(r *http.Request, v *visit) error {
	s.end(v) // whoever was signed in here is not who types this
	address := strings.TrimSpace(r.PostFormValue("email"))
	v.binding = rand.Text() + "." + url.QueryEscape(address[:min(len(address), 320)]) // it goes into a cookie
	if err := s.Sealer.Check([]byte(v.binding)); err != nil {                         // before a mail goes out
		return err
	}
	token, err := s.Client.PasswordLogin(r.Context(), mfa.PasswordLoginRequest{
		Username: address, Password: mfa.NewSecret(r.PostFormValue("password")),
		Scopes: []string{"openid", "email", "offline_access"}, EndUserIP: userIP(r),
	})
	if err != nil {
		v.step, err = s.Flow.Begin(r.Context(), err) // sends a code, or has the user choose or enroll
		return err
	}
	return s.signIn(r.Context(), v, token, nil)
}

// submit handles all forms of a step.
func (s *Site) submit(r *http.Request, v *visit) (err error) {
	ctx, step := r.Context(), v.step
	switch authenticator := r.PostFormValue("authenticator"); {
	case step == nil:
		return v.stale
	case r.PostFormValue("resend") != "":
		err = step.Resend(ctx)
	case authenticator != "":
		err = step.Choose(ctx, authenticator) // sends a code
	case r.PostFormValue("factor") != "":
		err = step.Enroll(ctx, enrollment(r)) // sends a code
	case step.State() == flow.StatePoll:
		err = step.Poll(ctx, flow.Poll{EndUserIP: userIP(r)})
	default:
		err = step.Submit(ctx, flow.Submission{Code: mfa.NewSecret(r.PostFormValue("code")), EndUserIP: userIP(r)})
	}
	if err != nil || step.State() != flow.StateDone {
		return err
	}
	v.step = nil
	if v.id == "" {
		return s.signIn(ctx, v, step.Token(), step.RecoveryCodes())
	}
	v.session.Codes = append(v.session.Codes, step.RecoveryCodes()...)
	if token := step.Token(); token != nil { // none after an enrollment
		return s.managed(v, token)
	}
	return nil
}

// enrollment reads the form for another factor.
func enrollment(r *http.Request) flow.Enrollment {
	factor := mfa.Factor(r.PostFormValue("factor"))
	address := map[mfa.Factor]string{factor: r.PostFormValue("address")}
	return flow.Enrollment{Factor: factor, Email: address[mfa.FactorEmail], PhoneNumber: address[mfa.FactorSMS]}
}

// signIn verifies the ID token and opens a session under a new ID.
func (s *Site) signIn(ctx context.Context, v *visit, token *mfa.Token, codes []mfa.Secret) error {
	id, err := s.Verifier.Verify(ctx, token.IDToken.Reveal()) // signature, iss, aud and exp
	if err != nil {
		return err
	}
	var claims struct {
		Methods []string `json:"amr"`
		Party   string   `json:"azp"`
		Email   string   `json:"email"`
	}
	if err := id.Claims(&claims); err != nil {
		return err
	}
	if !slices.Contains(claims.Methods, "mfa") || len(id.Audience) != 1 ||
		claims.Party != "" && claims.Party != s.Client.ClientID() || !strings.EqualFold(claims.Email, v.address()) {
		return errors.New("guidedsite: the ID token is not of this login")
	}
	now := s.Now()
	v.id = rand.Text()
	v.session = session{Address: claims.Email, Subject: id.Subject, binding: rand.Text(), refresh: token.RefreshToken, until: now.Add(time.Hour), Codes: codes}
	s.mu.Lock()
	defer s.mu.Unlock()
	maps.DeleteFunc(s.sessions, func(_ string, old session) bool { return !now.Before(old.until) })
	s.sessions[v.id] = v.session
	return nil
}

// openFactors gets an access token for the MFA API, by the refresh token if that is enough,
// and else by the password. Auth0 asks users who have a factor besides e-mail for a code.
func (s *Site) openFactors(r *http.Request, v *visit) (err error) {
	if v.id == "" {
		return v.stale
	}
	var token *mfa.Token
	audience, scopes := s.Client.MFAAudience(), []string{mfa.ScopeEnroll, mfa.ScopeReadAuthenticators, mfa.ScopeRemoveAuthenticators}
	if password := mfa.NewSecret(r.PostFormValue("password")); !password.IsZero() {
		token, err = s.Client.PasswordLogin(r.Context(), mfa.PasswordLoginRequest{Username: v.session.Address, Password: password, Audience: audience, Scopes: scopes, EndUserIP: userIP(r)})
	} else {
		token, err = s.Client.Refresh(r.Context(), mfa.RefreshRequest{RefreshToken: v.session.refresh, Audience: audience, Scopes: scopes, EndUserIP: userIP(r)})
		if errors.Is(err, mfa.ErrInvalidToken) || errors.Is(err, mfa.ErrInvalidRequest) || errors.Is(err, mfa.ErrGrantNotAllowed) {
			v.session.AskPassword, err = true, errPassword
		}
	}
	if err != nil {
		v.step, err = s.Flow.Begin(r.Context(), err)
		return err
	}
	return s.managed(v, token)
}

// managed keeps the tokens of openFactors.
func (s *Site) managed(v *visit, token *mfa.Token) error {
	if !token.RefreshToken.IsZero() { // otherwise the old one stays valid
		v.session.refresh = token.RefreshToken
	}
	if token.Scope != "" && !slices.Contains(strings.Fields(token.Scope), mfa.ScopeReadAuthenticators) {
		v.session.AskPassword = true // Auth0 ignores an audience that a refresh token is not for
		return errPassword
	}
	v.session.Manage, v.session.manageUntil = token.AccessToken, s.Now().Add(token.ExpiresIn)
	return nil
}

// addFactor enrolls another factor, by the forms of a login.
func (s *Site) addFactor(r *http.Request, v *visit) (err error) {
	if v.step, err = s.Flow.BeginEnrollment(r.Context(), v.session.Manage); err != nil {
		return err
	}
	return v.step.Enroll(r.Context(), enrollment(r))
}

// deleteFactor deletes a factor.
func (s *Site) deleteFactor(r *http.Request, v *visit) error {
	err := s.Client.DeleteAuthenticator(r.Context(), mfa.DeleteAuthenticatorRequest{Token: v.session.Manage, AuthenticatorID: r.PostFormValue("id")})
	if refused, ok := errors.AsType[*mfa.Error](err); ok && refused.Code == "access_denied" {
		return errKept
	}
	return err
}

// end ends the session and the step.
func (s *Site) end(v *visit) {
	s.mu.Lock()
	delete(s.sessions, v.id)
	s.mu.Unlock()
	*v = visit{}
}
