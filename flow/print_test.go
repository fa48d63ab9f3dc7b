package flow_test

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"strings"
	"testing"

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
	raw, err := json.Marshal(map[string]any{"step": step})
	require.NoError(t, err)
	assert.JSONEq(t, `{"step":"`+want+`"}`, string(raw))
	type session struct{ Step *flow.Step }
	raw, err = xml.Marshal(session{step})
	require.NoError(t, err)
	assert.Contains(t, string(raw), want)
	assert.Equal(t, "flow.Step(none)", (&flow.Step{}).String())

	s = newService(t, list(sms1, strings.ReplaceAll(sms1, "sms", "voice"), push1, otp1, recovery))
	step = s.begin(flow.StateChoose)
	for i, want := range []string{
		"flow.Step(EnterCode, sms)", "flow.Step(EnterCode, voice)", "flow.Step(Poll, push)", "flow.Step(EnterCode, otp)", "flow.Step(EnterCode, recovery-code)",
	} {
		require.NoError(t, s.flow.Choose(t.Context(), step, step.Authenticators()[i].ID))
		assert.Equal(t, want, step.String())
	}

	// A factor that a server made up is not printed.
	s = newService(t, list(`{"id":"pigeon|dev_8","authenticator_type":"pigeon","active":true}`))
	step = s.begin(flow.StateChoose)
	require.NoError(t, s.flow.Choose(t.Context(), step, "pigeon|dev_8"))
	assert.Equal(t, mfa.Factor("pigeon"), step.Factor())
	assert.Equal(t, "flow.Step(EnterCode)", step.String())
}

// A step that was printed where it should have been sealed is noticed.
func TestStep_notFromText(t *testing.T) {
	t.Parallel()
	step := newService(t, list(email1)).begin(flow.StateEnterCode)
	raw, err := json.Marshal(step)
	require.NoError(t, err)
	var back flow.Step
	require.Error(t, json.Unmarshal(raw, &back))
	require.Error(t, back.UnmarshalText(nil))
	assert.Equal(t, flow.State(0), back.State())
	assert.NotErrorIs(t, json.Unmarshal(raw, &back), flow.ErrStepInvalid)
}
