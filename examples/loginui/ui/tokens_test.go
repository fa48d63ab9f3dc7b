package ui_test

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/examples/loginui/ui"
)

// transport is a function that is a transport.
type transport func(*http.Request) (*http.Response, error)

func (t transport) RoundTrip(r *http.Request) (*http.Response, error) { return t(r) }

// responses changes the JSON objects that the tenant responds with.
func responses(change func(map[string]any)) func(*place, *ui.Config) {
	return func(p *place, c *ui.Config) {
		base := p.tenant.HTTPClient().Transport
		c.Client = p.tenant.Client(mfa.WithHTTPClient(&http.Client{Transport: transport(func(r *http.Request) (*http.Response, error) {
			resp, err := base.RoundTrip(r)
			if err != nil {
				return nil, err
			}
			body, err := io.ReadAll(resp.Body)
			_ = resp.Body.Close()
			var object map[string]any
			if json.Unmarshal(body, &object) == nil {
				change(object)
				body, _ = json.Marshal(object)
			}
			resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
			resp.Header.Del("Content-Length")
			return resp, err
		})}))
	}
}

// The access token of another user who has the same address now opens nothing: addresses
// can change hands, subjects cannot.
func TestAccount_anotherSubject(t *testing.T) {
	t.Parallel()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: key, KeyID: "one"}}, nil)
	require.NoError(t, err)
	keys, err := json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: &key.PublicKey, KeyID: "one", Algorithm: "RS256", Use: "sig"}}})
	require.NoError(t, err)

	subject := "auth0|first"
	p := open(t, responses(func(response map[string]any) { // signs as the tenant, with another subject
		token, ok := response["id_token"].(string)
		if !ok {
			return
		}
		signed, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{jose.RS256})
		assert.NoError(t, err)
		var claims map[string]any
		assert.NoError(t, json.Unmarshal(signed.UnsafePayloadWithoutVerification(), &claims))
		claims["sub"] = subject
		payload, _ := json.Marshal(claims)
		again, err := signer.Sign(payload)
		assert.NoError(t, err)
		response["id_token"], err = again.CompactSerialize()
		assert.NoError(t, err)
	}), func(_ *place, c *ui.Config) {
		c.Keys = &http.Client{Transport: transport(func(r *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(bytes.NewReader(keys)), Request: r}, nil
		})}
	})
	p.manage().On("/account").Get("/").Post("/sign-out")
	p.login().On("/")
	subject = "auth0|second"
	p.b.Post("/account").On("/confirm/verify")
	p.b.Post("/confirm/code", "code", p.code()).On("/")
	assert.Contains(t, p.b.Page, `role="alert"`)
	assert.Equal(t, 1, strings.Count(p.log.String(), "sub is another user's"))
	p.b.Get("/account").On("/")
}
