package mfa

import (
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"github.com/go-json-experiment/json/jsontext"
)

// redacted is printed in place of a [Secret].
const redacted = "[REDACTED]"

// wasRedacted is the problem of a printed secret that comes back as input.
const wasRedacted = "is a redacted secret: it was printed where Reveal was meant"

// errRedacted means that a printed secret comes back as input. Sending it would cost
// the user an attempt that cannot succeed.
var errRedacted = errors.New(`mfa: "[REDACTED]" is not a secret: it was printed where Reveal was meant`)

// errBinary means that a secret meets an encoding that keeps values, and prints none.
var errBinary = errors.New("mfa: a secret cannot be encoded: use Reveal, and encrypt what it returns, as flow.Sealer.SealSecret does")

// errNotText means that a secret in JSON is not a string.
var errNotText = errors.New("mfa: a secret in JSON must be a string")

// Secret holds a value that must not be printed: a token, a code, a password.
//
// A Secret prints as "[REDACTED]", and as nothing if it is zero: by fmt with every
// verb, encoding/json, encoding/xml, log/slog and text/template. Printers that call no
// methods, or ignore them, print an address: fmt in unexported fields, and those of
// tests and debuggers that walk values by reflection. [Secret.Reveal] is the only way to
// the value.
//
// The zero Secret means "absent". Secrets cannot be compared with ==. Use
// [Secret.Equal]. reflect.DeepEqual, and so testify's assert.Equal, finds a Secret equal
// to its copies, but not to another one that was made of the same text.
type Secret struct {
	// A func forbids ==. This one is always nil. It is not [0]func(), because go-spew,
	// which testify prints with, misreads a struct that is nothing but one pointer.
	_ func()
	// A func, because no printer looks behind one, while several follow a *string. A
	// pointer to it, because reflect.DeepEqual finds no func equal to itself. Measured
	// with Go 1.26: two allocations of 32 bytes together, where unsafe.Pointer costs one
	// of 16. Interning by package unique makes equal secrets DeepEqual, but costs 5 µs
	// each and rests on what that package hides.
	reveal *func() string
}

// NewSecret returns a Secret that holds s. NewSecret("") is the zero Secret.
func NewSecret(s string) Secret {
	if s == "" {
		return Secret{}
	}
	reveal := func() string { return s }
	return Secret{reveal: &reveal}
}

// secretWire is a secret in a response, with room for what a [Secret] points to. That
// saves one of its two allocations.
type secretWire struct {
	once[string]

	reveal func() string
}

// secret returns the secret.
func (w *secretWire) secret() Secret {
	if w.value == "" {
		return Secret{}
	}
	w.reveal = func() string { return w.value }
	return Secret{reveal: &w.reveal}
}

// Reveal returns the value, or "" for the zero Secret. Keeping it out of logs is then up
// to the caller.
func (s Secret) Reveal() string {
	if s.reveal == nil {
		return ""
	}
	return (*s.reveal)()
}

// IsZero reports whether the Secret is absent.
func (s Secret) IsZero() bool { return s.reveal == nil }

// Equal reports whether both hold the same value. It takes the same time for all values
// of one length. It does not hide the length.
func (s Secret) Equal(other Secret) bool {
	return subtle.ConstantTimeCompare([]byte(s.Reveal()), []byte(other.Reveal())) == 1
}

// String returns "[REDACTED]", or "" for the zero Secret.
func (s Secret) String() string {
	if s.IsZero() {
		return ""
	}
	return redacted
}

// GoString returns what [Secret.String] returns, for the %#v verb.
func (s Secret) GoString() string { return s.String() }

// Format prints what [Secret.String] returns, whatever the verb and its flags.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// LogValue returns what [Secret.String] returns, for log/slog.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText returns what [Secret.String] returns. To store a secret, encrypt and store
// what [Secret.Reveal] returns. SealSecret of flow.Sealer does that.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// MarshalJSON returns what [Secret.String] returns, as a JSON string.
func (s Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + s.String() + `"`), nil }

// UnmarshalJSON reads the value from a JSON string. null means absent. Like
// [Secret.UnmarshalText], it refuses "[REDACTED]".
func (s *Secret) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		*s = Secret{}
		return nil
	}
	text, err := jsontext.AppendUnquote(nil, data)
	if err != nil {
		return errNotText // err may quote the value
	}
	return s.UnmarshalText(text)
}

// UnmarshalText reads the value. It refuses "[REDACTED]", so that a secret that was
// printed into a store is noticed before it is sent.
func (s *Secret) UnmarshalText(text []byte) error {
	if string(text) == redacted {
		return errRedacted
	}
	*s = NewSecret(string(text))
	return nil
}

// MarshalBinary returns an error, so that encoding/gob and other binary encodings refuse
// a Secret when it is written. To store one, see [Secret.MarshalText].
func (s Secret) MarshalBinary() ([]byte, error) { return nil, errBinary }

// UnmarshalBinary returns an error, as [Secret.MarshalBinary] does.
func (s *Secret) UnmarshalBinary([]byte) error { return errBinary }
