#!/usr/bin/env bash
# Software:  openid-client 6.9.0 with Node.js 20, beside golang.org/x/oauth2 v0.38.0
#            with Go 1.26.8
#
# Expected:  Two OAuth clients send the same id and secret as the same Authorization
#            header: RFC 6749, 2.3.1, has both form-encoded, which leaves letters,
#            digits and "-", "_" and "." as they are.
# Behavior:  openid-client writes "-", "_" and "." as %2D, %5F and %2E too. x/oauth2
#            does not.
# Output:    the decoded header of each, at the end of this script.
# Why:       Servers and test doubles that compare without decoding, as many do, work
#            with Go clients and refuse JavaScript ones with the same credentials.
set -euo pipefail

dir=$(mktemp -d)
trap 'chmod -R u+w "$dir"; rm -rf "$dir"' EXIT
cd "$dir"
export GOTOOLCHAIN=go1.26.8 GOWORK=off GOFLAGS=-mod=mod

npm install --silent --no-audit --no-fund openid-client@6.9.0

cat >main.mjs <<'EOF'
import http from 'node:http'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import * as client from 'openid-client'

let name
const server = http.createServer((req, res) => {
	console.log(name, Buffer.from(req.headers.authorization.replace('Basic ', ''), 'base64').toString())
	res.writeHead(200, { 'content-type': 'application/json' })
	res.end('{"access_token":"eyJ0","token_type":"Bearer"}')
}).listen(0, '127.0.0.1', async () => {
	const url = `http://127.0.0.1:${server.address().port}/`
	const config = new client.Configuration({ issuer: url, token_endpoint: url }, 'my-app_1.x', undefined, client.ClientSecretBasic('s-e_c.r*e t'))
	client.allowInsecureRequests(config)
	name = 'openid-client'
	await client.genericGrantRequest(config, 'password', { username: 'ada@example.com', password: 'pw' })
	name = 'x/oauth2'
	await once(spawn('./finding', [url], { stdio: 'inherit' }), 'exit')
	server.close()
})
EOF
cat >main.go <<'EOF'
package main

import (
	"context"
	"os"

	"golang.org/x/oauth2"
)

func main() {
	config := oauth2.Config{ClientID: "my-app_1.x", ClientSecret: "s-e_c.r*e t", Endpoint: oauth2.Endpoint{TokenURL: os.Args[1], AuthStyle: oauth2.AuthStyleInHeader}}
	if _, err := config.PasswordCredentialsToken(context.Background(), "ada@example.com", "pw"); err != nil {
		panic(err)
	}
}
EOF
go mod init finding 2>go.log
go get golang.org/x/oauth2@v0.38.0 2>>go.log || { cat go.log; exit 1; }
go build -o finding .
node main.mjs >actual

diff -u --label expected --label actual - actual <<'EOF'
openid-client my%2Dapp%5F1%2Ex:s%2De%5Fc%2Er%2Ae+t
x/oauth2 my-app_1.x:s-e_c.r%2Ae+t
EOF
