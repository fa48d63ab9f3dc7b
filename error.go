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

	"github.com/go-auth0-mfa/mfa/internal/redact"
)

// Error is every failure of this package: a local check that refused a
// request, a request that got no complete answer, and whatever Auth0 answered
// other than success. Match it with errors.Is against the Err… variables, or
// ask [NextAction].
//
// What an Error means is computed from Op, Delivery, StatusCode, Code,
// Description and Fields, so an Error made by hand in a test means the same as
// one off the wire.
//
// Error has no Unwrap method, so that code which walks and prints error chains
// meets nothing that a server chose. errors.Is and errors.As do reach the
// cause: context.Canceled, context.DeadlineExceeded, *net.DNSError and others.
type Error struct {
	// Op is the operation; "" if unknown, in an error made by hand.
	Op Op
	// Delivery tells where the request stood.
	Delivery Delivery
	// StatusCode is the HTTP status; 0: no complete answer arrived.
	StatusCode int
	// Code is Auth0's error code, without control characters and at most 64
	// bytes long; "" when the answer named none.
	Code string
	// Description is Auth0's text, or the standard text of the status: without
	// control characters, the secrets of this call and what identifies its user, at
	// most 200 bytes. It is meant for logs, not for end users, and is not part of
	// [Error.Error].
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
// access_denied)". Of the answer it holds no more than these two, and the code
// only if it has the form of one. The wording may change.
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
		return "the request was not sent" + e.why()
	default:
		return "no complete answer arrived" + e.why()
	}
}

// why names the cause, if it is a usual one.
func (e *Error) why() string {
	var (
		lookup      *net.DNSError
		certificate *tls.CertificateVerificationError
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
	case e.Op == OpListAuthenticators || e.Op == OpWarm:
		return false
	case e.unanswered():
		return e.Delivery == DeliveryUnknown
	default:
		// Auth0 sends 503 before it acts.
		return e.StatusCode >= 500 && e.StatusCode != http.StatusServiceUnavailable && e.meaning().is == ErrServer && e.Code != "temporarily_unavailable"
	}
}

// RequiredError says that the login is not done: another factor is due. It
// matches [ErrMFARequired], also when made by hand.
type RequiredError struct {
	// Err is the answer behind it; nil in a RequiredError made by hand.
	Err *Error
	// MFAToken is the token to go on with, for 10 minutes. It is zero when Auth0
	// sent none, which happens when an Action asks for MFA on a password login
	// and the tenant does not have customised MFA factors switched on: then the
	// login cannot be completed, and [NextAction] says [ActionFix].
	//
	// See https://support.auth0.com/center/s/article/Custom-MFA-via-Actions-and-ROP-flow-does-not-return-an-mfa-token
	MFAToken Secret
	// Requirements says which factors Auth0 takes; zero on most tenants.
	Requirements Requirements
}

// Error returns the text of Err, and says so when the mfa_token is missing.
func (e *RequiredError) Error() string {
	text := e.Unwrap().Error()
	if e.MFAToken.IsZero() {
		text += ", but no mfa_token came with it"
	}
	return text
}

// Unwrap returns Err, or [ErrMFARequired] when Err is nil.
func (e *RequiredError) Unwrap() error {
	if e.Err == nil {
		return ErrMFARequired
	}
	return e.Err
}

// Is makes every RequiredError match [ErrMFARequired].
func (e *RequiredError) Is(target error) bool { return target == ErrMFARequired }
