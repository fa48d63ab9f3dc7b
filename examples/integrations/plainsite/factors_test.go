package plainsite_test

import (
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/mfatest"
)

func TestSite_factors(t *testing.T) {
	t.Parallel()
	const other = "ada@example.org"
	b := newRig(t, mfatest.User{EmailVerified: true}).browser()
	b.signIn()
	b.Submit("/factors")
	b.At("/", "")
	id := regexp.MustCompile(`name="id" value="([^"]+)"`)
	require.Len(t, id.FindAllString(b.Page, -1), 1)

	b.Submit("/factors/add", "address", "ada")
	b.At("/", "check what you typed")
	b.Submit("/factors/add", "address", other)
	b.At("/code", "")
	b.Submit("/code", "code", "000")
	b.At("/code", "not right")
	b.Submit("/code", "code", b.Code(other))
	b.At("/", "")
	recovery, _ := b.Tenant.RecoveryCode(ada)
	assert.Contains(t, b.Page, recovery)
	listed := id.FindAllStringSubmatch(b.Page, -1)
	require.Len(t, listed, 2, "and the recovery code, which stays")
	assert.Contains(t, b.Page, "<li>recovery-code")

	// The address of the account stays.
	b.Submit("/factors/delete", "id", listed[0][1])
	b.At("/", "cannot be removed")
	b.Submit("/factors/delete", "id", listed[1][1])
	b.At("/", "")
	assert.Len(t, id.FindAllString(b.Page, -1), 1)
	b.Submit("/factors/delete", "id", listed[1][1]) // in another tab
	b.At("/", "")

	// The refresh token still works, although no refresh returned another.
	b.Tenant.Advance(11 * time.Minute)
	b.Get("/")
	b.At("/", "")
	assert.NotContains(t, b.Page, "/factors/delete")
	b.Post("/factors/delete", "id", listed[1][1])
	b.At("/", "start again")
	b.Submit("/factors")
	b.At("/", "")
	assert.Len(t, id.FindAllString(b.Page, -1), 1)
	assert.Equal(t, 2, b.Asked(mfa.OpRefresh))

	// What is begun and left does not spoil the next one.
	b.Submit("/factors/add", "address", other)
	b.At("/code", "")
	b.Tenant.Advance(11 * time.Minute)
	b.Get("/")
	b.Submit("/factors")
	assert.Contains(t, b.Page, "/factors/delete")
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
			b.At("/", "confirm your password")
			assert.NotContains(t, b.Page, "/factors/delete")
			b.Submit("/factors", "password", "a wrong one")
			b.At("/", "Incorrect")
			b.Submit("/factors", "password", password)
			b.At("/", "")
			assert.Contains(t, b.Page, "/factors/delete")
			assert.Empty(t, b.Log)
		})
	}
}

// A user with an app proves it again before factors are changed, here by e-mail.
func TestSite_factors_afterMFA(t *testing.T) {
	t.Parallel()
	b := newRig(t, mfatest.User{EmailVerified: true, Authenticators: []mfatest.Authenticator{{Factor: mfa.FactorOTP, Active: true}}}).browser()
	b.signIn()
	b.Submit("/factors")
	b.At("/code", "")
	b.Submit("/code", "code", b.Code(ada))
	b.At("/", "")
	assert.Contains(t, b.Page, "<li>otp ")
	app := regexp.MustCompile(`<li>otp .*?value="([^"]+)"`).FindStringSubmatch(b.Page)
	b.Submit("/factors/delete", "id", app[1])
	b.At("/", "")
	assert.NotContains(t, b.Page, "<li>otp ")
	assert.False(t, slices.ContainsFunc(b.Tenant.Authenticators(ada), func(a mfatest.Authenticator) bool { return a.Factor == mfa.FactorOTP }))
}
