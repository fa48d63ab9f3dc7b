package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/examples/loginui/internal/browsertest"
	"github.com/go-auth0-mfa/mfa/mfatest"
)

func env(settings map[string]string) func(string) string {
	return func(name string) string { return settings[name] }
}

// serve runs the program and returns the address that it prints first.
func serve(t *testing.T, settings map[string]string, opts ...mfa.Option) string {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	in, out := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		err := run(ctx, []string{"-addr", "127.0.0.1:0"}, env(settings), out, opts...)
		_ = out.CloseWithError(io.EOF)
		ended <- err
	}()
	first := make([]byte, 4096)
	n, err := in.Read(first)
	require.NoError(t, err)
	go io.Copy(io.Discard, in) //nolint:errcheck // nobody reads on
	t.Cleanup(func() {
		stop()
		assert.NoError(t, <-ended)
	})
	url := regexp.MustCompile(`login page +(http://\S+)/\n`).FindSubmatch(first[:n])
	require.NotNil(t, url, string(first[:n]))
	return string(url[1])
}

func get(t *testing.T, url, host string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	require.NoError(t, err)
	req.Host = host
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer resp.Body.Close() //nolint:errcheck // it was only read
	page, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp.StatusCode, string(page)
}

func TestRun_servesNamesOfThisMachineOnly(t *testing.T) {
	t.Parallel()
	url := serve(t, nil)
	status, page := get(t, url, "")
	assert.Equal(t, 200, status)
	assert.Contains(t, page, "mailbox")
	for host, want := range map[string]int{"localhost": 200, "[::1]:80": 200, "rebound.example.com": 403, "rebound.example.com:80": 403} {
		status, _ := get(t, url+"/mailbox", host)
		assert.Equal(t, want, status, host)
	}
}

func TestRealTenant(t *testing.T) {
	t.Parallel()
	tenant := mfatest.NewTenant()
	defer tenant.Close()
	tenant.AddUser(mfatest.User{Email: "ada@example.com", Password: "correct horse"})
	url := serve(t, map[string]string{
		"AUTH0_DOMAIN": tenant.URL, "AUTH0_CLIENT_ID": tenant.ClientID, "AUTH0_CLIENT_SECRET": tenant.ClientSecret,
	}, mfa.WithHTTPClient(tenant.HTTPClient()))
	b := browsertest.Open(t, url).Get("/").On("/login")
	assert.NotContains(t, b.Page, "mailbox")
	b.Post("/login", "email", "ada@example.com", "password", "correct horse").On("/verify")
	assert.Contains(t, b.Page, "Protect your account")
	status, _ := get(t, url+"/mailbox", "")
	assert.Equal(t, 404, status)
}

func TestSettings(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		args     []string
		settings map[string]string
	}{
		"unknown flag":        {args: []string{"-bogus"}},
		"unexpected argument": {args: []string{"extra"}},
		"no port":             {args: []string{"-addr", "127.0.0.1"}},
		"not this machine":    {args: []string{"-addr", "0.0.0.0:8080"}},
		"any address":         {args: []string{"-addr", ":8080"}},
		"bad port":            {args: []string{"-addr", "127.0.0.1:bogus"}},
		"no port of Redis":    {args: []string{"-redis", "localhost"}},
		"missing setting":     {settings: map[string]string{"AUTH0_DOMAIN": "tenant.eu.auth0.com"}},
		"wrong domain":        {settings: map[string]string{"AUTH0_DOMAIN": "http://tenant", "AUTH0_CLIENT_ID": "id", "AUTH0_CLIENT_SECRET": "canary"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := run(t.Context(), test.args, env(test.settings), io.Discard)
			require.Error(t, err)
			assert.NotContains(t, err.Error(), "\n")
			assert.NotContains(t, err.Error(), "canary")
		})
	}
}

func TestHelp(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), []string{"-h"}, env(nil), &out))
	for _, name := range []string{"AUTH0_DOMAIN", "AUTH0_CLIENT_ID", "AUTH0_CLIENT_SECRET", "-addr", "-redis"} {
		assert.Contains(t, out.String(), name)
	}
}
