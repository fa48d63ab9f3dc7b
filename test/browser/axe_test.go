package browser

import (
	"os"
	"path/filepath"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// maxWeight is how many bytes a page of the login can have, with all that it loads.
const maxWeight = 30_000

// nowhere is the path of no page.
const nowhere = "/nowhere"

// shot takes pictures of a page of the login, and checks it as it is on each of them.
func (b *tab) shot(name string) *tab {
	b.Helper()
	b.light(name)
	return b.pictures(name, b.accessible)
}

// observe makes the tab note what moves on its pages after they were loaded. Whether
// something moves before depends on how much of a page the browser has when it draws first.
func (b *tab) observe() {
	b.Helper()
	_, err := chromedp.Call(b.ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: `
		window.layoutShifts = [];
		new PerformanceObserver((list) => {
			const loaded = performance.getEntriesByType("navigation")[0].loadEventStart; // 0 before
			for (const shift of list.getEntries()) {
				if (!shift.hadRecentInput && loaded && shift.startTime > loaded) {
					layoutShifts.push(shift.value + " of " + shift.sources.map((s) => s.node?.nodeName).join(" "));
				}
			}
		}).observe({type: "layout-shift", buffered: true});`})
	require.NoError(b, err)
}

// scripts allows scripts in the tab, or forbids them.
func (b *tab) scripts(allowed bool) {
	b.Helper()
	_, err := chromedp.Call(b.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !allowed})
	require.NoError(b, err)
}

// accessible checks the page as it is with axe-core, including the size of what is
// touched. It fails too if axe-core can't tell whether a text has enough contrast.
func (b *tab) accessible(view string) {
	b.Helper()
	if b.scriptless { // axe-core waits with timers; the scripts of the page still don't run
		b.scripts(true)
		defer b.scripts(false)
	}
	if !eval[bool](b, `"axe" in window`) {
		source, err := os.ReadFile(filepath.Join("..", "compat", "javascript", "node_modules", "axe-core", "axe.min.js"))
		require.NoError(b, err, "run `make npm` first")
		require.NoError(b, chromedp.Do(b.ctx, chromedp.Evaluate[chromedp.Void](string(source))))
	}
	type result struct {
		Faults []string `json:"faults"`
		Passed []string `json:"passed"`
	}
	found, err := chromedp.Run(b.ctx, chromedp.Evaluate[result](`axe.run(document, {
			resultTypes: ["violations", "incomplete"], rules: {"target-size": {enabled: true}},
		}).then(({violations, incomplete, passes}) => ({
			faults: violations.concat(incomplete.filter((rule) => rule.id === "color-contrast")).flatMap((rule) => rule.nodes.map(
				(node) => rule.id + " (" + node.impact + "): " + node.target.join(" ") + ": " + node.failureSummary)),
			passed: passes.map((rule) => rule.id),
		}))`, chromedp.EvalAwaitPromise))
	require.NoError(b, err)
	assert.Empty(b, found.Faults, view)
	assert.Subset(b, found.Passed, []string{"color-contrast", "document-title", "html-has-lang"}, "%s: what axe-core checked", view)
}

// light checks that the page loads little, from its own server, and that nothing moved
// after it was drawn.
func (b *tab) light(name string) {
	b.Helper()
	type loaded struct {
		Bytes   int      `json:"bytes"`
		Foreign []string `json:"foreign"`
	}
	got := eval[loaded](b, `(() => {
		const all = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")];
		return {
			bytes: all.reduce((sum, one) => sum + one.decodedBodySize, 0),
			foreign: all.map((one) => one.name).filter((name) => new URL(name).origin !== location.origin),
		};
	})()`)
	assert.Positive(b, got.Bytes, name)
	assert.Less(b, got.Bytes, maxWeight, "%s is too heavy", name)
	assert.Empty(b, got.Foreign, name)
	if !b.scriptless {
		assert.Empty(b, eval[[]string](b, "layoutShifts"), "%s moves", name)
	}
}

// rare visits pages that no other test looks at.
func rare(b *tab) {
	require.NoError(b, chromedp.Do(b.ctx, chromedp.Navigate(b.url+nowhere)))
	b.on("Page not found", "").shot("not-found")

	b.ada().fill("#email", "ada@localhost").click(`form[action="/enroll"] button`).says("alert", "We can't use this e-mail address.").shot("enroll-refused")

	b.grace().submit(b.code(gracesAddress)).on("You are signed in", "")
	require.NoError(b, chromedp.Do(b.ctx, chromedp.Click(chromedp.CSS("summary"))))
	b.shot("signed-in-claims")
	b.visit("/account/password").on("Confirm it's you", "password").shot("password")
	b.fill("#password", "guess").click("main button:not([type])").says("alert", "Incorrect password.").shot("password-wrong")
	b.advance("30s").visit("/").click(`form[action="/account"] button`).on("Check your e-mail", "code").shot("confirm")
	b.submit(b.code(gracesAddress)).on("Your ways to sign in", "")
	b.click(`form[action="/add"] button`).click(`button[value="push"]`).on("Set up the Guardian app", "").shot("add-push")
}
