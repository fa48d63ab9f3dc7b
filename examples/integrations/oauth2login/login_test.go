package oauth2login_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"golang.org/x/oauth2"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/examples/integrations/oauth2login"
	"github.com/go-auth0-mfa/mfa/mfatest"
)

// What the tenant says means the same as to the calls of package mfa.
func TestRefusals(t *testing.T) {
	t.Parallel()
	tenant := mfatest.NewTenant()
	t.Cleanup(tenant.Close)
	tenant.AddUser(mfatest.User{Email: "ada@example.com", Password: "correct horse"})
	config := oauth2login.NewConfig(tenant.Client(), tenant.ClientSecret)
	ctx := context.WithValue(t.Context(), oauth2.HTTPClient, tenant.HTTPClient())
	wants := func(err, target error, op mfa.Op, next mfa.Action) {
		t.Helper()
		var e *mfa.Error
		if !errors.As(err, &e) || e.Op != op || !errors.Is(err, target) || mfa.NextAction(err) != next {
			t.Errorf("%v, and next %v", err, mfa.NextAction(err))
		}
	}

	_, err := oauth2login.Login(ctx, config, "ada@example.com", "wrong")
	wants(err, mfa.ErrInvalidCredentials, mfa.OpPasswordLogin, mfa.ActionRestartLogin)
	_, err = oauth2login.Refresh(ctx, config, "v1.unknown")
	wants(err, mfa.ErrInvalidToken, mfa.OpRefresh, mfa.ActionRestartLogin)
	tenant.Deny("ada@example.com", "User is already enrolled.")
	_, err = oauth2login.Login(ctx, config, "ada@example.com", "correct horse")
	wants(err, mfa.ErrBlocked, mfa.OpPasswordLogin, mfa.ActionAbort)
}

// A refresh that needs a second factor returns no refresh token. The old one stays.
func TestToken_keepsTheRefreshToken(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ returned, used, want string }{
		"of a login":           {"v1.new", "", "v1.new"},
		"rotated":              {"v1.new", "v1.old", "v1.new"},
		"none in the response": {"", "v1.old", "v1.old"},
		"none at all":          {"", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			token := oauth2login.Token(&mfa.Token{AccessToken: mfa.NewSecret("eyJ...a"), RefreshToken: mfa.NewSecret(tt.returned)}, tt.used)
			assert.Equal(t, tt.want, token.RefreshToken)
		})
	}
}
