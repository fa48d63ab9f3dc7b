package mfatest_test

import (
	"fmt"
	"log/slog"
	"net/url"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/mfatest"
)

func TestTenant_helpersPanicOnAnUnknownUser(t *testing.T) {
	t.Parallel()
	tenant := mfatest.NewTenant()
	t.Cleanup(tenant.Close)
	for name, f := range map[string]func(string){
		"MFAToken":       func(e string) { tenant.MFAToken(e) },
		"AccessToken":    func(e string) { tenant.AccessToken(e) },
		"OTP":            func(e string) { tenant.OTP(e) },
		"Authenticators": func(e string) { tenant.Authenticators(e) },
		"RecoveryCode":   func(e string) { tenant.RecoveryCode(e) },
		"PushPending":    func(e string) { tenant.PushPending(e) },
		"ApprovePush":    tenant.ApprovePush,
		"RejectPush":     tenant.RejectPush,
	} {
		assert.PanicsWithValue(t, "mfatest: "+name+": there is no user nobody@example.com", func() { f("nobody@example.com") })
	}
	tenant.AddUser(mfatest.User{Email: ada}) // no lock was kept
	assert.PanicsWithValue(t, "mfatest: OTP: no authenticator app is enrolled for "+ada, func() { tenant.OTP(ada) })
	assert.PanicsWithValue(t, "mfatest: ApprovePush: no push notification is pending for "+ada, func() { tenant.ApprovePush(ada) })
	assert.Nil(t, tenant.Inbox("nobody@example.com"))
	assert.Nil(t, tenant.Messages())
	_, ok := tenant.LastCode("nobody@example.com")
	assert.False(t, ok)
}

func TestTenant_Mails(t *testing.T) {
	t.Parallel()
	a := newAPI(t, []mfatest.User{{Email: "carol@example.com", Password: password}})
	token := a.mfaToken("carol@example.com")
	for _, address := range []string{"new@example.org", ada, "NEW@example.org"} {
		a.associateEmail(token, address)
		a.tenant.Advance(time.Second)
	}
	a.associate(token, `{"authenticator_types":["oob"],"oob_channels":["sms"],"phone_number":"+12025550142"}`)

	mails := a.tenant.Messages()
	var to []string
	for _, m := range mails {
		to = append(to, m.To)
	}
	assert.Equal(t, []string{"new@example.org", ada, "NEW@example.org", "+12025550142"}, to)
	assert.True(t, slices.IsSortedFunc(mails, func(a, b mfatest.Message) int { return a.SentAt.Compare(b.SentAt) }))
	assert.Equal(t, []mfatest.Message{mails[0], mails[2]}, a.tenant.Inbox("New@Example.org"))
	mails[0].Code = "changed"
	assert.NotEqual(t, mails[0], a.tenant.Messages()[0])
}

func TestTenant_Authenticators(t *testing.T) {
	t.Parallel()
	a := newAPI(t, nil)
	assert.Nil(t, a.tenant.Authenticators(ada))
	assert.Equal(t, []mfatest.Authenticator{{Factor: mfa.FactorEmail, Address: bob, Active: true}}, a.tenant.Authenticators(bob))

	token := a.mfaToken(ada)
	wrong := a.associateEmail(token, "typo@example.org")
	require.Equal(t, 200, wrong.Status, wrong.Body)
	right := a.associateEmail(token, "ada@example.org").text("oob_code")
	wantTokens(t, a.verify(token, right, a.lastCode("ada@example.org")))
	a.recoveryCode(ada) // no authenticator of this kind
	assert.Equal(t, []mfatest.Authenticator{
		{Factor: mfa.FactorEmail, Address: "typo@example.org"},
		{Factor: mfa.FactorEmail, Address: "ada@example.org", Active: true},
	}, a.tenant.Authenticators(ada))

	off := newAPI(t, nil, mfatest.WithoutFactors(mfa.FactorEmail))
	assert.Nil(t, off.tenant.Authenticators(bob), "a verified address is none while the factor is off")
}

func TestTenant_AddUserPanics(t *testing.T) {
	t.Parallel()
	tenant := mfatest.NewTenant()
	t.Cleanup(tenant.Close)
	tenant.AddUser(mfatest.User{Email: ada})
	for text, u := range map[string]mfatest.User{
		"mfatest: AddUser: a user needs an Email":                                            {},
		"mfatest: AddUser: there is a user " + strings.ToUpper(ada) + " already":             {Email: strings.ToUpper(ada)},
		`mfatest: AddUser: no authenticator can be of factor ""`:                             {Email: bob, Authenticators: []mfatest.Authenticator{{}}},
		`mfatest: AddUser: no authenticator can be of factor "recovery-code"`:                {Email: bob, Authenticators: []mfatest.Authenticator{{Factor: mfa.FactorRecoveryCode}}},
		"mfatest: AddUser: an authenticator of factor sms needs a phone number as Address":   {Email: bob, Authenticators: []mfatest.Authenticator{{Factor: mfa.FactorSMS}}},
		"mfatest: AddUser: an authenticator of factor voice needs a phone number as Address": {Email: bob, Authenticators: []mfatest.Authenticator{{Factor: mfa.FactorVoice}}},
	} {
		assert.PanicsWithValue(t, text, func() { tenant.AddUser(u) })
	}
}

func TestTenant_userWithoutPassword(t *testing.T) {
	t.Parallel()
	a := newAPI(t, []mfatest.User{{Email: "nopass@example.com"}})
	wantError(t, a.login("nopass@example.com"), 403, "invalid_grant", "Wrong email or password.")
}

func TestTenant_printsNoSecret(t *testing.T) {
	t.Parallel()
	a := newAPI(t, nil)
	token := a.mfaToken(bob)
	a.challenge(token, "oob", a.id(bob, "email"))
	var b strings.Builder
	log := slog.New(slog.NewJSONHandler(&b, nil))
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		assert.Equal(t, "mfatest.Tenant("+a.tenant.URL+")", fmt.Sprintf(verb, a.tenant))
		for _, r := range a.tenant.Requests() {
			if verb != "%#v" && verb != "%x" && verb != "%d" {
				fmt.Fprintf(&b, verb, r)
			}
		}
	}
	log.Info("x", "tenant", a.tenant.String())
	assert.NotContains(t, b.String(), a.tenant.ClientSecret)
	assert.NotContains(t, b.String(), token)
	assert.Contains(t, b.String(), "POST /mfa/challenge challenge")
}

func TestTenant_Requests(t *testing.T) {
	t.Parallel()
	a := newAPI(t, nil)
	token := a.mfaToken(bob)
	id := a.id(bob, "email")
	oob := a.challenge(token, "oob", id).text("oob_code")
	a.verify(token, oob, "000000")
	a.poll(token, oob)
	a.verifyOTP(token, "000000")
	a.verifyRecovery(token, "x")
	a.associateEmail(token, bob)
	a.remove(token, id)
	a.form("grant_type", "refresh_token")
	a.form("grant_type", "x")
	a.do("GET", "/.well-known/jwks.json?a=b", "", "", "")
	a.do("GET", "/mfa/challenge", "", "", "")
	a.do("PUT", "/nowhere", "", "", "")

	var got []string
	for _, r := range a.tenant.Requests() {
		got = append(got, r.String())
	}
	assert.Equal(t, []string{
		"POST /oauth/token password login",
		"GET /mfa/authenticators list authenticators",
		"POST /mfa/challenge challenge",
		"POST /oauth/token verify oob",
		"POST /oauth/token poll push",
		"POST /oauth/token verify otp",
		"POST /oauth/token verify recovery code",
		"POST /mfa/associate associate",
		"DELETE /mfa/authenticators/email%7Cdev_" + id[len("email|dev_"):] + " delete authenticator",
		"POST /oauth/token refresh",
		"POST /oauth/token",
		"GET /.well-known/jwks.json jwks",
		"GET /mfa/challenge",
		"PUT /nowhere",
	}, got)

	first := a.tenant.Requests()[0]
	assert.Equal(t, "application/x-www-form-urlencoded", first.Header.Get("Content-Type"))
	assert.Contains(t, string(first.Body), "grant_type=password")
	first.Header.Set("Content-Type", "changed")
	first.Body[0] = '!'
	again := a.tenant.Requests()[0]
	assert.Equal(t, "application/x-www-form-urlencoded", again.Header.Get("Content-Type"))
	assert.NotContains(t, string(again.Body), "!")
}

func TestTenant_tenantsAreIndependent(t *testing.T) {
	t.Parallel()
	a, b := newAPI(t, nil), newAPI(t, nil)
	assert.NotEqual(t, a.tenant.URL, b.tenant.URL)
	assert.NotEqual(t, a.tenant.ClientID, b.tenant.ClientID)
	assert.NotEqual(t, a.tenant.ClientSecret, b.tenant.ClientSecret)
	wantError(t, b.challenge(a.mfaToken(bob), "oob", ""), 403, "invalid_grant", "Malformed mfa_token")
	a.tenant.Advance(time.Hour)
	assert.True(t, a.tenant.Now().After(b.tenant.Now()))
	assert.Same(t, a.tenant.HTTPClient(), a.tenant.HTTPClient())
	assert.False(t, a.tenant.Certificate().Equal(b.tenant.Certificate()))
}

// TestTenant_concurrentUse is for the race detector.
func TestTenant_concurrentUse(t *testing.T) {
	t.Parallel()
	a := newAPI(t, nil)
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			user := with(fmt.Sprintf("user%d@example.com", i), mfa.FactorEmail, mfa.FactorOTP, mfa.FactorPush)
			a.tenant.AddUser(user)
			token := a.mfaToken(user.Email)
			oob := a.challenge(token, "oob", a.id(user.Email, "email")).text("oob_code")
			wantTokens(a, a.verify(token, oob, a.lastCode(user.Email)))
			wantTokens(a, a.verifyOTP(token, a.tenant.OTP(user.Email)))
			oob = a.challenge(token, "oob", a.id(user.Email, "push")).text("oob_code")
			a.tenant.ApprovePush(user.Email)
			wantTokens(a, a.poll(token, oob))
			a.tenant.Advance(time.Second)
			a.tenant.Requests()
			a.tenant.Inbox(user.Email)
			a.tenant.Fail(mfatest.Fault{Op: mfatest.OpJWKS})
		})
	}
	wg.Wait()
}

// TestTenant_codeIsSpentOnce verifies one code many times at once.
func TestTenant_codeIsSpentOnce(t *testing.T) {
	t.Parallel()
	a := newAPI(t, nil)
	token := a.mfaToken(bob)
	oob := a.challenge(token, "oob", a.id(bob, "email")).text("oob_code")
	code := a.lastCode(bob)
	statuses := make([]int, 8)
	var wg sync.WaitGroup
	for i := range statuses {
		wg.Go(func() { statuses[i] = a.verify(token, oob, code).Status })
	}
	wg.Wait()
	assert.ElementsMatch(t, []int{200, 403, 403, 403, 403, 403, 403, 403}, statuses)
}

// ofTenants counts the goroutines of tenants and of connections to them.
func ofTenants() int {
	stacks := make([]byte, 1<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	count := 0
	for stack := range strings.SplitSeq(string(stacks), "\n\n") {
		if strings.Contains(stack, "mfatest.(*server)") || strings.Contains(stack, "net/http.(*conn)") ||
			strings.Contains(stack, "net/http.(*http2serverConn)") || strings.Contains(stack, "net/http.(*persistConn)") ||
			strings.Contains(stack, "net/http.(*http2ClientConn)") || strings.Contains(stack, "http2.(*serverConn)") {
			count++
		}
	}
	return count
}

// Not parallel, like no test that counts goroutines.
func TestTenant_CloseLeavesNothing(t *testing.T) {
	require.Eventually(t, func() bool { return ofTenants() == 0 }, 10*time.Second, time.Millisecond)
	a := newAPI(t, nil)
	old := a
	old.client = http1(a.tenant)
	t.Cleanup(old.client.CloseIdleConnections)
	a.mfaToken(ada)
	old.mfaToken(ada)

	// Requests that a fault holds up end with the tenant.
	var wg sync.WaitGroup
	for _, fault := range []mfatest.Fault{
		{Op: mfa.OpWarm, Delay: time.Hour, Times: 2},
		{Op: mfatest.OpJWKS, Kind: mfatest.FaultHang, Times: 2},
		{Op: mfa.OpPasswordLogin, Kind: mfatest.FaultSlowBody, Times: 2},
	} {
		a.tenant.Fail(fault)
	}
	for _, c := range []api{a, old} {
		for _, path := range []string{"/.well-known/openid-configuration", "/.well-known/jwks.json"} {
			wg.Go(func() { assert.Error(t, get(c, path)) })
		}
		wg.Go(func() { assert.Error(t, loginError(c)) })
	}
	// net/http does not notice that this one's client is gone: its body was not read to the end.
	a.tenant.Fail(mfatest.Fault{Op: mfa.OpChallenge, Delay: time.Hour})
	wg.Go(func() {
		assert.Error(t, post(t.Context(), old, "/mfa/challenge", url.Values{"x": {strings.Repeat("x", 4<<20)}}))
	})
	require.Eventually(t, func() bool { return len(a.tenant.Requests()) == 9 }, 10*time.Second, time.Millisecond)
	wg.Go(a.tenant.Close)
	a.tenant.Close()
	a.tenant.Close()
	wg.Wait()
	assert.Len(t, a.tenant.Requests(), 9)
	assert.Error(t, get(a, "/"))
	assert.Eventually(t, func() bool { return ofTenants() == 0 }, 10*time.Second, time.Millisecond)
}
