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

// The grants of the token endpoint. All but the first two are Auth0's own.
const (
	grantPassword      = "password"      // RFC 6749, section 4.3
	grantRefreshToken  = "refresh_token" // RFC 6749, section 6
	grantPasswordRealm = "http://auth0.com/oauth/grant-type/password-realm"
	grantOOB           = "http://auth0.com/oauth/grant-type/mfa-oob"
	grantOTP           = "http://auth0.com/oauth/grant-type/mfa-otp"
	grantRecoveryCode  = "http://auth0.com/oauth/grant-type/mfa-recovery-code"
)

// Token holds the tokens of a completed login.
type Token struct {
	// AccessToken is always present.
	AccessToken Secret
	// IDToken comes with the scope openid. Its signature and claims are not checked:
	// verify it with an OIDC library.
	IDToken Secret
	// RefreshToken comes with the scope offline_access.
	RefreshToken Secret
	// RecoveryCode replaces a recovery code that was used. Show it once: there is no way
	// to read it again.
	RecoveryCode Secret
	// TokenType is "Bearer". It is empty if Auth0 omits it.
	TokenType string
	// Scope lists the granted scopes, separated by spaces. If empty, all requested scopes
	// were granted.
	Scope string
	// ExpiresIn is how long the access token is valid, from the response on. If zero, that
	// is unknown.
	ExpiresIn time.Duration
}

// VerifyOOBRequest holds the parameters of [Client.VerifyOOB].
type VerifyOOBRequest struct {
	// MFAToken is the token that the challenge or the enrollment was made with. That is
	// the mfa_token, except for an enrollment made with an access token for
	// [Client.MFAAudience]. Required.
	MFAToken Secret
	// OOBCode comes from the newest challenge or enrollment. Required.
	OOBCode Secret
	// BindingCode is the text that the user typed or pasted. Its six digits are sent:
	// they may have spaces and dashes between them, such as "496 880", be digits of any
	// script, and stand in a sentence. Text without such a code is sent as it is, without
	// the space around it, but is refused if it has other characters than visible ASCII.
	// That costs no attempt. Required. For push use [Client.PollPush].
	BindingCode Secret
	// EndUserIP is the user's IP address as the backend itself saw it, for Auth0's attack
	// protection. It needs a client secret, and "Trust Token Endpoint IP Header" in the
	// application's settings. If zero, it is not sent.
	EndUserIP netip.Addr
}

// VerifyOOB exchanges a code that was sent by e-mail, SMS or voice for tokens. If an
// enrollment sent the code, it confirms the authenticator as well.
//
// It spends the code, so it is never repeated once it may have acted. After
// [ErrInvalidCode] ask the user again: there are 10 attempts, then one per 6 minutes.
// After [ErrOutcomeUnknown] the code may be spent: challenge again.
//
// It returns [ErrInvalidCode], [ErrTooManyAttempts], [ErrChallengeExpired],
// [ErrTokenExpired], [ErrInvalidToken], [ErrMFARequired] if another factor is due,
// [ErrGrantNotAllowed], [ErrInvalidClient] and, for a refused request,
// [ErrInvalidRequest].
//
// Auth0 docs: https://auth0.com/docs/api/authentication/multi-factor-authentication/verify-with-out-of-band
func (c *Client) VerifyOOB(ctx context.Context, req VerifyOOBRequest) (*Token, error) {
	call := c.newCall(OpVerifyOOB, http.MethodPost, "/oauth/token")
	return call.exchange(ctx, req.EndUserIP,
		"grant_type", grantOOB,
		"mfa_token", call.token("MFAToken", req.MFAToken),
		"oob_code", call.token("OOBCode", req.OOBCode),
		"binding_code", call.code("BindingCode", req.BindingCode, input.OneTimeCode))
}

// PollPushRequest holds the parameters of [Client.PollPush].
type PollPushRequest struct {
	// MFAToken is the token that the challenge or the enrollment was made with. Required.
	MFAToken Secret
	// OOBCode comes from the newest challenge or enrollment. Required.
	OOBCode Secret
	// EndUserIP works as in [VerifyOOBRequest].
	EndUserIP netip.Addr
}

// PollPush asks once whether the user has approved a push notification. If so, it
// returns tokens. It does not wait: while it returns [ErrAuthorizationPending], call it
// again after five seconds. After [ErrSlowDown], call it less often.
//
// It returns [ErrAuthorizationPending], [ErrSlowDown], [ErrRejected],
// [ErrChallengeExpired], [ErrTokenExpired], [ErrInvalidToken], [ErrMFARequired] if
// another factor is due, [ErrGrantNotAllowed], [ErrInvalidClient] and, for a refused
// request, [ErrInvalidRequest].
//
// Auth0 docs: https://auth0.com/docs/secure/multi-factor-authentication/authenticate-using-ropg-flow-with-mfa/enroll-and-challenge-push-authenticators
func (c *Client) PollPush(ctx context.Context, req PollPushRequest) (*Token, error) {
	call := c.newCall(OpPollPush, http.MethodPost, "/oauth/token")
	return call.exchange(ctx, req.EndUserIP,
		"grant_type", grantOOB,
		"mfa_token", call.token("MFAToken", req.MFAToken),
		"oob_code", call.token("OOBCode", req.OOBCode))
}

// VerifyOTPRequest holds the parameters of [Client.VerifyOTP].
type VerifyOTPRequest struct {
	// MFAToken is the mfa_token, or the token that the enrollment was made with. Required.
	MFAToken Secret
	// OTP is the code of the user's authenticator app, as the user typed or pasted it. It
	// is read as BindingCode is in [VerifyOOBRequest]. Required.
	OTP Secret
	// EndUserIP works as in [VerifyOOBRequest].
	EndUserIP netip.Addr
}

// VerifyOTP exchanges a code of an authenticator app for tokens. If the app is being
// enrolled, it confirms it as well. No challenge is needed first.
//
// It spends the code, so it is never repeated once it may have acted. The app shows
// another code within 30 seconds. The errors are those of [Client.VerifyOOB].
//
// Auth0 docs: https://auth0.com/docs/api/authentication/multi-factor-authentication/verify-mfa-with-otp
func (c *Client) VerifyOTP(ctx context.Context, req VerifyOTPRequest) (*Token, error) {
	call := c.newCall(OpVerifyOTP, http.MethodPost, "/oauth/token")
	return call.exchange(ctx, req.EndUserIP,
		"grant_type", grantOTP,
		"mfa_token", call.token("MFAToken", req.MFAToken),
		"otp", call.code("OTP", req.OTP, input.OneTimeCode))
}

// VerifyRecoveryCodeRequest holds the parameters of [Client.VerifyRecoveryCode].
type VerifyRecoveryCodeRequest struct {
	// MFAToken is the mfa_token. Required.
	MFAToken Secret
	// RecoveryCode is the code that the user kept, as the user typed or pasted it. Its 24
	// letters and digits are sent, as capitals, without spaces and dashes. Other text is
	// sent or refused as for BindingCode in [VerifyOOBRequest]. Required.
	RecoveryCode Secret
	// EndUserIP works as in [VerifyOOBRequest].
	EndUserIP netip.Addr
}

// VerifyRecoveryCode exchanges a recovery code for tokens. It spends the code, and
// [Token.RecoveryCode] is its replacement: show it to the user.
//
// It is never repeated once it may have acted. After [ErrOutcomeUnknown] the code may be
// spent and its replacement lost: the user has to log in again with another factor.
// There are 10 attempts per hour. The errors are those of [Client.VerifyOOB], and [ErrNotEnrolled]
// for a user without a recovery code.
//
// Auth0 docs: https://auth0.com/docs/api/authentication/multi-factor-authentication/verify-with-recovery-code
func (c *Client) VerifyRecoveryCode(ctx context.Context, req VerifyRecoveryCodeRequest) (*Token, error) {
	call := c.newCall(OpVerifyRecoveryCode, http.MethodPost, "/oauth/token")
	return call.exchange(ctx, req.EndUserIP,
		"grant_type", grantRecoveryCode,
		"mfa_token", call.token("MFAToken", req.MFAToken),
		"recovery_code", call.code("RecoveryCode", req.RecoveryCode, input.RecoveryCode))
}

// exchange calls the token endpoint with a form of names and values. The grant type
// comes first.
func (c *call) exchange(ctx context.Context, endUser netip.Addr, fields ...string) (*Token, error) {
	c.form(fields...)
	c.endUserIP(endUser)
	return send(ctx, c, readToken)
}

// readToken reads the tokens from a response.
func readToken(status int, body []byte) (*Token, string) {
	var wire tokenWire
	if problem := decodeSuccess(status, body, &wire); problem != "" {
		return nil, problem
	}
	switch {
	case !isAbsent(wire.Error.value):
		return nil, reportsError
	case wire.AccessToken.value == "":
		return nil, "has no access_token"
	case wire.TokenType != "" && !strings.EqualFold(string(wire.TokenType), "Bearer"):
		// A token bound to a key of the client would be of no use to it.
		return nil, "has a token_type other than Bearer"
	}
	for _, token := range [...]struct{ name, value string }{
		{"access_token", wire.AccessToken.value}, {"id_token", wire.IDToken.value},
		{"refresh_token", wire.RefreshToken.value}, {"recovery_code", wire.RecoveryCode.value},
	} {
		if token.value != "" && input.OpaqueToken(token.value) != "" {
			return nil, "has an unusable " + token.name
		}
	}
	return &Token{
		AccessToken:  wire.AccessToken.secret(),
		IDToken:      wire.IDToken.secret(),
		RefreshToken: wire.RefreshToken.secret(),
		RecoveryCode: wire.RecoveryCode.secret(),
		TokenType:    string(wire.TokenType),
		Scope:        string(wire.Scope),
		ExpiresIn:    wire.ExpiresIn.duration(),
	}, ""
}

type tokenWire struct {
	AccessToken  secretWire           `json:"access_token"`
	IDToken      secretWire           `json:"id_token"`
	RefreshToken secretWire           `json:"refresh_token"`
	RecoveryCode secretWire           `json:"recovery_code"`
	TokenType    label                `json:"token_type"`
	Scope        label                `json:"scope"`
	ExpiresIn    lifetime             `json:"expires_in"`
	Error        once[jsontext.Value] `json:"error"`
}
