package mfa

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/go-auth0-mfa/mfa/internal/input"
	"github.com/go-auth0-mfa/mfa/internal/redact"
	"github.com/go-auth0-mfa/mfa/internal/transport"
)

// sentinel is an error to match with errors.Is. Its parent, if any, matches too.
type sentinel struct {
	text   string
	parent error
	next   Action
}

func (s *sentinel) Error() string { return "mfa: " + s.text }
func (s *sentinel) Unwrap() error { return s.parent }

// The errors to match with errors.Is, one variable for each different reaction.
// [NextAction] turns each into something that a login page can do.
var (
	// ErrMFARequired means that the login, or one factor of several, succeeded and
	// that another factor is due. It comes from [Client.PasswordLogin], every verify
	// call and [ParseError], as a [*RequiredError] that carries the mfa_token.
	ErrMFARequired error = &sentinel{text: "multi-factor authentication is required", next: ActionVerifyMFA}

	// ErrAlreadyEnrolled means that the user has an active authenticator, so that an
	// mfa_token cannot enroll another. Challenge that one. It comes from
	// [Client.Associate].
	ErrAlreadyEnrolled error = &sentinel{text: "user is already enrolled", next: ActionChallenge}
	// ErrNotEnrolled means that the user has no authenticator for what was asked.
	ErrNotEnrolled error = &sentinel{text: "user is not enrolled", next: ActionEnroll}
	// ErrUnsupportedChallenge means that the user or the tenant does not support the
	// challenge type. It comes from [Client.Challenge].
	ErrUnsupportedChallenge error = &sentinel{text: "challenge type is not supported", next: ActionChallenge}
	// ErrAuthenticatorNotFound means that there is no such authenticator, or that it
	// is another user's. After [Client.DeleteAuthenticator] there is nothing left to do.
	ErrAuthenticatorNotFound error = &sentinel{text: "authenticator was not found", next: ActionChallenge}

	// ErrInvalidCode means that the one-time code or recovery code is wrong, was used
	// before, or is older than its 5 minutes. The challenge is still valid: ask again,
	// and offer to send another code. Auth0 accepts 10 wrong codes, then one every 6
	// minutes.
	ErrInvalidCode error = &sentinel{text: "code is wrong", next: ActionAskAgain}
	// ErrInvalidToken means that the mfa_token, oob_code or access token is damaged,
	// expired, or of the wrong kind for the call; see [Error.Hint].
	ErrInvalidToken error = &sentinel{text: "token is invalid", next: ActionRestartLogin}
	// ErrTokenExpired means that the mfa_token is too old. The user must log in again.
	ErrTokenExpired error = &sentinel{text: "token is expired", next: ActionRestartLogin}
	// ErrChallengeExpired means that the oob_code or the code is too old. Challenge
	// again, with the same mfa_token.
	ErrChallengeExpired error = &sentinel{text: "challenge is expired", next: ActionResend}

	// ErrRateLimited means that Auth0, or a [Limiter], refuses for now; see
	// [Error.RetryAfter]. It comes from every call.
	ErrRateLimited error = &sentinel{text: "rate limit is reached", next: ActionWait}
	// ErrTooManyAttempts means that there were too many wrong codes or logins. It is
	// an [ErrRateLimited] as well.
	ErrTooManyAttempts error = &sentinel{text: "too many attempts", parent: ErrRateLimited, next: ActionWait}
	// ErrTooManyMessages means that too many codes were sent to this user: 20 e-mails,
	// then one per minute. It is an [ErrRateLimited] as well, and comes from
	// [Client.Challenge] and [Client.Associate].
	ErrTooManyMessages error = &sentinel{text: "too many messages were sent", parent: ErrRateLimited, next: ActionWait}

	// ErrAuthorizationPending means that the user has not reacted to the push
	// notification yet. Poll again after a few seconds. It comes from [Client.PollPush].
	ErrAuthorizationPending error = &sentinel{text: "authorization is pending", next: ActionPoll}
	// ErrSlowDown means that the client polled too often. Wait longer from now on. It
	// comes from [Client.PollPush].
	ErrSlowDown error = &sentinel{text: "polled too often", next: ActionPoll}
	// ErrRejected means that the user rejected the push notification. This challenge
	// is over.
	ErrRejected error = &sentinel{text: "authorization was rejected", next: ActionResend}
	// ErrDeliveryFailed means that Auth0 could not pass the message to its provider. It
	// comes from [Client.Challenge] and [Client.Associate].
	ErrDeliveryFailed error = &sentinel{text: "message could not be sent", next: ActionRetryLater}

	// ErrInvalidCredentials means that the user name or the password is wrong. It
	// comes from [Client.PasswordLogin].
	ErrInvalidCredentials error = &sentinel{text: "credentials are wrong", next: ActionRestartLogin}
	// ErrBlocked means that the login is denied: the user is blocked, the password is
	// leaked or has to be changed, the login looks automated, or an Action or a
	// Rule of the tenant denied it. Then Description has the tenant's own words, for
	// the log. Trying again does not help.
	ErrBlocked error = &sentinel{text: "login is blocked", next: ActionAbort}
	// ErrInvalidClient means that the client ID, secret or assertion is wrong.
	ErrInvalidClient error = &sentinel{text: "client authentication failed", next: ActionFix}
	// ErrGrantNotAllowed means that the application may not use the grant. Enable it in
	// the application's settings.
	ErrGrantNotAllowed error = &sentinel{text: "grant is not allowed for the application", next: ActionFix}

	// ErrInvalidRequest means that the request is wrong. If it was refused here, before
	// anything was sent, [Error.Fields] names what is wrong. Otherwise Auth0 refused it.
	ErrInvalidRequest error = &sentinel{text: "request is invalid", next: ActionFix}
	// ErrServer means that Auth0 failed: a status of 500 or above, or a code that says so.
	// It comes from every call.
	ErrServer error = &sentinel{text: "server failed", next: ActionRetryLater}
	// ErrUnexpectedResponse means that the response does not come from Auth0's API: it
	// is a redirect, or a success that is a page of HTML or lacks a required field. A
	// refusal (4xx) of that kind matches no variable, unless its status or size says
	// what it is.
	ErrUnexpectedResponse error = &sentinel{text: "response is not what the API sends", next: ActionRetryLater}
	// ErrOutcomeUnknown means that the call may have acted: a message may have been sent
	// or a code spent, but no response says so. Do not blindly repeat the call.
	ErrOutcomeUnknown error = &sentinel{text: "outcome is unknown", next: ActionRetryLater}
)

// Error is a failure of a call: a request that a local check refused, a request
// without a complete response, or any response other than success. Match it with
// errors.Is against the Err… variables, or ask [NextAction]. It matches one of them,
// with two exceptions: a request without a response that cannot have acted, and a 4xx
// response that this package does not recognize.
//
// What an Error means is computed from Op, Delivery, StatusCode, Code,
// Description and Fields, so an Error made by hand in a test means the same as one
// that came from Auth0.
//
// Error deliberately has no Unwrap method: code that walks and prints error chains
// must not reach text chosen by a server. errors.Is and errors.As do reach the
// cause: context.Canceled, context.DeadlineExceeded, *net.DNSError and others.
type Error struct {
	// Op is the operation. It is empty only in an error of [ParseError] and in one made by
	// hand.
	Op Op
	// Delivery tells how far the request came.
	Delivery Delivery
	// StatusCode is the HTTP status. If zero, no complete response arrived.
	StatusCode int
	// Code is Auth0's error code, without control characters and at most 64 bytes long.
	// It is empty if the response has none.
	Code string
	// Description is Auth0's text. It has at most 200 bytes, no control characters and
	// nothing that this call sent: no secret, and not the user's name or address. It is
	// meant for logs, not for end users, and is not part of [Error.Error].
	//
	// Of an [ErrBlocked] it can be the tenant's own: what an Action, a Rule or a database
	// script says, or how it crashed. Such a text can hold anything that those know of the
	// user.
	Description string
	// Fields lists the request fields that a local check refused, by Go name
	// ("BindingCode"). It is nil if the request was sent.
	Fields []string
	// RequestID is Auth0's ID of the request, for its support. It is empty if the
	// response has none.
	RequestID string
	// RetryAfter is how long Auth0, or the [Limiter], asks to wait, at most 24 hours. If
	// zero, it does not say.
	RetryAfter time.Duration

	refused fieldErrors // what is wrong with Fields
	problem string      // what is wrong with a response that looked like a success
	noToken bool        // mfa_required came without an mfa_token
	limited bool        // by a Limiter
	body    bodyKind
	cause   *cause
}

// bodyKind tells what the body of a response was written in.
type bodyKind int

const (
	bodyUnknown bodyKind = iota
	bodyJSON
	bodyHTML
)

// isJSON reports whether the body was JSON. Only from JSON a code or a text can
// come, so they tell in an error made by hand.
func (e *Error) isJSON() bool { return e.body == bodyJSON || e.Code != "" || e.Description != "" }

// cause hides the underlying error behind a func, which no printer calls. An error has a
// pointer to it, because reflect.DeepEqual finds no func equal to itself.
type cause func() error

func causedBy(err error) *cause {
	c := cause(func() error { return err })
	return &c
}

// Error returns a sentence in this package's own words, with the status and the
// code: "mfa: associate: user is already enrolled (HTTP 403, access_denied)". It
// holds nothing else of the response, and the code only if it has the form of one.
// The wording may change.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("mfa: ")
	if e.Op != "" {
		b.WriteString(string(e.Op) + ": ")
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
	switch is := e.meaning().sentinel; {
	case len(e.refused) > 0:
		problems := make([]string, len(e.refused))
		for i, one := range e.refused {
			problems[i] = one.field + " " + one.problem
		}
		return strings.Join(problems, ", ")
	case len(e.Fields) > 0:
		return "refused " + strings.Join(e.Fields, ", ")
	case is == ErrUnexpectedResponse && e.problem != "":
		return "the response " + e.problem
	case is != nil:
		return strings.TrimPrefix(is.Error(), "mfa: ")
	case !e.unanswered():
		return "refused"
	case e.Delivery == DeliveryNotSent:
		return "the request was not sent" + e.why()
	default:
		return "no complete response arrived" + e.why()
	}
}

// why names the cause, if it is a usual one.
func (e *Error) why() string {
	var (
		lookup      *net.DNSError
		certificate *tls.CertificateVerificationError
		proxy       *transport.ProxyError
	)
	switch {
	case e.Is(context.Canceled):
		return ", canceled"
	case e.Is(context.DeadlineExceeded):
		return ", out of time"
	case e.As(&lookup):
		return ", the name of the host was not resolved"
	case e.As(&certificate):
		return ", the certificate of the host is not trusted"
	case e.Is(syscall.ECONNREFUSED):
		return ", the connection was refused"
	case e.As(&proxy):
		return ", the proxy refused to connect (HTTP " + strconv.Itoa(proxy.Status) + ")"
	case e.Is(transport.ErrRepeats):
		return ", and the transport repeats requests by itself"
	default:
		return ""
	}
}

// Format prints [Error.Error], whatever the verb and its flags.
func (e *Error) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, e.Error()) }

// Is reports whether the error means target, one of this package's Err… variables,
// or was caused by it.
func (e *Error) Is(target error) bool {
	if target == ErrOutcomeUnknown {
		return e.outcomeUnknown()
	}
	return errors.Is(e.meaning().sentinel, target) || e.cause != nil && errors.Is((*e.cause)(), target)
}

// As finds the cause of a failed request, such as *net.DNSError or
// *tls.CertificateVerificationError. Their texts can quote the server.
func (e *Error) As(target any) bool {
	if s, ok := target.(**sentinel); ok {
		if is, ok := e.meaning().sentinel.(*sentinel); ok {
			*s = is
			return true
		}
	}
	return e.cause != nil && errors.As((*e.cause)(), target)
}

// Hint says what to check in the Auth0 dashboard or in the code, for errors that a
// setting or a mix-up of tokens usually causes. It is "" for all others.
func (e *Error) Hint() string {
	switch m := e.meaning(); {
	case e.noToken:
		return hintNoToken
	case m.hint == "" && e.body == bodyHTML:
		return hintHTML
	default:
		return m.hint
	}
}

// unanswered reports whether the request got no response. An error with a code was
// answered, also one made by hand without a status.
func (e *Error) unanswered() bool {
	return e.StatusCode == 0 && e.Code == "" && len(e.Fields) == 0
}

// outcomeUnknown reports whether a call that acts may have acted.
func (e *Error) outcomeUnknown() bool {
	switch {
	case e.Op == OpListAuthenticators || e.Op == OpWarm:
		return false
	case e.unanswered():
		return e.Delivery == DeliveryUnknown
	default:
		// Auth0 sends 503 before it acts.
		return e.StatusCode >= 500 && e.StatusCode != http.StatusServiceUnavailable &&
			e.meaning().sentinel == ErrServer && e.Code != "temporarily_unavailable" && e.Code != "bad_gateway"
	}
}

// RequiredError means that the login is not done: another factor is due. It matches
// [ErrMFARequired], also when made by hand.
type RequiredError struct {
	// Err is the response behind it; nil in a RequiredError made by hand.
	Err *Error
	// MFAToken is the token to continue with, for 10 minutes. It is zero if Auth0 sent
	// none. That happens when an Action asks for MFA on a password login, but "Customize
	// MFA Factors using Actions" is off in the tenant. Then the login cannot be completed,
	// and [NextAction] returns [ActionFix].
	//
	// See https://support.auth0.com/center/s/article/Custom-MFA-via-Actions-and-ROP-flow-does-not-return-an-mfa-token
	MFAToken Secret
	// Requirements says which factors Auth0 accepts. It is zero on most tenants.
	Requirements Requirements

	// A pointer to a func, for the reasons of cause; nil after ParseError.
	login *func() *input.Login
}

// Error returns the text of Err, and says so if the mfa_token is missing.
func (e *RequiredError) Error() string {
	text := e.Unwrap().Error()
	if e.MFAToken.IsZero() {
		text += ", but no mfa_token came with it"
	}
	return text
}

// Unwrap returns Err, or [ErrMFARequired] if Err is nil.
func (e *RequiredError) Unwrap() error {
	if e.Err == nil {
		return ErrMFARequired
	}
	return e.Err
}

// Is makes every RequiredError match [ErrMFARequired].
func (e *RequiredError) Is(target error) bool { return target == ErrMFARequired }

// As finds what the login was made with, for package flow.
func (e *RequiredError) As(target any) bool {
	note, ok := target.(**input.Login)
	if !ok || e.login == nil {
		return false
	}
	*note = (*e.login)()
	return true
}
