package privatekeyjwt_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"fmt"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/examples/integrations/privatekeyjwt"
	"github.com/go-auth0-mfa/mfa/flow"
	"github.com/go-auth0-mfa/mfa/mfatest"
)

func Example() {
	key, err := rsa.GenerateKey(rand.Reader, 2048) // a real program reads it from where its secrets are
	if err != nil {
		fmt.Println(err)
		return
	}
	tenant := mfatest.NewTenant(mfatest.WithClientAssertionKey(&key.PublicKey)) // a tenant to try this against
	defer tenant.Close()
	tenant.AddUser(mfatest.User{Email: "ada@example.com", Password: "correct horse", EmailVerified: true})

	assertion, err := privatekeyjwt.Assertion(tenant.URL+"/", tenant.ClientID, "", key)
	if err != nil {
		fmt.Println(err)
		return
	}
	client, err := mfa.NewClient(tenant.URL, tenant.ClientID,
		mfa.WithClientAssertion(assertion), // in place of WithClientSecret
		mfa.WithHTTPClient(tenant.HTTPClient()),
	)
	if err != nil {
		fmt.Println(err)
		return
	}

	ctx := context.Background()
	_, err = client.PasswordLogin(ctx, mfa.PasswordLoginRequest{
		Username: "ada@example.com", Password: mfa.NewSecret("correct horse"),
	})
	var required *mfa.RequiredError
	if !errors.As(err, &required) {
		fmt.Println(err)
		return
	}
	fmt.Println("The tenant knows the application; a second factor is due:", required.MFAToken)

	f, err := flow.New(client, flow.WithClock(tenant.Now))
	if err != nil {
		fmt.Println(err)
		return
	}
	step, err := f.Begin(ctx, required)
	if err != nil {
		fmt.Println(err)
		return
	}
	code, _ := tenant.LastCode("ada@example.com")
	if err := step.Submit(ctx, flow.Submission{Code: mfa.NewSecret(code)}); err != nil { // EndUserIP needs a client secret
		fmt.Println(err)
		return
	}
	fmt.Println("Signed in:", step.Token().AccessToken)
	// Output:
	// The tenant knows the application; a second factor is due: [REDACTED]
	// Signed in: [REDACTED]
}
