package plainsite_test

import (
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa/mfatest"
)

// A login is that of the user who typed the password, whoever was signed in before, and
// an old session cookie opens nothing.
func TestSite_anotherUsersCookie(t *testing.T) {
	t.Parallel()
	r := newRig(t, mfatest.User{EmailVerified: true})
	r.Tenant.AddUser(mfatest.User{Email: grace, Password: password, EmailVerified: true})
	b := r.browser()
	origin, err := url.Parse(r.URL)
	require.NoError(t, err)
	planted := b.Jar.Cookies(origin)
	require.Len(t, planted, 1)
	thief := r.browser()
	thief.Jar.SetCookies(origin, planted)

	b.Login(grace, password)
	thief.Get("/code")
	thief.At("/login", "")
	b.Submit("/code", "code", b.Code(grace))
	b.At("/", "")
	assert.Contains(t, b.Page, grace)
	thief.Get("/")
	thief.At("/login", "")

	old := b.Jar.Cookies(origin)
	b.Get("/login")
	b.Login(ada, "a wrong one")
	b.At("/login", "Incorrect")
	b.Get("/")
	b.At("/login", "Incorrect")
	b.signIn()
	assert.NotContains(t, b.Page, grace)
	thief.Jar.SetCookies(origin, old)
	thief.Get("/")
	thief.At("/login", "")
}

// The store of the sessions keeps nothing that opens the account.
func TestSite_sealsItsSessions(t *testing.T) {
	t.Parallel()
	b := newRig(t, mfatest.User{EmailVerified: true}).browser()
	b.signIn()
	b.Submit("/factors")
	sessions, err := b.store.All()
	require.NoError(t, err)
	require.NotEmpty(t, sessions)
	for _, kept := range sessions {
		for _, secret := range []string{"eyJ", "v1.", "Fe26", ada} {
			assert.NotContains(t, string(kept), secret)
		}
	}
}
