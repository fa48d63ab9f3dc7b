package mfatest_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/mfatest"
)

// TestTenant_emailFromFirstLoginToSecond follows a user with an unverified
// address through an enrolment and the login after it.
func TestTenant_emailFromFirstLoginToSecond(t *testing.T) {
	t.Parallel()
	a := newAPI(t, nil)

	token := a.mfaToken(ada, "scope", "openid")
	assert.Empty(t, a.list(token))

	enrolment := a.associateEmail(token, ada)
	require.Equal(t, 200, enrolment.Status, enrolment.Body)
	assert.Equal(t, "oob", enrolment.text("authenticator_type"))
	assert.Equal(t, "email", enrolment.text("oob_channel"))
	assert.Equal(t, "prompt", enrolment.text("binding_method"))
	codes := enrolment.Fields["recovery_codes"].([]any)
	require.Len(t, codes, 1)
	assert.Regexp(t, `^[A-Z0-9]{24}$`, codes[0])
	assert.Equal(t, codes[0], a.recoveryCode(ada))

	mails := a.tenant.Inbox(strings.ToUpper(ada))
	require.Len(t, mails, 1)
	assert.Regexp(t, `^[0-9]{6}$`, mails[0].Code)
	assert.Equal(t, mfatest.Message{To: ada, Code: mails[0].Code, SentAt: a.tenant.Now(), Purpose: mfatest.PurposeEnroll}, mails[0])
	for _, l := range a.list(token) {
		assert.False(t, l.Active, l.ID)
	}

	oob := enrolment.text("oob_code")
	wantError(t, a.verify(token, oob, otherCode(mails[0].Code)), 403, "invalid_grant", "Invalid binding_code.")
	first := a.verify(token, oob, mails[0].Code)
	wantTokens(t, first)
	assert.NotEmpty(t, first.text("id_token"))
	assert.Empty(t, first.text("recovery_code"))

	token = a.mfaToken(ada)
	list := a.list(token)
	require.Len(t, list, 2)
	assert.Regexp(t, `^email\|dev_[A-Za-z0-9]{16}$`, list[0].ID)
	assert.Equal(t, listed{ID: list[0].ID, AuthenticatorType: "oob", Active: true, OOBChannel: "email", Name: "ada.********@exam*******"}, list[0])
	assert.Equal(t, listed{ID: list[1].ID, AuthenticatorType: "recovery-code", Active: true}, list[1])

	challenge := a.challenge(token, "oob", list[0].ID)
	require.Equal(t, 200, challenge.Status, challenge.Body)
	assert.Equal(t, "oob", challenge.text("challenge_type"))
	assert.Equal(t, "prompt", challenge.text("binding_method"))
	require.Len(t, a.tenant.Inbox(ada), 2)
	assert.Equal(t, mfatest.PurposeChallenge, a.tenant.Inbox(ada)[1].Purpose)
	wantTokens(t, a.verify(token, challenge.text("oob_code"), a.lastCode(ada)))

	wantError(t, a.associateEmail(token, "another@example.com"), 403, "access_denied", "User is already enrolled.")
	require.Len(t, a.tenant.Inbox(ada), 2)
	require.Empty(t, a.tenant.Inbox("another@example.com"))
}

func TestTenant_tokensLookLikeTheService(t *testing.T) {
	t.Parallel()
	a := newAPI(t, nil)
	token := a.mfaToken(ada)
	oob := a.associateEmail(token, ada).text("oob_code")
	for name, c := range map[string]struct {
		token  string
		length int
	}{"mfa_token": {token, 2000}, "oob_code": {oob, 600}} {
		assert.Len(t, c.token, c.length, name)
		parts := strings.Split(c.token, "*")
		require.Len(t, parts, 8, name)
		assert.Equal(t, "Fe26.2", parts[0], name)
		ms, err := strconv.ParseInt(parts[5], 10, 64)
		require.NoError(t, err)
		assert.Equal(t, a.tenant.Now().Add(10*time.Minute).UnixMilli(), ms, name)
		assert.Regexp(t, `^[A-Za-z0-9_.*-]+$`, c.token, name)
	}
	assert.NotEqual(t, token, a.mfaToken(ada))
}

func TestTenant_contentTypes(t *testing.T) {
	t.Parallel()
	a := newAPI(t, nil)
	token := a.mfaToken(ada)
	assert.Equal(t, "application/json", a.login(ada).Header.Get("Content-Type"))
	for _, path := range []string{"/mfa/authenticators", "/mfa/associate", "/mfa/challenge", "/.well-known/jwks.json"} {
		assert.Equal(t, "application/json; charset=utf-8", a.do("GET", path, "", "Bearer "+token, "").Header.Get("Content-Type"), path)
	}
}

// TestTenant_lifetimes goes to the last moment of each and one step further.
func TestTenant_lifetimes(t *testing.T) {
	t.Parallel()
	user := with("carol@example.com", mfa.FactorEmail, mfa.FactorOTP)
	last := func(d time.Duration) time.Duration { return d - time.Nanosecond }

	t.Run("code", func(t *testing.T) {
		t.Parallel()
		a := newAPI(t, []mfatest.User{user})
		token := a.mfaToken(user.Email)
		early := a.challenge(token, "oob", a.id(user.Email, "email")).text("oob_code")
		a.tenant.Advance(last(5 * time.Minute))
		wantTokens(t, a.verify(token, early, a.lastCode(user.Email)))

		token = a.mfaToken(user.Email)
		late := a.challenge(token, "oob", a.id(user.Email, "email")).text("oob_code")
		a.tenant.Advance(5 * time.Minute)
		wantError(t, a.verify(token, late, a.lastCode(user.Email)), 403, "invalid_grant", "Invalid binding_code.")

		again := a.challenge(token, "oob", a.id(user.Email, "email")).text("oob_code")
		wantTokens(t, a.verify(token, again, a.lastCode(user.Email)))
	})
	t.Run("mfa_token", func(t *testing.T) {
		t.Parallel()
		a := newAPI(t, []mfatest.User{user})
		token := a.mfaToken(user.Email)
		a.tenant.Advance(last(10 * time.Minute))
		a.list(token)
		oob := a.challenge(token, "oob", a.id(user.Email, "email")).text("oob_code")
		require.NotEmpty(t, oob)
		a.tenant.Advance(1)
		const expired, text = "expired_token", "mfa_token is expired"
		wantError(t, a.challenge(token, "oob", ""), 403, expired, text)
		wantError(t, a.verify(token, oob, a.lastCode(user.Email)), 403, expired, text)
		wantError(t, a.verifyOTP(token, a.tenant.OTP(user.Email)), 403, expired, text)
		wantError(t, a.verifyRecovery(token, "A"), 403, expired, text)
		const invalid, again = "invalid_grant", "The mfa_token provided is invalid. Try getting a new token."
		wantError(t, a.do("GET", "/mfa/authenticators", "", "Bearer "+token, ""), 401, invalid, again)
		wantError(t, a.associateEmail(token, ada), 401, invalid, again)
	})
	t.Run("access token for the MFA audience", func(t *testing.T) {
		t.Parallel()
		a := newAPI(t, nil)
		token := a.tenant.AccessToken(ada, mfa.ScopeReadAuthenticators).Reveal()
		a.tenant.Advance(last(10 * time.Minute))
		a.list(token)
		a.tenant.Advance(1)
		wantError(t, a.do("GET", "/mfa/authenticators", "", "Bearer "+token, ""), 401,
			"invalid_grant", "The mfa_token provided is invalid. Try getting a new token.")
	})
}

func TestTenant_codeIsGoodOnce(t *testing.T) {
	t.Parallel()
	a := newAPI(t, nil)
	token := a.mfaToken(bob)
	id := a.id(bob, "email")
	old := a.challenge(token, "oob", id).text("oob_code")
	oldCode := a.lastCode(bob)
	fresh := a.challenge(token, "oob", id).text("oob_code")
	code := a.lastCode(bob)
	require.NotEqual(t, old, fresh)

	wantError(t, a.verify(token, old, oldCode), 403, "invalid_grant", "Invalid binding_code.") // replaced
	wantTokens(t, a.verify(token, fresh, code))
	wantError(t, a.verify(token, fresh, code), 403, "invalid_grant", "Invalid binding_code.") // used
}
