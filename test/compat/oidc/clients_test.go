package oidc_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"
	zitadel "github.com/zitadel/oidc/v3/pkg/client"
	"github.com/zitadel/oidc/v3/pkg/client/rp"
	zhttp "github.com/zitadel/oidc/v3/pkg/http"
	zoidc "github.com/zitadel/oidc/v3/pkg/oidc"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"github.com/go-auth0-mfa/mfa/mfatest"
)

// client is a library that makes grants, and calls an API with a bearer token.
type client interface {
	grant(ctx context.Context, params url.Values) (*oauth2.Token, error)
	call(ctx context.Context, method, path, token string, body, result any) error
}

// refusal is what a library says of a response that refuses, and the part of the
// body that some do not hand on.
type refusal struct {
	status               int
	code, text, mfaToken string
}

func (r *refusal) Error() string { return fmt.Sprintf("%d %s: %s", r.status, r.code, r.text) }

func refused(status int, body []byte) error {
	var fields struct {
		Code     string `json:"error"`
		Text     string `json:"error_description"`
		MFAToken string `json:"mfa_token"`
	}
	if err := json.Unmarshal(body, &fields); err != nil {
		return err
	}
	return &refusal{status, fields.Code, fields.Text, fields.MFAToken}
}

// oauth2Client is golang.org/x/oauth2. Its client credentials may be any grant.
type oauth2Client struct{ tenant *mfatest.Tenant }

func newOAuth2(_ context.Context, _ *testing.T, tenant *mfatest.Tenant) client {
	return oauth2Client{tenant}
}

func (c oauth2Client) grant(ctx context.Context, params url.Values) (*oauth2.Token, error) {
	config := clientcredentials.Config{
		ClientID: c.tenant.ClientID, ClientSecret: c.tenant.ClientSecret,
		TokenURL: c.tenant.URL + "/oauth/token", AuthStyle: oauth2.AuthStyleInParams,
		EndpointParams: params,
	}
	token, err := config.Token(ctx)
	if failed, ok := errors.AsType[*oauth2.RetrieveError](err); ok {
		known := refused(failed.Response.StatusCode, failed.Body)
		if r, ok := errors.AsType[*refusal](known); ok {
			r.code, r.text = failed.ErrorCode, failed.ErrorDescription
		}
		return nil, known
	}
	return token, err
}

func (c oauth2Client) call(ctx context.Context, method, path, token string, body, result any) error {
	request, err := newRequest(ctx, method, c.tenant.URL+path, body)
	if err != nil {
		return err
	}
	// The library adds the token, and leaves the response to its caller.
	response, err := oauth2.NewClient(ctx, oauth2.StaticTokenSource(&oauth2.Token{AccessToken: token})).Do(request)
	if err != nil {
		return err
	}
	content, err := io.ReadAll(response.Body)
	if err := errors.Join(err, response.Body.Close()); err != nil {
		return err
	}
	switch response.StatusCode {
	case http.StatusOK:
		return json.Unmarshal(content, result)
	case http.StatusNoContent:
		return nil
	default:
		return refused(response.StatusCode, content)
	}
}

func newRequest(ctx context.Context, method, target string, body any) (*http.Request, error) {
	var content bytes.Buffer
	if body != nil {
		if err := json.NewEncoder(&content).Encode(body); err != nil {
			return nil, err
		}
	}
	request, err := http.NewRequestWithContext(ctx, method, target, &content)
	if err == nil && body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	return request, err
}

// zitadelClient is github.com/zitadel/oidc. Its error has code and text, but
// neither status nor mfa_token, so a transport keeps the newest response.
type zitadelClient struct {
	tenant *mfatest.Tenant
	party  rp.RelyingParty
	kept   *keeper
}

func newZitadel(ctx context.Context, t *testing.T, tenant *mfatest.Tenant) client {
	kept := &keeper{next: tenant.HTTPClient().Transport}
	return zitadelClient{tenant, newParty(ctx, t, tenant, rp.WithHTTPClient(&http.Client{Transport: kept})), kept}
}

func newParty(ctx context.Context, t *testing.T, tenant *mfatest.Tenant, opts ...rp.Option) rp.RelyingParty {
	opts = append([]rp.Option{rp.WithHTTPClient(tenant.HTTPClient())}, opts...)
	party, err := rp.NewRelyingPartyOIDC(ctx, tenant.URL+"/", tenant.ClientID, tenant.ClientSecret, "", []string{zoidc.ScopeOpenID}, opts...)
	require.NoError(t, err)
	return party
}

// zitadelGrant is the form of every grant.
type zitadelGrant struct {
	Type         string `schema:"grant_type"`
	ClientID     string `schema:"client_id"`
	ClientSecret string `schema:"client_secret"`
	Username     string `schema:"username,omitempty"`
	Password     string `schema:"password,omitempty"`
	Scope        string `schema:"scope,omitempty"`
	Audience     string `schema:"audience,omitempty"`
	Refresh      string `schema:"refresh_token,omitempty"`
	MFAToken     string `schema:"mfa_token,omitempty"`
	OOBCode      string `schema:"oob_code,omitempty"`
	BindingCode  string `schema:"binding_code,omitempty"`
	OTP          string `schema:"otp,omitempty"`
	RecoveryCode string `schema:"recovery_code,omitempty"`
}

type tokenEndpoint struct{ rp.RelyingParty }

func (e tokenEndpoint) TokenEndpoint() string { return e.OAuthConfig().Endpoint.TokenURL }

func (c zitadelClient) grant(ctx context.Context, params url.Values) (*oauth2.Token, error) {
	token, err := zitadel.CallTokenEndpoint(ctx, &zitadelGrant{
		Type: params.Get("grant_type"), ClientID: c.tenant.ClientID, ClientSecret: c.tenant.ClientSecret,
		Username: params.Get("username"), Password: params.Get("password"), Scope: params.Get("scope"), Audience: params.Get("audience"),
		Refresh: params.Get("refresh_token"), MFAToken: params.Get("mfa_token"), OOBCode: params.Get("oob_code"),
		BindingCode: params.Get("binding_code"), OTP: params.Get("otp"), RecoveryCode: params.Get("recovery_code"),
	}, tokenEndpoint{c.party})
	if err != nil {
		return nil, c.refusal(err)
	}
	return token, nil
}

func (c zitadelClient) refusal(err error) error {
	var failed *zoidc.Error
	if !errors.As(err, &failed) {
		return err
	}
	known := refused(c.kept.status, c.kept.body)
	if r, ok := errors.AsType[*refusal](known); ok {
		r.code, r.text = string(failed.ErrorType), failed.Description
	}
	return known
}

func (c zitadelClient) call(ctx context.Context, method, path, token string, body, result any) error {
	request, err := newRequest(ctx, method, c.tenant.URL+path, body)
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", zoidc.PrefixBearer+token)
	err = zhttp.HttpRequest(c.party.HttpClient(), request, result)
	if err != nil && c.kept.status == http.StatusNoContent { // TestDifference_zitadelTakesNoContentForAFailure
		return nil
	}
	return c.refusal(err)
}

// keeper is a transport that keeps the newest response.
type keeper struct {
	next   http.RoundTripper
	status int
	body   []byte
}

func (k *keeper) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := k.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	k.status = response.StatusCode
	k.body, err = io.ReadAll(response.Body)
	if err := errors.Join(err, response.Body.Close()); err != nil {
		return nil, err
	}
	response.Body = io.NopCloser(bytes.NewReader(k.body))
	return response, nil
}
