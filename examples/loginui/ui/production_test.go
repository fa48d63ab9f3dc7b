package ui

import (
	"crypto/rand"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/mfatest"
)

// A proxy on the same machine can call this one by its own name: nginx does, in HTTP/1.0,
// unless its configuration says otherwise.
func TestSecure_behindAProxyThatNamesThisMachine(t *testing.T) {
	t.Parallel()
	request := func() *http.Request {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/login", nil)
		r.Host = "127.0.0.1:8080"
		return r
	}
	assert.True(t, Secure(request()), "a proxy that does not show itself")
	develop := request
	request = func() *http.Request {
		r := develop()
		WithoutTLS(http.HandlerFunc(func(_ http.ResponseWriter, inside *http.Request) { r = inside })).ServeHTTP(nil, r)
		return r
	}
	assert.False(t, Secure(request()), "of this machine")
	other := request()
	other.Host = "login.example"
	assert.True(t, Secure(other))

	nginx := request()
	nginx.Proto, nginx.ProtoMinor = "HTTP/1.0", 0
	assert.True(t, Secure(nginx))
	for _, name := range []string{"Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP"} {
		proxied := request()
		proxied.Header.Set(name, "192.0.2.7")
		assert.True(t, Secure(proxied), name)
	}
}

// unsure is an App whose sessions fail as long as err is not nil.
type unsure struct {
	*app
	signIn, signOut error
}

func (a *unsure) SignIn(w http.ResponseWriter, r *http.Request, user User, token *mfa.Token) error {
	if a.signIn != nil {
		return a.signIn
	}
	return a.app.SignIn(w, r, user, token)
}

func (a *unsure) SignOut(w http.ResponseWriter, r *http.Request) error {
	if a.signOut != nil {
		return a.signOut
	}
	return a.app.SignOut(w, r)
}

// The code is spent and the recovery code exists, so the user who tries again gets both.
func TestSignIn_canBeTriedAgain_whenTheApplicationFails(t *testing.T) {
	t.Parallel()
	for name, fail := range map[string]func(*unsure, error){
		"SignIn":  func(a *unsure, err error) { a.signIn = err },
		"SignOut": func(a *unsure, err error) { a.signOut = err },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := launch(t)
			failing := &unsure{app: r.pages.c.App.(*app)}
			r.pages.c.App = failing
			b := r.browser().login(ada).post("/enroll", "email", "")
			code := r.code(ada)
			fail(failing, errors.New("store is down"))
			b.post("/code", "code", code).on("/verify", "Something went wrong. Please try again in a minute.")
			assert.Nil(t, b.cookie("session"))
			fail(failing, nil)
			b.post("/code", "code", code).on("/", "<h1>Store your recovery code</h1>", groups(r.recoveryCode("ada@example.com")))
			assert.Contains(t, r.log.String(), "store is down")
		})
	}
}

// The keys of the tenant cannot be had for a moment.
func TestSignIn_canBeTriedAgain_whenTheTokenCannotBeChecked(t *testing.T) {
	t.Parallel()
	r := launch(t)
	check := r.pages.tokens
	r.pages.tokens = newChecker(t.Context(), "https://127.0.0.1:1/", r.tenant.ClientID, r.tenant.HTTPClient(), r.tenant.Now)
	b := r.browser().login(ada).post("/enroll", "email", "")
	code := r.code(ada)
	b.post("/code", "code", code).on("/verify", "Something went wrong on our side")
	assert.Nil(t, b.cookie("session"))
	r.pages.tokens = check
	b.post("/code", "code", code).on("/", "<h1>Store your recovery code</h1>", groups(r.recoveryCode("ada@example.com")))
}

// stateless is an App whose session is in the cookie of the request.
type stateless struct{ *app }

func (a stateless) SignOut(w http.ResponseWriter, r *http.Request) error {
	setCookie(w, r, "session", "", 0)
	return nil
}

// Whatever the application still reads from the request, the password form has ended it.
func TestLogin_tellsOfAWrongPassword_whenTheRequestHasASession(t *testing.T) {
	t.Parallel()
	r := launch(t)
	r.pages.c.App = stateless{r.pages.c.App.(*app)}
	b := r.signedIn(grace)
	b.get("/login").post("/login", "email", "ada@example.com", "password", "wrong").on("/login", "Incorrect e-mail address or password.")
	assert.Nil(t, b.cookie("session"))
}

// The page of another tab has another code than the one that is not stored yet.
func TestRecoveryCodes_stayUntilTheirOwnPageIsConfirmed(t *testing.T) {
	t.Parallel()
	r := launch(t)
	b := r.browser().login(ada).post("/enroll", "email", "")
	b.post("/code", "code", r.code(ada)).on("/", "<h1>Store your recovery code</h1>")
	left := *b // the same cookies, the older page
	b.post("/recovery-codes").post("/sign-out")

	r.tenant.AddUser(mfatest.User{Email: "joan@example.com", Password: "tr0ub4dor"})
	b.get("/login").post("/login", "email", "joan@example.com", "password", "tr0ub4dor").post("/enroll", "email", "")
	code, _ := r.tenant.LastCode("joan@example.com")
	b.post("/code", "code", code).on("/", "<h1>Store your recovery code</h1>")
	left.post("/recovery-codes").on("/", "<h1>Store your recovery code</h1>", groups(r.recoveryCode("joan@example.com")))
	b.post("/recovery-codes").on("/", "<h1>You are signed in</h1>")
}

// An application can look the user up by the address: it is the one in the ID token, not
// another spelling of it.
func TestSignIn_keepsTheAddressOfTheIDToken(t *testing.T) {
	t.Parallel()
	r := launch(t)
	u := r.mailbox.Users[grace]
	b := r.browser().get("/login").post("/login", "email", "GRACE@example.com", "password", u.Password)
	b.post("/code", "code", r.code(grace)).on("/", "<bdi>grace@example.com</bdi>")
	assert.NotContains(t, b.page, "GRACE")
}

// Without an ID token nobody knows whose access token it is.
func TestAccount_refusesATokenOfNobody(t *testing.T) {
	t.Parallel()
	r := launch(t)
	b := r.joan()
	r.tenant.Fail(mfatest.Fault{Op: mfa.OpRefresh, Status: http.StatusOK, Body: `{"access_token":"of-somebody","token_type":"Bearer","expires_in":600}`})
	b.post("/account").on("/", "Something went wrong on our side")
	assert.Nil(t, b.cookie("mfa-manage"))
}

// What is no path of this host is refused, and no router panics about it.
func TestNew_refusesWhatIsNoPath(t *testing.T) {
	t.Parallel()
	tenant := mfatest.NewTenant()
	t.Cleanup(tenant.Close)
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails
	for _, path := range []string{
		"auth", "//evil.example", "/\\evil.example", "/\t/evil.example", "/\n/evil.example", "https://evil.example", "/a?b", "/a#b", "/{a}", "/a b", "/%2fevil.example", "/\x00",
	} {
		_, err := New(t.Context(), Config{Client: tenant.Client(), App: &app{}, Key: key, Home: path})
		require.Error(t, err, "Home %q", path)
	}
	for _, path := range []string{"/", "/auth/", "/a//b", "/a/../b", "/./a", "/a/.", "auth", "//auth", "/{a}", "/%61", "/a\tb"} {
		_, err := New(t.Context(), Config{Client: tenant.Client(), App: &app{}, Key: key, Prefix: path})
		require.Error(t, err, "Prefix %q", path)
	}
	for _, path := range []string{"", "/auth", "/a/b.c", "/ä"} {
		_, err := New(t.Context(), Config{Client: tenant.Client(), App: &app{}, Key: key, Prefix: path, Home: path + "/"})
		require.NoError(t, err, path)
	}
}

// The headers of each response fit the 4 KiB that nginx has for them, with an mfa_token as
// long as real ones, an address of a usual length and the cookies of an earlier session.
func TestHeaders_fitTheBufferOfAProxy(t *testing.T) {
	t.Parallel()
	r := launch(t)
	cookies := map[string]string{}
	email := strings.Repeat("a", 52) + "@example.com"
	r.tenant.AddUser(mfatest.User{Email: email, Password: "tr0ub4dor"})
	for range 2 {
		send := func(method, path string, fields ...string) {
			t.Helper()
			form := []string{"form=" + r.pages.formToken(cookies["__Host-mfa-browser"])}
			req := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(strings.Join(append(form, fields...), "&")))
			req.Host = "login.example"
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			for name, value := range cookies {
				req.AddCookie(&http.Cookie{Name: name, Value: value})
			}
			w := httptest.NewRecorder()
			r.handler.ServeHTTP(w, req)
			var headers strings.Builder
			require.NoError(t, w.Header().Write(&headers))
			assert.Less(t, headers.Len(), 4096-350, path+": the status, the date, those of the application, and longer names need the rest")
			for _, cookie := range w.Result().Cookies() {
				cookies[cookie.Name] = cookie.Value
				if cookie.MaxAge < 0 {
					delete(cookies, cookie.Name)
				}
			}
		}
		send("GET", "/login")
		send("POST", "/login", "email="+email, "password=tr0ub4dor")
		if cookies["__Host-mfa-codes"] == "" {
			send("POST", "/enroll", "email=")
		}
		assert.Greater(t, len(cookies["__Host-mfa-step"]), 2800, "as long as a real one")
		code, _ := r.tenant.LastCode(email)
		send("POST", "/code", "code="+wrong(code))
		send("POST", "/code", "code="+code)
		require.NotEmpty(t, cookies["__Host-session"])
		send("POST", "/account")
	}
}

// Auth0 ends all refresh tokens of a login when one that was replaced comes again.
func TestAccount_keepsARefreshTokenThatWasReplaced_whenTheAccessTokenIsOfNoUse(t *testing.T) {
	t.Parallel()
	r := launch(t)
	b := r.joan()
	r.tenant.Fail(mfatest.Fault{Op: mfa.OpRefresh, Status: http.StatusOK, Body: `{"access_token":"of-another-api","token_type":"Bearer","scope":"openid","refresh_token":"rotated"}`})
	b.post("/account").on("/account/password")
	b.get("/").post("/account")
	var sent []string
	for _, request := range r.tenant.Requests() {
		if request.Op == mfa.OpRefresh {
			sent = append(sent, string(request.Body))
		}
	}
	require.Len(t, sent, 2)
	assert.Contains(t, sent[1], "rotated")
}
