package guidedsite_test

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

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/examples/integrations/guidedsite"
	"github.com/go-auth0-mfa/mfa/flow"
	"github.com/go-auth0-mfa/mfa/mfatest"
)

const (
	ada      = "ada@example.com"
	grace    = "grace@example.com"
	password = "correct horse"

	// What the forms say.
	toLogin  = "Sign in</button>"
	toEnroll = "Where shall we send your codes?"
	toChoose = "How do you want to confirm"
	toCode   = "Enter the code"
	toPoll   = "on your phone</h1>"
	toManage = "Manage your second factors"
	toAdd    = `action="/factors/add"`
)

// rig is the page, served over TLS, and the tenant behind it.
type rig struct {
	t      *testing.T
	tenant *mfatest.Tenant
	server *httptest.Server
	log    *bytes.Buffer
}

func newRig(t *testing.T, user mfatest.User, opts ...mfatest.Option) *rig {
	tenant := mfatest.NewTenant(opts...)
	t.Cleanup(tenant.Close)
	user.Email, user.Password = ada, password
	tenant.AddUser(user)
	key := make([]byte, 32)
	_, _ = rand.Read(key)
	f := tenant.Flow()
	sealer, err := f.NewSealer(key)
	require.NoError(t, err)
	provider, err := oidc.NewProvider(oidc.ClientContext(t.Context(), tenant.HTTPClient()), tenant.URL+"/")
	require.NoError(t, err)
	r := &rig{t: t, tenant: tenant, log: new(bytes.Buffer)}
	site := &guidedsite.Site{
		Client: tenant.Client(), Flow: f, Sealer: sealer, Log: slog.New(slog.NewTextHandler(r.log, nil)), Now: tenant.Now,
		Verifier: provider.Verifier(&oidc.Config{ClientID: tenant.ClientID, Now: tenant.Now}),
	}
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
	b.reload()
	return b
}

func (b *browser) reload() {
	b.t.Helper()
	response, err := b.client.Get(b.server.URL + "/")
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

// at asserts which form the browser shows, by a text of it, and what the page says.
func (b *browser) at(form string, notice string) {
	b.t.Helper()
	require.Equal(b.t, "/", b.path)
	require.Contains(b.t, b.page, form)
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
	b.at(toCode, "")
	b.submit("/step", "code", b.code(ada))
	b.at("<h1>"+ada+"</h1>", "")
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
	b := newRig(t, mfatest.User{}).browser()
	b.at(toLogin, "")
	b.login(ada, password)
	b.at(toEnroll, "")
	b.submit("/step", "factor", "email", "address", "ada@exampel")
	b.at(toEnroll, "check what you typed")
	assert.Contains(t, b.page, `value="ada@exampel"`)
	b.submit("/step", "factor", "email", "address", "ada@exampel.com")
	b.at(toCode, "")
	assert.Contains(t, b.page, "ada@exampel.com", "as typed, so that a slip is seen")
	b.submit("/step", "factor", "email", "address", "ada@exampel.com")
	b.at(toCode, "wait a moment")
	b.tenant.Advance(30 * time.Second)
	b.submit("/step", "factor", "email", "address", " "+ada+" ")
	b.at(toCode, "")
	b.submit("/step", "code", b.code(ada))

	b.at("<h1>"+ada+"</h1>", "")
	code, ok := b.tenant.RecoveryCode(ada)
	require.True(t, ok)
	assert.Contains(t, b.page, code)
	b.submit("/codes")
	b.at(toManage, "")
	assert.NotContains(t, b.page, code)
	for _, request := range b.tenant.Requests() {
		if request.Path == "/oauth/token" {
			assert.Equal(t, []string{"127.0.0.1"}, request.Header["Auth0-Forwarded-For"], request.Op)
		}
	}
	assert.Empty(t, b.log)
}

func TestSite_challenges(t *testing.T) {
	t.Parallel()
	b := newRig(t, mfatest.User{EmailVerified: true}).browser()
	b.login(ada, "a wrong one")
	b.at(toLogin, "Incorrect")
	assert.Contains(t, b.page, `value="`+ada+`"`)
	b.login(ada, password)
	b.at(toCode, "")
	b.submit("/step", "resend", "yes")
	b.at(toCode, "wait a moment")
	b.tenant.Advance(30 * time.Second)
	first := b.code(ada)
	b.submit("/step", "resend", "yes")
	b.at(toCode, "")
	require.Len(t, b.tenant.Inbox(ada), 2)
	asked := len(b.tenant.Requests())
	b.submit("/step", "code", "no code")
	b.at(toCode, "not right")
	require.Len(t, b.tenant.Requests(), asked, "no attempt")
	b.submit("/step", "code", first)
	b.at(toCode, "not right")
	b.submit("/step", "code", b.code(ada))
	b.at("<h1>"+ada+"</h1>", "")
	b.submit("/logout")
	b.at(toLogin, "")
	b.reload()
	b.at(toLogin, "")
}

func TestSite_lostReplies(t *testing.T) {
	t.Parallel()
	b := newRig(t, mfatest.User{EmailVerified: true}).browser()
	b.tenant.Fail(mfatest.Fault{Op: mfa.OpChallenge, Kind: mfatest.FaultDropReply})
	b.login(ada, password)
	b.at(toChoose, "We may have sent you a code")
	require.Len(t, b.tenant.Inbox(ada), 1)
	b.tenant.Advance(30 * time.Second)
	b.choose("email")
	b.at(toCode, "")
	b.tenant.Fail(mfatest.Fault{Op: mfa.OpVerifyOOB, Kind: mfatest.FaultDropReply})
	b.submit("/step", "code", b.code(ada))
	b.at(toCode, "no longer valid")
	b.tenant.Advance(30 * time.Second)
	b.submit("/step", "resend", "yes")
	b.submit("/step", "code", b.code(ada))
	b.at("<h1>"+ada+"</h1>", "")
	assert.Len(t, b.tenant.Inbox(ada), 3)
	assert.Empty(t, b.log)
}

// choose chooses the first authenticator of a factor.
func (b *browser) choose(factor string) {
	b.t.Helper()
	found := regexp.MustCompile(`name="authenticator" value="([^"]+)"><button>` + factor).FindStringSubmatch(b.page)
	require.NotNil(b.t, found, b.page)
	b.submit("/step", "authenticator", found[1])
}

func TestSite_expires(t *testing.T) {
	t.Parallel()
	b := newRig(t, mfatest.User{EmailVerified: true}).browser()
	b.login(ada, password)
	code := b.code(ada)
	b.tenant.Advance(11 * time.Minute)
	b.submit("/step", "code", code)
	b.at(toLogin, "too long")
	b.login(ada, password)
	b.tenant.Advance(16 * time.Minute)
	b.post("/step", "code", b.code(ada))
	b.at(toLogin, "too long")
	b.signIn()
	b.tenant.Advance(time.Hour)
	b.reload()
	b.at(toLogin, "")
	b.signIn()

	// Forms of nobody.
	b = b.browser()
	b.login(ada, "a wrong one")
	for _, action := range []string{"/step", "/cancel", "/factors", "/factors/add", "/factors/delete", "/codes", "/logout"} {
		asked := len(b.tenant.Requests())
		b.post(action, "code", "123456", "password", password, "factor", "email", "address", "eve@example.com", "id", "email|dev_0123456789abcdef")
		require.Contains(t, b.page, toLogin, action)
		assert.NotContains(t, b.page, "confirm your password", action)
		assert.Len(t, b.tenant.Requests(), asked, action)
	}
	b.post("/factors")
	b.at(toLogin, "start again")
	assert.Empty(t, b.log)
}

func TestSite_otherFactors(t *testing.T) {
	t.Parallel()
	const phone = "+4930901820"
	b := newRig(t, mfatest.User{RecoveryCode: true, Authenticators: []mfatest.Authenticator{
		{Factor: mfa.FactorOTP, Active: true}, {Factor: mfa.FactorSMS, Address: phone, Active: true}, {Factor: mfa.FactorPush, Active: true},
	}}).browser()
	in := "<h1>" + ada + "</h1>"
	b.login(ada, password)
	b.at(toChoose, "")
	b.choose("otp")
	b.at(toCode, "")
	b.submit("/step", "code", b.tenant.OTP(ada))
	b.at(in, "")

	b.reload()
	b.submit("/logout")
	b.login(ada, password)
	b.choose("sms")
	b.submit("/step", "code", b.code(phone))
	b.at(in, "")

	b.submit("/logout")
	b.login(ada, password)
	b.choose("push")
	b.at(toPoll, "")
	b.tenant.Advance(5 * time.Second)
	b.submit("/step")
	b.at(toPoll, "Please approve")
	b.tenant.ApprovePush(ada)
	b.tenant.Advance(5 * time.Second)
	b.submit("/step")
	b.at(in, "")

	b.submit("/logout")
	b.login(ada, password)
	b.choose("recovery-code")
	used, _ := b.tenant.RecoveryCode(ada)
	b.submit("/step", "code", strings.ToLower(used[:12]+"-"+used[12:]))
	b.at(in, "")
	next, _ := b.tenant.RecoveryCode(ada)
	assert.NotEqual(t, used, next)
	assert.Contains(t, b.page, next)

	b.submit("/logout")
	b.login(ada, password)
	b.submit("/cancel")
	b.at(toLogin, "")
	for _, request := range b.tenant.Requests() {
		if request.Path == "/oauth/token" {
			assert.Equal(t, []string{"127.0.0.1"}, request.Header["Auth0-Forwarded-For"], request.Op)
		}
	}
	assert.Empty(t, b.log)
}

// A tab that was left open shows the form that is due, and nobody enrolls past a factor.
func TestSite_formsOfOtherStates(t *testing.T) {
	t.Parallel()
	b := newRig(t, mfatest.User{EmailVerified: true}, mfatest.WithChainedMFA(1)).browser()
	b.login(ada, password)
	b.post("/step", "factor", "email", "address", "eve@example.com")
	b.at(toCode, "")
	assert.Zero(t, b.asked(mfa.OpAssociate))
	b.submit("/step", "code", b.code(ada))
	b.at(toCode, "")
	require.Len(t, b.tenant.Inbox(ada), 2, "another factor is due")
	b.submit("/step", "code", b.code(ada))
	b.at(toManage, "")
}

// A login is that of the user who typed the password, whoever was signed in before, and
// an old cookie opens nothing.
func TestSite_anotherUsersCookie(t *testing.T) {
	t.Parallel()
	r := newRig(t, mfatest.User{EmailVerified: true})
	r.tenant.AddUser(mfatest.User{Email: grace, Password: password, EmailVerified: true})
	b, thief := r.browser(), r.browser()
	origin, err := url.Parse(r.server.URL)
	require.NoError(t, err)

	// A step of Grace does not open beside the login of Ada, nor a login beside her step.
	b.login(grace, password)
	thief.login(ada, password)
	mixed := r.browser()
	mixed.client.Jar.SetCookies(origin, named(b.client.Jar.Cookies(origin), "__Host-step"))
	mixed.client.Jar.SetCookies(origin, named(thief.client.Jar.Cookies(origin), "__Host-login"))
	mixed.reload()
	mixed.at(toLogin, "")
	mixed.post("/step", "code", b.code(grace))
	mixed.at(toLogin, "too long")

	b.submit("/step", "code", b.code(grace))
	b.at("<h1>"+grace+"</h1>", "")
	old := named(b.client.Jar.Cookies(origin), "__Host-session")
	require.Len(t, old, 1)
	b.post("/login", "email", ada, "password", "a wrong one")
	b.at(toLogin, "Incorrect")
	b.reload()
	b.at(toLogin, "")
	b.signIn()
	assert.NotContains(t, b.page, grace)
	assert.NotEqual(t, old[0].Value, named(b.client.Jar.Cookies(origin), "__Host-session")[0].Value)
	thief = r.browser()
	thief.client.Jar.SetCookies(origin, old)
	thief.reload()
	thief.at(toLogin, "")
}

func named(cookies []*http.Cookie, name string) []*http.Cookie {
	return slices.DeleteFunc(cookies, func(c *http.Cookie) bool { return c.Name != name })
}

func TestSite_factors(t *testing.T) {
	t.Parallel()
	const other, phone = "ada@example.org", "+4930901820"
	b := newRig(t, mfatest.User{EmailVerified: true}).browser()
	b.signIn()
	b.submit("/factors")
	b.at(toAdd, "")
	id := regexp.MustCompile(`name="id" value="([^"]+)"`)
	require.Len(t, id.FindAllString(b.page, -1), 1)

	b.submit("/factors/add", "factor", "email", "address", "ada")
	b.at(toEnroll, "check what you typed")
	b.submit("/cancel")
	b.at(toAdd, "")
	b.submit("/factors/add", "factor", "email", "address", other)
	b.at(toCode, "")
	b.submit("/step", "code", "000000")
	b.at(toCode, "not right")
	b.submit("/step", "code", b.code(other))
	b.at(toAdd, "")
	recovery, _ := b.tenant.RecoveryCode(ada)
	assert.Contains(t, b.page, recovery)
	b.submit("/factors/add", "factor", "sms", "address", "+49 30 90 18 20")
	b.submit("/step", "code", b.code(phone))
	b.at(toAdd, "")
	b.submit("/factors/add", "factor", "otp", "address", "")
	b.at("Add this key to your app", "")
	b.submit("/step", "code", b.tenant.OTP(ada))
	b.at(toAdd, "")
	listed := id.FindAllStringSubmatch(b.page, -1)
	require.Len(t, listed, 4, "and the recovery code, which stays")
	assert.Contains(t, b.page, "<li>recovery-code")

	// The address of the account stays.
	b.submit("/factors/delete", "id", listed[0][1])
	b.at(toAdd, "cannot be removed")
	b.submit("/factors/delete", "id", listed[1][1])
	b.at(toAdd, "")
	b.submit("/factors/delete", "id", listed[1][1]) // in another tab
	b.at(toAdd, "")
	assert.Len(t, id.FindAllString(b.page, -1), 3)

	// The refresh token still works, although no refresh returned another. With an app
	// Auth0 asks for a second factor.
	b.tenant.Advance(11 * time.Minute)
	b.reload()
	b.at(toManage, "")
	b.post("/factors/delete", "id", listed[2][1])
	b.at(toManage, "start again")
	b.submit("/factors")
	b.at(toCode, "")
	b.submit("/step", "code", b.code(ada))
	b.at(toAdd, "")
	assert.Len(t, id.FindAllString(b.page, -1), 3)
	assert.Equal(t, 2, b.asked(mfa.OpRefresh))

	// A step of the account belongs to the session, and ends with it.
	b.submit("/factors/add", "factor", "email", "address", other)
	b.at(toCode, "")
	origin, err := url.Parse(b.server.URL)
	require.NoError(t, err)
	without := b.browser()
	for _, name := range []string{"__Host-login", "__Host-step"} {
		kept := named(b.client.Jar.Cookies(origin), name)
		require.Len(t, kept, 1)
		without.client.Jar.SetCookies(origin, kept)
	}
	without.reload()
	without.at(toLogin, "")
	b.post("/logout")
	b.at(toLogin, "")
	b.post("/step", "code", b.code(other))
	b.at(toLogin, "too long")
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
			b.at(toManage, "confirm your password")
			assert.NotContains(t, b.page, "/factors/delete")
			b.submit("/factors", "password", "a wrong one")
			b.at(toManage, "Incorrect")
			b.submit("/factors", "password", password)
			b.at(toAdd, "")
			assert.Contains(t, b.page, "/factors/delete")
			assert.Empty(t, b.log)
		})
	}
}

// A login without a second factor is refused, and the log says why.
func TestSite_withoutMFA(t *testing.T) {
	t.Parallel()
	b := newRig(t, mfatest.User{}, mfatest.WithOptionalMFA()).browser()
	b.login(ada, password)
	b.at(toLogin, "Sorry")
	assert.Contains(t, b.log.String(), "the ID token is not of this login")
	b.reload()
	b.at(toLogin, "")
	b.login(strings.Repeat("ä", 40_000), password)
	b.at(toLogin, "check what you typed")
	origin, err := url.Parse(b.server.URL)
	require.NoError(t, err)
	for _, cookie := range b.client.Jar.Cookies(origin) {
		assert.Less(t, len(cookie.Value), 4000, cookie.Name)
	}
}

// A proxy that mixes up two responses signs nobody in as somebody else.
func TestSite_anotherUsersToken(t *testing.T) {
	t.Parallel()
	b := newRig(t, mfatest.User{EmailVerified: true}, mfatest.WithOptionalMFA()).browser()
	b.tenant.AddUser(mfatest.User{Email: grace, Password: password, EmailVerified: true})
	client, f := b.tenant.Client(), b.tenant.Flow()
	_, err := client.PasswordLogin(t.Context(), mfa.PasswordLoginRequest{Username: grace, Password: mfa.NewSecret(password), Scopes: []string{"openid"}})
	step, err := f.Begin(t.Context(), err)
	require.NoError(t, err)
	require.NoError(t, step.Submit(t.Context(), flow.Submission{Code: mfa.NewSecret(b.code(grace))}))

	b.login(ada, password)
	b.tenant.Fail(mfatest.Fault{Op: mfa.OpVerifyOOB, Status: 200, Body: `{"access_token":"eyJ...a","id_token":"` + step.Token().IDToken.Reveal() + `"}`})
	b.submit("/step", "code", b.code(ada))
	b.at(toLogin, "Sorry")
	assert.Contains(t, b.log.String(), "the ID token is not of this login")
}
