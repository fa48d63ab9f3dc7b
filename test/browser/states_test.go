package browser

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// states are the states of the login page: every page, and on it every kind of notice. Each
// gets its pictures and its checks, in one of the scenarios.
var states = []string{
	"sign-in", "wrong-password", "expired", "tampered", "signed-out",
	"enroll", "enroll-refused", "enroll-code", "enroll-app", "recovery-codes",
	"code", "wrong-code", "too-many-attempts", "send-again-too-early", "sent-again", "spent", "code-too-old", "code-expired", "stale",
	"choose", "choose-gone", "sms", "app", "recovery-code", "push", "push-pending", "push-rejected",
	"signed-in", "signed-in-claims", "over",
	"password", "password-wrong", "confirm",
	"account", "account-empty", "added", "removed", "remove", "remove-last",
	"add", "add-refused", "add-code", "add-app", "add-push",
	"not-found", "form-out-of-date",
	"mailbox", "mailbox-push",
}

// album keeps the pictures of the states.
type album struct {
	folder string

	mu    sync.Mutex
	taken []string
	ran   int // scenarios
}

// complete fails if a state has no pictures, unless not all scenarios ran.
func (a *album) complete(t *testing.T, scenarios int) {
	t.Helper()
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.ran == scenarios {
		assert.ElementsMatch(t, states, a.taken)
	}
}

// shot takes the pictures of a state, checks the page as it is, and loads it again.
func (b *tab) shot(name string) *tab {
	b.Helper()
	return b.still(name).reload()
}

// still is shot for a page that is the response to a form, which a reload would send again.
func (b *tab) still(name string) *tab {
	b.Helper()
	if b.pictured {
		return b
	}
	assert.True(b, slices.Contains(states, name), name)
	b.suite.album.mu.Lock()
	b.suite.album.taken = append(b.suite.album.taken, name)
	b.suite.album.mu.Unlock()
	b.light(name)
	b.fields(name)
	return b.pictures(name).fits(name)
}

// pictures takes pictures of the page on three screens, in the light and in the dark, and
// checks with axe-core what is on the widest and on the narrowest.
func (b *tab) pictures(name string) *tab {
	b.Helper()
	for _, scheme := range []string{"light", "dark"} {
		b.media("prefers-color-scheme", scheme)
		for _, width := range []int64{1280, 768, 360} {
			view := name + "-" + scheme + "-" + strconv.FormatInt(width, 10)
			b.width(width, 1).picture(view)
			if width != 768 {
				b.accessible(view)
			}
		}
	}
	b.media("forced-colors", "active").picture(name + "-forced-360")
	assert.Empty(b, eval[[]string](b, `[...document.querySelectorAll("button:enabled, input:not([type=hidden], [hidden]), .notice")].filter((e) =>
		!e.checkVisibility() ? false : getComputedStyle(e).borderLeftStyle === "none" && e.type !== "checkbox").map((e) => e.outerHTML)`),
		"%s: what has no edge, where the system picks the colors", name)
	return b.media("prefers-color-scheme", "light").width(1280, 1)
}

// picture takes a picture of the whole page.
func (b *tab) picture(view string) {
	b.Helper()
	picture, err := chromedp.Run(b.ctx, chromedp.FullScreenshot(100))
	require.NoError(b, err)
	require.NoError(b, os.WriteFile(filepath.Join(b.suite.album.folder, view+".png"), picture, 0o644))
}

// width makes the screen so many pixels of CSS wide.
func (b *tab) width(pixels int64, scale float64) *tab {
	b.Helper()
	require.NoError(b, chromedp.Do(b.ctx, chromedp.EmulateViewport(pixels, 640, chromedp.EmulateScale(scale))))
	return b
}

// media sets what the user set in the system, that alone.
func (b *tab) media(feature, value string) *tab {
	b.Helper()
	_, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: feature, Value: value}},
	})
	require.NoError(b, err)
	return b
}

// printed shows the page as it is printed.
func (b *tab) printed() *tab {
	b.Helper()
	_, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"})
	require.NoError(b, err)
	return b
}

// reload loads the page again: the user is where they were, and nothing was sent.
func (b *tab) reload() *tab {
	b.Helper()
	heading, posts, mails := b.text("h1"), b.posts.Load(), b.mails("")
	_, err := chromedp.RunResponse(b.ctx, chromedp.Reload())
	require.NoError(b, err)
	assert.Equal(b, heading, b.text("h1"))
	assert.Equal(b, posts, b.posts.Load(), "forms sent by a reload of %s", heading)
	assert.Equal(b, mails, b.mails(""), "mails sent by a reload of %s", heading)
	return b
}
