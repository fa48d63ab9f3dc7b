// Package oauth2login is an example of a program that logs in and refreshes
// with golang.org/x/oauth2 and leaves the second factor to package mfa.
//
// It is a module of its own, so that package mfa does not require x/oauth2.
package oauth2login

import (
	"context"
	"errors"
	"time"

	"golang.org/x/oauth2"

	"github.com/go-auth0-mfa/mfa"
)

// NewConfig returns the settings of x/oauth2 for a tenant of Auth0. AuthStyle
// has to be set: else x/oauth2 tries one way after the other, takes
// mfa_required for the failure of the first, and sends the password twice.
func NewConfig(client *mfa.Client, clientSecret string, scopes ...string) *oauth2.Config {
	return &oauth2.Config{
		ClientID:     client.ClientID(),
		ClientSecret: clientSecret,
		Endpoint:     oauth2.Endpoint{TokenURL: "https://" + client.Domain() + "/oauth/token", AuthStyle: oauth2.AuthStyleInParams},
		Scopes:       scopes,
	}
}

// Login logs in by user name and password. When a second factor is due the
// error is a *mfa.RequiredError, as if mfa.Client.PasswordLogin had been called.
// Requests go out on the client of ctx, under oauth2.HTTPClient, which should
// have a time limit; the default has none.
func Login(ctx context.Context, config *oauth2.Config, username, password string) (*oauth2.Token, error) {
	token, err := config.PasswordCredentialsToken(ctx, username, password)
	return token, explain(err)
}

// Refresh returns a new token for a refresh token. Auth0 can ask for a second
// factor here as well; the error is as that of Login.
func Refresh(ctx context.Context, config *oauth2.Config, refreshToken string) (*oauth2.Token, error) {
	token, err := config.TokenSource(ctx, &oauth2.Token{RefreshToken: refreshToken}).Token()
	return token, explain(err)
}

// explain turns an answer of the tenant into an error of package mfa. Whatever
// has no answer, such as a broken connection, stays as it is; to mfa.NextAction
// that is ActionFix, because it cannot know what failed.
func explain(err error) error {
	var refused *oauth2.RetrieveError
	if !errors.As(err, &refused) {
		return err
	}
	// Not wrapped: a *RetrieveError holds the answer, with the mfa_token in it.
	return mfa.ParseError(refused.Response.StatusCode, refused.Response.Header, refused.Body)
}

// Token returns what the second factor ended in as a token of x/oauth2, which
// can then be refreshed and used for calls.
func Token(t *mfa.Token) *oauth2.Token {
	token := &oauth2.Token{
		AccessToken:  t.AccessToken.Reveal(),
		RefreshToken: t.RefreshToken.Reveal(),
		TokenType:    t.TokenType,
	}
	if t.ExpiresIn > 0 {
		token.ExpiresIn = int64(t.ExpiresIn / time.Second)
		token.Expiry = time.Now().Add(t.ExpiresIn)
	}
	return token.WithExtra(map[string]any{"id_token": t.IDToken.Reveal(), "scope": t.Scope})
}
