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

// ok reads a 200 answer into wire, strictly: no duplicate or differently
// spelled names, no invalid text, nothing behind the end. Only a [label] and a
// [lifetime] may be anything, which is looked into when something is not as it
// should be.
func ok[T any](status int, body []byte, wire *T) bool {
	if status != http.StatusOK {
		return false
	}
	if unmarshal(body, wire) == nil {
		return true
	}
	*wire = *new(T)
	// A name may be cut within a character to mask it. What else is invalid text has
	// replacement characters now, which no token or id may have.
	return unmarshal(body, wire, jsontext.AllowInvalidUTF8(true), json.WithUnmarshalers(json.JoinUnmarshalers(
		json.UnmarshalFromFunc(readLabel), json.UnmarshalFromFunc(readLifetime)))) == nil
}

// isObjectWithoutError reports whether body is a JSON object that reports no error.
func isObjectWithoutError(body []byte) bool {
	var wire struct {
		Error jsontext.Value `json:"error"`
	}
	return jsontext.Value(body).Kind() == '{' && unmarshal(body, &wire, jsontext.AllowInvalidUTF8(true)) == nil && isAbsent(wire.Error)
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

// label is a word that only informs. An answer is not refused because of it:
// the mail is out or the code is spent. Anything but a string counts as absent,
// except a list of strings, of which the first counts.
type label string

func readLabel(dec *jsontext.Decoder, l *label) error {
	raw, err := dec.ReadValue()
	if err != nil {
		return err
	}
	if raw.Kind() == '[' {
		raw = firstIn(raw)
	}
	*l = label(stringIn(raw)) // "" for whatever is no string
	return nil
}

// lifetime is a number of seconds. An answer is not refused because of it
// either: anything but a number, or a string of one, counts as 0, unknown.
type lifetime float64

func readLifetime(dec *jsontext.Decoder, l *lifetime) error {
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

// maxLifetime bounds a lifetime to what all clocks can add.
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
	if raw.Canonicalize() != nil {
		return ""
	}
	return string(raw)
}
