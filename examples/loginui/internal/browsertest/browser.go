// Package browsertest is a browser for tests: it keeps cookies, follows redirects and sends
// forms. It checks every cookie that it gets.
package browsertest

import (
	"html"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Browser is a browser on one host. The zero value is none: use [Open] or [Visit].
type Browser struct {
	Path, Page string // where the last response was from, and its text without escapes
	Status     int
	Cookies    map[string]string   // by name, without __Host-
	Seen       map[string][]string // all values that the cookies have had, oldest first

	t    *testing.T
	base string
	send func(*http.Request) (*http.Response, error)
	safe bool // the host is another machine
}

// Open opens a browser on a server.
func Open(t *testing.T, base string) *Browser {
	t.Helper()
	return open(t, base, http.DefaultTransport.RoundTrip)
}

// Visit opens a browser on a handler, which is behind a proxy that ends TLS: requests for
// the host come without it.
func Visit(t *testing.T, host string, handler http.Handler) *Browser {
	t.Helper()
	return open(t, "http://"+host, func(r *http.Request) (*http.Response, error) {
		return Serve(handler, r).Result(), nil
	})
}

// Serve returns the response to a request.
func Serve(handler http.Handler, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	r.RequestURI, r.RemoteAddr = r.URL.RequestURI(), "192.0.2.9:1234"
	handler.ServeHTTP(w, r)
	return w
}

func open(t *testing.T, base string, send func(*http.Request) (*http.Response, error)) *Browser {
	t.Helper()
	at, err := url.Parse(base)
	require.NoError(t, err)
	ip, err := netip.ParseAddr(at.Hostname())
	return &Browser{
		t: t, base: base, send: send, safe: at.Hostname() != "localhost" && (err != nil || !ip.IsLoopback()),
		Cookies: map[string]string{}, Seen: map[string][]string{},
	}
}

// Thief returns another browser on the same page, which has only these cookies.
func (b *Browser) Thief(cookies map[string]string) *Browser {
	thief := &Browser{Page: b.Page, Cookies: map[string]string{}, Seen: map[string][]string{}, t: b.t, base: b.base, send: b.send, safe: b.safe}
	maps.Copy(thief.Cookies, cookies)
	return thief
}

// Get gets a page.
func (b *Browser) Get(path string) *Browser {
	b.t.Helper()
	return b.follow(http.MethodGet, path, nil)
}

var hidden = regexp.MustCompile(`name="(form|shown)" value="([^"]+)"`)

// Post sends a form with these names and values, and with the token of the page.
func (b *Browser) Post(path string, fields ...string) *Browser {
	b.t.Helper()
	form := url.Values{}
	for _, field := range hidden.FindAllStringSubmatch(b.Page, -1) {
		form.Set(field[1], field[2])
	}
	for i := 0; i < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	return b.follow(http.MethodPost, path, form)
}

// On checks where the browser is.
func (b *Browser) On(path string) *Browser {
	b.t.Helper()
	require.Equal(b.t, path, b.Path, b.Page)
	return b
}

// follow sends a request, and the ones that its redirects ask for.
func (b *Browser) follow(method, path string, form url.Values) *Browser {
	b.t.Helper()
	for range 10 {
		req, err := http.NewRequestWithContext(b.t.Context(), method, b.base+path, strings.NewReader(form.Encode()))
		require.NoError(b.t, err)
		if method == http.MethodPost {
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			req.Header.Set("Sec-Fetch-Site", "same-origin")
		}
		for name, value := range b.Cookies {
			req.AddCookie(&http.Cookie{Name: b.name(name), Value: value}) //nolint:gosec // as a browser sends it
		}
		resp, err := b.send(req)
		require.NoError(b.t, err)
		body, err := io.ReadAll(resp.Body)
		require.NoError(b.t, err)
		require.NoError(b.t, resp.Body.Close())
		b.take(resp)
		b.Path, b.Page, b.Status = req.URL.Path, html.UnescapeString(string(body)), resp.StatusCode
		if resp.StatusCode != http.StatusSeeOther {
			return b
		}
		method, path, form = http.MethodGet, resp.Header.Get("Location"), nil
	}
	require.FailNow(b.t, "too many redirects", path)
	return b
}

// name is what a cookie is called on this host.
func (b *Browser) name(short string) string {
	if b.safe {
		return "__Host-" + short
	}
	return short
}

// take keeps the cookies of a response. On another machine each has to be the host's own
// and to travel over TLS only, and on any it has to be small enough for every browser.
func (b *Browser) take(resp *http.Response) {
	b.t.Helper()
	var names []string
	for _, line := range resp.Header["Set-Cookie"] {
		cookie, err := http.ParseSetCookie(line)
		require.NoError(b.t, err)
		assert.Less(b.t, len(line), 4096, cookie.Name)
		assert.True(b.t, cookie.HttpOnly && cookie.SameSite == http.SameSiteLaxMode && cookie.Path == "/" && cookie.Domain == "", cookie.Name)
		assert.Equal(b.t, b.safe, cookie.Secure, "%s on %s", cookie.Name, b.base)
		assert.Equal(b.t, b.safe, strings.HasPrefix(cookie.Name, "__Host-"), "%s on %s", cookie.Name, b.base)
		assert.NotContains(b.t, names, cookie.Name, "it is set twice")
		names = append(names, cookie.Name)
		short := strings.TrimPrefix(cookie.Name, "__Host-")
		if cookie.MaxAge < 0 {
			delete(b.Cookies, short)
			continue
		}
		b.Cookies[short] = cookie.Value
		if !slices.Contains(b.Seen[short], cookie.Value) {
			b.Seen[short] = append(b.Seen[short], cookie.Value)
		}
	}
}
