package mfa

import (
	"bytes"
	"cmp"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/go-auth0-mfa/mfa/internal/input"
	"github.com/go-auth0-mfa/mfa/internal/redact"
	"github.com/go-auth0-mfa/mfa/internal/transport"
)

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

// ParseError turns the answer to a login made with another library, such as
// golang.org/x/oauth2, into what [Client.PasswordLogin] would have returned
// for it: a [*RequiredError] or an [*Error]. It returns nil for a success: a
// 2xx status with an empty body or a JSON object without an error. [Error.Op]
// is "password login", whatever the grant was.
//
// With golang.org/x/oauth2, set Endpoint.AuthStyle: its default takes any
// refusal, mfa_required too, for a sign to send the password again in another
// style.
//
// The values of that login are not known here. If the server may quote them,
// do not log [Error.Description].
func ParseError(statusCode int, header http.Header, body []byte) error {
	out := transport.Outcome{Status: statusCode, Header: header, RetryAfter: transport.RetryAfter(statusCode, header)}
	if len(body) <= transport.MaxBody {
		out.Body = body
	}
	succeeded := statusCode >= 200 && statusCode <= 299
	if succeeded && (len(body) == 0 || isObjectWithoutError(out.Body)) {
		return nil
	}
	return newError(opPasswordLogin, out, nil)
}

// errorWire is every shape in which Auth0 and what stands before it report
// errors. Members are read raw, because each has been seen with another type.
type errorWire struct {
	ErrorCode        jsontext.Value `json:"errorCode"`
	Error            jsontext.Value `json:"error"`
	Code             jsontext.Value `json:"code"`
	Name             jsontext.Value `json:"name"`
	ErrorDescription jsontext.Value `json:"error_description"`
	Description      jsontext.Value `json:"description"`
	Message          jsontext.Value `json:"message"`
	MFAToken         jsontext.Value `json:"mfa_token"`
	MFARequirements  jsontext.Value `json:"mfa_requirements"`
}

// newError makes the error for an outcome other than success: a
// [*RequiredError] if that is its meaning, else an [*Error]. The private
// values of the call are kept out of it.
func newError(op string, out transport.Outcome, private []string) error {
	var refused refusal
	if errors.As(out.Err, &refused) {
		return refusals{refused}.err(op)
	}
	e := &Error{Op: op, StatusCode: out.Status, RetryAfter: out.RetryAfter, Delivery: deliveryOf(out)}
	switch {
	case errors.Is(out.Err, transport.ErrUnusable):
		e.cause = &cause{ErrUnexpectedResponse} // whatever the status
	case out.Err != nil:
		e.cause = &cause{out.Err}
	}
	if out.Status == 0 {
		return e
	}
	e.RequestID = requestID(out.Header, private)

	var wire errorWire
	if unmarshal(out.Body, &wire, jsontext.AllowInvalidUTF8(true)) != nil {
		wire = errorWire{} // it may be filled half
	}
	token := stringIn(wire.MFAToken)
	private = append(slices.Clone(private), token)
	code, description := wire.reading(out.Status)
	if isKnownCode(code) {
		e.Code = code
	} else {
		e.Code = redact.Code(code, private)
	}
	e.Description = redact.Visible(description)
	meant := e.meaning()
	e.Description = redact.Text(description, private)
	if e.meaning() != meant {
		// The sentence lost its known part, because it is long or because the user
		// typed a word of it: keep that part.
		e.Description = meant.text
	}
	if meant.is != ErrMFARequired {
		return e
	}
	required := &RequiredError{Err: e, Requirements: requirementsIn(wire.MFARequirements)}
	if input.Token(token) == "" {
		required.MFAToken = NewSecret(token)
	}
	return required
}

// reading picks code and text out of whichever shape came.
func (w errorWire) reading(status int) (code, text string) {
	reason := http.StatusText(status)
	title := stringIn(w.Error)
	if title == reason {
		title = ""
	}
	if strings.Contains(title, " ") { // old endpoints put a sentence there
		text, title = title, ""
	}
	code = cmp.Or(stringIn(w.ErrorCode), title, stringIn(w.Code), stringIn(w.Name))
	text = cmp.Or(stringIn(w.ErrorDescription), textIn(w.Description), stringIn(w.Message), text, reason)
	return code, text
}

// isKnownCode reports whether the table knows the code. Such a code holds no
// value of the call, even if the user typed a part of it.
func isKnownCode(code string) bool {
	return slices.ContainsFunc(meanings, func(m meaning) bool { return m.code == code })
}

// deliveryOf tells where the request stood.
func deliveryOf(out transport.Outcome) Delivery {
	switch {
	case out.Status != 0:
		return DeliveryAnswered
	case out.NotSent:
		return DeliveryNotSent
	default:
		return DeliveryUnknown
	}
}

// requestID returns the id under which Auth0 or what stands before it logged
// the request, unless it holds a value of the call.
func requestID(h http.Header, private []string) string {
	for _, name := range []string{"X-Auth0-Requestid", "X-Request-Id", "Cf-Ray"} {
		if id := redact.RequestID(h.Get(name)); id != "" && redact.Code(id, private) == id {
			return id
		}
	}
	return ""
}

// requirementsIn reads mfa_requirements: lists of objects with a type or of
// plain names, and a list that one page of the documentation calls challenge_types.
func requirementsIn(raw jsontext.Value) Requirements {
	var wire struct {
		Challenge      jsontext.Value `json:"challenge"`
		ChallengeTypes jsontext.Value `json:"challenge_types"`
		Enroll         jsontext.Value `json:"enroll"`
	}
	if json.Unmarshal(raw, &wire) != nil {
		return Requirements{}
	}
	challenge := namesIn(wire.Challenge)
	if challenge == nil {
		challenge = namesIn(wire.ChallengeTypes)
	}
	return Requirements{Challenge: challenge, Enroll: namesIn(wire.Enroll)}
}

// namesIn returns the names in a list, nil if there is no list. What has not the
// form of a name, and so may be a value of the call, is left out.
func namesIn(raw jsontext.Value) []string {
	var items []jsontext.Value
	if raw == nil || json.Unmarshal(raw, &items) != nil || items == nil {
		return nil
	}
	names := make([]string, 0, len(items))
	for _, item := range items {
		var object struct {
			Type string `json:"type"`
		}
		name := stringIn(item)
		if name == "" && json.Unmarshal(item, &object) == nil {
			name = object.Type
		}
		if redact.IsCode(strings.ReplaceAll(name, "-", "_")) {
			names = append(names, name)
		}
	}
	return names
}

// isObjectWithoutError reports whether body is a JSON object that reports no error.
func isObjectWithoutError(body []byte) bool {
	var wire struct {
		Error jsontext.Value `json:"error"`
	}
	return jsontext.Value(body).Kind() == '{' && unmarshal(body, &wire) == nil && isAbsent(wire.Error)
}

// maxBrackets bounds the objects and lists of an answer. The longest one that
// Auth0 sends has 52; a decoder keeps a kilobyte for each level of a deep one.
const maxBrackets = 1024

// errTooManyBrackets is returned for an answer made to cost memory.
var errTooManyBrackets = errors.New("mfa: too many objects or lists in an answer")

// unmarshal decodes an answer.
func unmarshal(body []byte, v any, opts ...json.Options) error {
	if bytes.Count(body, []byte{'{'})+bytes.Count(body, []byte{'['}) > maxBrackets {
		return errTooManyBrackets
	}
	return json.Unmarshal(body, v, opts...)
}

// isAbsent reports whether a member is missing or null.
func isAbsent(raw jsontext.Value) bool { return len(raw) == 0 || raw.Kind() == 'n' }

// stringIn returns the string that raw is, "" if it is none.
func stringIn(raw jsontext.Value) string {
	if raw.Kind() != '"' {
		return ""
	}
	// All that can be wrong with a string off the wire is its UTF-8, and then
	// the text holds replacement characters.
	text, _ := jsontext.AppendUnquote(nil, raw)
	return string(text)
}

// textIn returns the string that raw is, else raw itself, with the fewest
// escapes: a description may be an object.
func textIn(raw jsontext.Value) string {
	if raw.Kind() == '"' || isAbsent(raw) {
		return stringIn(raw)
	}
	raw = raw.Clone()
	if raw.Canonicalize() != nil {
		return ""
	}
	return string(raw)
}
