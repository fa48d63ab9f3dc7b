package plainsite_test

import (
	"bytes"
	"crypto/rand"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/alexedwards/scs/v2/memstore"
	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/examples/integrations/idtoken"
	"github.com/go-auth0-mfa/mfa/examples/integrations/plainsite"
	"github.com/go-auth0-mfa/mfa/mfatest"
)

const (
	ada      = "ada@example.com"
	grace    = "grace@example.com"
	password = "correct horse"
)

// rig is the page, served over TLS, and the tenant behind it.
type rig struct {
	t      *testing.T
	tenant *mfatest.Tenant
	server *httptest.Server
	store  *memstore.MemStore
	log    *bytes.Buffer
}

func newRig(t *testing.T, user mfatest.User, opts ...mfatest.Option) *rig {
	tenant := mfatest.NewTenant(opts...)
	t.Cleanup(tenant.Close)
	user.Email, user.Password = ada, password
	tenant.AddUser(user)
	key := make([]byte, 32)
	_, _ = rand.Read(key)
	sealer, err := tenant.Flow().NewSealer(key)
	require.NoError(t, err)
	r := &rig{t: t, tenant: tenant, store: memstore.NewWithCleanupInterval(0), log: new(bytes.Buffer)}
	client, sessions := tenant.Client(), scs.New()
	sessions.Store = r.store
	users, err := idtoken.New(t.Context(), client, tenant.HTTPClient(), sessions, oidc.Config{Now: tenant.Now})
	require.NoError(t, err)
	site := &plainsite.Site{Client: client, Sealer: sealer, Sessions: sessions, Users: users, Log: slog.New(slog.NewTextHandler(r.log, nil)), Now: tenant.Now}
	r.server = httptest.NewTLSServer(site.Handler())
	t.Cleanup(r.server.Close)
	return r
}

// browser is a browser of its own, with what it shows.
type browser struct {
	*rig

	client     *http.Client
	path, page string
}

func (r *rig) browser() *browser {
	jar, err := cookiejar.New(nil)
	require.NoError(r.t, err)
	client := *r.server.Client()
	client.Jar = jar
	b := &browser{rig: r, client: &client}
	b.get("/")
	return b
}

func (b *browser) get(path string) {
	b.t.Helper()
	response, err := b.client.Get(b.server.URL + path)
	b.show(response, err)
}

// submit fills in a form that the page shows.
func (b *browser) submit(action string, values ...string) {
	b.t.Helper()
	require.Contains(b.t, b.page, `action="`+action+`"`)
	for i := 0; i < len(values); i += 2 {
		require.Contains(b.t, b.page, `name="`+values[i]+`"`)
	}
	b.post(action, values...)
}

// post sends a form that no page need show.
func (b *browser) post(action string, values ...string) {
	b.t.Helper()
	form := url.Values{}
	for i := 0; i < len(values); i += 2 {
		form.Set(values[i], values[i+1])
	}
	response, err := b.client.PostForm(b.server.URL+action, form)
	b.show(response, err)
}

func (b *browser) show(response *http.Response, err error) {
	b.t.Helper()
	require.NoError(b.t, err)
	body, err := io.ReadAll(response.Body)
	require.NoError(b.t, err)
	require.NoError(b.t, response.Body.Close())
	require.Equal(b.t, http.StatusOK, response.StatusCode)
	b.path, b.page = response.Request.URL.Path, string(body)
}

// at asserts which page the browser shows, and what it says.
func (b *browser) at(path string, notice string) {
	b.t.Helper()
	require.Equal(b.t, path, b.path, b.page)
	found := regexp.MustCompile(`<p role="alert">(.*?)</p>`).FindStringSubmatch(b.page)
	if notice == "" {
		require.Nil(b.t, found)
		return
	}
	require.NotNil(b.t, found)
	require.Contains(b.t, found[1], notice)
}

func (b *browser) login(email, password string) {
	b.submit("/login", "email", email, "password", password)
}

// code is the newest code, in the form in which many mails have it.
func (r *rig) code(address string) string {
	code, ok := r.tenant.LastCode(address)
	require.True(r.t, ok)
	return code[:3] + " " + code[3:]
}

func (b *browser) signIn() {
	b.t.Helper()
	b.login(ada, password)
	b.at("/code", "")
	b.submit("/code", "code", b.code(ada))
	b.at("/", "")
	require.Contains(b.t, b.page, "<h1>"+ada+"</h1>")
}

// asked returns the operations that reached the tenant, of which there are some.
func (r *rig) asked(op mfa.Op) int {
	n := 0
	for _, request := range r.tenant.Requests() {
		if request.Op == op {
			n++
		}
	}
	return n
}

func TestSite_enrolls(t *testing.T) {
	t.Parallel()
	b := newRig(t, mfatest.User{Authenticators: []mfatest.Authenticator{{Factor: mfa.FactorOTP}}}).browser() // begun and left
	b.at("/login", "")
	b.login(ada, password)
	b.at("/enroll", "")
	b.submit("/enroll", "address", "ada@exampel.com")
	b.at("/code", "")
	assert.Contains(t, b.page, "ada@exampel.com", "as typed, so that a slip is seen")
	b.get("/enroll")
	assert.Contains(t, b.page, `value="ada@exampel.com"`)
	b.submit("/enroll", "address", ada)
	b.at("/enroll", "Please wait a moment")
	b.tenant.Advance(30 * time.Second)
	b.submit("/enroll", "address", " "+ada+" ")
	b.at("/code", "")
	b.submit("/code", "code", b.code(ada))

	b.at("/", "")
	code, ok := b.tenant.RecoveryCode(ada)
	require.True(t, ok)
	assert.Contains(t, b.page, code)
	b.submit("/codes")
	b.at("/", "")
	assert.NotContains(t, b.page, code)
	for _, op := range []mfa.Op{mfa.OpPasswordLogin, mfa.OpVerifyOOB} {
		for _, request := range b.tenant.Requests() {
			if request.Op == op {
				assert.Equal(t, []string{"127.0.0.1"}, request.Header["Auth0-Forwarded-For"], op)
			}
		}
	}
}

func TestSite_challenges(t *testing.T) {
	t.Parallel()
	b := newRig(t, mfatest.User{EmailVerified: true}).browser()
	b.login(ada, "a wrong one")
	b.at("/login", "Incorrect")
	assert.Contains(t, b.page, `value="`+ada+`"`)
	b.login(ada, password)
	b.at("/code", "")
	b.submit("/resend")
	b.at("/code", "Please wait a moment")
	b.tenant.Advance(30 * time.Second)
	first := b.code(ada)
	b.submit("/resend")
	b.at("/code", "")
	require.Len(t, b.tenant.Inbox(ada), 2)
	b.submit("/code", "code", "no code")
	b.at("/code", "not right")
	b.submit("/code", "code", first)
	b.at("/code", "not right")
	b.submit("/code", "code", b.code(ada))
	b.at("/", "")
	b.submit("/logout")
	b.at("/login", "")
	b.get("/")
	b.at("/login", "")
}

// A reply that gets lost is neither a second mail nor a code that is asked for in vain.
func TestSite_lostReplies(t *testing.T) {
	t.Parallel()
	b := newRig(t, mfatest.User{EmailVerified: true}).browser()
	b.tenant.Fail(mfatest.Fault{Op: mfa.OpChallenge, Kind: mfatest.FaultDropReply})
	b.login(ada, password)
	b.at("/code", "We may have sent you a code")
	assert.NotContains(t, b.page, `name="code"`)
	require.Len(t, b.tenant.Inbox(ada), 1)
	b.tenant.Advance(30 * time.Second)
	b.submit("/resend")
	b.at("/code", "")
	b.tenant.Fail(mfatest.Fault{Op: mfa.OpChallenge, Kind: mfatest.FaultDropReply})
	b.tenant.Advance(30 * time.Second)
	b.submit("/resend")
	b.at("/code", "We may have sent you a code")
	assert.NotContains(t, b.page, `name="code"`, "the code before is replaced")
	b.tenant.Advance(30 * time.Second)
	b.submit("/resend")
	b.tenant.Fail(mfatest.Fault{Op: mfa.OpVerifyOOB, Kind: mfatest.FaultDropReply})
	b.submit("/code", "code", b.code(ada))
	b.at("/code", "no longer valid")
	b.tenant.Advance(30 * time.Second)
	b.submit("/resend")
	b.submit("/code", "code", b.code(ada))
	b.at("/", "")
	assert.Len(t, b.tenant.Inbox(ada), 5)
	assert.Empty(t, b.log)

	b = newRig(t, mfatest.User{}).browser()
	b.tenant.Fail(mfatest.Fault{Op: mfa.OpAssociate, Kind: mfatest.FaultDropReply})
	b.login(ada, password)
	b.submit("/enroll", "address", ada)
	b.at("/code", "We may have sent you a code")
	b.tenant.Advance(30 * time.Second)
	b.submit("/resend")
	b.submit("/code", "code", b.code(ada))
	b.at("/", "")
}

func TestSite_expires(t *testing.T) {
	t.Parallel()
	b := newRig(t, mfatest.User{EmailVerified: true}).browser()
	b.login(ada, password)
	code := b.code(ada)
	b.tenant.Advance(11 * time.Minute)
	b.submit("/code", "code", code)
	b.at("/login", "too long")
	b.get("/code")
	b.at("/login", "too long")
	b.signIn()

	// Forms of a page that was left open, or of nobody.
	b = b.browser()
	b.login(ada, "a wrong one")
	for _, action := range []string{"/code", "/resend", "/factors", "/factors/add", "/factors/delete", "/codes", "/enroll"} {
		asked := len(b.tenant.Requests())
		b.post(action, "code", "123456", "password", password, "address", "eve@example.com", "id", "email|dev_0123456789abcdef")
		assert.Equal(t, "/login", b.path, action)
		assert.NotContains(t, b.page, "confirm your password", action)
		assert.Len(t, b.tenant.Requests(), asked, action)
	}
	assert.Empty(t, b.log)
}

func TestSite_recoveryCode(t *testing.T) {
	t.Parallel()
	b := newRig(t, mfatest.User{EmailVerified: true, RecoveryCode: true}).browser()
	used, _ := b.tenant.RecoveryCode(ada)
	b.login(ada, password)
	b.submit("/code", "recovery", "N3BGPZZWJ85JLCNPZBDW6QXC")
	b.at("/code", "not right")
	b.submit("/code", "recovery", strings.ToLower(used[:12]+"-"+used[12:]))
	b.at("/", "")
	next, _ := b.tenant.RecoveryCode(ada)
	assert.NotEqual(t, used, next)
	assert.Contains(t, b.page, next)
}

func TestSite_anotherFactorIsDue(t *testing.T) {
	t.Parallel()
	b := newRig(t, mfatest.User{EmailVerified: true}, mfatest.WithChainedMFA(1)).browser()
	b.login(ada, password)
	b.submit("/code", "code", b.code(ada))
	b.at("/code", "")
	require.Len(t, b.tenant.Inbox(ada), 2)
	b.submit("/code", "code", b.code(ada))
	b.at("/", "")
}

// Nobody enrolls an address past a factor that this page does not know, nor with a form
// that was made by hand.
func TestSite_enrollsNobodyPastAFactor(t *testing.T) {
	t.Parallel()
	for name, user := range map[string]mfatest.User{
		"of an app": {RecoveryCode: true, Authenticators: []mfatest.Authenticator{{Factor: mfa.FactorOTP, Active: true}}},
		"of e-mail": {RecoveryCode: true, EmailVerified: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newRig(t, user).browser()
			b.login(ada, password)
			if !user.EmailVerified {
				b.at("/code", "Please use a recovery code")
			}
			b.post("/enroll", "address", "eve@example.com")
			b.post("/factors/add", "address", "eve@example.com")
			assert.Zero(t, b.asked(mfa.OpAssociate))
			code, _ := b.tenant.RecoveryCode(ada)
			b.get("/code")
			b.submit("/code", "recovery", code)
			b.at("/", "")
			assert.Empty(t, b.tenant.Inbox("eve@example.com"))
		})
	}
}

// A login is that of the user who typed the password, whoever was signed in before, and
// an old session cookie opens nothing.
func TestSite_anotherUsersCookie(t *testing.T) {
	t.Parallel()
	r := newRig(t, mfatest.User{EmailVerified: true})
	r.tenant.AddUser(mfatest.User{Email: grace, Password: password, EmailVerified: true})
	b := r.browser()
	origin, err := url.Parse(r.server.URL)
	require.NoError(t, err)
	planted := b.client.Jar.Cookies(origin)
	require.Len(t, planted, 1)
	thief := r.browser()
	thief.client.Jar.SetCookies(origin, planted)

	b.login(grace, password)
	thief.get("/code")
	thief.at("/login", "")
	b.submit("/code", "code", b.code(grace))
	b.at("/", "")
	assert.Contains(t, b.page, grace)
	thief.get("/")
	thief.at("/login", "")

	old := b.client.Jar.Cookies(origin)
	b.get("/login")
	b.login(ada, "a wrong one")
	b.at("/login", "Incorrect")
	b.get("/")
	b.at("/login", "Incorrect")
	b.signIn()
	assert.NotContains(t, b.page, grace)
	thief.client.Jar.SetCookies(origin, old)
	thief.get("/")
	thief.at("/login", "")
}

func TestSite_factors(t *testing.T) {
	t.Parallel()
	const other = "ada@example.org"
	b := newRig(t, mfatest.User{EmailVerified: true}).browser()
	b.signIn()
	b.submit("/factors")
	b.at("/", "")
	id := regexp.MustCompile(`name="id" value="([^"]+)"`)
	require.Len(t, id.FindAllString(b.page, -1), 1)

	b.submit("/factors/add", "address", "ada")
	b.at("/", "check what you typed")
	b.submit("/factors/add", "address", other)
	b.at("/code", "")
	b.submit("/code", "code", "000")
	b.at("/code", "not right")
	b.submit("/code", "code", b.code(other))
	b.at("/", "")
	recovery, _ := b.tenant.RecoveryCode(ada)
	assert.Contains(t, b.page, recovery)
	listed := id.FindAllStringSubmatch(b.page, -1)
	require.Len(t, listed, 2, "and the recovery code, which stays")
	assert.Contains(t, b.page, "<li>recovery-code")

	// The address of the account stays.
	b.submit("/factors/delete", "id", listed[0][1])
	b.at("/", "cannot be removed")
	b.submit("/factors/delete", "id", listed[1][1])
	b.at("/", "")
	assert.Len(t, id.FindAllString(b.page, -1), 1)
	b.submit("/factors/delete", "id", listed[1][1]) // in another tab
	b.at("/", "")

	// The refresh token still works, although no refresh returned another.
	b.tenant.Advance(11 * time.Minute)
	b.get("/")
	b.at("/", "")
	assert.NotContains(t, b.page, "/factors/delete")
	b.post("/factors/delete", "id", listed[1][1])
	b.at("/", "start again")
	b.submit("/factors")
	b.at("/", "")
	assert.Len(t, id.FindAllString(b.page, -1), 1)
	assert.Equal(t, 2, b.asked(mfa.OpRefresh))

	// What is begun and left does not spoil the next one.
	b.submit("/factors/add", "address", other)
	b.at("/code", "")
	b.tenant.Advance(11 * time.Minute)
	b.get("/")
	b.submit("/factors")
	assert.Contains(t, b.page, "/factors/delete")
	assert.Empty(t, b.log)
}

// A refresh token that Auth0 does not take for the MFA API is no dead end: the password is
// asked for.
func TestSite_factors_byPassword(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]mfatest.Fault{
		"the audience is ignored": {Status: 200, Body: `{"access_token":"eyJ...a","scope":"openid email","expires_in":86400,"token_type":"Bearer","refresh_token":"v1.rotated"}`},
		"it is revoked":           {Status: 403, Body: `{"error":"invalid_grant","error_description":"Unknown or invalid refresh token."}`},
		"the audience is refused": {Status: 403, Body: `{"error":"access_denied","error_description":"Service not found: https://tenant/mfa/"}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newRig(t, mfatest.User{EmailVerified: true}).browser()
			b.signIn()
			fault.Op = mfa.OpRefresh
			b.tenant.Fail(fault)
			b.submit("/factors")
			b.at("/", "confirm your password")
			assert.NotContains(t, b.page, "/factors/delete")
			b.submit("/factors", "password", "a wrong one")
			b.at("/", "Incorrect")
			b.submit("/factors", "password", password)
			b.at("/", "")
			assert.Contains(t, b.page, "/factors/delete")
			assert.Empty(t, b.log)
		})
	}
}

// A user with an app proves it again before factors are changed, here by e-mail.
func TestSite_factors_afterMFA(t *testing.T) {
	t.Parallel()
	b := newRig(t, mfatest.User{EmailVerified: true, Authenticators: []mfatest.Authenticator{{Factor: mfa.FactorOTP, Active: true}}}).browser()
	b.signIn()
	b.submit("/factors")
	b.at("/code", "")
	b.submit("/code", "code", b.code(ada))
	b.at("/", "")
	assert.Contains(t, b.page, "<li>otp ")
	app := regexp.MustCompile(`<li>otp .*?value="([^"]+)"`).FindStringSubmatch(b.page)
	b.submit("/factors/delete", "id", app[1])
	b.at("/", "")
	assert.NotContains(t, b.page, "<li>otp ")
	assert.False(t, slices.ContainsFunc(b.tenant.Authenticators(ada), func(a mfatest.Authenticator) bool { return a.Factor == mfa.FactorOTP }))
}

// A login without a second factor is refused, and the log says why.
func TestSite_withoutMFA(t *testing.T) {
	t.Parallel()
	b := newRig(t, mfatest.User{}, mfatest.WithOptionalMFA()).browser()
	b.login(ada, password)
	b.at("/login", "Sorry")
	assert.Contains(t, b.log.String(), "the ID token is not of this login")
	b.get("/")
	b.at("/login", "Sorry")
}

// The store of the sessions keeps nothing that opens the account.
func TestSite_sealsItsSessions(t *testing.T) {
	t.Parallel()
	b := newRig(t, mfatest.User{EmailVerified: true}).browser()
	b.signIn()
	b.submit("/factors")
	sessions, err := b.store.All()
	require.NoError(t, err)
	require.NotEmpty(t, sessions)
	for _, kept := range sessions {
		for _, secret := range []string{"eyJ", "v1.", "Fe26", ada} {
			assert.NotContains(t, string(kept), secret)
		}
	}
}
