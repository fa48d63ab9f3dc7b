#!/usr/bin/env bash
# Software:  @auth0/auth0-auth-js 1.16.1 with Node.js 20
#
# Expected:  The list of authenticators says how each out-of-band one is reached: the
#            type AuthenticatorResponse has oobChannels, an array.
# Behavior:  A tenant sends oob_channel, a string, as the recorded responses in the
#            tests of github.com/auth0/go-auth0 show. The package reads oob_channels, so
#            the field is undefined for every authenticator.
# Output:    one authenticator as the tenant sends it and as the package returns it, at
#            the end of this script.
# Why:       An app cannot tell e-mail from SMS or push but by the prefix of the id, and
#            that is not documented as a channel.
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

const listed = { id: 'email|dev_0000000000000001', authenticator_type: 'oob', active: true, oob_channel: 'email', name: 'a***@exam*******' }
console.log('sent', JSON.stringify(listed))
const [got] = await client(() => json(200, [listed])).mfa.listAuthenticators({ mfaToken: 'Fe26' })
console.log('returned', JSON.stringify(got), 'oobChannels:', got.oobChannels)
EOF
node main.mjs >actual

diff -u --label expected --label actual - actual <<'EOF'
sent {"id":"email|dev_0000000000000001","authenticator_type":"oob","active":true,"oob_channel":"email","name":"a***@exam*******"}
returned {"id":"email|dev_0000000000000001","authenticatorType":"oob","active":true,"name":"a***@exam*******"} oobChannels: undefined
EOF
