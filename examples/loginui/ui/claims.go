package ui

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"

	"github.com/go-auth0-mfa/mfa"
)

// checker checks ID tokens.
type checker struct {
	clientID string
	verifier *oidc.IDTokenVerifier
}

// newChecker returns a checker that gets the tenant's keys from where Auth0 has them, and
// keeps them until they change. It follows no redirect to keys that are elsewhere. The
// context ends its requests.
func newChecker(ctx context.Context, issuer, clientID string, keys *http.Client, now func() time.Time) *checker {
	direct := *keys
	direct.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	ctx = oidc.ClientContext(ctx, &direct)
	return &checker{clientID, oidc.NewVerifier(issuer, oidc.NewRemoteKeySet(ctx, issuer+".well-known/jwks.json"), &oidc.Config{
		ClientID: clientID, SupportedSigningAlgs: []string{oidc.RS256}, Now: now,
	})}
}

// check returns the user of a token that the tenant signed, for this application and for
// the user with this address, and that has not expired. The user has no Binding yet.
func (c *checker) check(ctx context.Context, token mfa.Secret, email string) (User, error) {
	id, err := c.verifier.Verify(ctx, token.Reveal()) // signature, iss, aud, exp and nbf
	if err != nil {
		return User{}, err
	}
	var all map[string]any
	if err := id.Claims(&all); err != nil {
		return User{}, err
	}
	var claims []Claim
	for name, value := range all {
		// The library reads "AUD" as "aud", and an Action can set a claim of any name.
		if plain := strings.ToLower(name); plain != name && slices.Contains(checked, plain) {
			return User{}, errors.New("a claim is spelled in capitals")
		}
		claims = append(claims, Claim{name, show(name, value)})
	}
	address, _ := all["email"].(string)
	switch {
	case id.Subject == "":
		return User{}, errors.New("sub is missing")
	case len(id.Audience) > 1 && all["azp"] == nil, cmp.Or(all["azp"], any(c.clientID)) != any(c.clientID):
		return User{}, errors.New("azp is another application")
	case address == "" || !strings.EqualFold(address, email): // a proxy can have mixed up two responses
		return User{}, errors.New("email is another user's")
	case id.Nonce != "": // a password login sends none; after a redirect, compare it with the one that was sent
		return User{}, errors.New("nonce of another login")
	}
	slices.SortFunc(claims, func(a, b Claim) int { return strings.Compare(a.Name, b.Name) })
	return User{Subject: id.Subject, Email: address, Claims: claims}, nil
}

// checked are the claims that somebody relies on.
var checked = []string{"iss", "aud", "exp", "nbf", "iat", "sub", "azp", "email", "nonce"}

// show formats a claim for people.
func show(name string, value any) string {
	switch value := value.(type) {
	case string:
		return value
	case float64:
		if name == "exp" || name == "iat" || name == "auth_time" {
			return time.Unix(int64(value), 0).UTC().Format("2006-01-02 15:04:05 UTC")
		}
	}
	text, _ := json.Marshal(value) // cannot fail: the value came from JSON
	return string(text)
}
