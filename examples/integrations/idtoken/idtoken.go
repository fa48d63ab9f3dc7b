// Package idtoken opens the session of a user who has tokens: it verifies the ID token
// with go-oidc and gives the session another ID. Package mfa does not check ID tokens.
package idtoken

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/alexedwards/scs/v2"
	"github.com/coreos/go-oidc/v3/oidc"

	"github.com/go-auth0-mfa/mfa"
)

// Site is a site that users sign in to.
type Site struct {
	clientID string
	verifier *oidc.IDTokenVerifier
	sessions *scs.SessionManager
}

// New reads the tenant's OpenID configuration. The verifier keeps the HTTP client, to
// fetch the keys when they rotate: give it a time limit. With a custom domain, the issuer
// is the custom domain too. The settings can set the clock of a test.
func New(ctx context.Context, client *mfa.Client, hc *http.Client, sessions *scs.SessionManager, settings oidc.Config) (*Site, error) {
	provider, err := oidc.NewProvider(oidc.ClientContext(ctx, hc), "https://"+client.Domain()+"/")
	if err != nil {
		return nil, err
	}
	settings.ClientID = client.ClientID()
	return &Site{client.ClientID(), provider.Verifier(&settings), sessions}, nil
}

// claims are those claims of an ID token that go-oidc does not check.
type claims struct {
	Methods         []string `json:"amr"`
	AuthorizedParty string   `json:"azp"`
	Email           string   `json:"email"`
}

var errOtherLogin = errors.New("idtoken: the ID token is not of this login")

// SignIn opens the session of a user who typed the address and has tokens now. The login
// has to ask for the scopes openid and email.
func (s *Site) SignIn(ctx context.Context, token *mfa.Token, address string) error {
	id, err := s.verifier.Verify(ctx, token.IDToken.Reveal()) // signature, iss, aud and exp
	if err != nil {
		return err
	}
	var claims claims // amr, azp and email
	if err := id.Claims(&claims); err != nil {
		return err
	}
	if !slices.Contains(claims.Methods, "mfa") || len(id.Audience) != 1 ||
		cmp.Or(claims.AuthorizedParty, s.clientID) != s.clientID || !strings.EqualFold(claims.Email, address) {
		return errOtherLogin
	}
	// Neither the data nor the ID of a session from before the login.
	if err := errors.Join(s.sessions.Clear(ctx), s.sessions.RenewToken(ctx)); err != nil {
		return err
	}
	s.sessions.Put(ctx, "user", id.Subject)
	return nil
}

// User returns the subject of the user who is signed in, or "".
func (s *Site) User(ctx context.Context) string { return s.sessions.GetString(ctx, "user") }
