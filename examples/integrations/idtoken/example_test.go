package idtoken_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/alexedwards/scs/v2"
	"github.com/coreos/go-oidc/v3/oidc"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/examples/integrations/idtoken"
	"github.com/go-auth0-mfa/mfa/mfatest"
)

// What follows after the code was right. In a real program scs.SessionManager.LoadAndSave
// is the middleware that loads and commits the session.
func Example() {
	tenant := mfatest.NewTenant() // a fake Auth0, in this process
	defer tenant.Close()
	tenant.AddUser(mfatest.User{Email: "ada@example.com", Password: "correct horse", EmailVerified: true})
	client, sessions := tenant.Client(), scs.New()
	site, err := idtoken.New(context.Background(), client, tenant.HTTPClient(), sessions, oidc.Config{Now: tenant.Now})
	if err != nil {
		log.Panic(err)
	}
	ctx, err := sessions.Load(context.Background(), "")
	if err != nil {
		log.Panic(err)
	}
	before, _, err := sessions.Commit(ctx)
	if err != nil {
		log.Panic(err)
	}

	token, err := login(ctx, tenant, client)
	if err != nil {
		log.Panic(err)
	}
	if err := site.SignIn(ctx, token, "Ada@example.com"); err != nil {
		log.Panic(err)
	}

	after, _, err := sessions.Commit(ctx)
	fmt.Println("signed in:", site.User(ctx) != "", "with a new session ID:", before != after, err)
	fmt.Println("as somebody else:", site.SignIn(ctx, token, "grace@example.com"))
	// Output:
	// signed in: true with a new session ID: true <nil>
	// as somebody else: idtoken: the ID token is not of this login
}

// login is a login with a second factor by e-mail.
func login(ctx context.Context, tenant *mfatest.Tenant, client *mfa.Client) (*mfa.Token, error) {
	_, err := client.PasswordLogin(ctx, mfa.PasswordLoginRequest{
		Username: "ada@example.com", Password: mfa.NewSecret("correct horse"), Scopes: []string{"openid", "email"},
	})
	var required *mfa.RequiredError
	if !errors.As(err, &required) {
		return nil, err
	}
	list, err := client.ListAuthenticators(ctx, mfa.ListAuthenticatorsRequest{Token: required.MFAToken})
	if err != nil {
		return nil, err
	}
	challenge, err := client.Challenge(ctx, mfa.ChallengeRequest{MFAToken: required.MFAToken, AuthenticatorID: list[0].ID})
	if err != nil {
		return nil, err
	}
	code, _ := tenant.LastCode("ada@example.com")
	return client.VerifyOOB(ctx, mfa.VerifyOOBRequest{MFAToken: required.MFAToken, OOBCode: challenge.OOBCode, BindingCode: mfa.NewSecret(code)})
}
