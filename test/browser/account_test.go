package browser

import (
	"strings"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// nowhere is the path of no page.
const nowhere = "/nowhere"

// confirmed signs grace in and opens her account, which needs another code.
func (b *tab) confirmed() *tab {
	b.Helper()
	b.grace().submit(b.code(gracesAddress)).on("You are signed in", "")
	b.advance("30s").click(`form[action="/account"] button`).on("Check your e-mail", "code")
	return b.put("#code", b.code(gracesAddress)).click(`form[action="/confirm/code"] button`).on("Your ways to sign in", "")
}

// factors adds a phone number and removes it again, and then everything else.
func factors(b *tab) {
	b.confirmed().shot("account")
	b.click(`form[action="/add"] button`).on("Add another way to sign in", "email").shot("add")
	b.fill("#phone", "030 901822").click("form:has(#phone) button").on("Add another way to sign in", "phone").says("alert", "We can't use this phone number.")
	assert.Equal(b, "030 901822", eval[string](b, "phone.value"))
	b.shot("add-refused")
	b.fill("#phone", "+49 30 901822").click("form:has(#phone) button").on("Check your messages", "code").shot("add-code")
	assert.Contains(b, b.text("main"), "+4930901822")
	b.put("#code", b.kept(`data-to="&#43;4930901822"`)).click(`form[action="/add/code"] button`)
	b.on("Your ways to sign in", "").says("status", "It is set up.").shot("added")
	assert.Contains(b, b.text("main"), "XXXXXXX1822")
	b.click(".factors li:last-child a").on("Remove this way to sign in?", "").shot("remove")
	assert.Contains(b, b.text("main"), "XXXXXXX1822")
	b.click("button.danger").on("Your ways to sign in", "").says("status", "It is removed.").shot("removed")
	assert.NotContains(b, b.text("main"), "XXXXXXX1822")

	const first = ".factors li:first-child a"
	for b.click(first).on("Remove this way to sign in?", ""); !strings.Contains(b.text("main"), "This is the last one."); {
		b.click("button.danger").on("Your ways to sign in", "").click(first).on("Remove this way to sign in?", "")
	}
	b.shot("remove-last").click("button.danger").on("Your ways to sign in", "").reload().shot("account-empty")
}

// additions starts to add what takes a phone. No script asks whether the phone was used.
func additions(b *tab) {
	b.withoutScripts().confirmed()
	b.click(`form[action="/add"] button`).click(`button[value="otp"]`).on("Set up your authenticator app", "code").shot("add-app")
	b.visit("/account").click(`form[action="/add"] button`).click(`button[value="push"]`).on("Set up the Guardian app", "button").shot("add-push")
}

// left leaves the account for so long that it closes.
func left(b *tab) {
	b.grace().submit(b.code(gracesAddress)).on("You are signed in", "")
	require.NoError(b, chromedp.Do(b.ctx, chromedp.Click(chromedp.CSS("summary"))))
	b.still("signed-in-claims")
	b.visit("/account/password").on("Confirm it's you", "password").shot("password")
	b.put("#password", "guess").click("main button:not([type])").says("alert", "Incorrect password.").shot("password-wrong")
	b.advance("30s").visit("/").click(`form[action="/account"] button`).on("Check your e-mail", "code").shot("confirm")
	b.advance("15m").put("#code", b.code(gracesAddress)).click(`form[action="/confirm/code"] button`)
	b.on("You are signed in", "").says("status", "That took too long.").shot("over")
}

// odd visits what only a broken address or a lost cookie leads to.
func odd(b *tab) {
	_, err := chromedp.RunResponse(b.ctx, chromedp.Navigate(b.url+nowhere))
	require.NoError(b, err)
	b.on("Page not found", "").shot("not-found")
	b.visit("/login").put("#email", gracesAddress).put("#password", "battery staple").put("input[name=form]", "of another browser")
	_, err = chromedp.RunResponse(b.ctx, chromedp.Click(chromedp.CSS("main button:not([type])")))
	require.NoError(b, err)
	b.on("Please start again", "").still("form-out-of-date")
	assert.Zero(b, b.mails(""))
}
