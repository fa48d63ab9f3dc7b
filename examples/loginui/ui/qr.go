package ui

import (
	"fmt"
	"html/template"
	"strings"

	"rsc.io/qr"

	"github.com/go-auth0-mfa/mfa"
)

// drawQR draws a QR code of the text that sets up an app. It is part of the page, so that
// the secret in it is in no address of a picture. It is empty if there is no such text,
// or if it is too long.
func drawQR(text mfa.Secret) template.HTML {
	code, err := qr.Encode(text.Reveal(), qr.M)
	if text.IsZero() || err != nil {
		return "" // the page shows the key as well
	}
	const quiet = 4 // modules around it, as the standard wants
	side := code.Size + 2*quiet
	var dark strings.Builder
	for y := range code.Size {
		for x := range code.Size {
			if code.Black(x, y) {
				fmt.Fprintf(&dark, "M%d %dh1v1h-1z", x+quiet, y+quiet)
			}
		}
	}
	return template.HTML(fmt.Sprintf( //nolint:gosec // it holds numbers only
		`<svg class="qr" viewBox="0 0 %d %d" role="img" aria-label="QR code for your app" shape-rendering="crispEdges">`+
			`<path fill="#fff" d="M0 0h%dv%dH0z"/><path d="%s"/></svg>`, side, side, side, side, dark.String()))
}
