package mfa_test

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"strings"
	"testing"
	texttemplate "text/template"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
)

// printers are the ways in which a value gets into a log. Those that fail
// print their error, which gets there as well.
var printers = func() map[string]func(v any) string {
	text := texttemplate.Must(texttemplate.New("").Parse(`{{.}} {{printf "%+v" .}} {{html .}} {{js .}} {{urlquery .}}`))
	page := template.Must(template.New("").Parse(`{{.}} <script>{{.}}</script><a href="{{.}}">`))
	all := map[string]func(v any) string{
		"fmt.Errorf": func(v any) string {
			format := "call: %w"
			return fmt.Errorf(format, v).Error()
		},
		"fmt.Sprint": func(v any) string { return fmt.Sprint(v) + fmt.Sprintln("x", v) },
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
			slog.New(slog.NewTextHandler(&b, nil)).With("with", v).Info("call", "v", v, slog.Group("g", "v", v))
			return b.String()
		},
		"slog json": func(v any) string {
			var b bytes.Buffer
			slog.New(slog.NewJSONHandler(&b, nil)).With("with", v).Info("call", "v", v, slog.Group("g", "v", v))
			return b.String()
		},
		"text/template": func(v any) string {
			var b strings.Builder
			err := text.Execute(&b, v)
			return fmt.Sprint(b.String(), err)
		},
		"html/template": func(v any) string {
			var b strings.Builder
			err := page.Execute(&b, v)
			return fmt.Sprint(b.String(), err)
		},
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%p", "%T", "%t", "%c", "%U", "%e", "% x", "%#q", "%+q", "%50.40v"} {
		all["fmt "+verb] = func(v any) string { return fmt.Sprintf(verb, v) }
	}
	return all
}()

type (
	shown[T any]  struct{ V T }
	hidden[T any] struct{ v T }
)

// shapes returns v as it may stand in a caller's own values.
func shapes[T any](v T) []any {
	return []any{
		v, &v, shown[T]{v}, &shown[T]{v}, hidden[T]{v}, &hidden[T]{v}, shown[*T]{&v}, hidden[*T]{&v}, shown[any]{v}, hidden[any]{v},
		hidden[hidden[T]]{hidden[T]{v}}, []T{v}, [1]T{v}, map[string]T{"k": v}, map[string]any{"k": &v}, hidden[[]T]{[]T{v}}, hidden[map[string]T]{map[string]T{"k": v}},
	}
}

// No value that holds a secret shows it, however it is printed.
func TestLeaks_printing(t *testing.T) {
	t.Parallel()
	n := 0
	canary := func() mfa.Secret {
		n++
		return mfa.NewSecret(fmt.Sprintf("canary-%d", n))
	}
	tenant := newTenant(t, answer{status: 403, body: `{"error":"mfa_required","error_description":"use canary-0","mfa_token":"canary-0"}`})
	client := tenant.client(t, mfa.WithClientSecret(canary().Reveal()))
	_, fromWire := client.PasswordLogin(t.Context(), mfa.PasswordLoginRequest{Username: "ada", Password: canary()})
	var required *mfa.RequiredError
	require.ErrorAs(t, fromWire, &required)
	assert.Equal(t, "canary-0", required.MFAToken.Reveal())
	_, lost := newTenant(t, answer{err: errors.New("cannot dial canary-0")}).client(t).ListAuthenticators(t.Context(), mfa.ListAuthenticatorsRequest{Token: canary()})
	_, refused := client.VerifyOOB(t.Context(), mfa.VerifyOOBRequest{MFAToken: mfa.NewSecret(canary().Reveal() + " "), OOBCode: canary(), BindingCode: mfa.NewSecret(canary().Reveal() + " x")})
	var lostError, refusedError *mfa.Error
	require.ErrorAs(t, lost, &lostError)
	require.ErrorAs(t, refused, &refusedError)
	var events []mfa.Event
	_, _ = newTenant(t, refusal(403, "canary-0", "canary-0")).client(t, record(&events)).Challenge(t.Context(), mfa.ChallengeRequest{MFAToken: mfa.NewSecret("canary-0")})
	require.Len(t, events, 1)

	var values []any
	values = append(values, shapes(canary())...)
	values = append(values, shapes(mfa.AssociateRequest{Token: canary()})...)
	values = append(values, shapes(mfa.AssociateResponse{OOBCode: canary(), RecoveryCodes: []mfa.Secret{canary(), canary()}, OTPSecret: canary(), BarcodeURI: canary()})...)
	values = append(values, shapes(mfa.ListAuthenticatorsRequest{Token: canary()})...)
	values = append(values, shapes(mfa.DeleteAuthenticatorRequest{Token: canary()})...)
	values = append(values, shapes(mfa.ChallengeRequest{MFAToken: canary()})...)
	values = append(values, shapes(mfa.ChallengeResponse{OOBCode: canary()})...)
	values = append(values, shapes(mfa.VerifyOOBRequest{MFAToken: canary(), OOBCode: canary(), BindingCode: canary()})...)
	values = append(values, shapes(mfa.PollPushRequest{MFAToken: canary(), OOBCode: canary()})...)
	values = append(values, shapes(mfa.VerifyOTPRequest{MFAToken: canary(), OTP: canary()})...)
	values = append(values, shapes(mfa.VerifyRecoveryCodeRequest{MFAToken: canary(), RecoveryCode: canary()})...)
	values = append(values, shapes(mfa.PasswordLoginRequest{Password: canary()})...)
	values = append(values, shapes(mfa.Token{AccessToken: canary(), IDToken: canary(), RefreshToken: canary(), RecoveryCode: canary()})...)
	values = append(values, shapes(mfa.RequiredError{MFAToken: canary()})...)
	values = append(values, shapes(*required)...)
	values = append(values, shapes(*lostError)...)
	values = append(values, shapes(*refusedError)...)
	values = append(values, shapes(fromWire)...)
	values = append(values, shapes(lost)...)
	values = append(values, shapes(refused)...)
	values = append(values, shapes(fmt.Errorf("login: %w", fromWire))...)
	values = append(values, shapes(errors.Join(lost, refused))...)
	values = append(values, shapes(events[0])...)
	values = append(values, shapes(*client)...)
	values = append(values, shapes(mfa.WithClientSecret(canary().Reveal()))...)

	for name, printer := range printers {
		for _, value := range values {
			if shows(printer(value), "canary-") {
				t.Errorf("%s shows a secret of %T", name, value)
			}
		}
	}
}

// shows reports whether the value can be read out of what was printed.
func shows(printed, value string) bool {
	printed = strings.ToLower(strings.ReplaceAll(printed, " ", ""))
	return strings.Contains(printed, value) || strings.Contains(printed, fmt.Sprintf("%x", value))
}

// A secret that is no Secret is found by every printer, so the test above can fail.
func TestLeaks_control(t *testing.T) {
	t.Parallel()
	for name, printer := range printers {
		leaks := false
		for _, value := range shapes(struct{ Token string }{"canary-0"}) {
			leaks = leaks || shows(printer(value), "canary-")
		}
		if name != "fmt %p" && name != "fmt %T" {
			assert.True(t, leaks, name)
		}
	}
}
