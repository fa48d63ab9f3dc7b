package ui

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
)

// clicks sends a form n times at the same moment, as the browser does after a double click:
// with the same cookies. It goes on with the last response alone.
func (b *browser) clicks(n int, path string, fields ...string) *browser {
	b.Helper()
	form := url.Values{"form": {formToken.FindStringSubmatch(b.page)[1]}}
	for i := 0; i < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	at, err := url.Parse(b.url + path)
	require.NoError(b, err)
	sent := b.client.Jar.Cookies(at)
	noRedirect := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	responses := make([]*http.Response, n)
	var all sync.WaitGroup
	for i := range responses {
		all.Go(func() {
			req, err := http.NewRequestWithContext(b.Context(), http.MethodPost, at.String(), strings.NewReader(form.Encode()))
			if !assert.NoError(b, err) {
				return
			}
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			req.Header.Set("Origin", b.url)
			for _, cookie := range sent {
				req.AddCookie(cookie)
			}
			if responses[i], err = noRedirect.Do(req); assert.NoError(b, err) {
				_, _ = io.Copy(io.Discard, responses[i].Body)
				_ = responses[i].Body.Close()
			}
		})
	}
	all.Wait()
	for _, resp := range responses {
		require.NotNil(b, resp)
		require.Equal(b, responses[0].Header.Get("Location"), resp.Header.Get("Location"), "all clicks lead to the same page")
	}
	last := responses[n-1]
	b.client.Jar.SetCookies(at, last.Cookies())
	return b.get(last.Header.Get("Location"))
}

// verified counts the codes that were sent to the tenant.
func (r *rig) verified() int {
	n := 0
	for _, request := range r.tenant.Requests() {
		if request.Op == mfa.OpVerifyOOB {
			n++
		}
	}
	return n
}

// A user who clicks twice, or four times, gets one mail and one result, in the response
// that the browser shows.
func TestClicks_actOnce(t *testing.T) {
	t.Parallel()
	for _, n := range []int{2, 4} {
		r := launch(t)
		b := r.browser().get("/login")
		u := r.mailbox.Users[grace]
		b.clicks(n, "/login", "email", u.Email, "password", u.Password).on("/verify", "<h1>Check your e-mail</h1>")
		assert.Len(t, r.tenant.Inbox(u.Email), 1)

		r.tenant.Advance(time.Minute)
		b.clicks(n, "/send").on("/verify", `role="status">Another code is on its way.`)
		assert.Len(t, r.tenant.Inbox(u.Email), 2)

		b.clicks(n, "/code", "code", wrong(r.code(grace))).on("/verify", "You have 9 attempts left.")
		assert.Equal(t, 1, r.verified())

		b.clicks(n, "/code", "code", r.code(grace)).on("/", "<h1>You are signed in</h1>")
		assert.Equal(t, 2, r.verified())
		assert.Empty(t, r.log.String())
	}
}

func TestClicks_enrollOnce(t *testing.T) {
	t.Parallel()
	r := launch(t)
	b := r.browser().login(ada).on("/verify", "<h1>Protect your account</h1>")
	b.clicks(3, "/enroll", "email", "ada@example.org").on("/verify", "<h1>Check your e-mail</h1>")
	assert.Len(t, r.tenant.Inbox("ada@example.org"), 1)

	code, _ := r.tenant.LastCode("ada@example.org")
	b.clicks(3, "/code", "code", code).on("/", "<h1>Store your recovery code</h1>")
	assert.Equal(t, 1, strings.Count(b.page, groups(r.recoveryCode("ada@example.com"))))
	b.post("/recovery-codes").on("/", "<h1>You are signed in</h1>")
	assert.Empty(t, r.log.String())
}

// The browser lost the response to a form, and the user comes back to the form.
func TestClicks_aLostResponse(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		after time.Duration
		path  string
		says  string
	}{
		"within a minute": {30 * time.Second, "/", "<h1>You are signed in</h1>"},
		"later":           {2 * time.Minute, "/login", "Please sign in again."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := launch(t)
			b := r.browser().login(grace)
			step, login := b.cookie("mfa-step").Value, b.cookie("mfa-login").Value
			page, code := b.page, r.code(grace)
			b.post("/code", "code", code).on("/")

			b.setCookie("session", "of a response that was lost")
			b.setCookie("mfa-step", step)
			b.setCookie("mfa-login", login)
			b.page = page
			r.tenant.Advance(tt.after)
			b.post("/code", "code", code).on(tt.path, tt.says)
			assert.Equal(t, 1, r.verified())
		})
	}
}

// Another tab has sent another code with the same step.
func TestClicks_anotherTab(t *testing.T) {
	t.Parallel()
	r := launch(t)
	b := r.browser().login(grace)
	step, page, code := b.cookie("mfa-step").Value, b.page, r.code(grace)
	b.post("/code", "code", wrong(code)).on("/verify", "You have 9 attempts left.")

	b.setCookie("mfa-step", step)
	b.page = page
	b.post("/code", "code", code).on("/verify", "That page was out of date. Please continue here.")
	assert.Equal(t, 1, r.verified())
	b.post("/code", "code", code).on("/", "<h1>You are signed in</h1>")
	assert.Empty(t, r.log.String())
}
