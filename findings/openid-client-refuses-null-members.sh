#!/usr/bin/env bash
# Software:  openid-client 6.9.0 with Node.js 20, beside golang.org/x/oauth2 v0.38.0
#
# Expected:  A token response whose optional members are null, as serializers write
#            unset ones, counts as one without them. An empty refresh_token is no
#            refresh token.
# Behavior:  openid-client throws ClientError (OAUTH_INVALID_RESPONSE) for null in
#            scope, refresh_token, id_token or expires_in, and for an empty
#            refresh_token. The tokens that were issued are not in the error. x/oauth2
#            accepts all of them.
# Output:    the result for each response, at the end of this script.
# Why:       The one-time code is spent, and the user has to start over. A proxy or an
#            Action that adds a null is enough.
set -euo pipefail

dir=$(mktemp -d)
trap 'chmod -R u+w "$dir"; rm -rf "$dir"' EXIT
cd "$dir"
export GOTOOLCHAIN=go1.26.8 GOWORK=off GOFLAGS=-mod=mod

npm install --silent --no-audit --no-fund openid-client@6.9.0

cat >main.mjs <<'EOF'
import http from 'node:http'
import { spawn } from 'node:child_process'
import * as client from 'openid-client'

let body
const server = http.createServer((_, res) => {
	res.writeHead(200, { 'content-type': 'application/json' })
	res.end(body)
}).listen(0, '127.0.0.1', async () => {
	const url = `http://127.0.0.1:${server.address().port}/`
	const config = new client.Configuration({ issuer: url, token_endpoint: url }, 'app')
	client.allowInsecureRequests(config)
	for (const extra of ['"scope":""', '"scope":null', '"refresh_token":null', '"refresh_token":""', '"id_token":null', '"expires_in":null']) {
		body = `{"access_token":"eyJ0","token_type":"Bearer",${extra}}`
		let result
		try {
			await client.genericGrantRequest(config, 'http://auth0.com/oauth/grant-type/mfa-otp', { mfa_token: 'Fe26', otp: '123456' })
			result = 'tokens'
		} catch (e) {
			result = `${e.code} ${e.cause.message}`
		}
		const go = spawn('./finding', [url], { stdio: ['ignore', 'pipe', 'inherit'] })
		let other = ''
		for await (const chunk of go.stdout) other += chunk
		console.log(`${extra}: openid-client: ${result}; x/oauth2: ${other}`)
	}
	server.close()
})
EOF
cat >main.go <<'EOF'
package main

import (
	"context"
	"fmt"
	"os"

	"golang.org/x/oauth2"
)

func main() {
	config := oauth2.Config{ClientID: "app", Endpoint: oauth2.Endpoint{TokenURL: os.Args[1], AuthStyle: oauth2.AuthStyleInParams}}
	if _, err := config.Exchange(context.Background(), "code"); err != nil {
		fmt.Print(err)
		return
	}
	fmt.Print("tokens")
}
EOF
go mod init finding 2>go.log
go get golang.org/x/oauth2@v0.38.0 2>>go.log || { cat go.log; exit 1; }
go build -o finding .
node main.mjs >actual

diff -u --label expected --label actual - actual <<'EOF'
"scope":"": openid-client: tokens; x/oauth2: tokens
"scope":null: openid-client: OAUTH_INVALID_RESPONSE "response" body "scope" property must be a string; x/oauth2: tokens
"refresh_token":null: openid-client: OAUTH_INVALID_RESPONSE "response" body "refresh_token" property must be a string; x/oauth2: tokens
"refresh_token":"": openid-client: OAUTH_INVALID_RESPONSE "response" body "refresh_token" property must not be empty; x/oauth2: tokens
"id_token":null: openid-client: OAUTH_INVALID_RESPONSE "response" body "id_token" property must be a string; x/oauth2: tokens
"expires_in":null: openid-client: OAUTH_INVALID_RESPONSE "response" body "expires_in" property must be a number; x/oauth2: tokens
EOF
