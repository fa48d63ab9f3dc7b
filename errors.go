package mfa

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/go-auth0-mfa/mfa/internal/redact"
)

// Error is every failure of this package: a local check that refused a
// request, a request that got no complete answer, and whatever Auth0 answered
// other than success. Match it with errors.Is against the Err… variables, or
// ask [NextAction].
//
// What an Error means is computed from Op, StatusCode, Code and Description,
// so an Error made by hand in a test means the same as one off the wire.
//
// Error has no Unwrap method, so that code which walks and prints error chains
// meets nothing that a server chose. errors.Is and errors.As do reach the
// cause: context.Canceled, context.DeadlineExceeded, *net.DNSError and others.
type Error struct {
	// Op is the operation: "associate", "list authenticators", "delete
	// authenticator", "challenge", "verify oob", "verify otp", "verify recovery
	// code", "poll push", "password login", "warm", or "new client".
	Op string
	// Delivery tells where the request stood.
	Delivery Delivery
	// StatusCode is the HTTP status; 0: no complete answer arrived.
	StatusCode int
	// Code is Auth0's error code, without control characters and at most 64
	// bytes long; "" when the answer named none.
	Code string
	// Description is Auth0's text, or the standard text of the status: without
	// control characters and the values of this call, at most 200 bytes. It is
	// meant for logs, not for end users, and is not part of [Error.Error].
	Description string
	// Fields are the request fields that a local check refused, by Go name
	// ("BindingCode"); nil when the request was sent.
	Fields []string
	// RequestID is Auth0's id of the request, to quote to its support; "" when
	// the answer carried none.
	RequestID string
	// RetryAfter is how long Auth0 asks to wait, at most 24 hours; 0: unknown.
	RetryAfter time.Duration

	refused refusals // what is wrong with Fields
	cause   *cause
}

// cause keeps the error behind an [Error] out of reach of printers, which
// follow an interface but not a pointer.
type cause struct{ err error }

// Error returns a sentence in this package's own words, with the status and
// the code: "mfa: associate: user is already enrolled (HTTP 403,
// access_denied)". It holds nothing that a server or a user chose. The wording
// may change.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("mfa: ")
	if e.Op != "" {
		b.WriteString(e.Op + ": ")
	}
	b.WriteString(e.words())
	var details []string
	if e.StatusCode != 0 {
		details = append(details, "HTTP "+strconv.Itoa(e.StatusCode))
	}
	if redact.IsCode(e.Code) {
		details = append(details, e.Code)
	}
	if details != nil {
		b.WriteString(" (" + strings.Join(details, ", ") + ")")
	}
	return b.String()
}

// words says in a few words what went wrong.
func (e *Error) words() string {
	switch is := e.meaning().is; {
	case len(e.refused) > 0:
		problems := make([]string, len(e.refused))
		for i, one := range e.refused {
			problems[i] = one.field + " " + one.problem
		}
		return strings.Join(problems, ", ")
	case len(e.Fields) > 0:
		return "refused " + strings.Join(e.Fields, ", ")
	case is != nil:
		return strings.TrimPrefix(is.Error(), "mfa: ")
	case !e.unanswered():
		return "refused"
	case e.Delivery == DeliveryNotSent:
		return "the request was not sent" + e.ended()
	default:
		return "no complete answer arrived" + e.ended()
	}
}

// ended names the end of the context as the cause.
func (e *Error) ended() string {
	switch {
	case e.Is(context.Canceled):
		return ", canceled"
	case e.Is(context.DeadlineExceeded):
		return ", out of time"
	default:
		return ""
	}
}

// Format prints [Error.Error], whatever the verb and its flags.
func (e *Error) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, e.Error()) }

// Is reports whether the error means target, one of this package's Err…
// variables, or was caused by it.
func (e *Error) Is(target error) bool {
	if target == ErrOutcomeUnknown {
		return e.outcomeUnknown()
	}
	return errors.Is(e.meaning().is, target) || e.cause != nil && errors.Is(e.cause.err, target)
}

// As finds the cause of a failed request, such as *net.DNSError or
// *tls.CertificateVerificationError. Their texts can quote the server.
func (e *Error) As(target any) bool { return e.cause != nil && errors.As(e.cause.err, target) }

// Hint says what to check in the Auth0 dashboard or in the code, for errors
// that a setting or a mix-up of tokens usually causes; "" for all others.
func (e *Error) Hint() string { return e.meaning().hint }

// unanswered reports whether the request failed without an answer. An error
// with a code was answered, also one made by hand without a status.
func (e *Error) unanswered() bool {
	return e.StatusCode == 0 && e.Code == "" && len(e.Fields) == 0
}

// outcomeUnknown reports whether a call that acts may have acted.
func (e *Error) outcomeUnknown() bool {
	switch {
	case e.Op == opList || e.Op == opWarm:
		return false
	case e.unanswered():
		return e.Delivery == DeliveryUnknown
	default:
		// Auth0 sends 503 before it acts.
		return e.StatusCode >= 500 && e.StatusCode != 503 && e.meaning().is == ErrServer && e.Code != "temporarily_unavailable"
	}
}

// meaning is a row of the table: what an answer must look like to mean is.
type meaning struct {
	op       string // "": any
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
	{op: opVerifyRecoveryCode, text: "mfa authorization rejected", is: ErrInvalidCode},
	{text: "mfa authorization rejected", is: ErrRejected},
	{text: "too many failed codes", is: ErrTooManyAttempts},
	{text: "too many*sent by the user", is: ErrTooManyMessages},
	{text: "phone number is invalid", is: ErrInvalidRequest},

	// Tokens. The oob_code comes first: its texts name the mfa_token as well.
	{text: "oob_code doesn't match the mfa_token", is: ErrInvalidRequest,
		hint: "verify with the mfa_token that the challenge or the enrolment was made with"},
	{code: "expired_token", text: "mfa_token", is: ErrTokenExpired},
	{code: "expired_token", text: "_code", is: ErrChallengeExpired},
	{code: "expired_token", is: ErrTokenExpired},
	{text: "malformed mfa_token", is: ErrInvalidToken,
		hint: "challenge and verify take the opaque mfa_token of mfa_required, not the access token (JWT) for the MFA audience; only an enrolment made with that access token is confirmed with it"},
	{text: "malformed oob_code", is: ErrInvalidToken,
		hint: "use the oob_code of the newest challenge or enrolment, unchanged"},
	{op: opDelete, text: "mfa_token provided is invalid", is: ErrInvalidToken,
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
	{op: opDelete, from: 404, to: 404, is: ErrAuthenticatorNotFound},
	{from: 429, to: 429, is: ErrRateLimited},
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
