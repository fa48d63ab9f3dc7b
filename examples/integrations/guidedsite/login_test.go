package guidedsite_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/mfatest"
)

func TestSite_enrolls(t *testing.T) {
	t.Parallel()
	b := newRig(t, mfatest.User{}).browser()
	b.at(toLogin, "")
	b.Login(ada, password)
	b.at(toEnroll, "")
	b.Submit("/step", "factor", "email", "address", "ada@exampel")
	b.at(toEnroll, "check what you typed")
	assert.Contains(t, b.Page, `value="ada@exampel"`)
	b.Submit("/step", "factor", "email", "address", "ada@exampel.com")
	b.at(toCode, "")
	assert.Contains(t, b.Page, "ada@exampel.com", "as typed, so that a slip is seen")
	b.Submit("/step", "factor", "email", "address", "ada@exampel.com")
	b.at(toCode, "wait a moment")
	b.Tenant.Advance(30 * time.Second)
	b.Submit("/step", "factor", "email", "address", " "+ada+" ")
	b.at(toCode, "")
	b.Submit("/step", "code", b.Code(ada))

	b.at("<h1>"+ada+"</h1>", "")
	code, ok := b.Tenant.RecoveryCode(ada)
	require.True(t, ok)
	assert.Contains(t, b.Page, code)
	b.Submit("/codes")
	b.at(toManage, "")
	assert.NotContains(t, b.Page, code)
	for _, request := range b.Tenant.Requests() {
		if request.Path == "/oauth/token" {
			assert.Equal(t, []string{"127.0.0.1"}, request.Header["Auth0-Forwarded-For"], request.Op)
		}
	}
	assert.Empty(t, b.Log)
}

func TestSite_challenges(t *testing.T) {
	t.Parallel()
	b := newRig(t, mfatest.User{EmailVerified: true}).browser()
	b.Login(ada, "a wrong one")
	b.at(toLogin, "Incorrect")
	assert.Contains(t, b.Page, `value="`+ada+`"`)
	b.Login(ada, password)
	b.at(toCode, "")
	b.Submit("/step", "resend", "yes")
	b.at(toCode, "wait a moment")
	b.Tenant.Advance(30 * time.Second)
	first := b.Code(ada)
	b.Submit("/step", "resend", "yes")
	b.at(toCode, "")
	require.Len(t, b.Tenant.Inbox(ada), 2)
	asked := len(b.Tenant.Requests())
	b.Submit("/step", "code", "no code")
	b.at(toCode, "not right")
	require.Len(t, b.Tenant.Requests(), asked, "no attempt")
	b.Submit("/step", "code", first)
	b.at(toCode, "not right")
	b.Submit("/step", "code", b.Code(ada))
	b.at("<h1>"+ada+"</h1>", "")
	b.Submit("/logout")
	b.at(toLogin, "")
	b.Get("/")
	b.at(toLogin, "")
}

func TestSite_lostReplies(t *testing.T) {
	t.Parallel()
	b := newRig(t, mfatest.User{EmailVerified: true}).browser()
	b.Tenant.Fail(mfatest.Fault{Op: mfa.OpChallenge, Kind: mfatest.FaultDropReply})
	b.Login(ada, password)
	b.at(toChoose, "We may have sent you a code")
	require.Len(t, b.Tenant.Inbox(ada), 1)
	b.Tenant.Advance(30 * time.Second)
	b.choose("email")
	b.at(toCode, "")
	b.Tenant.Fail(mfatest.Fault{Op: mfa.OpVerifyOOB, Kind: mfatest.FaultDropReply})
	b.Submit("/step", "code", b.Code(ada))
	b.at(toCode, "no longer valid")
	b.Tenant.Advance(30 * time.Second)
	b.Submit("/step", "resend", "yes")
	b.Submit("/step", "code", b.Code(ada))
	b.at("<h1>"+ada+"</h1>", "")
	assert.Len(t, b.Tenant.Inbox(ada), 3)
	assert.Empty(t, b.Log)
}

func TestSite_expires(t *testing.T) {
	t.Parallel()
	b := newRig(t, mfatest.User{EmailVerified: true}).browser()
	b.Login(ada, password)
	code := b.Code(ada)
	b.Tenant.Advance(11 * time.Minute)
	b.Submit("/step", "code", code)
	b.at(toLogin, "too long")
	b.Login(ada, password)
	b.Tenant.Advance(16 * time.Minute)
	b.Post("/step", "code", b.Code(ada))
	b.at(toLogin, "too long")
	b.signIn()
	b.Tenant.Advance(time.Hour)
	b.Get("/")
	b.at(toLogin, "")
	b.signIn()

	// Forms of nobody.
	b = b.browser()
	b.Login(ada, "a wrong one")
	for _, action := range []string{"/step", "/cancel", "/factors", "/factors/add", "/factors/delete", "/codes", "/logout"} {
		asked := len(b.Tenant.Requests())
		b.Post(action, "code", "123456", "password", password, "factor", "email", "address", "eve@example.com", "id", "email|dev_0123456789abcdef")
		require.Contains(t, b.Page, toLogin, action)
		assert.NotContains(t, b.Page, "confirm your password", action)
		assert.Len(t, b.Tenant.Requests(), asked, action)
	}
	b.Post("/factors")
	b.at(toLogin, "start again")
	assert.Empty(t, b.Log)
}

func TestSite_otherFactors(t *testing.T) {
	t.Parallel()
	const phone = "+4930901820"
	b := newRig(t, mfatest.User{RecoveryCode: true, Authenticators: []mfatest.Authenticator{
		{Factor: mfa.FactorOTP, Active: true}, {Factor: mfa.FactorSMS, Address: phone, Active: true}, {Factor: mfa.FactorPush, Active: true},
	}}).browser()
	in := "<h1>" + ada + "</h1>"
	b.Login(ada, password)
	b.at(toChoose, "")
	b.choose("otp")
	b.at(toCode, "")
	b.Submit("/step", "code", b.Tenant.OTP(ada))
	b.at(in, "")

	b.Get("/")
	b.Submit("/logout")
	b.Login(ada, password)
	b.choose("sms")
	b.Submit("/step", "code", b.Code(phone))
	b.at(in, "")

	b.Submit("/logout")
	b.Login(ada, password)
	b.choose("push")
	b.at(toPoll, "")
	b.Tenant.Advance(5 * time.Second)
	b.Submit("/step")
	b.at(toPoll, "Please approve")
	b.Tenant.ApprovePush(ada)
	b.Tenant.Advance(5 * time.Second)
	b.Submit("/step")
	b.at(in, "")

	b.Submit("/logout")
	b.Login(ada, password)
	b.choose("recovery-code")
	used, _ := b.Tenant.RecoveryCode(ada)
	b.Submit("/step", "code", strings.ToLower(used[:12]+"-"+used[12:]))
	b.at(in, "")
	next, _ := b.Tenant.RecoveryCode(ada)
	assert.NotEqual(t, used, next)
	assert.Contains(t, b.Page, next)

	b.Submit("/logout")
	b.Login(ada, password)
	b.Submit("/cancel")
	b.at(toLogin, "")
	for _, request := range b.Tenant.Requests() {
		if request.Path == "/oauth/token" {
			assert.Equal(t, []string{"127.0.0.1"}, request.Header["Auth0-Forwarded-For"], request.Op)
		}
	}
	assert.Empty(t, b.Log)
}

// A tab that was left open shows the form that is due, and nobody enrolls past a factor.
func TestSite_formsOfOtherStates(t *testing.T) {
	t.Parallel()
	b := newRig(t, mfatest.User{EmailVerified: true}, mfatest.WithChainedMFA(1)).browser()
	b.Login(ada, password)
	b.Post("/step", "factor", "email", "address", "eve@example.com")
	b.at(toCode, "")
	assert.Zero(t, b.Asked(mfa.OpAssociate))
	b.Submit("/step", "code", b.Code(ada))
	b.at(toCode, "")
	require.Len(t, b.Tenant.Inbox(ada), 2, "another factor is due")
	b.Submit("/step", "code", b.Code(ada))
	b.at(toManage, "")
}

// A login without a second factor is refused, and the log says why.
func TestSite_withoutMFA(t *testing.T) {
	t.Parallel()
	b := newRig(t, mfatest.User{}, mfatest.WithOptionalMFA()).browser()
	b.Login(ada, password)
	b.at(toLogin, "Sorry")
	assert.Contains(t, b.Log.String(), "the ID token is not of this login")
	b.Get("/")
	b.at(toLogin, "")
	b.Login(strings.Repeat("ä", 40_000), password)
	b.at(toLogin, "check what you typed")
	origin, err := url.Parse(b.URL)
	require.NoError(t, err)
	for _, cookie := range b.Jar.Cookies(origin) {
		assert.Less(t, len(cookie.Value), 4000, cookie.Name)
	}
}
