package mfa

import (
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"github.com/go-json-experiment/json/jsontext"
)

// redacted is what every printer shows in place of a [Secret].
const redacted = "[REDACTED]"

// wasRedacted is what is wrong with a printed secret that comes back as input.
const wasRedacted = "is a redacted secret: it was printed where Reveal was meant"

// errRedacted is returned when a value that was printed comes back as input.
// Sending it would cost the user an attempt with a value that cannot be right.
var errRedacted = errors.New(`mfa: "[REDACTED]" is not a secret: it was printed where Reveal was meant`)

// errNotText is returned when a secret in JSON is not a string.
var errNotText = errors.New("mfa: a secret in JSON must be a string")

// Secret holds a value that must not be printed: a token, a code, a password.
//
// Whatever prints a Secret shows "[REDACTED]", or nothing at all for the zero
// Secret: fmt with every verb, encoding/json, encoding/xml, log/slog and
// text/template. Where fmt reaches a Secret through an unexported field, which
// keeps it from asking, it shows an address. [Secret.Reveal] is the only way to
// the value.
//
// The zero Secret means "absent". Secrets cannot be compared with ==; use
// [Secret.Equal].
type Secret struct {
	_ [0]func()
	// A pointer, because fmt calls no methods on values that it reaches through
	// an unexported field: it then prints an address where it would print a string.
	p *string
}

// NewSecret wraps s. NewSecret("") is the zero Secret.
func NewSecret(s string) Secret {
	return secretAt(&s)
}

// secretAt is [NewSecret] for a string that nobody else writes to.
func secretAt(p *string) Secret {
	if *p == "" {
		return Secret{}
	}
	return Secret{p: p}
}

// Reveal returns the value, "" for the zero Secret. What is done with it from
// here on is the caller's responsibility.
func (s Secret) Reveal() string {
	if s.p == nil {
		return ""
	}
	return *s.p
}

// IsZero reports whether the Secret is absent.
func (s Secret) IsZero() bool { return s.Reveal() == "" }

// Equal reports whether both hold the same value. It takes the same time for
// all values of one length; the length itself is not hidden.
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

// MarshalText returns what [Secret.String] returns. To store a secret, store
// what [Secret.Reveal] returns, encrypted.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// MarshalJSON returns what [Secret.String] returns, as a JSON string.
func (s Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + s.String() + `"`), nil }

// UnmarshalJSON takes the raw value as a JSON string, or null for absent. Like
// [Secret.UnmarshalText] it refuses "[REDACTED]".
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

// UnmarshalText takes the raw value. It refuses "[REDACTED]", so that a printed
// secret that comes back from a store is noticed before it is sent.
func (s *Secret) UnmarshalText(text []byte) error {
	if string(text) == redacted {
		return errRedacted
	}
	*s = NewSecret(string(text))
	return nil
}
