package leaks

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/flow"
)

// canary is every secret, and what is personal: an address, a name, the text of
// a server.
const canary = "canary-5ecret"

// samples are values that hold a canary, by the name of their type, in all
// shapes.
type samples map[string][]any

// add adds a value.
func add[T any](all samples, v T) {
	name := strings.TrimPrefix(reflect.TypeOf(v).String(), "*")
	all[name] = append(all[name], shapes(v)...)
}

// newSamples makes a sample of each exported type that is not among texts.
func newSamples(t *testing.T) samples {
	all := samples{}
	addFilled[mfa.Secret](all)
	addFilled[mfa.Token](all)
	addFilled[mfa.AssociateRequest](all)
	addFilled[mfa.AssociateResponse](all)
	addFilled[mfa.ListAuthenticatorsRequest](all)
	addFilled[mfa.DeleteAuthenticatorRequest](all)
	addFilled[mfa.ChallengeRequest](all)
	addFilled[mfa.ChallengeResponse](all)
	addFilled[mfa.VerifyOOBRequest](all)
	addFilled[mfa.PollPushRequest](all)
	addFilled[mfa.VerifyOTPRequest](all)
	addFilled[mfa.VerifyRecoveryCodeRequest](all)
	addFilled[mfa.PasswordLoginRequest](all)
	addFilled[mfa.RefreshRequest](all)
	addFilled[mfa.RequiredError](all)
	add(all, mfa.WithClientSecret(canary))
	addErrors(t, all)
	addSteps(t, all)
	return all
}

// addErrors adds what a client and the errors of its calls hold.
func addErrors(t *testing.T, all samples) {
	var events []mfa.Event
	s := service{
		"POST /oauth/token":   {403, `{"error":"mfa_required","error_description":"use ` + canary + `","mfa_token":"` + canary + `"}`},
		"POST /mfa/challenge": {403, `{"error":"` + canary + `","error_description":"` + canary + `"}`},
	}
	client := s.client(t, mfa.WithClientSecret(canary), mfa.WithObserver(func(_ context.Context, e mfa.Event) { events = append(events, e) }))
	_, login := client.PasswordLogin(t.Context(), mfa.PasswordLoginRequest{Username: "ada", Password: mfa.NewSecret(canary)})
	_, unknown := client.Challenge(t.Context(), mfa.ChallengeRequest{MFAToken: mfa.NewSecret(canary)})
	_, lost := client.ListAuthenticators(t.Context(), mfa.ListAuthenticatorsRequest{Token: mfa.NewSecret(canary)})
	_, refused := client.PollPush(t.Context(), mfa.PollPushRequest{MFAToken: mfa.NewSecret(canary + " ")})
	required, ok := errors.AsType[*mfa.RequiredError](login)
	require.True(t, ok)
	assert.Equal(t, canary, required.MFAToken.Reveal())

	add(all, client)
	add(all, *client)
	add(all, required)
	add(all, *required)
	for _, err := range []error{unknown, lost, refused} {
		e, ok := errors.AsType[*mfa.Error](err)
		require.True(t, ok)
		add(all, e)
		add(all, *e)
		add(all, err)
	}
	add(all, login)
	add(all, fmt.Errorf("login: %w", login))
	add(all, errors.Join(unknown, lost, refused))
	require.NotEmpty(t, events)
	for _, e := range events {
		add(all, e)
	}
}

// newEnrolling returns a step that holds every secret which one can have.
func newEnrolling(t *testing.T) *flow.Step {
	s := service{
		"GET /mfa/authenticators": {200, `[]`},
		"POST /mfa/associate":     {200, `{"authenticator_type":"otp","oob_code":"` + canary + `","secret":"` + canary + `","barcode_uri":"` + canary + `","recovery_codes":["` + canary + `"]}`},
	}
	guide, err := flow.New(s.client(t))
	require.NoError(t, err)
	step, err := guide.Begin(t.Context(), &mfa.RequiredError{MFAToken: mfa.NewSecret(canary)})
	require.NoError(t, err)
	require.NoError(t, step.Enroll(t.Context(), flow.Enrollment{Email: canary + "@example.com"}))
	return step
}

// account is what a program may hold beside a user.
type account struct {
	Name   string
	Client *mfa.Client
	client mfa.Client
	flow   *flow.Flow
	Sealer *flow.Sealer
	Step   *flow.Step
	step   flow.Step
	Token  *mfa.Token
	token  mfa.Token
	secret mfa.Secret
	Err    error
	codes  []mfa.Secret
	queue  map[string]any
}

// addSteps adds what steps, and the errors of their calls, hold.
func addSteps(t *testing.T, all samples) {
	now := time.Now()
	s := service{
		"GET /mfa/authenticators": {200, `[]`},
		"POST /mfa/associate":     {200, `{"authenticator_type":"otp","oob_code":"` + canary + `","secret":"` + canary + `","barcode_uri":"` + canary + `","recovery_codes":["` + canary + `"]}`},
		"POST /oauth/token":       {403, `{"error":"invalid_grant","error_description":"Invalid binding_code."}`},
	}
	store, key := flow.NewMemoryStore(), []byte(strings.Repeat("canary-k", 3)+"\x00\x01\x02\x03\x04\x05\x06\x07")
	guide, err := flow.New(s.client(t), flow.WithClock(func() time.Time { return now }), flow.WithStore(store, key))
	require.NoError(t, err)
	begin := func() *flow.Step {
		step, err := guide.Begin(t.Context(), &mfa.RequiredError{MFAToken: mfa.NewSecret(canary)})
		require.NoError(t, err)
		return step
	}
	enroll := flow.Enrollment{Email: canary + "@example.com"}
	app := begin()
	require.NoError(t, app.Enroll(t.Context(), flow.Enrollment{Factor: mfa.FactorOTP}))
	assert.Equal(t, canary, app.OTPSecret().Reveal())
	add(all, app)
	add(all, *app)
	signedIn, err := guide.BeginEnrollment(t.Context(), mfa.NewSecret(canary))
	require.NoError(t, err)
	unreachable := signedIn.Enroll(t.Context(), flow.Enrollment{Email: canary + "@x"})
	assert.Equal(t, canary+"@x", signedIn.Typed())
	add(all, signedIn)
	add(all, *signedIn)
	enrolling := begin()
	require.NoError(t, enrolling.Enroll(t.Context(), enroll))
	early := enrolling.Enroll(t.Context(), enroll)
	typed := flow.Submission{Code: mfa.NewSecret(canary)}
	add(all, typed)
	add(all, &typed)
	noCode := enrolling.Submit(t.Context(), typed)
	sealer, err := guide.NewSealer(key)
	require.NoError(t, err)
	sealed, err := sealer.Seal(enrolling, []byte(canary))
	require.NoError(t, err)
	var again error
	for range 2 { // the second one is that of the Store
		opened, err := sealer.Open(sealed, []byte(canary))
		require.NoError(t, err)
		again = opened.Submit(t.Context(), flow.Submission{Code: mfa.NewSecret("123456")})
		require.ErrorIs(t, again, mfa.ErrInvalidCode)
	}
	add(all, store)
	now = now.Add(5 * time.Minute)
	stale := enrolling.Submit(t.Context(), flow.Submission{Code: mfa.NewSecret("123456")})
	add(all, enrolling)
	add(all, *enrolling)

	s["POST /oauth/token"] = reply{200, `{"access_token":"` + canary + `","recovery_code":"` + canary + `2"}`}
	done := begin()
	require.NoError(t, done.Enroll(t.Context(), enroll))
	require.NoError(t, done.Submit(t.Context(), flow.Submission{Code: mfa.NewSecret("123456")}))
	assert.Equal(t, canary, done.Token().AccessToken.Reveal())
	add(all, done)
	add(all, *done)
	token := done.Token()
	add(all, token)
	client := s.client(t, mfa.WithClientSecret(canary))
	required := &mfa.RequiredError{MFAToken: mfa.NewSecret(canary)}

	s["GET /mfa/authenticators"] = reply{200, `[{"id":"sms|dev_1","authenticator_type":"oob","oob_channel":"sms","active":true,"name":"` + canary + `"}]`}
	choosing := begin()
	assert.Equal(t, canary, choosing.Authenticators()[0].Name)
	wrongID := choosing.Choose(t.Context(), canary)
	sealed, err = sealer.Seal(choosing, []byte(canary))
	require.NoError(t, err)
	_, invalid := sealer.Open(canary, []byte(canary))
	_, noKey := guide.NewSealer([]byte(canary))
	_, noToken := guide.Begin(t.Context(), &mfa.RequiredError{})
	add(all, choosing)
	add(all, *choosing)
	add(all, guide)
	add(all, *guide)
	add(all, sealer)
	add(all, sealed)
	add(all, *sealer)
	add(all, account{
		"ada", client, *client, guide, sealer, enrolling, *done, token, *token, mfa.NewSecret(canary), required,
		[]mfa.Secret{mfa.NewSecret(canary)}, map[string]any{"step": *enrolling, "secret": mfa.NewSecret(canary), "token": token},
	})
	unbound := sealer.Check(nil)
	_, signedOut := guide.BeginEnrollment(t.Context(), mfa.Secret{})
	for _, err := range []error{again, unreachable, unbound, signedOut, early, noCode, stale, wrongID, invalid, noKey, noToken} {
		require.Error(t, err)
		add(all, err)
	}
}

// addFilled adds a value of the type with a canary in every Secret.
func addFilled[T any](all samples) {
	v, _ := reflect.TypeAssert[*T](filled(reflect.TypeFor[T]()))
	add(all, *v)
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

// service answers requests by method and path; those that it has no answer for
// get lost.
type service map[string]reply

type reply struct {
	status int
	body   string
}

// roundTripper is a function, which no printer looks into.
type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// client returns a client of the service.
func (s service) client(t *testing.T, opts ...mfa.Option) *mfa.Client {
	client, err := mfa.NewClient("tenant.eu.auth0.com", "id", append(opts, mfa.WithHTTPClient(&http.Client{
		Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
			answer, ok := s[r.Method+" "+r.URL.Path]
			if !ok {
				return nil, errors.New("cannot dial " + canary)
			}
			return &http.Response{
				StatusCode: answer.status, Header: http.Header{"Content-Type": {"application/json"}},
				Body: io.NopCloser(strings.NewReader(answer.body)), ContentLength: int64(len(answer.body)), Request: r,
			}, nil
		}),
	}))...)
	require.NoError(t, err)
	return client
}
