package mfatest_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/mfatest"
)

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
	a.recoveryCode(ada) // not an authenticator of this list
	assert.Equal(t, []mfatest.Authenticator{
		{Factor: mfa.FactorEmail, Address: "typo@example.org"},
		{Factor: mfa.FactorEmail, Address: "ada@example.org", Active: true},
	}, a.tenant.Authenticators(ada))

	off := newAPI(t, nil, mfatest.WithoutFactors(mfa.FactorEmail))
	assert.Nil(t, off.tenant.Authenticators(bob), "a verified address does not count while the factor is off")
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
