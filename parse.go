package mfa

import (
	"bytes"
	"cmp"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/go-auth0-mfa/mfa/internal/input"
	"github.com/go-auth0-mfa/mfa/internal/redact"
	"github.com/go-auth0-mfa/mfa/internal/transport"
)

// ParseError is [ParseErrorOf] for a response whose operation is not known. It goes only
// by texts and codes that mean the same in every operation. [Error.Op] is "".
func ParseError(statusCode int, header http.Header, body []byte) error {
	return ParseErrorOf("", statusCode, header, body)
}

// ParseErrorOf turns the response to a call made with another library, such as
// golang.org/x/oauth2, into the error that this package would have returned for
// it: a [*RequiredError] or an [*Error]. It returns nil for a success. That is a 2xx
// status whose body is empty, or is JSON of at most 256 KiB without an error. The JSON
// is an object, except with [OpListAuthenticators] and [OpDeleteAuthenticator].
//
// op is the call that was made: [OpPasswordLogin], [OpRefresh], [OpPasswordless],
// [OpTokenExchange], [OpDevice] or one of this package's own. It decides what a
// text means: the same one is a rejected push to [OpPollPush] and a wrong code to
// [OpVerifyRecoveryCode].
//
// With golang.org/x/oauth2, set Endpoint.AuthStyle: by default it treats any
// refusal, mfa_required too, as a sign to send the password again in another style.
//
// The values of that call are not known here. If the server may quote them, do not
// log [Error.Description].
func ParseErrorOf(op Op, statusCode int, header http.Header, body []byte) error {
	out := transport.Outcome{Status: statusCode, Header: header, RetryAfter: transport.RetryAfter(statusCode, header)}
	if len(body) <= transport.MaxBody {
		out.Body = body
	}
	if statusCode >= 200 && statusCode <= 299 && (len(body) == 0 || isSuccess(op, out.Body)) {
		return nil
	}
	_, problem := readToken(statusCode, out.Body)
	return newError(op, out, problem, nil)
}

// isSuccess reports whether the body is one of a success of the operation, as far as
// that can be told without its parameters.
func isSuccess(op Op, body []byte) bool {
	switch op {
	case OpListAuthenticators:
		_, problem := readAuthenticators(http.StatusOK, body)
		return problem == ""
	case OpDeleteAuthenticator:
		return isEmptyOrJSON(body)
	default:
		return isObjectWithoutError(body)
	}
}

// errorWire covers the error formats of Auth0 and of the proxies in front of it.
// Members are read raw, because each has been seen with another type.
type errorWire struct {
	ErrorCode        once[jsontext.Value] `json:"errorCode"`
	Error            once[jsontext.Value] `json:"error"`
	Code             once[jsontext.Value] `json:"code"`
	Name             once[jsontext.Value] `json:"name"`
	ErrorDescription once[jsontext.Value] `json:"error_description"`
	Description      once[jsontext.Value] `json:"description"`
	Message          once[jsontext.Value] `json:"message"`
	MFAToken         once[jsontext.Value] `json:"mfa_token"`
	MFARequirements  once[jsontext.Value] `json:"mfa_requirements"`
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
		e.cause = causedBy(ErrUnexpectedResponse) // whatever the status
	case out.Err != nil:
		e.cause = causedBy(out.Err)
		_, e.limited = errors.AsType[*limiterError](out.Err)
	}
	if out.Status == 0 {
		return e
	}
	e.RequestID = requestID(out.Header, private)

	var wire errorWire
	switch text := bytes.TrimSpace(out.Body); {
	case unmarshal(text, &wire) != nil:
		wire = errorWire{} // it may be half filled
		if bytes.HasPrefix(text, []byte("<")) {
			e.body = bodyHTML
		}
	case jsontext.Value(text).Kind() == '{':
		e.body = bodyJSON
	}
	token := stringIn(wire.MFAToken.value)
	private = append(slices.Clone(private), token)
	code, description := wire.codeAndText(out.Status)
	if isKnownCode(code) {
		e.Code = code
	} else {
		e.Code = redact.Code(code, private)
	}
	e.Description = redact.Printable(description)
	meant := e.meaning()
	e.Description = redact.Text(description, private)
	if now := e.meaning(); now.sentinel != meant.sentinel || now.next != meant.next || now.hint != meant.hint {
		// The sentence lost its known part, because it is long or because the user
		// typed a word of it: keep that part.
		e.Description = strings.ReplaceAll(meant.text, "*", "…")
	}
	if meant.sentinel != ErrMFARequired {
		return e
	}
	required := &RequiredError{Err: e, Requirements: requirementsIn(wire.MFARequirements.value, private)}
	if input.Token(token) == "" {
		required.MFAToken = NewSecret(token)
	}
	e.noToken = required.MFAToken.IsZero()
	return required
}

// codeAndText returns the code and the text of any of the formats.
func (w errorWire) codeAndText(status int) (code, text string) {
	title := stringIn(w.Error.value)
	if title == http.StatusText(status) {
		title = ""
	}
	if strings.Contains(title, " ") { // old endpoints send a sentence here
		text, title = title, ""
	}
	code = cmp.Or(stringIn(w.ErrorCode.value), title, stringIn(w.Code.value), stringIn(w.Name.value))
	text = cmp.Or(stringIn(w.ErrorDescription.value), textIn(w.Description.value), stringIn(w.Message.value), text)
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
		if id := redact.RequestID(h.Get(name), private); id != "" {
			return id
		}
	}
	return ""
}

// requirementsIn reads mfa_requirements: lists of objects with a type, or of plain
// names. One page of the documentation calls the first list challenge_types.
func requirementsIn(raw jsontext.Value, private []string) Requirements {
	var wire struct {
		Challenge      once[jsontext.Value] `json:"challenge"`
		ChallengeTypes once[jsontext.Value] `json:"challenge_types"`
		Enroll         once[jsontext.Value] `json:"enroll"`
	}
	if unmarshal(raw, &wire) != nil {
		return Requirements{}
	}
	challenge := namesIn(wire.Challenge.value, private)
	if challenge == nil {
		challenge = namesIn(wire.ChallengeTypes.value, private)
	}
	return Requirements{Challenge: challenge, Enroll: namesIn(wire.Enroll.value, private)}
}

// Bounds of a list of requirements. Auth0 has a dozen factors.
const (
	maxNames = 64
	maxName  = 64 // bytes
)

// namesIn returns the names in a list as they came, nil if there is no list. It omits
// what is no single word, and what is a value of the call, unless it names a known
// factor.
func namesIn(raw jsontext.Value, private []string) []string {
	var items []jsontext.Value
	if unmarshal(raw, &items) != nil || items == nil {
		return nil
	}
	names := make([]string, 0, min(len(items), maxNames))
	for _, item := range items {
		var object struct {
			Type string `json:"type"`
		}
		name := stringIn(item)
		if unmarshal(item, &object) == nil {
			name = object.Type
		}
		_, known := factorNamed(name)
		shows := name != "" && len(name) <= maxName && redact.Printable(name) == name && !strings.Contains(name, " ")
		if (known || shows && !redact.IsValue(name, private)) && len(names) < maxNames {
			names = append(names, name)
		}
	}
	return names
}
