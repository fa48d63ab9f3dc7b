package ui

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
)

// What is sealed under one name opens under no other: recovery codes are never sent as a
// refresh token.
func TestKept_isOfOneName(t *testing.T) {
	t.Parallel()
	r := launch(t)
	user, secret := User{Binding: "random"}, mfa.NewSecret("secret")
	names := []string{cookieRefresh, cookieManage, cookieCodes, cookieStep}
	for _, name := range names {
		w := httptest.NewRecorder()
		require.True(t, r.pages.keep(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil), user, name, secret, time.Hour))
		cookie := w.Result().Cookies()[0]
		for _, other := range names {
			req := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
			cookie.Name = cookieName(req, other)
			req.AddCookie(cookie)
			assert.Equal(t, name == other, r.pages.kept(req, user, other).Equal(secret), "%s as %s", name, other)
			assert.True(t, r.pages.kept(req, User{Binding: "another"}, other).IsZero())
		}
	}
}
