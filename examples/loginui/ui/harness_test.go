package ui

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"html"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/examples/loginui/demo"
	"github.com/go-auth0-mfa/mfa/mfatest"
)

// rig is a login page with its tenant, whose clock stands still.
type rig struct {
	*testing.T
	tenant  *mfatest.Tenant
	pages   *Pages
	handler http.Handler
	mailbox *demo.Mailbox
	url     string
	log     *buffer
	wire    *wire
	seen    *buffer // everything that any browser saw: addresses and pages, the mailbox excepted

	cookies map[string]bool // the values of all that are secret
}

func launch(t *testing.T, opts ...mfatest.Option) *rig {
	t.Helper()
	r := &rig{T: t, tenant: mfatest.NewTenant(opts...), log: &buffer{}, seen: &buffer{}, cookies: map[string]bool{}}
	t.Cleanup(r.tenant.Close)
	r.wire = &wire{base: r.tenant.HTTPClient().Transport}
	var err error
	r.mailbox = demo.NewMailbox(r.tenant, "")
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails
	r.pages, err = New(t.Context(), Config{
		Client: r.tenant.Client(mfa.WithHTTPClient(&http.Client{Transport: r.wire})), App: &app{now: r.tenant.Now, users: map[string]User{}, ends: map[string]time.Time{}}, Key: key,
		Keys: r.tenant.HTTPClient(), Now: r.tenant.Now, Log: slog.New(slog.NewTextHandler(r.log, nil)),
	})
	require.NoError(t, err)
	mux := http.NewServeMux()
	mux.Handle("/", r.pages)
	mux.Handle("/mailbox", r.mailbox)
	r.handler = mux
	server := httptest.NewServer(WithoutTLS(r.handler))
	t.Cleanup(server.Close)
	r.url = server.URL
	t.Cleanup(r.noSecretSeen)
	return r
}

// app keeps sessions on the tenant's clock.
type app struct {
	now   func() time.Time
	text  func(key string) string // nil: English
	mu    sync.Mutex
	users map[string]User // by the values of their cookies
	ends  map[string]time.Time
}

func (a *app) cookie(r *http.Request) string {
	cookie, err := r.Cookie(cookieName(r, "session"))
	if err != nil {
		return ""
	}
	return cookie.Value
}

func (a *app) SignIn(w http.ResponseWriter, r *http.Request, user User, _ *mfa.Token) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	id := rand.Text()
	a.users[id], a.ends[id] = user, a.now().Add(time.Hour)
	setCookie(w, r, "session", id, time.Hour)
	return nil
}

func (a *app) SignedIn(r *http.Request) (User, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	user, ok := a.users[a.cookie(r)]
	return user, ok && a.now().Before(a.ends[a.cookie(r)])
}

func (a *app) SignOut(w http.ResponseWriter, r *http.Request) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.users, a.cookie(r))
	setCookie(w, r, "session", "", 0)
	return nil
}

func (a *app) Text(_ *http.Request, key string) string {
	if a.text == nil {
		return ""
	}
	return a.text(key)
}

// noSecretSeen checks every test's pages, addresses and log.
func (r *rig) noSecretSeen() {
	text := r.seen.String() + r.log.String()
	secrets := slices.AppendSeq(append(r.wire.secrets(), r.tenant.ClientSecret), maps.Keys(r.cookies))
	for _, u := range r.mailbox.Users {
		secrets = append(secrets, u.Password)
	}
	for _, m := range r.tenant.Messages() {
		secrets = append(secrets, m.Code)
	}
	for _, secret := range secrets {
		assert.NotContains(r, text, secret)
	}
}

// recoveryCode returns the user's recovery code.
func (r *rig) recoveryCode(email string) string {
	r.Helper()
	code, ok := r.tenant.RecoveryCode(email)
	require.True(r, ok, "no recovery code of %s", email)
	return code
}

// buffer is a buffer for several goroutines.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// wire keeps the responses of the tenant.
type wire struct {
	base   http.RoundTripper
	mu     sync.Mutex
	bodies [][]byte
}

func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := w.base.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	resp.Body = io.NopCloser(bytes.NewReader(body))
	w.mu.Lock()
	defer w.mu.Unlock()
	w.bodies = append(w.bodies, body)
	return resp, err
}

// secrets returns the tokens that the tenant handed out. Recovery codes and
// keys of authenticator apps are not among them: pages show those.
func (w *wire) secrets() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var all []string
	for _, body := range w.bodies {
		var response map[string]any
		_ = json.Unmarshal(body, &response)
		for _, name := range []string{"mfa_token", "oob_code", "access_token", "id_token", "refresh_token"} {
			if secret, ok := response[name].(string); ok {
				all = append(all, secret)
			}
		}
	}
	return all
}

// browser is a browser that follows redirects and keeps cookies.
type browser struct {
	*rig
	client *http.Client
	path   string // where the last page was
	page   string
	status int
}

func (r *rig) browser() *browser {
	jar, err := cookiejar.New(nil)
	require.NoError(r, err)
	return &browser{rig: r, client: &http.Client{Jar: jar}}
}

func (b *browser) do(method, path string, header http.Header, form url.Values) *browser {
	b.Helper()
	req, err := http.NewRequestWithContext(b.Context(), method, b.url+path, strings.NewReader(form.Encode()))
	require.NoError(b, err)
	maps.Copy(req.Header, header)
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	resp, err := b.client.Do(req)
	require.NoError(b, err)
	defer resp.Body.Close() //nolint:errcheck // it was only read
	page, err := io.ReadAll(resp.Body)
	require.NoError(b, err)
	b.path, b.page, b.status = resp.Request.URL.Path, html.UnescapeString(string(page)), resp.StatusCode
	for _, name := range []string{"mfa-browser", "mfa-login", "mfa-step", "mfa-refresh", "mfa-manage", "mfa-codes", "session"} {
		if cookie := b.cookie(name); cookie != nil {
			b.cookies[cookie.Value] = true
		}
	}
	if b.path != "/mailbox" {
		_, _ = io.WriteString(b.seen, resp.Request.URL.String()+"\n"+b.page)
	}
	return b
}

func (b *browser) get(path string) *browser {
	b.Helper()
	return b.do(http.MethodGet, path, nil, nil)
}

var formToken = regexp.MustCompile(`name="form" value="([^"]+)"`)

// post sends a form of the page that the browser is on.
func (b *browser) post(path string, fields ...string) *browser {
	b.Helper()
	form := url.Values{}
	if token := formToken.FindStringSubmatch(b.page); token != nil {
		form.Set("form", token[1])
	}
	if shown := regexp.MustCompile(`name="shown" value="([^"]+)"`).FindStringSubmatch(b.page); shown != nil {
		form.Set("shown", shown[1])
	}
	for i := 0; i < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	return b.do(http.MethodPost, path, http.Header{"Origin": {b.url}}, form)
}

// login sends the password form of a user of the mailbox.
func (b *browser) login(user int) *browser {
	b.Helper()
	u := b.mailbox.Users[user]
	return b.get("/login").post("/login", "email", u.Email, "password", u.Password)
}

const (
	ada   = 0 // has nothing
	grace = 1 // has everything
)

// code returns the newest code to a user.
func (r *rig) code(user int) string {
	r.Helper()
	code, ok := r.tenant.LastCode(r.mailbox.Users[user].Email)
	require.True(r, ok)
	return code
}

// wrong returns another code of the same form, of digits or of a recovery code.
func wrong(code string) string {
	if code[0] == '7' {
		return "2" + code[1:]
	}
	return "7" + code[1:]
}

// on checks where the browser is and what the page says.
func (b *browser) on(path string, says ...string) *browser {
	b.Helper()
	require.Equal(b, path, b.path, b.page)
	for _, text := range says {
		assert.Contains(b, b.page, text)
	}
	return b
}

// authenticator returns the id of an authenticator on the page.
func (b *browser) authenticator(name string) string {
	b.Helper()
	found := regexp.MustCompile(`value="([^"]+)"[^>]*><strong>` + name).FindStringSubmatch(b.page)
	require.NotNil(b, found, b.page)
	return found[1]
}

// cookie returns a cookie of the browser; nil: none.
func (b *browser) cookie(name string) *http.Cookie {
	at, err := url.Parse(b.url)
	require.NoError(b, err)
	for _, cookie := range b.client.Jar.Cookies(at) {
		if cookie.Name == name {
			return cookie
		}
	}
	return nil
}

func (b *browser) setCookie(name, value string) {
	at, err := url.Parse(b.url)
	require.NoError(b, err)
	b.client.Jar.SetCookies(at, []*http.Cookie{{Name: name, Value: value, Path: "/"}})
}
