package oidc_test

import (
	"context"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/mfatest"
)

const (
	email    = "ada@example.com"
	password = "correct horse"

	lifetime = 10 * time.Minute // of an mfa_token
)

// newTenant returns a tenant with a user who has a verified address and nothing
// else, and a context with the HTTP client and the time limit that the two
// libraries take from there.
func newTenant(t *testing.T, opts ...mfatest.Option) (context.Context, *mfatest.Tenant) {
	tenant := mfatest.NewTenant(opts...)
	t.Cleanup(tenant.Close)
	tenant.AddUser(mfatest.User{Email: email, Password: password, EmailVerified: true})
	return clientContext(t, tenant), tenant
}

// clientContext returns a context with the tenant's HTTP client and a time limit.
func clientContext(t *testing.T, tenant *mfatest.Tenant) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	return oidc.ClientContext(ctx, tenant.HTTPClient())
}

func newProvider(ctx context.Context, t *testing.T, tenant *mfatest.Tenant) *oidc.Provider {
	provider, err := oidc.NewProvider(ctx, tenant.URL+"/")
	require.NoError(t, err)
	return provider
}

// finish proves the e-mail factor and returns the tokens.
func finish(ctx context.Context, t *testing.T, tenant *mfatest.Tenant, client *mfa.Client, mfaToken mfa.Secret) *mfa.Token {
	list, err := client.ListAuthenticators(ctx, mfa.ListAuthenticatorsRequest{Token: mfaToken})
	require.NoError(t, err)
	require.Len(t, list, 1)
	require.Equal(t, mfa.FactorEmail, list[0].Factor())
	challenge, err := client.Challenge(ctx, mfa.ChallengeRequest{MFAToken: mfaToken, AuthenticatorID: list[0].ID})
	require.NoError(t, err)
	code, ok := tenant.LastCode(email)
	require.True(t, ok)
	token, err := client.VerifyOOB(ctx, mfa.VerifyOOBRequest{
		MFAToken: mfaToken, OOBCode: challenge.OOBCode, BindingCode: mfa.NewSecret(code),
	})
	require.NoError(t, err)
	return token
}

// signIn logs in with both factors and returns the id token.
func signIn(ctx context.Context, t *testing.T, tenant *mfatest.Tenant, clientID, clientSecret string) string {
	client, err := mfa.NewClient(tenant.URL, clientID, mfa.WithClientSecret(clientSecret), mfa.WithHTTPClient(tenant.HTTPClient()))
	require.NoError(t, err)
	_, err = client.PasswordLogin(ctx, mfa.PasswordLoginRequest{
		Username: email, Password: mfa.NewSecret(password), Scopes: []string{oidc.ScopeOpenID, "email"},
	})
	var required *mfa.RequiredError
	require.ErrorAs(t, err, &required)
	return finish(ctx, t, tenant, client, required.MFAToken).IDToken.Reveal()
}

// newConfig returns the settings of golang.org/x/oauth2 for a tenant. It has to
// be told how the client authenticates: else it tries one way after the other,
// and mfa_required looks to it like the failure of the first.
func newConfig(tenant *mfatest.Tenant, style oauth2.AuthStyle) oauth2.Config {
	return oauth2.Config{
		ClientID: tenant.ClientID, ClientSecret: tenant.ClientSecret,
		Endpoint: oauth2.Endpoint{TokenURL: tenant.URL + "/oauth/token", AuthStyle: style},
		Scopes:   []string{oidc.ScopeOpenID, oidc.ScopeOfflineAccess},
	}
}
