package ui

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
)

// The picture has a finder pattern in three corners, a quiet zone, and nothing of the
// text.
func TestDrawQR(t *testing.T) {
	t.Parallel()
	const uri = "otpauth://totp/tenant:ada?secret=GEZDGNBVGY3TQOJQ&issuer=tenant"
	svg := string(drawQR(mfa.NewSecret(uri)))
	assert.NotContains(t, svg, "GEZDGNBVGY3TQOJQ")
	box := regexp.MustCompile(`viewBox="0 0 (\d+) (\d+)"`).FindStringSubmatch(svg)
	require.NotNil(t, box)
	assert.Equal(t, "45", box[1]) // version 5 has 37 modules
	assert.Equal(t, box[1], box[2])
	for _, corner := range []string{"M4 4h1v1h-1z", "M40 4h1v1h-1z", "M4 40h1v1h-1z"} {
		assert.Contains(t, svg, corner)
	}
	assert.NotRegexp(t, `M[0-3] \d+h1|M\d+ [0-3]h1|M4[1-9] |M\d+ 4[1-9]h1`, svg, "the quiet zone")

	assert.Empty(t, drawQR(mfa.Secret{}))
	assert.Empty(t, drawQR(mfa.NewSecret(strings.Repeat("x", 5000))))
}
