package mfa

import (
	"bytes"
	"errors"
	"math"
	"net/http"
	"strconv"
	"time"

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

// decodeSuccess reads a 200 response into wire, strictly: no duplicate or
// differently spelled names and nothing behind the end. It returns what is wrong.
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
		Error jsontext.Value `json:"error"`
	}
	return jsontext.Value(body).Kind() == '{' && unmarshal(body, &wire) == nil && isAbsent(wire.Error)
}

// maxBrackets bounds the objects and lists of a response. The longest one that
// Auth0 sends has 52; a decoder keeps a kilobyte for each level of a deep one.
const maxBrackets = 1024

// errTooManyBrackets is returned for a response made to cost memory.
var errTooManyBrackets = errors.New("mfa: too many objects or lists in a response")

// unmarshal decodes a response. Auth0 masks names by bytes and can cut a character
// in half, so invalid UTF-8 is accepted: it becomes U+FFFD, which the checks on
// tokens and ids reject.
func unmarshal(body []byte, v any) error {
	if bytes.Count(body, []byte{'{'})+bytes.Count(body, []byte{'['}) > maxBrackets {
		return errTooManyBrackets
	}
	return json.Unmarshal(body, v, jsontext.AllowInvalidUTF8(true))
}

// label is informational text. A malformed one must not fail the call, which has
// already taken effect: anything but a string counts as absent, except a list of
// strings, of which the first counts.
type label string

// UnmarshalJSONFrom reads the text.
func (l *label) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	if dec.PeekKind() == '"' {
		return json.UnmarshalDecode(dec, (*string)(l))
	}
	raw, err := dec.ReadValue()
	if err != nil {
		return err
	}
	if raw.Kind() == '[' {
		raw = firstIn(raw)
	}
	*l = label(stringIn(raw))
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

// firstIn returns the first element of a list, nil if there is none.
func firstIn(raw jsontext.Value) jsontext.Value {
	var list []jsontext.Value
	if json.Unmarshal(raw, &list) != nil || len(list) == 0 {
		return nil
	}
	return list[0]
}

// isAbsent reports whether a member is missing or null.
func isAbsent(raw jsontext.Value) bool { return len(raw) == 0 || raw.Kind() == 'n' }

// stringIn returns the string that raw is, "" if it is none.
func stringIn(raw jsontext.Value) string {
	if raw.Kind() != '"' {
		return ""
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
