#!/usr/bin/env bash
# Software:  github.com/pquerna/otp v1.5.0 with Go 1.26.8, beside otpauth 9.5.2 with
#            Node.js 20
#
# Expected:  NewKeyFromURL fails for what it cannot use: its documentation speaks of
#            creating a key from a TOTP or HOTP URL.
# Behavior:  It accepts every URL that net/url parses, https included. An algorithm or
#            number of digits that it does not know becomes SHA1 and 6, without an
#            error. otpauth refuses both.
# Output:    what each of them makes of four URIs, at the end of this script.
# Why:       "SHA-256" and "HmacSHA256" occur in the wild. The key is stored, the codes
#            are wrong, and the user is told so at the last step of enrollment.
set -euo pipefail

dir=$(mktemp -d)
trap 'chmod -R u+w "$dir"; rm -rf "$dir"' EXIT
cd "$dir"
export GOTOOLCHAIN=go1.26.8 GOWORK=off GOFLAGS=-mod=mod

npm install --silent --no-audit --no-fund otpauth@9.5.2

cat >main.mjs <<'EOF'
import { URI } from 'otpauth'

for (const uri of process.argv.slice(2)) {
	try {
		const { algorithm, digits } = URI.parse(uri)
		console.log('otpauth', uri, algorithm, digits)
	} catch (e) {
		console.log('otpauth', uri, e.message)
	}
}
EOF
cat >main.go <<'EOF'
package main

import (
	"fmt"
	"os"

	"github.com/pquerna/otp"
)

func main() {
	for _, uri := range os.Args[1:] {
		key, err := otp.NewKeyFromURL(uri)
		if err != nil {
			fmt.Println("pquerna/otp", uri, err)
			continue
		}
		fmt.Println("pquerna/otp", uri, key.Type(), key.Algorithm(), key.Digits())
	}
}
EOF
go mod init finding 2>go.log
go get github.com/pquerna/otp@v1.5.0 2>>go.log || { cat go.log; exit 1; }
uris=(
	"otpauth://totp/a?secret=JBSWY3DPEHPK3PXP&algorithm=SHA256&digits=8"
	"otpauth://totp/a?secret=JBSWY3DPEHPK3PXP&algorithm=SHA-256"
	"otpauth://totp/a?secret=JBSWY3DPEHPK3PXP&digits=eight"
	"https://example.com/a?secret=JBSWY3DPEHPK3PXP"
)
{
	go run . "${uris[@]}"
	node main.mjs "${uris[@]}"
} >actual

diff -u --label expected --label actual - actual <<'EOF'
pquerna/otp otpauth://totp/a?secret=JBSWY3DPEHPK3PXP&algorithm=SHA256&digits=8 totp SHA256 8
pquerna/otp otpauth://totp/a?secret=JBSWY3DPEHPK3PXP&algorithm=SHA-256 totp SHA1 6
pquerna/otp otpauth://totp/a?secret=JBSWY3DPEHPK3PXP&digits=eight totp SHA1 6
pquerna/otp https://example.com/a?secret=JBSWY3DPEHPK3PXP example.com SHA1 6
otpauth otpauth://totp/a?secret=JBSWY3DPEHPK3PXP&algorithm=SHA256&digits=8 SHA256 8
otpauth otpauth://totp/a?secret=JBSWY3DPEHPK3PXP&algorithm=SHA-256 Invalid 'algorithm' parameter
otpauth otpauth://totp/a?secret=JBSWY3DPEHPK3PXP&digits=eight Invalid 'digits' parameter
otpauth https://example.com/a?secret=JBSWY3DPEHPK3PXP Invalid URI format
EOF
