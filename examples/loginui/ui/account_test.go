package ui

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/mfatest"
)

// joan signs in with the confirmed address of her account, which nobody enrolled.
func (r *rig) joan() *browser {
	r.Helper()
	r.tenant.AddUser(mfatest.User{Email: "joan@example.com", Password: "tr0ub4dor", EmailVerified: true})
	b := r.browser().get("/login").post("/login", "email", "joan@example.com", "password", "tr0ub4dor").on("/verify")
	code, _ := r.tenant.LastCode("joan@example.com")
	return b.post("/code", "code", code).on("/", "Welcome, <strong><bdi>joan@example.com</bdi></strong>")
}

// signedIn is a browser of ada, who has just enrolled her address, or of grace.
func (r *rig) signedIn(user int) *browser {
	r.Helper()
	b := r.browser().login(user)
	if user == ada {
		b.post("/enroll", "email", "")
	}
	b.post("/code", "code", r.code(user))
	if user == ada {
		b.post("/recovery-codes")
	}
	return b.on("/", "<h1>You are signed in</h1>")
}

// removal returns the address of the page that removes what the list shows so.
func (b *browser) removal(text string) string {
	b.Helper()
	found := regexp.MustCompile(`href="(/remove/[^"]+)" aria-label="Remove: ` + regexp.QuoteMeta(text)).FindStringSubmatch(b.page)
	require.NotNil(b, found, b.page)
	return html.UnescapeString(found[1])
}

// remove removes it.
func (b *browser) remove(text string) *browser {
	b.Helper()
	b.get(b.removal(text)).post("/remove", "id", b.value("id"))
	return b
}

// value returns the value of a button or field of the page.
func (b *browser) value(name string) string {
	b.Helper()
	found := regexp.MustCompile(`name="` + name + `" value="([^"]*)"`).FindStringSubmatch(b.page)
	require.NotNil(b, found, b.page)
	return found[1]
}

func TestAccount_addsEveryKindOfFactor(t *testing.T) {
	t.Parallel()
	r := launch(t)
	b := r.signedIn(ada)
	b.post("/account").on("/account", "<h1>Your ways to sign in</h1>", "<strong>Code by e-mail</strong>")

	add := func() *browser {
		return b.get("/account").post("/add").on("/add/verify", "Add another way to sign in", ">Cancel<")
	}
	add()
	assert.NotContains(t, b.page, "ada@example.com", "which is there already")
	b.post("/add/enroll", "factor", "email", "email", "ada@x").on("/add/enroll", "We can't use this e-mail address", `value="ada@x"`)
	b.post("/add/enroll", "factor", "email", "email", "ada@work.example").on("/add/verify", "<strong><bdi>ada@work.example</bdi></strong>", `href="/add/enroll">Change it`)
	code, _ := r.tenant.LastCode("ada@work.example")
	b.post("/add/code", "code", wrong(code)).on("/add/verify", "That code is incorrect.")
	b.post("/add/code", "code", code).on("/account", `role="status">It is set up.`, "***@work")

	add().post("/add/enroll", "factor", "sms", "phone", "0301 234").on("/add/enroll", "We can't use this phone number", `value="0301 234"`, `aria-invalid="true"`)
	b.post("/add/enroll", "factor", "sms", "phone", "+49 30 901-821").on("/add/verify", "<h1>Check your messages</h1>", "+4930901821")
	code, _ = r.tenant.LastCode("+4930901821")
	b.post("/add/code", "code", code).on("/account", "It is set up.", "Code by text message")

	add().post("/add/enroll", "factor", "otp").on("/add/verify", "<h1>Set up your authenticator app</h1>")
	b.post("/add/code", "code", r.tenant.OTP("ada@example.com")).on("/account", "It is set up.", "Authenticator app")

	add().post("/add/enroll", "factor", "push").on("/add/verify", "<h1>Set up the Guardian app</h1>", `<svg class="qr"`, `<a href="otpauth://`)
	r.tenant.ApprovePush("ada@example.com")
	r.tenant.Advance(5 * time.Second)
	b.post("/add/poll").on("/account", "It is set up.", "Notification on your phone")
	for _, a := range r.tenant.Authenticators("ada@example.com") {
		assert.True(t, a.Active, a)
	}
	add().post("/add/enroll", "factor", "email", "email", "ada@never.example").on("/add/verify")
	assert.NotContains(t, b.get("/account").on("/account").page, "@neve", "it is not confirmed")
	assert.Empty(t, r.log.String())
}

// The first factor after an account without any brings a recovery code, which is shown.
func TestAccount_showsTheRecoveryCodeOfAnEnrollment(t *testing.T) {
	t.Parallel()
	r := launch(t, mfatest.WithOptionalMFA())
	b := r.browser().login(ada).on("/", "<h1>You are signed in</h1>")
	b.post("/account").on("/account", "Nothing is set up yet.")
	b.post("/add").post("/add/enroll", "factor", "email", "email", "ada@example.com")
	b.post("/add/code", "code", r.code(ada)).on("/", "<h1>Store your recovery code</h1>", groups(r.recoveryCode("ada@example.com")))
	b.get("/account").on("/", "<h1>Store your recovery code</h1>")
	b.post("/recovery-codes").get("/account").on("/account", "Code by e-mail")
}

func TestAccount_removesAfterAQuestion(t *testing.T) {
	t.Parallel()
	r := launch(t)
	b := r.signedIn(grace).post("/account").on("/confirm/verify", "<h1>Check your e-mail</h1>", ">Cancel<")
	b.post("/confirm/code", "code", r.code(grace)).on("/account")
	b.get(b.removal("Notification on your phone")).on(b.path, "<h1>Remove this way to sign in?</h1>", "This is removed with it: Authenticator app.", `href="/account">Keep it`)
	assert.NotContains(t, b.page, "This is the last one.")
	gone := b.value("id")
	b.post("/remove", "id", gone).on("/account", `role="status">It is removed.`)
	assert.NotContains(t, b.page, "Notification on your phone")
	assert.NotContains(t, b.page, "Authenticator app")
	b.post("/remove", "id", gone).on("/account", "It is removed.")
	b.get("/remove/"+url.PathEscape(gone)).on("/account", "It is removed.")

	b.remove("Code by text message").on("/account", "It is removed.")
	b.get(b.removal("Code by e-mail")).on(b.path, "This is the last one.")
	assert.NotContains(t, b.get("/account").page, "Only your recovery code is left")
	b.get(b.removal("Code by e-mail"))
	b.post("/remove", "id", b.value("id")).on("/account", "It is removed.", `<p class="notice">Only your recovery code is left, and it works once.`)
	assert.NotContains(t, b.page, "/remove/", "what is left is the recovery code")
	assert.Empty(t, r.log.String())
}

func TestAccount_saysThatTheAddressOfTheAccountStays(t *testing.T) {
	t.Parallel()
	r := launch(t)
	b := r.joan().post("/account").on("/account")
	b.remove("Code by e-mail").on("/account", `role="alert">We can't remove this one: the confirmed address of your account always stays.`, "Code by e-mail")
	assert.Empty(t, r.log.String(), "nobody has to fix anything")
}

func TestAccount_lostDeletion(t *testing.T) {
	t.Parallel()
	r := launch(t)
	b := r.signedIn(ada).post("/account").on("/account")
	r.tenant.Fail(mfatest.Fault{Op: mfa.OpDeleteAuthenticator, Kind: mfatest.FaultDropReply})
	b.remove("Code by e-mail").on("/account", `role="status">We don't know whether it was removed.`)
	assert.NotContains(t, b.page, "Code by e-mail")
}

// How the access token can be refused, and that the password is asked for then only.
func TestAccount_asksForThePasswordWhereTheRefreshTokenIsNotEnough(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]mfatest.Fault{
		"expired":          {Op: mfa.OpRefresh, Status: 403, Body: `{"error":"invalid_grant","error_description":"Unknown or invalid refresh token."}`},
		"audience refused": {Op: mfa.OpRefresh, Status: 403, Body: `{"error":"access_denied","error_description":"Service not found: https://tenant/mfa/"}`},
		"audience ignored": {Op: mfa.OpRefresh, Status: 200, Body: `{"access_token":"token-of-another-api","token_type":"Bearer","expires_in":86400,"scope":"openid profile"}`},
		"no longer valid":  {Op: mfa.OpRefresh, Status: 403, Body: `{"error":"invalid_grant"}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := launch(t)
			b := r.signedIn(grace)
			r.tenant.Fail(fault)
			b.post("/account").on("/account/password", "<h1>Confirm it's you</h1>", "grace@example.com")
			b.post("/account/password", "password", "guess").on("/account/password", `role="alert">Incorrect password.`, `aria-invalid="true"`)
			b.post("/account/password", "password", r.mailbox.Users[grace].Password).on("/confirm/verify", "<h1>Check your e-mail</h1>")
			b.post("/confirm/code", "code", r.code(grace)).on("/account", "Authenticator app")
			b.get("/").on("/", "<h1>You are signed in</h1>").post("/account").on("/account")
		})
	}
}

func TestAccount_saysWhatTheRefreshMet(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault mfatest.Fault
		says  string
	}{
		"down":    {mfatest.Fault{Op: mfa.OpRefresh, Status: 502, Body: "canary-text", Times: 9}, "Something went wrong."},
		"limited": {mfatest.Fault{Op: mfa.OpRefresh, Status: 429, Body: `{"error":"too_many_requests"}`, Times: 9}, "Please wait a moment."},
		"blocked": {mfatest.Fault{Op: mfa.OpRefresh, Status: 403, Body: `{"error":"unauthorized","error_description":"user is blocked"}`}, "Please contact support."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := launch(t)
			b := r.signedIn(ada)
			r.tenant.Fail(test.fault)
			b.post("/account").on("/", `role="alert">`, test.says)
			assert.NotContains(t, b.page, "canary-text")
		})
	}
}

func TestAccount_endsWithItsToken(t *testing.T) {
	t.Parallel()
	r := launch(t)
	b := r.signedIn(ada).post("/account").on("/account")
	b.post("/add").on("/add/verify")
	r.tenant.Advance(10 * time.Minute)
	b.post("/add/enroll", "factor", "otp").on("/", `role="status">That took too long.`)
	b.get("/account").on("/", "<h1>You are signed in</h1>")
	b.get("/add/verify").on("/", "That took too long.")
	b.post("/account").on("/account")

	r.tenant.Fail(mfatest.Fault{Op: mfa.OpListAuthenticators, Status: 401, Body: `{"error":"invalid_grant","error_description":"The mfa_token provided is invalid. Try getting a new token."}`})
	b.get("/account").on("/", "That took too long.")
	b.get("/account").on("/", "<h1>You are signed in</h1>")
	b.post("/account").on("/account", "Code by e-mail")
}

func TestAccount_isForSignedInUsers(t *testing.T) {
	t.Parallel()
	r := launch(t)
	b := r.browser().login(grace)
	for _, path := range []string{"/account", "/account/password", "/remove/x", "/add/verify", "/add/enroll", "/confirm/verify", "/confirm/choose"} {
		b.get(path).on("/login")
	}
	for _, path := range []string{"/account", "/account/password", "/remove", "/add", "/add/enroll", "/add/code", "/confirm/code", "/confirm/send"} {
		b.get("/verify").post(path, "code", r.code(grace)).on("/login")
	}
	b.get("/verify").post("/code", "code", r.code(grace)).on("/")
	b.get("/account").on("/", "<h1>You are signed in</h1>")
	b.get("/remove/x").on("/")
	assert.Empty(t, r.tenant.UnusedFaults())
}

// The step of one walk opens in no other, and that of another session neither.
func TestAccount_stepsStayInTheirWalk(t *testing.T) {
	t.Parallel()
	r := launch(t)
	b := r.signedIn(grace).post("/account").on("/confirm/verify")
	value := b.cookie("mfa-step").Value
	code := r.code(grace)
	for _, path := range []string{"/code", "/add/code"} {
		b.setCookie("mfa-step", value)
		b.post(path, "code", code)
		assert.NotEqual(t, "/account", b.path)
		assert.Nil(t, b.cookie("mfa-step"), path)
		b.get("/login")
	}
	other := r.signedIn(ada)
	other.setCookie("mfa-step", value)
	other.post("/confirm/code", "code", code).on("/", "<h1>You are signed in</h1>")
	b.setCookie("mfa-step", value)
	b.post("/confirm/code", "code", code).on("/account")

	b.post("/sign-out")
	b.login(grace).post("/code", "code", r.code(grace)).on("/", "<h1>You are signed in</h1>")
	b.setCookie("mfa-step", value)
	b.get("/confirm/verify").on("/", "That took too long.")
}

// The access token of another user opens nothing.
func TestAccount_anotherUsersToken(t *testing.T) {
	t.Parallel()
	r := launch(t)
	r.signedIn(ada).post("/account").on("/account")
	var adas []byte
	for _, body := range r.wire.bodies {
		if regexp.MustCompile(`"scope":"[^"]*read:authenticators`).Match(body) {
			adas = body
		}
	}
	require.NotNil(t, adas)
	b := r.joan()
	r.tenant.Fail(mfatest.Fault{Op: mfa.OpRefresh, Status: http.StatusOK, Body: string(adas)})
	b.post("/account").on("/", "Something went wrong on our side")
	b.get("/account").on("/", "<h1>You are signed in</h1>")
	assert.Contains(t, r.log.String(), "id token refused")
}

// Every request that can carry the user's address does.
func TestPages_passTheUsersAddress(t *testing.T) {
	t.Parallel()
	r := launch(t)
	b := r.signedIn(grace).post("/account").get("/confirm/choose")
	r.tenant.Advance(3 * time.Second) // right after a message no other is sent
	b.post("/confirm/choose", "authenticator", b.authenticator("Notification")).on("/confirm/verify", "Approve the sign-in")
	r.tenant.ApprovePush("grace@example.com")
	r.tenant.Advance(5 * time.Second)
	b.post("/confirm/poll").on("/account")
	b.get("/account/password").post("/account/password", "password", "guess")

	sent := map[mfa.Op]bool{}
	for _, request := range r.tenant.Requests() {
		if request.Path == "/oauth/token" {
			sent[request.Op] = true
			assert.Equal(t, "127.0.0.1", request.Header.Get("auth0-forwarded-for"), request.Op)
		}
	}
	for _, op := range []mfa.Op{mfa.OpPasswordLogin, mfa.OpRefresh, mfa.OpVerifyOOB, mfa.OpPollPush} {
		assert.True(t, sent[op], op)
	}
}
