package mfa_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/cookiejar"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/internal/wiretest"
)

func TestWithProduct(t *testing.T) {
	t.Parallel()
	type telemetry struct {
		Name, Version string
		Env           map[string]string
	}
	const own = "go-auth0-mfa"
	for name, tt := range map[string]struct {
		opts  []mfa.Option
		agent string // before our own name
		want  telemetry
	}{
		"none": {nil, "", telemetry{own, "VERSION", map[string]string{"go": runtime.Version()}}},
		"one": {
			[]mfa.Option{mfa.WithProduct("acme-login", "1.4.0")}, "acme-login/1.4.0 ",
			telemetry{"acme-login", "1.4.0", map[string]string{"go": runtime.Version(), own: "VERSION"}},
		},
		"one around the other": {
			[]mfa.Option{mfa.WithProduct("inner", "1.4.0"), mfa.WithProduct("outer", "2.0-rc.1")}, "outer/2.0-rc.1 inner/1.4.0 ",
			telemetry{"outer", "2.0-rc.1", map[string]string{"go": runtime.Version(), own: "VERSION", "inner": "1.4.0"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tenant := wiretest.NewTenant(t, wiretest.Named("warm").Success)
			require.NoError(t, tenant.Client(t, tt.opts...).Warm(t.Context()))
			header := tenant.Requests()[0].Header

			agent := header.Get("User-Agent")
			require.Regexp(t, `^`+tt.agent+own+`/\d+\.\d+\.\d+ \(`+runtime.Version()+`\)$`, agent)
			version := agent[len(tt.agent+own+"/") : len(agent)-len(" ("+runtime.Version()+")")]

			raw, err := base64.StdEncoding.DecodeString(header.Get("Auth0-Client"))
			require.NoError(t, err)
			var got telemetry
			require.NoError(t, json.Unmarshal(raw, &got))
			if tt.want.Version == "VERSION" {
				tt.want.Version = version
			} else {
				tt.want.Env[own] = version
			}
			assert.Equal(t, tt.want, got)
		})
	}
}

func TestWithoutTelemetry(t *testing.T) {
	t.Parallel()
	for _, op := range wiretest.Operations {
		tenant := wiretest.NewTenant(t, op.Success)
		_, err := op.Call(t.Context(), tenant.Client(t, mfa.WithoutTelemetry(), mfa.WithProduct("acme", "1.0")))
		require.NoError(t, err)
		header := tenant.Requests()[0].Header
		assert.NotContains(t, header, "Auth0-Client", op)
		assert.Regexp(t, `^acme/1\.0 go-auth0-mfa/`, header.Get("User-Agent"))
	}
}

func TestWithMFAAudience(t *testing.T) {
	t.Parallel()
	client, err := mfa.NewClient("login.example.com", wiretest.ClientID, mfa.WithMFAAudience("https://tenant.eu.auth0.com/mfa/"))
	require.NoError(t, err)
	assert.Equal(t, "https://tenant.eu.auth0.com/mfa/", client.MFAAudience())
	assert.Equal(t, "login.example.com", client.Domain())
}

// The caller's http.Client is copied: neither side notices what the other does
// with it later, and its cookies and redirects stay its own.
func TestWithHTTPClient(t *testing.T) {
	t.Parallel()
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	tenant := wiretest.NewTenant(t, wiretest.Response{Status: 307, Header: http.Header{
		"Location": {wiretest.Origin + "/mfa/challenge"}, "Set-Cookie": {"did=ada; Path=/", "auth0=ada; Path=/"},
	}}, wiretest.TokenResponse)
	asked := 0
	hc := &http.Client{
		Transport: tenant.Transport, Jar: jar, Timeout: time.Minute,
		CheckRedirect: func(*http.Request, []*http.Request) error { asked++; return nil },
	}
	before := *hc
	client, err := mfa.NewClient(wiretest.Domain, wiretest.ClientID, mfa.WithHTTPClient(hc))
	require.NoError(t, err)
	assert.Same(t, before.Transport, hc.Transport)
	assert.Same(t, before.Jar, hc.Jar)
	assert.Equal(t, before.Timeout, hc.Timeout)
	assert.NotNil(t, hc.CheckRedirect)
	hc.Transport = nil

	_, err = wiretest.Named("verify oob").Fails(t, t.Context(), client)
	assert.ErrorIs(t, err, mfa.ErrUnexpectedResponse)
	_, err = wiretest.Named("verify oob").Call(t.Context(), client)
	require.NoError(t, err)

	assert.Zero(t, asked)
	requests := tenant.Requests()
	require.Len(t, requests, 2)
	assert.NotContains(t, requests[1].Header, "Cookie")
}

// Of an option that is given twice the last one counts.
func TestNewClient_lastOptionWins(t *testing.T) {
	t.Parallel()
	assertion := func(token string) mfa.Option {
		return mfa.WithClientAssertion(func(context.Context) (string, error) { return token, nil })
	}
	const secret, assertionOnly = "&client_secret=s2", "&client_assertion=eyJ2&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer"
	for name, tt := range map[string]struct {
		opts []mfa.Option
		sent string
	}{
		"secrets":              {[]mfa.Option{mfa.WithClientSecret("s1"), mfa.WithClientSecret("s2")}, secret},
		"assertions":           {[]mfa.Option{assertion("eyJ1"), assertion("eyJ2")}, assertionOnly},
		"secret and assertion": {[]mfa.Option{mfa.WithClientSecret("s1"), assertion("eyJ2")}, assertionOnly},
		"assertion and secret": {[]mfa.Option{assertion("eyJ1"), mfa.WithClientSecret("s2")}, secret},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tenant := wiretest.NewTenant(t, wiretest.TokenResponse)
			_, err := wiretest.Named(mfa.OpVerifyOTP).Call(t.Context(), tenant.Client(t, tt.opts...))
			require.NoError(t, err)
			assert.Contains(t, tenant.Requests()[0].Body, "&client_id="+wiretest.ClientID+tt.sent+"&mfa_token=")
		})
	}
	t.Run("http client", func(t *testing.T) {
		t.Parallel()
		first, last := wiretest.NewTenant(t), wiretest.NewTenant(t, wiretest.Named(mfa.OpWarm).Success)
		client, err := mfa.NewClient(wiretest.Domain, wiretest.ClientID, mfa.WithHTTPClient(&http.Client{Transport: first.Transport}), mfa.WithHTTPClient(&http.Client{Transport: last.Transport}))
		require.NoError(t, err)
		require.NoError(t, client.Warm(t.Context()))
		assert.Len(t, last.Requests(), 1)
	})
	t.Run("timeout", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			silent := wiretest.RoundTripper(func(req *http.Request) (*http.Response, error) {
				<-req.Context().Done()
				return nil, req.Context().Err()
			})
			client, err := mfa.NewClient(wiretest.Domain, wiretest.ClientID, mfa.WithHTTPClient(&http.Client{Transport: silent}), mfa.WithTimeout(time.Hour), mfa.WithTimeout(time.Second))
			require.NoError(t, err)
			began := time.Now()
			_, err = wiretest.Named(mfa.OpChallenge).Call(t.Context(), client)
			require.ErrorIs(t, err, context.DeadlineExceeded)
			assert.Equal(t, time.Second, time.Since(began))
		})
	})
	t.Run("rate limit", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			tenant := wiretest.NewTenant(t, wiretest.Response{Status: 429, Header: http.Header{"Retry-After": {"10"}}}, wiretest.Named(mfa.OpChallenge).Success)
			_, err := wiretest.Named(mfa.OpChallenge).Call(t.Context(), tenant.Client(t, mfa.WithRateLimitRetry(time.Second), mfa.WithRateLimitRetry(15*time.Second)))
			require.NoError(t, err)
			assert.Len(t, tenant.Requests(), 2)
		})
	})
	t.Run("limiter", func(t *testing.T) {
		t.Parallel()
		tenant := wiretest.NewTenant(t, wiretest.Named(mfa.OpChallenge).Success)
		closed := limiterFunc(func(context.Context) error { return context.DeadlineExceeded })
		_, err := wiretest.Named(mfa.OpChallenge).Call(t.Context(), tenant.Client(t, mfa.WithLimiter(closed), mfa.WithLimiter(neverWaits{})))
		require.NoError(t, err)
	})
	t.Run("audience", func(t *testing.T) {
		t.Parallel()
		client, err := mfa.NewClient(wiretest.Domain, wiretest.ClientID, mfa.WithMFAAudience("a"), mfa.WithMFAAudience("b"))
		require.NoError(t, err)
		assert.Equal(t, "b", client.MFAAudience())
	})
}
