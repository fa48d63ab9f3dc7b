package browser

import "github.com/stretchr/testify/assert"

// foreign shows an address in another script, which is written from right to left: it
// turns nothing else around, and it is text.
func foreign(b *tab) {
	const address = "שלום&ampעולם@example.com"
	b.visit("/login")
	eval[bool](b, `email.form.noValidate = true`)
	b.put("#email", `"><b>@example.com`).put("#password", "guess").click("main button:not([type])").on("Sign in", "password")
	assert.Equal(b, `"><b>@example.com`, eval[string](b, "email.value"))
	b.ada().on("Protect your account", "email")
	eval[bool](b, `email.form.noValidate = true`)
	b.put("#email", address).click(`form[action="/enroll"] button`).on("Check your e-mail", "code").isolated(address)
	b.submit(b.code("שלום&amp;ampעולם@example.com")).on("Store your recovery code", "")
	b.stored().on("You are signed in", "")
	b.ada().on("Check your e-mail", "code").isolated("שלום********@exam*******")
	b.click(`a[href="/choose"]`).on("Choose how to sign in", "button").isolated("שלום********@exam*******")
	b.visit("/verify").submit(b.code("שלום&amp;ampעולם@example.com")).on("You are signed in", "")
	b.click(`form[action="/account"] button`).on("Your ways to sign in", "").isolated("שלום********@exam*******")
	b.click(".factors a").on("Remove this way to sign in?", "").isolated("שלום********@exam*******")
	b.mailbox().isolated(address)
}

// isolated checks that a text is in an element of its own, which takes its direction from
// it, and that the words before and after are where they are without it.
func (b *tab) isolated(text string) {
	b.Helper()
	assert.Equal(b, []string{"isolate, left to right"}, eval[[]string](b, `(() => {
		const found = [...document.querySelectorAll("main *")].filter((e) => !e.children.length && e.textContent.trim() === `+quote(text)+`);
		return [...new Set(found.map((e) => {
			const around = getComputedStyle(e.parentElement);
			return getComputedStyle(e).unicodeBidi + (around.direction === "ltr" ? ", left to right" : ", turned around");
		}))];
	})()`), "%s in %s", text, b.text("h1"))
}
