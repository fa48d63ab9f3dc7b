package ui

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/mfatest"
)

func TestTamperedStep(t *testing.T) {
	t.Parallel()
	r := launch(t)
	b := r.browser().login(grace)
	value := b.cookie("mfa-step").Value
	middle := len(value) / 2
	b.setCookie("mfa-step", value[:middle]+string('A'+(value[middle]-'A'+1)%26)+value[middle+1:])
	b.post("/code", "code", r.code(grace)).on("/login", `role="alert">Please sign in again.`)
	assert.Nil(t, b.cookie("mfa-step"))
}

func TestOtherBrowsersStep(t *testing.T) {
	t.Parallel()
	r := launch(t)
	victim, thief := r.browser().login(grace), r.browser().get("/login")
	thief.setCookie("mfa-step", victim.cookie("mfa-step").Value)
	thief.post("/code", "code", r.code(grace)).on("/login", "Please sign in again.")
	victim.post("/code", "code", r.code(grace)).on("/", "<h1>You are signed in</h1>")
}

// The tokens of another user sign nobody in, whoever mixed them up.
func TestAnotherUsersTokens(t *testing.T) {
	t.Parallel()
	r := launch(t)
	r.browser().login(grace).post("/code", "code", r.code(grace)).on("/", "<h1>You are signed in</h1>")
	graces := r.wire.bodies[len(r.wire.bodies)-1]
	r.tenant.Fail(mfatest.Fault{Op: mfa.OpVerifyOOB, Status: http.StatusOK, Body: string(graces)})

	b := r.browser().login(ada).post("/enroll", "email", "")
	b.post("/code", "code", r.code(ada)).on("/verify", `role="alert">Something went wrong on our side`)

	assert.Nil(t, b.cookie("session"))
	assert.Contains(t, r.log.String(), "id token refused")
}

// Nobody can say afterwards that it was another address.
func TestAnotherAddress(t *testing.T) {
	t.Parallel()
	r := launch(t)
	b := r.browser().login(grace)
	b.setCookie("mfa-email", url.QueryEscape("ada@example.com"))
	b.post("/code", "code", r.code(grace)).on("/login", "Please sign in again.")
	assert.Nil(t, b.cookie("session"))
}

// A form of another site is refused by what the browser says about it, and one
// without a sign of its origin by the missing token.
func TestPages_refuseFormsOfOtherSites(t *testing.T) {
	t.Parallel()
	r := launch(t)
	b := r.browser().login(grace)
	token := formToken.FindStringSubmatch(b.page)[1]
	for name, test := range map[string]struct {
		header http.Header
		token  string
	}{
		"cross-site":       {http.Header{"Sec-Fetch-Site": {"cross-site"}}, token},
		"same site":        {http.Header{"Sec-Fetch-Site": {"same-site"}}, token},
		"other origin":     {http.Header{"Origin": {"https://evil.example"}}, token},
		"no token":         {http.Header{"Sec-Fetch-Site": {"same-origin"}}, ""},
		"another's token":  {http.Header{"Sec-Fetch-Site": {"same-origin"}}, formToken.FindStringSubmatch(r.browser().get("/login").page)[1]},
		"nothing said":     {nil, ""},
		"origin is opaque": {http.Header{"Origin": {"null"}}, token},
	} {
		for _, path := range []string{"/login", "/code", "/send", "/choose", "/enroll", "/poll", "/recovery-codes", "/sign-out", "/account", "/account/password", "/add", "/add/enroll", "/confirm/code", "/remove"} {
			b.do(http.MethodPost, path, test.header, url.Values{"form": {test.token}, "code": {r.code(grace)}})
			assert.Equal(t, http.StatusForbidden, b.status, name+" "+path)
		}
	}
	b.get("/verify").post("/code", "code", r.code(grace)).on("/", "<h1>You are signed in</h1>")
}

func TestTwoTabs(t *testing.T) {
	t.Parallel()
	r := launch(t)
	b := r.browser().login(grace)
	left := *b // the same cookies, the older page
	b.get("/choose")
	r.tenant.Advance(3 * time.Second)
	b.post("/choose", "authenticator", b.authenticator("Notification")).on("/verify", "Approve")
	left.post("/code", "code", r.code(grace)).on("/verify", `role="status">That page was out of date.`, "Approve the sign-in")
	b.get("/choose")
	b.post("/choose", "authenticator", b.authenticator("Authenticator app"))
	b.post("/code", "code", r.tenant.OTP("grace@example.com")).on("/")
	left.post("/code", "code", r.code(grace)).on("/", "<h1>You are signed in</h1>")
	assert.Empty(t, r.log.String())
}

func TestHeadersAndPages(t *testing.T) {
	t.Parallel()
	r := launch(t)
	for path, want := range map[string]int{"/login": 200, "/missing": 404, "/static/style.css": 200, "/static/page.js": 200, "/static/": 404, "/mailbox": 200} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.url+path, nil)
		require.NoError(t, err)
		resp, err := http.DefaultClient.Do(req)
		require.NoError(t, err)
		_, _ = io.Copy(io.Discard, resp.Body)
		require.NoError(t, resp.Body.Close())
		assert.Equal(t, want, resp.StatusCode, path)
		assert.Contains(t, resp.Header.Get("Content-Security-Policy"), "default-src 'none'")
		assert.NotContains(t, resp.Header.Get("Content-Security-Policy"), "unsafe")
		assert.Equal(t, "no-store", resp.Header.Get("Cache-Control"))
	}
	for _, page := range []string{r.browser().get("/login").page, r.browser().login(ada).page, r.browser().login(grace).page} {
		for _, never := range []string{"<style", "style=", "onclick", "<script>", "http-equiv"} {
			assert.NotContains(t, page, never)
		}
		assert.Contains(t, page, `<html lang="en" dir="ltr">`)
	}
}

// Over TLS the cookies can be set by this host only.
func TestCookies(t *testing.T) {
	t.Parallel()
	r := launch(t)
	server := httptest.NewTLSServer(r.handler)
	defer server.Close()
	var set []*http.Cookie
	client := server.Client()
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	client.Jar = jar
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	visit := func(method, path string, form url.Values) string {
		req, err := http.NewRequestWithContext(t.Context(), method, server.URL+path, strings.NewReader(form.Encode()))
		require.NoError(t, err)
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		resp, err := client.Do(req)
		require.NoError(t, err)
		defer resp.Body.Close() //nolint:errcheck // it was only read
		set = append(set, resp.Cookies()...)
		page, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		names := map[string]bool{}
		for _, cookie := range resp.Cookies() {
			assert.False(t, names[cookie.Name], "%s is set twice", cookie.Name)
			names[cookie.Name] = true
		}
		return string(page)
	}
	token := formToken.FindStringSubmatch(visit("GET", "/login", nil))[1]
	u := r.mailbox.Users[grace]
	visit("POST", "/login", url.Values{"form": {token}, "email": {u.Email}, "password": {"guess"}})
	visit("POST", "/login", url.Values{"form": {token}, "email": {u.Email}, "password": {u.Password}})
	visit("POST", "/code", url.Values{"form": {token}, "code": {r.code(grace)}})
	assert.Contains(t, visit("GET", "/", nil), "You are signed in")
	names := map[string]bool{}
	for _, cookie := range set {
		names[cookie.Name] = true
		assert.True(t, cookie.Secure && cookie.HttpOnly && cookie.SameSite == http.SameSiteLaxMode && cookie.Path == "/" && cookie.Domain == "", cookie.Name)
		assert.NotZero(t, cookie.MaxAge, cookie.Name)
		assert.LessOrEqual(t, cookie.MaxAge, 24*60*60, cookie.Name)
	}
	for _, name := range []string{"mfa-browser", "mfa-login", "mfa-step", "session", "mfa-email", "mfa-notice", "mfa-refresh"} {
		assert.True(t, names["__Host-"+name], name)
	}
}
