package ui

import (
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/go-auth0-mfa/mfa"
)

// The picture has a finder pattern in three corners, a quiet zone, and nothing of the
// text.
func TestDrawQR(t *testing.T) {
	t.Parallel()
	const uri = "otpauth://totp/tenant:ada?secret=GEZDGNBVGY3TQOJQ&issuer=tenant"
	picture := drawQR(mfa.NewSecret(uri))
	assert.NotContains(t, picture.Dark, "GEZDGNBVGY3TQOJQ")
	assert.Equal(t, 45, picture.Side) // version 5 has 37 modules
	for _, corner := range []string{"M4 4.5h7M", "M34 4.5h7M", "M4 34.5h7M", "M4 40.5h7M"} {
		assert.Contains(t, picture.Dark, corner)
	}
	assert.NotRegexp(t, `M[0-3] |M\d+ [0-3]\.|M4[1-9] |M\d+ 4[1-9]\.`, picture.Dark, "the quiet zone")
	for _, line := range regexp.MustCompile(`M(\d+) \d+\.5h(\d+)`).FindAllStringSubmatch(picture.Dark, -1) {
		start, _ := strconv.Atoi(line[1])
		length, _ := strconv.Atoi(line[2])
		assert.LessOrEqual(t, start+length, 41, "the quiet zone")
	}

	assert.Empty(t, drawQR(mfa.Secret{}))
	assert.Empty(t, drawQR(mfa.NewSecret(strings.Repeat("x", 5000))))
}
