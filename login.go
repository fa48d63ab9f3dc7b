package mfa

import (
	"context"
	"net/http"
	"net/netip"
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
// A failed login counts against the user, so it is never repeated. It returns
// [ErrInvalidCredentials], [ErrBlocked], [ErrTooManyAttempts], [ErrGrantNotAllowed],
// [ErrInvalidClient] and, for a refused request, [ErrInvalidRequest].
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
