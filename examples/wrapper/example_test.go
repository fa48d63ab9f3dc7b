package acmelogin_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"

	"github.com/go-auth0-mfa/mfa"
	acmelogin "github.com/go-auth0-mfa/mfa/examples/wrapper"
	"github.com/go-auth0-mfa/mfa/mfatest"
)

func Example() {
	tenant := mfatest.NewTenant(mfatest.WithoutRecoveryCodes()) // a tenant to try this against
	defer tenant.Close()
	tenant.AddUser(mfatest.User{Email: "ada@example.com", Password: "correct horse"})
	client, err := acmelogin.New(acmelogin.Config{
		Domain: tenant.URL, ClientID: tenant.ClientID, ClientSecret: tenant.ClientSecret,
		Team: "checkout", Transport: tenant.HTTPClient().Transport,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx, userIP := context.Background(), netip.MustParseAddr("192.0.2.7") // of the page's request

	_, _, err = client.SignIn(ctx, "ada@example.com", mfa.NewSecret("battery staple"), userIP)
	fmt.Println("typo:", errors.Is(err, acmelogin.ErrTypo))
	_, pending, err := client.SignIn(ctx, "ada@example.com", mfa.NewSecret("correct horse"), userIP)
	if err != nil {
		fmt.Println(err)
		return
	}

	code, _ := tenant.LastCode("ada@example.com")
	_, err = client.Confirm(ctx, pending, mfa.NewSecret(code[:5]), userIP)
	var below *mfa.Error
	fmt.Println("typo:", errors.Is(err, acmelogin.ErrTypo), errors.As(err, &below), below.Op)
	token, err := client.Confirm(ctx, pending, mfa.NewSecret(code), userIP)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("signed in:", token.AccessToken)
	// Output:
	// typo: true
	// typo: true true verify oob
	// signed in: [REDACTED]
}
