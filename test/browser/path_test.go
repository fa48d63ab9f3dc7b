package browser

import (
	"context"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// back goes back, and forth again, from a page to the one before. Nothing is sent, and no
// page of before is shown as it was.
func (b *tab) back(before, heading string) {
	b.Helper()
	posts, mails := b.posts.Load(), b.mails("")
	b.step(chromedp.NavigateBack()).on(before, "")
	b.step(chromedp.NavigateForward()).on(heading, "")
	assert.Equal(b, posts, b.posts.Load(), "forms sent by the back button of %s", heading)
	assert.Equal(b, mails, b.mails(""), "mails sent by the back button of %s", heading)
}

func backButton(b *tab) {
	b.login(gracesAddress, "guess").says("alert", "Incorrect e-mail address or password.")
	b.step(chromedp.NavigateBack()).on("Sign in", "").put("#email", gracesAddress).put("#password", "battery staple").click("main button:not([type])")
	b.on("Check your e-mail", "code").advance("30s").back("Sign in", "Check your e-mail")
	assert.Contains(b, b.text("#again-hint"), "You can send another now.", "no countdown of before")
	// A browser that has kept the page whole, with an old countdown, says so as it shows it again.
	b.step(chromedp.Evaluate[chromedp.Void](`dispatchEvent(new PageTransitionEvent("pageshow", {persisted: true}))`)).on("Check your e-mail", "code")
	b.click(sendAgain).says("status", "Another code is on its way.")
	b.click(`a[href="/choose"]`).on("Choose how to sign in", "button").back("Check your e-mail", "Choose how to sign in")
	b.advance("30s").click(`.choices li:nth-child(2) button`).on("Check your messages", "code").back("Choose how to sign in", "Check your messages")
	b.step(chromedp.NavigateBack()).on("Choose how to sign in", "button")
	b.step(chromedp.NavigateBack()).on("Check your messages", "code") // where the login is, not where it was
	b.submit(b.code("&#43;4930901820")).on("You are signed in", "")
	b.step(chromedp.NavigateBack()).on("You are signed in", "")

	b.advance("30s").click(`form[action="/account"] button`).on("Check your e-mail", "code").back("You are signed in", "Check your e-mail")
	b.put("#code", b.code(gracesAddress)).click(`form[action="/confirm/code"] button`).on("Your ways to sign in", "")
	b.click(".factors li:nth-child(2) a").on("Remove this way to sign in?", "").back("Your ways to sign in", "Remove this way to sign in?")
	b.click("button.danger").says("status", "It is removed.")
	b.step(chromedp.NavigateBack()).on("Your ways to sign in", "").says("status", "It is removed.") // the page of what is gone
	b.visit("/").click(`form[action="/sign-out"] button`).on("Sign in", "")
	b.step(chromedp.NavigateBack()).on("Sign in", "")
	assert.NotContains(b, b.text("main"), "ID token")
}

// backToEnroll goes back from the pages of a first login.
func backToEnroll(b *tab) {
	b.ada().on("Protect your account", "email").back("Sign in", "Protect your account")
	b.put("#email", "ada@example.org").click(`form[action="/enroll"] button`).on("Check your e-mail", "code")
	b.step(chromedp.NavigateBack()) // both pages have one address: the browser can keep one of them, or both
	b.visit("/verify").on("Check your e-mail", "code")
	assert.Equal(b, 1, b.mails("ada@example.org"))
	b.submit(b.code("ada@example.org")).on("Store your recovery code", "")
	code := b.text("[data-recovery]")
	b.step(chromedp.NavigateBack()).on("Store your recovery code", "")
	assert.Equal(b, code, b.text("[data-recovery]"))
	b.stored().on("You are signed in", "")
	b.step(chromedp.NavigateBack()).on("You are signed in", "")
}

// paste pastes as people do: from the clipboard, which all browsers of this test share. The
// caller has locked it.
func (b *tab) paste(selector chromedp.CSS) chromedp.Action[chromedp.Void] {
	b.Helper()
	require.NoError(b, chromedp.Do(b.ctx, chromedp.Focus(selector)))
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, input.DispatchKeyEvent, input.DispatchKeyEventParams{
			Type: input.DispatchKeyEventTypeKeyDown, Key: "v", Code: "KeyV", Modifiers: int64(chromedp.ModifierCtrl), Commands: []string{"paste"},
		})
		return err
	})
}

// clipboard calls a method of the clipboard. The caller has locked it.
func (b *tab) clipboard(call string) string {
	b.Helper()
	_, err := chromedp.Call(b.ctx, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
	require.NoError(b, err)
	b.allow("clipboard-read", browser.PermissionSettingGranted)
	b.allow("clipboard-write", browser.PermissionSettingGranted)
	text, err := chromedp.Run(b.ctx, chromedp.Evaluate[string]("navigator.clipboard."+call+".then((text) => text ?? '')", chromedp.EvalAwaitPromise))
	require.NoError(b, err)
	return text
}

// allow lets the pages of the browser do something, or not.
func (b *tab) allow(name string, setting browser.PermissionSetting) {
	b.Helper()
	_, err := chromedp.CallBrowser(b.ctx, browser.SetPermission, browser.SetPermissionParams{
		Permission: &browser.PermissionDescriptor{Name: name}, Setting: setting,
		Origin: b.url, BrowserContextID: chromedp.FromContext(b.ctx).BrowserContextID,
	})
	require.NoError(b, err)
}

// pasted pastes a whole mail into the code field. There are more digits in it than six.
func pasted(b *tab) {
	b.grace().on("Check your e-mail", "code")
	code := b.code(gracesAddress)
	b.suite.clipboard.Lock()
	defer b.suite.clipboard.Unlock()
	b.clipboard("writeText(" + quote("Hello,\n\nyour code is "+code[:3]+" "+code[3:]+". It works for 5 minutes.\n") + ")")
	require.NoError(b, chromedp.Do(b.ctx, b.paste("#code")))
	assert.Contains(b, eval[string](b, "code.value"), code[3:])
	b.click(`form[action="/code"] button`).on("You are signed in", "")
}

// filled lets a password manager fill in the login: it sets values, and says so.
func filled(b *tab) {
	b.visit("/login")
	eval[bool](b, `(() => {
		const fill = (purpose, value) => {
			const input = document.querySelector("[autocomplete=" + purpose + "]");
			input.value = value;
			for (const type of ["input", "change"]) input.dispatchEvent(new Event(type, {bubbles: true}));
		};
		fill("username", "grace@example.com");
		fill("current-password", "battery staple");
		return true;
	})()`)
	b.click("main button:not([type])").on("Check your e-mail", "code")
	assert.Equal(b, 1, b.mails(gracesAddress))
}

// tabs returns what the tab key reaches, one after the other, from the start of the page.
func (b *tab) tabs() (reached []string) {
	b.Helper()
	const at = `(() => {
		const e = document.activeElement;
		if (e !== document.body && getComputedStyle(e).outlineStyle === "none") return "nothing shows the focus on " + e.outerHTML;
		return e === document.body ? "" : e.id || e.textContent.trim();
	})()`
	eval[bool](b, `document.activeElement.blur(); document.querySelector("h1").tabIndex = -1; document.querySelector("h1").focus(); true`)
	for range 20 {
		require.NoError(b, chromedp.Do(b.ctx, chromedp.KeyEvent(kb.Tab)))
		now := eval[string](b, at)
		if now == "" || len(reached) > 0 && now == reached[0] {
			return reached
		}
		reached = append(reached, now)
	}
	return reached
}

// keyboard signs in with the keyboard alone.
func keyboard(b *tab) {
	b.visit("/login").on("Sign in", "email")
	press := func(keys string) { require.NoError(b, chromedp.Do(b.ctx, chromedp.KeyEvent(keys))) }
	press("grace@example.com")
	for eval[string](b, "document.activeElement.id") != "password" {
		press(kb.Tab)
	}
	press("battery staple")
	b.step(chromedp.KeyEvent(kb.Enter)).on("Check your e-mail", "code")
	b.advance("30s").visit("/verify").on("Check your e-mail", "code")
	assert.Equal(b, []string{"code", "Continue", "Send another code", "Sign in another way", "Start over", "mailbox"}, b.tabs())
	eval[bool](b, `document.querySelector("a[href='/choose']").focus(); true`)
	b.step(chromedp.KeyEvent(kb.Enter)).on("Choose how to sign in", "button")
	press(kb.Tab)
	b.step(chromedp.KeyEvent(" ")).on("Check your messages", "code")
	code := b.code("&#43;4930901820")
	press(code[:5])
	b.step(chromedp.KeyEvent(code[5:]+kb.Enter)).on("You are signed in", "")
}

// firstPaint keeps the script of a page from arriving: the page is drawn, and works.
func firstPaint(b *tab) {
	paused := make(chan fetch.RequestID, 1)
	require.NoError(b, chromedp.Listen(b.ctx, func(event any) {
		if event, ok := event.(*fetch.EventRequestPaused); ok {
			paused <- event.RequestID
		}
	}))
	for _, path := range []string{"/login", "/verify"} {
		_, err := chromedp.Call(b.ctx, fetch.Enable, fetch.EnableParams{Patterns: []*fetch.RequestPattern{{URLPattern: "*", ResourceType: network.ResourceTypeScript}}})
		require.NoError(b, err)
		_, err = chromedp.Call(b.ctx, page.Navigate, page.NavigateParams{URL: b.url + path})
		require.NoError(b, err)
		script := <-paused
		b.until(`performance.getEntriesByName("first-contentful-paint").length > 0 && document.readyState === "interactive"`)
		assert.NotEmpty(b, b.text("h1"), path)
		assert.NotEmpty(b, b.text("form button"), path)
		_, err = chromedp.Call(b.ctx, fetch.ContinueRequest, fetch.ContinueRequestParams{RequestID: script})
		require.NoError(b, err)
		b.until(`document.readyState === "complete"`)
		_, err = chromedp.Call(b.ctx, fetch.Disable, cdp.Empty{})
		require.NoError(b, err)
		if path == "/login" {
			b.grace()
		}
	}
}
