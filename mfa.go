// Package mfa is a client for Auth0's MFA API, for backends that show their own login
// pages. It enrolls an e-mail address or another factor, has Auth0 send a code, and
// exchanges the code for tokens. Make one [Client] for each tenant with [NewClient], and
// keep it. A login takes three calls:
//
//  1. [Client.PasswordLogin] fails with a [*RequiredError] if a second factor is due. It
//     carries an mfa_token. A login made with another library goes through [ParseError].
//  2. [Client.Challenge] sends a code to one of the authenticators that
//     [Client.ListAuthenticators] returns. If none is active, [Client.Associate] enrolls an
//     e-mail address, which sends a code as well.
//  3. [Client.VerifyOOB] exchanges the code for tokens.
//
// Package [github.com/go-auth0-mfa/mfa/flow] makes these calls for a login page, and says
// which form comes next. Most login pages should use it. The package examples show a login
// both ways. Package [github.com/go-auth0-mfa/mfa/mfatest] is a fake Auth0 for tests. There
// is a page for each task in [docs].
//
// Every failure is an [*Error] or a [*RequiredError]. Ask [NextAction] what the page should
// do, or match the error by errors.Is: [ErrInvalidCredentials] for a wrong password,
// [ErrInvalidCode] for a wrong code, [ErrChallengeExpired] for an old one, [ErrRateLimited],
// and the other Err… variables. If the error is nil, Auth0 accepted the request, and every
// required field of the result is present.
//
// A call that sends a message, spends a code or changes an authenticator is never repeated
// once Auth0 may have acted on it. If the reply to such a call is lost, the error matches
// [ErrOutcomeUnknown]. [Delivery] lists what proves that a request was not acted on.
// [Client.ListAuthenticators] is sent up to three times, and [WithRateLimitRetry] repeats
// any call after HTTP 429. Every call has a time limit: see [WithTimeout].
//
// Tokens, codes and passwords are [Secret] values, which print as "[REDACTED]". Errors,
// events and log records hold no secrets and nothing that an end user typed. ID tokens are
// not verified: use an OIDC library.
//
// [docs]: https://github.com/go-auth0-mfa/mfa/blob/main/docs/README.md
package mfa

import (
	"cmp"
	"context"
	"net/http"
	"time"

	"github.com/go-auth0-mfa/mfa/internal/input"
	"github.com/go-auth0-mfa/mfa/internal/transport"
)

// defaultTimeout limits a call if neither the caller nor an option does.
const defaultTimeout = 30 * time.Second

// Client calls Auth0's MFA API at one tenant, for one application. Make it with
// [NewClient]. The calls of a zero Client return an error. It is immutable and safe
// for concurrent use.
type Client struct {
	transport     func() *transport.Client // a func, so that no printer walks into connections
	timeout       time.Duration
	rateLimitWait time.Duration // longest wait before a call is repeated after 429; if zero, it is not repeated
	domain        string
	clientID      string
	audience      string
	secret        Secret
	assert        func(context.Context) (string, error)
	limiter       Limiter // if nil, no attempt waits
	observers     []func(context.Context, Event)
	headers       headers
}

// NewClient returns a Client for the tenant at domain, such as
// "tenant.eu.auth0.com" or a custom domain, and the application with clientID.
// localhost and loopback addresses are accepted too, with https or http.
//
// It makes no request and starts no goroutine. If arguments or options are wrong, it
// returns [ErrInvalidRequest], and [Error.Fields] names all of them.
func NewClient(domain, clientID string, opts ...Option) (*Client, error) {
	var c config
	scheme, host, problem := input.Domain(domain)
	c.refused.check("Domain", problem)
	c.refused.check("ClientID", input.ClientID(clientID))
	for _, opt := range opts {
		if opt == nil {
			c.refused.check("Option", isNil)
			continue
		}
		opt(&c)
	}
	if err := c.refused.err(OpNewClient); err != nil {
		return nil, err
	}
	timeout := c.timeout
	if timeout == 0 && c.http != nil {
		timeout = max(0, c.http.Timeout)
	}
	tr := transport.New(transport.Config{Scheme: scheme, Host: host, HTTPClient: c.http})
	return &Client{
		transport:     func() *transport.Client { return tr },
		timeout:       cmp.Or(timeout, defaultTimeout),
		rateLimitWait: c.rateLimit,
		domain:        host,
		clientID:      clientID,
		audience:      cmp.Or(c.audience, "https://"+host+"/mfa/"),
		secret:        c.secret,
		assert:        c.assert,
		limiter:       c.limiter,
		observers:     c.observers,
		headers:       c.headers(),
	}, nil
}

// NewTransport returns a new transport with the default settings of a [Client]: HTTP/2
// with pings, a pool of idle connections that survives bursts, bounded headers, TLS
// 1.2 or newer, and the proxy that the environment names. Change it, wrap it or share
// it between clients, and pass it to [WithHTTPClient]. Its TLSClientConfig is not nil.
//
// It resumes TLS sessions. The cache in its TLSClientConfig is its own, with one session
// for each host name. Set ClientSessionCache to nil to resume none.
//
// Its DialContext returns connections that count the bytes which the system accepts, a
// proof of [DeliveryNotSent]. Their method NetConn returns the connection below.
func NewTransport() *http.Transport { return transport.NewTransport() }

// Domain returns the canonical host[:port] of the tenant.
func (c *Client) Domain() string { return c.domain }

// ClientID returns the client ID of the application.
func (c *Client) ClientID() string { return c.clientID }

// MFAAudience returns the audience to request for an access token that manages
// authenticators, together with [ScopeEnroll], [ScopeReadAuthenticators] or
// [ScopeRemoveAuthenticators]. It is "https://<domain>/mfa/" unless [WithMFAAudience]
// says otherwise. Such a token expires after 10 minutes.
//
// Auth0 docs: https://auth0.com/docs/secure/multi-factor-authentication/manage-mfa-auth0-apis/manage-authenticator-factors-mfa-api
func (c *Client) MFAAudience() string { return c.audience }

// Warm opens a connection ahead of the first user, with a GET of the tenant's
// discovery document. It is optional: nothing else calls it. It returns
// [ErrUnexpectedResponse] for a redirect and for a success without a document.
func (c *Client) Warm(ctx context.Context) error {
	call := c.newCall(OpWarm, http.MethodGet, "/.well-known/openid-configuration")
	_, err := send(ctx, call, func(status int, body []byte) (none struct{}, problem string) {
		if status != http.StatusOK || !isObjectWithoutError(body) {
			return none, notSuccess
		}
		return none, ""
	})
	return err
}

// CloseIdleConnections closes the connections that carry no call. If the transport is
// shared by [WithHTTPClient], it closes those of the other clients too. If the
// transport has no method of this name, it does nothing.
func (c *Client) CloseIdleConnections() {
	if c.transport != nil {
		c.transport().CloseIdleConnections()
	}
}
