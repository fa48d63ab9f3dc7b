package mfatest_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/flow"
	"github.com/go-auth0-mfa/mfa/mfatest"
)

func TestTenant_Client(t *testing.T) {
	t.Parallel()
	var through int
	counting := func(tenant *mfatest.Tenant) *http.Client {
		return &http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
			through++
			return tenant.HTTPClient().Transport.RoundTrip(r)
		})}
	}
	login := func(t *testing.T, tenant *mfatest.Tenant, opts ...mfa.Option) error {
		t.Helper()
		tenant.AddUser(mfatest.User{Email: ada, Password: password})
		client := tenant.Client(opts...)
		_, err := client.PasswordLogin(t.Context(), mfa.PasswordLoginRequest{Username: ada, Password: mfa.NewSecret(password)})
		return err
	}
	start := func(opts ...mfatest.Option) *mfatest.Tenant {
		tenant := mfatest.NewTenant(opts...)
		t.Cleanup(tenant.Close)
		return tenant
	}
	assert.ErrorIs(t, login(t, start()), mfa.ErrMFARequired)
	assert.ErrorIs(t, login(t, start(mfatest.WithPublicClient())), mfa.ErrMFARequired)
	assert.ErrorIs(t, login(t, start(), mfa.WithTimeout(time.Minute)), mfa.ErrMFARequired)
	assert.ErrorIs(t, login(t, start(), mfa.WithClientSecret("wrong")), mfa.ErrInvalidClient)
	assert.ErrorIs(t, login(t, start(), mfa.WithClientAssertion(func(context.Context) (string, error) { return "a.b.c", nil })), mfa.ErrInvalidClient)
	require.Zero(t, through)
	tenant := start()
	assert.ErrorIs(t, login(t, tenant, mfa.WithHTTPClient(counting(tenant))), mfa.ErrMFARequired)
	tenant = start()
	assert.ErrorIs(t, login(t, tenant, mfa.WithHTTPClient(counting(tenant)), mfa.WithClientSecret("wrong")), mfa.ErrInvalidClient)
	assert.Equal(t, 2, through)

	_, err := mfa.NewClient(tenant.URL, tenant.ClientID, mfa.WithTimeout(-1))
	var refused *mfa.Error
	require.ErrorAs(t, err, &refused)
	assert.Equal(t, []string{"Timeout"}, refused.Fields)
	assert.PanicsWithValue(t, "mfatest: Client: "+refused.Error(), func() { tenant.Client(mfa.WithTimeout(-1), mfa.WithClientSecret("s")) })
}

// TestTenant_Flow_isOnTheTenantsClock moves the tenant's clock first, by more
// than a step lives.
func TestTenant_Flow_isOnTheTenantsClock(t *testing.T) {
	t.Parallel()
	tenant := mfatest.NewTenant()
	t.Cleanup(tenant.Close)
	tenant.AddUser(mfatest.User{Email: bob, EmailVerified: true})
	tenant.Advance(time.Hour)
	required := &mfa.RequiredError{MFAToken: tenant.MFAToken(bob)}
	step, err := tenant.Flow().Begin(t.Context(), required)
	require.NoError(t, err)
	assert.WithinDuration(t, tenant.Now().Add(5*time.Minute), step.CodeExpiresAt(), time.Second)

	another := tenant.Now().Add(time.Hour)
	step, err = tenant.Flow(flow.WithClock(func() time.Time { return another })).Begin(t.Context(), required)
	require.NoError(t, err)
	assert.WithinDuration(t, another.Add(5*time.Minute), step.CodeExpiresAt(), time.Second)

	_, err = flow.New(tenant.Client(), flow.WithMaxSends(-1))
	require.Error(t, err)
	assert.PanicsWithValue(t, "mfatest: Flow: "+err.Error(), func() { tenant.Flow(flow.WithMaxSends(-1)) })
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
