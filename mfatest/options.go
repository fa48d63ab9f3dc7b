package mfatest

import (
	"crypto/rsa"
	"fmt"
	"net/http"
	"time"

	"github.com/go-auth0-mfa/mfa"
)

// Option sets up a tenant; see [NewTenant].
type Option func(*config)

// config is what a tenant is set up with.
type config struct {
	clock        func() time.Time
	addr         string
	clientID     string
	applications map[string]*application

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
	optionalMFA    bool
	mfaOnRefresh   bool
	chain          int
	association    bool
	limit          limit
}

// application is an application ("client") of the tenant.
type application struct {
	id     string
	secret string         // "" for a public application
	signed bool           // authenticates with an assertion instead of the secret
	key    *rsa.PublicKey // that the assertion is verified with; nil: not verified
}

// defaults are the settings of a tenant without options.
func defaults() config {
	id := randomText(alphanumeric, 32)
	return config{
		clock:          still(),
		addr:           "127.0.0.1:0",
		clientID:       id,
		applications:   map[string]*application{id: {id: id, secret: randomText(alphanumeric, 64)}},
		off:            map[mfa.Factor]bool{},
		requiredStatus: http.StatusForbidden,
	}
}

// WithClock replaces the tenant's clock, which by default starts at the
// present and stands still. [Tenant.Advance] adds to what now returns. The
// function is called from many goroutines. WithClock(time.Now) is a clock that
// runs.
func WithClock(now func() time.Time) Option {
	if now == nil {
		panic("mfatest: WithClock: nil function")
	}
	return func(s *config) { s.clock = now }
}

// WithAddr sets the address to listen at. The default is "127.0.0.1:0", a free
// port of the loopback address. The certificate is for localhost, 127.0.0.1,
// ::1 and the host of addr.
func WithAddr(addr string) Option {
	return func(s *config) { s.addr = addr }
}

// WithPublicClient makes the application a public one: it has no secret and
// needs no authentication.
func WithPublicClient() Option {
	return func(s *config) { *s.application() = application{id: s.clientID} }
}

// WithClientAssertionKey makes the application authenticate with signed
// assertions (private_key_jwt), which are verified with the key; RS256, RS384
// and PS256 are accepted. The secret is then refused. With a nil key any
// signature does, but iss and sub, aud ([Tenant.URL] + "/") and exp are still
// checked. Without this option every assertion is refused.
//
// An assertion counts as expired only if it is by both the tenant's clock and
// that of the machine, because the code under test dates it by the latter.
//
// Auth0 docs: https://auth0.com/docs/get-started/authentication-and-authorization-flow/authenticate-with-private-key-jwt
func WithClientAssertionKey(key *rsa.PublicKey) Option {
	return func(s *config) {
		s.application().signed = true
		s.application().key = key
	}
}

// WithApplication adds another application to the tenant; an empty secret
// makes it a public one. The tenant refuses an mfa_token that was issued to
// another application.
func WithApplication(clientID, clientSecret string) Option {
	if clientID == "" {
		panic("mfatest: WithApplication: empty client id")
	}
	return func(s *config) {
		s.applications[clientID] = &application{id: clientID, secret: clientSecret}
	}
}

// WithoutMFAGrant switches the MFA grant of all applications off: verifying is
// refused with unauthorized_client. Whether the service already refuses the
// challenge is not documented; the tenant does not.
func WithoutMFAGrant() Option {
	return func(s *config) { s.noMFAGrant = true }
}

// WithoutPasswordGrant switches the password grants of all applications off.
func WithoutPasswordGrant() Option {
	return func(s *config) { s.noPasswordGrant = true }
}

// WithoutDefaultConnection leaves the tenant without a default directory: the
// password grant is refused with server_error, password-realm works.
func WithoutDefaultConnection() Option {
	return func(s *config) { s.noDefaultConnection = true }
}

// WithoutFactors switches factors off for the whole tenant. Nobody can enrol
// or challenge them, and with e-mail off a verified address is not listed. What
// the service answers to an enrolment is not documented; the tenant answers
// invalid_request.
func WithoutFactors(factors ...mfa.Factor) Option {
	return func(s *config) {
		for _, factor := range factors {
			s.off[factor] = true
		}
	}
}

// WithoutRecoveryCodes switches recovery codes off. By default the tenant
// hands one out with the first association of a user who has none.
func WithoutRecoveryCodes() Option {
	return func(s *config) { s.noRecoveryCodes = true }
}

// WithVerifiedEmailEnrolled makes a verified e-mail address, which is listed
// without having been enrolled, count as an enrolment when an mfa_token asks
// to associate: it is refused with "User is already enrolled.". What the
// service does is not documented; by default only what the user enrolled and
// confirmed counts.
func WithVerifiedEmailEnrolled() Option {
	return func(s *config) { s.emailEnrolled = true }
}

// WithFlexibleFactors switches "customise MFA factors" on: mfa_required carries
// mfa_requirements, with challenge for users who have an active authenticator
// and enroll for all others, and authenticators are listed with a type.
func WithFlexibleFactors() Option {
	return func(s *config) { s.flexible = true }
}

// WithChallengeTypes makes mfa_required carry mfa_requirements in a form that
// one page of Auth0's documentation shows: {"challenge_types":["otp","oob"]}.
func WithChallengeTypes() Option {
	return func(s *config) { s.challengeTypes = true }
}

// WithoutMFAToken makes mfa_required come without an mfa_token, as it does when
// an Action asks for MFA and "customise MFA factors" is off.
func WithoutMFAToken() Option {
	return func(s *config) { s.noMFAToken = true }
}

// WithMFARequiredStatus sets the HTTP status of mfa_required. The default is
// 403; Auth0's documents also name 400 and 401.
func WithMFARequiredStatus(status int) Option {
	if status < 200 || status > 999 {
		panic(fmt.Sprintf("mfatest: WithMFARequiredStatus: %d is no status", status))
	}
	return func(s *config) { s.requiredStatus = status }
}

// WithOptionalMFA lets users without an active authenticator log in with their
// password alone. By default the tenant asks everybody for a second factor.
func WithOptionalMFA() Option {
	return func(s *config) { s.optionalMFA = true }
}

// WithMFAOnRefresh makes the refresh_token grant ask for a second factor as the
// password grant does. By default it does so only for the MFA audience.
func WithMFAOnRefresh() Option {
	return func(s *config) { s.mfaOnRefresh = true }
}

// WithChainedMFA makes the first n right codes of a login be answered with
// mfa_required and a new mfa_token; the code after them gets the tokens. A
// replaced recovery code is then only known to [Tenant.RecoveryCode].
func WithChainedMFA(n int) Option {
	if n < 0 {
		panic("mfatest: WithChainedMFA: negative number")
	}
	return func(s *config) { s.chain = n }
}

// WithAssociationRequired makes a challenge of a user who has enrolled nothing
// be answered with association_required instead of unsupported_challenge_type.
// Auth0's documentation names both.
func WithAssociationRequired() Option {
	return func(s *config) { s.association = true }
}

// WithRateLimit limits all requests to the tenant: a burst of the given number
// of requests, refilled evenly over the period. More are answered with 429,
// and every answer carries x-ratelimit headers. The default is no limit; a free
// tenant of Auth0 has 300 per minute.
//
// Auth0 docs: https://auth0.com/docs/troubleshoot/customer-support/operational-policies/rate-limit-policy
func WithRateLimit(requests int, per time.Duration) Option {
	if requests < 1 || per < time.Duration(requests) {
		panic("mfatest: WithRateLimit: needs at least one request and a period")
	}
	return func(s *config) { s.limit = limit{burst: requests, every: per / time.Duration(requests)} }
}

// application is the one that the tenant names in its ClientID.
func (s *config) application() *application { return s.applications[s.clientID] }
