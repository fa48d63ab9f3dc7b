package ui_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/examples/loginui/internal/browsertest"
	"github.com/go-auth0-mfa/mfa/examples/loginui/sessions"
	"github.com/go-auth0-mfa/mfa/examples/loginui/ui"
	"github.com/go-auth0-mfa/mfa/mfatest"
)

const (
	email    = "grace@example.com"
	password = "battery staple"
)

// place is an application with the pages of a tenant, in which grace has an address.
type place struct {
	*testing.T
	app    *faulty
	tenant *mfatest.Tenant
	pages  *ui.Pages
	log    bytes.Buffer
	b      *browsertest.Browser
}

// faulty is an application that fails as a test wants it.
type faulty struct {
	*sessions.App
	signIn, signOut error
	unbound         bool
}

func (f *faulty) SignIn(w http.ResponseWriter, r *http.Request, user ui.User, token *mfa.Token) error {
	if f.unbound {
		user.Binding = ""
	}
	return errors.Join(f.signIn, f.App.SignIn(w, r, user, token))
}

func (f *faulty) SignOut(w http.ResponseWriter, r *http.Request) error {
	if f.signOut != nil {
		return f.signOut
	}
	return f.App.SignOut(w, r)
}

// open makes a place. The functions change its configuration.
func open(t *testing.T, change ...func(*place, *ui.Config)) *place {
	t.Helper()
	p := &place{T: t, app: &faulty{App: sessions.New()}, tenant: mfatest.NewTenant(mfatest.WithMemoryNetwork())}
	t.Cleanup(p.tenant.Close)
	p.tenant.AddUser(mfatest.User{Email: email, Password: password, RecoveryCode: true, Authenticators: []mfatest.Authenticator{
		{Factor: mfa.FactorEmail, Active: true}, {Factor: mfa.FactorSMS, Address: "+4930901820", Active: true}, // two, or else the refresh token is enough for the account page
	}})
	config := ui.Config{
		Client: p.tenant.Client(), App: p.app, Key: make([]byte, 32), Keys: p.tenant.HTTPClient(), Now: p.tenant.Now, Log: slog.New(slog.NewTextHandler(&p.log, nil)),
	}
	_, _ = rand.Read(config.Key)
	for _, do := range change {
		do(p, &config)
	}
	var err error
	p.pages, err = ui.New(t.Context(), config)
	require.NoError(t, err)
	p.b = browsertest.Visit(t, "login.example", p.app.Load(p.pages))
	return p
}

// login sends the password and the code.
func (p *place) login() *browsertest.Browser {
	p.Helper()
	p.b.Get("/login").Post("/login", "email", email, "password", password).On("/verify")
	return p.b.Post("/code", "code", p.code())
}

func (p *place) code() string {
	code, ok := p.tenant.LastCode(email)
	require.True(p, ok)
	return code
}

// manage opens the account page.
func (p *place) manage() *browsertest.Browser {
	p.Helper()
	p.login().On("/")
	p.b.Post("/account").On("/confirm/verify")
	return p.b.Post("/confirm/code", "code", p.code())
}

func TestNew_refusesWhatCannotWork(t *testing.T) {
	t.Parallel()
	client, err := mfa.NewClient("tenant.eu.auth0.com", "id")
	require.NoError(t, err)
	key := make([]byte, 32)
	_, _ = rand.Read(key)
	kept := bytes.Clone(key)
	good := ui.Config{Client: client, App: sessions.New(), Key: key, Prefix: "/auth/v2", Home: "/welcome/"}
	_, err = ui.New(t.Context(), good)
	require.NoError(t, err)
	for name, spoil := range map[string]func(*ui.Config){
		"no client":           func(c *ui.Config) { c.Client = nil },
		"no application":      func(c *ui.Config) { c.App = nil },
		"no key":              func(c *ui.Config) { c.Key = nil },
		"short key":           func(c *ui.Config) { c.Key = key[1:] },
		"key of text":         func(c *ui.Config) { c.Key = []byte("0123456789abcdef0123456789abcdef") },
		"key of zeros":        func(c *ui.Config) { c.Key = make([]byte, 32) },
		"relative prefix":     func(c *ui.Config) { c.Prefix = "auth" },
		"prefix with a slash": func(c *ui.Config) { c.Prefix = "/auth/" },
		"root as prefix":      func(c *ui.Config) { c.Prefix = "/" },
		"prefix of a host":    func(c *ui.Config) { c.Prefix = "//auth.example" },
		"prefix with dots":    func(c *ui.Config) { c.Prefix = "/a/../b" },
		"prefix, two slashes": func(c *ui.Config) { c.Prefix = "/a//b" },
		"prefix as a pattern": func(c *ui.Config) { c.Prefix = "/{tenant}" },
		"prefix with a query": func(c *ui.Config) { c.Prefix = "/a?b" },
		"home elsewhere":      func(c *ui.Config) { c.Home = "https://evil.example/" },
		"home of a host":      func(c *ui.Config) { c.Home = "//evil.example" },
		"home, backslash":     func(c *ui.Config) { c.Home = `/\evil.example` },
		"home, line break":    func(c *ui.Config) { c.Home = "/\n/evil.example" },
	} {
		bad := good
		spoil(&bad)
		_, err := ui.New(t.Context(), bad)
		assert.Error(t, err, name)
	}
	assert.Equal(t, kept, key, "it is the caller's")
}

func TestRequire_letsInWhoIsSignedInAndHasStoredTheCodes(t *testing.T) {
	t.Parallel()
	p := open(t, func(_ *place, c *ui.Config) { c.Prefix, c.Home = "/auth", "/home" })
	mux := http.NewServeMux()
	mux.Handle("/auth/", p.pages)
	mux.Handle("/home", p.pages.Require(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "inside") })))
	b := browsertest.Visit(t, "login.example", p.app.Load(mux))
	assert.NotContains(t, b.Get("/home").On("/auth/login").Page, "inside")
	b.Post("/auth/login", "email", email, "password", password).On("/auth/verify")
	recovery, _ := p.tenant.RecoveryCode(email)
	b.Get("/auth/choose")
	b.Post("/auth/choose", "authenticator", recoveryID(t, b.Page)).On("/auth/verify")
	b.Post("/auth/code", "code", recovery).On("/auth/")
	assert.Contains(t, b.Page, "data-recovery")
	assert.NotContains(t, b.Get("/home").On("/auth/").Page, "inside")
	assert.Equal(t, "inside", b.Post("/auth/recovery-codes").On("/home").Page)
	b.Get("/auth/").On("/auth/").Post("/auth/sign-out").On("/auth/login")
	b.Get("/home").On("/auth/login")
}

// recoveryID returns the ID of the recovery code in the list.
func recoveryID(t *testing.T, page string) string {
	t.Helper()
	_, rest, found := strings.Cut(page, `value="recovery-code|`)
	require.True(t, found, page)
	id, _, _ := strings.Cut(rest, `"`)
	return "recovery-code|" + id
}

func TestApp_thatFailsSignsNobodyIn(t *testing.T) {
	t.Parallel()
	p := open(t)
	p.app.signIn = errors.New("database is down")
	p.login().On("/verify")
	assert.Contains(t, p.b.Page, `role="alert"`)
	assert.Contains(t, p.log.String(), "database is down")
	assert.NotContains(t, p.b.Page, "database is down")
	for _, name := range []string{"mfa-refresh", "mfa-manage", "mfa-codes"} {
		assert.Empty(t, p.b.Seen[name], name)
	}
	p.b.Get("/").On("/login")
}

// A login does not start as long as the session before it goes on.
func TestApp_thatCannotSignOutStartsNoLogin(t *testing.T) {
	t.Parallel()
	p := open(t)
	p.login().On("/")
	before := len(p.tenant.Requests())
	p.app.signOut = errors.New("database is down")
	p.b.Get("/login").Post("/login", "email", email, "password", password).On("/login")
	assert.Contains(t, p.b.Page, `role="alert"`)
	p.b.Post("/sign-out").On("/")
	assert.Contains(t, p.b.Page, `role="alert"`, "nobody is told to be signed out")
	assert.Len(t, p.tenant.Requests(), before)
	assert.Equal(t, 2, strings.Count(p.log.String(), "database is down"))
	p.app.signOut = nil
	p.b.Post("/sign-out").On("/login")
}

func TestApp_thatForgetsTheBindingSignsNobodyIn(t *testing.T) {
	t.Parallel()
	p := open(t)
	p.app.unbound = true
	p.login().On("/login")
	assert.Contains(t, p.log.String(), "Binding")
}

// What is sealed for one session, or as one thing, opens as nothing else.
func TestKept_isOfOneSession(t *testing.T) {
	t.Parallel()
	p := open(t)
	p.manage().On("/account")
	old := maps.Clone(p.b.Cookies)
	for _, name := range []string{"mfa-refresh", "mfa-manage"} {
		assert.NotEmpty(t, old[name], name)
	}
	swapped := maps.Clone(old)
	swapped["mfa-manage"] = old["mfa-refresh"]
	p.b.Thief(swapped).Get("/account").On("/")
	swapped["mfa-manage"], swapped["mfa-refresh"] = "", old["mfa-manage"]
	before := len(p.tenant.Requests())
	p.b.Thief(swapped).Get("/").Post("/account").On("/account/password")
	assert.Len(t, p.tenant.Requests(), before, "nothing is sent as a refresh token that is none")
	swapped["mfa-codes"] = old["mfa-refresh"]
	assert.NotContains(t, p.b.Thief(swapped).Get("/").On("/").Page, "data-recovery")

	p.b.Get("/").Post("/sign-out").On("/login")
	for _, name := range []string{"mfa-refresh", "mfa-manage", "mfa-codes", "mfa-step", "mfa-email", "session"} {
		assert.NotContains(t, p.b.Cookies, name)
	}
	p.login().On("/")
	p.b.Cookies["mfa-manage"] = old["mfa-manage"]
	p.b.Get("/account").On("/")
	p.b.Cookies["mfa-refresh"] = old["mfa-refresh"]
	p.b.Get("/").Post("/account").On("/account/password")
}

// A token that is too long for a cookie is asked for again.
func TestKept_isNoTokenThatFitsNoCookie(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ token, page, log string }{
		"refresh token": {"refresh_token", "/account/password", ""},
		"access token":  {"access_token", "/", "does not fit a cookie"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := open(t, responses(func(response map[string]any) {
				if response[test.token] != nil {
					response[test.token] = strings.Repeat("t", 3000)
				}
			}))
			p.login().On("/")
			p.b.Post("/account")
			if p.b.Path == "/confirm/verify" {
				p.b.Post("/confirm/code", "code", p.code())
			}
			p.b.On(test.page)
			assert.Contains(t, p.log.String(), test.log)
		})
	}
}

func TestUserIP_isTheOneOfTheApplication(t *testing.T) {
	t.Parallel()
	for want, from := range map[string]func(*http.Request) netip.Addr{
		"192.0.2.9":   nil, // the connection's
		"203.0.113.5": func(*http.Request) netip.Addr { return netip.MustParseAddr("203.0.113.5") },
	} {
		p := open(t, func(_ *place, c *ui.Config) { c.UserIP = from })
		p.manage().On("/account")
		var sent []mfa.Op
		for _, request := range p.tenant.Requests() {
			if request.Path == "/oauth/token" {
				sent = append(sent, request.Op)
				assert.Equal(t, want, request.Header.Get("auth0-forwarded-for"), request.Op)
			}
		}
		slices.Sort(sent)
		assert.Equal(t, []mfa.Op{mfa.OpPasswordLogin, mfa.OpRefresh, mfa.OpVerifyOOB}, slices.Compact(sent))
	}
}
