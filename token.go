package mfa

import (
	"context"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/go-auth0-mfa/mfa/internal/input"
)

// The grants of the token endpoint. All but the first are Auth0's own.
const (
	grantPassword      = "password" // RFC 6749, section 4.3
	grantPasswordRealm = "http://auth0.com/oauth/grant-type/password-realm"
	grantOOB           = "http://auth0.com/oauth/grant-type/mfa-oob"
	grantOTP           = "http://auth0.com/oauth/grant-type/mfa-otp"
	grantRecoveryCode  = "http://auth0.com/oauth/grant-type/mfa-recovery-code"
)

// Token is what a login ends in.
type Token struct {
	// AccessToken is always there.
	AccessToken Secret
	// IDToken comes with the scope openid. Its signature and claims are not
	// checked here.
	IDToken Secret
	// RefreshToken comes with the scope offline_access.
	RefreshToken Secret
	// RecoveryCode replaces a recovery code that was used. Show it once; there is
	// no way to read it again.
	RecoveryCode Secret
	// TokenType is "Bearer", or "" when Auth0 leaves it out.
	TokenType string
	// Scope is what was granted, separated by blanks; "": what was asked for.
	Scope string
	// ExpiresIn is how long the access token lives from now; 0: unknown.
	ExpiresIn time.Duration
}

// VerifyOOBRequest is what [Client.VerifyOOB] verifies.
type VerifyOOBRequest struct {
	// MFAToken is the token that the challenge or the enrolment was made with:
	// the mfa_token, or for an enrolment made with an access token for
	// [Client.MFAAudience] that token. Required.
	MFAToken Secret
	// OOBCode is that of the newest challenge or enrolment. Required.
	OOBCode Secret
	// BindingCode is what the user typed, leading zeros and all. White space
	// around it is dropped. Required; for push there is [Client.PollPush].
	BindingCode Secret
	// EndUserIP is the user's address as the backend itself saw it, for Auth0's
	// attack protection; needs a client secret and "Trust Token Endpoint IP
	// Header" in the application's settings. Zero: not sent.
	EndUserIP netip.Addr
}

// VerifyOOB exchanges a code that was sent by e-mail, SMS or voice for tokens,
// or confirms the enrolment that sent it.
//
// It spends the code, so it is never repeated. After [ErrInvalidCode] ask
// again; there are 10 attempts, then one per 6 minutes. After
// [ErrOutcomeUnknown] the code may be spent: challenge again.
//
// It returns [ErrInvalidCode], [ErrTooManyAttempts], [ErrChallengeExpired],
// [ErrTokenExpired], [ErrInvalidToken], [ErrMFARequired] when another factor is
// due, [ErrGrantNotAllowed], [ErrInvalidClient] and, for a refused request,
// [ErrInvalidRequest].
//
// Auth0 docs: https://auth0.com/docs/api/authentication/multi-factor-authentication/verify-with-out-of-band
func (c *Client) VerifyOOB(ctx context.Context, req VerifyOOBRequest) (*Token, error) {
	call := c.newCall(OpVerifyOOB, http.MethodPost, "/oauth/token")
	return call.exchange(ctx, req.EndUserIP,
		"grant_type", grantOOB,
		"mfa_token", call.token("MFAToken", req.MFAToken),
		"oob_code", call.token("OOBCode", req.OOBCode),
		"binding_code", call.code("BindingCode", req.BindingCode))
}

// PollPushRequest is what [Client.PollPush] asks about.
type PollPushRequest struct {
	// MFAToken is the token that the challenge or the enrolment was made with. Required.
	MFAToken Secret
	// OOBCode is that of the newest challenge or enrolment. Required.
	OOBCode Secret
	// EndUserIP is as in [VerifyOOBRequest].
	EndUserIP netip.Addr
}

// PollPush asks once whether the user has approved a push notification, and
// returns tokens if so. It does not wait: call it again after five seconds
// while it returns [ErrAuthorizationPending], and less often after [ErrSlowDown].
//
// It returns [ErrAuthorizationPending], [ErrSlowDown], [ErrRejected],
// [ErrChallengeExpired], [ErrTokenExpired], [ErrInvalidToken], [ErrMFARequired]
// when another factor is due, [ErrGrantNotAllowed], [ErrInvalidClient] and, for
// a refused request, [ErrInvalidRequest].
//
// Auth0 docs: https://auth0.com/docs/secure/multi-factor-authentication/authenticate-using-ropg-flow-with-mfa/enroll-and-challenge-push-authenticators
func (c *Client) PollPush(ctx context.Context, req PollPushRequest) (*Token, error) {
	call := c.newCall(OpPollPush, http.MethodPost, "/oauth/token")
	return call.exchange(ctx, req.EndUserIP,
		"grant_type", grantOOB,
		"mfa_token", call.token("MFAToken", req.MFAToken),
		"oob_code", call.token("OOBCode", req.OOBCode))
}

// VerifyOTPRequest is what [Client.VerifyOTP] verifies.
type VerifyOTPRequest struct {
	// MFAToken is the mfa_token, or the token that the enrolment was made with. Required.
	MFAToken Secret
	// OTP is what the user's authenticator app shows. White space around it is
	// dropped. Required.
	OTP Secret
	// EndUserIP is as in [VerifyOOBRequest].
	EndUserIP netip.Addr
}

// VerifyOTP exchanges a code of an authenticator app for tokens, or confirms
// its enrolment. No challenge is needed before it.
//
// It spends the code, so it is never repeated; the app shows another within 30
// seconds. The errors are those of [Client.VerifyOOB].
//
// Auth0 docs: https://auth0.com/docs/api/authentication/multi-factor-authentication/verify-mfa-with-otp
func (c *Client) VerifyOTP(ctx context.Context, req VerifyOTPRequest) (*Token, error) {
	call := c.newCall(OpVerifyOTP, http.MethodPost, "/oauth/token")
	return call.exchange(ctx, req.EndUserIP,
		"grant_type", grantOTP,
		"mfa_token", call.token("MFAToken", req.MFAToken),
		"otp", call.code("OTP", req.OTP))
}

// VerifyRecoveryCodeRequest is what [Client.VerifyRecoveryCode] verifies.
type VerifyRecoveryCodeRequest struct {
	// MFAToken is the mfa_token. Required.
	MFAToken Secret
	// RecoveryCode is what the user kept: 24 letters and digits. White space
	// around it is dropped. Required.
	RecoveryCode Secret
	// EndUserIP is as in [VerifyOOBRequest].
	EndUserIP netip.Addr
}

// VerifyRecoveryCode exchanges a recovery code for tokens. The code is spent,
// and [Token.RecoveryCode] is its replacement: show it to the user.
//
// It is never repeated. After [ErrOutcomeUnknown] the code may be spent and
// its replacement lost: the user logs in again by another factor. There are 10
// attempts an hour. The errors are those of [Client.VerifyOOB], and
// [ErrNotEnrolled] for a user without recovery code.
//
// Auth0 docs: https://auth0.com/docs/api/authentication/multi-factor-authentication/verify-with-recovery-code
func (c *Client) VerifyRecoveryCode(ctx context.Context, req VerifyRecoveryCodeRequest) (*Token, error) {
	call := c.newCall(OpVerifyRecoveryCode, http.MethodPost, "/oauth/token")
	return call.exchange(ctx, req.EndUserIP,
		"grant_type", grantRecoveryCode,
		"mfa_token", call.token("MFAToken", req.MFAToken),
		"recovery_code", call.code("RecoveryCode", req.RecoveryCode))
}

// exchange calls the token endpoint with a form of names and values, of which the
// first is the grant type.
func (c *call) exchange(ctx context.Context, endUser netip.Addr, fields ...string) (*Token, error) {
	c.form(fields...)
	c.endUserIP(endUser)
	return send(ctx, c, readToken)
}

// readToken takes the tokens out of a response.
func readToken(status int, body []byte) (*Token, string) {
	var wire tokenWire
	if problem := decodeSuccess(status, body, &wire); problem != "" {
		return nil, problem
	}
	switch {
	case !isAbsent(wire.Error):
		return nil, reportsError
	case wire.AccessToken == "":
		return nil, "has no access_token"
	case wire.TokenType != "" && !strings.EqualFold(string(wire.TokenType), "Bearer"):
		// A token bound to a key of the client would be of no use to it.
		return nil, "has a token_type other than Bearer"
	}
	for _, token := range [...]struct{ name, value string }{
		{"access_token", wire.AccessToken}, {"id_token", wire.IDToken},
		{"refresh_token", wire.RefreshToken}, {"recovery_code", wire.RecoveryCode},
	} {
		if token.value != "" && input.OpaqueToken(token.value) != "" {
			return nil, "has an unusable " + token.name
		}
	}
	return &Token{
		AccessToken:  secretAt(&wire.AccessToken),
		IDToken:      secretAt(&wire.IDToken),
		RefreshToken: secretAt(&wire.RefreshToken),
		RecoveryCode: secretAt(&wire.RecoveryCode),
		TokenType:    string(wire.TokenType),
		Scope:        string(wire.Scope),
		ExpiresIn:    wire.ExpiresIn.duration(),
	}, ""
}

type tokenWire struct {
	AccessToken  string         `json:"access_token"`
	IDToken      string         `json:"id_token"`
	RefreshToken string         `json:"refresh_token"`
	RecoveryCode string         `json:"recovery_code"`
	TokenType    label          `json:"token_type"`
	Scope        label          `json:"scope"`
	ExpiresIn    lifetime       `json:"expires_in"`
	Error        jsontext.Value `json:"error"`
}
