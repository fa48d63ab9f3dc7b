package mfatest

import (
	"crypto/rsa"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/go-auth0-mfa/mfa"
)

// Option configures a tenant; see [NewTenant]. If an option is given twice, the
// last one wins, except that [WithApplication] and [WithoutFactors] add up.
type Option func(*config)

// config holds what the options set.
type config struct {
	clock        func() time.Time
	addr         string // "" for a network in memory
	clientID     string
	applications map[string]*application

	origins             map[string]bool // that browsers may call from
	noMFAGrant          bool
	noPasswordGrant     bool
	noDefaultConnection bool
	off                 map[mfa.Factor]bool
	noRecoveryCodes     bool
	emailEnrolled       bool

	flexible       bool
	challengeTypes bool
	noMFAToken     bool
	requiredStatus int
	denyStatus     int
	optionalMFA    bool
	mfaOnRefresh   bool
	chain          int
	association    bool
	limit          limit
	lifetime       time.Duration // of an mfa_token and an oob_code
	attempts       int           // 0 without brute-force protection
}

// application is an application ("client") of the tenant.
type application struct {
	id     string
	secret string         // "" for a public application
	method string         // the one way to send the secret; "" for both
	signed bool           // authenticates with an assertion instead of the secret
	key    *rsa.PublicKey // verifies the assertion; if nil, any signature is accepted
}

// defaults returns the configuration of a tenant without options.
func defaults() config {
	id := randomText(alphanumeric, 32)
	return config{
		clock:          frozen(),
		addr:           "127.0.0.1:0",
		clientID:       id,
		applications:   map[string]*application{id: {id: id, secret: randomText(alphanumeric, 64)}},
		off:            map[mfa.Factor]bool{},
		requiredStatus: http.StatusForbidden,
		denyStatus:     http.StatusInternalServerError,
		lifetime:       lifetimeToken,
	}
}

// application returns the application that the tenant names in its ClientID.
func (c *config) application() *application { return c.applications[c.clientID] }

// WithClock sets the tenant's clock. The default starts at the current time and
// stands still; WithClock(time.Now) runs. [Tenant.Advance] adds to what now
// returns. Several goroutines may call now at once.
func WithClock(now func() time.Time) Option {
	if now == nil {
		panic("mfatest: WithClock: nil function")
	}
	return func(c *config) { c.clock = now }
}

// WithAddr sets the address to listen at. The default is "127.0.0.1:0", a free
// port on loopback. The certificate is valid for localhost, 127.0.0.1, ::1 and
// the host of addr. It takes the place of [WithMemoryNetwork].
func WithAddr(addr string) Option {
	if addr == "" {
		panic("mfatest: WithAddr: empty address")
	}
	return func(c *config) { c.addr = addr }
}

// WithMemoryNetwork gives the tenant a network in memory instead of a socket, with
// a name that nothing else has as its [Tenant.URL]. Only [Tenant.Client],
// [Tenant.Flow] and [Tenant.HTTPClient] reach it; over HTTP/2, or HTTP/1.1 as
// over a socket. It takes the place of [WithAddr].
//
// In a bubble of testing/synctest, a socket keeps the time from moving on; this
// network does not. Call NewTenant in the bubble, with WithClock(time.Now), and
// [Tenant.Close] before its end. A login with all its waits then takes no time.
func WithMemoryNetwork() Option {
	return func(c *config) { c.addr = "" }
}

// WithPublicClient makes the application a public one: it has no secret and
// needs no authentication.
func WithPublicClient() Option {
	return func(c *config) { *c.application() = application{id: c.clientID} }
}

// The ways to send a client secret.
const (
	methodPost  = "client_secret_post"
	methodBasic = "client_secret_basic"
)

// WithTokenEndpointAuthMethod has the application authenticate in one way, as the
// setting of that name does: "client_secret_post" (in the body),
// "client_secret_basic" (in the header), or "none", which is [WithPublicClient].
// By default the secret is accepted in the body and in the header. For
// "private_key_jwt" see [WithClientAssertionKey]. It is not documented how Auth0
// refuses the right secret in the wrong place; the tenant responds as to a wrong
// secret.
//
// Auth0 docs: https://auth0.com/docs/get-started/applications/confidential-and-public-applications
func WithTokenEndpointAuthMethod(method string) Option {
	switch method {
	case methodPost, methodBasic:
		return func(c *config) {
			c.application().method = method
			c.application().signed = false
		}
	case "none":
		return WithPublicClient()
	default:
		panic("mfatest: WithTokenEndpointAuthMethod: no method " + method + " without a key")
	}
}

// WithClientAssertionKey makes the application authenticate with signed
// assertions (private_key_jwt) instead of its secret. The key verifies them;
// RS256, RS384 and PS256 are accepted. If the key is nil, any signature is
// accepted, but iss and sub, aud ([Tenant.URL] + "/") and exp are still checked.
// Without this option every assertion is refused.
//
// An assertion has expired only if it has by both the tenant's clock and
// time.Now, because the code under test dates it by the latter.
//
// Auth0 docs: https://auth0.com/docs/get-started/authentication-and-authorization-flow/authenticate-with-private-key-jwt
func WithClientAssertionKey(key *rsa.PublicKey) Option {
	return func(c *config) {
		c.application().signed = true
		c.application().key = key
	}
}

// WithApplication adds another application to the tenant. If the secret is
// empty, the application is a public one. The tenant refuses an mfa_token that
// was issued to another application.
func WithApplication(clientID, clientSecret string) Option {
	if clientID == "" {
		panic("mfatest: WithApplication: empty client id")
	}
	return func(c *config) {
		c.applications[clientID] = &application{id: clientID, secret: clientSecret}
	}
}

// WithAllowedOrigins lets pages of these origins, such as "http://localhost:3000",
// call the tenant from a browser: it responds to their preflights, and to their
// requests with the headers of CORS. The default is none. A preflight meets no
// [Fault] and is not in [Tenant.Requests].
//
// Auth0 docs: https://auth0.com/docs/get-started/applications/set-up-cors
func WithAllowedOrigins(origins ...string) Option {
	allowed := map[string]bool{}
	for _, origin := range origins {
		u, err := url.Parse(origin)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || origin != u.Scheme+"://"+u.Host {
			panic("mfatest: WithAllowedOrigins: want scheme://host:port, not " + origin)
		}
		allowed[origin] = true
	}
	return func(c *config) { c.origins = allowed }
}

// WithoutMFAGrant turns the MFA grant of all applications off: verifying is
// refused with unauthorized_client. It is not documented whether Auth0 refuses
// the challenge already; the tenant does not.
func WithoutMFAGrant() Option {
	return func(c *config) { c.noMFAGrant = true }
}

// WithoutPasswordGrant turns the password grants of all applications off.
func WithoutPasswordGrant() Option {
	return func(c *config) { c.noPasswordGrant = true }
}

// WithoutDefaultConnection leaves the tenant without a default directory: the
// password grant is refused with server_error, password-realm works.
func WithoutDefaultConnection() Option {
	return func(c *config) { c.noDefaultConnection = true }
}

// WithoutFactors turns factors off for the whole tenant. Nobody can enroll or
// challenge them, and with e-mail off a verified address is not listed. It is
// not documented how Auth0 refuses the enrollment; the tenant responds with
// invalid_request.
func WithoutFactors(factors ...mfa.Factor) Option {
	return func(c *config) {
		for _, factor := range factors {
			c.off[factor] = true
		}
	}
}

// WithoutRecoveryCodes turns recovery codes off. By default the first
// association of a user without a recovery code returns one.
func WithoutRecoveryCodes() Option {
	return func(c *config) { c.noRecoveryCodes = true }
}

// WithVerifiedEmailEnrolled makes a verified e-mail address, which is listed
// without having been enrolled, count as an enrollment when an mfa_token asks to
// associate: the request is refused with "User is already enrolled.". It is not
// documented what Auth0 does. By default only what the user enrolled and
// confirmed counts.
func WithVerifiedEmailEnrolled() Option {
	return func(c *config) { c.emailEnrolled = true }
}

// WithFlexibleFactors turns "customize MFA factors" on. Then mfa_required
// carries mfa_requirements, with challenge for users who have an active
// authenticator and enroll for all others, and listed authenticators have a
// type.
func WithFlexibleFactors() Option {
	return func(c *config) { c.flexible = true }
}

// WithChallengeTypes makes mfa_required carry mfa_requirements in a form that
// one page of Auth0's documentation shows: {"challenge_types":["otp","oob"]}.
func WithChallengeTypes() Option {
	return func(c *config) { c.challengeTypes = true }
}

// WithoutMFAToken makes mfa_required come without an mfa_token, as it does when
// an Action requires MFA and "customize MFA factors" is off.
func WithoutMFAToken() Option {
	return func(c *config) { c.noMFAToken = true }
}

// WithMFARequiredStatus sets the HTTP status of mfa_required. The default is
// 403; Auth0's documentation also names 400 and 401.
func WithMFARequiredStatus(status int) Option {
	if status < 200 || status > 999 {
		panic(fmt.Sprintf("mfatest: WithMFARequiredStatus: %d is no status", status))
	}
	return func(c *config) { c.requiredStatus = status }
}

// WithDenyStatus sets the HTTP status of a login that [Tenant.Deny] denies. The
// default is 500. Auth0's documentation names it for denied logins, and 403 for a
// refresh that an Action refuses; it says of neither that it is the only one.
func WithDenyStatus(status int) Option {
	if status < 400 || status > 599 {
		panic(fmt.Sprintf("mfatest: WithDenyStatus: %d is no status of an error", status))
	}
	return func(c *config) { c.denyStatus = status }
}

// WithMFATokenLifetime sets how long an mfa_token and an oob_code are valid. The
// default is 10 minutes. Auth0 documents neither: its documentation names 10
// minutes beside them, some of its SDKs 5.
func WithMFATokenLifetime(d time.Duration) Option {
	if d <= 0 {
		panic("mfatest: WithMFATokenLifetime: needs a lifetime")
	}
	return func(c *config) { c.lifetime = d }
}

// WithOptionalMFA lets users without an active authenticator log in with their
// password alone. By default everybody needs a second factor. [Tenant.RequireMFA]
// has an Action ask for one of a user all the same.
func WithOptionalMFA() Option {
	return func(c *config) { c.optionalMFA = true }
}

// WithMFAOnRefresh makes the refresh_token grant require a second factor as the
// password grant does. By default it does so only for the MFA audience.
func WithMFAOnRefresh() Option {
	return func(c *config) { c.mfaOnRefresh = true }
}

// WithChainedMFA makes a login require n more factors: its first n correct codes
// are refused with mfa_required and a new mfa_token, and the next one gets the
// tokens. The replacement of a used recovery code is then in no response; only
// [Tenant.RecoveryCode] returns it.
func WithChainedMFA(n int) Option {
	if n < 0 {
		panic("mfatest: WithChainedMFA: negative number")
	}
	return func(c *config) { c.chain = n }
}

// WithAssociationRequired makes a challenge of a user without an authenticator
// fail with association_required instead of unsupported_challenge_type. Auth0's
// documentation names both.
func WithAssociationRequired() Option {
	return func(c *config) { c.association = true }
}

// WithRateLimit limits all requests to the tenant: a burst of the given number
// of requests, refilled evenly over the period. A request beyond the limit gets
// status 429, and every response has x-ratelimit headers. The default is no
// limit; a free tenant of Auth0 has 300 per minute.
//
// Auth0 docs: https://auth0.com/docs/troubleshoot/customer-support/operational-policies/rate-limit-policy
func WithRateLimit(requests int, per time.Duration) Option {
	if requests < 1 || per < time.Duration(requests) {
		panic("mfatest: WithRateLimit: needs at least one request and a period")
	}
	return func(c *config) { c.limit = limit{burst: requests, every: per / time.Duration(requests)} }
}

// WithBruteForceProtection blocks an address from logging in as a user after that
// many wrong passwords in a row: every password login is refused with
// too_many_attempts until 30 days after the last wrong one. The address is the one
// in the header auth0-forwarded-for, if the application authenticates with a
// secret, or else that of the connection, as with "Trust Token Endpoint IP Header"
// of Auth0: a page that does not name its end users locks a user out for all of
// them. Auth0's default is 10. Its other ways to lift a block are not built.
//
// Auth0 docs: https://auth0.com/docs/secure/attack-protection/brute-force-protection
func WithBruteForceProtection(attempts int) Option {
	if attempts < 1 {
		panic("mfatest: WithBruteForceProtection: needs at least one attempt")
	}
	return func(c *config) { c.attempts = attempts }
}
