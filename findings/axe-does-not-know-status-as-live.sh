#!/usr/bin/env bash
# Software:  axe-core 4.14.1 and playwright-core 1.65.1 with Node.js 20, and Chromium
#            156 of Debian 12 (headless)
#
# Expected:  aria-errormessage may name any text that is shown. If it has to be a live
#            region, role="status" is as good as aria-live="polite", which the role
#            stands for.
# Behavior:  axe-core calls the value of the attribute invalid (aria-valid-attr-value)
#            unless the element itself has aria-live or role="alert", or
#            aria-describedby names it too. role="status", an output element and a text
#            within an alert are violations.
# Output:    the violations for one field and its message in nine forms, at the end of
#            this script.
# Why:       The rule says that a value is invalid, and the id is right. A page that
#            comes from the server with its error has nothing to announce, and
#            aria-describedby is what passes.
set -euo pipefail

dir=$(mktemp -d)
trap 'chmod -R u+w "$dir"; rm -rf "$dir"' EXIT
cd "$dir"

command -v chromium >apt.log || { apt-get update -qq && apt-get install -qq -y --no-install-recommends chromium; } >apt.log
npm install --silent --no-audit --no-fund axe-core@4.14.1 playwright-core@1.65.1
cat >main.mjs <<'EOF'
import { readFileSync } from 'node:fs'
import { chromium } from 'playwright-core'

const axe = readFileSync('node_modules/axe-core/axe.min.js', 'utf8')
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium' })
const page = await browser.newPage()
for (const [message, attributes = ''] of [
	['<p id="error">Wrong</p>'],
	['<p id="error" role="alert">Wrong</p>'],
	['<p id="error" aria-live="assertive">Wrong</p>'],
	['<p id="error" aria-live="polite">Wrong</p>'],
	['<p id="error" role="status">Wrong</p>'],
	['<output id="error">Wrong</output>'],
	['<div role="alert"><p id="error">Wrong</p></div>'],
	['<p id="error">Wrong</p>', ' aria-describedby="error"'],
	['<p id="error" role="status">Wrong</p>', ' aria-describedby="error"'],
]) {
	await page.setContent(`<!doctype html><html lang="en"><title>Code</title><main><h1>Code</h1>
		<label for="code">Code</label><input id="code" aria-invalid="true" aria-errormessage="error"${attributes}>${message}</main>`)
	await page.evaluate(axe)
	const { violations } = await page.evaluate(() => axe.run())
	console.log(message + attributes, '->', violations.map(v => v.id).join() || 'none')
}
await browser.close()
EOF
node main.mjs >actual

diff -u --label expected --label actual - actual <<'EOF'
<p id="error">Wrong</p> -> aria-valid-attr-value
<p id="error" role="alert">Wrong</p> -> none
<p id="error" aria-live="assertive">Wrong</p> -> none
<p id="error" aria-live="polite">Wrong</p> -> none
<p id="error" role="status">Wrong</p> -> aria-valid-attr-value
<output id="error">Wrong</output> -> aria-valid-attr-value
<div role="alert"><p id="error">Wrong</p></div> -> aria-valid-attr-value
<p id="error">Wrong</p> aria-describedby="error" -> none
<p id="error" role="status">Wrong</p> aria-describedby="error" -> none
EOF
