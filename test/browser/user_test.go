package browser

import (
	"errors"
	"io"
	"net/http"
	"regexp"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// login sends the password form.
func (b *tab) login(email, password string) *tab {
	b.Helper()
	return b.visit("/login").on("Sign in", "").fill("#email", email).fill("#password", password).click("main button")
}

func (b *tab) ada() *tab   { b.Helper(); return b.login("ada@example.com", "correct horse") }
func (b *tab) grace() *tab { b.Helper(); return b.login("grace@example.com", "battery staple") }

// mailbox shows the mailbox, in a tab of its own.
func (b *tab) mailbox() *tab {
	b.Helper()
	if b.inbox == nil {
		b.inbox = b.another()
	}
	return b.inbox.visit("/mailbox")
}

// code returns the newest code to an address. No tab is needed to look.
func (b *tab) code(address string) string {
	b.Helper()
	return b.kept(`data-to="` + regexp.QuoteMeta(address) + `"`)
}

// kept returns the first thing in the mailbox that is marked so.
func (b *tab) kept(mark string) string {
	b.Helper()
	request, err := http.NewRequestWithContext(b.ctx, http.MethodGet, b.url+"/mailbox", nil)
	require.NoError(b, err)
	response, err := http.DefaultClient.Do(request)
	require.NoError(b, err)
	defer response.Body.Close() //nolint:errcheck // it was only read
	page, err := io.ReadAll(response.Body)
	require.NoError(b, err)
	found := regexp.MustCompile(`<code ` + mark + `>([^<]+)<`).FindSubmatch(page)
	require.NotNil(b, found, mark)
	return string(found[1])
}

// advance moves the clock of tenant and login page.
func (b *tab) advance(by string) *tab {
	b.Helper()
	b.mailbox().click(chromedp.CSS(`button[value="` + by + `"]`))
	return b
}

// submit types a code and sends it.
func (b *tab) submit(code string) *tab {
	b.Helper()
	return b.fill("#code", code).click(`form[action="/code"] button`)
}

// withoutScripts makes the tab run no script of the page.
func (b *tab) withoutScripts() *tab {
	b.Helper()
	b.scripts(false)
	b.scriptless = true
	return b
}

// cookie returns the value of a cookie, which no script of the page sees.
func (b *tab) cookie(name string) string {
	b.Helper()
	all, err := chromedp.Call(b.ctx, network.GetCookies, network.GetCookiesParams{})
	require.NoError(b, err)
	for _, cookie := range all.Cookies {
		if cookie.Name == name {
			assert.True(b, cookie.HTTPOnly)
			return cookie.Value
		}
	}
	require.NoError(b, errors.New("no cookie "+name))
	return ""
}

// wrong returns another code of the same form.
func wrong(code string) string {
	return string('0'+(code[0]-'0'+1)%10) + code[1:]
}
