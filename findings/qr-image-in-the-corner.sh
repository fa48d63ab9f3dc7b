#!/usr/bin/env bash
# Software:  rsc.io/qr v0.2.0 with Go 1.26.8
#
# Expected:  Code.Image and Code.PNG give the same picture of the same code, 8 pixels a
#            module with a quiet zone of 4 modules.
# Behavior:  Code.Image has the size of the PNG, but its At does not scale: the code is
#            one pixel a module in the upper left corner, without a quiet zone, and the
#            rest is white.
# Output:    size, module and margin of both, at the end of this script.
# Why:       Everything that takes an image.Image (a resizer, an encoder for SVG or
#            terminals, a template with a logo) shows an enrollment code that phones do
#            not find.
set -euo pipefail

dir=$(mktemp -d)
trap 'chmod -R u+w "$dir"; rm -rf "$dir"' EXIT
cd "$dir"
export GOTOOLCHAIN=go1.26.8 GOWORK=off GOFLAGS=-mod=mod

cat >main.go <<'EOF'
package main

import (
	"bytes"
	"fmt"
	"image"
	"image/png"

	"rsc.io/qr"
)

func dark(img image.Image, x, y int) bool {
	r, _, _, _ := img.At(x, y).RGBA()
	return r < 0x8000
}

// report measures the margin, and the module by the finder pattern, which is 7 modules wide.
func report(name string, img image.Image) {
	size := img.Bounds().Dx()
	for at := range size {
		if !dark(img, at, at) {
			continue
		}
		width := 0
		for at+width < size && dark(img, at+width, at) {
			width++
		}
		fmt.Printf("%s: %d pixels, module %d, margin %.1f modules\n", name, size, width/7, float64(at)*7/float64(width))
		return
	}
}

func main() {
	code, err := qr.Encode("otpauth://totp/Acme:ada@example.com?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Acme", qr.M)
	if err != nil {
		panic(err)
	}
	fmt.Println("modules:", code.Size)
	report("Image", code.Image())
	img, err := png.Decode(bytes.NewReader(code.PNG()))
	if err != nil {
		panic(err)
	}
	report("PNG", img)
}
EOF
go mod init finding 2>go.log
go get rsc.io/qr@v0.2.0 2>>go.log || { cat go.log; exit 1; }
go run . >actual

diff -u --label expected --label actual - actual <<'EOF'
modules: 41
Image: 392 pixels, module 1, margin 0.0 modules
PNG: 392 pixels, module 8, margin 4.0 modules
EOF
