#!/usr/bin/env bash
# Software:  rsc.io/qr v0.2.0 with Go 1.26.8, beside github.com/skip2/go-qrcode
#
# Expected:  An encoder tries the eight data masks and takes the one with the lowest
#            penalty (ISO/IEC 18004, 7.8), so that different contents get different
#            masks.
# Behavior:  rsc.io/qr always takes mask 0. Its documentation does not say so.
# Output:    masks read from the format bits of 40 codes, at the end of this script.
# Why:       Its codes are valid, but carry the large even areas and false finder
#            patterns that masks are to avoid. If a code scans badly, another library
#            may scan well.
set -euo pipefail

dir=$(mktemp -d)
trap 'chmod -R u+w "$dir"; rm -rf "$dir"' EXIT
cd "$dir"
export GOTOOLCHAIN=go1.26.8 GOWORK=off GOFLAGS=-mod=mod

cat >main.go <<'EOF'
package main

import (
	"fmt"

	"github.com/skip2/go-qrcode"
	"rsc.io/qr"
)

// mask reads bits 12 to 10 of the format information beside the upper left finder pattern.
func mask(dark func(x, y int) bool) int {
	format := 0
	for _, at := range [][2]int{{0, 8}, {1, 8}, {2, 8}, {3, 8}, {4, 8}, {5, 8}, {7, 8}, {8, 8}, {8, 7}, {8, 5}, {8, 4}, {8, 3}, {8, 2}, {8, 1}, {8, 0}} {
		format <<= 1
		if dark(at[0], at[1]) {
			format |= 1
		}
	}
	return (format ^ 0x5412) >> 10 & 7
}

func main() {
	rsc, skip2 := map[int]int{}, map[int]int{}
	for i := range 40 {
		uri := fmt.Sprintf("otpauth://totp/Acme:user%d@example.com?secret=%032d&issuer=Acme", i, i*7919)
		code, err := qr.Encode(uri, qr.M)
		if err != nil {
			panic(err)
		}
		rsc[mask(code.Black)]++
		other, err := qrcode.New(uri, qrcode.Medium)
		if err != nil {
			panic(err)
		}
		other.DisableBorder = true
		bitmap := other.Bitmap()
		skip2[mask(func(x, y int) bool { return bitmap[y][x] })]++
	}
	fmt.Println("rsc.io/qr:", rsc)
	fmt.Println("skip2/go-qrcode:", skip2)
}
EOF
go mod init finding 2>go.log
go get rsc.io/qr@v0.2.0 github.com/skip2/go-qrcode@v0.0.0-20200617195104-da1b6568686e 2>>go.log || { cat go.log; exit 1; }
go run . >actual

diff -u --label expected --label actual - actual <<'EOF'
rsc.io/qr: map[0:40]
skip2/go-qrcode: map[0:12 2:4 3:12 6:1 7:11]
EOF
