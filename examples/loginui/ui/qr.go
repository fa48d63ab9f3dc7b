package ui

import (
	"fmt"
	"strings"

	"rsc.io/qr"

	"github.com/go-auth0-mfa/mfa"
)

// picture is a QR code for an SVG in the page, so that the secret in it is in no address of
// an image.
type picture struct {
	Side int    // with the border
	Dark string // a path along the dark modules, with a stroke as wide as one
}

// drawQR draws a QR code of the text that sets up an app. It returns nil if there is no
// such text, or if it is too long: the page shows the key as well.
func drawQR(text mfa.Secret) *picture {
	code, err := qr.Encode(text.Reveal(), qr.M)
	if text.IsZero() || err != nil {
		return nil
	}
	const quiet = 4 // modules around it, as the standard wants
	var dark strings.Builder
	for y := range code.Size {
		for x := 0; x < code.Size; x++ {
			start := x
			for code.Black(x, y) { // outside of the code it is false
				x++
			}
			if x > start {
				fmt.Fprintf(&dark, "M%d %d.5h%d", start+quiet, y+quiet, x-start)
			}
		}
	}
	return &picture{Side: code.Size + 2*quiet, Dark: dark.String()}
}
