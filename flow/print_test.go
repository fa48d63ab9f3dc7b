package flow_test

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"text/template"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/flow"
)

// printers are the ways in which a value gets into a log.
func printers() map[string]func(v any) string {
	all := map[string]func(v any) string{
		"json": func(v any) string {
			raw, err := json.Marshal(v)
			return fmt.Sprint(string(raw), err)
		},
		"xml": func(v any) string {
			raw, err := xml.Marshal(v)
			return fmt.Sprint(string(raw), err)
		},
		"gob": func(v any) string {
			var b bytes.Buffer
			err := gob.NewEncoder(&b).Encode(v)
			return fmt.Sprint(b.String(), err)
		},
		"slog text": func(v any) string {
			var b bytes.Buffer
			slog.New(slog.NewTextHandler(&b, nil)).With("with", v).Info("page", "v", v, slog.Group("g", "v", v))
			return b.String()
		},
		"slog json": func(v any) string {
			var b bytes.Buffer
			slog.New(slog.NewJSONHandler(&b, nil)).With("with", v).Info("page", "v", v, slog.Group("g", "v", v))
			return b.String()
		},
		"text/template": func(v any) string {
			var b strings.Builder
			err := template.Must(template.New("").Parse(`{{.}} {{printf "%+v" .}}`)).Execute(&b, v)
			return fmt.Sprint(b.String(), err)
		},
		"fmt.Sprint": func(v any) string { return fmt.Sprint(v) + fmt.Sprintln("x", v) },
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%p", "%T", "%t", "%c", "%U", "%e", "% x", "%#q", "%50.40v"} {
		all["fmt "+verb] = func(v any) string { return fmt.Sprintf(verb, v) }
	}
	return all
}

type (
	shown[T any]  struct{ V T }
	hidden[T any] struct{ v T }
)

// shapes returns v as it may stand in a caller's own values.
func shapes[T any](v T) []any {
	return []any{
		v, &v, shown[T]{v}, &shown[T]{v}, hidden[T]{v}, &hidden[T]{v}, shown[*T]{&v}, hidden[*T]{&v}, shown[any]{v}, hidden[any]{&v},
		hidden[hidden[T]]{hidden[T]{v}}, []T{v}, map[string]T{"k": v}, map[string]any{"k": &v}, hidden[[]T]{[]T{v}}, hidden[map[string]T]{map[string]T{"k": v}},
	}
}

// Neither a step nor a sealer nor an error shows what is secret or personal.
func TestLeaks(t *testing.T) {
	t.Parallel()
	canaries := []string{"canary-token", "canary-oob", "canary-otp", "canary-uri", "canary-code", "canary-access", "canary@example.com", "canary-name", "canary-second", strings.Repeat("canary-k", 4)}
	key := []byte(canaries[len(canaries)-1])

	var values []any
	s := newService(t, list())
	s.then("associate", ok(`{"authenticator_type":"otp","oob_code":"canary-oob","secret":"canary-otp","barcode_uri":"canary-uri","recovery_codes":["canary-code"]}`))
	s.usual["verify oob"] = ok(`{"access_token":"canary-access","recovery_code":"canary-second"}`)
	step, err := s.flow.Begin(t.Context(), required("canary-token"))
	require.NoError(t, err)
	require.NoError(t, s.flow.Enroll(t.Context(), step, flow.Enrollment{Email: "canary@example.com"}))
	values = append(values, shapes(*step)...)
	early := s.flow.Enroll(t.Context(), step, flow.Enrollment{Email: "canary@example.com"})
	refused := s.flow.Submit(t.Context(), step, flow.Submission{Code: "canary-code"})
	s.then("verify oob", refusal(403, "invalid_grant", "Invalid binding_code."))
	s.advance(5 * 60e9)
	stale := s.flow.Submit(t.Context(), step, flow.Submission{Code: "123456"})
	require.Error(t, stale)
	require.NoError(t, s.flow.Submit(t.Context(), step, flow.Submission{Code: "123456"}))
	values = append(values, shapes(*step)...)

	s = newService(t, list(strings.ReplaceAll(email1, "grac****@exam*******", "canary-name"), email2))
	listed, err := s.flow.Begin(t.Context(), required("canary-token"))
	require.NoError(t, err)
	values = append(values, shapes(*listed)...)
	wrongID := s.flow.Choose(t.Context(), listed, "canary-name")
	sealer, err := s.flow.NewSealer(key, key)
	require.NoError(t, err)
	values = append(values, shapes(sealer)...)
	sealed, err := sealer.Seal(listed, []byte("canary-code"))
	require.NoError(t, err)
	values = append(values, sealed)
	_, invalid := sealer.Open("canary-token", []byte("canary-code"))
	_, noKey := s.flow.NewSealer([]byte("canary-name"))
	_, noToken := s.flow.Begin(t.Context(), &mfa.RequiredError{})
	for _, err := range []error{early, refused, stale, wrongID, invalid, noKey, noToken} {
		require.Error(t, err)
		values = append(values, shapes(err)...)
	}

	for name, printer := range printers() {
		for _, value := range values {
			printed := strings.ToLower(strings.ReplaceAll(printer(value), " ", ""))
			for _, c := range canaries {
				if strings.Contains(printed, c) || strings.Contains(printed, fmt.Sprintf("%x", c)) {
					t.Errorf("%s of %T shows %s", name, value, c)
				}
			}
		}
	}
}

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
	raw, err = xml.Marshal(shown[*flow.Step]{step})
	require.NoError(t, err)
	assert.Contains(t, string(raw), want)
	assert.Equal(t, "flow.Step(none)", (&flow.Step{}).String())

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
	assert.False(t, errors.Is(json.Unmarshal(raw, &back), flow.ErrStepInvalid))
}
