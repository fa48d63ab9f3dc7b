// Package transport makes one call to a tenant and brings back status, header
// and bounded bytes. It is the only importer of resty, and the one place for
// everything that must not happen on the way: a redirect, a cookie, a repeated
// POST, a wait past the deadline, an answer without end. It knows no endpoint,
// no error code and no JSON.
package transport

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/http/httptrace"
	"sync"
	"time"

	"github.com/go-resty/resty/v2"
)

// Config says where a [Client] calls and what holds for every call.
type Config struct {
	Scheme, Host  string        // the origin; nothing is ever sent elsewhere
	HTTPClient    *http.Client  // copied; only its Transport is used; nil: [NewTransport]
	Timeout       time.Duration // for one call, waits and repeats included
	RateLimitWait time.Duration // longest wait before a call that 429 refused is repeated; 0: such calls are not repeated
}

// Client makes calls to one origin. It is immutable and safe for concurrent use.
type Client struct {
	blank         resty.Request // copied for each attempt
	http          *http.Client
	origin        string
	timeout       time.Duration
	rateLimitWait time.Duration
	buffers       sync.Pool // of *buffer, clear
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
	own.Transport = &guard{base: own.Transport, scheme: config.Scheme, host: config.Host}
	own.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

	// NewWithClient and not New, which would share one cookie jar between all
	// end users. Answers stay unparsed: resty takes a page of HTML for a success.
	blank := *resty.NewWithClient(&own).
		SetLogger(silent{}).
		SetDisableWarn(true).
		SetDebug(false).
		SetRetryCount(0).
		SetDoNotParseResponse(true).
		SetPreRequestHook(unrepeatably).
		R()
	// Five maps, which no call here fills; without them the copies share nothing.
	blank.QueryParam, blank.FormData, blank.PathParams, blank.RawPathParams, blank.Header = nil, nil, nil, nil, nil

	return &Client{
		blank:         blank,
		http:          &own,
		origin:        config.Scheme + "://" + config.Host,
		timeout:       config.Timeout,
		rateLimitWait: config.RateLimitWait,
	}
}

// CloseIdleConnections closes the connections that carry no call.
func (c *Client) CloseIdleConnections() { c.http.CloseIdleConnections() }

// Request is one call.
type Request struct {
	Method string
	Path   string // escaped, with the leading slash
	Bearer string // the token for the Authorization header; "": none
	// Header may be shared between calls: it is not changed, if it names what
	// resty would add, User-Agent, Accept and, for a body, Content-Type.
	Header http.Header
	// Body makes the body, once for each attempt; nil: no body.
	Body interface {
		Encode(context.Context) ([]byte, error)
	}
	// Read says that the call changes nothing, so that it may be repeated.
	Read bool
}

// Outcome is how an attempt ended, or a call: the outcome of its last attempt.
type Outcome struct {
	Status     int         // of the complete answer; 0: none arrived
	Header     http.Header // of the complete answer
	Body       []byte      // of the complete answer, at most [MaxBody] bytes; until [Client.Release]
	NotSent    bool        // without Status: it is proven that nothing left
	Err        error       // why there is no complete answer, or why its body is unusable
	RetryAfter time.Duration
	Attempt    int           // 1 for the first
	Duration   time.Duration // for observe

	final    bool  // another attempt would end the same way
	requests int32 // that the attempt made
	buffer   *buffer
}

// Do makes the call, repeats it as far as the policy allows, and returns the
// last outcome. Each attempt is handed to observe, if that is not nil, as it ends.
func (c *Client) Do(ctx context.Context, req Request, observe func(Outcome)) Outcome {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	spent := budget{read: req.Read, rateLimitWait: c.rateLimitWait}
	for n := 1; ; n++ {
		var began time.Time
		if observe != nil {
			began = time.Now()
		}
		seen := newConnections()
		if req.Method == http.MethodGet { // without a body, net/http repeats it without limit
			seen.limit(spent.connections(), cancel)
		}
		out := c.attempt(ctx, req, seen)
		out.Attempt = n
		if observe != nil {
			out.Duration = time.Since(began)
			observe(out)
		}
		wait, again := spent.next(out)
		if again && sleep(ctx, wait) {
			c.Release(out)
			continue
		}
		if out.Status == 0 && !seen.stopped.Load() || again {
			out.Err = withContext(ctx, out.Err)
		}
		return out
	}
}

// Release clears the outcome's body, which may hold tokens, and takes its
// memory back.
func (c *Client) Release(out Outcome) {
	if out.buffer != nil {
		out.buffer.clear()
		c.buffers.Put(out.buffer)
	}
}

// attempt sends the request once and reads the answer.
func (c *Client) attempt(ctx context.Context, req Request, seen *connections) Outcome {
	if ctx.Err() != nil {
		return Outcome{NotSent: true, Err: ctx.Err(), final: true}
	}
	r := c.blank
	r.Header, r.Token = req.Header, req.Bearer
	if req.Body != nil {
		body, err := req.Body.Encode(ctx)
		if err != nil {
			return Outcome{NotSent: true, Err: err, final: true}
		}
		// Of this type, which resty hands on as it is and net/http sends in one
		// write with the header.
		r.Body = bytes.NewReader(body)
	}
	r.SetContext(httptrace.WithClientTrace(ctx, &seen.trace))

	resp, err := r.Execute(req.Method, c.origin+req.Path)
	if err != nil {
		if seen.stopped.Load() {
			err = errReplayed // and not the context error of our own cancel
		}
		foreign := errors.Is(err, errForeign)
		return Outcome{NotSent: seen.none() || foreign, Err: err, final: foreign, requests: seen.requests()}
	}
	buf, ok := c.buffers.Get().(*buffer)
	if !ok {
		buf = new(buffer)
	}
	out := Outcome{requests: seen.requests(), buffer: buf}
	out.Body, out.Err = buf.readBody(resp.RawResponse)
	if out.Err == nil || errors.Is(out.Err, ErrUnusable) {
		out.Status, out.Header = resp.RawResponse.StatusCode, resp.RawResponse.Header
		out.RetryAfter = RetryAfter(out.Status, out.Header)
	}
	return out
}

// withContext makes sure that the end of the context is found in the error
// that it caused, whatever the transport made of it.
func withContext(ctx context.Context, err error) error {
	ended := ctx.Err()
	if deadline, ok := ctx.Deadline(); ended == nil && ok && !time.Now().Before(deadline) {
		ended = context.DeadlineExceeded // the dialer's own timer can be a moment ahead
	}
	if ended == nil {
		return err
	}
	return errors.Join(err, ended, context.Cause(ctx))
}

// silent swallows what resty would write to stderr.
type silent struct{}

func (silent) Errorf(string, ...any) {}
func (silent) Warnf(string, ...any)  {}
func (silent) Debugf(string, ...any) {}
