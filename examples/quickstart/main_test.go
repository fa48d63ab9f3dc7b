package main

import (
	"bytes"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/mfatest"
)

func env(settings map[string]string) func(string) string {
	return func(name string) string { return settings[name] }
}

func TestEmbedded(t *testing.T) {
	t.Parallel()
	want, err := os.ReadFile("testdata/embedded.txt")
	require.NoError(t, err)
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), nil, env(nil), strings.NewReader(""), &out))
	assert.Equal(t, string(want), out.String())
}

// The same program against a tenant that it did not make, with the answers of
// a person: it asks for what is missing, and for the code again after a wrong one.
func TestRealTenant(t *testing.T) {
	t.Parallel()
	const address = "ada@example.com"
	tenant := mfatest.NewTenant()
	defer tenant.Close()
	tenant.AddUser(mfatest.User{Email: address, Password: "correct horse"})
	settings := env(map[string]string{
		"AUTH0_DOMAIN": tenant.URL, "AUTH0_CLIENT_ID": tenant.ClientID, "AUTH0_CLIENT_SECRET": tenant.ClientSecret,
	})
	person, answers := io.Pipe()
	out := &prompts{answers: answers, tenant: tenant, address: address}
	err := run(t.Context(), []string{"-user", address, "-email", address}, settings, person, out, mfa.WithHTTPClient(tenant.HTTPClient()))
	require.NoError(t, err)
	assert.Equal(t, 2, out.codes)
	assert.Contains(t, out.String(), "verify: the code is right")
	assert.NotContains(t, out.String(), "correct horse")
}

// A user with an app is not enrolled past it.
func TestRealTenant_withAnotherFactor(t *testing.T) {
	t.Parallel()
	tenant := mfatest.NewTenant()
	defer tenant.Close()
	tenant.AddUser(mfatest.User{Email: "ada@example.com", Password: "correct horse", Authenticators: []mfatest.Authenticator{{Factor: mfa.FactorOTP, Active: true}}})
	err := run(t.Context(), []string{"-user", "ada@example.com", "-password", "correct horse"}, env(map[string]string{
		"AUTH0_DOMAIN": tenant.URL, "AUTH0_CLIENT_ID": tenant.ClientID, "AUTH0_CLIENT_SECRET": tenant.ClientSecret,
	}), strings.NewReader(""), io.Discard, mfa.WithHTTPClient(tenant.HTTPClient()))
	require.ErrorIs(t, err, mfa.ErrAlreadyEnrolled)
	require.Len(t, tenant.Requests(), 2)
	assert.Equal(t, mfa.OpListAuthenticators, tenant.Requests()[1].Op)
}

// prompts is the person at the screen, who answers when asked.
type prompts struct {
	bytes.Buffer
	answers *io.PipeWriter
	tenant  *mfatest.Tenant
	address string
	codes   int
}

func (p *prompts) Write(text []byte) (int, error) {
	switch string(text) {
	case "password: ":
		go io.WriteString(p.answers, "correct horse\n") //nolint:errcheck // the program reads it or the test fails
	case "code: ":
		code, _ := p.tenant.LastCode(p.address)
		if p.codes++; p.codes == 1 {
			code = wrong(code)
		}
		go io.WriteString(p.answers, code+"\n") //nolint:errcheck // as above
	}
	return p.Buffer.Write(text)
}

func TestSettings(t *testing.T) {
	t.Parallel()
	all := map[string]string{"AUTH0_DOMAIN": "tenant.eu.auth0.com", "AUTH0_CLIENT_ID": "id", "AUTH0_CLIENT_SECRET": "secret"}
	for name, test := range map[string]struct {
		args     []string
		settings map[string]string
	}{
		"unknown flag":        {args: []string{"-bogus"}},
		"unexpected argument": {args: []string{"extra"}},
		"missing setting":     {settings: map[string]string{"AUTH0_DOMAIN": "tenant.eu.auth0.com"}},
		"wrong domain":        {settings: map[string]string{"AUTH0_DOMAIN": "http://tenant", "AUTH0_CLIENT_ID": "id", "AUTH0_CLIENT_SECRET": "secret"}},
		"no user":             {settings: all},
		"no password":         {args: []string{"-user", "ada@example.com"}, settings: all},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := run(t.Context(), test.args, env(test.settings), strings.NewReader(""), io.Discard)
			require.Error(t, err)
			assert.NotContains(t, err.Error(), "\n")
		})
	}
}

func TestHelp(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), []string{"-h"}, env(nil), strings.NewReader(""), &out))
	for _, name := range []string{"AUTH0_DOMAIN", "AUTH0_CLIENT_ID", "AUTH0_CLIENT_SECRET", "-user", "-password", "-email"} {
		assert.Contains(t, out.String(), name)
	}
}
