package wiretest

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

// The tenant and its application.
const (
	Domain   = "tenant.eu.auth0.com"
	Origin   = "https://" + Domain
	ClientID = "aBcDeFgHiJkLmNoPqRsTuVwXyZ012345"
)

// Response is a response of the tenant.
type Response struct {
	Status int
	Body   string
	Header http.Header // beside the content type that the endpoint has
	Err    error       // no response at all
}

// Refused returns a response in Auth0's usual shape. The texts hold no quotes.
func Refused(status int, code, description string) Response {
	return Response{Status: status, Body: `{"error":"` + code + `","error_description":"` + description + `"}`}
}

// RateLimited returns a response that refuses for so many seconds.
func RateLimited(seconds string) Response {
	r := Refused(http.StatusTooManyRequests, "too_many_requests", "Rate limit exceeded.")
	r.Header = http.Header{"Retry-After": {seconds}}
	return r
}

// HTTP makes an http.Response of it.
func (r Response) HTTP(req *http.Request) *http.Response {
	resp := httpmock.NewStringResponse(r.Status, r.Body)
	resp.Request = req
	resp.Header.Set("Content-Type", "application/json; charset=utf-8")
	maps.Copy(resp.Header, r.Header)
	return resp
}

// Request is a request as it reached the transport.
type Request struct {
	Method     string
	URL        string
	Header     http.Header
	Body       string
	Replayable bool // net/http could send it again by itself
}

// Tenant is an origin that sends prepared responses and remembers the requests.
// Each has a MockTransport of its own.
type Tenant struct {
	Transport *httpmock.MockTransport
	responses []Response

	mu   sync.Mutex
	sent []Request
}

// NewTenant returns a tenant that sends the responses in their order, the last
// one again and again. A request to a route that Auth0 does not have fails the
// test.
func NewTenant(t *testing.T, responses ...Response) *Tenant {
	t.Helper()
	return NewTenantAt(t, Origin, responses...)
}

// NewTenantAt is NewTenant for an origin other than the usual one.
func NewTenantAt(t *testing.T, origin string, responses ...Response) *Tenant {
	t.Helper()
	s := &Tenant{Transport: httpmock.NewMockTransport(), responses: responses}
	s.Transport.RegisterResponder(http.MethodPost, origin+"/mfa/associate", s.respond)
	s.Transport.RegisterResponder(http.MethodGet, origin+"/mfa/authenticators", s.respond)
	s.Transport.RegisterResponder(http.MethodDelete, `=~^`+strings.ReplaceAll(origin, ".", `\.`)+`/mfa/authenticators/[^/?#]+$`, s.respond)
	s.Transport.RegisterResponder(http.MethodPost, origin+"/mfa/challenge", s.respond)
	s.Transport.RegisterResponder(http.MethodPost, origin+"/oauth/token", s.respond)
	s.Transport.RegisterResponder(http.MethodGet, origin+"/.well-known/openid-configuration", s.respond)

	var strays []string
	s.Transport.RegisterNoResponder(func(req *http.Request) (*http.Response, error) {
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

func (s *Tenant) respond(req *http.Request) (*http.Response, error) {
	one := Request{Method: req.Method, URL: req.URL.String(), Header: req.Header.Clone(), Replayable: req.GetBody != nil}
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
	next := s.responses[min(len(s.sent), len(s.responses))-1]
	if next.Err != nil {
		return nil, next.Err
	}
	return next.HTTP(req), nil
}

// HTTPClient returns an http.Client that leads to the tenant.
func (s *Tenant) HTTPClient() *http.Client { return &http.Client{Transport: s.Transport} }

// Client returns a client of the tenant.
func (s *Tenant) Client(t *testing.T, opts ...mfa.Option) *mfa.Client {
	t.Helper()
	c, err := mfa.NewClient(Domain, ClientID, append([]mfa.Option{mfa.WithHTTPClient(s.HTTPClient())}, opts...)...)
	require.NoError(t, err)
	return c
}

// Requests returns what was sent so far.
func (s *Tenant) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.sent)
}

// AssertSent asserts that the tenant got this one request: method, URL, every
// byte of the body, and these headers beside Accept, User-Agent and
// Auth0-Client but no others.
func (s *Tenant) AssertSent(t *testing.T, method, path, body string, header ...string) {
	t.Helper()
	requests := s.Requests()
	require.Len(t, requests, 1)
	got := requests[0]
	assert.Equal(t, method, got.Method)
	assert.Equal(t, Origin+path, got.URL)
	assert.Equal(t, body, got.Body)
	assert.False(t, got.Replayable)

	assert.Regexp(t, `^go-auth0-mfa/\d+\.\d+\.\d+ \(go\S+\)$`, got.Header.Get("User-Agent"))
	_, err := base64.StdEncoding.DecodeString(got.Header.Get("Auth0-Client"))
	assert.NoError(t, err)
	want := http.Header{
		"Accept":        {"application/json"},
		"Cache-Control": {"no-store"},
		"User-Agent":    {got.Header.Get("User-Agent")},
		"Auth0-Client":  {got.Header.Get("Auth0-Client")},
	}
	for i := 0; i < len(header); i += 2 {
		want[header[i]] = []string{header[i+1]}
	}
	assert.Equal(t, want, got.Header)
}

// Record returns an option that keeps the events, without how long they took.
func Record(events *[]mfa.Event) mfa.Option {
	return mfa.WithObserver(func(_ context.Context, e mfa.Event) {
		e.Duration = 0
		*events = append(*events, e)
	})
}

// RoundTripper is a function as a transport.
type RoundTripper func(*http.Request) (*http.Response, error)

// RoundTrip calls the function.
func (f RoundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// Stuck is a transport that never responds.
type Stuck struct{}

// RoundTrip waits for the end of the request's context.
func (Stuck) RoundTrip(req *http.Request) (*http.Response, error) {
	<-req.Context().Done()
	return nil, req.Context().Err()
}
