package browser

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// digits types a code, and pastes another: the page sends both by itself.
func digits(b *tab) {
	b.grace().on("Check your e-mail", "code")
	code := b.code(gracesAddress)
	b.step(chromedp.SendKeys("#code", wrong(code))).says("alert", "You have 9 attempts left.")
	b.put("#code", wrong(code)).click(`form[action="/code"] button`).says("alert", "You have 8 attempts left.")
	b.suite.clipboard.Lock()
	defer b.suite.clipboard.Unlock()
	b.clipboard("writeText(" + quote("Your code is "+code[:3]+" "+code[3:]+".") + ")")
	b.step(b.paste("#code")).on("You are signed in", "")
}

// revealed shows a password while it is typed.
func revealed(b *tab) {
	b.visit("/login").fill("#email", gracesAddress).fill("#password", "battery staple")
	const button = `button[data-reveals="password"]`
	state := func() string {
		return eval[string](b, "password.type + ', ' + document.querySelector(`"+button+"`).ariaLabel + ', ' + password.value")
	}
	require.NoError(b, chromedp.Do(b.ctx, chromedp.Click(chromedp.CSS(button))))
	assert.Equal(b, "text, Hide password, battery staple", state())
	require.NoError(b, chromedp.Do(b.ctx, chromedp.Click(chromedp.CSS(button))))
	assert.Equal(b, "password, Show password, battery staple", state())
	require.NoError(b, chromedp.Do(b.ctx, chromedp.Click(chromedp.CSS(button))))
	eval[bool](b, `password.form.addEventListener("submit", () => sessionStorage.setItem("type", password.type)); true`)
	b.click("main button:not([type])").on("Check your e-mail", "code")
	assert.Equal(b, "password", eval[string](b, `sessionStorage.getItem("type")`), "password managers see one when it is sent")
}

// codesStored copies, downloads and prints recovery codes.
func codesStored(b *tab) {
	b.clock()
	b.ada().click(`button[value="otp"]`).on("Set up your authenticator app", "code")
	b.copied("key", b.text("#key code"))
	b.submit(b.kept("data-app")).on("Store your recovery code", "")
	code := b.text("[data-recovery]")
	b.copied("recovery-codes", code)
	assert.Contains(b, b.downloaded(`a[href$="/recovery-codes.txt"]`), code)

	eval[bool](b, `window.print = () => { window.printed = true }; document.querySelector("[data-print]").click(); true`)
	assert.True(b, eval[bool](b, "window.printed"))
	b.printed().picture("recovery-codes-print")
	assert.Equal(b, []string{}, eval[[]string](b, `[...document.querySelectorAll("button, a, input, footer")].filter((e) => e.checkVisibility()).map((e) => e.outerHTML)`))
	assert.True(b, eval[bool](b, `document.querySelector("h1").checkVisibility() && document.querySelector("[data-recovery]").checkVisibility()`))
	b.media("prefers-color-scheme", "light").stored().on("You are signed in", "")
	b.visit("/recovery-codes.txt").on("You are signed in", "") // nothing is left to download
}

// copied copies what has an ID, with a button for it, and looks into the clipboard. If the
// browser refuses to copy, the text is selected.
func (b *tab) copied(id, text string) {
	b.Helper()
	button := chromedp.CSS(`button[data-copy="` + id + `"]`)
	label := b.text(button)
	b.suite.clipboard.Lock()
	defer b.suite.clipboard.Unlock()
	b.clipboard("writeText('before')")
	require.NoError(b, chromedp.Do(b.ctx, chromedp.Click(button)))
	b.until(`said.textContent === "Copied"`)
	assert.Equal(b, "Copied", b.text(button))
	assert.Equal(b, strings.ReplaceAll(text, " ", ""), b.clipboard("readText()"))
	eval[bool](b, "pass(3000)")
	assert.Equal(b, label, b.text(button))
	assert.Empty(b, b.text("#said"))

	b.allow("clipboard-write", browser.PermissionSettingDenied)
	require.NoError(b, chromedp.Do(b.ctx, chromedp.Click(button)))
	b.until(`said.textContent.startsWith("Your browser did not copy it.")`)
	assert.Equal(b, text, strings.TrimSpace(eval[string](b, "getSelection().toString()")))
	assert.Equal(b, "before", func() string { b.clipboard("writeText('before')"); return b.clipboard("readText()") }())
}

// downloaded returns the file behind a link.
func (b *tab) downloaded(link chromedp.CSS) string {
	b.Helper()
	folder, names, done := b.TempDir(), make(chan string, 1), make(chan struct{}, 1)
	require.NoError(b, chromedp.ListenBrowser(b.ctx, func(event any) {
		switch event := event.(type) {
		case *browser.EventDownloadWillBegin:
			names <- event.SuggestedFilename
		case *browser.EventDownloadProgress:
			if event.State == browser.DownloadProgressStateCompleted {
				done <- struct{}{}
			}
		}
	}))
	yes := true
	_, err := chromedp.CallBrowser(b.ctx, browser.SetDownloadBehavior, browser.SetDownloadBehaviorParams{
		Behavior: browser.SetDownloadBehaviorBehaviorAllow, BrowserContextID: chromedp.FromContext(b.ctx).BrowserContextID,
		DownloadPath: folder, EventsEnabled: &yes,
	})
	require.NoError(b, err)
	require.NoError(b, chromedp.Do(b.ctx, chromedp.Click(link)))
	select {
	case <-done:
	case <-b.ctx.Done():
		require.NoError(b, b.ctx.Err(), "download")
	}
	file, err := os.ReadFile(filepath.Join(folder, <-names))
	require.NoError(b, err)
	return string(file)
}

// clock puts the timers of the tab's pages into the hands of the test: pass(ms) lets time
// pass, and nothing else does.
func (b *tab) clock() {
	b.Helper()
	_, err := chromedp.Call(b.ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: `{
		let now = 0, timers = [], last = 0;
		const add = (call, ms, every) => { timers.push({id: ++last, call, at: now + ms, every}); return last; };
		performance.now = () => now;
		window.setTimeout = (call, ms) => add(call, ms, 0);
		window.setInterval = (call, ms) => add(call, ms, ms);
		window.clearTimeout = window.clearInterval = (id) => { timers = timers.filter((timer) => timer.id !== id); };
		window.pass = (ms) => {
			const end = now + ms;
			for (;;) {
				const next = timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
				if (!next) break;
				now = next.at;
				if (next.every) next.at += next.every;
				else clearTimeout(next.id);
				next.call();
			}
			now = end;
			return true;
		};
	}`})
	require.NoError(b, err)
}

// countdowns lets the time of a page pass.
func countdowns(b *tab) {
	b.clock()
	b.grace().on("Check your e-mail", "code")
	const again = "document.querySelector(`" + sendAgain + "`)"
	pass := func(script string) { eval[bool](b, "pass(1000 * "+script+")") }
	pass("(" + again + ".dataset.enableIn - 1)")
	assert.True(b, eval[bool](b, again+".disabled"))
	assert.Contains(b, b.text("#again-hint [data-before]"), "You can send another in 1 s.")
	pass("1")
	assert.False(b, eval[bool](b, again+".disabled"))
	assert.True(b, eval[bool](b, `document.querySelector("#again-hint [data-after]").checkVisibility()`))
	assert.False(b, eval[bool](b, `document.querySelector("#again-hint [data-before]").checkVisibility()`))
	pass(`document.querySelector("#code-hint [data-left]").dataset.left`)
	assert.True(b, eval[bool](b, `document.querySelector("#code-hint [data-after]").checkVisibility()`))
	assert.Contains(b, b.text("#code-hint [data-after]"), "The code has expired.")

	// The mail is late.
	const spam = `document.querySelector(".later").checkVisibility({visibilityProperty: true})`
	assert.False(b, eval[bool](b, `document.getAnimations().forEach((one) => { one.pause(); one.currentTime = 0; }); `+spam))
	assert.True(b, eval[bool](b, `document.getAnimations().forEach((one) => one.finish()); `+spam))

	// The user stopped the form, and sends it again.
	send := func() bool {
		return eval[bool](b, `(() => {
			let sent;
			addEventListener("submit", (event) => { sent = !event.defaultPrevented; event.preventDefault(); }, {once: true});
			code.value = "123456";
			code.form.requestSubmit();
			return sent;
		})()`)
	}
	assert.True(b, send())
	assert.False(b, send(), "a double click")
	pass("5")
	assert.True(b, send())
}
