package browser

import (
	"errors"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// login sends the password form.
func (b *tab) login(email, password string) *tab {
	b.Helper()
	return b.visit("/login").on("Sign in", "").fill("#email", email).fill("#password", password).click("main button:not([type])")
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
	found := regexp.MustCompile(`<code ` + mark + `>([^<]+)<`).FindSubmatch(b.inboxPage())
	require.NotNil(b, found, mark)
	return string(found[1])
}

// inboxPage returns the mailbox of all users.
func (b *tab) inboxPage() []byte {
	b.Helper()
	request, err := http.NewRequestWithContext(b.ctx, http.MethodGet, b.url+"/mailbox", nil)
	require.NoError(b, err)
	response, err := http.DefaultClient.Do(request)
	require.NoError(b, err)
	defer response.Body.Close() //nolint:errcheck // it was only read
	page, err := io.ReadAll(response.Body)
	require.NoError(b, err)
	return page
}

// advance moves the clock of tenant and login page.
func (b *tab) advance(by string) *tab {
	b.Helper()
	b.mailbox().click(chromedp.CSS(`button[value="` + by + `"]`))
	return b
}

// submit enters a code and sends it.
func (b *tab) submit(code string) *tab {
	b.Helper()
	return b.put("#code", code).click(`form[action$="/code"] button`)
}

// put enters something at once, so that the page does not notice.
func (b *tab) put(selector chromedp.CSS, text string) *tab {
	b.Helper()
	require.NoError(b, chromedp.Do(b.ctx, chromedp.SetValue(selector, text)))
	return b
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

// mails returns how many codes an address has got, or all addresses if it is "".
func (b *tab) mails(address string) int {
	b.Helper()
	to := regexp.QuoteMeta(address)
	if address == "" {
		to = `[^"]*`
	}
	return len(regexp.MustCompile(`<code data-to="`+to+`">`).FindAll(b.inboxPage(), -1))
}

// clickTwice clicks twice, as people do on links, and waits for a page with the heading.
// Without scripts of its own the page sends the form twice. Which of the responses the
// browser shows is a matter of time; so the last step is to look at a page again.
func (b *tab) clickTwice(selector chromedp.CSS, heading, path string) {
	b.Helper()
	button := "document.querySelector(" + strconv.Quote(string(selector)) + ")"
	eval[bool](b, "window.clicked = true; "+button+".click(); true")
	// An error means that one page is leaving and the next one is not there yet.
	_, _ = chromedp.Run(b.ctx, chromedp.Evaluate[bool]("if (window.clicked) "+button+".click(); true"))
	arrived := `!window.clicked && document.readyState === "complete" && document.querySelector("h1")?.textContent.trim() === ` + strconv.Quote(heading)
	for {
		there, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool](arrived))
		if err == nil && there {
			b.visit(path).on(heading, "")
			return
		}
		select {
		case <-b.ctx.Done():
			require.NoError(b, b.ctx.Err(), "after two clicks on %s", selector)
		case <-time.After(20 * time.Millisecond):
		}
	}
}
