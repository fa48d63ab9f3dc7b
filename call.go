package mfa

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/go-auth0-mfa/mfa/internal/input"
	"github.com/go-auth0-mfa/mfa/internal/redact"
	"github.com/go-auth0-mfa/mfa/internal/transport"
)

// call is the state of one operation: the fields that failed validation, the
// request, and the values to redact from errors.
type call struct {
	client  *Client
	op      Op
	route   string // the path as a template
	reads   bool   // changes nothing, so it may be repeated
	request transport.Request
	encode  func(credentials) ([]byte, error) // makes the body of one attempt; if nil, there is none
	private []string
	refused fieldErrors
	login   []string // what the tokens depend on, if the call is a login
}

// newCall starts a call. It refuses a client that NewClient did not make.
func (c *Client) newCall(op Op, method, path string) *call {
	call := &call{client: c, op: op, route: path, request: transport.Request{Method: method, Path: path}, private: make([]string, 0, 6)}
	if c == nil || c.transport == nil {
		call.refused.add("Client", "was not made by NewClient")
		call.client = new(Client)
	}
	call.request.Header = call.client.headers.plain
	return call
}

// value checks a value that errors must not contain, and returns it.
func (c *call) value(field, value string, rule func(string) string) string {
	if problem := cmp.Or(rule(value), problemIf(value == redacted, wasRedacted)); problem != "" {
		c.refused.add(field, problem)
	} else {
		c.private = append(c.private, value)
	}
	return value
}

// token checks a token and returns its value.
func (c *call) token(field string, token Secret) string {
	return c.value(field, token.Reveal(), input.Token)
}

// code checks what a user typed and returns the code that find finds in it. What has
// none goes as it was typed, without the space around it: the form of codes is Auth0's
// choice.
func (c *call) code(field string, typed Secret, find func(string) (string, bool)) string {
	code, found := find(typed.Reveal())
	if !found {
		code = strings.TrimSpace(typed.Reveal())
	}
	return c.value(field, code, input.Code)
}

// bearer checks a token and sends it in the Authorization header.
func (c *call) bearer(token Secret) { c.request.Bearer = c.token("Token", token) }

// endUserIP sends the address of the end user, if there is one. Without a client secret
// Auth0 ignores it, and nobody would notice before brute-force protection counts all
// users as one.
func (c *call) endUserIP(ip netip.Addr) {
	switch {
	case !ip.IsValid():
	case ip.Zone() != "":
		c.refused.add("EndUserIP", "has a zone")
	case c.client.secret.IsZero():
		c.refused.add("EndUserIP", "needs a client secret")
	default:
		address := ip.Unmap().String()
		c.private = append(c.private, address)
		c.request.Header = c.request.Header.Clone()
		c.request.Header["Auth0-Forwarded-For"] = []string{address}
	}
}

// credentials identify and authenticate the application.
//
// RFC 6749, section 2.3.1; RFC 7523, section 2.2.
type credentials struct {
	ClientID            string `json:"client_id"`
	ClientSecret        string `json:"client_secret,omitzero"`
	ClientAssertion     string `json:"client_assertion,omitzero"`
	ClientAssertionType string `json:"client_assertion_type,omitzero"`
}

// credentials returns the application's credentials for one attempt.
func (c *call) credentials(ctx context.Context) (credentials, error) {
	cl := c.client
	cr := credentials{ClientID: cl.clientID, ClientSecret: cl.secret.Reveal()}
	if cl.assert == nil {
		return cr, nil
	}
	if err := ctx.Err(); err != nil {
		return cr, err // a signature can cost a request to a key server
	}
	assertion, err := cl.assert(ctx)
	if err != nil {
		return cr, err
	}
	if problem := cmp.Or(input.Token(assertion), problemIf(assertion == redacted, wasRedacted)); problem != "" {
		return cr, fieldError{"ClientAssertion", problem}
	}
	c.private = append(c.private, assertion)
	cr.ClientAssertion = assertion
	cr.ClientAssertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
	return cr, nil
}

// json makes the body a JSON object.
func (c *call) json(encode func(credentials) ([]byte, error)) {
	c.request.Header, c.encode = c.client.headers.json, encode
}

// form makes the body a form of names and values. Empty values are omitted.
//
// RFC 6749, section 4.3.2.
func (c *call) form(fields ...string) {
	c.request.Header = c.client.headers.form
	c.encode = func(cr credentials) ([]byte, error) {
		own := [...]string{
			"client_id", cr.ClientID,
			"client_secret", cr.ClientSecret,
			"client_assertion", cr.ClientAssertion,
			"client_assertion_type", cr.ClientAssertionType,
		}
		size := 0
		for _, list := range [][]string{own[:], fields} {
			for _, field := range list {
				size += len(field) + 8 // with some room for escapes
			}
		}
		// The grant type comes first, as in the documentation.
		body := appendForm(make([]byte, 0, size), fields[:2])
		return appendForm(appendForm(body, own[:]), fields[2:]), nil
	}
}

// appendForm appends names and values to a form.
func appendForm(form []byte, fields []string) []byte {
	for i := 0; i < len(fields); i += 2 {
		if fields[i+1] == "" {
			continue
		}
		if len(form) > 0 {
			form = append(form, '&')
		}
		form = append(form, fields[i]...)
		form = append(form, '=')
		form = append(form, url.QueryEscape(fields[i+1])...)
	}
	return form
}

// send makes the call and returns what read finds in the response. If read returns a
// problem, the response is not a success.
func send[T any](ctx context.Context, c *call, read func(status int, body []byte) (result T, problem string)) (T, error) {
	var none T
	if ctx == nil {
		c.refused.add("Context", isNil)
	}
	if err := c.refused.err(c.op); err != nil {
		return none, err
	}
	c.private = append(c.private, c.client.secret.Reveal())
	out := c.do(ctx)
	problem := ""
	if out.Err == nil {
		var result T
		if result, problem = read(out.Status, out.Body); problem == "" {
			return result, nil
		}
	}
	err := newError(c.op, out, problem, c.private)
	if required, ok := errors.AsType[*RequiredError](err); ok && c.login != nil {
		note := input.NewLogin(c.client.domain, c.client.clientID, c.login...)
		noted := func() *input.Login { return note }
		required.login = &noted
	}
	return none, err
}

// observe reports an attempt to the observers.
func (c *call) observe(ctx context.Context, attempt int, took time.Duration, out transport.Outcome) {
	event := Event{
		Op: c.op, Method: c.request.Method, Route: c.route, RequestID: requestID(out.Header, c.private),
		Attempt: attempt, StatusCode: out.Status, Delivery: deliveryOf(out),
		Duration: took, RetryAfter: out.RetryAfter,
	}
	var e *Error
	failed := out.Status != http.StatusOK || !isObjectWithoutError(out.Body)
	if failed && errors.As(newError(c.op, out, "", c.private), &e) && redact.IsCode(e.Code) {
		event.Code = e.Code
	}
	for _, observe := range c.client.observers {
		observe(ctx, event)
	}
}

// fieldError says what is wrong with a field or an option, without its value.
type fieldError struct{ field, problem string }

func (e fieldError) Error() string { return "mfa: " + e.field + " " + e.problem }

// fieldErrors collects what local checks refused, so that all is reported at once.
type fieldErrors []fieldError

// isNil is the problem of a nil argument.
const isNil = "is nil"

// problemIf returns the problem if there is one.
func problemIf(yes bool, problem string) string {
	if yes {
		return problem
	}
	return ""
}

// check refuses a field that has a problem.
func (f *fieldErrors) check(field, problem string) {
	if problem != "" {
		f.add(field, problem)
	}
}

// add records what is wrong with a field; of several problems the first.
func (f *fieldErrors) add(field, problem string) {
	if !slices.ContainsFunc(*f, func(one fieldError) bool { return one.field == field }) {
		*f = append(*f, fieldError{field, problem})
	}
}

// err returns the error of a refused call, nil if nothing was refused.
func (f fieldErrors) err(op Op) error {
	if len(f) == 0 {
		return nil
	}
	e := &Error{Op: op, Delivery: DeliveryNotSent, refused: f}
	for _, one := range f {
		e.Fields = append(e.Fields, one.field)
	}
	return e
}
