package mfa

import (
	"context"
	"errors"
	"net/http"
	"net/netip"
	"slices"

	"github.com/go-auth0-mfa/mfa/internal/input"
	"github.com/go-auth0-mfa/mfa/internal/redact"
	"github.com/go-auth0-mfa/mfa/internal/transport"
)

// call is one operation on its way: what local checks refused, what is sent,
// and which values must not come back in an error.
type call struct {
	client  *Client
	op      Op
	route   string // the path as a template
	request transport.Request
	body    body
	private []string
	refused refusals

	space [6]string // for private, so that it need not be allocated
}

// newCall begins a call. A client that NewClient did not make is refused.
func (c *Client) newCall(op Op, method, path string) *call {
	k := &call{client: c, op: op, route: path, request: transport.Request{Method: method, Path: path}}
	k.private = k.space[:0]
	if c == nil || c.transport == nil {
		k.refused.add("Client", "was not made by NewClient")
		k.client = new(Client)
	}
	k.request.Header = k.client.headers.plain
	return k
}

// check refuses a field that has a problem.
func (k *call) check(field, problem string) {
	if problem != "" {
		k.refused.add(field, problem)
	}
}

// secret checks a secret by its rule and returns its value.
func (k *call) secret(field string, s Secret, rule func(string) string) string {
	return k.value(field, s.Reveal(), rule)
}

// value checks a value that must not come back in an error, and returns it.
func (k *call) value(field, value string, rule func(string) string) string {
	switch problem := rule(value); {
	case problem != "":
		k.refused.add(field, problem)
	case value == redacted:
		k.refused.add(field, wasRedacted)
	default:
		k.private = append(k.private, value)
	}
	return value
}

// bearer checks a token and sends it in the Authorization header.
func (k *call) bearer(field string, token Secret) {
	k.request.Bearer = k.secret(field, token, input.Token)
}

// endUserIP sends the address of the end user, if there is one. Auth0 ignores
// it without a client secret, which nobody would notice until brute-force
// protection counts all users as one.
func (k *call) endUserIP(ip netip.Addr) {
	switch {
	case !ip.IsValid():
	case ip.Zone() != "":
		k.refused.add("EndUserIP", "has a zone")
	case k.client.secret.IsZero():
		k.refused.add("EndUserIP", "needs a client secret")
	default:
		address := ip.Unmap().String()
		k.private = append(k.private, address)
		k.request.Header = k.request.Header.Clone()
		k.request.Header["Auth0-Forwarded-For"] = []string{address}
	}
}

// credentials are what authenticates the application, with its id.
//
// RFC 6749, section 2.3.1; RFC 7523, section 2.2.
type credentials struct {
	ClientID            string `json:"client_id"`
	ClientSecret        string `json:"client_secret,omitzero"`
	ClientAssertion     string `json:"client_assertion,omitzero"`
	ClientAssertionType string `json:"client_assertion_type,omitzero"`
}

// credentials returns the application's credentials for one attempt.
func (k *call) credentials(ctx context.Context) (credentials, error) {
	c := k.client
	cr := credentials{ClientID: c.clientID, ClientSecret: c.secret.Reveal()}
	if c.assert == nil {
		return cr, nil
	}
	assertion, err := c.assert(ctx)
	if err != nil {
		return cr, err
	}
	problem := input.Token(assertion)
	if assertion == redacted {
		problem = wasRedacted
	}
	if problem != "" {
		return cr, refusal{"ClientAssertion", problem}
	}
	k.private = append(k.private, assertion)
	cr.ClientAssertion = assertion
	cr.ClientAssertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
	return cr, nil
}

// body is what a request carries beside the credentials.
type body interface {
	encode(credentials) ([]byte, error)
}

// carry gives the request a body, and the headers that go with it.
func (k *call) carry(header http.Header, body body) {
	k.request.Header, k.request.Body, k.body = header, k, body
}

// Encode makes the body of one attempt.
func (k *call) Encode(ctx context.Context) ([]byte, error) {
	cr, err := k.credentials(ctx)
	if err != nil {
		return nil, err
	}
	return k.body.encode(cr)
}

// send makes the call and has read take the result out of a successful
// answer. When read finds none, the answer was no success.
func send[T any](ctx context.Context, k *call, read func(status int, body []byte) (T, bool)) (T, error) {
	var none T
	if ctx == nil {
		k.refused.add("Context", isNil)
	}
	if err := k.refused.err(k.op); err != nil {
		return none, err
	}
	k.private = append(k.private, k.client.secret.Reveal())
	var observe func(transport.Outcome)
	if len(k.client.observers) > 0 {
		observe = func(out transport.Outcome) { k.observe(ctx, out) }
	}
	out := k.client.transport.Do(ctx, k.request, observe)
	defer k.client.transport.Release(out)
	if out.Err == nil {
		if result, ok := read(out.Status, out.Body); ok {
			return result, nil
		}
	}
	return none, newError(k.op, out, k.private)
}

// observe tells the observers about an attempt.
func (k *call) observe(ctx context.Context, out transport.Outcome) {
	event := Event{
		Op: k.op, Method: k.request.Method, Route: k.route, RequestID: requestID(out.Header, k.private),
		Attempt: out.Attempt, StatusCode: out.Status, Delivery: deliveryOf(out),
		Duration: out.Duration, RetryAfter: out.RetryAfter,
	}
	var e *Error
	failed := out.Status != http.StatusOK || !isObjectWithoutError(out.Body)
	if failed && errors.As(newError(k.op, out, k.private), &e) && redact.IsCode(e.Code) {
		event.Code = e.Code
	}
	for _, observe := range k.client.observers {
		observe(ctx, event)
	}
}

// refusal says what is wrong with a field or an option, without its value.
type refusal struct{ field, problem string }

func (r refusal) Error() string { return "mfa: " + r.field + " " + r.problem }

// refusals collects what local checks refused, so that all is reported at once.
type refusals []refusal

// add records what is wrong with a field, the first thing if there are several.
func (r *refusals) add(field, problem string) {
	if !slices.ContainsFunc(*r, func(one refusal) bool { return one.field == field }) {
		*r = append(*r, refusal{field, problem})
	}
}

// err returns the error of a refused call, nil if nothing was refused.
func (r refusals) err(op Op) error {
	if len(r) == 0 {
		return nil
	}
	e := &Error{Op: op, Delivery: DeliveryNotSent, refused: r}
	for _, one := range r {
		e.Fields = append(e.Fields, one.field)
	}
	return e
}
