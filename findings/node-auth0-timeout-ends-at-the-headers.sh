#!/usr/bin/env bash
# Software:  auth0 (node-auth0) 7.1.0 with Node.js 20, beside openid-client 6.9.0
#
# Expected:  timeoutDuration, "Timeout in ms before aborting the request", limits the
#            request until its response is there.
# Behavior:  AuthenticationClient (auth0/legacy) stops the clock when the headers have
#            arrived. A body that takes longer is waited for without a limit. openid-client
#            limits the body, too, but calls the timeout a parse error.
# Output:    what each client makes of a body that stops after its first byte until a
#            time far beyond the limit, at the end of this script.
# Why:       Behind a proxy that sends headers early, a frozen server holds every request
#            for as long as the connection lives.
set -euo pipefail

dir=$(mktemp -d)
trap 'chmod -R u+w "$dir"; rm -rf "$dir"' EXIT
cd "$dir"

npm install --silent --no-audit --no-fund auth0@7.1.0 openid-client@6.9.0
cat >main.mjs <<'EOF'
import http from 'node:http'
import { AuthenticationClient } from 'auth0/legacy'
import * as client from 'openid-client'

const body = '{"access_token":"eyJ0","token_type":"Bearer","expires_in":60}'
let headersFirst
const server = http.createServer((_, res) => {
	const begin = () => {
		res.writeHead(200, { 'content-type': 'application/json' })
		res.write(body.slice(0, 1))
	}
	if (headersFirst) begin()
	setTimeout(() => {
		if (!headersFirst) begin()
		res.end(body.slice(1))
	}, 4000)
}).listen(0, '127.0.0.1', async () => {
	const url = `http://127.0.0.1:${server.address().port}/`
	const { oauth } = new AuthenticationClient({
		domain: 'tenant.example', clientId: 'app', clientSecret: 's', timeoutDuration: 1000, fetch: (_, init) => fetch(url, init),
	})
	const config = new client.Configuration({ issuer: url, token_endpoint: url }, 'app', 's')
	client.allowInsecureRequests(config)
	config.timeout = 1
	for (headersFirst of [false, true]) {
		console.log(headersFirst ? 'the body is late' : 'the headers are late')
		console.log('  node-auth0:', await oauth.refreshTokenGrant({ refresh_token: 'v1.r' }).then(() => 'tokens', (e) => `${e.constructor.name}, cause ${e.cause?.constructor.name}`))
		console.log('  openid-client:', await client.refreshTokenGrant(config, 'v1.r').then(() => 'tokens', (e) => e.code))
	}
	server.close()
	server.closeAllConnections()
})
EOF
node main.mjs >actual

diff -u --label expected --label actual - actual <<'EOF'
the headers are late
  node-auth0: FetchError, cause TimeoutError
  openid-client: OAUTH_TIMEOUT
the body is late
  node-auth0: tokens
  openid-client: OAUTH_PARSE_ERROR
EOF
