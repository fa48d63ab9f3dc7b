package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/mfatest"
	"github.com/go-auth0-mfa/mfa/test/live"
)

const (
	username = "ada@example.com"
	password = "correct horse"
)

// Without every variable nothing happens, not even a question.
func TestRun_needsEveryVariable(t *testing.T) {
	t.Parallel()
	all := []string{"AUTH0_DOMAIN", "AUTH0_CLIENT_ID", "AUTH0_CLIENT_SECRET", "AUTH0_TEST_USERNAME", "AUTH0_TEST_PASSWORD"}
	for _, missing := range all {
		var out bytes.Buffer
		err := run(t.Context(), nil, func(name string) string {
			if name == missing {
				return ""
			}
			return "set"
		}, strings.NewReader("yes\n"), &out)
		require.Error(t, err)
		for _, name := range all {
			assert.Equal(t, name == missing, strings.HasSuffix(err.Error(), name))
		}
		assert.Empty(t, out.String())
	}
	settings, err := read(func(name string) string { return name })
	require.NoError(t, err)
	assert.Equal(t, live.Settings{Domain: all[0], ClientID: all[1], ClientSecret: all[2], Username: all[3], Password: all[4]}, settings)
}

func TestRun_asksFirst(t *testing.T) {
	t.Parallel()
	for name, input := range map[string]string{"no": "no\n", "nothing": "", "an empty line": "\n"} {
		var out bytes.Buffer
		err := run(t.Context(), nil, func(string) string { return "tenant.invalid" }, strings.NewReader(input), &out)
		assert.ErrorIs(t, err, live.ErrDeclined, name)
		assert.Contains(t, out.String(), "At most 3 e-mails", name)
	}
}

// person is the terminal of somebody who agrees and reads the mail.
type person struct {
	tenant *mfatest.Tenant
	typed  *io.PipeWriter
	typing sync.WaitGroup
	seen   bytes.Buffer
	agree  func()
}

func (p *person) Write(text []byte) (int, error) {
	switch {
	case bytes.Contains(text, []byte("Type yes to start")):
		p.say("yes")
	case bytes.Contains(text, []byte("The code of the newest e-mail")):
		code, _ := p.tenant.LastCode(username)
		p.say(code)
		if p.agree != nil {
			p.agree()
		}
	}
	return p.seen.Write(text)
}

func (p *person) say(line string) {
	p.typing.Go(func() { _, _ = io.WriteString(p.typed, line+"\n") }) // ends when it is read, or with the pipe
}

func newPerson(t *testing.T) (*person, *terminal, live.Settings) {
	tenant := mfatest.NewTenant()
	t.Cleanup(tenant.Close)
	tenant.AddUser(mfatest.User{Email: username, Password: password, EmailVerified: true})
	in, typed := io.Pipe()
	p := &person{tenant: tenant, typed: typed}
	t.Cleanup(func() {
		_ = typed.Close() // the reader has ended, too
		_ = in.Close()
		p.typing.Wait()
	})
	return p, newTerminal(in, p), live.Settings{
		Domain: strings.TrimPrefix(tenant.URL, "https://"), ClientID: tenant.ClientID, ClientSecret: tenant.ClientSecret,
		Username: username, Password: password, HTTPClient: tenant.HTTPClient(),
	}
}

func newPage(t *testing.T) string {
	page := filepath.Join(t.TempDir(), "page.md")
	content, err := os.ReadFile("../../../docs/facts.md")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(page, content, 0o600))
	return page
}

func TestCheck_writesWhatItSaw(t *testing.T) {
	t.Parallel()
	p, console, settings := newPerson(t)
	page := newPage(t)
	require.NoError(t, check(t.Context(), settings, console, page))
	written, err := os.ReadFile(page)
	require.NoError(t, err)
	assert.Contains(t, string(written), "| delete: an e-mail address | `204, no body` | as expected |")
	assert.Contains(t, p.seen.String(), "0 facts were seen otherwise than expected; 2 e-mails were sent.")
	assert.Len(t, p.tenant.Authenticators(username), 1)
}

// What cannot be deleted is no reason to lose what was seen.
func TestCheck_left(t *testing.T) {
	t.Parallel()
	p, console, settings := newPerson(t)
	p.tenant.Fail(mfatest.Fault{Op: mfa.OpDeleteAuthenticator, Times: 100, Status: 403, Body: `{"error":"access_denied"}`})
	page := newPage(t)
	err := check(t.Context(), settings, console, page)
	require.Error(t, err)
	for _, prefix := range []string{"email|dev_", "totp|dev_", "recovery-code|dev_"} {
		assert.Contains(t, err.Error(), prefix)
	}
	written, err := os.ReadFile(page)
	require.NoError(t, err)
	assert.Contains(t, string(written), "| delete: an e-mail address | `204, no body` | `403 access_denied` |")
}

// A run that ends early says so and leaves the page as it is.
func TestCheck_interrupted(t *testing.T) {
	t.Parallel()
	p, console, settings := newPerson(t)
	ctx, cancel := context.WithCancel(t.Context())
	p.agree = cancel // while the question is open
	page := newPage(t)
	before, err := os.ReadFile(page)
	require.NoError(t, err)
	assert.ErrorIs(t, check(ctx, settings, console, page), context.Canceled)
	after, err := os.ReadFile(page)
	require.NoError(t, err)
	assert.Equal(t, before, after)
	assert.Len(t, p.tenant.Messages(), 1)
	assert.Len(t, p.tenant.Authenticators(username), 1)
}
