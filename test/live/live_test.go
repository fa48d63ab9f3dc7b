package live_test

import (
	"context"
	"errors"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/mfatest"
	"github.com/go-auth0-mfa/mfa/test/live"
)

const (
	username = "ada@example.com"
	password = "correct horse"
	page     = "../../docs/facts.md"
)

// person answers the questions of a run, and reads the user's mail.
type person struct {
	tenant *mfatest.Tenant
	answer string // to the first question; "yes" if empty
	asked  []string
	said   []string
}

func (p *person) Say(line string) { p.said = append(p.said, line) }

func (p *person) Ask(ctx context.Context, question string) (string, error) {
	p.asked = append(p.asked, question)
	if len(p.asked) == 1 {
		if p.answer != "" {
			return p.answer, nil
		}
		return "yes", nil
	}
	code, ok := p.tenant.LastCode(username)
	if !ok {
		return "", errors.New("no mail")
	}
	return code, ctx.Err()
}

func settings(tenant *mfatest.Tenant) live.Settings {
	return live.Settings{
		Domain: strings.TrimPrefix(tenant.URL, "https://"), ClientID: tenant.ClientID, ClientSecret: tenant.ClientSecret,
		Username: username, Password: password, HTTPClient: tenant.HTTPClient(),
	}
}

func newTenant(t *testing.T, user mfatest.User, opts ...mfatest.Option) *mfatest.Tenant {
	tenant := mfatest.NewTenant(opts...)
	t.Cleanup(tenant.Close)
	user.Email, user.Password = username, password
	tenant.AddUser(user)
	return tenant
}

// users are the users whom the checks tell apart.
var users = map[string]mfatest.User{
	"nothing":              {},
	"a verified address":   {EmailVerified: true},
	"an enrolled address":  {Authenticators: []mfatest.Authenticator{{Factor: mfa.FactorEmail, Active: true}}},
	"both addresses":       {EmailVerified: true, Authenticators: []mfatest.Authenticator{{Factor: mfa.FactorEmail, Address: "second@example.com", Active: true}}},
	"an unconfirmed push":  {Authenticators: []mfatest.Authenticator{{Factor: mfa.FactorPush}}},
	"an unconfirmed app":   {Authenticators: []mfatest.Authenticator{{Factor: mfa.FactorOTP}}},
	"an app and recovery":  {RecoveryCode: true, Authenticators: []mfatest.Authenticator{{Factor: mfa.FactorOTP, Active: true}}},
	"a phone and a notice": {EmailVerified: true, Authenticators: []mfatest.Authenticator{{Factor: mfa.FactorSMS, Address: "+15550100001", Active: true}, {Factor: mfa.FactorPush, Active: true}}},
}

func TestChecks_holdOfTheFakeTenant(t *testing.T) {
	t.Parallel()
	reached := map[string]bool{}
	for has, user := range users {
		tenant := newTenant(t, user)
		before := tenant.Authenticators(username)
		report, err := live.Run(t.Context(), settings(tenant), &person{tenant: tenant})
		require.NoError(t, err, has)
		for _, r := range report.Results {
			reached[r.Name] = reached[r.Name] || r.Reached()
			if r.Reached() && !(has == "an enrolled address" || has == "both addresses") {
				assert.Equal(t, r.Expected, r.Seen, "%s: %s", has, r.Name)
			}
		}
		assert.Equal(t, before, tenant.Authenticators(username), has)
		assert.Empty(t, report.Left, has)
		assert.LessOrEqual(t, len(tenant.Messages()), live.MaxMails, has)
		assert.GreaterOrEqual(t, report.Mails, len(tenant.Messages()), has)
	}
	for _, check := range live.Checks() {
		assert.True(t, reached[check.Name], check.Name)
	}
}

// Where the service is not as expected, the table shows what it said.
func TestRun_showsWhatDiffers(t *testing.T) {
	t.Parallel()
	tenant := newTenant(t, users["an enrolled address"],
		mfatest.WithFlexibleFactors(), mfatest.WithMFARequiredStatus(401), mfatest.WithMFATokenLifetime(5*time.Minute))
	report, err := live.Run(t.Context(), settings(tenant), &person{tenant: tenant})
	require.NoError(t, err)
	differ := map[string]string{}
	for _, r := range report.Differences() {
		differ[r.Name] = r.Seen
	}
	assert.Equal(t, map[string]string{
		"login: a second factor is due":                                   "401 mfa_required: Multifactor authentication required",
		"login: mfa_requirements on a tenant without flexible factors":    "present",
		"mfa_token: how long it lives":                                    "5m0s",
		"oob_code: how long it lives":                                     "5m0s",
		"list: type on a tenant without flexible factors":                 "email",
		"enroll e-mail: with an mfa_token, by a user who has e-mail":      "403 access_denied: User is already enrolled.",
		"access token of the MFA API: once there is an authenticator app": "401 mfa_required: Multifactor authentication required",
	}, differ)
}

func TestRun_sendsNothingWithoutAYes(t *testing.T) {
	t.Parallel()
	tenant := newTenant(t, mfatest.User{})
	p := &person{tenant: tenant, answer: "y"}
	report, err := live.Run(t.Context(), settings(tenant), p)
	assert.ErrorIs(t, err, live.ErrDeclined)
	assert.Empty(t, report)
	assert.Empty(t, tenant.Requests())
	assert.Contains(t, strings.Join(p.said, ""), username)
}

// The table goes into the documentation.
func TestTable_hasNoSecret(t *testing.T) {
	t.Parallel()
	tenant := newTenant(t, mfatest.User{})
	p := &person{tenant: tenant}
	for _, op := range []mfa.Op{mfa.OpPasswordLogin, mfa.OpAssociate, mfa.OpChallenge, mfa.OpVerifyOOB} {
		// An error that quotes everything.
		tenant.Fail(mfatest.Fault{Op: op, Status: 400, Body: `{"error":"invalid_request","error_description":"` +
			strings.Join([]string{tenant.ClientSecret, tenant.ClientID, username, password, tenant.URL}, " ") + `"}`})
	}
	report, err := live.Run(t.Context(), settings(tenant), p)
	require.NoError(t, err)
	table := live.Table(report.Results)
	assert.Contains(t, table, "[redacted] {client} {username} [redacted] https://{domain}")
	for _, message := range tenant.Messages() {
		assert.NotContains(t, table, message.Code)
	}
	for _, secret := range []string{tenant.ClientSecret, tenant.ClientID, username, password, tenant.URL} {
		if strings.Contains(table, secret) {
			t.Error("the table has a secret")
		}
	}
}

// The documentation has all checks, as they are.
func TestChecks_areInTheDocumentation(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile(page)
	require.NoError(t, err)
	names := map[string]bool{}
	_, table, found := strings.Cut(string(content), "<!-- facts: make live -->\n")
	require.True(t, found)
	for line := range strings.Lines(live.Table(live.Unseen())) {
		if columns := strings.SplitAfter(line, " | "); len(columns) > 2 {
			assert.Contains(t, table, columns[0]+columns[1]) // whatever was seen
		}
	}
	for _, check := range live.Checks() {
		assert.False(t, names[check.Name], "twice: %s", check.Name)
		names[check.Name] = true
		assert.Equal(t, check.Confidence == live.Guess, check.Source == "", check.Name)
	}
	rows := strings.Count(strings.Split(table, "<!-- end of facts -->")[0], "\n") - 2
	assert.Equal(t, len(live.Checks()), rows)
}

func TestReplace(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile(page)
	require.NoError(t, err)
	tenant := newTenant(t, mfatest.User{})
	report, err := live.Run(t.Context(), settings(tenant), &person{tenant: tenant})
	require.NoError(t, err)
	replaced, err := live.Replace(string(content), report.Results)
	require.NoError(t, err)
	assert.Contains(t, replaced, "| discovery: the issuer, with a slash | `https://{domain}/` | as expected |")
	again, err := live.Replace(replaced, live.Unseen())
	require.NoError(t, err)
	assert.Equal(t, replaced, again, "what was seen stays")

	// A user whom other facts are about adds to it.
	const about = "| enroll e-mail: with an mfa_token, by a user who has e-mail | `200 oob email prompt` | "
	assert.Contains(t, replaced, about+"guess |")
	other := newTenant(t, mfatest.User{EmailVerified: true})
	report, err = live.Run(t.Context(), settings(other), &person{tenant: other})
	require.NoError(t, err)
	both, err := live.Replace(replaced, report.Results)
	require.NoError(t, err)
	assert.Contains(t, both, about+"as expected |")
	assert.Contains(t, both, "| enroll e-mail: with an mfa_token, by a user without an authenticator | `200 oob email prompt` | as expected |")
	_, err = live.Replace("no table", report.Results)
	assert.Error(t, err)
}

// transport fails at one request of a run.
type transport struct {
	next   http.RoundTripper
	at     int
	fail   func(next http.RoundTripper, r *http.Request) (*http.Response, error)
	number int
}

func (f *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	f.number++
	if f.number == f.at {
		return f.fail(f.next, r)
	}
	return f.next.RoundTrip(r)
}

// Whatever goes wrong at whatever point of a run: the user keeps what it had, and
// what the run enrolled is deleted or reported.
func TestRun_deletesOnlyWhatItMade(t *testing.T) {
	t.Parallel()
	errLost := errors.New("lost")
	type failing func(cancel context.CancelFunc) func(http.RoundTripper, *http.Request) (*http.Response, error)
	for failure, newFailure := range map[string]failing{
		"lost before": func(context.CancelFunc) func(http.RoundTripper, *http.Request) (*http.Response, error) {
			return func(http.RoundTripper, *http.Request) (*http.Response, error) { return nil, errLost }
		},
		"lost after": func(context.CancelFunc) func(http.RoundTripper, *http.Request) (*http.Response, error) {
			return func(next http.RoundTripper, r *http.Request) (*http.Response, error) {
				response, err := next.RoundTrip(r)
				if err == nil {
					err = response.Body.Close()
				}
				return nil, errors.Join(errLost, err)
			}
		},
		"refused": func(context.CancelFunc) func(http.RoundTripper, *http.Request) (*http.Response, error) {
			return func(_ http.RoundTripper, r *http.Request) (*http.Response, error) {
				return &http.Response{StatusCode: http.StatusServiceUnavailable, Header: http.Header{}, Body: http.NoBody, Request: r}, nil
			}
		},
		"interrupted": func(cancel context.CancelFunc) func(http.RoundTripper, *http.Request) (*http.Response, error) {
			return func(next http.RoundTripper, r *http.Request) (*http.Response, error) {
				response, err := next.RoundTrip(r)
				cancel()
				return response, err
			}
		},
	} {
		for _, has := range []string{"nothing", "both addresses", "an unconfirmed push", "a phone and a notice"} {
			user := users[has]
			t.Run(failure+", user with "+has, func(t *testing.T) {
				t.Parallel()
				for at, more := 1, true; more; at++ {
					more = runFailing(t, user, failure, at, newFailure)
					require.Less(t, at, 100)
				}
			})
		}
	}
}

// runFailing makes a run that fails at one request, and reports whether the run
// had so many.
func runFailing(t *testing.T, user mfatest.User, failure string, at int,
	newFailure func(context.CancelFunc) func(http.RoundTripper, *http.Request) (*http.Response, error),
) bool {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	tenant := mfatest.NewTenant()
	defer tenant.Close()
	user.Email, user.Password = username, password
	tenant.AddUser(user)
	before := tenant.Authenticators(username)
	had, _ := tenant.RecoveryCode(username)
	failing := &transport{next: tenant.HTTPClient().Transport, at: at, fail: newFailure(cancel)} //nolint:bodyclose // the run closes it
	s := settings(tenant)
	s.HTTPClient = &http.Client{Transport: failing}
	report, _ := live.Run(ctx, s, &person{tenant: tenant})

	after := tenant.Authenticators(username)
	require.GreaterOrEqual(t, len(after), len(before), "request %d", at)
	assert.Equal(t, before, after[:len(before):len(before)], "request %d", at)
	if had != "" {
		has, _ := tenant.RecoveryCode(username)
		same := had == has
		require.True(t, same, "request %d", at)
	}
	if len(after) > len(before) {
		assert.NotEmpty(t, report.Left, "request %d: nothing was said of what is left", at)
		// Nobody else's failure keeps a run from cleaning up.
		assert.NotEqual(t, "interrupted", failure, "request %d", at)
	}
	if len(report.Left) == 0 {
		assert.Equal(t, before, after, "request %d", at)
	}
	assert.LessOrEqual(t, len(tenant.Messages()), live.MaxMails, "request %d", at)
	return failing.number >= at
}

// Of two enrollments that are new, one may be somebody else's.
func TestRun_leavesWhatMayBeSomebodyElses(t *testing.T) {
	t.Parallel()
	tenant := newTenant(t, mfatest.User{EmailVerified: true})
	s := settings(tenant)
	others := 0
	s.HTTPClient = &http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
		if r.URL.Path == "/mfa/associate" && r.Header.Get("Authorization") != "Bearer malformed" {
			_, err := tenant.Client().Associate(r.Context(), mfa.AssociateRequest{
				Token: tenant.AccessToken(username, mfa.ScopeEnroll), Email: "elsewhere@example.com",
			})
			require.NoError(t, err)
			others++
		}
		return tenant.HTTPClient().Transport.RoundTrip(r)
	})}
	report, err := live.Run(t.Context(), s, &person{tenant: tenant})
	require.NoError(t, err)
	assert.NotEmpty(t, report.Left)
	require.NotZero(t, others)
	for _, a := range tenant.Authenticators(username) {
		if a.Address == "elsewhere@example.com" {
			others--
		}
	}
	assert.Zero(t, others)
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
