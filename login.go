package mfa

import (
	"context"
	"net/http"
	"net/netip"
	"strings"

	"github.com/go-auth0-mfa/mfa/internal/input"
)

// PasswordLoginRequest is a login by user name and password.
type PasswordLoginRequest struct {
	// Username is the user name or e-mail address. Required.
	Username string
	// Password is sent as it is. Required.
	Password Secret
	// Realm is the connection to log in with; "": the tenant's Default Directory.
	Realm string
	// Audience is the API that the access token is for; [Client.MFAAudience] to
	// manage authenticators; "": the tenant's default.
	Audience string
	// Scopes is what to ask for: "openid" for an id token, "offline_access" for a
	// refresh token, [ScopeEnroll] and its kin with Client.MFAAudience.
	Scopes []string
	// EndUserIP is as in [VerifyOOBRequest]. Without it brute-force protection
	// counts all users of the backend as one.
	EndUserIP netip.Addr
}

// PasswordLogin logs a user in by the resource owner password grant. When MFA
// is due it returns a [*RequiredError], which matches [ErrMFARequired].
//
// RFC 9700 advises against this grant: the password passes through the
// backend. Where a redirect to Auth0's login page is possible, prefer that.
//
// A failed login counts against the user, so it is never repeated. It returns
// [ErrInvalidCredentials], [ErrBlocked], [ErrTooManyAttempts],
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
	if req.Audience != "" {
		call.refused.check("Audience", input.Audience(req.Audience))
		fields = append(fields, "audience", req.Audience)
	}
	for _, scope := range req.Scopes {
		call.refused.check("Scopes", input.Scope(scope))
	}
	fields = append(fields, "scope", strings.Join(req.Scopes, " "))
	return call.exchange(ctx, req.EndUserIP, fields...)
}
