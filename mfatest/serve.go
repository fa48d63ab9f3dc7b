package mfatest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-auth0-mfa/mfa"
)

// Request is a request that arrived; see [Tenant.Requests].
type Request struct {
	// Method is the HTTP method.
	Method string
	// Path is the path as it was sent, with escapes and without the query.
	Path string
	// Op is the operation, as in [Fault]. It is empty if the request is none.
	Op mfa.Op
	// Header is the header, with tokens and credentials. Secret.
	Header http.Header
	// Body is the body, at most its first MiB, with codes and tokens. Secret.
	Body []byte
}

// String returns method, path and operation. It contains no secret.
func (r Request) String() string {
	return strings.TrimSpace(r.Method + " " + r.Path + " " + string(r.Op))
}

// The requests that a tenant keeps.
const (
	maxRequests      = 5000
	maxRequestsBytes = 16 << 20 // of bodies
)

// Requests returns the requests that arrived, oldest first. They include those
// that had no effect because of a [Fault]. The result is a copy. The tenant keeps
// the newest 5,000 requests, and no more than 16 MiB of bodies.
func (t *Tenant) Requests() []Request {
	t.mu.Lock()
	defer t.mu.Unlock()
	all := slices.Clone(t.requests)
	for i, r := range all {
		all[i].Header = r.Header.Clone()
		all[i].Body = bytes.Clone(r.Body)
	}
	return all
}

// call is the state of one request.
type call struct {
	op     mfa.Op
	now    time.Time
	from   netip.Addr // of the connection
	header http.Header
	params params
	broken error        // the refusal of a body that could not be parsed
	id     string       // last part of the path of an authenticator
	app    *application // that authenticated; set where an endpoint requires it
}

// endpoint handles the requests to one path. Every error is a refusal.
type endpoint func(*Tenant, call) (response, error)

// Paths that more than one place names.
const (
	pathToken          = "/oauth/token"
	pathAuthenticators = "/mfa/authenticators" // of the list; the ID of an authenticator follows it
)

// route finds the endpoint for a path and a method, and sets the operation.
func (c *call) route(method, path string) endpoint {
	var op mfa.Op
	var allowed string
	var handle endpoint
	switch id, isAuthenticator := authenticatorID(path); {
	case path == pathToken:
		allowed, op, handle = http.MethodPost, tokenOp(c.params), (*Tenant).token
	case path == "/mfa/associate":
		allowed, op, handle = http.MethodPost, mfa.OpAssociate, (*Tenant).associate
	case path == "/mfa/challenge":
		allowed, op, handle = http.MethodPost, mfa.OpChallenge, (*Tenant).challenge
	case path == pathAuthenticators:
		allowed, op, handle = http.MethodGet, mfa.OpListAuthenticators, (*Tenant).list
	case isAuthenticator:
		allowed, op, handle = http.MethodDelete, mfa.OpDeleteAuthenticator, (*Tenant).remove
		c.id = id
	case path == "/.well-known/openid-configuration":
		allowed, op, handle = http.MethodGet, mfa.OpWarm, (*Tenant).configuration
	case path == "/.well-known/jwks.json":
		allowed, op, handle = http.MethodGet, OpJWKS, (*Tenant).jwks
	default:
		return notFound
	}
	if method != allowed && (method != http.MethodHead || allowed != http.MethodGet) {
		return methodNotAllowed(allowed)
	}
	c.op = op
	return handle
}

// authenticatorID returns the ID at the end of an authenticator's path.
func authenticatorID(path string) (string, bool) {
	escaped, found := strings.CutPrefix(path, pathAuthenticators+"/")
	if !found || escaped == "" || strings.Contains(escaped, "/") {
		return "", false
	}
	id, err := url.PathUnescape(escaped)
	return id, err == nil
}

// notFound refuses paths that the tenant does not have. Neither this response
// nor that of methodNotAllowed is documented.
func notFound(*Tenant, call) (response, error) {
	return response{}, refuse(http.StatusNotFound, "not_found", "There is nothing at this path")
}

func methodNotAllowed(allowed string) endpoint {
	return func(*Tenant, call) (response, error) {
		refused := newRefusal(http.StatusMethodNotAllowed, errorBody{Error: "method_not_allowed", Description: "Use " + allowed})
		refused.header.Set("Allow", allowed)
		return response{}, refused
	}
}

// serve handles a request: it records it, looks for a fault, acts and responds.
func (t *Tenant) serve(w http.ResponseWriter, r *http.Request) {
	if t.allowOrigin(w.Header(), r) {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	c := call{header: r.Header}
	if from, err := netip.ParseAddrPort(r.RemoteAddr); err == nil {
		c.from = from.Addr().Unmap()
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		c.broken, err = refuse(http.StatusRequestEntityTooLarge, "invalid_request", "The request body is too large"), nil
	} else {
		c.params, c.broken = parseBody(r.Header, body)
	}
	path := r.URL.EscapedPath()
	handle := c.route(r.Method, path)
	fault := t.record(Request{Method: r.Method, Path: path, Op: c.op, Header: r.Header.Clone(), Body: body})
	if err != nil {
		panic(http.ErrAbortHandler) // the client went away in the middle of its request
	}
	fault.wait(r)
	c.now = t.Now() // after the delay, during which the test may have moved the clock

	w.Header().Set("Date", c.now.UTC().Format(http.TimeFormat))
	if path == pathToken {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
	} else {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
	}
	applyFault(w, r, fault, func() response { return t.act(c, handle) })
}

// allowOrigin sets the headers of CORS, and reports whether the request is a
// preflight, which needs no other response.
func (t *Tenant) allowOrigin(header http.Header, r *http.Request) (preflight bool) {
	if len(t.config.origins) == 0 {
		return false
	}
	header.Add("Vary", "Origin")
	origin := r.Header.Get("Origin")
	if !t.config.origins[origin] {
		return false
	}
	header.Set("Access-Control-Allow-Origin", origin)
	header.Set("Access-Control-Expose-Headers", "Retry-After, X-Ratelimit-Limit, X-Ratelimit-Remaining, X-Ratelimit-Reset")
	if r.Method != http.MethodOptions || r.Header.Get("Access-Control-Request-Method") == "" {
		return false
	}
	header.Set("Access-Control-Allow-Methods", "GET, POST, DELETE")
	header.Set("Access-Control-Allow-Headers", r.Header.Get("Access-Control-Request-Headers"))
	return true
}

// record notes a request and returns the fault that it meets.
func (t *Tenant) record(r Request) Fault {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.requests = append(t.requests, r)
	t.requestsBytes += len(r.Body)
	for len(t.requests) > maxRequests || t.requestsBytes > maxRequestsBytes {
		t.requestsBytes -= len(t.requests[0].Body)
		t.requests[0] = Request{} // the array outlives it
		t.requests = t.requests[1:]
	}
	return t.takeFault(r.Op)
}

// act calls an endpoint under the lock and the rate limit of the whole tenant.
func (t *Tenant) act(c call, handle endpoint) response {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.config.limit.burst == 0 {
		return resolve(handle(t, c))
	}
	if !t.calls.take(t.config.limit, c.now) {
		return resolve(response{}, t.calls.tooManyRequests(t.config.limit, c.now))
	}
	resp := resolve(handle(t, c))
	if resp.header.Get("X-Ratelimit-Limit") == "" { // the endpoint's own policy goes first
		t.calls.policy(t.config.limit, c.now, resp.header)
	}
	return resp
}

// response is the response to a request.
type response struct {
	status int
	header http.Header
	body   []byte
}

// respond returns a response with a JSON body.
func respond(status int, body any) response {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(body); err != nil {
		panic(fmt.Sprintf("mfatest: %T: %v", body, err)) // a mistake in this package: all bodies are its own structs
	}
	return response{status: status, header: http.Header{}, body: bytes.TrimSuffix(b.Bytes(), []byte("\n"))}
}

// refusal is the response of an endpoint that refused a request.
type refusal struct{ response }

// errorBody is the body of OAuth's errors, with Auth0's additions.
type errorBody struct {
	Error        string        `json:"error"`
	Description  string        `json:"error_description,omitempty"`
	URI          string        `json:"error_uri,omitempty"`
	MFAToken     string        `json:"mfa_token,omitempty"`
	Requirements *requirements `json:"mfa_requirements,omitempty"`
}

// Error returns the status alone, because the body of mfa_required has a token.
func (r *refusal) Error() string { return http.StatusText(r.status) }

// newRefusal returns a refusal with the body of an OAuth error, to which the
// caller may add a header.
func newRefusal(status int, body errorBody) *refusal { return &refusal{respond(status, body)} }

// refuse returns a refusal as an error.
func refuse(status int, code, description string) error {
	return newRefusal(status, errorBody{Error: code, Description: description})
}

// resolve returns the response of an endpoint, whether it refused or not.
func resolve(resp response, err error) response {
	if err != nil {
		refused, _ := errors.AsType[*refusal](err) // no endpoint returns any other error
		return refused.response
	}
	return resp
}

// The refusals that several endpoints share. Those about the form of a parameter
// are documented for some parameters and used for all.

func missing(parameter string) error {
	return refuse(http.StatusBadRequest, "invalid_request", "Missing required parameter: "+parameter)
}

func notText(parameter string) error {
	return refuse(http.StatusBadRequest, "invalid_request", parameter+" must be a string")
}

func malformed(parameter string) error {
	return refuse(http.StatusForbidden, "invalid_grant", "Malformed "+parameter)
}

// expired has status 403 here; some of Auth0's own fixtures have 401.
func expired(parameter string) error {
	return refuse(http.StatusForbidden, "expired_token", parameter+" is expired")
}

// tooManyCodes has status 400, as its code usually has; the status that Auth0
// sends is not documented.
func tooManyCodes() error {
	return refuse(http.StatusBadRequest, "invalid_request", "Too many failed codes. Wait for some minutes before retrying.")
}

func notEnrolled() error {
	return refuse(http.StatusUnauthorized, "unsupported_challenge_type",
		"User is not enrolled. You can use /mfa/associate endpoint to enroll the first authenticator.")
}

// maxBody is how much of a body the tenant reads.
const maxBody = 1 << 20

// params are the parameters of a request body: text from a form, any value from
// JSON. A form field that is repeated is a list.
type params map[string]any

// parseBody reads a body by its content type. If the content type is unknown,
// the request has no parameters. How Auth0 refuses a broken body is not
// documented.
func parseBody(header http.Header, body []byte) (params, error) {
	broken := refuse(http.StatusBadRequest, "invalid_request", "The request body could not be parsed")
	mediaType, _, _ := mime.ParseMediaType(header.Get("Content-Type"))
	p := params{}
	switch mediaType {
	case "application/json":
		// The standard library would replace invalid UTF-8 and go on.
		if !utf8.Valid(body) || len(body) > 0 && json.Unmarshal(body, &p) != nil {
			return params{}, broken
		}
	case "application/x-www-form-urlencoded":
		values, err := url.ParseQuery(string(body))
		if err != nil {
			return params{}, broken
		}
		for name, all := range values {
			p[name] = all[0]
			if len(all) > 1 {
				p[name] = all
			}
		}
	}
	return p, nil
}

// text returns a parameter, or "" if it is missing or not text.
func (p params) text(name string) string {
	s, _ := p[name].(string)
	return s
}

// list returns a parameter that is a list of text, or a single text.
func (p params) list(name string) []string {
	switch v := p[name].(type) {
	case string:
		return []string{v}
	case []any:
		var all []string
		for _, element := range v {
			s, ok := element.(string)
			if !ok {
				return nil
			}
			all = append(all, s)
		}
		return all
	default:
		return nil
	}
}

// check refuses parameters that are not text, and then missing ones.
func (p params) check(required ...string) error {
	var wrong []string
	for name, v := range p {
		if _, ok := v.(string); !ok && v != nil {
			wrong = append(wrong, name)
		}
	}
	if len(wrong) > 0 {
		return notText(slices.Min(wrong))
	}
	for _, name := range required {
		if p.text(name) == "" {
			return missing(name)
		}
	}
	return nil
}
