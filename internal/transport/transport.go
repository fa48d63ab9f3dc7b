// Package transport sends one request to a tenant and returns one response:
// status, header and a bounded body. It is the one place for everything that must
// not happen on the way: a redirect, a cookie, a POST that is sent twice, a
// response without end. It knows no endpoint, no error code, no JSON and no
// reason to repeat a request.
package transport

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptrace"
	"time"
)

// Config says where a [Client] sends its requests.
type Config struct {
	Scheme, Host string       // the origin; nothing is ever sent elsewhere
	HTTPClient   *http.Client // copied; only its Transport is used; if nil, NewTransport makes one
}

// Client sends requests to one origin. It is immutable and safe for concurrent use.
type Client struct {
	sender *sender
	http   *http.Client
	gate   *gate
}

// New returns a Client. It sends nothing and starts nothing.
func New(config Config) *Client {
	var own http.Client
	if config.HTTPClient != nil {
		own.Transport = config.HTTPClient.Transport
	}
	if own.Transport == nil {
		own.Transport = NewTransport()
	}
	calls := newGate(own.Transport, config.Scheme)
	own.Transport = &guard{base: own.Transport, scheme: config.Scheme, host: config.Host}
	own.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &Client{sender: newSender(&own, config.Scheme, config.Host), http: &own, gate: calls}
}

// CloseIdleConnections closes the connections that carry no request.
func (c *Client) CloseIdleConnections() { c.http.CloseIdleConnections() }

// Request is one request.
type Request struct {
	Method string
	Path   string // escaped, with the leading slash
	Bearer string // the token for the Authorization header; if "", there is none
	// Header is not changed, so requests can share it. It names what resty would
	// add otherwise: User-Agent, Accept and, with a body, Content-Type.
	Header http.Header
	Body   []byte // if nil, there is none
	// MaxConnections is on how many connections net/http may send a GET before one
	// of them answers. It sends a request without a body again by itself. Any other
	// request is sent on one.
	MaxConnections int32
	// Stop ends the context that the request is sent with.
	Stop context.CancelFunc
	// Alone sends the request on a connection of its own, which no server is about
	// to end, if the caller's transport is an *http.Transport.
	Alone bool
}

// Outcome is how a request ended.
type Outcome struct {
	Status     int         // of a complete response; 0 if none arrived
	Header     http.Header // of a complete response
	Body       []byte      // of a complete response, at most MaxBody bytes
	Err        error       // why there is no complete response, or why its body is unusable
	RetryAfter time.Duration
	NotSent    bool  // without Status: the server provably did not act on it
	Final      bool  // without Status: another request would end the same way
	Requests   int32 // how many requests were made, those that net/http repeated included
}

// Send sends the request once and reads the response.
func (c *Client) Send(ctx context.Context, req Request) Outcome {
	if err := ctx.Err(); err != nil {
		return Outcome{Err: err, NotSent: true, Final: true}
	}
	x := new(exchange)
	seen := &x.seen
	seen.late = req.Body == nil && req.Method != http.MethodGet
	if !req.Alone {
		if err := c.gate.enter(ctx, &seen.place); err != nil {
			return Outcome{Err: err, NotSent: true, Final: true}
		}
		defer seen.place.leave()
	}
	seen.watch(req.Method != http.MethodGet, req.MaxConnections, req.Stop)
	resp, err := c.sender.send(httptrace.WithClientTrace(ctx, &seen.trace), x, req)
	out := Outcome{Requests: seen.requests()}
	if err != nil {
		out.Final = errors.Is(err, errForeign)
		out.Err, out.NotSent = err, out.Final || seen.provesNotSent(err)
		switch { // instead of the context error that Stop caused
		case seen.repeats.Load():
			out.Err = ErrRepeats
		case seen.crowded.Load():
			out.Err = errCrowded
		case seen.ended.Load():
			out.Err = errEnded
		}
		return out
	}
	out.Body, out.Err = readBody(resp)
	if out.Err == nil || errors.Is(out.Err, ErrUnusable) {
		out.Status, out.Header = resp.StatusCode, resp.Header
		out.RetryAfter = RetryAfter(out.Status, out.Header)
	}
	return out
}
