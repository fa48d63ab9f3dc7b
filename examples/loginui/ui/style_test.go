package ui

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Text has the contrast that WCAG 2 asks for at level AA, and so have the borders of
// fields and the focus, in the light and in the dark.
func TestStyle_hasEnoughContrast(t *testing.T) {
	t.Parallel()
	style, err := staticFiles.ReadFile("static/style.css")
	require.NoError(t, err)
	light, dark, found := strings.Cut(string(style), "@media (prefers-color-scheme: dark)")
	require.True(t, found)
	dark, _, found = strings.Cut(dark, "\n}\n") // more rules follow
	require.True(t, found)
	colors := map[string]float64{}
	for _, theme := range []string{light, dark} {
		for _, variable := range regexp.MustCompile(`--([a-z-]+): #([0-9a-f]{3,6});`).FindAllStringSubmatch(theme, -1) {
			colors[variable[1]] = luminance(t, variable[2])
		}
		for pair, least := range map[string]float64{
			"ink card": 4.5, "ink page": 4.5, "soft card": 4.5, "soft page": 4.5, "accent card": 4.5, "accent page": 4.5,
			"on-accent accent": 4.5, "on-danger danger": 4.5, "danger danger-back": 4.5, "success success-back": 4.5, "ink accent-back": 4.5,
			"line card": 3, "danger card": 3, "focus card": 3, "focus page": 3,
		} {
			text, back, _ := strings.Cut(pair, " ")
			require.Contains(t, colors, text)
			require.Contains(t, colors, back)
			high, low := max(colors[text], colors[back]), min(colors[text], colors[back])
			assert.GreaterOrEqual(t, (high+0.05)/(low+0.05), least, pair)
		}
	}
}

// A brand has a logo and a style sheet, and a page for users who forgot their password.
// Nothing of them is there without them.
func TestPages_showABrand(t *testing.T) {
	t.Parallel()
	r := launch(t)
	b := r.browser().get("/login")
	for _, never := range []string{"<img", "brand.css", "Forgot"} {
		assert.NotContains(t, b.page, never)
	}
	r = launch(t)
	r.pages.c.Logo, r.pages.c.Stylesheet, r.pages.c.ForgotPassword = "/logo.svg", "/brand.css", "https://example.com/forgot"
	r.browser().get("/login").on("/login", `<img class="logo" src="/logo.svg" alt="Logo">`, `static/style.css">
<link rel="stylesheet" href="/brand.css">`, `<a href="https://example.com/forgot">Forgot password?</a>`)
	b = r.browser().login(ada).on("/verify", `<img class="logo"`, "/brand.css")
	assert.NotContains(t, b.page, "Forgot")
}

// luminance is the relative luminance of WCAG 2.
func luminance(t *testing.T, hex string) float64 {
	t.Helper()
	if len(hex) == 3 {
		hex = string([]byte{hex[0], hex[0], hex[1], hex[1], hex[2], hex[2]})
	}
	var sum float64
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		channel, err := strconv.ParseUint(hex[2*i:2*i+2], 16, 8)
		require.NoError(t, err)
		c := float64(channel) / 255
		if c <= 0.04045 {
			c /= 12.92
		} else {
			c = math.Pow((c+0.055)/1.055, 2.4)
		}
		sum += weight * c
	}
	return sum
}
