package ui

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A refused login shows nobody's account, and the session before it is over.
func TestBrowser_isAtMostOneUser(t *testing.T) {
	t.Parallel()
	r := launch(t)
	b := r.signedIn(grace)
	first := b.cookie("session").Value
	b.get("/login").post("/login", "email", "ada@example.com", "password", "wrong").on("/login", "Incorrect e-mail address or password.")
	assert.NotContains(t, b.page, "grace@example.com")
	b.get("/").on("/login")

	thief := r.browser()
	thief.setCookie("session", first)
	thief.get("/").on("/login")
}

// Whoever signs in again, or out, ends what went before.
func TestSession_endsAtTheNextSignIn(t *testing.T) {
	t.Parallel()
	r := launch(t)
	b := r.signedIn(grace)
	stolen := []string{b.cookie("session").Value}
	b.login(grace).post("/code", "code", r.code(grace)).on("/", "<h1>You are signed in</h1>")
	stolen = append(stolen, b.cookie("session").Value)
	late := r.browser().login(grace)
	late.setCookie("session", stolen[1]) // of another tab, which signed in meanwhile
	late.post("/code", "code", r.code(grace)).on("/", "<h1>You are signed in</h1>")
	stolen = append(stolen, late.cookie("session").Value)
	late.post("/sign-out").on("/login")
	for _, id := range stolen {
		thief := r.browser()
		thief.setCookie("session", id)
		thief.get("/").on("/login")
	}
}

// A step of an earlier login opens nothing after the sign-in.
func TestStep_endsAtTheSignIn(t *testing.T) {
	t.Parallel()
	r := launch(t)
	b := r.browser().login(grace)
	old := b.cookie("mfa-step").Value
	b.post("/code", "code", r.code(grace)).on("/").post("/sign-out")
	b.login(grace)
	b.setCookie("mfa-step", old)
	b.get("/verify").on("/login", "Please sign in again.")
}

// Behind a proxy that ends TLS, and whatever a form holds, each cookie is the host's own,
// travels over TLS only and is small enough for every browser.
func TestCookies_failSafeAndStaySmall(t *testing.T) {
	t.Parallel()
	r := launch(t)
	handler := r.handler
	for _, host := range []string{"login.example", "login.example:8080", "192.0.2.7", "127.0.0.1.nip.io", "[2001:db8::7]:80", ""} {
		for _, email := range []string{"ada@example.com", strings.Repeat("ä", 10_000), strings.Repeat("%", 20_000), "\xff\xfe", ""} {
			cookies := map[string]*http.Cookie{}
			send := func(method, path string, form url.Values) int {
				req := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(form.Encode()))
				req.Host = host
				req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
				for _, cookie := range cookies {
					req.AddCookie(cookie)
				}
				w := httptest.NewRecorder()
				handler.ServeHTTP(w, req)
				for _, line := range w.Header()["Set-Cookie"] {
					assert.Less(t, len(line), 4096)
				}
				for _, cookie := range w.Result().Cookies() {
					assert.True(t, cookie.Secure && cookie.HttpOnly && strings.HasPrefix(cookie.Name, "__Host-"), cookie.Name)
					cookies[cookie.Name] = cookie
				}
				return w.Code
			}
			require.Equal(t, http.StatusOK, send("GET", "/login", nil))
			token := r.pages.formToken(cookies["__Host-mfa-browser"].Value)
			assert.Equal(t, http.StatusSeeOther, send("POST", "/login", url.Values{"form": {token}, "email": {email}, "password": {"correct horse"}}))
			assert.Equal(t, http.StatusSeeOther, send("POST", "/enroll", url.Values{"form": {token}, "email": {email}}))
		}
	}
}

func TestForm_tooLong(t *testing.T) {
	t.Parallel()
	r := launch(t)
	b := r.browser().get("/login").post("/login", "email", strings.Repeat("a", 70_000))
	assert.Equal(t, http.StatusRequestEntityTooLarge, b.status)
	assert.Contains(t, b.page, "That was too long")
}

// Nobody can make a page say how long to wait, but for a day at most.
func TestNotice_ofAnotherTime(t *testing.T) {
	t.Parallel()
	r := launch(t)
	b := r.browser().login(grace)
	for _, until := range []string{"99999999999999999", "9223372036854775807", "-9223372036854775808"} {
		b.setCookie("mfa-notice", "again."+until)
		b.get("/verify").on("/verify", "We just sent you a message.")
		assert.NotContains(t, b.page, "in -")
	}
}
