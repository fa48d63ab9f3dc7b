package mfa

import (
	"bytes"
	"errors"
	"math"
	"net/http"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// What can be wrong with a response to a call that did not fail. The words go on
// after "the response".
const (
	notSuccess   = "is no success" // its status says so
	notReadable  = "is not the JSON that the API sends"
	reportsError = "reports an error"
)

// decodeSuccess reads a 200 response into wire, strictly: no differently spelled
// names, no known member twice and nothing behind the end. It returns what is wrong.
func decodeSuccess[T any](status int, body []byte, wire *T) (problem string) {
	switch {
	case status != http.StatusOK:
		return notSuccess
	case unmarshal(body, wire) != nil:
		return notReadable
	default:
		return ""
	}
}

// isObjectWithoutError reports whether body is a JSON object that reports no error.
func isObjectWithoutError(body []byte) bool {
	var wire struct {
		Error once[jsontext.Value] `json:"error"`
	}
	return jsontext.Value(body).Kind() == '{' && unmarshal(body, &wire) == nil && isAbsent(wire.Error.value)
}

// lenient is how responses are decoded.
var lenient = json.JoinOptions(jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true))

// unmarshal decodes a response. Members that decide nothing may come twice; the
// others are [once]. Auth0 masks names by bytes and can cut a
// character in half, so invalid UTF-8 is accepted: it becomes U+FFFD, which the
// checks on tokens and ids reject.
func unmarshal(body []byte, v any) error {
	if isDeep(body) {
		return errDeep
	}
	return json.Unmarshal(body, v, lenient)
}

// maxDepth bounds how deep objects and lists are nested. Auth0's are 5 deep at most; a
// decoder keeps half a kilobyte for each level.
const maxDepth = 1024

// errDeep is returned for a response made to cost memory.
var errDeep = errors.New("mfa: a response is nested too deep")

// isDeep reports whether body is nested deeper than maxDepth.
func isDeep(body []byte) bool {
	if bytes.Count(body, []byte{'{'})+bytes.Count(body, []byte{'['}) <= maxDepth {
		return false // all that Auth0 sends
	}
	depth, inString := 0, false
	for i := 0; i < len(body); i++ {
		switch c := body[i]; {
		case c == '"':
			inString = !inString
		case inString:
			if c == '\\' {
				i++ // an escaped quote does not end it
			}
		case c == '{' || c == '[':
			if depth++; depth > maxDepth {
				return true
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return false
}

// once is a member that decides something, so it must not come twice: two parsers
// would read two values.
type once[T any] struct {
	value     T
	set, null bool
}

// errTwice is returned for a member that comes twice.
var errTwice = errors.New("mfa: a member comes twice")

// UnmarshalJSONFrom reads the value.
func (o *once[T]) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	if o.set {
		return errTwice
	}
	o.set, o.null = true, dec.PeekKind() == 'n'
	if text, ok := any(&o.value).(*string); ok { // spares most members a second walk through the decoder
		return readText(dec, text)
	}
	return json.UnmarshalDecode(dec, &o.value)
}

// errNoString means that a member is neither a string nor null.
var errNoString = errors.New("mfa: a member is no string")

// readText reads a string, or null as "".
func readText(dec *jsontext.Decoder, text *string) error {
	raw, err := dec.ReadValue()
	if err != nil {
		return err
	}
	if raw.Kind() != '"' && raw.Kind() != 'n' {
		return errNoString
	}
	*text = stringIn(raw)
	return nil
}

// label is informational text. A malformed one must not fail the call, which has
// already taken effect: anything but a string counts as absent.
type label string

// UnmarshalJSONFrom reads the text.
func (l *label) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	if dec.PeekKind() == '"' {
		return readText(dec, (*string)(l))
	}
	return dec.SkipValue()
}

// kind is a label that names a type or a channel. It may come as a list, of which the
// first counts.
type kind string

// UnmarshalJSONFrom reads the text.
func (k *kind) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	switch dec.PeekKind() {
	case '"':
		return readText(dec, (*string)(k))
	case '[':
	default:
		return dec.SkipValue()
	}
	raw, err := dec.ReadValue()
	if err != nil {
		return err
	}
	var list []jsontext.Value
	if unmarshal(raw, &list) == nil && len(list) > 0 {
		*k = kind(stringIn(list[0]))
	}
	return nil
}

// lifetime is a number of seconds. A malformed one must not fail the call either:
// anything but a number, or a string of one, counts as 0, unknown.
type lifetime float64

// UnmarshalJSONFrom reads the number.
func (l *lifetime) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	raw, err := dec.ReadValue()
	if err != nil {
		return err
	}
	text := string(raw)
	if raw.Kind() == '"' {
		text = stringIn(raw)
	}
	seconds, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(seconds) {
		seconds = 0
	}
	*l = lifetime(seconds)
	return nil
}

// maxLifetime bounds a lifetime to what every clock can add.
const maxLifetime = 100 * 365 * 24 * time.Hour

// duration returns the lifetime; one that is over before it begins is unknown.
func (l lifetime) duration() time.Duration {
	return time.Duration(min(max(0, float64(l))*float64(time.Second), float64(maxLifetime)))
}

// isAbsent reports whether a member is missing or null.
func isAbsent(raw jsontext.Value) bool { return len(raw) == 0 || raw.Kind() == 'n' }

// stringIn returns the string that raw is, "" if it is none.
func stringIn(raw jsontext.Value) string {
	if raw.Kind() != '"' {
		return ""
	}
	inner := raw[1 : len(raw)-1]
	switch string(inner) { // what Auth0 says most often need not be copied
	case "oob":
		return "oob"
	case "otp":
		return "otp"
	case "email":
		return "email"
	case "recovery-code":
		return "recovery-code"
	case "prompt":
		return "prompt"
	case "Bearer":
		return "Bearer"
	}
	if bytes.IndexByte(inner, '\\') < 0 && utf8.Valid(inner) {
		return string(inner)
	}
	// Only the UTF-8 of a decoded string can be wrong, and then the text holds
	// replacement characters.
	text, _ := jsontext.AppendUnquote(nil, raw)
	return string(text)
}

// textIn returns the string that raw is, else raw itself, with the fewest
// escapes: a description may be an object.
func textIn(raw jsontext.Value) string {
	if raw.Kind() == '"' || isAbsent(raw) {
		return stringIn(raw)
	}
	if raw.Canonicalize() != nil {
		return ""
	}
	return string(raw)
}
