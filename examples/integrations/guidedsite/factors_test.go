package guidedsite_test

import (
	"net/url"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/mfatest"
)

func TestSite_factors(t *testing.T) {
	t.Parallel()
	const other, phone = "ada@example.org", "+4930901820"
	b := newRig(t, mfatest.User{EmailVerified: true}).browser()
	b.signIn()
	b.Submit("/factors")
	b.at(toAdd, "")
	id := regexp.MustCompile(`name="id" value="([^"]+)"`)
	require.Len(t, id.FindAllString(b.Page, -1), 1)

	b.Submit("/factors/add", "factor", "email", "address", "ada")
	b.at(toEnroll, "check what you typed")
	b.Submit("/cancel")
	b.at(toAdd, "")
	b.Submit("/factors/add", "factor", "email", "address", other)
	b.at(toCode, "")
	b.Submit("/step", "code", "000000")
	b.at(toCode, "not right")
	b.Submit("/step", "code", b.Code(other))
	b.at(toAdd, "")
	recovery, _ := b.Tenant.RecoveryCode(ada)
	assert.Contains(t, b.Page, recovery)
	b.Submit("/factors/add", "factor", "sms", "address", "+49 30 90 18 20")
	b.Submit("/step", "code", b.Code(phone))
	b.at(toAdd, "")
	b.Submit("/factors/add", "factor", "otp", "address", "")
	b.at("Add this key to your app", "")
	b.Submit("/step", "code", b.Tenant.OTP(ada))
	b.at(toAdd, "")
	listed := id.FindAllStringSubmatch(b.Page, -1)
	require.Len(t, listed, 4, "and the recovery code, which stays")
	assert.Contains(t, b.Page, "<li>recovery-code")

	// The address of the account stays.
	b.Submit("/factors/delete", "id", listed[0][1])
	b.at(toAdd, "cannot be removed")
	b.Submit("/factors/delete", "id", listed[1][1])
	b.at(toAdd, "")
	b.Submit("/factors/delete", "id", listed[1][1]) // in another tab
	b.at(toAdd, "")
	assert.Len(t, id.FindAllString(b.Page, -1), 3)

	// The refresh token still works, although no refresh returned another. With an app
	// Auth0 asks for a second factor.
	b.Tenant.Advance(11 * time.Minute)
	b.Get("/")
	b.at(toManage, "")
	b.Post("/factors/delete", "id", listed[2][1])
	b.at(toManage, "start again")
	b.Submit("/factors")
	b.at(toCode, "")
	b.Submit("/step", "code", b.Code(ada))
	b.at(toAdd, "")
	assert.Len(t, id.FindAllString(b.Page, -1), 3)
	assert.Equal(t, 2, b.Asked(mfa.OpRefresh))

	// A step of the account belongs to the session, and ends with it.
	b.Submit("/factors/add", "factor", "email", "address", other)
	b.at(toCode, "")
	origin, err := url.Parse(b.URL)
	require.NoError(t, err)
	without := b.browser()
	for _, name := range []string{"__Host-login", "__Host-step"} {
		kept := named(b.Jar.Cookies(origin), name)
		require.Len(t, kept, 1)
		without.Jar.SetCookies(origin, kept)
	}
	without.Get("/")
	without.at(toLogin, "")
	b.Post("/logout")
	b.at(toLogin, "")
	b.Post("/step", "code", b.Code(other))
	b.at(toLogin, "too long")
	assert.Empty(t, b.Log)
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
			b.Tenant.Fail(fault)
			b.Submit("/factors")
			b.at(toManage, "confirm your password")
			assert.NotContains(t, b.Page, "/factors/delete")
			b.Submit("/factors", "password", "a wrong one")
			b.at(toManage, "Incorrect")
			b.Submit("/factors", "password", password)
			b.at(toAdd, "")
			assert.Contains(t, b.Page, "/factors/delete")
			assert.Empty(t, b.Log)
		})
	}
}
