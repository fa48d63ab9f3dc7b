package mfatest

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// FuzzTenant sends requests straight to the handler: every response has a status
// that Auth0 sends, and none has tokens.
func FuzzTenant(f *testing.F) {
	const form, text = "application/x-www-form-urlencoded", "application/json"
	for _, seed := range []struct{ method, path, contentType, body string }{
		{"POST", "/oauth/token", form, "grant_type=password&username=ada@example.com&password=x&client_id=app"},
		{"POST", "/oauth/token", form, "grant_type=http://auth0.com/oauth/grant-type/mfa-oob&mfa_token=TOKEN&oob_code=x&client_id=app"},
		{"POST", "/oauth/token", text, `{"grant_type":"http://auth0.com/oauth/grant-type/mfa-otp","mfa_token":"TOKEN","otp":"000000","client_id":"app"}`},
		{"POST", "/oauth/token", form, "grant_type=http://auth0.com/oauth/grant-type/mfa-recovery-code&mfa_token=TOKEN&recovery_code=x&client_id=app"},
		{"POST", "/oauth/token", form, "grant_type=refresh_token&refresh_token=x&client_id=app&audience=%00"},
		{"POST", "/oauth/token", form, "grant_type=password&grant_type=password"},
		{"POST", "/oauth/token", form, "grant_type=password&client_assertion=e30.e30.e30&client_id=app"},
		{"POST", "/mfa/associate", text, `{"authenticator_types":["oob"],"oob_channels":["email"],"email":"ada@example.com"}`},
		{"POST", "/mfa/associate", text, `{"authenticator_types":["oob"],"oob_channels":"voice","phone_number":"+12025550142"}`},
		{"POST", "/mfa/associate", text, `{"authenticator_types":["otp"],"oob_channels":null}`},
		{"POST", "/mfa/associate", text, `{"authenticator_types":["oob"],"oob_channels":["auth0"]}`},
		{"POST", "/mfa/challenge", text, `{"mfa_token":"TOKEN","client_id":"app","challenge_type":"oob otp","authenticator_id":"x"}`},
		{"POST", "/mfa/challenge", text, strings.Repeat("[", 10000)},
		{"POST", "/mfa/challenge", text + "; charset=\xff", "{"},
		{"GET", "/mfa/authenticators", "", ""},
		{"DELETE", "/mfa/authenticators/email%7Cdev_x", "", ""},
		{"DELETE", "/mfa/authenticators/%2e%2e%2f%00", "", ""},
		{"HEAD", "/.well-known/openid-configuration", "", ""},
		{"BREW", "/.well-known/jwks.json", "", "\x00"},
	} {
		f.Add(seed.method, seed.path, seed.contentType, seed.body)
	}
	f.Fuzz(func(t *testing.T, method, path, contentType, body string) {
		tenant := newTenant(defaults())
		tenant.config.applications["app"] = &application{id: "app"}
		tenant.AddUser(User{Email: "ada@example.com", Password: "y", EmailVerified: true, RecoveryCode: true,
			Authenticators: []Authenticator{{Factor: "otp", Active: true}, {Factor: "push", Active: true}}})
		token := tenant.MFAToken("ada@example.com").Reveal()
		tenant.sessions[token].app = tenant.config.applications["app"]
		// The handler cannot get a path that no client can send.
		r, err := http.NewRequestWithContext(t.Context(), method, "https://tenant.example.com", strings.NewReader(strings.ReplaceAll(body, "TOKEN", token)))
		if err != nil {
			return
		}
		if r.URL, err = r.URL.Parse(path); err != nil {
			return
		}
		r.Header.Set("Content-Type", contentType)
		r.Header.Set("Authorization", "Bearer "+token)
		w := httptest.NewRecorder()
		tenant.serve(w, r)
		require.Contains(t, []int{200, 400, 401, 403, 404, 405, 413, 429}, w.Code)
		require.NotContains(t, w.Body.String(), "access_token")
		require.Len(t, tenant.Requests(), 1)
	})
}
