package mfa

import (
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

// ParseError converts the response to a login made with another library, such as
// golang.org/x/oauth2. It returns what [Client.PasswordLogin] would have returned: a
// [*RequiredError] or an [*Error]. It returns nil for a success, which is a 2xx status
// with an empty body, or with a JSON object of at most 256 KiB without an error.
// [Error.Op] is [OpPasswordLogin], whatever the grant was.
//
// With golang.org/x/oauth2, set Endpoint.AuthStyle. By default x/oauth2 responds to any
// refusal, even mfa_required, by sending the password again in another style.
//
// ParseError does not know the values of that login. If the server may quote them, do
// not log [Error.Description].
func ParseError(statusCode int, header http.Header, body []byte) error {
	out := transport.Outcome{Status: statusCode, Header: header, RetryAfter: transport.RetryAfter(statusCode, header)}
	if len(body) <= transport.MaxBody {
		out.Body = body
	}
	succeeded := statusCode >= 200 && statusCode <= 299
	if succeeded && (len(body) == 0 || isObjectWithoutError(out.Body)) {
		return nil
	}
	_, problem := readToken(statusCode, out.Body)
	return newError(OpPasswordLogin, out, problem, nil)
}

// errorWire covers the error formats of Auth0 and of the proxies in front of it.
// Members are read raw, because each has been seen with another type.
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

// newError returns the error for an outcome other than success: a [*RequiredError] if
// that is its meaning, else an [*Error]. The problem says why a response is unusable.
// The private values of the call are kept out of the error.
func newError(op Op, out transport.Outcome, problem string, private []string) error {
	if refused, ok := errors.AsType[fieldError](out.Err); ok {
		return fieldErrors{refused}.err(op)
	}
	e := &Error{Op: op, StatusCode: out.Status, RetryAfter: out.RetryAfter, Delivery: deliveryOf(out)}
	if problem != notSuccess {
		e.problem = problem
	}
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
	if unmarshal(out.Body, &wire) != nil {
		wire = errorWire{} // it may be half filled
	}
	token := stringIn(wire.MFAToken)
	private = append(slices.Clone(private), token)
	code, description := wire.codeAndText(out.Status)
	if isKnownCode(code) {
		e.Code = code
	} else {
		e.Code = redact.Code(code, private)
	}
	e.Description = redact.Visible(description)
	meant := e.meaning()
	e.Description = redact.Text(description, private)
	if e.meaning() != meant {
		// The text lost its known part, because it is long or because the user typed a
		// word of it. Keep that part.
		e.Description = meant.text
	}
	if meant.sentinel != ErrMFARequired {
		return e
	}
	required := &RequiredError{Err: e, Requirements: requirementsIn(wire.MFARequirements, private)}
	if input.Token(token) == "" {
		required.MFAToken = NewSecret(token)
	}
	return required
}

// codeAndText returns the code and the text of any of the formats.
func (w errorWire) codeAndText(status int) (code, text string) {
	reason := http.StatusText(status)
	title := stringIn(w.Error)
	if title == reason {
		title = ""
	}
	if strings.Contains(title, " ") { // old endpoints send a sentence here
		text, title = title, ""
	}
	code = cmp.Or(stringIn(w.ErrorCode), title, stringIn(w.Code), stringIn(w.Name))
	text = cmp.Or(stringIn(w.ErrorDescription), textIn(w.Description), stringIn(w.Message), text, reason)
	return code, text
}

// deliveryOf reports how far the request came.
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

// requestID returns the ID under which Auth0, or a proxy in front of it, logged the
// request. It returns "" if the ID contains a value of the call.
func requestID(h http.Header, private []string) string {
	for _, name := range []string{"X-Auth0-Requestid", "X-Request-Id", "Cf-Ray"} {
		if id := redact.RequestID(h.Get(name)); id != "" && redact.Code(id, private) == id {
			return id
		}
	}
	return ""
}

// requirementsIn reads mfa_requirements: lists of objects with a type, or of plain
// names. One page of the documentation calls the first list challenge_types.
func requirementsIn(raw jsontext.Value, private []string) Requirements {
	var wire struct {
		Challenge      jsontext.Value `json:"challenge"`
		ChallengeTypes jsontext.Value `json:"challenge_types"`
		Enroll         jsontext.Value `json:"enroll"`
	}
	if json.Unmarshal(raw, &wire) != nil {
		return Requirements{}
	}
	challenge := namesIn(wire.Challenge, private)
	if challenge == nil {
		challenge = namesIn(wire.ChallengeTypes, private)
	}
	return Requirements{Challenge: challenge, Enroll: namesIn(wire.Enroll, private)}
}

// namesIn returns the names in a list, or nil if there is no list. It omits anything
// that does not look like a name and anything the caller sent, unless it names a known
// factor.
func namesIn(raw jsontext.Value, private []string) []string {
	var items []jsontext.Value
	if json.Unmarshal(raw, &items) != nil || items == nil {
		return nil
	}
	names := make([]string, 0, len(items))
	for _, item := range items {
		var object struct {
			Type string `json:"type"`
		}
		name := stringIn(item)
		if json.Unmarshal(item, &object) == nil {
			name = object.Type
		}
		_, known := factorNamed(name)
		isName := redact.IsCode(strings.ReplaceAll(name, "-", "_"))
		isValue := slices.ContainsFunc(private, func(value string) bool { return strings.EqualFold(value, name) })
		if known || isName && !isValue {
			names = append(names, name)
		}
	}
	return names
}
