#!/usr/bin/env bash
# Software:  openid-client 6.9.0 with Node.js 20, beside golang.org/x/oauth2 v0.38.0
#
# Expected:  The error of a token endpoint is read from the body. RFC 6749, section 5.2,
#            has a WWW-Authenticate header beside the body where a client authenticated
#            with HTTP Basic.
# Behavior:  Whatever the status is, a WWW-Authenticate header makes openid-client throw
#            WWWAuthenticateChallengeError instead of ResponseBodyError. It has no error,
#            no error_description and no mfa_token; the body is left unread in its
#            response. x/oauth2 reads the body.
# Output:    the error for each response, at the end of this script.
# Why:       A gateway that adds the header, or a server that follows the RFC, turns
#            mfa_required and invalid_client into an error without a code.
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

const cases = [
	[401, undefined, 'invalid_client'],
	[401, 'Basic realm="tenant"', 'invalid_client'],
	[403, undefined, 'mfa_required'],
	[403, 'Bearer', 'mfa_required'],
]
let status, challenge, code
const server = http.createServer((_, res) => {
	res.writeHead(status, { 'content-type': 'application/json', ...(challenge && { 'www-authenticate': challenge }) })
	res.end(JSON.stringify({ error: code, mfa_token: 'Fe26' }))
}).listen(0, '127.0.0.1', async () => {
	const url = `http://127.0.0.1:${server.address().port}/`
	const config = new client.Configuration({ issuer: url, token_endpoint: url }, 'app', undefined, client.ClientSecretBasic('s'))
	client.allowInsecureRequests(config)
	for ([status, challenge, code] of cases) {
		const e = await client.genericGrantRequest(config, 'password', { username: 'ada', password: 'p' }).catch((e) => e)
		const go = spawn('./finding', [url], { stdio: ['ignore', 'pipe', 'inherit'] })
		let other = ''
		for await (const chunk of go.stdout) other += chunk
		console.log(`${status} ${challenge}: openid-client: ${e.constructor.name} error ${e.error} mfa_token ${e.cause.mfa_token}; x/oauth2: ${other}`)
	}
	server.close()
})
EOF
cat >main.go <<'EOF'
package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"golang.org/x/oauth2"
)

func main() {
	config := oauth2.Config{ClientID: "app", Endpoint: oauth2.Endpoint{TokenURL: os.Args[1], AuthStyle: oauth2.AuthStyleInHeader}}
	_, err := config.PasswordCredentialsToken(context.Background(), "ada", "p")
	var failed *oauth2.RetrieveError
	if errors.As(err, &failed) {
		fmt.Print(failed.ErrorCode)
	}
}
EOF
go mod init finding 2>go.log
go get golang.org/x/oauth2@v0.38.0 2>>go.log || { cat go.log; exit 1; }
go build -o finding .
node main.mjs >actual

diff -u --label expected --label actual - actual <<'EOF'
401 undefined: openid-client: ResponseBodyError error invalid_client mfa_token Fe26; x/oauth2: invalid_client
401 Basic realm="tenant": openid-client: WWWAuthenticateChallengeError error undefined mfa_token undefined; x/oauth2: invalid_client
403 undefined: openid-client: ResponseBodyError error mfa_required mfa_token Fe26; x/oauth2: mfa_required
403 Bearer: openid-client: WWWAuthenticateChallengeError error undefined mfa_token undefined; x/oauth2: mfa_required
EOF
