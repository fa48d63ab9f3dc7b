package flow_test

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/flow"
)

// service responds as Auth0 does, or as the test wants it to, without a network.
type service struct {
	t      testing.TB
	client *mfa.Client
	flow   *flow.Flow

	mu    sync.Mutex
	now   time.Time
	next  map[string][]reply // by operation, before the usual one
	usual map[string]reply
	asked []string
	sent  []url.Values // forms of the token endpoint
}

// reply is a response, or an error in its place.
type reply struct {
	status int
	body   string
	header http.Header
	err    error
}

func ok(body string) reply { return reply{status: 200, body: body} }

func refusal(status int, code, text string) reply {
	return reply{status: status, body: `{"error":"` + code + `","error_description":"` + text + `"}`}
}

var errLost = errors.New("connection reset")

// newService returns a service on which every call succeeds, and a user with
// the authenticators of the list.
func newService(t testing.TB, list string, opts ...flow.Option) *service {
	t.Helper()
	s := &service{t: t, now: time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC), next: map[string][]reply{}, usual: map[string]reply{
		"list authenticators":  ok(list),
		"associate":            ok(`{"authenticator_type":"oob","oob_channel":"email","binding_method":"prompt","oob_code":"oob-associate","secret":"S","barcode_uri":"otpauth://totp/x"}`),
		"challenge":            ok(`{"challenge_type":"oob","binding_method":"prompt","oob_code":"oob-challenge"}`),
		"verify oob":           ok(`{"access_token":"access","token_type":"Bearer"}`),
		"verify otp":           ok(`{"access_token":"access","token_type":"Bearer"}`),
		"verify recovery code": ok(`{"access_token":"access","token_type":"Bearer"}`),
		"poll push":            ok(`{"access_token":"access","token_type":"Bearer"}`),
	}}
	var err error
	s.client, err = mfa.NewClient("tenant.eu.auth0.com", "app", mfa.WithClientSecret("client-secret"), mfa.WithHTTPClient(&http.Client{Transport: s}))
	require.NoError(t, err)
	s.flow, err = flow.New(s.client, append([]flow.Option{flow.WithClock(s.clock)}, opts...)...)
	require.NoError(t, err)
	return s
}

func (s *service) clock() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

func (s *service) advance(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = s.now.Add(d)
}

// then sets the responses to the next calls of the operation.
func (s *service) then(op string, replies ...reply) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.next[op] = append(s.next[op], replies...)
}

// calls returns the operations that were asked for since it was called last.
func (s *service) calls() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	asked := s.asked
	s.asked = nil
	return asked
}

// RoundTrip responds to a request.
func (s *service) RoundTrip(r *http.Request) (*http.Response, error) {
	var form url.Values
	op := map[string]string{"/mfa/authenticators": "list authenticators", "/mfa/associate": "associate", "/mfa/challenge": "challenge"}[r.URL.Path]
	if r.Body != nil {
		body, _ := io.ReadAll(r.Body)
		_ = r.Body.Close()
		form, _ = url.ParseQuery(string(body))
	}
	if op == "" {
		grant := form.Get("grant_type")
		op = "verify " + strings.ReplaceAll(grant[strings.LastIndex(grant, "-")+1:], "code", "recovery code")
		if op == "verify oob" && form.Get("binding_code") == "" {
			op = "poll push"
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, op)
	if r.URL.Path == "/oauth/token" {
		s.sent = append(s.sent, form)
	}
	response := s.usual[op]
	if next := s.next[op]; len(next) > 0 {
		response, s.next[op] = next[0], next[1:]
	}
	if response.err != nil {
		return nil, response.err
	}
	header := response.header.Clone()
	if header == nil {
		header = http.Header{}
	}
	header.Set("Content-Type", "application/json")
	return &http.Response{
		StatusCode: response.status, Header: header, Body: io.NopCloser(strings.NewReader(response.body)), Request: r,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, ContentLength: int64(len(response.body)),
	}, nil
}

// The authenticators of a list, each active.
const (
	email1   = `{"id":"email|dev_1","authenticator_type":"oob","oob_channel":"email","active":true,"name":"grac****@exam*******"}`
	email2   = `{"id":"email|dev_2","authenticator_type":"oob","oob_channel":"email","active":true,"name":"work@****"}`
	sms1     = `{"id":"sms|dev_3","authenticator_type":"oob","oob_channel":"sms","active":true,"name":"XXXXXXXX0142"}`
	push1    = `{"id":"push|dev_4","authenticator_type":"oob","oob_channel":"auth0","active":true,"name":"Pixel"}`
	otp1     = `{"id":"totp|dev_5","authenticator_type":"otp","active":true}`
	recovery = `{"id":"recovery-code|dev_6","authenticator_type":"recovery-code","active":true}`
)

func list(authenticators ...string) string { return "[" + strings.Join(authenticators, ",") + "]" }

// required is the error of the login.
func required(token string) *mfa.RequiredError {
	return &mfa.RequiredError{MFAToken: mfa.NewSecret(token)}
}

// begin begins a step, which has to be in the state.
func (s *service) begin(state flow.State) *flow.Step {
	s.t.Helper()
	step, err := s.flow.Begin(s.t.Context(), required("mfa-token"))
	require.NoError(s.t, err)
	require.Equal(s.t, state, step.State())
	return step
}
