package mfa

import (
	"cmp"
	"context"
	"encoding/base64"
	"log/slog"
	"net/http"
	"reflect"
	"runtime"
	"slices"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/go-auth0-mfa/mfa/internal/input"
)

// version is the version of this package in the User-Agent header.
const version = "0.1.0"

// Option configures a [Client]. If an option is given twice, the last one counts. Only
// [WithObserver], [WithLogger] and [WithProduct] add up. A bad value is refused even if a
// later option replaces it.
type Option func(*config)

// config holds what the options set.
type config struct {
	refused   fieldErrors
	secret    Secret
	assert    func(context.Context) (string, error)
	http      *http.Client
	timeout   time.Duration
	audience  string
	rateLimit time.Duration
	limiter   Limiter
	observers []func(context.Context, Event)
	products  []product // the outermost first
	silent    bool      // no Auth0-Client header
}

// WithClientSecret authenticates the application by its secret, in the body of each
// call that needs it. It replaces [WithClientAssertion].
//
// Auth0 docs: https://auth0.com/docs/secure/application-credentials
func WithClientSecret(secret string) Option {
	return func(c *config) {
		c.secret, c.assert = NewSecret(secret), nil
		c.refused.check("ClientSecret", cmp.Or(input.ClientSecret(secret), problemIf(secret == redacted, wasRedacted)))
	}
}

// WithClientAssertion authenticates the application by private_key_jwt. It replaces
// [WithClientSecret].
//
// assert returns a signed JWT with the audience https://<domain>/, of at most 2,048
// bytes. It is called once for each attempt of a call, by many goroutines at once. If
// it returns an error, the call ends before anything is sent.
//
// Auth0 docs: https://auth0.com/docs/get-started/authentication-and-authorization-flow/authenticate-with-private-key-jwt
func WithClientAssertion(assert func(context.Context) (string, error)) Option {
	return func(c *config) {
		c.assert, c.secret = assert, Secret{}
		c.refused.check("ClientAssertion", problemIf(assert == nil, isNil))
	}
}

// WithHTTPClient makes calls on the Transport of hc. If that is nil, they are made on
// [NewTransport]. The Timeout of hc is the default of [WithTimeout]. Jar and
// CheckRedirect are not used: no cookie is kept and no redirect is followed. hc is
// copied and never written to. If hc is nil, the defaults apply.
//
// The transport sees every secret that is sent. It should pass the context of the request
// on, as any wrapper of *http.Transport does. Then net/http/httptrace tells of its
// connections, which [DeliveryNotSent] needs, and a request that the transport repeats by
// itself is stopped before its first byte: [Client.Challenge] sends no second message.
// The call fails with an error that says so. Without httptrace neither holds.
//
//   - go-retryablehttp: set RetryMax to 0. A response such as 503 is repeated otherwise,
//     and the call after a response is not stopped.
//   - rehttp: repeat nothing, for the same reason.
//   - Transports that sign: keep the request and change its header. http.NewRequest makes
//     one that net/http repeats by itself, so that such a call fails where a server ends
//     its connections. To fetch a token first is fine.
//   - Caches: each request has "Cache-Control: no-store". Cache nothing in spite of that.
func WithHTTPClient(hc *http.Client) Option {
	return func(c *config) {
		c.http = hc
	}
}

// WithTimeout limits one call, waits and repeats included. The deadline of the
// context counts if it is earlier. If d is zero, which is the default, the limit is the
// Timeout of the client of [WithHTTPClient], or else 30 seconds.
func WithTimeout(d time.Duration) Option {
	return func(c *config) {
		c.timeout = d
		c.refused.check("Timeout", problemIf(d < 0, "is negative"))
	}
}

// WithMFAAudience sets what [Client.MFAAudience] returns. With a custom domain, use the
// tenant's own domain: "https://tenant.eu.auth0.com/mfa/", with the slash.
//
// Auth0 docs: https://auth0.com/docs/customize/custom-domains/configure-features-to-use-custom-domains
func WithMFAAudience(audience string) Option {
	return func(c *config) {
		c.audience = audience
		c.refused.check("MFAAudience", input.Audience(audience))
	}
}

// WithRateLimitRetry repeats any call that was refused with HTTP 429, at most twice.
// It does so only if the response states a wait of at most maxWait that ends before
// the deadline. A refused call did not act, so no second message is sent. A code
// expires after 5 minutes, so keep maxWait short.
//
// Without this option only [Client.ListAuthenticators] is repeated, after at most 5
// seconds. With it, maxWait is the limit there too. Up to 10% jitter is added, so that
// clients that were refused together do not retry together.
func WithRateLimitRetry(maxWait time.Duration) Option {
	return func(c *config) {
		c.rateLimit = maxWait
		c.refused.check("RateLimitRetry", problemIf(maxWait <= 0, "is not positive"))
	}
}

// Limiter decides when a request may go. A *rate.Limiter of golang.org/x/time/rate is one.
type Limiter interface {
	// Wait returns nil when the request may go, and an error if it may not. It should
	// return when ctx ends, or at once if it cannot be in time. Many goroutines call it at
	// once. An error with a method RetryAfter() time.Duration says how long to wait.
	Wait(ctx context.Context) error
}

// WithLimiter asks l before each attempt of a call, repeats included, so that the tenant's
// rate limit is not met. [Client.Warm] is not held back. A limiter that several processes
// share holds for a fleet.
//
// If l returns an error, the call ends, and nothing is sent. The error matches
// [ErrRateLimited] and what l returned, [NextAction] is [ActionWait], and
// [Error.RetryAfter] is that of the error. If the caller canceled the call, the error
// matches context.Canceled and not ErrRateLimited.
//
// The wait counts toward the time limit of the call. A fifth of that is kept for the
// request: the context of Wait ends before, and a call that l let go later is refused in
// the same way. An [Event] leaves the wait out of its Duration.
//
// A limiter that fails, because its store cannot be reached, should return nil: then Auth0's
// own limit decides.
func WithLimiter(l Limiter) Option {
	return func(c *config) {
		c.limiter = l
		c.refused.check("Limiter", problemIf(l == nil || isNilPointer(l), isNil))
	}
}

// isNilPointer reports whether there is nothing behind the interface.
func isNilPointer(l Limiter) bool {
	switch v := reflect.ValueOf(l); v.Kind() {
	case reflect.Chan, reflect.Func, reflect.Map, reflect.Pointer, reflect.Slice:
		return v.IsNil()
	default:
		return false
	}
}

// WithObserver calls observe after each attempt of a call and before the call returns.
// observe runs on the goroutine of the call, with its context, so it can run on many
// goroutines at once. A call that a local check refused makes no attempt. Observers
// add up.
func WithObserver(observe func(context.Context, Event)) Option {
	return func(c *config) {
		c.refused.check("Observer", problemIf(observe == nil, isNil))
		c.observers = append(c.observers, observe)
	}
}

// WithLogger writes one record for each [Event]. The level is Info. It is Warn if no
// complete response arrived, after HTTP 429, and after a status of 500 or above.
// Loggers add up.
func WithLogger(l *slog.Logger) Option {
	return func(c *config) {
		c.refused.check("Logger", problemIf(l == nil, isNil))
		c.observers = append(c.observers, logTo(l))
	}
}

// WithProduct names the SDK or application that wraps this package, in the User-Agent
// and Auth0-Client headers. Each further product is put in front of the others. Name
// and version are tokens such as "acme-login" and "1.4.0".
func WithProduct(name, version string) Option {
	return func(c *config) {
		c.refused.check("Product", cmp.Or(input.Product(name), input.Product(version)))
		c.products = append([]product{{name, version}}, c.products...)
	}
}

// WithoutTelemetry omits the Auth0-Client header.
func WithoutTelemetry() Option {
	return func(c *config) {
		c.silent = true
	}
}

// product is one piece of software in the User-Agent.
type product struct{ name, version string }

// headers holds the headers of a request for each kind of body. They are made once and
// never changed, so calls can share them.
type headers struct{ plain, json, form http.Header }

func (c *config) headers() headers {
	plain := c.header()
	h := headers{plain, plain.Clone(), plain.Clone()}
	h.json["Content-Type"] = []string{"application/json"}
	h.form["Content-Type"] = []string{"application/x-www-form-urlencoded"}
	return h
}

// header returns the headers of every request.
//
// RFC 9110, section 10.1.5.
func (c *config) header() http.Header {
	products := append(slices.Clone(c.products), product{"go-auth0-mfa", version})
	agent := ""
	env := map[string]string{"go": runtime.Version()}
	for _, p := range products {
		agent += p.name + "/" + p.version + " "
		env[p.name] = p.version
	}
	h := http.Header{
		"Accept": {"application/json"},
		// Else a transport that caches could return one user's authenticators to another.
		"Cache-Control": {"no-store"},
		"User-Agent":    {agent + "(" + runtime.Version() + ")"},
	}
	if c.silent {
		return h
	}
	first := products[0]
	delete(env, first.name)
	telemetry, _ := json.Marshal(struct { // cannot fail: tokens of visible ASCII
		Name    string            `json:"name"`
		Version string            `json:"version"`
		Env     map[string]string `json:"env"`
	}{first.name, first.version, env}, json.Deterministic(true))
	h["Auth0-Client"] = []string{base64.StdEncoding.EncodeToString(telemetry)}
	return h
}
