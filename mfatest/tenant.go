// Package mfatest is an Auth0 tenant to test login pages against: a real HTTPS
// server on the loopback address, with users, authenticators, mailboxes, a
// clock that the test moves, and faults that the test orders.
//
// # A test
//
// Start a tenant, add a user, point the code under test at [Tenant.URL] with
// [Tenant.HTTPClient], or take the ready-made client of [Tenant.Client]:
//
//	tenant := mfatest.NewTenant()
//	defer tenant.Close()
//	tenant.AddUser(mfatest.User{Email: "ada@example.com", Password: "correct horse"})
//
// Then log in. A login is always answered with mfa_required, unless
// [WithOptionalMFA] says otherwise. Codes do not leave the process:
// [Tenant.LastCode], [Tenant.Inbox] and [Tenant.Messages] hold what was mailed,
// texted or spoken, [Tenant.OTP] is the authenticator app, [Tenant.PushPending]
// the phone, [Tenant.ApprovePush] and [Tenant.RejectPush] are the user's thumb.
// [Tenant.Authenticators] tells what the user has in the end. [Tenant.MFAToken]
// skips the login, [Tenant.AccessToken] the way to an access token of the MFA API.
//
// # The clock
//
// Lifetimes and limits run on the tenant's clock, which stands still until
// [Tenant.Advance] moves it. So a test of an expired code takes no time:
//
//	tenant.Advance(5 * time.Minute) // the code is dead, the mfa_token has 5 minutes left
//
// # What it enforces
//
//   - An mfa_token and an oob_code live 10 minutes, an access token for the MFA
//     audience as well, a code 5 minutes. A code works once, and a new challenge of the
//     same authenticator replaces it.
//   - 10 wrong codes per user, then one more every 6 minutes; the same again for
//     recovery codes. Right codes are refused too while none is left.
//   - 20 e-mails per user, then one per minute; 10 text messages and calls, then
//     one per hour; 5 push notifications, then one every 12 seconds.
//   - 12 verifications with the mfa-oob grant per mfa_token, then one every 5
//     seconds; beyond that status 429 with Retry-After and x-ratelimit headers.
//   - At most 51 authenticators per user.
//   - Each call takes the tokens that the service takes for it, and no others.
//   - With the scope openid there is an id token, with the user's address in it
//     whatever the scopes; the service leaves the address out without the scope
//     email, so ask for that.
//
// # Faults
//
// [Tenant.Fail] makes the next request of an operation fail as networks and
// servers fail: an answer of your choice, a lost reply, a reset connection, a
// cut-off or very slow body. [Tenant.Requests] tells what arrived, which shows
// whether the code under test repeated what must not be repeated.
//
// # What is not there
//
// The login page and everything else of a browser, brute-force and bot
// protection, the Management API, DPoP, WebAuthn and Duo. What one of these
// would answer can be ordered with [Tenant.Fail].
//
// # What is guesswork
//
// Statuses, codes and texts are those that Auth0 documents or that were
// recorded from it. Where nothing is known about the service the tenant does
// something sensible, and the comments say "not documented". Do not build on
// its answer to
//
//   - enrolling a factor that is switched off, a 52nd authenticator, an unknown
//     type or channel, or a wrong e-mail address;
//   - too many e-mails or push notifications (the wording), too many messages or
//     wrong codes (the status), polling too fast (all of it);
//   - an access token without the scope, an unknown authenticator, deleting a
//     verified e-mail;
//   - a challenge that names no authenticator when e-mail is all there is, or
//     names one that was never confirmed;
//   - a code that is right but too old, used or replaced: it counts as a wrong one;
//   - broken bodies, unknown paths, wrong methods, two ways of client
//     authentication at once.
//
// # Concurrency, secrets and versions
//
// A [Tenant] is safe for concurrent use, and tests with one each can run in
// parallel. It holds passwords, codes and tokens in plain and hands them out:
// give it no real ones. Versions and Go releases are those of package mfa; in
// any version an answer may change to what Auth0 turns out to send.
//
// Auth0 docs: https://auth0.com/docs/secure/multi-factor-authentication/multi-factor-authentication-developer-resources/mfa-api
package mfatest

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/go-auth0-mfa/mfa"
)

// Lifetimes of what the tenant hands out.
const (
	lifetimeToken  = 10 * time.Minute // mfa_token, oob_code, access token for the MFA audience
	lifetimeCode   = 5 * time.Minute  // a sent code, the QR code of a push enrolment
	lifetimeAccess = 24 * time.Hour   // access token for any other audience
	lifetimeID     = 10 * time.Hour   // id token
)

// Tenant is a tenant of its own, independent of all others in the process. It
// is safe for concurrent use. Make one with [NewTenant]; the zero Tenant does
// not work.
type Tenant struct {
	// URL is where the tenant listens, without a slash at its end:
	// "https://127.0.0.1:40123". It is a valid domain for package mfa.
	URL string
	// ClientID is the id of the application. Each tenant has its own.
	ClientID string
	// ClientSecret is the application's secret; "" with [WithPublicClient]. Secret.
	ClientSecret string

	settings config // not changed after NewTenant
	origin   string // URL, out of reach of the test
	clock    clock
	server   *server

	mu         sync.Mutex // guards all that follows
	accounts   map[string]*account
	sessions   map[string]*session // by mfa_token, and by access token for the MFA audience
	challenges map[string]*challenge
	refreshes  map[string]grant
	messages   []Message
	faults     []Fault
	requests   []Request
	calls      bucket
}

// NewTenant starts a tenant. Call [Tenant.Close] when done with it. NewTenant
// panics if it cannot listen, which only a wrong [WithAddr] should cause, and
// if an option makes no sense.
func NewTenant(opts ...Option) *Tenant {
	s := defaults()
	for _, opt := range opts {
		if opt == nil {
			panic("mfatest: NewTenant: nil Option")
		}
		opt(&s)
	}
	t := newTenant(s)
	t.server = listen(s.addr)
	t.origin = t.server.url
	t.URL = t.origin
	t.server.start(t.serve)
	return t
}

// newTenant returns a tenant that does not listen yet.
func newTenant(s config) *Tenant {
	return &Tenant{
		ClientID:     s.clientID,
		ClientSecret: s.application().secret,
		settings:     s,
		clock:        clock{base: s.clock},
		accounts:     map[string]*account{},
		sessions:     map[string]*session{},
		challenges:   map[string]*challenge{},
		refreshes:    map[string]grant{},
	}
}

// Close stops the tenant: it drops every connection, ends requests that a
// [Fault] holds up, and returns when no goroutine of the tenant is left. Close
// may be called more than once. What [Tenant.Inbox] and [Tenant.Requests] tell
// stays.
func (t *Tenant) Close() { t.server.close() }

// MFAToken returns an mfa_token as if a login of the user had just been
// answered with mfa_required: for [Tenant.ClientID], the scopes openid,
// profile and email, and no audience. It panics if there is no such user.
func (t *Tenant) MFAToken(email string) mfa.Secret {
	now := t.Now()
	t.mu.Lock()
	defer t.mu.Unlock()
	g := grant{app: t.settings.application(), user: t.account("MFAToken", email), scopes: []string{"openid", "profile", "email"}}
	return mfa.NewSecret(t.openSession(now, g, 0).token)
}

// AccessToken returns an access token for the MFA audience, [Tenant.URL] +
// "/mfa/", with the scopes, whatever the tenant would have asked of the user
// first. It lives 10 minutes. AccessToken panics if there is no such user.
func (t *Tenant) AccessToken(email string, scopes ...string) mfa.Secret {
	now := t.Now()
	t.mu.Lock()
	defer t.mu.Unlock()
	g := grant{app: t.settings.application(), user: t.account("AccessToken", email), audience: t.mfaAudience(), scopes: scopes}
	return mfa.NewSecret(t.accessToken(now, g))
}

// String names the tenant by its URL; it holds no secret.
func (t *Tenant) String() string { return "mfatest.Tenant(" + t.origin + ")" }

// Format prints [Tenant.String], whatever the verb and its flags, so that a
// failed assertion does not print secrets and tokens.
func (t *Tenant) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, t.String()) }

// mfaAudience returns the audience of the MFA API. The slash belongs to it.
func (t *Tenant) mfaAudience() string { return t.origin + "/mfa/" }

// knows reports whether the tenant has an API with the audience. Everything
// outside the tenant's own URL counts as registered; "" is no audience.
func (t *Tenant) knows(audience string) bool {
	switch audience {
	case t.mfaAudience(), t.origin + "/userinfo", t.origin + "/api/v2/":
		return true
	default:
		return !strings.HasPrefix(audience, t.origin)
	}
}
