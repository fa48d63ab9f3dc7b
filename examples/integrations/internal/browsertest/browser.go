// Package browsertest is a browser for tests of whole pages, and the tenant behind them. The
// browser keeps cookies, follows redirects and fills in forms.
package browsertest

import (
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Browser is a browser with cookies of its own. The zero value is none: use [Rig.Open].
type Browser struct {
	Path, Page string // where the last response was from, and its text
	Jar        http.CookieJar

	t      *testing.T
	base   string
	client *http.Client
}

// Get gets a page.
func (b *Browser) Get(path string) {
	b.t.Helper()
	b.show(http.MethodGet, path, nil)
}

// Submit fills in a form that the page shows, with these names and values.
func (b *Browser) Submit(action string, values ...string) {
	b.t.Helper()
	require.Contains(b.t, b.Page, `action="`+action+`"`)
	for i := 0; i < len(values); i += 2 {
		require.Contains(b.t, b.Page, `name="`+values[i]+`"`)
	}
	b.Post(action, values...)
}

// Post sends a form that no page need show.
func (b *Browser) Post(action string, values ...string) {
	b.t.Helper()
	form := url.Values{}
	for i := 0; i < len(values); i += 2 {
		form.Set(values[i], values[i+1])
	}
	b.show(http.MethodPost, action, form)
}

// Login fills in the form of the login.
func (b *Browser) Login(email, password string) {
	b.t.Helper()
	b.Submit("/login", "email", email, "password", password)
}

var alert = regexp.MustCompile(`<p role="alert">(.*?)</p>`)

// At asserts where the browser is, and what the page says. If notice is empty, it says nothing.
func (b *Browser) At(path, notice string) {
	b.t.Helper()
	require.Equal(b.t, path, b.Path, b.Page)
	found := alert.FindStringSubmatch(b.Page)
	if notice == "" {
		require.Nil(b.t, found)
		return
	}
	require.NotNil(b.t, found)
	require.Contains(b.t, found[1], notice)
}

// show sends a request and shows the page to which it leads.
func (b *Browser) show(method, path string, form url.Values) {
	b.t.Helper()
	request, err := http.NewRequestWithContext(b.t.Context(), method, b.base+path, strings.NewReader(form.Encode()))
	require.NoError(b.t, err)
	if method == http.MethodPost {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	response, err := b.client.Do(request)
	require.NoError(b.t, err)
	body, err := io.ReadAll(response.Body)
	require.NoError(b.t, err)
	require.NoError(b.t, response.Body.Close())
	require.Equal(b.t, http.StatusOK, response.StatusCode)
	b.Path, b.Page = response.Request.URL.Path, string(body)
}
