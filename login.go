package mfa

import (
	"context"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"github.com/go-auth0-mfa/mfa/internal/input"
)

// PasswordLoginRequest holds the parameters of [Client.PasswordLogin].
type PasswordLoginRequest struct {
	// Username is the user name or e-mail address. Required.
	Username string
	// Password is sent unchanged. Required.
	Password Secret
	// Realm names the connection to log in with. If empty, it is the tenant's Default
	// Directory.
	Realm string
	// Audience names the API that the access token is for: [Client.MFAAudience] to manage
	// authenticators. If empty, it is the tenant's default audience.
	Audience string
	// Scopes lists the scopes to request: "openid" for an ID token, "offline_access" for a
	// refresh token, and [ScopeEnroll], [ScopeReadAuthenticators] and
	// [ScopeRemoveAuthenticators] with Client.MFAAudience.
	Scopes []string
	// EndUserIP works as in [VerifyOOBRequest]. Without it, brute-force protection counts
	// all users of the backend as one.
	EndUserIP netip.Addr
}

// PasswordLogin logs a user in with the resource owner password grant. If a second
// factor is due, it returns a [*RequiredError], which matches [ErrMFARequired].
//
// RFC 9700 advises against this grant, because the password passes through the backend.
// Prefer a redirect to Auth0's login page where that is possible.
//
// A failed login counts against the user, so it is never repeated once it may have
// acted. It returns [ErrInvalidCredentials], [ErrBlocked], [ErrTooManyAttempts],
// [ErrGrantNotAllowed], [ErrInvalidClient] and, for a refused request,
// [ErrInvalidRequest].
//
// Auth0 docs: https://auth0.com/docs/api/authentication/resource-owner-password-flow/get-token
func (c *Client) PasswordLogin(ctx context.Context, req PasswordLoginRequest) (*Token, error) {
	call := c.newCall(OpPasswordLogin, http.MethodPost, "/oauth/token")
	grant := grantPassword
	if req.Realm != "" {
		grant = grantPasswordRealm
	}
	fields := []string{
		"grant_type", grant,
		"username", call.value("Username", req.Username, input.Username),
		"password", call.value("Password", req.Password.Reveal(), input.Password),
	}
	if req.Realm != "" {
		call.refused.check("Realm", input.Realm(req.Realm))
		fields = append(fields, "realm", req.Realm)
	}
	call.login = []string{string(OpPasswordLogin), req.Realm, req.Username, req.Audience, scopesAsked(req.Scopes)}
	return call.exchange(ctx, req.EndUserIP, append(fields, call.resource(req.Audience, req.Scopes)...)...)
}

// scopesAsked tells what was asked for, in whichever order.
func scopesAsked(scopes []string) string {
	scopes = slices.Compact(slices.Sorted(slices.Values(scopes)))
	return strings.Join(scopes, " ")
}

// RefreshRequest holds the parameters of [Client.Refresh].
type RefreshRequest struct {
	// RefreshToken is a [Token.RefreshToken]. Required.
	RefreshToken Secret
	// Scopes narrows the scopes of the new access token. If empty, they are those of
	// the login.
	Scopes []string
	// Audience names the API that the access token is for: [Client.MFAAudience] to manage
	// authenticators. If empty, it is that of the login. Auth0 accepts another one only
	// for applications with multi-resource refresh tokens.
	Audience string
	// EndUserIP works as in [VerifyOOBRequest].
	EndUserIP netip.Addr
}

// Refresh exchanges a refresh token for new tokens. If MFA is due, it returns a
// [*RequiredError], which matches [ErrMFARequired].
//
// [Token.RefreshToken] is zero unless the application rotates its refresh tokens. If it
// is zero, keep the old one. With rotation a lost response loses the new one, so Refresh
// is never repeated once it may have acted. After [ErrOutcomeUnknown] the old one may be
// used again within the application's overlap period.
//
// After an MFA that a refresh asked for, the verify call returns the tokens. Auth0
// does not document which refresh token is valid then, only that rotation ends the old
// one as soon as new tokens are issued. So a refusal with mfa_required leaves it valid.
// Afterwards keep the Token.RefreshToken of the verify call if there is one, else the
// old one.
//
// It returns [ErrInvalidToken] for a refresh token that is expired, revoked or another
// application's, [ErrBlocked], [ErrRateLimited], [ErrGrantNotAllowed],
// [ErrInvalidClient] and, for a refused request, [ErrInvalidRequest].
//
// RFC 6749, section 6. Auth0 docs:
// https://auth0.com/docs/secure/tokens/refresh-tokens/use-refresh-tokens
func (c *Client) Refresh(ctx context.Context, req RefreshRequest) (*Token, error) {
	call := c.newCall(OpRefresh, http.MethodPost, "/oauth/token")
	fields := []string{
		"grant_type", grantRefreshToken,
		"refresh_token", call.token("RefreshToken", req.RefreshToken),
	}
	call.login = []string{string(OpRefresh), req.RefreshToken.Reveal(), req.Audience, scopesAsked(req.Scopes)}
	return call.exchange(ctx, req.EndUserIP, append(fields, call.resource(req.Audience, req.Scopes)...)...)
}

// resource checks what the tokens are to be for and returns the fields of the form.
func (c *call) resource(audience string, scopes []string) []string {
	if audience != "" {
		c.refused.check("Audience", input.Audience(audience))
	}
	for _, scope := range scopes {
		c.refused.check("Scopes", input.Scope(scope))
	}
	return []string{"audience", audience, "scope", strings.Join(scopes, " ")}
}
