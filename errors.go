package mfa

import (
	"slices"
	"strings"
)

// meaning is a row of the table: what an answer must look like to mean is.
type meaning struct {
	op       Op     // "": any
	code     string // "": any
	text     string // parts of the description in their order, joined by *, in lower case; "": any
	from, to int    // status; 0: any
	is       error  // nil: nothing in particular
	hint     string
}

// meanings is the one place where Auth0's answers get their meaning: by code
// and text, because one code stands for many things and the documented
// statuses contradict each other. The first row that fits counts.
//
// Auth0 docs: https://auth0.com/docs/api/authentication
var meanings = []meaning{
	{code: "mfa_required", is: ErrMFARequired, hint: hintNoToken},
	{code: "a0.mfa_required", is: ErrMFARequired, hint: hintNoToken},
	{code: "authorization_pending", is: ErrAuthorizationPending},
	{code: "slow_down", is: ErrSlowDown},

	// What the user typed.
	{text: "invalid binding_code", is: ErrInvalidCode},
	{text: "invalid otp_code", is: ErrInvalidCode},
	{op: OpVerifyRecoveryCode, text: "mfa authorization rejected", is: ErrInvalidCode},
	{text: "mfa authorization rejected", is: ErrRejected},
	{text: "too many failed codes", is: ErrTooManyAttempts},
	{text: "too many*sent by the user", is: ErrTooManyMessages},
	{text: "phone number is invalid", is: ErrInvalidRequest},

	// Tokens. The oob_code comes first: its texts name the mfa_token as well.
	{text: "oob_code doesn't match the mfa_token", is: ErrInvalidRequest,
		hint: "verify with the mfa_token that the challenge or the enrolment was made with"},
	{code: "expired_token", text: "_code", is: ErrChallengeExpired},
	{code: "expired_token", is: ErrTokenExpired},
	{text: "malformed mfa_token", is: ErrInvalidToken,
		hint: "challenge and verify take the opaque mfa_token of mfa_required, not the access token (JWT) for the MFA audience; only an enrolment made with that access token is confirmed with it"},
	{text: "malformed oob_code", is: ErrInvalidToken,
		hint: "use the oob_code of the newest challenge or enrolment, unchanged"},
	{op: OpDeleteAuthenticator, text: "mfa_token provided is invalid", is: ErrInvalidToken,
		hint: "deleting takes an access token for the MFA audience with the scope remove:authenticators; an mfa_token is refused"},
	{text: "mfa_token provided is invalid", is: ErrInvalidToken,
		hint: "the token is expired or of another kind: it must be an mfa_token or an access token for the MFA audience, with its trailing slash"},
	{text: "not issued to this client", is: ErrInvalidRequest,
		hint: "use the client id that the login was made with"},
	{text: "refresh token", code: "invalid_grant", is: ErrInvalidToken},
	{text: "refresh token", code: "access_denied", is: ErrInvalidToken},
	{code: "insufficient_scope", is: ErrInvalidRequest,
		hint: "the access token for the MFA audience lacks the scope: enroll, read:authenticators or remove:authenticators"},

	// Enrolment and challenge.
	{text: "already enrolled", is: ErrAlreadyEnrolled,
		hint: "with an mfa_token only the first authenticator can be enrolled: challenge the active one, or use an access token for the MFA audience with the scope enroll"},
	{code: "association_required", is: ErrNotEnrolled},
	{code: "unsupported_challenge_type", text: "not enrolled", is: ErrNotEnrolled},
	{code: "unsupported_challenge_type", text: "does not have", is: ErrNotEnrolled},
	{code: "unsupported_challenge_type", is: ErrUnsupportedChallenge},
	{code: "invalid_authenticator", is: ErrAuthenticatorNotFound},
	{code: "authenticator_not_found", is: ErrAuthenticatorNotFound},
	{code: "bad_gateway", is: ErrDeliveryFailed, hint: hintProvider},
	{text: "error sending", is: ErrDeliveryFailed, hint: hintProvider},

	// The login.
	{text: "wrong email or password", is: ErrInvalidCredentials},
	{code: "invalid_user_password", is: ErrInvalidCredentials},
	{text: "maximum number of attempts", is: ErrTooManyAttempts},
	{code: "too_many_attempts", is: ErrTooManyAttempts,
		hint: "brute-force protection: it counts the backend's own address for all users unless EndUserIP is sent and the application trusts it"},
	{code: "too_many_logins", is: ErrTooManyAttempts},
	{code: "too_many_requests", is: ErrRateLimited},
	{from: 429, to: 429, is: ErrRateLimited}, // whatever general code comes with it
	{code: "unauthorized", is: ErrBlocked},
	{code: "password_leaked", is: ErrBlocked},
	{code: "requires_verification", is: ErrBlocked},
	{code: "requires_validation", is: ErrBlocked},

	// The application and the tenant.
	{code: "access_denied", text: "unauthorized", is: ErrInvalidClient, hint: hintClient},
	{code: "invalid_client", is: ErrInvalidClient, hint: hintClient},
	{code: "unauthorized_client", is: ErrGrantNotAllowed, hint: hintGrant},
	{code: "unsupported_grant_type", is: ErrGrantNotAllowed, hint: hintGrant},
	{code: "access_denied", text: "service not found", is: ErrInvalidRequest,
		hint: "the tenant has no API with this audience; the MFA audience is that of the tenant's own domain, with its trailing slash"},
	{text: "unsupported multifactor provider", is: ErrInvalidRequest,
		hint: "a rule or Action of the tenant asks for a provider that does not exist"},
	{code: "server_error", text: "not configured with default connection", is: ErrServer,
		hint: "set the tenant's Default Directory, or name the connection in Realm"},
	{code: "use_dpop_nonce", is: ErrInvalidRequest,
		hint: "the application requires DPoP, which this package does not speak"},
	{text: "not supported using actor_token", is: ErrInvalidRequest},
	{code: "invalid_request", is: ErrInvalidRequest},
	{code: "invalid_scope", is: ErrInvalidRequest},
	{code: "endpoint_disabled", is: ErrInvalidRequest},
	{code: "method_not_allowed", is: ErrInvalidRequest},
	{code: "server_error", is: ErrServer},
	{code: "temporarily_unavailable", is: ErrServer},

	// Without a known code or text, only what the status alone tells.
	{op: OpDeleteAuthenticator, from: 404, to: 404, is: ErrAuthenticatorNotFound},
	{from: 500, to: 999, is: ErrServer},
	{from: 1, to: 399, is: ErrUnexpectedResponse},
}

// Hints that several rows share.
const (
	hintNoToken  = "if no mfa_token came with it: an Action asks for MFA on this login, and the tenant does not have customised MFA factors switched on"
	hintProvider = "check the tenant's e-mail, SMS or push provider and its logs"
	hintClient   = "check client id and secret, and the authentication method in the application's settings"
	hintGrant    = "switch the grant on in the application's settings, Advanced Settings, Grant Types: MFA for challenge and verify, Password for PasswordLogin"
)

// meaning returns the row of the table that the error fits.
func (e *Error) meaning() meaning {
	if len(e.Fields) > 0 {
		return meaning{is: ErrInvalidRequest}
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

// isKnownCode reports whether the table knows the code. Such a code holds no
// value of the call, even if the user typed a part of it.
func isKnownCode(code string) bool {
	return slices.ContainsFunc(meanings, func(m meaning) bool { return m.code == code })
}
