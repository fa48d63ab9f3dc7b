package demo_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/examples/loginui/demo"
	"github.com/go-auth0-mfa/mfa/examples/loginui/internal/browsertest"
	"github.com/go-auth0-mfa/mfa/mfatest"
)

func TestMailbox(t *testing.T) {
	t.Parallel()
	tenant := mfatest.NewTenant(mfatest.WithMemoryNetwork())
	defer tenant.Close()
	mailbox := demo.NewMailbox(tenant, "/auth")
	b := browsertest.Visit(t, "localhost", mailbox).Get("/mailbox")
	for _, text := range []string{"None yet.", "battery staple", tenant.OTP("grace@example.com"), `href="/auth/`} {
		assert.Contains(t, b.Page, text)
	}
	before := tenant.Now()
	b.Post("/mailbox", "action", "advance", "by", "5m").On("/mailbox")
	assert.Equal(t, before.Add(5*time.Minute), tenant.Now())
	for _, bad := range [][]string{{}, {"action", "advance", "by", "-1m"}, {"action", "advance", "by", "x"}, {"action", "approve", "user", "grace@example.com"}, {"action", "reject", "user", "nobody"}} {
		assert.Equal(t, http.StatusBadRequest, b.Post("/mailbox", bad...).Status)
	}
	for _, header := range []http.Header{{"Sec-Fetch-Site": {"cross-site"}}, {"Sec-Fetch-Site": {"same-site"}}, {"Origin": {"https://evil.example"}}, {"Origin": {"null"}}} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://localhost/mailbox", strings.NewReader(url.Values{"action": {"advance"}, "by": {"5m"}}.Encode()))
		require.NoError(t, err)
		req.Header = header.Clone()
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		assert.Equal(t, http.StatusForbidden, browsertest.Serve(mailbox, req).Code)
	}
	assert.Equal(t, before.Add(5*time.Minute), tenant.Now())

	_, err := tenant.Client().Associate(t.Context(), mfa.AssociateRequest{Token: tenant.MFAToken("ada@example.com"), Factor: mfa.FactorEmail, Email: "ada@example.org"})
	require.NoError(t, err)
	code, _ := tenant.LastCode("ada@example.org")
	assert.Contains(t, b.Get("/mailbox").Page, code)
}
