package main

import (
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa/mfatest"
)

func (r running) messages(t *testing.T, to string) []message {
	var all []message
	require.NoError(t, json.Unmarshal([]byte(r.get(t, r.Page+"/mail.json?to="+url.QueryEscape(to))), &all))
	return all
}

func TestMessages(t *testing.T) {
	t.Parallel()
	r := launch(t)
	assert.Contains(t, r.get(t, r.Page), "No message yet.")
	assert.Equal(t, "[]\n", r.get(t, r.Page+"/mail.json"))
	assert.Equal(t, strings.TrimPrefix(r.URL, "https://"), r.Domain)
	assert.Equal(t, r.URL+"/mfa/", r.Audience)

	mfaToken := r.login(t)
	oobCode := r.associate(t, mfaToken, `{"authenticator_types":["oob"],"oob_channels":["email"],"email":"new@example.org"}`)
	messages := r.messages(t, "New@example.org")
	require.Len(t, messages, 1)
	assert.Equal(t, "new@example.org", messages[0].To)
	assert.Equal(t, mfatest.PurposeEnroll, messages[0].Purpose)
	assert.WithinDuration(t, time.Now(), messages[0].SentAt, time.Minute)
	assert.Contains(t, r.get(t, r.Page), messages[0].Code)
	assert.Empty(t, r.messages(t, r.Users[0].Email))

	second := r.associate(t, mfaToken, `{"authenticator_types":["oob"],"oob_channels":["email"]}`)
	all := r.messages(t, "")
	require.Len(t, all, 2)
	assert.Equal(t, r.Users[0].Email, all[0].To)
	assert.Equal(t, messages[0], all[1])
	assert.Equal(t, 200, r.verify(t, mfaToken, oobCode, messages[0].Code))
	assert.Equal(t, 200, r.verify(t, mfaToken, second, all[0].Code))
}

func TestFlags(t *testing.T) {
	t.Parallel()
	certificate := filepath.Join(t.TempDir(), "tenant.pem")
	r := launch(t, "-user", "a@example.com:b:c", "-user", "d@example.com:e", "-client", "my-app:my-secret", "-verified", "-cert", certificate)
	assert.Equal(t, []user{{"a@example.com", "b:c"}, {"d@example.com", "e"}}, r.Users)
	assert.Equal(t, []string{"my-app", "my-secret", certificate}, []string{r.ClientID, r.ClientSecret, r.Certificate})
	status, list := r.do(t, "GET", r.URL+"/mfa/authenticators", "", http.Header{"Authorization": {"Bearer " + r.login(t)}})
	assert.Equal(t, 200, status)
	assert.Contains(t, list, `"email"`)
}

func TestTenant_withAPublicApplication_needsNoSecret(t *testing.T) {
	t.Parallel()
	r := launch(t, "-public")
	assert.Empty(t, r.ClientSecret)
	assert.Contains(t, r.get(t, r.Page), "no secret")
	assert.NotEmpty(t, r.login(t))
}

func TestTemporaryCertificate(t *testing.T) {
	t.Parallel()
	var file string
	t.Run("running", func(t *testing.T) { file = launch(t).Certificate })
	_, err := os.Stat(file)
	assert.ErrorIs(t, err, os.ErrNotExist)
}

func TestButtons(t *testing.T) {
	t.Parallel()
	r := launch(t, "-clock", "frozen")
	press := func(fields ...string) int {
		form := url.Values{}
		for i := 0; i < len(fields); i += 2 {
			form.Set(fields[i], fields[i+1])
		}
		status, _ := r.post(t, r.Page+"/act", form)
		return status
	}
	mfaToken, email := r.login(t), r.Users[0].Email
	oobCode := r.associate(t, mfaToken, `{"authenticator_types":["oob"],"oob_channels":["email"]}`)
	messages := r.messages(t, email)
	require.Len(t, messages, 1)
	assert.Equal(t, 204, press("action", "advance", "by", "5m"))
	assert.Equal(t, 403, r.verify(t, mfaToken, oobCode, messages[0].Code))

	assert.Equal(t, 400, press("action", "approve", "user", email), "nothing is pending")
	assert.NotContains(t, r.get(t, r.Page), "Approve")
	r.associate(t, mfaToken, `{"authenticator_types":["oob"],"oob_channels":["auth0"]}`)
	assert.Equal(t, 204, press("action", "reject", "user", email))
	assert.Equal(t, 400, press("action", "reject", "user", email), "it is decided")
	push := r.associate(t, mfaToken, `{"authenticator_types":["oob"],"oob_channels":["auth0"]}`)
	assert.Equal(t, 400, r.verify(t, mfaToken, push, ""))
	assert.Contains(t, r.get(t, r.Page), "Approve")
	assert.Equal(t, 204, press("action", "approve", "user", email))
	assert.Equal(t, 200, r.verify(t, mfaToken, push, ""))

	mfaToken = r.login(t)
	_, list := r.do(t, "GET", r.URL+"/mfa/authenticators", "", http.Header{"Authorization": {"Bearer " + mfaToken}})
	assert.Contains(t, list, `"auth0"`)
	for _, wrong := range [][]string{
		{}, {"action", "advance"}, {"action", "advance", "by", "-1m"}, {"action", "reject", "user", email}, {"action", "approve", "user", "nobody@example.com"},
	} {
		assert.Equal(t, 400, press(wrong...), wrong)
	}
}

func TestAuthenticatorApp(t *testing.T) {
	t.Parallel()
	r := launch(t, "-clock", "frozen")
	before := r.get(t, r.Page)
	mfaToken := r.login(t)
	r.associate(t, mfaToken, `{"authenticator_types":["otp"]}`)
	after := r.get(t, r.Page)
	assert.Equal(t, 3, strings.Count(before, "<td>none"), "no app, no recovery code, no notification")
	assert.Equal(t, 1, strings.Count(after, "<td>none"), "no notification")
}

func TestPage_refusesFormsOfOtherSites(t *testing.T) {
	t.Parallel()
	r := launch(t)
	for name, test := range map[string]struct {
		method, path string
		header       http.Header
	}{
		"name that leads here": {"GET", "/", http.Header{"Host": {"rebound.example.com:80"}}},
		"name without a port":  {"GET", "/mail.json", http.Header{"Host": {"rebound.example.com"}}},
		"form of another site": {"POST", "/act", http.Header{"Sec-Fetch-Site": {"cross-site"}}},
	} {
		status, body := r.do(t, test.method, r.Page+test.path, "", test.header)
		assert.Equal(t, 403, status, name)
		assert.NotContains(t, body, r.ClientID, name)
	}
	status, _ := r.do(t, "GET", r.Page+"/missing", "", http.Header{})
	assert.Equal(t, 404, status)
}
