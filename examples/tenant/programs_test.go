package main

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa/mfatest"
)

func TestMail_waitsForTheNext(t *testing.T) {
	t.Parallel()
	r := launch(t, "-verified")
	mfaToken := r.login(t)
	challenge := func() { r.associate(t, mfaToken, `{"authenticator_types":["oob"],"oob_channels":["email"]}`) }
	at := r.Page + "/mail.json?to=" + url.QueryEscape(r.Users[0].Email)
	var waited []message
	waiting := make(chan error, 1)
	wait := func(query string) {
		waiting <- func() error {
			request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, at+query, http.NoBody)
			if err != nil {
				return err
			}
			response, err := r.client.Do(request)
			if err != nil {
				return err
			}
			defer response.Body.Close() //nolint:errcheck // read to its end
			waited = nil
			return json.NewDecoder(response.Body).Decode(&waited)
		}()
	}
	go wait("&wait=30s")
	challenge()
	first := r.messages(t, r.Users[0].Email)
	require.NoError(t, <-waiting)
	assert.Equal(t, first, waited)
	assert.Equal(t, waited, r.messages(t, r.Users[0].Email), "one that is there already is not waited for")

	go wait("&wait=30s&seen=1")
	challenge()
	require.NoError(t, <-waiting)
	require.Len(t, waited, 2)
	assert.Equal(t, first[0], waited[1])

	status, _ := r.do(t, "DELETE", r.Page+"/mail.json", "", http.Header{})
	assert.Equal(t, 204, status)
	assert.Equal(t, "[]\n", r.get(t, at+"&wait=1ms"))
	for _, wrong := range []string{"wait=soon", "wait=-1s", "wait=61s", "seen=-1", "seen=x"} {
		status, _ := r.do(t, "GET", at+"&"+wrong, "", http.Header{})
		assert.Equal(t, 400, status, wrong)
	}
}

// A wait ends with the program, and after the time that was asked for.
func TestMail_waitEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		tenant := mfatest.NewTenant(mfatest.WithMemoryNetwork())
		defer tenant.Close()
		p := newPage(&settings{}, tenant, "http://127.0.0.1:8025", nil)
		ask := func(ctx context.Context) (string, time.Duration) {
			start := time.Now()
			w := newRecorder()
			r, err := http.NewRequestWithContext(ctx, http.MethodGet, "/mail.json?wait=1m", http.NoBody)
			require.NoError(t, err)
			p.mail(w, r)
			return w.body.String(), time.Since(start)
		}
		body, after := ask(t.Context())
		assert.Equal(t, "[]\n", body)
		assert.Equal(t, time.Minute, after)
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		body, after = ask(ctx)
		assert.Empty(t, body)
		assert.Equal(t, 3*time.Second, after)
	})
}

// recorder keeps a response.
type recorder struct {
	header http.Header
	body   strings.Builder
}

func newRecorder() *recorder { return &recorder{header: http.Header{}} }

func (r *recorder) Header() http.Header         { return r.header }
func (r *recorder) Write(p []byte) (int, error) { return r.body.Write(p) }
func (r *recorder) WriteHeader(int)             {}

func TestUsers_areAdded(t *testing.T) {
	t.Parallel()
	r := launch(t)
	add := func(fields ...string) int {
		form := url.Values{}
		for i := 0; i < len(fields); i += 2 {
			form.Set(fields[i], fields[i+1])
		}
		status, _ := r.post(t, r.Page+"/users", form)
		return status
	}
	assert.Equal(t, 201, add("email", "new@example.com", "password", "p:w", "verified", "true"))
	assert.Equal(t, 409, add("email", "New@Example.com", "password", "x"))
	for _, wrong := range [][]string{{}, {"email", "x@example.com"}, {"email", "x", "password", "y"}, {"email", "x@example.com", "password", "y", "verified", "perhaps"}} {
		assert.Equal(t, 400, add(wrong...), wrong)
	}
	status, response := r.token(t, "grant_type", "password", "username", "new@example.com", "password", "p:w")
	assert.Equal(t, 403, status)
	_, list := r.do(t, "GET", r.URL+"/mfa/authenticators", "", http.Header{"Authorization": {"Bearer " + response["mfa_token"].(string)}})
	assert.Contains(t, list, `"active":true`)
	assert.Contains(t, r.get(t, r.Page+"/tenant.json"), "new@example.com")
	assert.Contains(t, r.get(t, r.Page), "new@example.com")
	status, _ = r.do(t, "POST", r.Page+"/users", "email=form@example.com&password=x", http.Header{
		"Content-Type": {"application/x-www-form-urlencoded"}, "Accept": {"text/html,*/*"},
	})
	assert.Equal(t, 200, status, "a browser is sent back to the page")
}

func TestOrigins(t *testing.T) {
	t.Parallel()
	const page, other = "http://localhost:3000", "http://localhost:3001"
	r := launch(t, "-origin", page, "-public", "-client", "my-spa")
	assert.Equal(t, []string{"my-spa", ""}, []string{r.ClientID, r.ClientSecret})
	assert.NotEmpty(t, r.login(t))
	preflight := func(at, origin string) (int, http.Header) {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodOptions, at, http.NoBody)
		require.NoError(t, err)
		request.Header = http.Header{"Origin": {origin}, "Access-Control-Request-Method": {"POST"}, "Access-Control-Request-Headers": {"content-type"}}
		response, err := r.client.Do(request)
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		return response.StatusCode, response.Header
	}
	for _, at := range []string{r.URL + "/oauth/token", r.Page + "/mail.json"} {
		status, header := preflight(at, page)
		assert.Equal(t, 204, status, at)
		assert.Equal(t, page, header.Get("Access-Control-Allow-Origin"))
		assert.Equal(t, "content-type", header.Get("Access-Control-Allow-Headers"))
		status, header = preflight(at, other)
		assert.NotEqual(t, 204, status, at)
		assert.Empty(t, header.Get("Access-Control-Allow-Origin"))
	}
	for origin, want := range map[string]int{page: 204, other: 403} {
		status, _ := r.do(t, "DELETE", r.Page+"/mail.json", "", http.Header{"Origin": {origin}, "Sec-Fetch-Site": {"cross-site"}})
		assert.Equal(t, want, status, origin)
	}
}

func TestExpose(t *testing.T) {
	t.Parallel()
	r := launch(t, "-expose", "-addr", "0.0.0.0:0", "-page", "0.0.0.0:0")
	assert.True(t, strings.HasPrefix(r.Page, "http://127.0.0.1:"), r.Page)
	assert.True(t, strings.HasPrefix(r.URL, "https://127.0.0.1:"), r.URL)
	for host, want := range map[string]int{"192.0.2.1:8025": 200, "[2001:db8::1]:8025": 200, "localhost:8025": 200, "rebound.example.com:8025": 403} {
		status, _ := r.do(t, "GET", r.Page, "", http.Header{"Host": {host}})
		assert.Equal(t, want, status, host)
	}
	named := newPage(&settings{expose: true, addr: "tenant:8443", page: "tenant:8025"}, mustTenant(t), "http://tenant:8025", nil)
	assert.True(t, named.isOwn("tenant:8025"))
	assert.False(t, named.isOwn("other:8025"))
	alone := newPage(&settings{addr: "localhost:8443", page: "localhost:8025"}, mustTenant(t), "http://localhost:8025", nil)
	assert.False(t, alone.isOwn("192.0.2.1:8025"))
}

func mustTenant(t *testing.T) *mfatest.Tenant {
	tenant := mfatest.NewTenant(mfatest.WithMemoryNetwork())
	t.Cleanup(tenant.Close)
	return tenant
}

func TestPage_isGuarded(t *testing.T) {
	t.Parallel()
	r := launch(t)
	for _, path := range []string{"/", "/page.js", "/mail.json", "/tenant.json", "/missing"} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.Page+path, http.NoBody)
		require.NoError(t, err)
		response, err := r.client.Do(request)
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		assert.Equal(t, "nosniff", response.Header.Get("X-Content-Type-Options"), path)
		assert.Contains(t, response.Header.Get("Content-Security-Policy"), "default-src 'none'")
		assert.Contains(t, response.Header.Get("Cache-Control"), "no-store")
	}
	assert.NotContains(t, r.get(t, r.Page), "http-equiv", "a reload would take the focus")
	large := strings.Repeat("x", 65<<10)
	status, _ := r.post(t, r.Page+"/users", url.Values{"email": {"x@example.com"}, "password": {large}})
	assert.Equal(t, 400, status)

	server := newPage(&settings{}, mustTenant(t), "", nil).server(t.Context())
	assert.Positive(t, server.ReadTimeout)
	assert.Positive(t, server.IdleTimeout)
	assert.Greater(t, server.WriteTimeout, maxWait)
}

// The image holds the binary alone, so it must need nothing else.
func TestDockerfile(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("Dockerfile")
	require.NoError(t, err)
	_, line, found := strings.Cut(string(source), "\nENTRYPOINT ")
	require.True(t, found)
	var command []string
	require.NoError(t, json.Unmarshal([]byte(strings.TrimSpace(line)), &command))
	s, err := parse(command[1:], t.Output())
	require.NoError(t, err)
	assert.True(t, s.expose)
	assert.Equal(t, 1, strings.Count(string(source), "\nCOPY "))
	assert.Contains(t, string(source), "\nFROM scratch\n")
}

// A container has no folder for temporary files.
func TestTenant_runsWithoutATemporaryFolder(t *testing.T) {
	t.Setenv("TMPDIR", filepath.Join(t.TempDir(), "missing"))
	r := launch(t)
	assert.Contains(t, r.get(t, r.Page), "Mailboxes")
}
