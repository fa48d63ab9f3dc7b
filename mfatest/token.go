package mfatest

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/go-auth0-mfa/mfa"
)

// The grants of the token endpoint.
const (
	grantPassword = "password"
	grantRealm    = "http://auth0.com/oauth/grant-type/password-realm"
	grantRefresh  = "refresh_token"
	grantOOB      = "http://auth0.com/oauth/grant-type/mfa-oob"
	grantOTP      = "http://auth0.com/oauth/grant-type/mfa-otp"
	grantRecovery = "http://auth0.com/oauth/grant-type/mfa-recovery-code"
)

// tokenOp returns the operation of a request to the token endpoint.
func tokenOp(p params) mfa.Op {
	switch p.text("grant_type") {
	case grantPassword, grantRealm:
		return mfa.OpPasswordLogin
	case grantRefresh:
		return mfa.OpRefresh
	case grantOOB:
		if p.text("binding_code") == "" {
			return mfa.OpPollPush
		}
		return mfa.OpVerifyOOB
	case grantOTP:
		return mfa.OpVerifyOTP
	case grantRecovery:
		return mfa.OpVerifyRecoveryCode
	default:
		return ""
	}
}

// token is POST /oauth/token.
//
// Auth0 docs: https://auth0.com/docs/api/authentication
func (t *Tenant) token(c call) (response, error) {
	if c.broken != nil {
		return response{}, c.broken
	}
	if err := c.params.check("grant_type"); err != nil {
		return response{}, err
	}
	name := c.params.text("grant_type")
	grants := map[string]struct {
		off      bool
		exchange func(call) (response, error)
		required []string
	}{
		grantPassword: {t.config.noPasswordGrant, t.login, []string{"username", "password"}},
		grantRealm:    {t.config.noPasswordGrant, t.login, []string{"username", "password", "realm"}},
		grantRefresh:  {false, t.refresh, []string{"refresh_token"}},
		grantOOB:      {t.config.noMFAGrant, t.verifyOOB, []string{"mfa_token", "oob_code"}},
		grantOTP:      {t.config.noMFAGrant, t.verifyOTP, []string{"mfa_token", "otp"}},
		grantRecovery: {t.config.noMFAGrant, t.verifyRecovery, []string{"mfa_token", "recovery_code"}},
	}
	requested, known := grants[name]
	if !known {
		return response{}, refuse(http.StatusBadRequest, "unsupported_grant_type", "Grant type not supported")
	}
	app, err := t.authenticate(c)
	if err != nil {
		return response{}, err
	}
	if requested.off {
		return response{}, newRefusal(http.StatusForbidden, errorBody{
			Error:       "unauthorized_client",
			Description: "Grant type '" + name + "' not allowed for the client.",
			URI:         "https://auth0.com/docs/clients/client-grant-types",
		})
	}
	if err := c.params.check(requested.required...); err != nil {
		return response{}, err
	}
	c.app = app
	return requested.exchange(c)
}

// login is the password and the password-realm grant. Every realm has all users.
func (t *Tenant) login(c call) (response, error) {
	if c.params.text("grant_type") == grantPassword && t.config.noDefaultConnection {
		return response{}, refuse(http.StatusInternalServerError, "server_error", "Authorization server not configured with default connection.")
	}
	wanted := c.params.text("audience")
	if !t.hasAudience(wanted) {
		return response{}, serviceNotFound(wanted)
	}
	user := t.accounts[strings.ToLower(c.params.text("username"))]
	if user == nil {
		return response{}, wrongPassword()
	}
	if err := t.checkPassword(c, user); err != nil {
		return response{}, err
	}
	if err := t.denial(user); err != nil {
		return response{}, err
	}
	return t.authorize(c.now, grant{
		app: c.app, user: user, audience: wanted,
		scopes: strings.Fields(c.params.text("scope")), nonce: c.params.text("nonce"),
	})
}

// Deny makes an Action of the tenant deny the logins of a user from now on: every
// password login with the right password, every refresh, and every right code that
// would end a login. Each is refused with access_denied and the text, as
// api.access.deny of an Action does. A denied code is spent all the same. With an
// empty text the user may log in again. Deny panics if there is no such user.
//
// The status is 500, which is what [Auth0 documents], or that of
// [WithDenyStatus].
//
// [Auth0 documents]: https://community.auth0.com/t/124708
func (t *Tenant) Deny(email, text string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.account("Deny", email).denied = text
}

// denial returns the refusal of a user whose logins an Action denies.
func (t *Tenant) denial(user *account) error {
	if user.denied == "" {
		return nil
	}
	return refuse(t.config.denyStatus, "access_denied", user.denied)
}

// RequireMFA makes an Action of the tenant ask for a second factor in the logins of
// a user from now on, also with [WithOptionalMFA]. If the Action names factors, as
// api.authentication.challengeWithAny does, mfa_requirements names these alone with
// [WithFlexibleFactors], and without that option mfa_required has no mfa_token,
// which is a [limitation of Auth0]. Whether Auth0 holds the login to these factors
// is not documented; the tenant does not. RequireMFA panics if there is no such
// user or factor.
//
// [limitation of Auth0]: https://support.auth0.com/center/s/article/Custom-MFA-via-Actions-and-ROP-flow-does-not-return-an-mfa-token
func (t *Tenant) RequireMFA(email string, factors ...mfa.Factor) {
	for _, factor := range factors {
		if _, known := kinds[factor]; !known {
			panic("mfatest: RequireMFA: there is no factor " + string(factor))
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	a := t.account("RequireMFA", email)
	a.asked, a.askedFor = true, slices.Clone(factors)
}

func serviceNotFound(audience string) error {
	return refuse(http.StatusForbidden, "access_denied", "Service not found: "+audience)
}

// refresh is the refresh_token grant, without rotation.
func (t *Tenant) refresh(c call) (response, error) {
	g, known := t.refreshes[c.params.text("refresh_token")]
	if !known || g.app != c.app {
		return response{}, refuse(http.StatusForbidden, "invalid_grant", "Unknown or invalid refresh token.")
	}
	wanted, scopes := c.params.text("audience"), strings.Fields(c.params.text("scope"))
	if !t.hasAudience(wanted) {
		return response{}, serviceNotFound(wanted)
	}
	if err := t.denial(g.user); err != nil {
		return response{}, err
	}
	if len(scopes) == 0 {
		scopes = g.scopes
	}
	another := wanted != "" && wanted != g.audience
	if another {
		g.audience = wanted
	}
	// Only for another audience may there be scopes that the login did not ask for.
	granted := g.scopes
	g.scopes = slices.DeleteFunc(slices.Clone(scopes), func(scope string) bool {
		return scope == "offline_access" || !another && !slices.Contains(granted, scope)
	})
	g.nonce = ""
	if g.audience == t.mfaAudience() || t.config.mfaOnRefresh {
		return t.authorize(c.now, g)
	}
	return t.tokens(c.now, g, ""), nil
}

// authorize requires a second factor or issues tokens. For the MFA audience only
// users with a factor other than e-mail need one, so that the others can enroll
// one. For all other audiences everybody does, or everybody who has a factor.
//
// Auth0 docs: https://auth0.com/docs/secure/multi-factor-authentication/manage-mfa-auth0-apis/manage-authenticator-factors-mfa-api
func (t *Tenant) authorize(now time.Time, g grant) (response, error) {
	required := !t.config.optionalMFA || g.user.asked || g.user.hasActive(t.enabled)
	if g.audience == t.mfaAudience() {
		required = g.user.hasActive(func(d *device) bool { return d.factor != mfa.FactorEmail })
	}
	if required {
		return response{}, t.mfaRequired(now, g, 0)
	}
	return t.tokens(now, g, ""), nil
}

// mfaRequired refuses with mfa_required.
func (t *Tenant) mfaRequired(now time.Time, g grant, verified int) error {
	body := errorBody{Error: "mfa_required", Description: "Multifactor authentication required", Requirements: t.requirements(g.user)}
	if !t.config.noMFAToken && (len(g.user.askedFor) == 0 || t.config.flexible) {
		body.MFAToken = t.openSession(now, g, verified).token
	}
	return newRefusal(t.config.requiredStatus, body)
}

// tokenBody is the success of the token endpoint.
type tokenBody struct {
	AccessToken  string `json:"access_token"`
	RefreshToken string `json:"refresh_token,omitempty"`
	IDToken      string `json:"id_token,omitempty"`
	RecoveryCode string `json:"recovery_code,omitempty"`
	Scope        string `json:"scope,omitempty"`
	ExpiresIn    int64  `json:"expires_in"`
	TokenType    string `json:"token_type"`
}

// tokens issues the tokens of the grant, with the replacement of a used recovery
// code.
func (t *Tenant) tokens(now time.Time, g grant, recoveryCode string) response {
	body := tokenBody{
		AccessToken:  t.accessToken(now, g),
		RecoveryCode: recoveryCode,
		Scope:        strings.Join(g.scopes, " "),
		ExpiresIn:    int64(t.accessLifetime(g) / time.Second),
		TokenType:    "Bearer",
	}
	if slices.Contains(g.scopes, "openid") {
		body.IDToken = t.idToken(now, g)
	}
	if slices.Contains(g.scopes, "offline_access") {
		body.RefreshToken = "v1." + randomText(alphanumeric, 64)
		t.refreshes[body.RefreshToken] = g
	}
	return respond(http.StatusOK, body)
}
