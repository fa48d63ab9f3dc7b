#!/usr/bin/env bash
# Software:  otpauth 9.5.2 with Node.js 20, beside github.com/pquerna/otp v1.5.0 with Go
#            1.26.8
#
# Expected:  The issuer of an otpauth URI is read the same way by all parsers, however a
#            space was escaped.
# Behavior:  URIs built with url.Values of Go or URLSearchParams write a space as "+".
#            The Go package reads it back as a space, the JavaScript one keeps the plus.
# Output:    the issuer read from three spellings, at the end of this script.
# Why:       The app lists the account as "Acme+Inc". Two spellings of one issuer make
#            two entries, of which the older one gives wrong codes. Write %20.
set -euo pipefail

dir=$(mktemp -d)
trap 'chmod -R u+w "$dir"; rm -rf "$dir"' EXIT
cd "$dir"
export GOTOOLCHAIN=go1.26.8 GOWORK=off GOFLAGS=-mod=mod

npm install --silent --no-audit --no-fund otpauth@9.5.2

cat >main.mjs <<'EOF'
import { URI } from 'otpauth'

const base = 'otpauth://totp/ada@example.com?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&'
for (const query of process.argv.slice(2)) console.log('otpauth', query, '->', URI.parse(base + query).issuer)
console.log('URLSearchParams writes', new URLSearchParams({ issuer: 'Acme Inc' }).toString())
EOF
cat >main.go <<'EOF'
package main

import (
	"fmt"
	"net/url"
	"os"

	"github.com/pquerna/otp"
)

func main() {
	for _, query := range os.Args[1:] {
		key, err := otp.NewKeyFromURL("otpauth://totp/ada@example.com?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&" + query)
		if err != nil {
			panic(err)
		}
		fmt.Println("pquerna/otp", query, "->", key.Issuer())
	}
	fmt.Println("url.Values writes", url.Values{"issuer": {"Acme Inc"}}.Encode())
}
EOF
go mod init finding 2>go.log
go get github.com/pquerna/otp@v1.5.0 2>>go.log || { cat go.log; exit 1; }
queries=(issuer=Acme%20Inc issuer=Acme+Inc issuer=Acme%2BInc)
{
	go run . "${queries[@]}"
	node main.mjs "${queries[@]}"
} >actual

diff -u --label expected --label actual - actual <<'EOF'
pquerna/otp issuer=Acme%20Inc -> Acme Inc
pquerna/otp issuer=Acme+Inc -> Acme Inc
pquerna/otp issuer=Acme%2BInc -> Acme+Inc
url.Values writes issuer=Acme+Inc
otpauth issuer=Acme%20Inc -> Acme Inc
otpauth issuer=Acme+Inc -> Acme+Inc
otpauth issuer=Acme%2BInc -> Acme+Inc
URLSearchParams writes issuer=Acme+Inc
EOF
