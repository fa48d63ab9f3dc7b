package mfatest

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Ten thousand users log in and are never looked at.
func TestTenant_keepsItsMemoryBounded(t *testing.T) {
	tenant := newTenant(defaults())
	tenant.origin = "https://tenant.test"
	const limit, logins = 100 << 20, 10_000
	before := heap()
	for i := range logins {
		email := "user" + strconv.Itoa(i) + "@example.com"
		tenant.AddUser(User{Email: email, Password: "correct horse", EmailVerified: true})
		logIn(t, tenant, email)
	}
	used := heap() - before
	t.Logf("%d MB after %d logins", used>>20, logins)
	assert.Less(t, used, int64(limit))

	// A day after they have expired, tokens are forgotten.
	require.Equal(t, []int{logins, logins}, []int{len(tenant.sessions), len(tenant.challenges)})
	tenant.Advance(lifetimeToken + forgotten + 1)
	for range 2 * logins { // more than enough for the next sweep
		tenant.MFAToken("user1@example.com")
	}
	assert.Equal(t, []int{2 * logins, 0}, []int{len(tenant.sessions), len(tenant.challenges)})
}

func heap() int64 {
	runtime.GC()
	runtime.GC() // for what the first one finalized
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// logIn logs a user in as over a network, with the headers that a client sends.
func logIn(t *testing.T, tenant *Tenant, email string) {
	t.Helper()
	send := func(path string, pairs ...string) map[string]any {
		form := url.Values{"client_id": {tenant.ClientID}, "client_secret": {tenant.ClientSecret}}
		for i := 0; i < len(pairs); i += 2 {
			form.Set(pairs[i], pairs[i+1])
		}
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, strings.NewReader(form.Encode()))
		for _, name := range []string{"Accept", "Accept-Encoding", "Auth0-Client", "Cache-Control", "Content-Length", "User-Agent"} {
			r.Header.Set(name, strings.Repeat("x", 40)+strconv.FormatInt(time.Now().UnixNano(), 10))
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := httptest.NewRecorder()
		tenant.serve(w, r)
		var fields map[string]any
		require.NoError(t, json.Unmarshal(w.Body.Bytes(), &fields))
		return fields
	}
	token, _ := send(pathToken, "grant_type", grantPassword, "username", email, "password", "correct horse")["mfa_token"].(string)
	id := tenant.account("", email).devices[0].id
	oob, _ := send("/mfa/challenge", "mfa_token", token, "challenge_type", "oob", "authenticator_id", id)["oob_code"].(string)
	code, _ := tenant.LastCode(email)
	tokens := send(pathToken, "grant_type", grantOOB, "mfa_token", token, "oob_code", oob, "binding_code", code)
	require.Contains(t, tokens, "access_token")
}

func TestTenant_Requests_areBounded(t *testing.T) {
	t.Parallel()
	tenant := newTenant(defaults())
	for i := range maxRequests + 1 {
		tenant.record(Request{Path: "/" + strconv.Itoa(i)})
	}
	requests := tenant.Requests()
	require.Len(t, requests, 5000)
	assert.Equal(t, []string{"/1", "/5000"}, []string{requests[0].Path, requests[4999].Path})

	for range 20 {
		tenant.record(Request{Body: make([]byte, maxBody)})
	}
	requests = tenant.Requests()
	assert.Len(t, requests, 16)
	tenant.record(Request{Path: "/small", Body: []byte("x")})
	requests = tenant.Requests()
	require.Len(t, requests, 16, "15 large ones and a small one")
	assert.Equal(t, "/small", requests[15].Path)
}

func TestTenant_Messages_areBounded(t *testing.T) {
	t.Parallel()
	tenant := newTenant(defaults())
	for i := range maxMessages + 1 {
		tenant.send(Message{To: "User" + strconv.Itoa(i%5001) + "@example.com", Code: strconv.Itoa(i)})
	}
	messages := tenant.Messages()
	require.Len(t, messages, 10_000)
	assert.Equal(t, "1", messages[0].Code)
	assert.Len(t, tenant.Inbox("user1@example.com"), 2)
	code, found := tenant.LastCode("USER1@example.com")
	assert.True(t, found)
	assert.Equal(t, "5002", code)

	tenant.ClearMessages()
	assert.Nil(t, tenant.Messages())
	_, found = tenant.LastCode("user1@example.com")
	assert.False(t, found)
}
