package sessions_test

import (
	"bytes"
	"fmt"
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
	forms := map[string][]string{
		"/login": {"email", "password"}, "/account/password": {"password"}, "/remove": {"id"},
		"/recovery-codes": {"form"}, "/account": {"form"}, "/add": {"form"}, "/sign-out": {"form"},
	}
	for _, walk := range []string{"", "/confirm", "/add"} {
		forms[walk+"/code"], forms[walk+"/choose"] = []string{"code"}, []string{"authenticator"}
		forms[walk+"/enroll"] = []string{"factor", "email", "phone"}
		forms[walk+"/send"], forms[walk+"/poll"] = []string{"form"}, []string{"form"}
	}
	for i, host := range []string{"login.example", "login.example:8080", "192.0.2.7", "127.0.0.1.nip.io", "localhost.example", "[2001:db8::7]:80"} {
		t.Run(host, func(t *testing.T) {
			t.Parallel()
			length := []int{2800, 5000}[i%2] // the longest that fits a cookie, and one that does not
			r := launch(t, func(base http.RoundTripper) http.RoundTripper { return longer{base, length} })
			b := browsertest.Visit(t, host, r.handler)
			states := map[string]func(){
				"nobody":  func() { b.Get("/login").Post("/sign-out") },
				"a login": func() { b.Get("/login").Post("/login", "email", grace.email, "password", grace.password).On("/verify") },
				"a user": func() {
					b.Get("/login").Post("/login", "email", grace.email, "password", grace.password).Post("/code", "code", r.code(grace)).On("/")
				},
				"an account": func() {
					b.Get("/login").Post("/login", "email", joan.email, "password", joan.password).Post("/code", "code", r.code(joan)).On("/")
					b.Get("/account/password").Post("/account/password", "password", joan.password).Post("/confirm/code", "code", r.code(joan))
				},
			}
			for state, enter := range states {
				enter()
				for path, fields := range forms {
					for _, field := range fields {
						for _, value := range []string{strings.Repeat("ä", 10_000), strings.Repeat("%", 20_000), strings.Repeat("a", 60_000), strings.Repeat("a", 70_000), "\xff\xfe\x00;\r\n\"=,", ""} {
							at := fmt.Sprint(state, " ", path, " ", field, " ", len(value))
							b.Get("/login").Post(path, append(extra(field), field, value)...)
							assert.Contains(t, []int{200, 403, 413}, b.Status, at)
						}
					}
				}
			}
			for _, name := range []string{"mfa-browser", "mfa-login", "mfa-step", "mfa-notice", "mfa-email", "session"} {
				assert.NotEmpty(t, b.Seen[name], name)
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
