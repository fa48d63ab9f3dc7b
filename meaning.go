package mfa

import (
	"slices"
	"strings"
)

// meaning is a row of the table. A response that matches all of its conditions means
// the sentinel.
type meaning struct {
	op       Op     // if empty, any
	code     string // if empty, any
	text     string // parts of the description in their order, joined by *, in lower case; if empty, any
	from, to int    // the status; if zero, any
	sentinel error  // if nil, nothing in particular
	hint     string
}

// meanings is the one place that gives Auth0's responses their meaning. It goes by code
// and text: one code stands for many things, and the documented statuses contradict
// each other. The first row that matches counts.
//
// Auth0 docs: https://auth0.com/docs/api/authentication
var meanings = []meaning{
	{code: "mfa_required", sentinel: ErrMFARequired, hint: hintNoToken},
	{code: "a0.mfa_required", sentinel: ErrMFARequired, hint: hintNoToken},
	{code: "authorization_pending", sentinel: ErrAuthorizationPending},
	{code: "slow_down", sentinel: ErrSlowDown},

	// What the user typed.
	{text: "invalid binding_code", sentinel: ErrInvalidCode},
	{text: "invalid otp_code", sentinel: ErrInvalidCode},
	{op: OpVerifyRecoveryCode, text: "mfa authorization rejected", sentinel: ErrInvalidCode},
	{text: "mfa authorization rejected", sentinel: ErrRejected},
	{text: "too many failed codes", sentinel: ErrTooManyAttempts},
	{text: "too many*sent by the user", sentinel: ErrTooManyMessages},
	{text: "phone number is invalid", sentinel: ErrInvalidRequest},

	// Tokens. The oob_code comes first: its texts name the mfa_token as well.
	{text: "oob_code doesn't match the mfa_token", sentinel: ErrInvalidRequest,
		hint: "verify with the mfa_token that the challenge or the enrollment was made with"},
	{code: "expired_token", text: "_code", sentinel: ErrChallengeExpired},
	{code: "expired_token", sentinel: ErrTokenExpired},
	{text: "malformed mfa_token", sentinel: ErrInvalidToken,
		hint: "challenge and verify accept the opaque mfa_token of mfa_required, not the access token (JWT) for the MFA audience; use that access token only to confirm an enrollment that was made with it"},
	{text: "malformed oob_code", sentinel: ErrInvalidToken,
		hint: "use the oob_code of the newest challenge or enrollment, unchanged"},
	{op: OpDeleteAuthenticator, text: "mfa_token provided is invalid", sentinel: ErrInvalidToken,
		hint: "deletion needs an access token for the MFA audience with the scope remove:authenticators; an mfa_token is refused"},
	{text: "mfa_token provided is invalid", sentinel: ErrInvalidToken,
		hint: "the token has expired or is of another kind: use an mfa_token, or an access token for the MFA audience, which ends with a slash"},
	{text: "not issued to this client", sentinel: ErrInvalidRequest,
		hint: "use the client ID that the login was made with"},
	{text: "refresh token", code: "invalid_grant", sentinel: ErrInvalidToken},
	{text: "refresh token", code: "access_denied", sentinel: ErrInvalidToken},
	{code: "insufficient_scope", sentinel: ErrInvalidRequest,
		hint: "the access token for the MFA audience lacks the scope: enroll, read:authenticators or remove:authenticators"},

	// Enrollment and challenge.
	{text: "already enrolled", sentinel: ErrAlreadyEnrolled,
		hint: "an mfa_token can enroll only the first authenticator: challenge the active one, or use an access token for the MFA audience with the scope enroll"},
	{code: "association_required", sentinel: ErrNotEnrolled},
	{code: "unsupported_challenge_type", text: "not enrolled", sentinel: ErrNotEnrolled},
	{code: "unsupported_challenge_type", text: "does not have", sentinel: ErrNotEnrolled},
	{code: "unsupported_challenge_type", sentinel: ErrUnsupportedChallenge},
	{code: "invalid_authenticator", sentinel: ErrAuthenticatorNotFound},
	{code: "authenticator_not_found", sentinel: ErrAuthenticatorNotFound},
	{code: "bad_gateway", sentinel: ErrDeliveryFailed, hint: hintProvider},
	{text: "error sending", sentinel: ErrDeliveryFailed, hint: hintProvider},

	// The login.
	{text: "wrong email or password", sentinel: ErrInvalidCredentials},
	{code: "invalid_user_password", sentinel: ErrInvalidCredentials},
	{text: "maximum number of attempts", sentinel: ErrTooManyAttempts},
	{code: "too_many_attempts", sentinel: ErrTooManyAttempts,
		hint: "brute-force protection counts all users as the backend's own address, unless EndUserIP is sent and the application trusts it"},
	{code: "too_many_logins", sentinel: ErrTooManyAttempts},
	{code: "too_many_requests", sentinel: ErrRateLimited},
	{from: 429, to: 429, sentinel: ErrRateLimited}, // whatever general code comes with it
	{code: "unauthorized", sentinel: ErrBlocked},
	{code: "password_leaked", sentinel: ErrBlocked},
	{code: "requires_verification", sentinel: ErrBlocked},
	{code: "requires_validation", sentinel: ErrBlocked},

	// The application and the tenant.
	{code: "access_denied", text: "unauthorized", sentinel: ErrInvalidClient, hint: hintClient},
	{code: "invalid_client", sentinel: ErrInvalidClient, hint: hintClient},
	{code: "unauthorized_client", sentinel: ErrGrantNotAllowed, hint: hintGrant},
	{code: "unsupported_grant_type", sentinel: ErrGrantNotAllowed, hint: hintGrant},
	{code: "access_denied", text: "service not found", sentinel: ErrInvalidRequest,
		hint: "the tenant has no API with this audience; the MFA audience has the tenant's own domain and ends with a slash"},
	{text: "unsupported multifactor provider", sentinel: ErrInvalidRequest,
		hint: "a rule or Action of the tenant asks for a provider that does not exist"},
	{code: "server_error", text: "not configured with default connection", sentinel: ErrServer,
		hint: "set the tenant's Default Directory, or name the connection in Realm"},
	{code: "use_dpop_nonce", sentinel: ErrInvalidRequest,
		hint: "the application requires DPoP, which this package does not support"},
	{text: "not supported using actor_token", sentinel: ErrInvalidRequest},
	{code: "invalid_request", sentinel: ErrInvalidRequest},
	{code: "invalid_scope", sentinel: ErrInvalidRequest},
	{code: "endpoint_disabled", sentinel: ErrInvalidRequest},
	{code: "method_not_allowed", sentinel: ErrInvalidRequest},
	{code: "server_error", sentinel: ErrServer},
	{code: "temporarily_unavailable", sentinel: ErrServer},

	// Without a known code or text, the status decides.
	{op: OpDeleteAuthenticator, from: 404, to: 404, sentinel: ErrAuthenticatorNotFound},
	{from: 500, to: 999, sentinel: ErrServer},
	{from: 1, to: 399, sentinel: ErrUnexpectedResponse},
}

// Hints that several rows share.
const (
	hintNoToken  = "if no mfa_token came with it: an Action asks for MFA on this login, but \"Customize MFA Factors using Actions\" is off in the tenant"
	hintProvider = "check the tenant's e-mail, SMS or push provider and its logs"
	hintClient   = "check the client ID and secret, and the authentication method in the application's settings"
	hintGrant    = "enable the grant in the application's settings, Advanced Settings, Grant Types: MFA for challenge and verify, Password for PasswordLogin"
)

// meaning returns the row of the table that matches the error.
func (e *Error) meaning() meaning {
	if len(e.Fields) > 0 {
		return meaning{sentinel: ErrInvalidRequest}
	}
	text := strings.ToLower(e.Description)
	for _, m := range meanings {
		if (m.op == "" || m.op == e.Op) && (m.code == "" || m.code == e.Code) && contains(text, m.text) &&
			(m.to == 0 || m.from <= e.StatusCode && e.StatusCode <= m.to) {
			return m
		}
	}
	return meaning{}
}

// contains reports whether text has all parts of the pattern, in their order.
func contains(text, pattern string) bool {
	for part := range strings.SplitSeq(pattern, "*") {
		_, rest, found := strings.Cut(text, part)
		if !found {
			return false
		}
		text = rest
	}
	return true
}

// isKnownCode reports whether the table has the code. Such a code is Auth0's own word,
// even if the user typed a part of it.
func isKnownCode(code string) bool {
	return slices.ContainsFunc(meanings, func(m meaning) bool { return m.code == code })
}
