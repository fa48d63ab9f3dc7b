package flow

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"

	"github.com/go-auth0-mfa/mfa"
)

// String names state and factor: "flow.Step(EnterCode, email)".
func (s Step) String() string {
	text := "flow.Step(" + s.state.String()
	if slices.Contains(knownFactors[:], s.factor) { // others are text that a server chose
		text += ", " + string(s.factor)
	}
	return text + ")"
}

// Format prints [Step.String], whatever the verb and its flags.
func (s Step) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// LogValue returns [Step.String], for log/slog.
func (s Step) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText returns [Step.String]. To keep a step, use [Sealer.Seal].
func (s Step) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// MarshalJSON returns [Step.String] as a JSON string. To keep a step, use
// [Sealer.Seal].
func (s Step) MarshalJSON() ([]byte, error) { return []byte(`"` + s.String() + `"`), nil }

// errPrinted is returned when a printed step comes back as input.
var errPrinted = errors.New("flow: a printed step cannot be read back: use Sealer.Seal and Sealer.Open")

// UnmarshalText refuses: what a step prints is not the step.
func (s *Step) UnmarshalText([]byte) error { return errPrinted }

// UnmarshalJSON refuses: what a step prints is not the step.
func (s *Step) UnmarshalJSON([]byte) error { return errPrinted }

// String names the factor, and address and number masked as Auth0 masks them:
// "flow.Enrollment(email, love****@exam*******)".
func (e Enrollment) String() string {
	text := "flow.Enrollment("
	if factor := cmp.Or(e.Factor, mfa.FactorEmail); slices.Contains(knownFactors[:], factor) {
		text += string(factor)
	}
	if e.Email != "" {
		text += ", " + maskedEmail(strings.TrimSpace(e.Email))
	}
	if e.PhoneNumber != "" {
		text += ", " + maskedNumber(phoneNumber(e.PhoneNumber))
	}
	return text + ")"
}

// Format prints [Enrollment.String], whatever the verb and its flags.
func (e Enrollment) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, e.String()) }

// LogValue returns [Enrollment.String], for log/slog.
func (e Enrollment) LogValue() slog.Value { return slog.StringValue(e.String()) }
