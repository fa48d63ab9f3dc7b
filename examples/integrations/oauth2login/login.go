// Package oauth2login is an example of a program that logs in and refreshes with
// golang.org/x/oauth2 and leaves the second factor to package mfa.
package oauth2login

import (
	"cmp"
	"context"
	"errors"
	"time"

	"golang.org/x/oauth2"

	"github.com/go-auth0-mfa/mfa"
)

// NewConfig returns the settings of x/oauth2 for a tenant of Auth0. AuthStyle must be set.
// By default x/oauth2 tries one style after the other: it would mistake mfa_required for
// a failure of the first style and send the password twice.
func NewConfig(client *mfa.Client, clientSecret string, scopes ...string) *oauth2.Config {
	return &oauth2.Config{
		ClientID:     client.ClientID(),
		ClientSecret: clientSecret,
		Endpoint:     oauth2.Endpoint{TokenURL: "https://" + client.Domain() + "/oauth/token", AuthStyle: oauth2.AuthStyleInParams},
		Scopes:       scopes,
	}
}

// Login logs in with user name and password. If a second factor is due, the error is a
// *mfa.RequiredError, as of mfa.Client.PasswordLogin. Requests are sent by the HTTP client
// that ctx holds under oauth2.HTTPClient. Give it a time limit: the default client has
// none.
func Login(ctx context.Context, config *oauth2.Config, username, password string) (*oauth2.Token, error) {
	token, err := config.PasswordCredentialsToken(ctx, username, password)
	return token, explain(mfa.OpPasswordLogin, err)
}

// Refresh returns a new token for a refresh token. Auth0 can ask for a second factor here
// as well. Then the error is that of Login.
func Refresh(ctx context.Context, config *oauth2.Config, refreshToken string) (*oauth2.Token, error) {
	token, err := config.TokenSource(ctx, &oauth2.Token{RefreshToken: refreshToken}).Token()
	return token, explain(mfa.OpRefresh, err)
}

// explain converts a response of the tenant to the operation into an error of package mfa.
// An error without a response, such as a broken connection, stays as it is. For mfa.NextAction it is
// ActionFix, because that cannot know what failed.
func explain(op mfa.Op, err error) error {
	var refused *oauth2.RetrieveError
	if !errors.As(err, &refused) {
		return err
	}
	// err is not wrapped: a *RetrieveError holds the response, with the mfa_token.
	return mfa.ParseErrorOf(op, refused.Response.StatusCode, refused.Response.Header, refused.Body)
}

// Token converts the tokens of a completed login into a token of x/oauth2, to refresh it
// and to use it for calls. After a refresh, pass the refresh token that was used: it stays
// if the tokens have none, as they may not after a second factor.
func Token(t *mfa.Token, refreshToken string) *oauth2.Token {
	token := &oauth2.Token{
		AccessToken:  t.AccessToken.Reveal(),
		RefreshToken: cmp.Or(t.RefreshToken.Reveal(), refreshToken),
		TokenType:    t.TokenType,
	}
	if t.ExpiresIn > 0 {
		token.ExpiresIn = int64(t.ExpiresIn / time.Second)
		token.Expiry = time.Now().Add(t.ExpiresIn)
	}
	return token.WithExtra(map[string]any{"id_token": t.IDToken.Reveal(), "scope": t.Scope})
}
