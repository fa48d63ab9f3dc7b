#!/usr/bin/env bash
# Software:  github.com/nyaruka/phonenumbers v1.8.1 with Go 1.26.8, beside
#            libphonenumber-js 1.13.16
#
# Expected:  Text behind a phone number is ignored or refused, as libphonenumber-js
#            does.
# Behavior:  A word of three letters or more is dialed by the keys of a telephone: the
#            number becomes longer, Parse reports no error, and Format gives it as
#            E.164. IsValidNumber is false.
# Output:    the parsed numbers, at the end of this script.
# Why:       An SMS enrollment that sends whatever Parse accepts asks the tenant to text
#            a number that does not exist. Check IsValidNumber as well.
set -euo pipefail

dir=$(mktemp -d)
trap 'chmod -R u+w "$dir"; rm -rf "$dir"' EXIT
cd "$dir"
export GOTOOLCHAIN=go1.26.8 GOWORK=off GOFLAGS=-mod=mod

cat >main.go <<'EOF'
package main

import (
	"fmt"
	"os"

	"github.com/nyaruka/phonenumbers"
)

func main() {
	for _, text := range os.Args[1:] {
		n, err := phonenumbers.Parse(text, "US")
		if err != nil {
			fmt.Println("go", text, err)
			continue
		}
		fmt.Println("go", text, phonenumbers.Format(n, phonenumbers.E164), "valid:", phonenumbers.IsValidNumber(n))
	}
}
EOF
go mod init finding 2>go.log
go get github.com/nyaruka/phonenumbers@v1.8.1 2>>go.log || { cat go.log; exit 1; }
npm install --silent --no-audit --no-fund libphonenumber-js@1.13.16
cat >main.mjs <<'EOF'
import { parsePhoneNumberFromString } from 'libphonenumber-js/max'
for (const text of process.argv.slice(2)) {
	const n = parsePhoneNumberFromString(text, 'US')
	console.log('js', text, n ? `${n.number} valid: ${n.isValid()}` : n)
}
EOF
numbers=("+1 202-555-0100" "+1 202-555-0100 home" "+1 202-555-0100 my work" "Phone: +1 202-555-0100")
go run . "${numbers[@]}" >actual
node main.mjs "${numbers[@]}" >>actual

diff -u --label expected --label actual - actual <<'EOF'
go +1 202-555-0100 +12025550100 valid: true
go +1 202-555-0100 home +120255501004663 valid: false
go +1 202-555-0100 my work +12025550100699675 valid: false
go Phone: +1 202-555-0100 +12025550100 valid: true
js +1 202-555-0100 +12025550100 valid: true
js +1 202-555-0100 home +12025550100 valid: true
js +1 202-555-0100 my work +12025550100 valid: true
js Phone: +1 202-555-0100 +12025550100 valid: true
EOF
