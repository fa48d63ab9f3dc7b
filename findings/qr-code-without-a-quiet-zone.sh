#!/usr/bin/env bash
# Software:  github.com/pquerna/otp v1.5.0, which draws with
#            github.com/boombuler/barcode v1.1.0, with Go 1.26.8
#
# Expected:  Key.Image draws a code that can be scanned at the size asked for, with the
#            quiet zone of 4 modules that ISO/IEC 18004 requires.
# Behavior:  The margin is what is left over by integer scaling: from none to several
#            modules, as the size asked for has it. The documentation says nothing about
#            it.
# Output:    margin at several sizes, at the end of this script.
# Why:       On a white page it works by luck. On a dark page or in a frame phones do
#            not find the code, and a longer address changes which sizes work. Draw a
#            border.
set -euo pipefail

dir=$(mktemp -d)
trap 'chmod -R u+w "$dir"; rm -rf "$dir"' EXIT
cd "$dir"
export GOTOOLCHAIN=go1.26.8 GOWORK=off GOFLAGS=-mod=mod

cat >main.go <<'EOF'
package main

import (
	"fmt"
	"image"

	"github.com/pquerna/otp"
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
	key, err := otp.NewKeyFromURL("otpauth://totp/Acme:ada@example.com?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Acme")
	if err != nil {
		panic(err)
	}
	for _, size := range []int{164, 200, 250, 300, 328} {
		img, err := key.Image(size, size)
		if err != nil {
			panic(err)
		}
		report("Key.Image", img)
	}
}
EOF
go mod init finding 2>go.log
go get github.com/pquerna/otp@v1.5.0 github.com/boombuler/barcode@v1.1.0 2>>go.log || { cat go.log; exit 1; }
go run . >actual

diff -u --label expected --label actual - actual <<'EOF'
Key.Image: 164 pixels, module 4, margin 0.0 modules
Key.Image: 200 pixels, module 4, margin 4.5 modules
Key.Image: 250 pixels, module 6, margin 0.3 modules
Key.Image: 300 pixels, module 7, margin 0.9 modules
Key.Image: 328 pixels, module 8, margin 0.0 modules
EOF
