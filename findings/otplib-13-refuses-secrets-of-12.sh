#!/usr/bin/env bash
# Software:  otplib 13.5.0 with Node.js 20, beside otplib 12.0.1
#
# Expected:  A new version refuses to make short secrets. The codes of secrets that
#            exist are made and verified as before.
# Behavior:  generate and verify of 13 throw for every secret under 16 bytes. The
#            secrets that 12 made by default have 10.
# Output:    the length of a secret made by each, and what each does with one of 10 and
#            one of 20 bytes, at the end of this script.
# Why:       Everybody who enrolled before the upgrade is locked out, with an error that
#            is no wrong code. New users and new tests pass. The limit is the option
#            guardrails.
set -euo pipefail

dir=$(mktemp -d)
trap 'chmod -R u+w "$dir"; rm -rf "$dir"' EXIT
cd "$dir"

npm install --silent --no-audit --no-fund otplib@13.5.0 otplib12@npm:otplib@12.0.1
cat >main.mjs <<'EOF'
import * as v13 from 'otplib'
import v12 from 'otplib12'

const old = v12.authenticator.clone({ epoch: 59_000 })
console.log('made by 12:', v12.authenticator.generateSecret().length, 'characters')
console.log('made by 13:', v13.generateSecret().length, 'characters')
const attempt = async f => {
	try {
		return await f()
	} catch (error) {
		return `${error.name}: ${error.message}`
	}
}
const guardrails = v13.createGuardrails({ MIN_SECRET_BYTES: 10 })
for (const secret of ['JBSWY3DPEHPK3PXP', 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP']) {
	const token = old.generate(secret)
	console.log(secret)
	console.log('\t12', await attempt(() => token), await attempt(() => old.check(token, secret)))
	console.log('\t13', await attempt(() => v13.generate({ secret, epoch: 59 })), await attempt(async () => (await v13.verify({ secret, token, epoch: 59 })).valid))
	console.log('\t13 with guardrails', await attempt(async () => (await v13.verify({ secret, token, epoch: 59, guardrails })).valid))
}
EOF
node main.mjs >actual

diff -u --label expected --label actual - actual <<'EOF'
made by 12: 16 characters
made by 13: 32 characters
JBSWY3DPEHPK3PXP
	12 996554 true
	13 SecretTooShortError: Secret must be at least 16 bytes (128 bits), got 10 bytes SecretTooShortError: Secret must be at least 16 bytes (128 bits), got 10 bytes
	13 with guardrails true
JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP
	12 503347 true
	13 503347 true
	13 with guardrails true
EOF
