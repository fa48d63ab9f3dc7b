//go:build go1.27

package mfatest_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa/mfatest"
)

// A backend that the standard library serves from memory reaches the tenant, in
// one bubble with both.
func TestWithMemoryNetwork_behindAServerInMemory(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		tenant := mfatest.NewTenant(mfatest.WithMemoryNetwork(), mfatest.WithClock(time.Now))
		defer tenant.Close()
		tenant.AddUser(mfatest.User{Email: ada, Password: password})
		backend := httptest.NewTestServer(t, &loginPage{client: tenant.Client()}) // on Tenant.HTTPClient
		send := func(path string, form url.Values) response {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://backend.example.com"+path, strings.NewReader(form.Encode()))
			require.NoError(t, err)
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			return api{T: t, client: backend.Client()}.send(req)
		}
		assert.Equal(t, "welcome to /password\n", send("/password", url.Values{"email": {ada}, "password": {password}}).Body)
		code, _ := tenant.LastCode(ada)
		time.Sleep(5*time.Minute - 1)
		assert.Equal(t, "welcome to /code\n", send("/code", url.Values{"code": {code}}).Body)
		time.Sleep(5*time.Minute + 1)
		assert.Equal(t, "RestartLogin\n", send("/code", url.Values{"code": {code}}).Body)
		assert.Equal(t, 10*time.Minute, time.Since(start))
	})
}
