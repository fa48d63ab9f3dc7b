package mfa_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/go-auth0-mfa/mfa"
)

// meaning is an error of Auth0's and what it has to mean here.
type meaning struct {
	ops        []mfa.Op
	status     []int // all in which it was seen or documented
	code, text string
	is         []error
	next       mfa.Action
	hint       bool
}

var (
	atToken   = []mfa.Op{"verify oob", "verify otp", "verify recovery code", "poll push"}
	atBearer  = []mfa.Op{"associate", "list authenticators", "delete authenticator"}
	atMFACall = append([]mfa.Op{"challenge"}, atToken...)
	atSending = []mfa.Op{"associate", "challenge"}
)

// mfaErrors are what the MFA endpoints and grants answer.
var mfaErrors = []meaning{
	{ops: atBearer[:1], status: []int{403}, code: "access_denied", text: "User is already enrolled.", is: []error{mfa.ErrAlreadyEnrolled}, next: mfa.ActionChallenge, hint: true},
	{ops: atBearer[:2], status: []int{401}, code: "invalid_grant", text: "The mfa_token provided is invalid. Try getting a new token.", is: []error{mfa.ErrInvalidToken}, next: mfa.ActionRestartLogin, hint: true},
	{ops: atBearer[2:], status: []int{401}, code: "invalid_grant", text: "The mfa_token provided is invalid. Try getting a new token.", is: []error{mfa.ErrInvalidToken}, next: mfa.ActionRestartLogin, hint: true},
	{ops: atMFACall, status: []int{403, 401}, code: "expired_token", text: "mfa_token is expired", is: []error{mfa.ErrTokenExpired}, next: mfa.ActionRestartLogin},
	{ops: atToken, status: []int{403, 401}, code: "expired_token", text: "oob_code is expired", is: []error{mfa.ErrChallengeExpired}, next: mfa.ActionResend},
	{ops: atMFACall, status: []int{403, 401}, code: "expired_token", text: "whatever", is: []error{mfa.ErrTokenExpired}, next: mfa.ActionRestartLogin},
	{ops: atMFACall, status: []int{403, 400}, code: "invalid_grant", text: "Malformed mfa_token", is: []error{mfa.ErrInvalidToken}, next: mfa.ActionRestartLogin, hint: true},
	{ops: atToken, status: []int{403}, code: "invalid_grant", text: "Malformed oob_code", is: []error{mfa.ErrInvalidToken}, next: mfa.ActionRestartLogin, hint: true},
	{ops: []mfa.Op{"verify oob"}, status: []int{403}, code: "invalid_grant", text: "Invalid binding_code.", is: []error{mfa.ErrInvalidCode}, next: mfa.ActionAskAgain},
	{ops: []mfa.Op{"verify oob"}, status: []int{403}, code: "invalid_grant", text: "Invalid binding_code", is: []error{mfa.ErrInvalidCode}, next: mfa.ActionAskAgain},
	{ops: []mfa.Op{"verify otp"}, status: []int{403}, code: "invalid_grant", text: "Invalid otp_code.", is: []error{mfa.ErrInvalidCode}, next: mfa.ActionAskAgain},
	{ops: []mfa.Op{"verify recovery code"}, status: []int{403}, code: "invalid_grant", text: "MFA Authorization rejected.", is: []error{mfa.ErrInvalidCode}, next: mfa.ActionAskAgain},
	{ops: []mfa.Op{"poll push"}, status: []int{400, 403}, code: "access_denied", text: "MFA Authorization rejected.", is: []error{mfa.ErrRejected}, next: mfa.ActionResend},
	{ops: []mfa.Op{"poll push"}, status: []int{403}, code: "invalid_grant", text: "MFA Authorization rejected.", is: []error{mfa.ErrRejected}, next: mfa.ActionResend},
	{ops: []mfa.Op{"poll push"}, status: []int{400, 200, 403}, code: "authorization_pending", text: "Authorization pending: please repeat the request in a few seconds.", is: []error{mfa.ErrAuthorizationPending}, next: mfa.ActionPoll},
	{ops: []mfa.Op{"poll push"}, status: []int{400, 429}, code: "slow_down", text: "You are polling faster than allowed.", is: []error{mfa.ErrSlowDown}, next: mfa.ActionPoll},
	{ops: atMFACall, status: []int{401}, code: "unsupported_challenge_type", text: "User is not enrolled. You can use /mfa/associate endpoint to enroll the first authenticator.", is: []error{mfa.ErrNotEnrolled}, next: mfa.ActionEnroll},
	{ops: []mfa.Op{"verify recovery code"}, status: []int{403}, code: "unsupported_challenge_type", text: "User does not have a recovery-code.", is: []error{mfa.ErrNotEnrolled}, next: mfa.ActionEnroll},
	{ops: []mfa.Op{"challenge"}, status: []int{401}, code: "unsupported_challenge_type", text: "User is not enrolled with guardian", is: []error{mfa.ErrNotEnrolled}, next: mfa.ActionEnroll},
	{ops: []mfa.Op{"challenge"}, status: []int{401}, code: "unsupported_challenge_type", text: "User is not enrolled with google-authenticator", is: []error{mfa.ErrNotEnrolled}, next: mfa.ActionEnroll},
	{ops: []mfa.Op{"challenge"}, status: []int{401}, code: "unsupported_challenge_type", text: "The user does not support the requested challenge type (otp). Supported type: oob.", is: []error{mfa.ErrUnsupportedChallenge}, next: mfa.ActionChallenge},
	{ops: []mfa.Op{"challenge"}, status: []int{401}, code: "unsupported_challenge_type", text: "The user does not support any of the requested challenge types (otp). Supported types: oob.", is: []error{mfa.ErrUnsupportedChallenge}, next: mfa.ActionChallenge},
	{ops: []mfa.Op{"challenge"}, status: []int{401}, code: "unsupported_challenge_type", text: "The user does not support the requested challenge type (oob). Currently there is no supported challenge available.", is: []error{mfa.ErrUnsupportedChallenge}, next: mfa.ActionChallenge},
	{ops: []mfa.Op{"challenge"}, status: []int{400, 401}, code: "unsupported_challenge_type", text: `No matching challenge_type for provider \"guardian\". Requested: [otp]. Available: [oob].`, is: []error{mfa.ErrUnsupportedChallenge}, next: mfa.ActionChallenge},
	{ops: []mfa.Op{"challenge"}, status: []int{400, 403}, code: "association_required", text: "User has no authenticator", is: []error{mfa.ErrNotEnrolled}, next: mfa.ActionEnroll},
	{ops: []mfa.Op{"challenge"}, status: []int{400, 404}, code: "invalid_authenticator", text: "whatever", is: []error{mfa.ErrAuthenticatorNotFound}, next: mfa.ActionChallenge},
	{ops: []mfa.Op{"challenge"}, status: []int{400, 404}, code: "authenticator_not_found", text: "whatever", is: []error{mfa.ErrAuthenticatorNotFound}, next: mfa.ActionChallenge},
	{ops: atBearer, status: []int{403}, code: "insufficient_scope", text: "whatever", is: []error{mfa.ErrInvalidRequest}, next: mfa.ActionFix, hint: true},
	{ops: []mfa.Op{"delete authenticator"}, status: []int{404}, code: "not_found", text: "whatever", is: []error{mfa.ErrAuthenticatorNotFound}, next: mfa.ActionNone},
	{ops: atToken, status: []int{400}, code: "invalid_request", text: "Missing required parameter: mfa_token", is: []error{mfa.ErrInvalidRequest}, next: mfa.ActionFix},
	{ops: atToken, status: []int{400}, code: "invalid_request", text: "Missing required parameter: oob_code", is: []error{mfa.ErrInvalidRequest}, next: mfa.ActionFix},
	{ops: atToken, status: []int{400}, code: "invalid_request", text: "Missing required parameter: otp", is: []error{mfa.ErrInvalidRequest}, next: mfa.ActionFix},
	{ops: atToken, status: []int{400}, code: "invalid_request", text: "Missing required parameter: recovery_code", is: []error{mfa.ErrInvalidRequest}, next: mfa.ActionFix},
	{ops: atToken, status: []int{400}, code: "invalid_request", text: "Missing required parameter: binding_code", is: []error{mfa.ErrInvalidRequest}, next: mfa.ActionFix},
	{ops: atToken, status: []int{400}, code: "invalid_request", text: "mfa_token must be a string", is: []error{mfa.ErrInvalidRequest}, next: mfa.ActionFix},
	{ops: atToken, status: []int{400}, code: "invalid_request", text: "oob_code must be a string", is: []error{mfa.ErrInvalidRequest}, next: mfa.ActionFix},
	{ops: atMFACall, status: []int{400, 403}, code: "invalid_request", text: "mfa_token not issued to this client", is: []error{mfa.ErrInvalidRequest}, next: mfa.ActionFix, hint: true},
	{ops: atToken, status: []int{400, 403}, code: "invalid_request", text: "The oob_code doesn't match the mfa_token", is: []error{mfa.ErrInvalidRequest}, next: mfa.ActionFix, hint: true},
	{ops: atToken, status: []int{400}, code: "invalid_request", text: `Unsupported multifactor provider: \"acme\"`, is: []error{mfa.ErrInvalidRequest}, next: mfa.ActionFix, hint: true},
	{ops: []mfa.Op{"password login"}, status: []int{400}, code: "invalid_request", text: "invalid audience specified for password grant exchange", is: []error{mfa.ErrInvalidRequest}, next: mfa.ActionFix},
	{ops: atToken, status: []int{400, 403, 429}, code: "invalid_request", text: "Too many failed codes. Wait for some minutes before retrying.", is: []error{mfa.ErrTooManyAttempts}, next: mfa.ActionWait},
	{ops: atSending, status: []int{400, 403, 429}, code: "invalid_request", text: "Too many SMS sent by the user. Wait for some minutes before retrying.", is: []error{mfa.ErrTooManyMessages}, next: mfa.ActionWait},
	{ops: atSending, status: []int{400, 429}, code: "invalid_request", text: "Too many emails sent by the user. Wait for some minutes before retrying.", is: []error{mfa.ErrTooManyMessages}, next: mfa.ActionWait},
	{ops: atSending[:1], status: []int{400}, code: "invalid_request", text: "The phone number is invalid.", is: []error{mfa.ErrInvalidRequest}, next: mfa.ActionFix},
	{ops: atSending[:1], status: []int{400}, code: "bad_request", text: "The phone number is invalid.", is: []error{mfa.ErrInvalidRequest}, next: mfa.ActionFix},
	{ops: atSending[1:], status: []int{502, 500, 400}, code: "bad_gateway", text: "Error sending SMS.", is: []error{mfa.ErrDeliveryFailed}, next: mfa.ActionRetryLater, hint: true},
	{ops: atSending[1:], status: []int{502}, code: "bad_gateway", text: "Error sending Push Notification.", is: []error{mfa.ErrDeliveryFailed}, next: mfa.ActionRetryLater, hint: true},
	{ops: atSending[1:], status: []int{502}, code: "bad_gateway", text: "There is no available challenge type.", is: []error{mfa.ErrDeliveryFailed}, next: mfa.ActionRetryLater, hint: true},
	{ops: atSending, status: []int{400, 500}, code: "server_error", text: "Error sending email.", is: []error{mfa.ErrDeliveryFailed}, next: mfa.ActionRetryLater, hint: true},
	{ops: atSending, status: []int{400}, code: "server_error", text: "Something went wrong", is: []error{mfa.ErrServer}, next: mfa.ActionRetryLater},
	{ops: atSending, status: []int{500, 502, 504}, code: "server_error", text: "Something went wrong", is: []error{mfa.ErrServer, mfa.ErrOutcomeUnknown}, next: mfa.ActionCheckInbox},
	{ops: []mfa.Op{"list authenticators"}, status: []int{500}, code: "server_error", text: "Something went wrong", is: []error{mfa.ErrServer}, next: mfa.ActionRetryLater},
	{ops: []mfa.Op{"password login"}, status: []int{400}, text: "MFA is not supported using actor_token with the requested token exchange profile.", is: []error{mfa.ErrInvalidRequest}, next: mfa.ActionFix},
	{ops: []mfa.Op{"password login"}, status: []int{400}, code: "invalid_request", text: "MFA is not supported using actor_token with the requested token exchange profile.", is: []error{mfa.ErrInvalidRequest}, next: mfa.ActionFix},
}

// tokenErrors are what the token endpoint answers to anybody.
var tokenErrors = []meaning{
	{status: []int{403}, code: "invalid_grant", text: "Wrong email or password.", is: []error{mfa.ErrInvalidCredentials}, next: mfa.ActionRestartLogin},
	{status: []int{403, 401}, code: "invalid_user_password", text: "Wrong email or password", is: []error{mfa.ErrInvalidCredentials}, next: mfa.ActionRestartLogin},
	{status: []int{403, 401}, code: "invalid_user_password", text: "whatever", is: []error{mfa.ErrInvalidCredentials}, next: mfa.ActionRestartLogin},
	{status: []int{403}, code: "invalid_grant", text: "Unknown or invalid refresh token.", is: []error{mfa.ErrInvalidToken}, next: mfa.ActionRestartLogin},
	{status: []int{401}, code: "access_denied", text: "Unknown or invalid refresh token.", is: []error{mfa.ErrInvalidToken}, next: mfa.ActionRestartLogin},
	{status: []int{401}, code: "access_denied", text: "Unauthorized", is: []error{mfa.ErrInvalidClient}, next: mfa.ActionFix, hint: true},
	{status: []int{401}, code: "invalid_client", text: "Client authentication failed", is: []error{mfa.ErrInvalidClient}, next: mfa.ActionFix, hint: true},
	{status: []int{401, 403}, code: "invalid_client", text: "Unknown client.", is: []error{mfa.ErrInvalidClient}, next: mfa.ActionFix, hint: true},
	{status: []int{403}, code: "unauthorized_client", text: "Grant type 'password' not allowed for the client.", is: []error{mfa.ErrGrantNotAllowed}, next: mfa.ActionFix, hint: true},
	{status: []int{403}, code: "unauthorized_client", text: "Grant type 'http://auth0.com/oauth/grant-type/mfa-oob' not allowed for the client.", is: []error{mfa.ErrGrantNotAllowed}, next: mfa.ActionFix, hint: true},
	{status: []int{400, 501}, code: "unsupported_grant_type", text: "Grant type not supported", is: []error{mfa.ErrGrantNotAllowed}, next: mfa.ActionFix, hint: true},
	{status: []int{500}, code: "server_error", text: "Authorization server not configured with default connection.", is: []error{mfa.ErrServer, mfa.ErrOutcomeUnknown}, next: mfa.ActionRetryLater, hint: true},
	{status: []int{403}, code: "access_denied", text: "Service not found: https://api.example.com", is: []error{mfa.ErrInvalidRequest}, next: mfa.ActionFix, hint: true},
	{status: []int{401}, code: "unauthorized", text: "user is blocked", is: []error{mfa.ErrBlocked}, next: mfa.ActionAbort},
	{status: []int{401}, code: "password_leaked", text: "This login attempt has been blocked because the password you're using was previously disclosed through a data breach.", is: []error{mfa.ErrBlocked}, next: mfa.ActionAbort},
	{status: []int{401}, code: "requires_verification", text: "Suspicious request requires verification", is: []error{mfa.ErrBlocked}, next: mfa.ActionAbort},
	{status: []int{401}, code: "requires_validation", text: "Suspicious request requires verification", is: []error{mfa.ErrBlocked}, next: mfa.ActionAbort},
	{status: []int{429}, code: "too_many_attempts", text: "Your account has been blocked after multiple consecutive login attempts.", is: []error{mfa.ErrTooManyAttempts}, next: mfa.ActionWait, hint: true},
	{status: []int{429}, code: "too_many_logins", text: "whatever", is: []error{mfa.ErrTooManyAttempts}, next: mfa.ActionWait},
	{status: []int{429}, code: "too_many_requests", text: "Rate limit exceeded.", is: []error{mfa.ErrRateLimited}, next: mfa.ActionWait},
	{status: []int{429}, code: "too_many_requests", text: "Too many requests. Check the X-RateLimit-* headers.", is: []error{mfa.ErrRateLimited}, next: mfa.ActionWait},
	{status: []int{429}, code: "too_many_requests", text: "Rate limit exceeded. Please retry after some time.", is: []error{mfa.ErrRateLimited}, next: mfa.ActionWait},
	{status: []int{403}, code: "invalid_grant", text: "You've reached the maximum number of attempts. Please try to login again.", is: []error{mfa.ErrTooManyAttempts}, next: mfa.ActionWait},
	{status: []int{400}, code: "invalid_request", text: "whatever", is: []error{mfa.ErrInvalidRequest}, next: mfa.ActionFix},
	{status: []int{400}, code: "invalid_scope", text: "whatever", is: []error{mfa.ErrInvalidRequest}, next: mfa.ActionFix},
	{status: []int{404}, code: "endpoint_disabled", text: "whatever", is: []error{mfa.ErrInvalidRequest}, next: mfa.ActionFix},
	{status: []int{405}, code: "method_not_allowed", text: "whatever", is: []error{mfa.ErrInvalidRequest}, next: mfa.ActionFix},
	{status: []int{400, 401}, code: "use_dpop_nonce", text: "Authorization server requires nonce in DPoP proof", is: []error{mfa.ErrInvalidRequest}, next: mfa.ActionFix, hint: true},
	{status: []int{503}, code: "temporarily_unavailable", text: "whatever", is: []error{mfa.ErrServer}, next: mfa.ActionRetryLater},
	{status: []int{500}, code: "temporarily_unavailable", text: "whatever", is: []error{mfa.ErrServer}, next: mfa.ActionRetryLater},
}

func TestError_meanings(t *testing.T) {
	t.Parallel()
	for _, m := range mfaErrors {
		for _, op := range m.ops {
			testMeaning(t, m, operationNamed(op))
		}
	}
	for _, m := range tokenErrors {
		testMeaning(t, m, operationNamed("password login"))
	}
}

func testMeaning(t *testing.T, m meaning, op operation) {
	for _, status := range m.status {
		t.Run(fmt.Sprintf("%v/%d/%s/%.40s", op, status, m.code, m.text), func(t *testing.T) {
			t.Parallel()
			tenant := newTenant(t, refusal(status, m.code, m.text))

			e, err := op.fails(t, t.Context(), tenant.client(t))

			assertMeans(t, err, m.is...)
			assert.Equal(t, m.next, mfa.NextAction(err))
			assert.Equal(t, m.code, e.Code)
			assert.Equal(t, status, e.StatusCode)
			assert.Equal(t, mfa.DeliveryAnswered, e.Delivery)
			assert.Equal(t, m.hint, e.Hint() != "")
			assert.Len(t, tenant.requests(), 1)

			// In a fake of the caller's it means the same.
			byHand := &mfa.Error{Op: e.Op, StatusCode: status, Code: m.code, Description: e.Description}
			assertMeans(t, byHand, m.is...)
			assert.Equal(t, m.next, mfa.NextAction(fmt.Errorf("login: %w", byHand)))
		})
	}
}
