package wiretest

import "github.com/go-auth0-mfa/mfa"

// ErrorCase is an error of Auth0's and what it has to mean here.
type ErrorCase struct {
	Ops        []mfa.Op
	Status     []int // all in which it was seen or documented
	Code, Text string
	Is         []error
	Next       mfa.Action
	Hint       bool
}

var (
	atToken   = []mfa.Op{"verify oob", "verify otp", "verify recovery code", "poll push"}
	atBearer  = []mfa.Op{"associate", "list authenticators", "delete authenticator"}
	atMFACall = append([]mfa.Op{"challenge"}, atToken...)
	atSending = []mfa.Op{"associate", "challenge"}
	atRefresh = []mfa.Op{"refresh"}
	atGrant   = append([]mfa.Op{"password login", "refresh"}, atToken...)
)

// MFAErrors are what the MFA endpoints and grants send.
var MFAErrors = []ErrorCase{
	{Ops: atBearer[:1], Status: []int{403}, Code: "access_denied", Text: "User is already enrolled.", Is: []error{mfa.ErrAlreadyEnrolled}, Next: mfa.ActionChallenge, Hint: true},
	{Ops: atBearer[:2], Status: []int{401}, Code: "invalid_grant", Text: "The mfa_token provided is invalid. Try getting a new token.", Is: []error{mfa.ErrInvalidToken}, Next: mfa.ActionRestartLogin, Hint: true},
	{Ops: atBearer[2:], Status: []int{401}, Code: "invalid_grant", Text: "The mfa_token provided is invalid. Try getting a new token.", Is: []error{mfa.ErrInvalidToken}, Next: mfa.ActionRestartLogin, Hint: true},
	{Ops: atMFACall, Status: []int{403, 401}, Code: "expired_token", Text: "mfa_token is expired", Is: []error{mfa.ErrTokenExpired}, Next: mfa.ActionRestartLogin},
	{Ops: []mfa.Op{"verify otp", "verify recovery code", "challenge"}, Status: []int{403}, Code: "expired_token", Text: "oob_code is expired", Is: []error{mfa.ErrTokenExpired}, Next: mfa.ActionRestartLogin},
	{Ops: []mfa.Op{"verify oob", "poll push"}, Status: []int{403, 401}, Code: "expired_token", Text: "oob_code is expired", Is: []error{mfa.ErrChallengeExpired}, Next: mfa.ActionResend},
	{Ops: atMFACall, Status: []int{403, 401}, Code: "expired_token", Text: "whatever", Is: []error{mfa.ErrTokenExpired}, Next: mfa.ActionRestartLogin},
	{Ops: atMFACall, Status: []int{403, 400}, Code: "invalid_grant", Text: "Malformed mfa_token", Is: []error{mfa.ErrInvalidToken}, Next: mfa.ActionRestartLogin, Hint: true},
	{Ops: []mfa.Op{"verify oob", "poll push"}, Status: []int{403}, Code: "invalid_grant", Text: "Malformed oob_code", Is: []error{mfa.ErrInvalidToken}, Next: mfa.ActionRestartLogin, Hint: true},
	{Ops: []mfa.Op{"verify oob"}, Status: []int{403}, Code: "invalid_grant", Text: "Invalid binding_code.", Is: []error{mfa.ErrInvalidCode}, Next: mfa.ActionAskAgain},
	{Ops: atToken[:3], Status: []int{403}, Code: "invalid_grant", Text: "The code is not right.", Is: []error{mfa.ErrInvalidCode}, Next: mfa.ActionAskAgain},
	{Ops: atToken[:3], Status: []int{403}, Code: "invalid_grant", Text: "No such oob_code.", Is: []error{mfa.ErrInvalidToken}, Next: mfa.ActionRestartLogin},
	{Ops: atToken, Status: []int{403}, Code: "invalid_grant", Text: "whatever", Is: []error{mfa.ErrInvalidToken}, Next: mfa.ActionRestartLogin},
	{Ops: []mfa.Op{"verify oob"}, Status: []int{403}, Code: "invalid_grant", Text: "Invalid binding_code", Is: []error{mfa.ErrInvalidCode}, Next: mfa.ActionAskAgain},
	{Ops: []mfa.Op{"verify otp"}, Status: []int{403}, Code: "invalid_grant", Text: "Invalid otp_code.", Is: []error{mfa.ErrInvalidCode}, Next: mfa.ActionAskAgain},
	{Ops: []mfa.Op{"verify recovery code"}, Status: []int{403}, Code: "invalid_grant", Text: "MFA Authorization rejected.", Is: []error{mfa.ErrInvalidCode}, Next: mfa.ActionAskAgain},
	{Ops: []mfa.Op{"poll push"}, Status: []int{400, 403}, Code: "access_denied", Text: "MFA Authorization rejected.", Is: []error{mfa.ErrRejected}, Next: mfa.ActionResend},
	{Ops: []mfa.Op{"poll push"}, Status: []int{403}, Code: "invalid_grant", Text: "MFA Authorization rejected.", Is: []error{mfa.ErrRejected}, Next: mfa.ActionResend},
	{Ops: []mfa.Op{"poll push"}, Status: []int{400, 200, 403}, Code: "authorization_pending", Text: "Authorization pending: please repeat the request in a few seconds.", Is: []error{mfa.ErrAuthorizationPending}, Next: mfa.ActionPoll},
	{Ops: []mfa.Op{"poll push"}, Status: []int{400, 429}, Code: "slow_down", Text: "You are polling faster than allowed.", Is: []error{mfa.ErrSlowDown}, Next: mfa.ActionPoll},
	{Ops: atMFACall, Status: []int{401}, Code: "unsupported_challenge_type", Text: "User is not enrolled. You can use /mfa/associate endpoint to enroll the first authenticator.", Is: []error{mfa.ErrNotEnrolled}, Next: mfa.ActionEnroll},
	{Ops: []mfa.Op{"verify recovery code"}, Status: []int{403}, Code: "unsupported_challenge_type", Text: "User does not have a recovery-code.", Is: []error{mfa.ErrNotEnrolled}, Next: mfa.ActionEnroll},
	{Ops: []mfa.Op{"challenge"}, Status: []int{401}, Code: "unsupported_challenge_type", Text: "User is not enrolled with guardian", Is: []error{mfa.ErrNotEnrolled}, Next: mfa.ActionEnroll},
	{Ops: []mfa.Op{"challenge"}, Status: []int{401}, Code: "unsupported_challenge_type", Text: "User is not enrolled with google-authenticator", Is: []error{mfa.ErrNotEnrolled}, Next: mfa.ActionEnroll},
	{Ops: []mfa.Op{"challenge"}, Status: []int{401}, Code: "unsupported_challenge_type", Text: "The user does not support the requested challenge type (otp). Supported type: oob.", Is: []error{mfa.ErrUnsupportedChallenge}, Next: mfa.ActionChallenge},
	{Ops: []mfa.Op{"challenge"}, Status: []int{401}, Code: "unsupported_challenge_type", Text: "The user does not support any of the requested challenge types (otp). Supported types: oob.", Is: []error{mfa.ErrUnsupportedChallenge}, Next: mfa.ActionChallenge},
	{Ops: []mfa.Op{"challenge"}, Status: []int{401}, Code: "unsupported_challenge_type", Text: "The user does not support the requested challenge type (oob). Currently there is no supported challenge available.", Is: []error{mfa.ErrUnsupportedChallenge}, Next: mfa.ActionChallenge},
	{Ops: []mfa.Op{"challenge"}, Status: []int{400, 401}, Code: "unsupported_challenge_type", Text: `No matching challenge_type for provider \"guardian\". Requested: [otp]. Available: [oob].`, Is: []error{mfa.ErrUnsupportedChallenge}, Next: mfa.ActionChallenge},
	{Ops: []mfa.Op{"challenge"}, Status: []int{400, 403}, Code: "association_required", Text: "User has no authenticator", Is: []error{mfa.ErrNotEnrolled}, Next: mfa.ActionEnroll},
	{Ops: []mfa.Op{"challenge"}, Status: []int{400, 404}, Code: "invalid_authenticator", Text: "whatever", Is: []error{mfa.ErrAuthenticatorNotFound}, Next: mfa.ActionChallenge},
	{Ops: []mfa.Op{"challenge"}, Status: []int{400, 404}, Code: "authenticator_not_found", Text: "whatever", Is: []error{mfa.ErrAuthenticatorNotFound}, Next: mfa.ActionChallenge},
	{Ops: atBearer, Status: []int{403}, Code: "insufficient_scope", Text: "whatever", Is: []error{mfa.ErrInvalidRequest}, Next: mfa.ActionFix, Hint: true},
	{Ops: []mfa.Op{"delete authenticator"}, Status: []int{404}, Code: "not_found", Text: "whatever", Is: []error{mfa.ErrAuthenticatorNotFound}, Next: mfa.ActionNone},
	{Ops: atToken, Status: []int{400}, Code: "invalid_request", Text: "Missing required parameter: mfa_token", Is: []error{mfa.ErrInvalidRequest}, Next: mfa.ActionFix},
	{Ops: atToken, Status: []int{400}, Code: "invalid_request", Text: "Missing required parameter: oob_code", Is: []error{mfa.ErrInvalidRequest}, Next: mfa.ActionFix},
	{Ops: atToken, Status: []int{400}, Code: "invalid_request", Text: "Missing required parameter: otp", Is: []error{mfa.ErrInvalidRequest}, Next: mfa.ActionFix},
	{Ops: atToken, Status: []int{400}, Code: "invalid_request", Text: "Missing required parameter: recovery_code", Is: []error{mfa.ErrInvalidRequest}, Next: mfa.ActionFix},
	{Ops: atToken, Status: []int{400}, Code: "invalid_request", Text: "Missing required parameter: binding_code", Is: []error{mfa.ErrInvalidRequest}, Next: mfa.ActionFix},
	{Ops: atToken, Status: []int{400}, Code: "invalid_request", Text: "mfa_token must be a string", Is: []error{mfa.ErrInvalidRequest}, Next: mfa.ActionFix},
	{Ops: atToken, Status: []int{400}, Code: "invalid_request", Text: "oob_code must be a string", Is: []error{mfa.ErrInvalidRequest}, Next: mfa.ActionFix},
	{Ops: atMFACall, Status: []int{400, 403}, Code: "invalid_request", Text: "mfa_token not issued to this client", Is: []error{mfa.ErrInvalidRequest}, Next: mfa.ActionFix, Hint: true},
	{Ops: []mfa.Op{"verify oob", "poll push"}, Status: []int{400, 403}, Code: "invalid_request", Text: "The oob_code doesn't match the mfa_token", Is: []error{mfa.ErrInvalidRequest}, Next: mfa.ActionFix, Hint: true},
	{Ops: atToken, Status: []int{400}, Code: "invalid_request", Text: `Unsupported multifactor provider: \"acme\"`, Is: []error{mfa.ErrInvalidRequest}, Next: mfa.ActionFix, Hint: true},
	{Ops: []mfa.Op{"password login"}, Status: []int{400}, Code: "invalid_request", Text: "invalid audience specified for password grant exchange", Is: []error{mfa.ErrInvalidRequest}, Next: mfa.ActionFix},
	{Ops: atToken, Status: []int{400, 403, 429}, Code: "invalid_request", Text: "Too many failed codes. Wait for some minutes before retrying.", Is: []error{mfa.ErrTooManyAttempts}, Next: mfa.ActionWait},
	{Ops: atSending, Status: []int{400, 403, 429}, Code: "invalid_request", Text: "Too many SMS sent by the user. Wait for some minutes before retrying.", Is: []error{mfa.ErrTooManyMessages}, Next: mfa.ActionWait},
	{Ops: atSending, Status: []int{400, 429}, Code: "invalid_request", Text: "Too many emails sent by the user. Wait for some minutes before retrying.", Is: []error{mfa.ErrTooManyMessages}, Next: mfa.ActionWait},
	{Ops: atSending[:1], Status: []int{400}, Code: "invalid_request", Text: "The phone number is invalid.", Is: []error{mfa.ErrInvalidRequest}, Next: mfa.ActionAskAgain},
	{Ops: atSending[:1], Status: []int{400}, Code: "bad_request", Text: "The phone number is invalid.", Is: []error{mfa.ErrInvalidRequest}, Next: mfa.ActionAskAgain},
	{Ops: atSending[1:], Status: []int{502, 500, 400}, Code: "bad_gateway", Text: "Error sending SMS.", Is: []error{mfa.ErrDeliveryFailed}, Next: mfa.ActionRetryLater, Hint: true},
	{Ops: atSending[1:], Status: []int{502}, Code: "bad_gateway", Text: "Error sending Push Notification.", Is: []error{mfa.ErrDeliveryFailed}, Next: mfa.ActionRetryLater, Hint: true},
	{Ops: atSending[1:], Status: []int{502}, Code: "bad_gateway", Text: "There is no available challenge type.", Is: []error{mfa.ErrDeliveryFailed}, Next: mfa.ActionRetryLater, Hint: true},
	{Ops: atSending, Status: []int{502}, Code: "bad_gateway", Text: "Error sending email.", Is: []error{mfa.ErrDeliveryFailed}, Next: mfa.ActionRetryLater, Hint: true},
	{Ops: atSending, Status: []int{400}, Code: "server_error", Text: "Error sending email.", Is: []error{mfa.ErrServer}, Next: mfa.ActionRetryLater},
	{Ops: atSending, Status: []int{500}, Code: "server_error", Text: "Error sending email.", Is: []error{mfa.ErrServer, mfa.ErrOutcomeUnknown}, Next: mfa.ActionCheckInbox},
	{Ops: append(atMFACall[:1:1], atBearer[:2]...), Status: []int{401, 403}, Code: "invalid_grant", Text: "Try another token.", Is: []error{mfa.ErrInvalidToken}, Next: mfa.ActionRestartLogin},
	{Ops: atBearer, Status: []int{403}, Code: "invalid_grant", Text: "Malformed mfa_token", Is: []error{mfa.ErrInvalidToken}, Next: mfa.ActionRestartLogin},
	{Ops: atSending, Status: []int{400}, Code: "server_error", Text: "Something went wrong", Is: []error{mfa.ErrServer}, Next: mfa.ActionRetryLater},
	{Ops: atSending, Status: []int{500, 502, 504}, Code: "server_error", Text: "Something went wrong", Is: []error{mfa.ErrServer, mfa.ErrOutcomeUnknown}, Next: mfa.ActionCheckInbox},
	{Ops: []mfa.Op{"list authenticators"}, Status: []int{500}, Code: "server_error", Text: "Something went wrong", Is: []error{mfa.ErrServer}, Next: mfa.ActionRetryLater},
}

// CodeErrors are codes that decide whatever the text is.
var CodeErrors = []ErrorCase{
	{Ops: atToken[:3], Status: []int{401, 403}, Code: "mfa_invalid_code", Is: []error{mfa.ErrInvalidCode}, Next: mfa.ActionAskAgain},
	{Ops: atToken[:3], Status: []int{401, 403}, Code: "a0.mfa_invalid_code", Is: []error{mfa.ErrInvalidCode}, Next: mfa.ActionAskAgain},
	{Ops: atToken[1:2], Status: []int{403}, Code: "invalid_otp", Is: []error{mfa.ErrInvalidCode}, Next: mfa.ActionAskAgain},
	{Ops: atToken[1:2], Status: []int{400}, Code: "invalid_otp_format", Is: []error{mfa.ErrInvalidCode}, Next: mfa.ActionAskAgain},
	{Ops: atToken[2:3], Status: []int{403}, Code: "invalid_recovery_code", Is: []error{mfa.ErrInvalidCode}, Next: mfa.ActionAskAgain},
	{Ops: atToken[2:3], Status: []int{400}, Code: "invalid_recovery_code_format", Is: []error{mfa.ErrInvalidCode}, Next: mfa.ActionAskAgain},
	{Ops: atToken[:1], Status: []int{403}, Code: "invalid_binding_code", Is: []error{mfa.ErrInvalidCode}, Next: mfa.ActionAskAgain},
	{Ops: atToken[:1], Status: []int{403}, Code: "invalid_oob_code", Is: []error{mfa.ErrChallengeExpired}, Next: mfa.ActionResend},
	{Ops: append(atMFACall[:1:1], atBearer...), Status: []int{401, 403}, Code: "invalid_token", Is: []error{mfa.ErrInvalidToken}, Next: mfa.ActionRestartLogin},
	{Ops: append(atMFACall[:1:1], atBearer...), Status: []int{401}, Code: "unauthorized", Is: []error{mfa.ErrInvalidToken}, Next: mfa.ActionRestartLogin},
	{Ops: atMFACall, Status: []int{401}, Code: "transaction_expired", Is: []error{mfa.ErrInvalidToken}, Next: mfa.ActionRestartLogin},
	{Ops: atBearer[:1], Status: []int{403}, Code: "enrollment_transaction_not_found", Is: []error{mfa.ErrInvalidToken}, Next: mfa.ActionRestartLogin},
	{Ops: atMFACall[:1], Status: []int{403}, Code: "login_transaction_not_found", Is: []error{mfa.ErrInvalidToken}, Next: mfa.ActionRestartLogin},
	{Ops: atBearer[:1], Status: []int{400, 403}, Code: "already_enrolled", Is: []error{mfa.ErrAlreadyEnrolled}, Next: mfa.ActionChallenge, Hint: true},
	{Ops: atBearer[:1], Status: []int{409}, Code: "enrollment_conflict", Is: []error{mfa.ErrAlreadyEnrolled}, Next: mfa.ActionChallenge, Hint: true},
	{Ops: atMFACall, Status: []int{400}, Code: "not_enrolled", Is: []error{mfa.ErrNotEnrolled}, Next: mfa.ActionEnroll},
	{Ops: atSending, Status: []int{400}, Code: "no_method_available", Is: []error{mfa.ErrInvalidRequest}, Next: mfa.ActionFix, Hint: true},
	{Ops: atSending, Status: []int{400}, Code: "feature_disabled", Is: []error{mfa.ErrInvalidRequest}, Next: mfa.ActionFix, Hint: true},
	{Ops: atSending[:1], Status: []int{400}, Code: "invalid_phone_number", Is: []error{mfa.ErrInvalidRequest}, Next: mfa.ActionAskAgain},
	{Ops: atSending[:1], Status: []int{400}, Code: "invalid_email", Is: []error{mfa.ErrInvalidRequest}, Next: mfa.ActionAskAgain},
	{Ops: atSending, Status: []int{400}, Code: "error_sending_sms", Is: []error{mfa.ErrDeliveryFailed}, Next: mfa.ActionRetryLater, Hint: true},
	{Ops: atSending, Status: []int{403, 429}, Code: "too_many_sms", Is: []error{mfa.ErrTooManyMessages}, Next: mfa.ActionWait},
	{Ops: atSending, Status: []int{403}, Code: "too_many_sms_per_tenant", Is: []error{mfa.ErrRateLimited}, Next: mfa.ActionWait, Hint: true},
	{Ops: atSending[:1], Status: []int{400}, Code: "enrollment_failed", Is: []error{mfa.ErrInvalidRequest}, Next: mfa.ActionFix},
	{Ops: atBearer, Status: []int{400}, Code: "invalid_bearer_format", Is: []error{mfa.ErrInvalidRequest}, Next: mfa.ActionFix},
}

// OtherErrors are what the token endpoint sends to calls that this package does not
// make.
var OtherErrors = []ErrorCase{
	{Ops: []mfa.Op{"passwordless login"}, Status: []int{403}, Code: "invalid_grant", Text: "You've reached the maximum number of attempts. Please try to login again.", Is: []error{mfa.ErrTooManyAttempts}, Next: mfa.ActionWait},
	{Ops: []mfa.Op{"passwordless login"}, Status: []int{403}, Code: "invalid_grant", Text: "Wrong email or verification code.", Is: []error{mfa.ErrInvalidCode}, Next: mfa.ActionAskAgain},
	{Ops: []mfa.Op{"passwordless login"}, Status: []int{401, 403}, Code: "invalid_user_password", Text: "Wrong phone number or verification code.", Is: []error{mfa.ErrInvalidCode}, Next: mfa.ActionAskAgain},
	{Ops: []mfa.Op{"passwordless login", "token exchange", "device login"}, Status: []int{500, 403}, Code: "access_denied", Text: "Invalid binding_code.", Is: []error{mfa.ErrBlocked}, Next: mfa.ActionAbort, Hint: true},
	{Ops: []mfa.Op{"passwordless login", "token exchange"}, Status: []int{403, 400}, Code: "mfa_required", Text: "Multifactor authentication required", Is: []error{mfa.ErrMFARequired}, Next: mfa.ActionFix, Hint: true},
	{Ops: []mfa.Op{"device login"}, Status: []int{403}, Code: "authorization_pending", Text: "User has yet to authorize device code.", Is: []error{mfa.ErrAuthorizationPending}, Next: mfa.ActionPoll},
	{Ops: []mfa.Op{"device login"}, Status: []int{429}, Code: "slow_down", Text: "You are polling faster than the specified interval of 5 seconds.", Is: []error{mfa.ErrSlowDown}, Next: mfa.ActionPoll},
	{Ops: []mfa.Op{"token exchange"}, Status: []int{400}, Text: "MFA is not supported using actor_token with the requested token exchange profile.", Is: []error{mfa.ErrInvalidRequest}, Next: mfa.ActionFix},
}

// TokenErrors are what the token endpoint sends to anybody, by default to a password
// login.
var TokenErrors = []ErrorCase{
	{Status: []int{403}, Code: "invalid_grant", Text: "Wrong email or password.", Is: []error{mfa.ErrInvalidCredentials}, Next: mfa.ActionRestartLogin},
	{Status: []int{403, 401}, Code: "invalid_user_password", Text: "Wrong email or password", Is: []error{mfa.ErrInvalidCredentials}, Next: mfa.ActionRestartLogin},
	{Status: []int{403}, Code: "invalid_grant", Text: "Invalid binding_code.", Is: []error{mfa.ErrInvalidCredentials}, Next: mfa.ActionRestartLogin},
	{Status: []int{403, 401}, Code: "invalid_user_password", Text: "whatever", Is: []error{mfa.ErrInvalidCredentials}, Next: mfa.ActionRestartLogin},
	{Ops: atRefresh, Status: []int{403}, Code: "invalid_grant", Text: "Unknown or invalid refresh token.", Is: []error{mfa.ErrInvalidToken}, Next: mfa.ActionRestartLogin},
	{Ops: atRefresh, Status: []int{403}, Code: "invalid_grant", Text: "The refresh_token was generated for a user who doesn't exist anymore.", Is: []error{mfa.ErrInvalidToken}, Next: mfa.ActionRestartLogin},
	{Ops: atRefresh, Status: []int{403}, Code: "invalid_grant", Text: "whatever", Is: []error{mfa.ErrInvalidToken}, Next: mfa.ActionRestartLogin},
	{Ops: atRefresh, Status: []int{403}, Code: "unmet_authentication_requirements", Text: "whatever", Is: []error{mfa.ErrInvalidToken}, Next: mfa.ActionRestartLogin},
	{Ops: atRefresh, Status: []int{401, 403}, Code: "access_denied", Text: "Unknown or invalid refresh token.", Is: []error{mfa.ErrInvalidToken}, Next: mfa.ActionRestartLogin},
	{Status: []int{401}, Code: "access_denied", Text: "Unauthorized", Is: []error{mfa.ErrInvalidClient}, Next: mfa.ActionFix, Hint: true},
	{Status: []int{401}, Code: "invalid_client", Text: "Client authentication failed", Is: []error{mfa.ErrInvalidClient}, Next: mfa.ActionFix, Hint: true},
	{Status: []int{401, 403}, Code: "invalid_client", Text: "Unknown client.", Is: []error{mfa.ErrInvalidClient}, Next: mfa.ActionFix, Hint: true},
	{Status: []int{403}, Code: "unauthorized_client", Text: "Grant type 'password' not allowed for the client.", Is: []error{mfa.ErrGrantNotAllowed}, Next: mfa.ActionFix, Hint: true},
	{Status: []int{403}, Code: "unauthorized_client", Text: "Grant type 'http://auth0.com/oauth/grant-type/mfa-oob' not allowed for the client.", Is: []error{mfa.ErrGrantNotAllowed}, Next: mfa.ActionFix, Hint: true},
	{Status: []int{400, 501}, Code: "unsupported_grant_type", Text: "Grant type not supported", Is: []error{mfa.ErrGrantNotAllowed}, Next: mfa.ActionFix, Hint: true},
	{Status: []int{500}, Code: "server_error", Text: "Authorization server not configured with default connection.", Is: []error{mfa.ErrInvalidRequest}, Next: mfa.ActionFix, Hint: true},
	{Status: []int{403}, Code: "access_denied", Text: "Service not found: https://api.example.com", Is: []error{mfa.ErrInvalidRequest}, Next: mfa.ActionFix, Hint: true},
	{Ops: atGrant, Status: []int{401}, Code: "unauthorized", Text: "user is blocked", Is: []error{mfa.ErrBlocked}, Next: mfa.ActionAbort, Hint: true},
	{Ops: atGrant, Status: []int{401, 500}, Code: "unauthorized", Text: "Not on Fridays.", Is: []error{mfa.ErrBlocked}, Next: mfa.ActionAbort, Hint: true},
	{Ops: atGrant, Status: []int{500, 403, 401, 400, 200, 429}, Code: "access_denied", Text: "You are already enrolled in the beta.", Is: []error{mfa.ErrBlocked}, Next: mfa.ActionAbort, Hint: true},
	{Ops: atGrant, Status: []int{500, 401}, Code: "access_denied", Text: "Unauthorized device", Is: []error{mfa.ErrBlocked}, Next: mfa.ActionAbort, Hint: true},
	{Ops: atGrant, Status: []int{500, 403}, Code: "access_denied", Text: "Unauthorized", Is: []error{mfa.ErrBlocked}, Next: mfa.ActionAbort, Hint: true},
	{Ops: atGrant, Status: []int{500}, Code: "access_denied", Text: "Error sending your documents", Is: []error{mfa.ErrBlocked}, Next: mfa.ActionAbort, Hint: true},
	{Ops: atGrant, Status: []int{401, 500}, Code: "access_denied", Is: []error{mfa.ErrBlocked}, Next: mfa.ActionAbort, Hint: true},
	{Ops: atGrant, Status: []int{401}, Code: "rule_error", Text: "Cannot read properties of undefined", Is: []error{mfa.ErrBlocked}, Next: mfa.ActionAbort, Hint: true},
	{Status: []int{401}, Code: "password_expired", Text: "whatever", Is: []error{mfa.ErrBlocked}, Next: mfa.ActionAbort, Hint: true},
	{Status: []int{401}, Code: "password_change_required", Text: "whatever", Is: []error{mfa.ErrBlocked}, Next: mfa.ActionAbort, Hint: true},
	{Ops: atGrant, Status: []int{403}, Code: "blocked_user", Text: "whatever", Is: []error{mfa.ErrBlocked}, Next: mfa.ActionAbort},
	{Status: []int{401}, Code: "password_leaked", Text: "This login attempt has been blocked because the password you're using was previously disclosed through a data breach.", Is: []error{mfa.ErrBlocked}, Next: mfa.ActionAbort, Hint: true},
	{Status: []int{401}, Code: "requires_verification", Text: "Suspicious request requires verification", Is: []error{mfa.ErrBlocked}, Next: mfa.ActionAbort},
	{Status: []int{401}, Code: "requires_validation", Text: "Suspicious request requires verification", Is: []error{mfa.ErrBlocked}, Next: mfa.ActionAbort},
	{Status: []int{429}, Code: "too_many_attempts", Text: "Your account has been blocked after multiple consecutive login attempts.", Is: []error{mfa.ErrTooManyAttempts}, Next: mfa.ActionWait, Hint: true},
	{Status: []int{429}, Code: "too_many_logins", Text: "whatever", Is: []error{mfa.ErrTooManyAttempts}, Next: mfa.ActionWait},
	{Status: []int{429}, Code: "too_many_requests", Text: "Rate limit exceeded.", Is: []error{mfa.ErrRateLimited}, Next: mfa.ActionWait},
	{Status: []int{429}, Code: "too_many_requests", Text: "Too many requests. Check the X-RateLimit-* headers.", Is: []error{mfa.ErrRateLimited}, Next: mfa.ActionWait},
	{Status: []int{429}, Code: "too_many_requests", Text: "Rate limit exceeded. Please retry after some time.", Is: []error{mfa.ErrRateLimited}, Next: mfa.ActionWait},
	{Status: []int{400}, Code: "invalid_request", Text: "whatever", Is: []error{mfa.ErrInvalidRequest}, Next: mfa.ActionFix},
	{Status: []int{400}, Code: "invalid_scope", Text: "whatever", Is: []error{mfa.ErrInvalidRequest}, Next: mfa.ActionFix},
	{Status: []int{404}, Code: "endpoint_disabled", Text: "whatever", Is: []error{mfa.ErrInvalidRequest}, Next: mfa.ActionFix},
	{Status: []int{405}, Code: "method_not_allowed", Text: "whatever", Is: []error{mfa.ErrInvalidRequest}, Next: mfa.ActionFix},
	{Status: []int{400, 401}, Code: "use_dpop_nonce", Text: "Authorization server requires nonce in DPoP proof", Is: []error{mfa.ErrInvalidRequest}, Next: mfa.ActionFix, Hint: true},
	{Status: []int{503}, Code: "temporarily_unavailable", Text: "whatever", Is: []error{mfa.ErrServer}, Next: mfa.ActionRetryLater},
	{Status: []int{500}, Code: "temporarily_unavailable", Text: "whatever", Is: []error{mfa.ErrServer}, Next: mfa.ActionRetryLater},
}
