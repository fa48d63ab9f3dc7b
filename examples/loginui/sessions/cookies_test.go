package sessions_test

import (
	"bytes"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/go-auth0-mfa/mfa/examples/loginui/internal/browsertest"
)

// Every form with every field, whatever is in it and up to 64 KiB, on every host that is
// not this machine: browsertest looks at each cookie, those of the sessions included.
func TestCookies_failSafeAndStaySmall(t *testing.T) {
	t.Parallel()
	type form struct {
		path   string
		fields []string
	}
	forms := []form{
		{"/account/password", []string{"password"}}, {"/account", []string{"form"}}, {"/add", []string{"form"}},
		{"/remove", []string{"id"}}, {"/recovery-codes", []string{"form"}},
	}
	for _, walk := range []string{"", "/confirm", "/add"} {
		forms = append(forms, form{walk + "/code", []string{"code"}}, form{walk + "/choose", []string{"authenticator"}},
			form{walk + "/enroll", []string{"factor", "email", "phone"}}, form{walk + "/send", []string{"form"}}, form{walk + "/poll", []string{"form"}})
	}
	forms = append(forms, form{"/login", []string{"email", "password"}}, form{"/sign-out", []string{"form"}}) // these end the session
	values := []string{strings.Repeat("ä", 10_000), strings.Repeat("%", 20_000), strings.Repeat("a", 60_000), strings.Repeat("a", 70_000), "\xff\xfe\x00;\r\n\"=,"}
	for i, host := range []string{"login.example", "login.example:8080", "192.0.2.7", "127.0.0.1.nip.io", "localhost.example", "[2001:db8::7]:80"} {
		t.Run(host, func(t *testing.T) {
			t.Parallel()
			length := []int{2800, 5000}[i%2] // the longest that fits a cookie, and one that does not
			r := launch(t, func(base http.RoundTripper) http.RoundTripper { return longer{base, length} })
			b := browsertest.Visit(t, host, r.handler)
			states := []func(){
				func() { b.Get("/login") },
				func() { b.Get("/login").Post("/login", "email", grace.email, "password", grace.password).On("/verify") },
				func() { b.Post("/code", "code", r.code(grace)).On("/") },
				func() { // with a token for the account page
					b.Get("/login").Post("/login", "email", joan.email, "password", joan.password).Post("/code", "code", r.code(joan)).On("/")
					b.Get("/account/password").Post("/account/password", "password", joan.password).Post("/confirm/code", "code", r.code(joan)).On("/account")
				},
			}
			seen := map[string]bool{}
			for i, enter := range states {
				enter()
				for _, form := range forms {
					for _, field := range form.fields {
						for _, value := range values {
							one := b.Thief(b.Cookies).Post(form.path, append(extra(field), field, value)...)
							assert.Contains(t, []int{200, 403, 413}, one.Status, "%d %s %s %d", i, form.path, field, len(value))
							for name := range one.Seen {
								seen[name] = true
							}
						}
					}
				}
			}
			for _, name := range []string{"mfa-browser", "mfa-login", "mfa-step", "mfa-notice", "mfa-email", "session"} {
				assert.True(t, seen[name] || b.Seen[name] != nil, name)
			}
			assert.Equal(t, length == 2800, b.Seen["mfa-refresh"] != nil)
		})
	}
}

// extra is what a field of the enrollment form goes with.
func extra(field string) []string {
	if field == "phone" {
		return []string{"factor", "sms"}
	}
	return nil
}

// longer makes the tenant's refresh tokens longer, to this length.
type longer struct {
	http.RoundTripper
	length int
}

var refreshToken = regexp.MustCompile(`"refresh_token":"[^"]*"`)

func (l longer) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := l.RoundTripper.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	body = refreshToken.ReplaceAll(body, []byte(`"refresh_token":"`+strings.Repeat("r", l.length)+`"`))
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	resp.Header.Del("Content-Length")
	return resp, err
}
