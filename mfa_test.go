package mfa_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/internal/wiretest"
)

func TestNewClient_domain(t *testing.T) {
	t.Parallel()
	for given, canonical := range map[string]string{
		"tenant.eu.auth0.com":                  "https://tenant.eu.auth0.com",
		"https://tenant.eu.auth0.com":          "https://tenant.eu.auth0.com",
		"https://tenant.eu.auth0.com/":         "https://tenant.eu.auth0.com",
		"tenant.eu.auth0.com/":                 "https://tenant.eu.auth0.com",
		"HTTPS://Tenant.EU.Auth0.com":          "https://tenant.eu.auth0.com",
		"tenant.eu.auth0.com:443":              "https://tenant.eu.auth0.com",
		"https://login.example.com:8443/":      "https://login.example.com:8443",
		"xn--bcher-kva.example":                "https://xn--bcher-kva.example",
		"localhost":                            "https://localhost",
		"http://localhost:3000":                "http://localhost:3000",
		"http://localhost:80":                  "http://localhost",
		"https://127.0.0.1:8443":               "https://127.0.0.1:8443",
		"http://127.8.9.10":                    "http://127.8.9.10",
		"http://[::1]:3000":                    "http://[::1]:3000",
		strings.Repeat("a", 63) + ".auth0.com": "https://" + strings.Repeat("a", 63) + ".auth0.com",
		strings.Repeat("a.", 125) + "com":      "https://" + strings.Repeat("a.", 125) + "com", // 253 bytes
		"https://tenant.eu.auth0.com:65535":    "https://tenant.eu.auth0.com:65535",
		"https://tenant.eu.auth0.com:1":        "https://tenant.eu.auth0.com:1",
	} {
		t.Run(given, func(t *testing.T) {
			t.Parallel()
			tenant := wiretest.NewTenantAt(t, canonical, wiretest.Named("warm").Success)
			client, err := mfa.NewClient(given, wiretest.ClientID, mfa.WithHTTPClient(tenant.HTTPClient()))
			require.NoError(t, err)
			_, host, _ := strings.Cut(canonical, "://")
			assert.Equal(t, host, client.Domain())
			assert.Equal(t, "https://"+host+"/mfa/", client.MFAAudience())
			assert.Equal(t, wiretest.ClientID, client.ClientID())
			require.NoError(t, client.Warm(t.Context()))
			assert.Len(t, tenant.Requests(), 1)
		})
	}
	for _, given := range []string{
		"", " ", "tenant", "tenant.eu.auth0.com ", " tenant.eu.auth0.com", "tenant.eu.auth0.com.", ".auth0.com", "tenant..auth0.com",
		"http://tenant.eu.auth0.com", "ftp://tenant.eu.auth0.com", "//tenant.eu.auth0.com", "https:tenant.eu.auth0.com", "https://",
		"user:canary-secret@tenant.eu.auth0.com", "user@tenant.eu.auth0.com", "tenant.eu.auth0.com/mfa", "tenant.eu.auth0.com//",
		"tenant.eu.auth0.com?a=b", "tenant.eu.auth0.com#a", "tenant%2eauth0.com", `tenant.eu.auth0.com\`, "ten ant.auth0.com",
		"tenant\n.auth0.com", "bücher.example", "ſenant.auth0.com", "te_nant.auth0.com", "*.auth0.com", "-tenant.auth0.com", "tenant-.auth0.com",
		strings.Repeat("a", 64) + ".auth0.com", strings.Repeat("a.", 125) + "comm", "tenant.auth0.1", "203.0.113.7", "https://203.0.113.7", "0.0.0.0", "2130706433",
		"[2001:db8::1]", "2001:db8::1", "::1", "[127.0.0.1]", "[::1", "tenant.eu.auth0.com:", "tenant.eu.auth0.com:0", "tenant.eu.auth0.com:65536", "tenant.eu.auth0.com:+1",
		"tenant.eu.auth0.com:443:443", "tenant.eu.auth0.com:https", "http://localhost.example.com", "https://tenant.eu.auth0.com:8o8o",
	} {
		t.Run("refused/"+given, func(t *testing.T) {
			t.Parallel()
			client, err := mfa.NewClient(given, wiretest.ClientID)
			assert.Nil(t, client)
			wiretest.AssertRefused(t, wiretest.NewTenant(t), err, strings.Trim(given, " "), "Domain")
		})
	}
}

// Every mistake in the set-up is reported at once, and none repeats its value.
func TestNewClient_refused(t *testing.T) {
	t.Parallel()
	observe := func(context.Context, mfa.Event) {}
	for name, tt := range map[string]struct {
		domain, clientID string
		opts             []mfa.Option
		fields           []string
		value            string
	}{
		"client id missing":       {wiretest.Domain, "", nil, []string{"ClientID"}, ""},
		"client id with a space":  {wiretest.Domain, "canary id", nil, []string{"ClientID"}, "canary"},
		"client id too long":      {wiretest.Domain, strings.Repeat("canary", 43)[:257], nil, []string{"ClientID"}, "canary"},
		"nil option":              {wiretest.Domain, wiretest.ClientID, []mfa.Option{nil}, []string{"Option"}, ""},
		"secret empty":            {wiretest.Domain, wiretest.ClientID, []mfa.Option{mfa.WithClientSecret("")}, []string{"ClientSecret"}, ""},
		"secret with line break":  {wiretest.Domain, wiretest.ClientID, []mfa.Option{mfa.WithClientSecret("canary\n")}, []string{"ClientSecret"}, "canary"},
		"secret not UTF-8":        {wiretest.Domain, wiretest.ClientID, []mfa.Option{mfa.WithClientSecret("canary\xff")}, []string{"ClientSecret"}, "canary"},
		"secret too long":         {wiretest.Domain, wiretest.ClientID, []mfa.Option{mfa.WithClientSecret(strings.Repeat("a", 4097))}, []string{"ClientSecret"}, "aaa"},
		"secret replaced":         {wiretest.Domain, wiretest.ClientID, []mfa.Option{mfa.WithClientSecret("canary\n"), mfa.WithClientSecret("s")}, []string{"ClientSecret"}, "canary"},
		"timeout replaced":        {wiretest.Domain, wiretest.ClientID, []mfa.Option{mfa.WithTimeout(-1), mfa.WithTimeout(1)}, []string{"Timeout"}, ""},
		"audience replaced":       {wiretest.Domain, wiretest.ClientID, []mfa.Option{mfa.WithMFAAudience("canary api"), mfa.WithMFAAudience("a")}, []string{"MFAAudience"}, "canary"},
		"secret printed":          {wiretest.Domain, wiretest.ClientID, []mfa.Option{mfa.WithClientSecret(mfa.NewSecret("x").String())}, []string{"ClientSecret"}, ""},
		"assertion nil":           {wiretest.Domain, wiretest.ClientID, []mfa.Option{mfa.WithClientAssertion(nil)}, []string{"ClientAssertion"}, ""},
		"timeout negative":        {wiretest.Domain, wiretest.ClientID, []mfa.Option{mfa.WithTimeout(-1)}, []string{"Timeout"}, ""},
		"audience empty":          {wiretest.Domain, wiretest.ClientID, []mfa.Option{mfa.WithMFAAudience("")}, []string{"MFAAudience"}, ""},
		"audience with a space":   {wiretest.Domain, wiretest.ClientID, []mfa.Option{mfa.WithMFAAudience("canary api")}, []string{"MFAAudience"}, "canary"},
		"no wait":                 {wiretest.Domain, wiretest.ClientID, []mfa.Option{mfa.WithRateLimitRetry(0)}, []string{"RateLimitRetry"}, ""},
		"negative wait":           {wiretest.Domain, wiretest.ClientID, []mfa.Option{mfa.WithRateLimitRetry(-1)}, []string{"RateLimitRetry"}, ""},
		"nil limiter":             {wiretest.Domain, wiretest.ClientID, []mfa.Option{mfa.WithLimiter(nil)}, []string{"Limiter"}, ""},
		"typed nil limiter":       {wiretest.Domain, wiretest.ClientID, []mfa.Option{mfa.WithLimiter((*neverWaits)(nil))}, []string{"Limiter"}, ""},
		"limiter replaced":        {wiretest.Domain, wiretest.ClientID, []mfa.Option{mfa.WithLimiter(limiterFunc(nil)), mfa.WithLimiter(neverWaits{})}, []string{"Limiter"}, ""},
		"nil observer":            {wiretest.Domain, wiretest.ClientID, []mfa.Option{mfa.WithObserver(observe), mfa.WithObserver(nil)}, []string{"Observer"}, ""},
		"nil logger":              {wiretest.Domain, wiretest.ClientID, []mfa.Option{mfa.WithLogger(nil)}, []string{"Logger"}, ""},
		"product without name":    {wiretest.Domain, wiretest.ClientID, []mfa.Option{mfa.WithProduct("", "1.0")}, []string{"Product"}, ""},
		"product without version": {wiretest.Domain, wiretest.ClientID, []mfa.Option{mfa.WithProduct("acme", "")}, []string{"Product"}, ""},
		"product with a space":    {wiretest.Domain, wiretest.ClientID, []mfa.Option{mfa.WithProduct("canary login", "1.0")}, []string{"Product"}, "canary"},
		"product with a slash":    {wiretest.Domain, wiretest.ClientID, []mfa.Option{mfa.WithProduct("acme", "1.0/canary")}, []string{"Product"}, "canary"},
		"product with line break": {wiretest.Domain, wiretest.ClientID, []mfa.Option{mfa.WithProduct("acme\r\nX: canary", "1.0")}, []string{"Product"}, "canary"},
		"all at once": {"canary@", "canary id", []mfa.Option{
			nil, mfa.WithClientSecret("canary\n"), mfa.WithClientAssertion(nil), mfa.WithTimeout(-time.Second), mfa.WithMFAAudience("canary api"),
			mfa.WithRateLimitRetry(0), mfa.WithLimiter(nil), mfa.WithObserver(nil), mfa.WithLogger(nil), mfa.WithProduct("", ""), nil,
		}, []string{"Domain", "ClientID", "Option", "ClientSecret", "ClientAssertion", "Timeout", "MFAAudience", "RateLimitRetry", "Limiter", "Observer", "Logger", "Product"}, "canary"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, err := mfa.NewClient(tt.domain, tt.clientID, tt.opts...)
			assert.Nil(t, client)
			wiretest.AssertRefused(t, wiretest.NewTenant(t), err, tt.value, tt.fields...)
			assert.Equal(t, mfa.ActionFix, mfa.NextAction(err))
		})
	}
	t.Run("at the limits", func(t *testing.T) {
		t.Parallel()
		client, err := mfa.NewClient(wiretest.Domain, strings.Repeat("a", 256), mfa.WithClientSecret(strings.Repeat("a", 4096)), mfa.WithTimeout(0),
			mfa.WithHTTPClient(nil), mfa.WithMFAAudience(strings.Repeat("a", 2048)), mfa.WithRateLimitRetry(1), mfa.WithLimiter(neverWaits{}), mfa.WithObserver(observe), mfa.WithObserver(observe))
		require.NoError(t, err)
		assert.Equal(t, strings.Repeat("a", 256), client.ClientID())
	})
}

// neverWaits is a limiter without a limit.
type neverWaits struct{}

func (neverWaits) Wait(context.Context) error { return nil }

type limiterFunc func(context.Context) error

func (f limiterFunc) Wait(ctx context.Context) error { return f(ctx) }

func TestClient_Warm(t *testing.T) {
	t.Parallel()
	tenant := wiretest.NewTenant(t, wiretest.Named("warm").Success)
	require.NoError(t, tenant.Client(t, mfa.WithClientSecret("s3cret")).Warm(t.Context()))
	tenant.AssertSent(t, "GET", "/.well-known/openid-configuration", "")
}

type closer struct {
	http.RoundTripper
	closed int
}

func (c *closer) CloseIdleConnections() { c.closed++ }

func TestClient_CloseIdleConnections(t *testing.T) {
	t.Parallel()
	transport := &closer{}
	client, err := mfa.NewClient(wiretest.Domain, wiretest.ClientID, mfa.WithHTTPClient(&http.Client{Transport: transport}))
	require.NoError(t, err)
	client.CloseIdleConnections()
	assert.Equal(t, 1, transport.closed)

	wiretest.NewTenant(t).Client(t).CloseIdleConnections() // on a transport that cannot
	new(mfa.Client).CloseIdleConnections()
}

func TestClient_zero(t *testing.T) {
	t.Parallel()
	var client mfa.Client
	assert.Empty(t, client.Domain()+client.ClientID()+client.MFAAudience())
}

func TestNewTransport(t *testing.T) {
	t.Parallel()
	one, other := mfa.NewTransport(), mfa.NewTransport()
	assert.NotSame(t, one, other)
	assert.NotSame(t, one.TLSClientConfig, other.TLSClientConfig)
	assert.NotSame(t, http.DefaultTransport, one)
}

// No call leaves a goroutine behind.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
