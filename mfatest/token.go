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

// tokenOp names the operation of a request to the token endpoint.
func tokenOp(p params) mfa.Op {
	switch p.text("grant_type") {
	case grantPassword, grantRealm:
		return mfa.OpPasswordLogin
	case grantRefresh:
		return OpRefreshToken
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

// token answers POST /oauth/token.
//
// Auth0 docs: https://auth0.com/docs/api/authentication
func (t *Tenant) token(c call) answer {
	if c.broken != nil {
		return *c.broken
	}
	if refusal := c.params.check("grant_type"); refusal != nil {
		return *refusal
	}
	name := c.params.text("grant_type")
	grants := map[string]struct {
		off      bool
		act      func(call) answer
		required []string
	}{
		grantPassword: {t.settings.noPasswordGrant, t.login, []string{"username", "password"}},
		grantRealm:    {t.settings.noPasswordGrant, t.login, []string{"username", "password", "realm"}},
		grantRefresh:  {false, t.refresh, []string{"refresh_token"}},
		grantOOB:      {t.settings.noMFAGrant, t.verifyOOB, []string{"mfa_token", "oob_code"}},
		grantOTP:      {t.settings.noMFAGrant, t.verifyOTP, []string{"mfa_token", "otp"}},
		grantRecovery: {t.settings.noMFAGrant, t.verifyRecovery, []string{"mfa_token", "recovery_code"}},
	}
	exchange, known := grants[name]
	if !known {
		return refuse(http.StatusBadRequest, "unsupported_grant_type", "Grant type not supported")
	}
	app, refusal := t.authenticate(c)
	if refusal != nil {
		return *refusal
	}
	if exchange.off {
		return reply(http.StatusForbidden, errorBody{
			Error:       "unauthorized_client",
			Description: "Grant type '" + name + "' not allowed for the client.",
			URI:         "https://auth0.com/docs/clients/client-grant-types",
		})
	}
	if refusal := c.params.check(exchange.required...); refusal != nil {
		return *refusal
	}
	c.app = app
	return exchange.act(c)
}

// login is the password and the password-realm grant. Any realm has all users.
func (t *Tenant) login(c call) answer {
	if c.params.text("grant_type") == grantPassword && t.settings.noDefaultConnection {
		return refuse(http.StatusInternalServerError, "server_error", "Authorization server not configured with default connection.")
	}
	wanted := c.params.text("audience")
	if !t.knows(wanted) {
		return refuse(http.StatusForbidden, "access_denied", "Service not found: "+wanted)
	}
	user := t.accounts[strings.ToLower(c.params.text("username"))]
	if user == nil || user.password != c.params.text("password") {
		return refuse(http.StatusForbidden, "invalid_grant", "Wrong email or password.")
	}
	return t.decide(c.now, grant{
		app: c.app, user: user, audience: wanted,
		scopes: strings.Fields(c.params.text("scope")), nonce: c.params.text("nonce"),
	})
}

// refresh is the refresh_token grant, without rotation.
func (t *Tenant) refresh(c call) answer {
	g, known := t.refreshes[c.params.text("refresh_token")]
	if !known || g.app != c.app {
		return refuse(http.StatusForbidden, "invalid_grant", "Unknown or invalid refresh token.")
	}
	wanted, scopes := c.params.text("audience"), strings.Fields(c.params.text("scope"))
	if !t.knows(wanted) {
		return refuse(http.StatusForbidden, "access_denied", "Service not found: "+wanted)
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
	if g.audience == t.mfaAudience() || t.settings.mfaOnRefresh {
		return t.decide(c.now, g)
	}
	return t.tokens(c.now, g, "")
}

// decide asks for a second factor or hands out tokens. For the MFA audience
// only users with a factor other than e-mail are asked, so that the others can
// enrol one; for all others everybody is, or everybody who has a factor.
//
// Auth0 docs: https://auth0.com/docs/secure/multi-factor-authentication/manage-mfa-auth0-apis/manage-authenticator-factors-mfa-api
func (t *Tenant) decide(now time.Time, g grant) answer {
	asked := !t.settings.optionalMFA || g.user.activeWhere(t.usable)
	if g.audience == t.mfaAudience() {
		asked = g.user.activeWhere(func(d *device) bool { return d.factor != mfa.FactorEmail })
	}
	if asked {
		return t.required(now, g, 0)
	}
	return t.tokens(now, g, "")
}

// required answers mfa_required.
func (t *Tenant) required(now time.Time, g grant, passed int) answer {
	body := errorBody{Error: "mfa_required", Description: "Multifactor authentication required", Requirements: t.requirements(g.user)}
	if !t.settings.noMFAToken {
		body.MFAToken = t.openSession(now, g, passed).token
	}
	return reply(t.settings.requiredStatus, body)
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

// tokens answers with the tokens of the grant, and with a recovery code if one
// was used up.
func (t *Tenant) tokens(now time.Time, g grant, recoveryCode string) answer {
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
	return reply(http.StatusOK, body)
}
