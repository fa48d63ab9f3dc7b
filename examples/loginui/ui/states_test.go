package ui

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/mfatest"
)

func TestFirstEnrollment(t *testing.T) {
	t.Parallel()
	r := launch(t)
	b := r.browser()
	b.get("/").on("/login", "<h1>Sign in</h1>", `id="email"`, "required autofocus")
	b.login(ada).on("/verify", "<h1>Protect your account</h1>", `value="ada@example.com"`)
	b.post("/enroll", "email", "no address").on("/enroll", `role="alert">We can't use this e-mail address`, `value="no address"`, `aria-invalid="true"`)
	b.post("/enroll", "email", "ada@gmial.example").on("/verify", "to <strong><bdi>ada@gmial.example</bdi></strong>. Is that wrong?", `href="/enroll">Change it`)
	b.get("/enroll").on("/enroll", `value="ada@gmial.example"`, "Back to the code")
	r.tenant.Advance(3 * time.Second) // right after a message no other is sent
	b.post("/enroll", "email", "ada@example.org").on("/verify", "<h1>Check your e-mail</h1>", "<strong><bdi>ada@example.org</bdi></strong>", "The code works for <span role=\"timer\">5 min</span>", "another in <span role=\"timer\">30 s</span>")
	b.get("/enroll").on("/enroll", `value="ada@example.org"`, "Back to the code")
	r.tenant.Advance(3 * time.Second)
	b.post("/enroll", "email", "").on("/verify", "the address of your account")
	b.post("/code", "code", r.code(ada)).on("/", "<h1>Store your recovery code</h1>", groups(r.recoveryCode("ada@example.com")))
	b.get("/").on("/", groups(r.recoveryCode("ada@example.com"))) // a lost page can be loaded again
	b.post("/recovery-codes").on("/", "<h1>You are signed in</h1>", "<dt><bdi>iss</bdi></dt><dd><bdi>"+r.tenant.URL+"/</bdi></dd>", "<dd><bdi>"+r.tenant.ClientID+"</bdi></dd>", "ada@example.com")
	assert.NotContains(t, b.get("/").page, groups(r.recoveryCode("ada@example.com")))
	assert.Nil(t, b.cookie("mfa-step"))
	b.post("/sign-out").on("/login", `role="status">You are signed out.`)
	b.get("/").on("/login")
	assert.Empty(t, r.log.String())
}

func TestSecondLogin(t *testing.T) {
	t.Parallel()
	r := launch(t)
	b := r.browser().login(ada)
	b.post("/enroll", "email", "").post("/code", "code", r.code(ada)).post("/recovery-codes").post("/sign-out")
	b.login(ada).on("/verify", "<h1>Check your e-mail</h1>")
	b.post("/code", "code", wrong(r.code(ada))).on("/verify", `role="alert">That code is incorrect. You have 9 attempts left.`, "<title>Error: ", `aria-describedby="notice code-hint"`)
	b.get("/verify").on("/verify")
	assert.NotContains(t, b.page, "role=\"alert\"", "said once")
	b.post("/code", "code", "12345").on("/verify", "You have 9 attempts left.")
	b.post("/code", "code", "Your code is "+r.code(ada)).on("/", "<h1>You are signed in</h1>")
}

func TestWrongPassword(t *testing.T) {
	t.Parallel()
	r := launch(t)
	b := r.browser().get("/login").post("/login", "email", "ada@example.com", "password", "guess")
	b.on("/login", `role="alert">Incorrect e-mail address or password.`, `value="ada@example.com"`)
	b.post("/login", "email", "", "password", "").on("/login", "Please fill in both fields.")
}

func TestCooldown(t *testing.T) {
	t.Parallel()
	r := launch(t)
	b := r.browser().login(grace).on("/verify", "<h1>Check your e-mail</h1>")
	first := r.code(grace)
	r.tenant.Advance(10 * time.Second)
	b.post("/send").on("/verify", `role="status">We just sent you a message.<`, `You can send another in <span role="timer">20 s<`)
	r.tenant.Advance(20 * time.Second)
	b.get("/verify").on("/verify", "You can send another now.")
	b.post("/send").on("/verify", `role="status">Another code is on its way. Only the latest code works.`)
	assert.Len(t, r.tenant.Inbox("grace@example.com"), 2)
	if first != r.code(grace) {
		b.post("/code", "code", first).on("/verify", "incorrect")
	}
	b.post("/code", "code", r.code(grace)).on("/")
}

// When nothing more can be sent, there is no button that promises it.
func TestCooldown_offersNoMessageThatCannotBeSent(t *testing.T) {
	t.Parallel()
	r := launch(t)
	b := r.browser().login(grace)
	for strings.Contains(b.page, `action="/send"`) {
		r.tenant.Advance(30 * time.Second)
		b.post("/send").on("/verify")
	}
	b.on("/verify", "We can't send any more. Please use the latest one, or start over.")
	b.post("/code", "code", r.code(grace)).on("/", "<h1>You are signed in</h1>")
}

func TestExpiry(t *testing.T) {
	t.Parallel()
	r := launch(t)
	b := r.browser().login(grace)
	r.tenant.Advance(5 * time.Minute)
	b.get("/verify").on("/verify", "The code has expired.")
	b.post("/code", "code", r.code(grace)).on("/verify", `role="alert">That code has expired. Please send another one.`)
	r.tenant.Advance(10 * time.Minute)
	b.post("/code", "code", r.code(grace)).on("/login", `role="alert">Your sign-in took too long. Please sign in again.`)
	assert.Nil(t, b.cookie("mfa-step"))
	b.get("/verify").on("/login")
	b.get("/choose").on("/login")
	b.get("/enroll").on("/login")

	b.login(grace).post("/code", "code", r.code(grace)).on("/", "<h1>You are signed in</h1>")
	r.tenant.Advance(time.Hour)
	b.get("/").on("/login")
}

func TestTooManyAttempts(t *testing.T) {
	t.Parallel()
	r := launch(t)
	b := r.browser().login(grace)
	for range 10 {
		b.post("/code", "code", wrong(r.code(grace))).on("/verify")
	}
	b.post("/code", "code", wrong(r.code(grace))).on("/verify", `role="alert">Too many incorrect codes. You can try again in 6 min.`)
}

func TestChoose(t *testing.T) {
	t.Parallel()
	r := launch(t)
	choose := func(name string) *browser {
		b := r.browser().login(grace).on("/verify", "Sign in another way").get("/choose")
		b.on("/choose", "Choose how to sign in", "Code by text message", "Notification on your phone", "Authenticator app", "Recovery code", ">Back<")
		r.tenant.Advance(3 * time.Second) // right after the mail nothing else is sent
		return b.post("/choose", "authenticator", b.authenticator(name))
	}
	b := choose("Code by text message").on("/verify", "<h1>Check your messages</h1>")
	code, _ := r.tenant.LastCode("+4930901820")
	b.post("/code", "code", code).on("/", "<h1>You are signed in</h1>")

	b = choose("Authenticator app").on("/verify", "<h1>Open your authenticator app</h1>", "every 30 seconds")
	assert.NotContains(t, b.page, `action="/send"`)
	b.post("/code", "code", r.tenant.OTP("grace@example.com")).on("/", "<h1>You are signed in</h1>")

	old := r.recoveryCode("grace@example.com")
	b = choose("Recovery code").on("/verify", "<h1>Use your recovery code</h1>", `autocomplete="off"`)
	b.post("/code", "code", wrong(old)).on("/verify", "incorrect")
	b.post("/code", "code", strings.ToLower(old)).on("/", "<h1>Store your recovery code</h1>")
	renewed := r.recoveryCode("grace@example.com")
	assert.NotEqual(t, old, renewed)
	b.on("/", groups(renewed))
	b.post("/recovery-codes").on("/", "<h1>You are signed in</h1>")

	b = choose("Authenticator app").post("/choose", "authenticator", "email|dev_another")
	b.on("/choose", `role="alert">That way to sign in is no longer available.`)
	assert.Empty(t, r.log.String())
}

func TestPush(t *testing.T) {
	t.Parallel()
	r := launch(t)
	b := r.browser().login(grace).get("/choose")
	b.post("/choose", "authenticator", b.authenticator("Notification")).on("/verify", `role="status">We just sent you a message. You can try again in 3 s.`)
	b.get("/choose")
	r.tenant.Advance(3 * time.Second)
	b.post("/choose", "authenticator", b.authenticator("Notification")).on("/verify", "<h1>Approve the sign-in</h1>", `data-submit-in="5"`)
	b.post("/poll").on("/verify", `role="status">Not approved yet.`)
	r.tenant.Advance(5 * time.Second)
	b.post("/poll").on("/verify", "Not approved yet.")
	r.tenant.Advance(5 * time.Second)
	r.tenant.RejectPush("grace@example.com")
	b.post("/poll").on("/verify", `role="alert">The sign-in was rejected`)
	assert.NotContains(t, b.page, "data-submit-in")
	assert.NotContains(t, b.get("/verify").page, "data-submit-in", "a reload does not poll a notification that is over")
	r.tenant.Advance(30 * time.Second)
	b.post("/send").on("/verify", "Another notification is on its way.")
	r.tenant.ApprovePush("grace@example.com")
	r.tenant.Advance(5 * time.Second)
	b.post("/poll").on("/", "<h1>You are signed in</h1>")
}

func TestEnrollApp(t *testing.T) {
	t.Parallel()
	r := launch(t)
	b := r.browser().login(ada).post("/enroll", "factor", "otp").on("/verify", "<h1>Set up your authenticator app</h1>", "enter this key", `<svg class="qr"`, `<a href="otpauth://totp/`)
	key := regexp.MustCompile(`class="key" dir="ltr">([A-Z2-7 ]+)<`).FindStringSubmatch(b.page)
	require.NotNil(t, key)
	b.post("/code", "code", r.tenant.OTP("ada@example.com")).on("/", "<h1>Store your recovery code</h1>")
}

func TestChainedFactors(t *testing.T) {
	t.Parallel()
	r := launch(t, mfatest.WithChainedMFA(1))
	b := r.browser().login(grace).post("/code", "code", r.code(grace))
	b.on("/verify", `role="status">That worked. There is one more step.`)
	b.post("/code", "code", r.code(grace)).on("/", "<h1>You are signed in</h1>")
}

func TestNoSecondFactor(t *testing.T) {
	t.Parallel()
	r := launch(t, mfatest.WithOptionalMFA())
	r.browser().login(ada).on("/", "<h1>You are signed in</h1>")
}

// How a tenant can respond, and what the user is told.
func TestPages_tellTheUserWhatWentWrong(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault      mfatest.Fault
		path       string // the form that fails; "": the password form
		page, says string
		logged     bool
	}{
		"mail is down": {mfatest.Fault{Op: mfa.OpChallenge, Status: 502, Body: `{"error":"bad_gateway","error_description":"Error sending email."}`},
			"", "/verify", "Something went wrong.", true},
		"mail is lost": {mfatest.Fault{Op: mfa.OpChallenge, Kind: mfatest.FaultDropReply},
			"", "/verify", "whether the message was sent", false},
		"login is blocked": {mfatest.Fault{Op: mfa.OpPasswordLogin, Status: 403, Body: `{"error":"unauthorized","error_description":"user is blocked"}`},
			"", "/login", "Please contact support.", false},
		"grant is off": {mfatest.Fault{Op: mfa.OpPasswordLogin, Status: 403, Body: `{"error":"unauthorized_client","error_description":"Grant type 'password' not allowed for the client."}`},
			"", "/login", "went wrong on our side", true},
		"too many logins": {mfatest.Fault{Op: mfa.OpPasswordLogin, Status: 429, Body: `{"error":"too_many_attempts","error_description":"canary-text"}`},
			"", "/login", "Too many sign-in attempts. Please wait", false},
		"code is lost": {mfatest.Fault{Op: mfa.OpVerifyOOB, Kind: mfatest.FaultDropReply},
			"/code", "/verify", "We could not check that code.", false},
		"server fails": {mfatest.Fault{Op: mfa.OpVerifyOOB, Status: 500, Body: "canary-text"},
			"/code", "/verify", "", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := launch(t)
			b := r.browser()
			if test.path == "" {
				r.tenant.Fail(test.fault)
				b.login(grace)
			} else {
				b.login(grace)
				r.tenant.Fail(test.fault)
				b.post(test.path, "code", r.code(grace))
			}
			b.on(test.page, `role="alert"`, test.says)
			assert.NotContains(t, b.page, "canary-text")
			assert.Equal(t, test.logged, r.log.String() != "", r.log.String())
		})
	}
}

func TestEveryNoticeHasAText(t *testing.T) {
	t.Parallel()
	r := launch(t)
	for _, err := range []error{
		mfa.ErrAlreadyEnrolled, mfa.ErrNotEnrolled, mfa.ErrUnsupportedChallenge, mfa.ErrInvalidCode, mfa.ErrInvalidToken,
		mfa.ErrTokenExpired, mfa.ErrChallengeExpired, mfa.ErrRateLimited, mfa.ErrTooManyAttempts, mfa.ErrTooManyMessages,
		mfa.ErrAuthorizationPending, mfa.ErrSlowDown, mfa.ErrRejected, mfa.ErrDeliveryFailed, mfa.ErrInvalidCredentials,
		mfa.ErrBlocked, mfa.ErrInvalidClient, mfa.ErrGrantNotAllowed, mfa.ErrInvalidRequest, mfa.ErrServer,
		mfa.ErrUnexpectedResponse, mfa.ErrOutcomeUnknown, mfa.ErrMFARequired,
	} {
		assert.NotEmpty(t, r.pages.noticeFor(nil, err).text(view{language: r.pages.language(nil)}, time.Now()), err)
	}
	for _, key := range successes {
		assert.Equal(t, "good", tones[key], key)
		assert.NotEmpty(t, texts["notice."+key], key)
	}
}
