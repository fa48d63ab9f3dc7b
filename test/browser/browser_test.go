package browser

import (
	"strings"
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
	suite := launch(t)
	scenarios := map[string]func(*tab){
		"first enrollment, then a second login":  enrollment,
		"wrong codes":                            wrongCodes,
		"send again":                             again,
		"expiry":                                 expiry,
		"tampered cookie":                        tampered,
		"recovery code":                          recovery,
		"other factors":                          others,
		"push":                                   push,
		"push, polled by the page":               pushByItself,
		"two tabs":                               twoTabs,
		"double clicks":                          doubleClicks,
		"double clicks without JavaScript":       func(b *tab) { doubleClicks(b.withoutScripts()) },
		"back button":                            backButton,
		"back button of a first login":           backToEnroll,
		"a pasted mail":                          pasted,
		"a password manager":                     filled,
		"keyboard":                               keyboard,
		"right to left":                          foreign,
		"a code that sends itself":               digits,
		"a password is shown":                    revealed,
		"recovery codes are stored":              codesStored,
		"countdowns":                             countdowns,
		"first paint":                            firstPaint,
		"without JavaScript":                     withoutScript,
		"first enrollment without JavaScript":    func(b *tab) { enrollment(b.plain()) },
		"recovery code without JavaScript":       func(b *tab) { recovery(b.plain()) },
		"other factors without JavaScript":       func(b *tab) { others(b.plain()) },
		"factors are managed without JavaScript": func(b *tab) { factors(b.plain()) },
		"account is left without JavaScript":     func(b *tab) { left(b.plain()) },
		"mounted under a path":                   mounted,
		"factors are managed":                    factors,
		"page of the fake tenant":                tenantPage,
		"factors are added":                      additions,
		"account is left":                        left,
		"errors of the browser":                  odd,
	}
	t.Cleanup(func() { suite.album.complete(t, len(scenarios)) })
	for name, scenario := range scenarios {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			scenario(suite.open(t))
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
	b.says("alert", "We can't use this e-mail address.").shot("enroll-refused")
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

	for b.grace(); !strings.Contains(b.text("main"), "We can't send any more."); {
		b.advance("30s").click(sendAgain).on("Check your e-mail", "code")
	}
	b.shot("spent")
}

func expiry(b *tab) {
	b.grace().advance("5m").visit("/verify")
	assert.Contains(b, b.text("#code-hint"), "The code has expired.")
	b.shot("code-expired")
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

// plain makes the tab run no script, and take no pictures: that is for the tab with scripts.
func (b *tab) plain() *tab {
	b.Helper()
	b.pictured = true
	return b.withoutScripts()
}

// mounted signs in where the pages are a part of another program, under a path, with a few
// texts in German.
func mounted(b *tab) {
	b = b.anotherAt(b.suite.start(b.T, "mounted"))
	b.visit("/").on("Anmelden", "email").fill("#email", adasAddress).fill("#password", "correct horse").click("main button:not([type])")
	b.on("Protect your account", "email").click(`form[action="/auth/enroll"]:has(#email) button`).on("Check your e-mail", "code")
	b.step(chromedp.SendKeys("#code", b.code(adasAddress))).on("Store your recovery code", "")
	require.NoError(b, chromedp.Do(b.ctx, chromedp.Click(chromedp.CSS("#stored"))))
	b.click(`form[action="/auth/recovery-codes"] button`).on("Welcome, ada@example.com", "")
	b.click(`a[href="/auth/"]`).on("You are signed in", "").accessible("mounted")
	b.click(`form[action="/auth/sign-out"] button`).on("Anmelden", "email").says("status", "You are signed out.")
	assert.Equal(b, "de", eval[string](b, "document.documentElement.lang"))
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
	b.grace().click(`a[href="/choose"]`)
	eval[bool](b, `document.querySelector(".choice").value = "email|dev_gone"; true`)
	b.click(".choice").on("Choose how to sign in", "button").says("alert", "That way to sign in is no longer available.").shot("choose-gone")
	b.visit("/verify").choose("text message").on("Check your messages", "code").shot("sms")
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
	b.mailbox().shot("mailbox-push").click(`button[value="reject"]`)
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
	b.put("#code", wrong(b.code(gracesAddress))).clickTwice(code, "Check your e-mail", "/verify")
	b.put("#code", b.code(gracesAddress)).clickTwice(code, "You are signed in", "/")
	b.clickTwice(`form[action="/sign-out"] button`, "Sign in", "/login")

	b.fill("#email", adasAddress).fill("#password", "correct horse").clickTwice("main button:not([type])", "Protect your account", "/verify")
	b.fill("#email", "ada@example.org").clickTwice(`form[action="/enroll"] button`, "Check your e-mail", "/verify")
	assert.Equal(b, 1, b.mails("ada@example.org"))
	b.put("#code", b.code("ada@example.org")).clickTwice(code, "Store your recovery code", "/")
	require.NoError(b, chromedp.Do(b.ctx, chromedp.Click(chromedp.CSS("#stored"))))
	b.clickTwice(`form[action="/recovery-codes"] button`, "You are signed in", "/")
}

func withoutScript(b *tab) {
	b.withoutScripts().grace().on("Check your e-mail", "code")
	assert.Regexp(b, `^The code works for (5 min|4 min \d+ s)\.`, b.text("#code-hint"))
	b.submit(wrong(b.code(gracesAddress))).on("Check your e-mail", "code").says("alert", "incorrect")
	b.submit(b.code(gracesAddress)).on("You are signed in", "")
}
