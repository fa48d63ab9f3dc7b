package mfatest

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/go-auth0-mfa/mfa"
)

// call is a request on its way through the tenant.
type call struct {
	op     mfa.Op
	now    time.Time
	header http.Header
	params params
	broken *answer      // what a body that could not be read is answered with
	id     string       // last part of the path of an authenticator
	app    *application // that authenticated; only where an endpoint asks for it
}

// Request is a request that arrived; see [Tenant.Requests].
type Request struct {
	// Method is the HTTP method.
	Method string
	// Path is the path as it was sent, escapes included, without the query.
	Path string
	// Op is the operation, as in [Fault]; empty for requests that are none.
	Op mfa.Op
	// Header is the header, tokens and credentials included. Secret.
	Header http.Header
	// Body is the body, its first MiB at most, codes and tokens included. Secret.
	Body []byte
}

// String returns method, path and operation; it holds no secret.
func (r Request) String() string {
	return strings.TrimSpace(r.Method + " " + r.Path + " " + string(r.Op))
}

// Requests returns all requests that arrived, in their order, also those that
// a [Fault] kept from having an effect. The result is a copy.
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

// Paths that more than one place names.
const (
	pathToken          = "/oauth/token"
	pathAuthenticators = "/mfa/authenticators" // of the list; an authenticator's id follows it
)

// route finds what answers a path and a method, and sets the operation.
func (c *call) route(method, path string) func(*Tenant, call) answer {
	var op mfa.Op
	var allowed string
	var act func(*Tenant, call) answer
	switch id, isAuthenticator := authenticatorID(path); {
	case path == pathToken:
		allowed, op, act = http.MethodPost, tokenOp(c.params), (*Tenant).token
	case path == "/mfa/associate":
		allowed, op, act = http.MethodPost, mfa.OpAssociate, (*Tenant).associate
	case path == "/mfa/challenge":
		allowed, op, act = http.MethodPost, mfa.OpChallenge, (*Tenant).challenge
	case path == pathAuthenticators:
		allowed, op, act = http.MethodGet, mfa.OpListAuthenticators, (*Tenant).list
	case isAuthenticator:
		allowed, op, act = http.MethodDelete, mfa.OpDeleteAuthenticator, (*Tenant).remove
		c.id = id
	case path == "/.well-known/openid-configuration":
		allowed, op, act = http.MethodGet, mfa.OpWarm, (*Tenant).configuration
	case path == "/.well-known/jwks.json":
		allowed, op, act = http.MethodGet, OpJWKS, (*Tenant).jwks
	default:
		return notFound
	}
	if method != allowed && (method != http.MethodHead || allowed != http.MethodGet) {
		return func(*Tenant, call) answer { return methodNotAllowed(allowed) }
	}
	c.op = op
	return act
}

// authenticatorID returns the id at the end of an authenticator's path.
func authenticatorID(path string) (string, bool) {
	escaped, found := strings.CutPrefix(path, pathAuthenticators+"/")
	if !found || escaped == "" || strings.Contains(escaped, "/") {
		return "", false
	}
	id, err := url.PathUnescape(escaped)
	return id, err == nil
}

// serve answers a request: note it, look for a fault, act, send.
func (t *Tenant) serve(w http.ResponseWriter, r *http.Request) {
	c := call{header: r.Header}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		a := refuse(http.StatusRequestEntityTooLarge, "invalid_request", "The request body is too large")
		c.broken, err = &a, nil
	} else {
		c.params, c.broken = parseBody(r.Header, body)
	}
	path := r.URL.EscapedPath()
	act := c.route(r.Method, path)
	fault := t.arrived(Request{Method: r.Method, Path: path, Op: c.op, Header: r.Header.Clone(), Body: body})
	if err != nil {
		panic(http.ErrAbortHandler) // the client went away in the middle of its request
	}
	fault.hold(r)
	c.now = t.Now() // after the delay, during which the test may have moved the clock

	w.Header().Set("Date", c.now.UTC().Format(http.TimeFormat))
	if path == pathToken {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
	} else {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
	}
	send(w, r, fault, func() answer { return t.act(c, act) })
}

// act runs an endpoint under the lock and the limit of the whole tenant.
func (t *Tenant) act(c call, endpoint func(*Tenant, call) answer) answer {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.settings.limit.burst == 0 {
		return endpoint(t, c)
	}
	if !t.calls.take(t.settings.limit, c.now) {
		return t.calls.tooManyRequests(t.settings.limit, c.now)
	}
	a := endpoint(t, c)
	if a.header.Get("X-Ratelimit-Limit") == "" { // the endpoint's own policy goes first
		t.calls.policy(t.settings.limit, c.now, a.header)
	}
	return a
}

// arrived notes a request and takes the fault that it meets.
func (t *Tenant) arrived(r Request) Fault {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.requests = append(t.requests, r)
	for i := range t.faults {
		f := &t.faults[i]
		if f.Op != "" && f.Op != r.Op {
			continue
		}
		taken := *f
		if f.Times--; f.Times == 0 {
			t.faults = slices.Delete(t.faults, i, i+1)
		}
		return taken
	}
	return Fault{}
}

// notFound answers for paths that the tenant does not have. Its form is not
// documented, here as for a wrong method.
func notFound(*Tenant, call) answer {
	return refuse(http.StatusNotFound, "not_found", "There is nothing at this path")
}

func methodNotAllowed(allowed string) answer {
	a := refuse(http.StatusMethodNotAllowed, "method_not_allowed", "Use "+allowed)
	a.header.Set("Allow", allowed)
	return a
}
