package flow_test

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"strings"
	"testing"
	"time"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/flow"
)

func TestStep_String(t *testing.T) {
	t.Parallel()
	s := newService(t, list(email1))
	step := s.begin(flow.StateEnterCode)
	const want = "flow.Step(EnterCode, email)"
	assert.Equal(t, want, step.String())
	assert.Equal(t, want, fmt.Sprintf("%+v", *step))
	assert.Equal(t, want, step.LogValue().String())
	assert.Equal(t, "flow.Step(none)", (&flow.Step{}).String())

	s = newService(t, list(sms1, strings.ReplaceAll(sms1, "sms", "voice"), push1, otp1, recovery))
	step = s.begin(flow.StateChoose)
	for i, want := range []string{
		"flow.Step(EnterCode, sms)", "flow.Step(EnterCode, voice)", "flow.Step(Poll, push)", "flow.Step(EnterCode, otp)", "flow.Step(EnterCode, recovery-code)",
	} {
		require.NoError(t, step.Choose(t.Context(), step.Authenticators()[i].ID))
		assert.Equal(t, want, step.String())
		s.advance(3 * time.Second)
	}

	// A factor that a server made up is not printed.
	s = newService(t, list(`{"id":"pigeon|dev_8","authenticator_type":"pigeon","active":true}`))
	step = s.begin(flow.StateChoose)
	require.NoError(t, step.Choose(t.Context(), "pigeon|dev_8"))
	assert.Equal(t, mfa.Factor("pigeon"), step.Factor())
	assert.Equal(t, "flow.Step(EnterCode)", step.String())
}

// A step that is written where it should have been sealed is refused at once, not
// when it is read in another request.
func TestStep_encoded(t *testing.T) {
	t.Parallel()
	step := newService(t, list(email1)).begin(flow.StateEnterCode)
	type session struct{ Step *flow.Step }
	type copied struct{ Step flow.Step }
	for name, encode := range map[string]func(v any) error{
		"encoding/json":     func(v any) error { _, err := json.Marshal(v); return err },
		"encoding/xml":      func(v any) error { _, err := xml.Marshal(v); return err },
		"encoding/gob":      func(v any) error { return gob.NewEncoder(io.Discard).Encode(v) },
		"encoding/json, v2": func(v any) error { _, err := jsonv2.Marshal(v); return err },
	} {
		for _, v := range []any{step, *step, session{step}, copied{*step}, []flow.Step{*step}} {
			err := encode(v)
			require.ErrorContains(t, err, "Sealer.Seal", "%s %T: what to do instead", name, v)
			assert.NotErrorIs(t, err, flow.ErrStepInvalid)
		}
	}
	var back flow.Step
	require.Error(t, json.Unmarshal([]byte(`"`+step.String()+`"`), &back))
	require.Error(t, back.UnmarshalText([]byte(step.String())))
	require.Error(t, back.UnmarshalBinary([]byte(step.String())))
	assert.Equal(t, flow.State(0), back.State())
}

// What a user typed is in no log, except as Auth0 itself would show it.
func TestEnrollment_String(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		enrollment flow.Enrollment
		want       string
	}{
		{flow.Enrollment{}, "flow.Enrollment(email)"},
		{flow.Enrollment{Email: " lovelace@example.com\n"}, "flow.Enrollment(email, love****@exam*******)"},
		{flow.Enrollment{Email: "a*b.lovelace@example.com"}, "flow.Enrollment(email, a*b.********@exam*******)"},
		{flow.Enrollment{Email: "no address"}, "flow.Enrollment(email, no a******)"},
		{flow.Enrollment{Factor: mfa.FactorSMS, PhoneNumber: "+1 (202) 555-0142"}, "flow.Enrollment(sms, XXXXXXXX0142)"},
		{flow.Enrollment{Factor: mfa.FactorVoice, Email: ada, PhoneNumber: "0142"}, "flow.Enrollment(voice, ***@exam*******, 0142)"},
		{flow.Enrollment{Factor: "pigeon"}, "flow.Enrollment()"},
	} {
		assert.Equal(t, tt.want, tt.enrollment.String())
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			assert.Equal(t, tt.want, fmt.Sprintf(verb, tt.enrollment), verb)
			assert.Equal(t, "["+tt.want+"]", fmt.Sprintf("%v", []any{&tt.enrollment}), verb)
		}
		var logged bytes.Buffer
		slog.New(slog.NewJSONHandler(&logged, nil)).Info("enroll", "enrollment", tt.enrollment)
		assert.Contains(t, logged.String(), `"enrollment":"`+tt.want+`"`)
	}
}

// The typed code is in no log either.
func TestSubmission_prints(t *testing.T) {
	t.Parallel()
	sub := flow.Submission{Code: mfa.NewSecret("123456"), EndUserIP: netip.MustParseAddr("203.0.113.7")}
	var logged bytes.Buffer
	slog.New(slog.NewJSONHandler(&logged, nil)).Info("submit", "submission", sub)
	slog.New(slog.NewTextHandler(&logged, nil)).Info("submit", "submission", &sub)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		fmt.Fprintf(&logged, verb, sub)
		fmt.Fprintf(&logged, verb, &sub)
	}
	assert.NotContains(t, logged.String(), "123456")
	assert.NotContains(t, logged.String(), fmt.Sprintf("%x", "123456"))
	assert.Contains(t, logged.String(), "[REDACTED]")
}
