#!/usr/bin/env bash
# Software:  auth0 (node-auth0) 7.1.0 with Node.js 20, beside @auth0/auth0-auth-js 1.16.1
#
# Expected:  Each request of an application with a key has an assertion of its own, made
#            for it. What the caller passed in stays as it is.
# Behavior:  The grants of AuthenticationClient (auth0/legacy) write client_assertion into
#            the object with the parameters of the caller, and use one that is there. A
#            second call with the same object, as a retry or a poll makes, sends the first
#            call's assertion, with the same jti. It lives two minutes. A frozen object
#            throws a TypeError. auth0-auth-js makes a new one each time.
# Output:    what two calls with one object send, at the end of this script.
# Why:       A parameters object kept in a constant works for two minutes, and then fails
#            with invalid_client until the program is restarted.
set -euo pipefail

dir=$(mktemp -d)
trap 'chmod -R u+w "$dir"; rm -rf "$dir"' EXIT
cd "$dir"

npm install --silent --no-audit --no-fund auth0@7.1.0 @auth0/auth0-auth-js@1.16.1
cat >main.mjs <<'EOF'
import { generateKeyPairSync } from 'node:crypto'
import { AuthClient } from '@auth0/auth0-auth-js'
import { AuthenticationClient } from 'auth0/legacy'

const { privateKey } = generateKeyPairSync('rsa', {
	modulusLength: 2048, privateKeyEncoding: { type: 'pkcs8', format: 'pem' }, publicKeyEncoding: { type: 'spki', format: 'pem' },
})
let sent
const json = (body) => new Response(JSON.stringify(body), { headers: { 'content-type': 'application/json' } })
const fetch = async (url, init) => {
	if (String(url).includes('.well-known')) return json({ issuer: 'https://tenant.example/', token_endpoint: 'https://tenant.example/oauth/token' })
	sent.push(new URLSearchParams(init.body).get('client_assertion'))
	return json({ access_token: 'eyJ0', token_type: 'Bearer', expires_in: 60 })
}
const claims = (jwt) => JSON.parse(Buffer.from(jwt.split('.')[1], 'base64url'))
const { oauth } = new AuthenticationClient({ domain: 'tenant.example', clientId: 'app', clientAssertionSigningKey: privateKey, fetch })
const auth = new AuthClient({ domain: 'tenant.example', clientId: 'app', clientAssertionSigningKey: privateKey, customFetch: fetch })

async function twice(name, call, parameters) {
	sent = []
	await call(parameters)
	await call(parameters)
	const [first, second] = sent.map(claims)
	console.log(`${name}: same jti ${first.jti === second.jti}, parameters now ${Object.keys(parameters)}`)
	return first
}
const { iat, exp } = await twice('node-auth0', (p) => oauth.refreshTokenGrant(p), { refresh_token: 'v1.r' })
console.log(`it lives ${exp - iat} s`)
await twice('auth0-auth-js', (p) => auth.getTokenByRefreshToken(p), { refreshToken: 'v1.r' })
await oauth.refreshTokenGrant(Object.freeze({ refresh_token: 'v1.r' })).catch((e) => console.log(`frozen: ${e.name}: ${e.message}`))
EOF
node main.mjs >actual

diff -u --label expected --label actual - actual <<'EOF'
node-auth0: same jti true, parameters now refresh_token,client_assertion,client_assertion_type
it lives 120 s
auth0-auth-js: same jti false, parameters now refreshToken
frozen: TypeError: Cannot add property client_assertion, object is not extensible
EOF
