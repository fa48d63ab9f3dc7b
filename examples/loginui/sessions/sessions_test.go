package sessions_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/examples/loginui/internal/browsertest"
	"github.com/go-auth0-mfa/mfa/examples/loginui/sessions"
	"github.com/go-auth0-mfa/mfa/examples/loginui/ui"
)

var _ ui.App = (*sessions.App)(nil)

// routes signs in as the user in the path, tells who is signed in, and signs out.
func routes(t *testing.T) http.Handler {
	app := sessions.New()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /in/{email}", func(w http.ResponseWriter, r *http.Request) {
		user := ui.User{Subject: "auth0|1", Email: r.PathValue("email"), Binding: "random", Claims: []ui.Claim{{Name: "sub", Value: "auth0|1"}}}
		assert.NoError(t, app.SignIn(w, r, user, &mfa.Token{}))
	})
	mux.HandleFunc("GET /who", func(w http.ResponseWriter, r *http.Request) {
		user, ok := app.SignedIn(r)
		assert.Equal(t, ok, user.Email != "")
		if ok { // all of it was kept
			assert.Equal(t, ui.User{Subject: "auth0|1", Email: user.Email, Binding: "random", Claims: []ui.Claim{{Name: "sub", Value: "auth0|1"}}}, user)
		}
		_, _ = w.Write([]byte(user.Email))
	})
	mux.HandleFunc("GET /out", func(w http.ResponseWriter, r *http.Request) { assert.NoError(t, app.SignOut(w, r)) })
	return ui.WithoutTLS(app.Load(mux))
}

// Who is not signed in has no cookie to delete.
func TestApp_setsNoCookieWithoutNeed(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/who", "/out"} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://login.example"+path, http.NoBody)
		require.NoError(t, err)
		assert.Empty(t, browsertest.Serve(routes(t), req).Header()["Set-Cookie"], path)
	}
}

func TestApp_keepsOneUser(t *testing.T) {
	t.Parallel()
	for _, host := range []string{"127.0.0.1", "localhost:8080", "[::1]:80", "login.example", "login.example:8443", "127.0.0.1.nip.io", "192.0.2.7", "[2001:db8::7]"} {
		b := browsertest.Visit(t, host, routes(t))
		assert.Empty(t, b.Get("/who").Page)
		assert.Equal(t, "grace@example.com", b.Get("/in/grace@example.com").Get("/who").Page)
		assert.Equal(t, "joan@example.com", b.Get("/in/joan@example.com").Get("/who").Page)
		assert.Len(t, b.Seen["session"], 2, "each sign-in has an ID of its own")
		first := map[string]string{"session": b.Seen["session"][0]}
		assert.Empty(t, b.Thief(first).Get("/who").Page)
		assert.Empty(t, b.Get("/out").Cookies)
		assert.Empty(t, b.Get("/who").Page)
		for _, id := range b.Seen["session"] {
			assert.Empty(t, b.Thief(map[string]string{"session": id}).Get("/who").Page)
		}
	}
}

// An ID that somebody else chose is no session, also not after a sign-in with it.
func TestApp_keepsNoIDOfABrowser(t *testing.T) {
	t.Parallel()
	b := browsertest.Visit(t, "login.example", routes(t))
	planted := map[string]string{"session": strings.Repeat("a", 43)}
	victim := b.Thief(planted).Get("/in/grace@example.com")
	require.Equal(t, "grace@example.com", victim.Get("/who").Page)
	assert.NotEqual(t, planted["session"], victim.Cookies["session"])
	assert.Empty(t, b.Thief(planted).Get("/who").Page)
}

// A cookie without __Host-, which a neighbor can set, is none here.
func TestApp_readsNoCookieOfANeighbor(t *testing.T) {
	t.Parallel()
	handler := routes(t)
	b := browsertest.Visit(t, "127.0.0.1", handler).Get("/in/grace@example.com")
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://login.example/who", http.NoBody)
	require.NoError(t, err)
	req.AddCookie(&http.Cookie{Name: "session", Value: b.Cookies["session"]})
	assert.Empty(t, browsertest.Serve(handler, req).Body.String())
	req.AddCookie(&http.Cookie{Name: "__Host-session", Value: b.Cookies["session"]})
	assert.NotEmpty(t, browsertest.Serve(handler, req).Body.String())
}
