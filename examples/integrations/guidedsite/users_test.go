package guidedsite_test

import (
	"net/http"
	"net/url"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/flow"
	"github.com/go-auth0-mfa/mfa/mfatest"
)

// A login is that of the user who typed the password, whoever was signed in before, and
// an old cookie opens nothing.
func TestSite_anotherUsersCookie(t *testing.T) {
	t.Parallel()
	r := newRig(t, mfatest.User{EmailVerified: true})
	r.Tenant.AddUser(mfatest.User{Email: grace, Password: password, EmailVerified: true})
	b, thief := r.browser(), r.browser()
	origin, err := url.Parse(r.URL)
	require.NoError(t, err)

	// A step of Grace does not open beside the login of Ada, nor a login beside her step.
	b.Login(grace, password)
	thief.Login(ada, password)
	mixed := r.browser()
	mixed.Jar.SetCookies(origin, named(b.Jar.Cookies(origin), "__Host-step"))
	mixed.Jar.SetCookies(origin, named(thief.Jar.Cookies(origin), "__Host-login"))
	mixed.Get("/")
	mixed.at(toLogin, "")
	mixed.Post("/step", "code", b.Code(grace))
	mixed.at(toLogin, "too long")

	b.Submit("/step", "code", b.Code(grace))
	b.at("<h1>"+grace+"</h1>", "")
	old := named(b.Jar.Cookies(origin), "__Host-session")
	require.Len(t, old, 1)
	b.Post("/login", "email", ada, "password", "a wrong one")
	b.at(toLogin, "Incorrect")
	b.Get("/")
	b.at(toLogin, "")
	b.signIn()
	assert.NotContains(t, b.Page, grace)
	assert.NotEqual(t, old[0].Value, named(b.Jar.Cookies(origin), "__Host-session")[0].Value)
	thief = r.browser()
	thief.Jar.SetCookies(origin, old)
	thief.Get("/")
	thief.at(toLogin, "")
}

func named(cookies []*http.Cookie, name string) []*http.Cookie {
	return slices.DeleteFunc(cookies, func(c *http.Cookie) bool { return c.Name != name })
}

// A proxy that mixes up two responses signs nobody in as somebody else.
func TestSite_anotherUsersToken(t *testing.T) {
	t.Parallel()
	b := newRig(t, mfatest.User{EmailVerified: true}, mfatest.WithOptionalMFA()).browser()
	b.Tenant.AddUser(mfatest.User{Email: grace, Password: password, EmailVerified: true})
	client, f := b.Tenant.Client(), b.Tenant.Flow()
	_, err := client.PasswordLogin(t.Context(), mfa.PasswordLoginRequest{Username: grace, Password: mfa.NewSecret(password), Scopes: []string{"openid"}})
	step, err := f.Begin(t.Context(), err)
	require.NoError(t, err)
	require.NoError(t, step.Submit(t.Context(), flow.Submission{Code: mfa.NewSecret(b.Code(grace))}))

	b.Login(ada, password)
	b.Tenant.Fail(mfatest.Fault{Op: mfa.OpVerifyOOB, Status: 200, Body: `{"access_token":"eyJ...a","id_token":"` + step.Token().IDToken.Reveal() + `"}`})
	b.Submit("/step", "code", b.Code(ada))
	b.at(toLogin, "Sorry")
	assert.Contains(t, b.Log.String(), "the ID token is not of this login")
}
