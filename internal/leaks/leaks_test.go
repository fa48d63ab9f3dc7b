package leaks

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"net/http"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/flow"
)

const canary = "canary-5ecret"

// texts are types that hold a text which is meant to be read, and why.
var texts = map[string]string{
	"flow.Submission":       "what a user typed, on its way into Submit",
	"flow.Enrollment":       "what a user typed, on its way into Enroll",
	"mfatest.Authenticator": "the test wrote it",
	"mfatest.Fault":         "the test wrote it",
	"mfatest.Mail":          "the test reads the code in it",
	"mfatest.Request":       "the test reads what arrived in it",
	"mfatest.Tenant":        "its application and secret exist for one test; %v prints neither",
	"mfatest.User":          "the test wrote it",
}

// samples has values of every other exported type, by name.
func samples(t *testing.T) map[string][]any {
	client, fromWire := spoken(t)
	guide, err := flow.New(client)
	require.NoError(t, err)
	step, err := guide.Begin(t.Context(), fromWire)
	require.NoError(t, err)
	sealer, err := guide.NewSealer([]byte(strings.Repeat("canary-k", 4)))
	require.NoError(t, err)
	var required *mfa.RequiredError
	require.ErrorAs(t, fromWire, &required)
	var refused *mfa.Error
	_, err = client.PollPush(t.Context(), mfa.PollPushRequest{MFAToken: mfa.NewSecret(canary + " ")})
	require.ErrorAs(t, err, &refused)

	all := map[string][]any{
		"mfa.Client": {client, *client}, "mfa.Error": {refused, required.Err, *required.Err},
		"mfa.RequiredError": {required, *required, fmt.Errorf("login: %w", fromWire)},
		"mfa.Option":        {mfa.WithClientSecret(canary)},
		"flow.Flow":         {guide, *guide}, "flow.Step": {step, *step}, "flow.Sealer": {sealer}, "flow.CooldownError": {&flow.CooldownError{}},
		"flow.Option": {flow.WithMaxSends(1)}, "flow.State": {step.State()},
	}
	for _, kind := range []reflect.Type{
		reflect.TypeFor[mfa.Secret](), reflect.TypeFor[mfa.Token](), reflect.TypeFor[mfa.Event](), reflect.TypeFor[mfa.Requirements](),
		reflect.TypeFor[mfa.Authenticator](), reflect.TypeFor[mfa.Factor](), reflect.TypeFor[mfa.Action](), reflect.TypeFor[mfa.Delivery](),
		reflect.TypeFor[mfa.AssociateRequest](), reflect.TypeFor[mfa.AssociateResponse](), reflect.TypeFor[mfa.ListAuthenticatorsRequest](),
		reflect.TypeFor[mfa.DeleteAuthenticatorRequest](), reflect.TypeFor[mfa.ChallengeRequest](), reflect.TypeFor[mfa.ChallengeResponse](),
		reflect.TypeFor[mfa.VerifyOOBRequest](), reflect.TypeFor[mfa.PollPushRequest](), reflect.TypeFor[mfa.VerifyOTPRequest](),
		reflect.TypeFor[mfa.VerifyRecoveryCodeRequest](), reflect.TypeFor[mfa.PasswordLoginRequest](),
	} {
		v := filled(kind)
		all[kind.String()] = []any{v.Elem().Interface(), v.Interface()}
	}
	return all
}

// filled returns a pointer to a value with a canary in every Secret.
func filled(kind reflect.Type) reflect.Value {
	v := reflect.New(kind)
	switch e := v.Elem(); {
	case kind == reflect.TypeFor[mfa.Secret]():
		e.Set(reflect.ValueOf(mfa.NewSecret(canary)))
	case kind == reflect.TypeFor[[]mfa.Secret]():
		e.Set(reflect.ValueOf([]mfa.Secret{mfa.NewSecret(canary)}))
	case kind.Kind() == reflect.Struct && kind.PkgPath() == reflect.TypeFor[mfa.Secret]().PkgPath():
		for i := range kind.NumField() {
			if kind.Field(i).IsExported() {
				e.Field(i).Set(filled(kind.Field(i).Type).Elem())
			}
		}
	}
	return v
}

// roundTripper answers every call.
type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// spoken returns a client that holds secrets, and an error of its login that
// the server filled with them.
func spoken(t *testing.T) (*mfa.Client, error) {
	client, err := mfa.NewClient("tenant.eu.auth0.com", "id", mfa.WithClientSecret(canary), mfa.WithHTTPClient(&http.Client{
		Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
			if r.Method == http.MethodGet {
				return answer(r, 200, `[{"id":"otp|dev_1","authenticator_type":"otp","active":true},{"id":"email|dev_2","authenticator_type":"oob","oob_channel":"email","active":true},{"id":"email|dev_3","authenticator_type":"oob","oob_channel":"email","active":true}]`), nil
			}
			return answer(r, 403, `{"error":"mfa_required","error_description":"use `+canary+`","mfa_token":"`+canary+`"}`), nil
		}),
	}))
	require.NoError(t, err)
	_, err = client.PasswordLogin(t.Context(), mfa.PasswordLoginRequest{Username: "ada", Password: mfa.NewSecret(canary)})
	require.True(t, errors.Is(err, mfa.ErrMFARequired))
	return client, err
}

// TestEveryType fails for an exported type that has neither a sample nor a
// reason, so that nobody has to remember this test.
func TestEveryType(t *testing.T) {
	t.Parallel()
	known := samples(t)
	for name, dir := range map[string]string{"mfa": "../..", "flow": "../../flow", "mfatest": "../../mfatest"} {
		for _, exported := range exportedTypes(t, dir) {
			_, sampled := known[name+"."+exported]
			_, excused := texts[name+"."+exported]
			kind := name + "." + exported
			plain := kind == "mfatest.Option" || kind == "mfatest.FaultKind" // a function, a number
			assert.True(t, sampled || excused || plain, "%s.%s has no sample here", name, exported)
		}
	}
}

// exportedTypes reads the names out of the sources of a package.
func exportedTypes(t *testing.T, dir string) []string {
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	var names []string
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		ast.Inspect(parsed, func(n ast.Node) bool {
			if spec, ok := n.(*ast.TypeSpec); ok && spec.Name.IsExported() {
				names = append(names, spec.Name.Name)
			}
			return true
		})
	}
	return names
}

func TestLeaks(t *testing.T) {
	t.Parallel()
	for kind, values := range samples(t) {
		for _, value := range values {
			for _, shape := range shapes(value) {
				for path, printed := range paths() {
					assert.False(t, shows(printed(shape)), "%s shows %s in a %T", path, kind, shape)
				}
			}
		}
	}
}

// plain holds a secret that is no Secret.
type plain struct{ V string }

// TestControl: a plain string is found by every path that prints values, so
// the test above can fail.
func TestControl(t *testing.T) {
	t.Parallel()
	for path, printed := range paths() {
		if path != "fmt %p" && path != "fmt %T" {
			assert.True(t, shows(printed(plain{canary})), path)
		}
	}
}

// shows reports whether a canary can be read out of what was printed.
func shows(printed string) bool {
	printed = strings.ToLower(printed)
	return strings.Contains(printed, canary) || strings.Contains(printed, fmt.Sprintf("%x", canary)) || strings.Contains(printed, "canary-k")
}

func answer(r *http.Request, status int, body string) *http.Response {
	return &http.Response{
		StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}},
		Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)), Request: r,
	}
}
