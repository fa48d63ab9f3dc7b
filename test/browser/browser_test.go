package browser

import (
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	adasAddress   = "ada@example.com"
	gracesAddress = "grace@example.com"
	sendAgain     = `form[action="/send"] button`
	poll          = `form[action="/poll"] button`
)

func TestLoginPage_worksInABrowser(t *testing.T) {
	chrome, program := launch(t)
	for name, scenario := range map[string]func(*tab){
		"first enrollment, then a second login": enrollment,
		"wrong codes":                           wrongCodes,
		"send again":                            again,
		"expiry":                                expiry,
		"tampered cookie":                       tampered,
		"recovery code":                         recovery,
		"other factors":                         others,
		"push":                                  push,
		"push, polled by the page":              pushByItself,
		"two tabs":                              twoTabs,
		"double clicks":                         doubleClicks,
		"double clicks without JavaScript":      func(b *tab) { doubleClicks(b.withoutScripts()) },
		"back button":                           backButton,
		"without JavaScript":                    withoutScript,
		"factors are managed":                   account,
		"page of the fake tenant":               tenantPage,
		"pages off the way":                     rare,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			scenario(open(t, chrome, program))
		})
	}
}

func enrollment(b *tab) {
	b.visit("/").on("Sign in", "email").shot("sign-in")
	b.fill("#email", adasAddress).fill("#password", "guess").click("main button:not([type])")
	b.on("Sign in", "password").says("alert", "Incorrect e-mail address or password.").shot("wrong-password")
	b.fill("#password", "correct horse").click("main button:not([type])")
	b.on("Protect your account", "email").shot("enroll")
	b.fill("#email", "ada@localhost").click(`form[action="/enroll"] button`)
	b.visit("/enroll").on("Protect your account", "email").fill("#email", "ada@example.org").click(`form[action="/enroll"] button`)
	b.on("Check your e-mail", "code").shot("enroll-code")
	b.submit(b.code("ada@example.org")).on("Store your recovery code", "").shot("recovery-codes")
	code := b.text("[data-recovery]")
	require.NotEmpty(b, code)
	b.stored().on("You are signed in", "").shot("signed-in")
	assert.NotContains(b, b.text("main"), code)
	b.mailbox().on("Mailbox", "").shot("mailbox")
	b.click(`form[action="/sign-out"] button`).on("Sign in", "email").says("status", "You are signed out.").shot("signed-out")

	b.ada().on("Check your e-mail", "code").shot("code")
	b.submit(b.code("ada@example.org")).on("You are signed in", "")
}

func wrongCodes(b *tab) {
	b.grace().on("Check your e-mail", "code")
	code := b.code(gracesAddress)
	b.submit(wrong(code)).on("Check your e-mail", "code").says("alert", "You have 9 attempts left.").shot("wrong-code")
	assert.Equal(b, "numeric one-time-code", eval[string](b, "code.inputMode + ' ' + code.autocomplete"))
	for range 9 {
		b.submit(wrong(code))
	}
	b.submit(wrong(code)).on("Check your e-mail", "code").says("alert", "Too many incorrect codes. You can try again in ").shot("too-many-attempts")
	b.advance("15m").grace().submit("Your code is "+b.code(gracesAddress)).on("You are signed in", "")
}

func again(b *tab) {
	b.grace().on("Check your e-mail", "code")
	assert.True(b, eval[bool](b, "document.querySelector(`"+sendAgain+"`).disabled"), "until another can be sent")
	b.withoutScripts().visit("/verify")
	b.click(sendAgain).on("Check your e-mail", "code").says("status", "We just sent you a message.").shot("send-again-too-early")
	b.advance("30s").visit("/verify")
	assert.Contains(b, b.text("#again-hint"), "You can send another now.")
	b.click(sendAgain).on("Check your e-mail", "code").says("status", "Another code is on its way.").shot("sent-again")
	b.submit(b.code(gracesAddress)).on("You are signed in", "")
}

func expiry(b *tab) {
	b.grace().advance("5m")
	b.submit(b.code(gracesAddress)).on("Check your e-mail", "code").says("alert", "That code has expired.").shot("code-too-old")
	b.click(sendAgain).on("Check your e-mail", "code")
	b.advance("15m").submit(b.code(gracesAddress)).on("Sign in", "password").says("alert", "Your sign-in took too long.").shot("expired")
}

func tampered(b *tab) {
	b.grace()
	step := b.cookie("mfa-step")
	changed := step[:len(step)-9] + wrong("0") + step[len(step)-8:]
	if changed == step {
		changed = step[:len(step)-9] + "2" + step[len(step)-8:]
	}
	yes := true
	_, err := chromedp.Call(b.ctx, network.SetCookie, network.SetCookieParams{Name: "mfa-step", Value: changed, URL: b.url, HTTPOnly: &yes})
	require.NoError(b, err)
	b.submit(b.code(gracesAddress)).on("Sign in", "password").says("alert", "Please sign in again.").shot("tampered")
}

// stored ticks that the recovery code is stored, and goes on.
func (b *tab) stored() *tab {
	b.Helper()
	require.NoError(b, chromedp.Do(b.ctx, chromedp.Click(chromedp.CSS("#stored"))))
	return b.click(`form[action="/recovery-codes"] button`)
}

// choose goes to the list and picks an authenticator by its place there.
func (b *tab) choose(kind string) *tab {
	b.Helper()
	b.click(`a[href="/choose"]`).on("Choose how to sign in", "button")
	b.advance("30s") // right after a message no other is sent
	value := eval[string](b, `[...document.querySelectorAll(".choice")].find(b => b.textContent.includes(`+"`"+kind+"`"+`)).value`)
	return b.click(chromedp.CSS(`button[value="` + value + `"]`))
}

func recovery(b *tab) {
	kept := b.kept("data-recovery")
	b.grace().click(`a[href="/choose"]`).on("Choose how to sign in", "button").shot("choose")
	b.click(`a[href="/verify"]`).choose("Recovery code").on("Use your recovery code", "code").shot("recovery-code")
	b.submit(kept).on("Store your recovery code", "")
	renewed := b.text("[data-recovery]")
	assert.NotEqual(b, kept, renewed)
	b.step(chromedp.Reload()).on("Store your recovery code", "")
	b.stored().on("You are signed in", "")
	b.step(chromedp.NavigateBack()).on("You are signed in", "")
	assert.NotContains(b, b.text("main"), renewed, "shown once")
}

func others(b *tab) {
	b.grace().choose("text message").on("Check your messages", "code").shot("sms")
	b.choose("Authenticator app").on("Open your authenticator app", "code").shot("app")
	b.submit(b.kept("data-app")).on("You are signed in", "")
	b.click(`form[action="/sign-out"] button`)
	b.ada().click(`button[value="otp"]`).on("Set up your authenticator app", "code").shot("enroll-app")
	b.submit(b.kept("data-app")).on("Store your recovery code", "")
}

// push answers the notification without scripts, and so without the page's own
// polling, which pushByItself leaves alone.
func push(b *tab) {
	b.withoutScripts().grace().choose("Notification").on("Approve the sign-in", "button").shot("push")
	b.click(poll).on("Approve the sign-in", "button").says("status", "Not approved yet.").shot("push-pending")
	b.mailbox().click(`button[value="reject"]`)
	b.advance("30s").click(poll).on("Approve the sign-in", "button").says("alert", "The sign-in was rejected").shot("push-rejected")
	b.click(sendAgain).says("status", "Another notification is on its way.")
	b.mailbox().click(`button[value="approve"]`)
	b.advance("30s").click(poll).on("You are signed in", "")
}

func pushByItself(b *tab) {
	b.grace().choose("Notification").on("Approve the sign-in", "button")
	b.mailbox().click(`button[value="approve"]`)
	require.NoError(b, chromedp.Do(b.ctx, chromedp.WaitVisible(chromedp.CSS(`form[action="/sign-out"]`))))
	b.on("You are signed in", "")
}

// account adds a phone number and removes it again, of a user who proves once more who
// they are.
func account(b *tab) {
	b.grace().submit(b.code(gracesAddress)).on("You are signed in", "")
	b.click(`form[action="/account"] button`).on("Check your e-mail", "code")
	b.submit(b.code(gracesAddress)).on("Your ways to sign in", "").shot("account")
	b.click(`form[action="/add"] button`).on("Add another way to sign in", "email").shot("add")
	b.fill("#phone", "030 901822").click("form:has(#phone) button").on("Add another way to sign in", "phone").says("alert", "We can't use this phone number.").shot("add-refused")
	assert.Equal(b, "030 901822", eval[string](b, "phone.value"))
	b.fill("#phone", "+49 30 901822").click("form:has(#phone) button").on("Check your messages", "code").shot("add-code")
	assert.Contains(b, b.text("main"), "+4930901822")
	b.submit(b.kept(`data-to="&#43;4930901822"`))
	b.on("Your ways to sign in", "").says("status", "It is set up.")
	assert.Contains(b, b.text("main"), "XXXXXXX1822")
	b.click(".factors li:last-child a").on("Remove this way to sign in?", "").shot("remove")
	assert.Contains(b, b.text("main"), "XXXXXXX1822")
	b.click("button.danger").on("Your ways to sign in", "").says("status", "It is removed.").shot("removed")
	assert.NotContains(b, b.text("main"), "XXXXXXX1822")
}

func twoTabs(b *tab) {
	b.grace()
	other := b.another().withoutScripts().visit("/verify").on("Check your e-mail", "code")
	b.choose("Recovery code").on("Use your recovery code", "code")
	other.click(sendAgain).on("Use your recovery code", "code").says("status", "That page was out of date.").shot("stale")
	left := b.another().visit("/verify")
	other.choose("Authenticator app").submit(b.kept("data-app")).on("You are signed in", "")
	left.submit("123456").on("You are signed in", "")
}

// doubleClicks clicks twice on everything: that is one mail, and the login goes on.
func doubleClicks(b *tab) {
	const code = `form[action="/code"] button`
	b.visit("/login").fill("#email", gracesAddress).fill("#password", "battery staple")
	b.clickTwice("main button:not([type])", "Check your e-mail", "/verify")
	assert.Equal(b, 1, b.mails(gracesAddress))
	b.advance("30s").visit("/verify").clickTwice(sendAgain, "Check your e-mail", "/verify")
	assert.Equal(b, 2, b.mails(gracesAddress))
	b.fillQuietly(wrong(b.code(gracesAddress))).clickTwice(code, "Check your e-mail", "/verify")
	b.fillQuietly(b.code(gracesAddress)).clickTwice(code, "You are signed in", "/")
	b.clickTwice(`form[action="/sign-out"] button`, "Sign in", "/login")

	b.fill("#email", adasAddress).fill("#password", "correct horse").clickTwice("main button:not([type])", "Protect your account", "/verify")
	b.fill("#email", "ada@example.org").clickTwice(`form[action="/enroll"] button`, "Check your e-mail", "/verify")
	assert.Equal(b, 1, b.mails("ada@example.org"))
	b.fillQuietly(b.code("ada@example.org")).clickTwice(code, "Store your recovery code", "/")
	require.NoError(b, chromedp.Do(b.ctx, chromedp.Click(chromedp.CSS("#stored"))))
	b.clickTwice(`form[action="/recovery-codes"] button`, "You are signed in", "/")
}

func backButton(b *tab) {
	b.grace().on("Check your e-mail", "code")
	b.step(chromedp.NavigateBack()).on("Sign in", "")
	b.step(chromedp.NavigateForward()).on("Check your e-mail", "")
	b.submit(b.code(gracesAddress)).on("You are signed in", "")
	b.step(chromedp.NavigateBack()).on("You are signed in", "")
	b.click(`form[action="/sign-out"] button`).on("Sign in", "")
	b.step(chromedp.NavigateBack()).on("Sign in", "")
	assert.NotContains(b, b.text("main"), "id token")
}

func withoutScript(b *tab) {
	b.withoutScripts().grace().on("Check your e-mail", "code")
	assert.Regexp(b, `^The code works for (5 min|4 min \d+ s)\.`, b.text("#code-hint"))
	b.submit(wrong(b.code(gracesAddress))).on("Check your e-mail", "code").says("alert", "incorrect")
	b.submit(b.code(gracesAddress)).on("You are signed in", "")
}
