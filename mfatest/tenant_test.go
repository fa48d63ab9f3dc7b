package mfatest_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/flow"
	"github.com/go-auth0-mfa/mfa/mfatest"
)

func TestTenant_Client(t *testing.T) {
	t.Parallel()
	var through int
	counting := func(tenant *mfatest.Tenant) *http.Client {
		return &http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
			through++
			return tenant.HTTPClient().Transport.RoundTrip(r)
		})}
	}
	login := func(t *testing.T, tenant *mfatest.Tenant, opts ...mfa.Option) error {
		t.Helper()
		tenant.AddUser(mfatest.User{Email: ada, Password: password})
		client := tenant.Client(opts...)
		_, err := client.PasswordLogin(t.Context(), mfa.PasswordLoginRequest{Username: ada, Password: mfa.NewSecret(password)})
		return err
	}
	start := func(opts ...mfatest.Option) *mfatest.Tenant {
		tenant := mfatest.NewTenant(opts...)
		t.Cleanup(tenant.Close)
		return tenant
	}
	assert.ErrorIs(t, login(t, start()), mfa.ErrMFARequired)
	assert.ErrorIs(t, login(t, start(mfatest.WithPublicClient())), mfa.ErrMFARequired)
	assert.ErrorIs(t, login(t, start(), mfa.WithTimeout(time.Minute)), mfa.ErrMFARequired)
	assert.ErrorIs(t, login(t, start(), mfa.WithClientSecret("wrong")), mfa.ErrInvalidClient)
	assert.ErrorIs(t, login(t, start(), mfa.WithClientAssertion(func(context.Context) (string, error) { return "a.b.c", nil })), mfa.ErrInvalidClient)
	require.Zero(t, through)
	tenant := start()
	assert.ErrorIs(t, login(t, tenant, mfa.WithHTTPClient(counting(tenant))), mfa.ErrMFARequired)
	tenant = start()
	assert.ErrorIs(t, login(t, tenant, mfa.WithHTTPClient(counting(tenant)), mfa.WithClientSecret("wrong")), mfa.ErrInvalidClient)
	assert.Equal(t, 2, through)

	_, err := mfa.NewClient(tenant.URL, tenant.ClientID, mfa.WithTimeout(-1))
	var refused *mfa.Error
	require.ErrorAs(t, err, &refused)
	assert.Equal(t, []string{"Timeout"}, refused.Fields)
	assert.PanicsWithValue(t, "mfatest: Client: "+refused.Error(), func() { tenant.Client(mfa.WithTimeout(-1), mfa.WithClientSecret("s")) })
}

// TestTenant_Flow_isOnTheTenantsClock moves the tenant's clock first, by more
// than a step lives.
func TestTenant_Flow_isOnTheTenantsClock(t *testing.T) {
	t.Parallel()
	tenant := mfatest.NewTenant()
	t.Cleanup(tenant.Close)
	tenant.AddUser(mfatest.User{Email: bob, EmailVerified: true})
	tenant.Advance(time.Hour)
	required := &mfa.RequiredError{MFAToken: tenant.MFAToken(bob)}
	step, err := tenant.Flow().Begin(t.Context(), required)
	require.NoError(t, err)
	assert.WithinDuration(t, tenant.Now().Add(5*time.Minute), step.CodeExpiresAt(), time.Second)

	another := tenant.Now().Add(time.Hour)
	step, err = tenant.Flow(flow.WithClock(func() time.Time { return another })).Begin(t.Context(), required)
	require.NoError(t, err)
	assert.WithinDuration(t, another.Add(5*time.Minute), step.CodeExpiresAt(), time.Second)

	_, err = flow.New(tenant.Client(), flow.WithMaxSends(-1))
	require.Error(t, err)
	assert.PanicsWithValue(t, "mfatest: Flow: "+err.Error(), func() { tenant.Flow(flow.WithMaxSends(-1)) })
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

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

// A program that trusts the certificate trusts it for this machine alone.
func TestTenant_Certificate_isForLoopback(t *testing.T) {
	t.Parallel()
	for addr, own := range map[string]string{"127.0.0.1:0": "", "127.0.0.2:0": "", "localhost:0": "", "": ".test"} {
		options := []mfatest.Option{mfatest.WithMemoryNetwork()}
		if addr != "" {
			options = []mfatest.Option{mfatest.WithAddr(addr)}
		}
		tenant := mfatest.NewTenant(options...)
		t.Cleanup(tenant.Close)
		certificate := tenant.Certificate()
		assert.True(t, certificate.PermittedDNSDomainsCritical)
		assert.True(t, certificate.MaxPathLenZero)
		for _, name := range certificate.PermittedDNSDomains {
			assert.True(t, name == "localhost" || own != "" && strings.HasSuffix(name, own), name)
		}
		assert.Equal(t, certificate.DNSNames, certificate.PermittedDNSDomains)
		require.NotEmpty(t, certificate.PermittedIPRanges)
		for _, permitted := range certificate.PermittedIPRanges {
			assert.True(t, permitted.IP.IsLoopback(), permitted)
			ones, _ := permitted.Mask.Size()
			assert.GreaterOrEqual(t, ones, 8)
		}
	}
}
