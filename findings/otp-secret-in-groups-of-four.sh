#!/usr/bin/env bash
# Software:  speakeasy 2.0.0 with Node.js 20, beside otpauth 9.5.2, otplib 13.5.0 and
#            github.com/pquerna/otp v1.5.0 with Go 1.26.8
#
# Expected:  A secret in groups of four, as pages show it for typing, is read without
#            its spaces, or is an error.
# Behavior:  speakeasy makes codes of another secret without an error, with spaces or
#            dashes. otpauth reads it without the spaces, but refuses dashes. otplib and
#            pquerna/otp refuse both.
# Output:    the code for the secret in four spellings, at the end of this script.
# Why:       Every code of an app that was set up by copying the secret is wrong, with
#            nothing that says why. Remove spaces and dashes first.
set -euo pipefail

dir=$(mktemp -d)
trap 'chmod -R u+w "$dir"; rm -rf "$dir"' EXIT
cd "$dir"
export GOTOOLCHAIN=go1.26.8 GOWORK=off GOFLAGS=-mod=mod

npm install --silent --no-audit --no-fund speakeasy@2.0.0 otpauth@9.5.2 otplib@13.5.0
cat >main.mjs <<'EOF'
import { TOTP } from 'otpauth'
import { generate } from 'otplib'
import speakeasy from 'speakeasy'

const makers = {
	speakeasy: secret => speakeasy.totp({ secret, encoding: 'base32', time: 59 }),
	otpauth: secret => new TOTP({ secret }).generate({ timestamp: 59_000 }),
	otplib: secret => generate({ secret, epoch: 59 }),
}
for (const secret of process.argv.slice(2)) {
	for (const [name, make] of Object.entries(makers)) {
		let code = 'error'
		try {
			code = await make(secret)
		} catch {}
		console.log(`${name}: ${secret} -> ${code}`)
	}
}
EOF
cat >main.go <<'EOF'
package main

import (
	"fmt"
	"os"
	"time"

	"github.com/pquerna/otp/totp"
)

func main() {
	for _, secret := range os.Args[1:] {
		code, err := totp.GenerateCode(secret, time.Unix(59, 0))
		if err != nil {
			code = "error"
		}
		fmt.Printf("pquerna/otp: %s -> %s\n", secret, code)
	}
}
EOF
go mod init finding 2>go.log
go get github.com/pquerna/otp@v1.5.0 2>>go.log || { cat go.log; exit 1; }
secrets=("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP" "jbswy3dpehpk3pxpjbswy3dpehpk3pxp" "JBSW Y3DP EHPK 3PXP JBSW Y3DP EHPK 3PXP" "JBSW-Y3DP-EHPK-3PXP-JBSW-Y3DP-EHPK-3PXP")
{
	node main.mjs "${secrets[@]}"
	go run . "${secrets[@]}"
} >actual

diff -u --label expected --label actual - actual <<'EOF'
speakeasy: JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP -> 503347
otpauth: JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP -> 503347
otplib: JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP -> 503347
speakeasy: jbswy3dpehpk3pxpjbswy3dpehpk3pxp -> 503347
otpauth: jbswy3dpehpk3pxpjbswy3dpehpk3pxp -> 503347
otplib: jbswy3dpehpk3pxpjbswy3dpehpk3pxp -> 503347
speakeasy: JBSW Y3DP EHPK 3PXP JBSW Y3DP EHPK 3PXP -> 245171
otpauth: JBSW Y3DP EHPK 3PXP JBSW Y3DP EHPK 3PXP -> 503347
otplib: JBSW Y3DP EHPK 3PXP JBSW Y3DP EHPK 3PXP -> error
speakeasy: JBSW-Y3DP-EHPK-3PXP-JBSW-Y3DP-EHPK-3PXP -> 245171
otpauth: JBSW-Y3DP-EHPK-3PXP-JBSW-Y3DP-EHPK-3PXP -> error
otplib: JBSW-Y3DP-EHPK-3PXP-JBSW-Y3DP-EHPK-3PXP -> error
pquerna/otp: JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP -> 503347
pquerna/otp: jbswy3dpehpk3pxpjbswy3dpehpk3pxp -> 503347
pquerna/otp: JBSW Y3DP EHPK 3PXP JBSW Y3DP EHPK 3PXP -> error
pquerna/otp: JBSW-Y3DP-EHPK-3PXP-JBSW-Y3DP-EHPK-3PXP -> error
EOF
