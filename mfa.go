// Package mfa runs multi-factor authentication against Auth0's MFA API, for
// backends that show their own login pages. E-mail is the factor it is made
// for; SMS, voice, push, authenticator apps and recovery codes work as well.
//
// # The flow
//
// A login that needs a second factor fails with a [*RequiredError]. Its token
// leads to an authenticator, the authenticator to a code, the code to tokens:
//
//	token, err := client.PasswordLogin(ctx, mfa.PasswordLoginRequest{Username: email, Password: password})
//	var required *mfa.RequiredError
//	if errors.As(err, &required) {
//		list, err := client.ListAuthenticators(ctx, mfa.ListAuthenticatorsRequest{Token: required.MFAToken})
//		active := slices.IndexFunc(list, func(a mfa.Authenticator) bool { return a.Active })
//		if active >= 0 { // have Auth0 mail a code to it
//			challenge, err := client.Challenge(ctx, mfa.ChallengeRequest{MFAToken: required.MFAToken, AuthenticatorID: list[active].ID})
//		} else { // enrol an address, which mails a code as well
//			enrolment, err := client.Associate(ctx, mfa.AssociateRequest{Token: required.MFAToken, Email: email})
//		}
//		// Show a page, take the code, and get tokens.
//		token, err := client.VerifyOOB(ctx, mfa.VerifyOOBRequest{MFAToken: …, OOBCode: …, BindingCode: …})
//	}
//
// Logins made with another library go through [ParseError]. Package flow, beside
// this one, makes the decisions in between for a login page, and package mfatest
// is a tenant to test against.
//
// # Errors
//
// Every failure is an [*Error] or a [*RequiredError] around one. It matches one
// of the Err… variables, except where nobody answered and nothing can have been
// done, and for a refusal (4xx) that this package does not know. [NextAction]
// says what the page should do about it. A non-nil result means that Auth0 said
// yes and that every field that makes the result is there.
//
// # What is repeated
//
// Calls that act (send a mail, spend a code, change an authenticator) are sent
// at most once; only a call that provably never left is dialled once more.
// When the reply to such a call is lost, [ErrOutcomeUnknown] says so.
// [Client.ListAuthenticators] is sent up to three times. [WithRateLimitRetry]
// adds repeats after HTTP 429. Every call ends by a deadline.
//
// # Secrets
//
// Tokens, codes and passwords are [Secret] values, which no printer shows.
// Errors, events and log records hold none, and nothing that an end user
// typed. Three things are out of reach: a transport of the caller's sees what
// is sent, GODEBUG=http2debug=2 prints it, and net/http writes to the standard
// logger what a server sends on an idle connection without having been asked.
//
// # Concurrency and versions
//
// A [Client] is immutable and safe for concurrent use; make one for each
// tenant and keep it. The two newest Go releases are supported.
package mfa

import (
	"cmp"
	"context"
	"net/http"
	"time"

	"github.com/go-auth0-mfa/mfa/internal/input"
	"github.com/go-auth0-mfa/mfa/internal/transport"
)

// defaultTimeout ends a call that nothing else ends.
const defaultTimeout = 30 * time.Second

// Client makes the calls of Auth0's MFA API to one tenant, for one application.
// Make it with [NewClient]; the calls of a zero Client return an error.
// It is immutable and safe for concurrent use.
type Client struct {
	transport     *transport.Client
	timeout       time.Duration
	rateLimitWait time.Duration // longest wait before a call that 429 refused is repeated; 0: such calls are not repeated
	domain        string
	clientID      string
	audience      string
	secret        Secret
	assert        func(context.Context) (string, error)
	observers     []func(context.Context, Event)
	headers       headers
}

// NewClient returns a Client for the tenant at domain, such as
// "tenant.eu.auth0.com" or a custom domain, and the application with clientID.
// localhost and loopback addresses are accepted too, with https or http.
//
// It does no I/O and starts no goroutine. What is wrong with the arguments and
// options is reported at once, as [ErrInvalidRequest] with [Error.Fields].
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
	return &Client{
		transport: transport.New(transport.Config{
			Scheme:     scheme,
			Host:       host,
			HTTPClient: c.http,
		}),
		timeout:       cmp.Or(timeout, defaultTimeout),
		rateLimitWait: c.rateLimit,
		domain:        host,
		clientID:      clientID,
		audience:      cmp.Or(c.audience, "https://"+host+"/mfa/"),
		secret:        c.secret,
		assert:        c.assert,
		observers:     c.observers,
		headers:       c.headers(),
	}, nil
}

// NewTransport returns a new transport with the settings that a [Client] uses
// by default: HTTP/2 with pings, an idle pool that survives bursts, bounded
// headers, TLS 1.2 or newer, proxies as the environment says. Change it, share
// it between clients or wrap it, and hand it over by [WithHTTPClient]. Its
// TLSClientConfig is not nil.
func NewTransport() *http.Transport { return transport.NewTransport() }

// Domain returns the canonical host[:port] of the tenant.
func (c *Client) Domain() string { return c.domain }

// ClientID returns the id of the application.
func (c *Client) ClientID() string { return c.clientID }

// MFAAudience returns the audience to ask for at a login whose access token shall
// manage authenticators, with [ScopeEnroll] and its kin: "https://<domain>/mfa/"
// unless [WithMFAAudience] says otherwise. Such a token lives 10 minutes.
//
// Auth0 docs: https://auth0.com/docs/secure/multi-factor-authentication/manage-mfa-auth0-apis/manage-authenticator-factors-mfa-api
func (c *Client) MFAAudience() string { return c.audience }

// Warm opens a connection ahead of the first user, by a GET of the tenant's
// discovery document. It is optional and never called by itself. It returns
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

// CloseIdleConnections closes the connections that carry no call. With a
// transport shared by [WithHTTPClient] it closes those of the others too, and
// with one that has no method of this name, none.
func (c *Client) CloseIdleConnections() {
	if c.transport != nil {
		c.transport.CloseIdleConnections()
	}
}
