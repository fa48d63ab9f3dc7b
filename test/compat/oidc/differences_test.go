package oidc_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	zitadel "github.com/zitadel/oidc/v3/pkg/client"
	"github.com/zitadel/oidc/v3/pkg/client/rp"
	zhttp "github.com/zitadel/oidc/v3/pkg/http"
	zoidc "github.com/zitadel/oidc/v3/pkg/oidc"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/mfatest"
)

// What ../README.md lists of these libraries. A test that fails here means that
// one of them has changed.

// Nothing of a refusal is left but code and text.
func TestDifference_zitadelLosesTheMFAToken(t *testing.T) {
	t.Parallel()
	ctx, tenant := newTenant(t)
	_, err := zitadel.CallTokenEndpoint(ctx, &zitadelGrant{
		Type: "password", ClientID: tenant.ClientID, ClientSecret: tenant.ClientSecret, Username: email, Password: password,
	}, tokenEndpoint{newParty(ctx, t, tenant)})
	var failed *zoidc.Error
	require.ErrorAs(t, err, &failed)
	assert.Equal(t, "mfa_required", string(failed.ErrorType))
	rest, err := json.Marshal(failed)
	require.NoError(t, err)
	assert.JSONEq(t, `{"error":"mfa_required","error_description":"Multifactor authentication required"}`, string(rest))
}

// A deletion that succeeded is an error.
func TestDifference_zitadelTakesNoContentForAFailure(t *testing.T) {
	t.Parallel()
	ctx, tenant := newTenant(t)
	tenant.AddUser(mfatest.User{Email: "bob@example.com", Authenticators: []mfatest.Authenticator{{Factor: mfa.FactorEmail, Active: true}}})
	list, err := tenant.Client().ListAuthenticators(ctx, mfa.ListAuthenticatorsRequest{Token: tenant.MFAToken("bob@example.com")})
	require.NoError(t, err)
	request, err := newRequest(ctx, http.MethodDelete, tenant.URL+"/mfa/authenticators/"+url.PathEscape(list[0].ID), nil)
	require.NoError(t, err)
	access := tenant.AccessToken("bob@example.com", mfa.ScopeRemoveAuthenticators)
	request.Header.Set("Authorization", zoidc.PrefixBearer+access.Reveal())
	assert.Error(t, zhttp.HttpRequest(tenant.HTTPClient(), request, nil))
	assert.Empty(t, tenant.Authenticators("bob@example.com"))
}

// An assertion names its client in iss and sub, and RFC 7521 leaves client_id
// optional beside it. Auth0's documentation sends one, and the tenant wants it.
func TestDifference_zitadelSendsAnAssertionWithoutAClientID(t *testing.T) {
	t.Parallel()
	key := newKey(t)
	ctx, tenant := newTenant(t, mfatest.WithClientAssertionKey(&key.PublicKey))
	assertion, err := zitadel.SignedJWTProfileAssertion(tenant.ClientID, []string{tenant.URL + "/"}, time.Minute, newSigner(t, key))
	require.NoError(t, err)
	_, err = rp.RefreshTokens[*zoidc.IDTokenClaims](ctx, newParty(ctx, t, tenant), "unknown", assertion, zoidc.ClientAssertionTypeJWTAssertion)
	var failed *zoidc.Error
	require.ErrorAs(t, err, &failed)
	assert.Equal(t, "invalid_request", string(failed.ErrorType))

	// The assertion itself is right.
	client := tenant.Client(mfa.WithClientAssertion(func(context.Context) (string, error) { return assertion, nil }))
	_, err = client.Refresh(ctx, mfa.RefreshRequest{RefreshToken: mfa.NewSecret("unknown")})
	assert.ErrorIs(t, err, mfa.ErrInvalidToken)
}
