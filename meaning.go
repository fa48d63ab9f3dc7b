package mfa

import (
	"cmp"
	"slices"
	"strings"
)

// meaning is a row of the table. A response that matches all of its conditions
// means the sentinel.
type meaning struct {
	ops      []Op   // where it counts; if nil, everywhere
	code     string // one of these, with spaces between; if "", any
	text     string // the whole description in lower case without a final full stop; * is any text; if "", any
	from, to int    // status; if zero, any
	json     bool   // only of a JSON body
	sentinel error  // if nil, nothing in particular
	next     Action // in place of the sentinel's, unless it is ActionNone
	hint     string
}

// noCode is the code of a row for responses without one.
const noCode = "-"

// Where a row counts. The empty Op stands for a response read without its call:
// there only a text or a code counts that no other operation shares.
var (
	atToken   = []Op{OpPasswordLogin, OpRefresh, OpPasswordless, OpTokenExchange, OpDevice, OpVerifyOOB, OpVerifyOTP, OpVerifyRecoveryCode, OpPollPush, ""}
	atLogin   = []Op{OpPasswordLogin, ""}
	atRefresh = []Op{OpRefresh, ""}
	atVerify  = []Op{OpVerifyOOB, OpVerifyOTP, OpVerifyRecoveryCode, OpPollPush, ""}
	atTyped   = []Op{OpVerifyOOB, OpVerifyOTP, OpVerifyRecoveryCode} // what the user typed
	atOOB     = []Op{OpVerifyOOB, OpPollPush, ""}
	atLink    = []Op{OpPasswordless, ""}
	atMFA     = append([]Op{OpChallenge}, atVerify...)
	atBearer  = []Op{OpAssociate, OpListAuthenticators, OpDeleteAuthenticator}
	atSending = []Op{OpAssociate, OpChallenge, ""}
	atEnroll  = []Op{OpAssociate, ""}
)

// meanings is the one place where Auth0's responses get their meaning. One code
// stands for many things and the documented statuses contradict each other, so a
// text decides too, but only with its code and its operation: under access_denied
// and unauthorized a tenant can send any text. A code that means one thing only
// counts at every operation. The first row that matches counts.
//
// Auth0 docs: https://auth0.com/docs/api/authentication
var meanings = []meaning{
	{code: "mfa_required a0.mfa_required", sentinel: ErrMFARequired},
	{ops: atToken, code: "mfa_registration_required a0.mfa_registration_required", sentinel: ErrMFARequired},
	{code: "authorization_pending", sentinel: ErrAuthorizationPending},
	{code: "slow_down", sentinel: ErrSlowDown},

	// What the user typed.
	{ops: []Op{OpVerifyOOB, ""}, code: "invalid_grant", text: "invalid binding_code", sentinel: ErrInvalidCode},
	{ops: []Op{OpVerifyOTP, ""}, code: "invalid_grant", text: "invalid otp_code", sentinel: ErrInvalidCode},
	{ops: []Op{OpVerifyRecoveryCode}, code: "invalid_grant", text: "mfa authorization rejected", sentinel: ErrInvalidCode},
	{ops: []Op{OpVerifyOOB, OpPollPush}, code: "invalid_grant", text: "mfa authorization rejected", sentinel: ErrRejected},
	{ops: atOOB, code: "access_denied", text: "mfa authorization rejected", sentinel: ErrRejected},
	{code: "mfa_invalid_code a0.mfa_invalid_code invalid_otp invalid_otp_format invalid_recovery_code invalid_recovery_code_format invalid_binding_code", sentinel: ErrInvalidCode},
	{code: "invalid_oob_code", sentinel: ErrChallengeExpired},
	{ops: atLink, code: "invalid_grant invalid_user_password", text: "wrong email or verification code", sentinel: ErrInvalidCode},
	{ops: atLink, code: "invalid_grant invalid_user_password", text: "wrong phone number or verification code", sentinel: ErrInvalidCode},
	{ops: atLink, code: "invalid_grant", text: "you've reached the maximum number of attempts*", sentinel: ErrTooManyAttempts},
	{ops: atVerify, code: "invalid_request", text: "too many failed codes*", sentinel: ErrTooManyAttempts},
	{ops: atSending, code: "invalid_request", text: "too many*sent by the user*", sentinel: ErrTooManyMessages},
	{ops: atSending, code: "too_many_sms too_many_pn", sentinel: ErrTooManyMessages},
	{ops: atSending, code: "too_many_sms_per_tenant too_many_pn_per_tenant", sentinel: ErrRateLimited,
		hint: "the limit of messages for the whole tenant is reached: its administrator has to know"},
	{ops: atEnroll, code: "invalid_request bad_request " + noCode, text: "the phone number is invalid", from: 400, to: 400, sentinel: ErrInvalidRequest, next: ActionAskAgain},
	{ops: atEnroll, code: "invalid_phone_number invalid_phone invalid_email", sentinel: ErrInvalidRequest, next: ActionAskAgain},

	// Tokens.
	{ops: atOOB, code: "invalid_request", text: "the oob_code doesn't match the mfa_token", sentinel: ErrInvalidRequest,
		hint: "verify with the mfa_token that the challenge or the enrollment was made with"},
	{ops: atOOB, code: "expired_token", text: "oob_code is expired", sentinel: ErrChallengeExpired},
	{code: "expired_token", sentinel: ErrTokenExpired},
	{ops: atMFA, code: "invalid_grant", text: "malformed mfa_token", sentinel: ErrInvalidToken,
		hint: "challenge and verify accept the opaque mfa_token of mfa_required, not the access token (JWT) for the MFA audience; use that access token only to confirm an enrollment that was made with it"},
	{ops: atOOB, code: "invalid_grant", text: "malformed oob_code", sentinel: ErrInvalidToken,
		hint: "use the oob_code of the newest challenge or enrollment, unchanged"},
	{ops: []Op{OpDeleteAuthenticator}, code: "invalid_grant", text: "the mfa_token provided is invalid*", sentinel: ErrInvalidToken,
		hint: "deletion needs an access token for the MFA audience with the scope remove:authenticators; an mfa_token is refused"},
	{ops: []Op{OpListAuthenticators, OpAssociate, ""}, code: "invalid_grant", text: "the mfa_token provided is invalid*", sentinel: ErrInvalidToken,
		hint: "the token has expired or is of another kind: use an mfa_token, or an access token for the MFA audience, which ends with a slash"},
	{ops: atMFA, code: "invalid_request", text: "mfa_token not issued to this client", sentinel: ErrInvalidRequest,
		hint: "use the client ID that the login was made with"},
	{ops: atRefresh, code: "invalid_grant access_denied", text: "unknown or invalid refresh token", sentinel: ErrInvalidToken},
	{ops: atRefresh, code: "invalid_grant", text: "the refresh_token was generated for*", sentinel: ErrInvalidToken},
	{ops: atRefresh, code: "unmet_authentication_requirements", sentinel: ErrInvalidToken},
	{ops: []Op{OpRefresh}, code: "invalid_grant", sentinel: ErrInvalidToken},
	{ops: append([]Op{OpChallenge, ""}, atBearer...), code: "invalid_token", sentinel: ErrInvalidToken},
	{code: "transaction_expired login_transaction_not_found enrollment_transaction_not_found", sentinel: ErrInvalidToken},
	{code: "insufficient_scope", sentinel: ErrInvalidRequest,
		hint: "the access token for the MFA audience lacks the scope: enroll, read:authenticators or remove:authenticators"},

	// Enrollment and challenge.
	{ops: atEnroll, code: "access_denied", text: "user is already enrolled", sentinel: ErrAlreadyEnrolled, hint: hintEnrolled},
	{code: "already_enrolled enrollment_conflict", sentinel: ErrAlreadyEnrolled, hint: hintEnrolled},
	{code: "association_required not_enrolled", sentinel: ErrNotEnrolled},
	{ops: atMFA, code: "unsupported_challenge_type", text: "user is not enrolled*", sentinel: ErrNotEnrolled},
	{ops: atMFA, code: "unsupported_challenge_type", text: "user does not have a*", sentinel: ErrNotEnrolled},
	{ops: atMFA, code: "unsupported_challenge_type", sentinel: ErrUnsupportedChallenge},
	{code: "invalid_authenticator authenticator_not_found", sentinel: ErrAuthenticatorNotFound},
	{ops: atSending, code: "bad_gateway error_sending_sms error_sending_push_notification push_notification_wrong_credentials pn_endpoint_disabled",
		sentinel: ErrDeliveryFailed, hint: hintProvider},
	{ops: atSending, code: "no_method_available mfa_no_available_factors feature_disabled feature_disabled_by_admin enrollment_method_disabled auth_method_disabled",
		sentinel: ErrInvalidRequest, hint: "switch the factor on in the tenant's settings, Security, Multi-factor Auth"},
	{ops: atEnroll, code: "enrollment_failed unsupported_authenticator_type", sentinel: ErrInvalidRequest},

	// The login.
	{ops: atLogin, code: "invalid_grant invalid_user_password", text: "wrong email or password", sentinel: ErrInvalidCredentials},
	{ops: atLogin, code: "invalid_user_password", sentinel: ErrInvalidCredentials},
	{code: "too_many_attempts", sentinel: ErrTooManyAttempts,
		hint: "brute-force protection counts all users as the backend's own address, unless EndUserIP is sent and the application trusts it"},
	{code: "too_many_logins", sentinel: ErrTooManyAttempts},
	{code: "too_many_requests", sentinel: ErrRateLimited},
	{code: "password_leaked password_expired password_change_required", sentinel: ErrBlocked,
		hint: "the user needs a new password: show the way to one"},
	{code: "blocked_user requires_verification requires_validation", sentinel: ErrBlocked},

	// What the tenant's own code decided, in its own words and with any status.
	{ops: append([]Op{OpChallenge}, atToken...), code: "access_denied", text: "unauthorized", from: 401, to: 401, sentinel: ErrInvalidClient, hint: hintClient},
	{ops: []Op{OpPasswordLogin, OpRefresh, OpTokenExchange, ""}, code: "access_denied", text: "service not found:*", sentinel: ErrInvalidRequest,
		hint: "the tenant has no API with this audience; the MFA audience is that of the tenant's own domain, with its trailing slash"},
	{ops: atToken, code: "access_denied unauthorized rule_error hook_error", sentinel: ErrBlocked, hint: hintDenied},
	{ops: append([]Op{OpChallenge}, atBearer...), code: "unauthorized", sentinel: ErrInvalidToken},

	{from: 429, to: 429, sentinel: ErrRateLimited}, // whatever general code comes with it

	// The application and the tenant.
	{code: "invalid_client", sentinel: ErrInvalidClient, hint: hintClient},
	{code: "unauthorized_client unsupported_grant_type", sentinel: ErrGrantNotAllowed, hint: hintGrant},
	{ops: atToken, code: "invalid_request", text: "unsupported multifactor provider:*", sentinel: ErrInvalidRequest,
		hint: "a Rule or an Action of the tenant asks for a provider that does not exist"},
	{ops: atLogin, code: "server_error", text: "authorization server not configured with default connection", sentinel: ErrInvalidRequest,
		hint: "set the tenant's Default Directory, or name the connection in Realm"},
	{code: "use_dpop_nonce", sentinel: ErrInvalidRequest,
		hint: "the application requires DPoP, which this package does not support"},
	{ops: []Op{OpTokenExchange, ""}, code: noCode, text: "mfa is not supported using actor_token*", from: 400, to: 400, sentinel: ErrInvalidRequest},
	{code: "invalid_request invalid_scope endpoint_disabled method_not_allowed", sentinel: ErrInvalidRequest},
	{code: "invalid_bearer_format invalid_body invalid_query_string field_required method_not_found tenant_not_found", sentinel: ErrInvalidRequest},
	{code: "server_error temporarily_unavailable", sentinel: ErrServer},

	// The wording is what is likeliest to change. What the user or an earlier step
	// granted is invalid (RFC 6749, section 5.2), so the user can type again or log in
	// again. No tenant sends this code.
	{ops: atTyped, code: "invalid_grant", text: "*oob_code*", sentinel: ErrInvalidToken},
	{ops: atTyped, code: "invalid_grant", text: "*code*", sentinel: ErrInvalidCode},
	{ops: []Op{OpPollPush, OpVerifyOOB, OpVerifyOTP, OpVerifyRecoveryCode}, code: "invalid_grant", sentinel: ErrInvalidToken},
	{ops: append([]Op{OpChallenge}, atBearer...), code: "invalid_grant", from: 400, to: 499, sentinel: ErrInvalidToken},
	{ops: []Op{OpPasswordLogin}, code: "invalid_grant", sentinel: ErrInvalidCredentials},

	// Without a known code or text, only what the status alone tells.
	{ops: []Op{OpDeleteAuthenticator}, from: 404, to: 404, json: true, sentinel: ErrAuthenticatorNotFound},
	{from: 500, to: 999, sentinel: ErrServer},
	{from: 1, to: 399, sentinel: ErrUnexpectedResponse},
}

// Hints that several rows share, or that do not hang on a row.
const (
	hintNoToken  = "an Action asks for MFA on this login, and the tenant does not have customized MFA factors switched on"
	hintEnrolled = "an mfa_token can enroll only the first authenticator: challenge the active one, or use an access token for the MFA audience with the scope enroll"
	hintProvider = "check the tenant's e-mail, SMS or push provider and its logs"
	hintClient   = "check client ID and secret, and the authentication method in the application's settings"
	hintDenied   = "an Action, a Rule or a database script of the tenant denied the login or failed in it: Description has its words, the tenant's log the rest"
	hintGrant    = "switch the grant on in the application's settings, Advanced Settings, Grant Types: MFA for challenge and verify, Password for PasswordLogin"
	hintHTML     = "a page of HTML came in place of JSON: look for a captive portal, a proxy, a bot check or a wrong domain"
)

// meaning returns the row of the table that the error matches.
func (e *Error) meaning() meaning {
	if len(e.Fields) > 0 {
		return meaning{sentinel: ErrInvalidRequest}
	}
	if e.limited {
		return meaning{sentinel: ErrRateLimited, next: ActionWait}
	}
	text := strings.TrimSuffix(strings.ToLower(e.Description), ".")
	for _, m := range meanings {
		if (m.ops == nil || slices.Contains(m.ops, e.Op)) &&
			(m.code == "" || hasWord(m.code, cmp.Or(e.Code, noCode))) &&
			(m.text == "" || matches(text, m.text)) &&
			(m.to == 0 || m.from <= e.StatusCode && e.StatusCode <= m.to) &&
			(!m.json || e.isJSON()) {
			return m
		}
	}
	return meaning{}
}

// hasWord reports whether word is one of the words.
func hasWord(words, word string) bool {
	for one := range strings.FieldsSeq(words) {
		if one == word {
			return true
		}
	}
	return false
}

// matches reports whether text is what the pattern says, in which * is any text.
func matches(text, pattern string) bool {
	first, rest, open := strings.Cut(pattern, "*")
	if !open {
		return text == pattern
	}
	text, found := strings.CutPrefix(text, first)
	for found {
		first, rest, open = strings.Cut(rest, "*")
		if !open {
			return strings.HasSuffix(text, first)
		}
		_, text, found = strings.Cut(text, first)
	}
	return false
}

// isKnownCode reports whether the table knows the code. Such a code holds no value
// of the call, even if the user typed a part of it.
func isKnownCode(code string) bool {
	return slices.ContainsFunc(meanings, func(m meaning) bool { return hasWord(m.code, code) })
}
