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

// ParseError turns the answer to a login made with another library, such as
// golang.org/x/oauth2, into what [Client.PasswordLogin] would have returned
// for it: a [*RequiredError] or an [*Error]. It returns nil for a success: a
// 2xx status with an empty body or a JSON object of at most 256 KiB without an
// error. [Error.Op] is "password login", whatever the grant was.
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

// newError makes the error for an outcome other than success: a [*RequiredError] if
// that is its meaning, else an [*Error]. The problem is what made a response
// unusable. The private values of the call are kept out of the error.
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
		wire = errorWire{} // it may be filled half
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
		// The sentence lost its known part, because it is long or because the user
		// typed a word of it: keep that part.
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

// codeAndText picks code and text out of whichever shape came.
func (w errorWire) codeAndText(status int) (code, text string) {
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

// namesIn returns the names in a list, nil if there is no list. What has not the
// form of a name is left out, and what is a value of the call, unless it names
// a factor.
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
