#!/usr/bin/env bash
# Software:  @auth0/auth0-auth-js 1.16.1 with Node.js 20
#
# Expected:  listAuthenticators and challengeAuthenticator throw
#            MfaListAuthenticatorsError and MfaChallengeError when a request fails, of
#            which their documentation names "network error" as one case.
# Behavior:  A failed connection throws the TypeError of fetch, a page of HTML with
#            status 200 a SyntaxError, JSON null with an error status a plain TypeError.
#            Only an error status with JSON or text in it gives the documented class.
# Output:    the class thrown by both calls, at the end of this script.
# Why:       A login page that catches the documented classes shows "internal error"
#            exactly when the network or a captive portal is at fault.
set -euo pipefail

dir=$(mktemp -d)
trap 'chmod -R u+w "$dir"; rm -rf "$dir"' EXIT
cd "$dir"

npm install --silent --no-audit --no-fund @auth0/auth0-auth-js@1.16.1
cat >main.mjs <<'EOF'
import { AuthClient } from '@auth0/auth0-auth-js'

const client = (respond) => new AuthClient({
	domain: 'tenant.example', clientId: 'app', clientSecret: 's',
	customFetch: async (url, init) => respond(String(url), init),
})
const json = (status, body) => new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } })

const failures = {
	'403 with an OAuth error': () => json(403, { error: 'invalid_grant', error_description: 'The mfa_token is expired' }),
	'502 with HTML': () => new Response('<h1>Bad gateway</h1>', { status: 502 }),
	'200 with HTML': () => new Response('<h1>Welcome</h1>', { status: 200 }),
	'503 with null': () => json(503, null),
	'no connection': () => { throw new TypeError('fetch failed') },
}
for (const [name, respond] of Object.entries(failures)) {
	const { mfa } = client(respond)
	for (const call of [() => mfa.listAuthenticators({ mfaToken: 'Fe26' }), () => mfa.challengeAuthenticator({ mfaToken: 'Fe26', challengeType: 'oob' })]) {
		try {
			await call()
			console.log(`${name}: no error`)
		} catch (e) {
			console.log(`${name}: ${e.name}`)
		}
	}
}
EOF
node main.mjs >actual

diff -u --label expected --label actual - actual <<'EOF'
403 with an OAuth error: MfaListAuthenticatorsError
403 with an OAuth error: MfaChallengeError
502 with HTML: MfaListAuthenticatorsError
502 with HTML: MfaChallengeError
200 with HTML: SyntaxError
200 with HTML: SyntaxError
503 with null: TypeError
503 with null: TypeError
no connection: TypeError
no connection: TypeError
EOF
