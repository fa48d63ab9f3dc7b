package plainsite_test

import (
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
	b := newRig(t, mfatest.User{Authenticators: []mfatest.Authenticator{{Factor: mfa.FactorOTP}}}).browser() // begun and left
	b.At("/login", "")
	b.Login(ada, password)
	b.At("/enroll", "")
	b.Submit("/enroll", "address", "ada@exampel.com")
	b.At("/code", "")
	assert.Contains(t, b.Page, "ada@exampel.com", "as typed, so that a slip is seen")
	b.Get("/enroll")
	assert.Contains(t, b.Page, `value="ada@exampel.com"`)
	b.Submit("/enroll", "address", ada)
	b.At("/enroll", "Please wait a moment")
	b.Tenant.Advance(30 * time.Second)
	b.Submit("/enroll", "address", " "+ada+" ")
	b.At("/code", "")
	b.Submit("/code", "code", b.Code(ada))

	b.At("/", "")
	code, ok := b.Tenant.RecoveryCode(ada)
	require.True(t, ok)
	assert.Contains(t, b.Page, code)
	b.Submit("/codes")
	b.At("/", "")
	assert.NotContains(t, b.Page, code)
	for _, op := range []mfa.Op{mfa.OpPasswordLogin, mfa.OpVerifyOOB} {
		for _, request := range b.Tenant.Requests() {
			if request.Op == op {
				assert.Equal(t, []string{"127.0.0.1"}, request.Header["Auth0-Forwarded-For"], op)
			}
		}
	}
}

func TestSite_challenges(t *testing.T) {
	t.Parallel()
	b := newRig(t, mfatest.User{EmailVerified: true}).browser()
	b.Login(ada, "a wrong one")
	b.At("/login", "Incorrect")
	assert.Contains(t, b.Page, `value="`+ada+`"`)
	b.Login(ada, password)
	b.At("/code", "")
	b.Submit("/resend")
	b.At("/code", "Please wait a moment")
	b.Tenant.Advance(30 * time.Second)
	first := b.Code(ada)
	b.Submit("/resend")
	b.At("/code", "")
	require.Len(t, b.Tenant.Inbox(ada), 2)
	b.Submit("/code", "code", "no code")
	b.At("/code", "not right")
	b.Submit("/code", "code", first)
	b.At("/code", "not right")
	b.Submit("/code", "code", b.Code(ada))
	b.At("/", "")
	b.Submit("/logout")
	b.At("/login", "")
	b.Get("/")
	b.At("/login", "")
}

// A reply that gets lost is neither a second mail nor a code that is asked for in vain.
func TestSite_lostReplies(t *testing.T) {
	t.Parallel()
	b := newRig(t, mfatest.User{EmailVerified: true}).browser()
	b.Tenant.Fail(mfatest.Fault{Op: mfa.OpChallenge, Kind: mfatest.FaultDropReply})
	b.Login(ada, password)
	b.At("/code", "We may have sent you a code")
	assert.NotContains(t, b.Page, `name="code"`)
	require.Len(t, b.Tenant.Inbox(ada), 1)
	b.Tenant.Advance(30 * time.Second)
	b.Submit("/resend")
	b.At("/code", "")
	b.Tenant.Fail(mfatest.Fault{Op: mfa.OpChallenge, Kind: mfatest.FaultDropReply})
	b.Tenant.Advance(30 * time.Second)
	b.Submit("/resend")
	b.At("/code", "We may have sent you a code")
	assert.NotContains(t, b.Page, `name="code"`, "the code before is replaced")
	b.Tenant.Advance(30 * time.Second)
	b.Submit("/resend")
	b.Tenant.Fail(mfatest.Fault{Op: mfa.OpVerifyOOB, Kind: mfatest.FaultDropReply})
	b.Submit("/code", "code", b.Code(ada))
	b.At("/code", "no longer valid")
	b.Tenant.Advance(30 * time.Second)
	b.Submit("/resend")
	b.Submit("/code", "code", b.Code(ada))
	b.At("/", "")
	assert.Len(t, b.Tenant.Inbox(ada), 5)
	assert.Empty(t, b.Log)

	b = newRig(t, mfatest.User{}).browser()
	b.Tenant.Fail(mfatest.Fault{Op: mfa.OpAssociate, Kind: mfatest.FaultDropReply})
	b.Login(ada, password)
	b.Submit("/enroll", "address", ada)
	b.At("/code", "We may have sent you a code")
	b.Tenant.Advance(30 * time.Second)
	b.Submit("/resend")
	b.Submit("/code", "code", b.Code(ada))
	b.At("/", "")
}

func TestSite_expires(t *testing.T) {
	t.Parallel()
	b := newRig(t, mfatest.User{EmailVerified: true}).browser()
	b.Login(ada, password)
	code := b.Code(ada)
	b.Tenant.Advance(11 * time.Minute)
	b.Submit("/code", "code", code)
	b.At("/login", "too long")
	b.Get("/code")
	b.At("/login", "too long")
	b.signIn()

	// Forms of a page that was left open, or of nobody.
	b = b.browser()
	b.Login(ada, "a wrong one")
	for _, action := range []string{"/code", "/resend", "/factors", "/factors/add", "/factors/delete", "/codes", "/enroll"} {
		asked := len(b.Tenant.Requests())
		b.Post(action, "code", "123456", "password", password, "address", "eve@example.com", "id", "email|dev_0123456789abcdef")
		assert.Equal(t, "/login", b.Path, action)
		assert.NotContains(t, b.Page, "confirm your password", action)
		assert.Len(t, b.Tenant.Requests(), asked, action)
	}
	assert.Empty(t, b.Log)
}

func TestSite_recoveryCode(t *testing.T) {
	t.Parallel()
	b := newRig(t, mfatest.User{EmailVerified: true, RecoveryCode: true}).browser()
	used, _ := b.Tenant.RecoveryCode(ada)
	b.Login(ada, password)
	b.Submit("/code", "recovery", "N3BGPZZWJ85JLCNPZBDW6QXC")
	b.At("/code", "not right")
	b.Submit("/code", "recovery", strings.ToLower(used[:12]+"-"+used[12:]))
	b.At("/", "")
	next, _ := b.Tenant.RecoveryCode(ada)
	assert.NotEqual(t, used, next)
	assert.Contains(t, b.Page, next)
}

func TestSite_anotherFactorIsDue(t *testing.T) {
	t.Parallel()
	b := newRig(t, mfatest.User{EmailVerified: true}, mfatest.WithChainedMFA(1)).browser()
	b.Login(ada, password)
	b.Submit("/code", "code", b.Code(ada))
	b.At("/code", "")
	require.Len(t, b.Tenant.Inbox(ada), 2)
	b.Submit("/code", "code", b.Code(ada))
	b.At("/", "")
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
			b.Login(ada, password)
			if !user.EmailVerified {
				b.At("/code", "Please use a recovery code")
			}
			b.Post("/enroll", "address", "eve@example.com")
			b.Post("/factors/add", "address", "eve@example.com")
			assert.Zero(t, b.Asked(mfa.OpAssociate))
			code, _ := b.Tenant.RecoveryCode(ada)
			b.Get("/code")
			b.Submit("/code", "recovery", code)
			b.At("/", "")
			assert.Empty(t, b.Tenant.Inbox("eve@example.com"))
		})
	}
}

// A login without a second factor is refused, and the log says why.
func TestSite_withoutMFA(t *testing.T) {
	t.Parallel()
	b := newRig(t, mfatest.User{}, mfatest.WithOptionalMFA()).browser()
	b.Login(ada, password)
	b.At("/login", "Sorry")
	assert.Contains(t, b.Log.String(), "the ID token is not of this login")
	b.Get("/")
	b.At("/login", "Sorry")
}
