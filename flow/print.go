package flow

import (
	"errors"
	"fmt"
	"io"
	"log/slog"

	"github.com/go-auth0-mfa/mfa"
)

// String names state and factor: "flow.Step(EnterCode, email)".
func (s Step) String() string {
	text := "flow.Step(" + s.state.String()
	for _, known := range []mfa.Factor{
		mfa.FactorEmail, mfa.FactorSMS, mfa.FactorVoice, mfa.FactorPush, mfa.FactorOTP, mfa.FactorRecoveryCode,
	} {
		if s.factor == known { // others are text that a server chose
			text += ", " + string(known)
		}
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
