// Package mfatest runs a fake Auth0 tenant for tests of login pages: a real HTTPS server on
// loopback or in memory, with users, mailboxes, a clock and failures that the test controls.
// Begin with [NewTenant], [Tenant.AddUser] and [Tenant.Client]:
//
//	tenant := mfatest.NewTenant()
//	defer tenant.Close()
//	tenant.AddUser(mfatest.User{Email: "ada@example.com", Password: "correct horse"})
//	page := &loginPage{client: tenant.Client()} // the code under test
//
//	fmt.Print(submit(page, "/password", url.Values{"email": {"ada@example.com"}, "password": {"correct horse"}}))
//	code, _ := tenant.LastCode("ada@example.com")
//	tenant.Advance(4 * time.Minute) // the user is slow
//	fmt.Print(submit(page, "/code", url.Values{"code": {code}}))
//
// The example of [NewTenant] has the whole of it. A page on package flow gets [Tenant.Flow]
// as well. Code that does not use package mfa needs [Tenant.URL] and [Tenant.HTTPClient].
//
// A password login is refused with [mfa.ErrMFARequired] unless [WithOptionalMFA] is set, and
// all other errors are those of Auth0. [Tenant.Inbox] returns what was e-mailed, texted or
// spoken to an address, [Tenant.OTP] is the authenticator app, and [Tenant.ApprovePush]
// approves a push notification. [Tenant.MFAToken] and [Tenant.AccessToken] skip the login.
//
// Lifetimes and limits follow the tenant's clock. It stands still until [Tenant.Advance]
// moves it, so a test of an expired code takes no time. A [flow.Flow] has a clock of its
// own, by default time.Now, and does not notice [Tenant.Advance]: it still refuses to send
// again, and still shows as valid what has expired. The one of [Tenant.Flow] is on the
// tenant's clock. In a bubble of testing/synctest all share one clock, which moves by
// itself: see [WithMemoryNetwork].
//
// [Tenant.Fail] makes requests fail as networks and servers do: with a response of your
// choice, a lost response, a reset connection, or a body that is cut off or very slow.
// [Tenant.UnusedFaults] returns the faults that no request met. [Tenant.Deny] has an Action
// deny a user's logins. [Tenant.Requests] returns what arrived, so that a test can prove
// that nothing was sent twice.
//
// Statuses, codes, texts, lifetimes and limits are those of Auth0; [docs/mfatest.md] lists
// them and says which are guesses. Tenants are independent of each other, so tests can run
// in parallel. A tenant holds passwords, codes and tokens in plain text: give it no real
// ones.
//
// [docs/mfatest.md]: https://github.com/go-auth0-mfa/mfa/blob/main/docs/mfatest.md
package mfatest

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/flow"
)

// Lifetimes of what the tenant issues.
const (
	lifetimeToken  = 10 * time.Minute // mfa_token and oob_code by default, access token for the MFA audience
	lifetimeCode   = 5 * time.Minute  // a code in a message, the QR code of a push enrollment
	lifetimeAccess = 24 * time.Hour   // access token for any other audience
	lifetimeID     = 10 * time.Hour   // ID token
)

// Tenant is a fake Auth0 tenant. It is safe for concurrent use and independent
// of all other tenants in the process. Create one with [NewTenant]; the zero
// Tenant does not work.
type Tenant struct {
	// URL is where the tenant listens, without a trailing slash:
	// "https://127.0.0.1:40123". Package mfa accepts it as a domain.
	URL string
	// ClientID is the ID of the application. Each tenant has its own.
	ClientID string
	// ClientSecret is the application's secret. It is empty with
	// [WithPublicClient]. Secret.
	ClientSecret string

	config config // not changed after NewTenant
	origin string // URL, which the test cannot change
	clock  clock
	signer signer
	server *server

	mu         sync.Mutex // guards everything below
	accounts   map[string]*account
	sessions   map[string]*session // by mfa_token, and by access token for the MFA audience
	challenges map[string]*challenge
	sweepAt    int // how many sessions and challenges there are when the next sweep is due
	refreshes  map[string]grant
	messages   []Message
	faults     []Fault
	requests   []Request
	// how many bytes the bodies of the requests have
	requestsBytes int
	calls         bucket
}

// NewTenant starts a tenant. Call [Tenant.Close] when done with it. NewTenant
// panics if an option is invalid or the tenant cannot listen, for example at the
// address of [WithAddr].
func NewTenant(opts ...Option) *Tenant {
	c := defaults()
	for _, opt := range opts {
		if opt == nil {
			panic("mfatest: NewTenant: nil Option")
		}
		opt(&c)
	}
	t := newTenant(c)
	t.server = listen(c.addr)
	t.origin = t.server.url
	t.URL = t.origin
	t.server.start(t.serve)
	return t
}

// newTenant returns a tenant that does not listen yet.
func newTenant(c config) *Tenant {
	return &Tenant{
		ClientID:     c.clientID,
		ClientSecret: c.application().secret,
		config:       c,
		clock:        clock{base: c.clock},
		signer:       newSigner(),
		accounts:     map[string]*account{},
		sessions:     map[string]*session{},
		challenges:   map[string]*challenge{},
		refreshes:    map[string]grant{},
	}
}

// Close stops the tenant. It drops every connection, ends requests that a
// [Fault] holds, and returns when the tenant has no goroutine left. A second
// Close does nothing. [Tenant.Inbox] and [Tenant.Requests] keep what they have.
func (t *Tenant) Close() { t.server.close() }

// Client returns a client for the tenant, with [Tenant.URL], [Tenant.ClientID],
// [Tenant.ClientSecret] and [Tenant.HTTPClient]. The options replace these or
// add to them. Client panics if an option is invalid.
func (t *Tenant) Client(opts ...mfa.Option) *mfa.Client {
	defaults := []mfa.Option{mfa.WithHTTPClient(t.HTTPClient())}
	if t.ClientSecret != "" {
		defaults = append(defaults, mfa.WithClientSecret(t.ClientSecret))
	}
	client, err := mfa.NewClient(t.URL, t.ClientID, slices.Concat(defaults, opts)...)
	if err != nil {
		panic(fmt.Sprintf("mfatest: Client: %v", err))
	}
	return client
}

// Flow returns a guided login for the tenant, on the client of [Tenant.Client]
// and on the tenant's clock, so that [Tenant.Advance] moves both. The options
// replace the clock or add to it. Flow panics if an option is invalid.
func (t *Tenant) Flow(opts ...flow.Option) *flow.Flow {
	f, err := flow.New(t.Client(), slices.Concat([]flow.Option{flow.WithClock(t.Now)}, opts)...)
	if err != nil {
		panic(fmt.Sprintf("mfatest: Flow: %v", err))
	}
	return f
}

// MFAToken returns an mfa_token as if a login of the user had just been refused
// with mfa_required: for [Tenant.ClientID], the scopes openid, profile and
// email, and no audience. It expires after 10 minutes, or the time of
// [WithMFATokenLifetime]. MFAToken panics if there
// is no such user.
func (t *Tenant) MFAToken(email string) mfa.Secret {
	now := t.Now()
	t.mu.Lock()
	defer t.mu.Unlock()
	g := grant{app: t.config.application(), user: t.account("MFAToken", email), scopes: []string{"openid", "profile", "email"}}
	return mfa.NewSecret(t.openSession(now, g, 0).token)
}

// AccessToken returns an access token with the scopes for the MFA audience,
// [Tenant.URL] + "/mfa/", even where a login would require a second factor
// first. It expires after 10 minutes. AccessToken panics if there is no such
// user.
func (t *Tenant) AccessToken(email string, scopes ...string) mfa.Secret {
	now := t.Now()
	t.mu.Lock()
	defer t.mu.Unlock()
	g := grant{app: t.config.application(), user: t.account("AccessToken", email), audience: t.mfaAudience(), scopes: scopes}
	return mfa.NewSecret(t.accessToken(now, g))
}

// Now returns the time on the tenant's clock.
func (t *Tenant) Now() time.Time { return t.clock.now() }

// Advance moves the tenant's clock forward by d. It adds to a clock of
// [WithClock] as well. All calls together move it by 292 years at most. Advance
// panics if d is negative.
func (t *Tenant) Advance(d time.Duration) {
	if d < 0 {
		panic("mfatest: Advance: the clock does not go back")
	}
	t.clock.mu.Lock()
	defer t.clock.mu.Unlock()
	if t.clock.ahead += d; t.clock.ahead < 0 { // more than a Duration holds
		t.clock.ahead = math.MaxInt64
	}
}

// String returns the tenant's URL. It contains no secret.
func (t *Tenant) String() string { return "mfatest.Tenant(" + t.origin + ")" }

// Format prints [Tenant.String] for every verb and flag, so that a failed
// assertion does not print secrets and tokens.
func (t *Tenant) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, t.String()) }

// mfaAudience returns the audience of the MFA API. The slash belongs to it.
func (t *Tenant) mfaAudience() string { return t.origin + "/mfa/" }

// hasAudience reports whether the tenant has an API with the audience. Every
// audience outside the tenant's own URL counts as registered; "" is none.
func (t *Tenant) hasAudience(audience string) bool {
	switch audience {
	case t.mfaAudience(), t.origin + "/userinfo", t.origin + "/api/v2/":
		return true
	default:
		return !strings.HasPrefix(audience, t.origin)
	}
}

// clock is the tenant's clock: a base, plus what Advance added.
type clock struct {
	base func() time.Time

	mu    sync.Mutex
	ahead time.Duration
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	ahead := c.ahead
	c.mu.Unlock()
	// The base is the test's function: it must not run under a lock.
	return c.base().Add(ahead)
}

// frozen returns a clock that stands still at the current time.
func frozen() func() time.Time {
	start := time.Now().Round(0) // without the monotonic part, which would not survive a comparison with parsed times
	return func() time.Time { return start }
}
