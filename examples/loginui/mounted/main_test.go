package main

import (
	"bufio"
	"context"
	"io"
	"log/slog"
	"net/http"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa/examples/loginui/demo"
	"github.com/go-auth0-mfa/mfa/examples/loginui/internal/browsertest"
	"github.com/go-auth0-mfa/mfa/examples/loginui/ui"
)

// A whole login under the path: enroll, code, recovery code, the application's own page, the
// account page, sign out.
func TestRun(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	in, out := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		err := run(ctx, []string{"-addr", "127.0.0.1:0"}, func(string) string { return "" }, out)
		_ = out.CloseWithError(io.EOF)
		ended <- err
	}()
	line, err := bufio.NewReader(in).ReadString('\n')
	require.NoError(t, err)
	go io.Copy(io.Discard, in) //nolint:errcheck // nobody reads on
	t.Cleanup(func() {
		stop()
		assert.NoError(t, <-ended)
	})
	at := regexp.MustCompile(`http://\S+:\d+`).FindString(line)
	require.NotEmpty(t, at, line)

	b := browsertest.Open(t, at)
	code := func() string {
		t.Helper()
		found := regexp.MustCompile(`<code data-to="ada@example.com">([^<]+)<`).FindStringSubmatch(b.Thief(nil).Get("/mailbox").Page)
		require.NotNil(t, found)
		return found[1]
	}
	b.Get("/").On("/auth/login").Post("/auth/login", "email", "ada@example.com", "password", "correct horse").On("/auth/verify")
	b.Post("/auth/enroll", "email", "").On("/auth/verify")
	b.Post("/auth/code", "code", code()).On("/auth/")
	assert.Contains(t, b.Page, "data-recovery")
	b.Get("/").On("/auth/") // the recovery code comes first
	b.Post("/auth/recovery-codes").On("/")
	assert.Contains(t, b.Page, "<h1>Welcome, <bdi>ada@example.com</bdi></h1>")
	assert.Contains(t, b.Get("/auth").On("/auth/").Page, `href="/"`)
	b.Post("/auth/account").On("/auth/account")
	for _, link := range regexp.MustCompile(`(?:href|src|action)="([^"]*)"`).FindAllStringSubmatch(b.Page, -1) {
		assert.Regexp(t, `^/(auth/.*|mailbox)$`, link[1])
	}
	assert.Equal(t, http.StatusOK, b.Get("/auth/static/style.css").Status)
	assert.Equal(t, http.StatusNotFound, b.Get("/auth/static/").Status)
	b.Get("/auth/").Post("/auth/sign-out").On("/auth/login").Get("/").On("/auth/login")
}

func open(t *testing.T) http.Handler {
	t.Helper()
	tenant, err := demo.Open(&demo.Settings{}, "/auth")
	require.NoError(t, err)
	t.Cleanup(tenant.Close)
	handler, err := routes(t.Context(), tenant, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	return ui.WithoutTLS(handler)
}

// What the application has no text for is English.
func TestText_translates(t *testing.T) {
	t.Parallel()
	b := browsertest.Visit(t, "127.0.0.1", open(t)).Get("/auth/login")
	for _, text := range []string{`<html lang="de"`, "<h1>Anmelden</h1>", ">E-Mail-Adresse<", ">Passwort<", ">Anmelden</button>"} {
		assert.Contains(t, b.Page, text)
	}
	b.Post("/auth/login", "email", "ada@example.com", "password", "wrong").On("/auth/login")
	assert.Contains(t, b.Page, "Incorrect e-mail address or password.")
}

// Behind a proxy that ends TLS, browsertest checks that each cookie is the host's own.
func TestRoutes_haveSafeCookies(t *testing.T) {
	t.Parallel()
	b := browsertest.Visit(t, "login.example", open(t))
	b.Get("/").On("/auth/login").Post("/auth/login", "email", "ada@example.com", "password", "correct horse").On("/auth/verify")
	b.Post("/auth/enroll", "email", "").On("/auth/verify").Post("/auth/sign-out").On("/auth/login")
	assert.NotEmpty(t, b.Seen["mfa-step"])
}
