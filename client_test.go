package mfa_test

import (
	"context"
	"encoding/base64"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
)

const (
	domain   = "tenant.eu.auth0.com"
	origin   = "https://" + domain
	clientID = "aBcDeFgHiJkLmNoPqRsTuVwXyZ012345"

	mfaToken     = "Fe26.2*1*mfa-token"
	mfaTokenForm = "Fe26.2%2A1%2Amfa-token"
	oobCode      = "Fe26.2*1*oob-code"
	oobCodeForm  = "Fe26.2%2A1%2Aoob-code"
	accessToken  = "eyJhbGciOi.eyJhdWQiOi.c2lnbmF0dXJl"
	emailID      = "email|dev_hdkmORJuqOmjRRQU"
)

// answer is what the tenant says to a request.
type answer struct {
	status int
	body   string
	header http.Header // beside the content type that the endpoint has
	err    error       // no answer at all
}

// refusal is an answer in Auth0's usual shape. The texts hold no quotes.
func refusal(status int, code, description string) answer {
	return answer{status: status, body: `{"error":"` + code + `","error_description":"` + description + `"}`}
}

// sent is a request as it reached the transport.
type sent struct {
	Method string
	URL    string
	Header http.Header
	Body   string
	Again  bool // net/http could send it again by itself
}

// tenant is an origin that gives prepared answers and remembers the requests.
type tenant struct {
	mock    *httpmock.MockTransport
	answers []answer

	mu   sync.Mutex
	sent []sent
}

// newTenant returns a tenant that gives the answers in their order, the last
// one again and again.
func newTenant(t *testing.T, answers ...answer) *tenant { return newTenantAt(t, origin, answers...) }

// newTenantAt is newTenant for an origin other than the usual one.
func newTenantAt(t *testing.T, origin string, answers ...answer) *tenant {
	t.Helper()
	s := &tenant{mock: httpmock.NewMockTransport(), answers: answers}
	s.mock.RegisterResponder(http.MethodPost, origin+"/mfa/associate", s.respond)
	s.mock.RegisterResponder(http.MethodGet, origin+"/mfa/authenticators", s.respond)
	s.mock.RegisterResponder(http.MethodDelete, `=~^`+strings.ReplaceAll(origin, ".", `\.`)+`/mfa/authenticators/[^/?#]+$`, s.respond)
	s.mock.RegisterResponder(http.MethodPost, origin+"/mfa/challenge", s.respond)
	s.mock.RegisterResponder(http.MethodPost, origin+"/oauth/token", s.respond)
	s.mock.RegisterResponder(http.MethodGet, origin+"/.well-known/openid-configuration", s.respond)

	var strays []string
	s.mock.RegisterNoResponder(func(req *http.Request) (*http.Response, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		strays = append(strays, req.Method+" "+req.URL.String())
		return nil, http.ErrNotSupported
	})
	t.Cleanup(func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		assert.Empty(t, strays, "requests to routes that Auth0 does not have")
	})
	return s
}

func (s *tenant) respond(req *http.Request) (*http.Response, error) {
	one := sent{Method: req.Method, URL: req.URL.String(), Header: req.Header.Clone(), Again: req.GetBody != nil}
	if req.Body != nil {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			return nil, err
		}
		one.Body = string(body)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sent = append(s.sent, one)
	next := s.answers[min(len(s.sent), len(s.answers))-1]
	if next.err != nil {
		return nil, next.err
	}
	return next.response(req), nil
}

// response makes an http.Response of the answer.
func (a answer) response(req *http.Request) *http.Response {
	resp := httpmock.NewStringResponse(a.status, a.body)
	resp.Request = req
	resp.Header.Set("Content-Type", "application/json; charset=utf-8")
	maps.Copy(resp.Header, a.header)
	return resp
}

// httpClient returns an http.Client that leads to the tenant.
func (s *tenant) httpClient() *http.Client { return &http.Client{Transport: s.mock} }

// client returns a client of the tenant.
func (s *tenant) client(t *testing.T, opts ...mfa.Option) *mfa.Client {
	t.Helper()
	c, err := mfa.NewClient(domain, clientID, append([]mfa.Option{mfa.WithHTTPClient(s.httpClient())}, opts...)...)
	require.NoError(t, err)
	return c
}

// requests returns what was sent so far.
func (s *tenant) requests() []sent {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.sent)
}

// assertSent asserts that the tenant got this one request: method, URL, every
// byte of the body, and these headers beside Accept, User-Agent and
// Auth0-Client but no others.
func (s *tenant) assertSent(t *testing.T, method, path, body string, header ...string) {
	t.Helper()
	requests := s.requests()
	require.Len(t, requests, 1)
	got := requests[0]
	assert.Equal(t, method, got.Method)
	assert.Equal(t, origin+path, got.URL)
	assert.Equal(t, body, got.Body)
	assert.False(t, got.Again)

	assert.Regexp(t, `^go-auth0-mfa/\d+\.\d+\.\d+ \(go\S+\)$`, got.Header.Get("User-Agent"))
	_, err := base64.StdEncoding.DecodeString(got.Header.Get("Auth0-Client"))
	assert.NoError(t, err)
	want := http.Header{
		"Accept":       {"application/json"},
		"User-Agent":   {got.Header.Get("User-Agent")},
		"Auth0-Client": {got.Header.Get("Auth0-Client")},
	}
	for i := 0; i < len(header); i += 2 {
		want[header[i]] = []string{header[i+1]}
	}
	assert.Equal(t, want, got.Header)
}

// operation is a method of the client with a valid request.
type operation struct {
	name    mfa.Op
	method  string
	route   string // as in Event.Route
	acts    bool   // sends a mail, spends a code or changes something
	success answer
	call    func(context.Context, *mfa.Client) (result any, err error)
}

// String names the operation in the name of a test.
func (o operation) String() string { return strings.ReplaceAll(string(o.name), " ", "_") }

// fails asserts that the operation fails with an *Error of its own, and
// returns that.
func (o operation) fails(t *testing.T, ctx context.Context, c *mfa.Client) (*mfa.Error, error) {
	t.Helper()
	result, err := o.call(ctx, c)
	assert.Nil(t, result)
	var e *mfa.Error
	require.ErrorAs(t, err, &e)
	assert.Equal(t, o.name, e.Op)
	return e, err
}

var tokenAnswer = answer{status: 200, body: `{"access_token":"eyJ.access","token_type":"Bearer","expires_in":86400}`}

var operations = []operation{
	{
		name: "associate", method: "POST", route: "/mfa/associate", acts: true,
		success: answer{status: 200, body: `{"authenticator_type":"oob","binding_method":"prompt","oob_code":"Fe26.o","oob_channel":"email"}`},
		call: func(ctx context.Context, c *mfa.Client) (any, error) {
			return pointer(c.Associate(ctx, mfa.AssociateRequest{Token: mfa.NewSecret(mfaToken), Email: "ada@example.com"}))
		},
	},
	{
		name: "list authenticators", method: "GET", route: "/mfa/authenticators",
		success: answer{status: 200, body: `[{"id":"email|dev_1","authenticator_type":"oob","active":true,"oob_channel":"email"}]`},
		call: func(ctx context.Context, c *mfa.Client) (any, error) {
			list, err := c.ListAuthenticators(ctx, mfa.ListAuthenticatorsRequest{Token: mfa.NewSecret(mfaToken)})
			if list == nil {
				return nil, err
			}
			return list, err
		},
	},
	{
		name: "delete authenticator", method: "DELETE", route: "/mfa/authenticators/{id}", acts: true,
		success: answer{status: 204},
		call: func(ctx context.Context, c *mfa.Client) (any, error) {
			return nil, c.DeleteAuthenticator(ctx, mfa.DeleteAuthenticatorRequest{Token: mfa.NewSecret(accessToken), AuthenticatorID: emailID})
		},
	},
	{
		name: "challenge", method: "POST", route: "/mfa/challenge", acts: true,
		success: answer{status: 200, body: `{"challenge_type":"oob","oob_code":"Fe26.o","binding_method":"prompt"}`},
		call: func(ctx context.Context, c *mfa.Client) (any, error) {
			return pointer(c.Challenge(ctx, mfa.ChallengeRequest{MFAToken: mfa.NewSecret(mfaToken), AuthenticatorID: emailID}))
		},
	},
	{
		name: "verify oob", method: "POST", route: "/oauth/token", acts: true, success: tokenAnswer,
		call: func(ctx context.Context, c *mfa.Client) (any, error) {
			return pointer(c.VerifyOOB(ctx, mfa.VerifyOOBRequest{
				MFAToken: mfa.NewSecret(mfaToken), OOBCode: mfa.NewSecret(oobCode), BindingCode: mfa.NewSecret("000042"),
			}))
		},
	},
	{
		name: "poll push", method: "POST", route: "/oauth/token", acts: true, success: tokenAnswer,
		call: func(ctx context.Context, c *mfa.Client) (any, error) {
			return pointer(c.PollPush(ctx, mfa.PollPushRequest{MFAToken: mfa.NewSecret(mfaToken), OOBCode: mfa.NewSecret(oobCode)}))
		},
	},
	{
		name: "verify otp", method: "POST", route: "/oauth/token", acts: true, success: tokenAnswer,
		call: func(ctx context.Context, c *mfa.Client) (any, error) {
			return pointer(c.VerifyOTP(ctx, mfa.VerifyOTPRequest{MFAToken: mfa.NewSecret(mfaToken), OTP: mfa.NewSecret("001337")}))
		},
	},
	{
		name: "verify recovery code", method: "POST", route: "/oauth/token", acts: true, success: tokenAnswer,
		call: func(ctx context.Context, c *mfa.Client) (any, error) {
			return pointer(c.VerifyRecoveryCode(ctx, mfa.VerifyRecoveryCodeRequest{
				MFAToken: mfa.NewSecret(mfaToken), RecoveryCode: mfa.NewSecret("N3BGPZZWJ85JLCNPZBDW6QXC"),
			}))
		},
	},
	{
		name: "password login", method: "POST", route: "/oauth/token", acts: true, success: tokenAnswer,
		call: func(ctx context.Context, c *mfa.Client) (any, error) {
			return pointer(c.PasswordLogin(ctx, mfa.PasswordLoginRequest{Username: "ada@example.com", Password: mfa.NewSecret("correct horse")}))
		},
	},
	{
		name: "warm", method: "GET", route: "/.well-known/openid-configuration",
		success: answer{status: 200, body: `{"issuer":"https://tenant.eu.auth0.com/"}`},
		call:    func(ctx context.Context, c *mfa.Client) (any, error) { return nil, c.Warm(ctx) },
	},
}

// operationNamed returns the operation with the name.
func operationNamed(name mfa.Op) operation {
	return operations[slices.IndexFunc(operations, func(o operation) bool { return o.name == name })]
}

// pointer turns a nil pointer into a plain nil.
func pointer[T any](result *T, err error) (any, error) {
	if result == nil {
		return nil, err
	}
	return result, err
}
