package oidc_test

import (
	"context"
	"testing"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/mfatest"
)

// meaning turns an error of golang.org/x/oauth2 into one of package mfa.
func meaning(t *testing.T, err error) error {
	var refused *oauth2.RetrieveError
	require.ErrorAs(t, err, &refused)
	return mfa.ParseError(refused.Response.StatusCode, refused.Response.Header, refused.Body)
}

func logins(tenant *mfatest.Tenant) int {
	n := 0
	for _, request := range tenant.Requests() {
		if request.Op == mfa.OpPasswordLogin {
			n++
		}
	}
	return n
}

func TestOAuth2_logsInWithASecondFactor(t *testing.T) {
	t.Parallel()
	for name, style := range map[string]oauth2.AuthStyle{"in params": oauth2.AuthStyleInParams, "in header": oauth2.AuthStyleInHeader} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, tenant := newTenant(t)
			config := newConfig(tenant, style)
			_, err := config.PasswordCredentialsToken(ctx, email, password)
			var required *mfa.RequiredError
			require.ErrorAs(t, meaning(t, err), &required)
			assert.ErrorIs(t, required, mfa.ErrMFARequired)
			assert.Equal(t, mfa.ActionVerifyMFA, mfa.NextAction(required))
			assert.Equal(t, 1, logins(tenant))

			client := tenant.Client()
			token := finish(ctx, t, tenant, client, required.MFAToken)
			verifier := newProvider(ctx, t, tenant).Verifier(&oidc.Config{ClientID: tenant.ClientID, Now: tenant.Now})
			_, err = verifier.Verify(ctx, token.IDToken.Reveal())
			assert.NoError(t, err)

			refreshed, err := config.TokenSource(ctx, &oauth2.Token{RefreshToken: token.RefreshToken.Reveal()}).Token()
			require.NoError(t, err)
			assert.NotEqual(t, token.AccessToken.Reveal(), refreshed.AccessToken)
			assert.Equal(t, "Bearer", refreshed.Type())
		})
	}
}

// A refresh may ask for the second factor again.
func TestOAuth2_refresh(t *testing.T) {
	t.Parallel()
	ctx, tenant := newTenant(t, mfatest.WithMFAOnRefresh())
	config := newConfig(tenant, oauth2.AuthStyleInParams)
	client := tenant.Client()
	complete := func(err error) *mfa.Token {
		var required *mfa.RequiredError
		require.ErrorAs(t, meaning(t, err), &required)
		return finish(ctx, t, tenant, client, required.MFAToken)
	}
	_, err := config.PasswordCredentialsToken(ctx, email, password)
	token := complete(err)
	_, err = config.TokenSource(ctx, &oauth2.Token{RefreshToken: token.RefreshToken.Reveal()}).Token()
	assert.NotEqual(t, token.AccessToken.Reveal(), complete(err).AccessToken.Reveal())
}

func TestOAuth2_refused(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(*oauth2.Config)
		login  func(context.Context, *oauth2.Config) error
		opts   []mfatest.Option
		want   error
		action mfa.Action
	}{
		"wrong password": {
			login: func(ctx context.Context, c *oauth2.Config) error {
				_, err := c.PasswordCredentialsToken(ctx, email, "wrong")
				return err
			},
			want: mfa.ErrInvalidCredentials, action: mfa.ActionRestartLogin,
		},
		"wrong secret": {
			change: func(c *oauth2.Config) { c.ClientSecret = "wrong" },
			want:   mfa.ErrInvalidClient, action: mfa.ActionFix,
		},
		"unknown client": {
			change: func(c *oauth2.Config) { c.ClientID = "unknown" },
			want:   mfa.ErrInvalidClient, action: mfa.ActionFix,
		},
		"grant switched off": {
			opts: []mfatest.Option{mfatest.WithoutPasswordGrant()},
			want: mfa.ErrGrantNotAllowed, action: mfa.ActionFix,
		},
		"unknown refresh token": {
			login: func(ctx context.Context, c *oauth2.Config) error {
				_, err := c.TokenSource(ctx, &oauth2.Token{RefreshToken: "unknown"}).Token()
				return err
			},
			want: mfa.ErrInvalidToken, action: mfa.ActionRestartLogin,
		},
		"mfa_required without a token": {
			opts: []mfatest.Option{mfatest.WithoutMFAToken()},
			want: mfa.ErrMFARequired, action: mfa.ActionFix,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, tenant := newTenant(t, test.opts...)
			config := newConfig(tenant, oauth2.AuthStyleInParams)
			if test.change != nil {
				test.change(&config)
			}
			if test.login == nil {
				test.login = func(ctx context.Context, c *oauth2.Config) error {
					_, err := c.PasswordCredentialsToken(ctx, email, password)
					return err
				}
			}
			err := meaning(t, test.login(ctx, &config))
			assert.ErrorIs(t, err, test.want)
			assert.Equal(t, test.action, mfa.NextAction(err))
		})
	}
}

// Without a style the library sends the password twice: see newConfig.
func TestOAuth2_autoDetect(t *testing.T) {
	t.Parallel()
	ctx, tenant := newTenant(t)
	config := newConfig(tenant, oauth2.AuthStyleAutoDetect)
	_, err := config.PasswordCredentialsToken(ctx, email, password)
	assert.ErrorIs(t, meaning(t, err), mfa.ErrMFARequired)
	assert.Equal(t, 2, logins(tenant))
}
