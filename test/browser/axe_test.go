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
// touched. It fails too if axe-core can't tell whether a text has enough contrast, except
// where the text is scrolled out of sight.
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
			faults: violations.concat(incomplete.filter((rule) => rule.id === "color-contrast")).flatMap((rule) => rule.nodes.filter(
				(node) => !document.querySelector(node.target[0]).closest("[role=region]") || node.any[0]?.data?.messageKey !== "elmPartiallyObscured").map(
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
		Bytes    int      `json:"bytes"`
		Foreign  []string `json:"foreign"`
		Blocking []string `json:"blocking"` // what the first paint waits for
	}
	got := eval[loaded](b, `(() => {
		const all = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")];
		return {
			bytes: all.reduce((sum, one) => sum + one.decodedBodySize, 0),
			blocking: all.filter((one) => one.renderBlockingStatus === "blocking").map((one) => new URL(one.name).pathname),
			foreign: all.map((one) => one.name).filter((name) => new URL(name).origin !== location.origin),
		};
	})()`)
	assert.Positive(b, got.Bytes, name)
	assert.Less(b, got.Bytes, maxWeight, "%s is too heavy", name)
	assert.Empty(b, got.Foreign, name)
	assert.Equal(b, []string{"/static/style.css"}, got.Blocking, name)
	if !b.scriptless {
		assert.Empty(b, eval[[]string](b, "layoutShifts"), "%s moves", name)
	}
}

// fields checks what password managers and keyboards of phones are told.
func (b *tab) fields(name string) {
	b.Helper()
	assert.Empty(b, eval[[]string](b, `[...document.querySelectorAll("input:not([type=hidden], [type=checkbox])")].filter((input) => {
		const wants = {
			email: input.form.querySelector("[type=password]") ? "username" : "email", username: "username", password: "current-password",
			code: input.inputMode === "numeric" ? "one-time-code" : "off", phone: "tel",
		}[input.name];
		return input.autocomplete !== wants || !input.hidden && !input.labels.length;
	}).map((input) => input.outerHTML)`), "%s: fields without a label, or with another purpose", name)
}

// fits checks that everything is on the screen, and large enough to touch, where that is
// narrow: on the smallest phone, at a zoom of 200 %, and if the user has doubled the size
// of text.
func (b *tab) fits(name string) *tab {
	b.Helper()
	const check = `(() => {
		const faults = document.documentElement.scrollWidth > innerWidth ? ["it scrolls sideways"] : [];
		const tell = (e, fault) => faults.push(fault + ": " + e.outerHTML.slice(0, 200));
		for (const e of document.querySelectorAll("body *")) {
			if (!e.checkVisibility() || e.closest("svg")) continue;
			const box = e.getBoundingClientRect(), block = getComputedStyle(e).display !== "inline" && !e.matches("input");
			if (box.left < 0 || box.right > innerWidth + .5) tell(e, "outside");
			if (block && e.scrollWidth > e.clientWidth + 1) tell(e, "cut off");
			if (block && e.matches("a, button, summary") && (box.height < 24 || box.width < 24)) tell(e, "too small");
			if (e.matches("input") && (box.height < 24 || box.width < 24)) tell(e, "too small");
		}
		return faults;
	})()`
	assert.Empty(b, eval[[]string](b.width(320, 1), check), "%s, 320 px wide", name)
	assert.Empty(b, eval[[]string](b.width(640, 2), check), "%s, at a zoom of 200 %%", name)
	const double = `document.documentElement.style.fontSize = "200%"; `
	assert.Empty(b, eval[[]string](b, double+check), "%s, with large text", name)
	eval[bool](b, `document.documentElement.style.fontSize = ""; true`)
	return b.width(1280, 1)
}
