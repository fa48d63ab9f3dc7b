package mfatest_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/mfatest"
)

// A login with a code by e-mail, as a test of a login page runs it.
func ExampleNewTenant() {
	ctx := context.Background()
	tenant := mfatest.NewTenant()
	defer tenant.Close()
	tenant.AddUser(mfatest.User{Email: "ada@example.com", Password: "correct horse"})
	client, err := tenant.NewClient()
	if err != nil {
		log.Fatal(err)
	}

	// The password alone is not enough.
	_, err = client.PasswordLogin(ctx, mfa.PasswordLoginRequest{Username: "ada@example.com", Password: mfa.NewSecret("correct horse")})
	var required *mfa.RequiredError
	if !errors.As(err, &required) {
		log.Fatal(err)
	}
	// Enrolling an address sends a code to it, which lands in the tenant's mailbox.
	enrolment, err := client.Associate(ctx, mfa.AssociateRequest{Token: required.MFAToken, Email: "ada@example.com"})
	if err != nil {
		log.Fatal(err)
	}
	code, _ := tenant.LastCode("ada@example.com")
	token, err := client.VerifyOOB(ctx, mfa.VerifyOOBRequest{
		MFAToken: required.MFAToken, OOBCode: enrolment.OOBCode, BindingCode: mfa.NewSecret(code),
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(token.TokenType, token.ExpiresIn)
	// Output: Bearer 24h0m0s
}

// A lost reply: the mail is out, but the code under test cannot know.
func ExampleTenant_Fail() {
	tenant := mfatest.NewTenant()
	defer tenant.Close()
	tenant.AddUser(mfatest.User{Email: "ada@example.com"})
	client, err := tenant.NewClient()
	if err != nil {
		log.Fatal(err)
	}

	tenant.Fail(mfatest.Fault{Op: "associate", Kind: mfatest.FaultDropReply})
	_, err = client.Associate(context.Background(), mfa.AssociateRequest{Token: tenant.MFAToken("ada@example.com")})

	fmt.Println("outcome unknown:", errors.Is(err, mfa.ErrOutcomeUnknown))
	fmt.Println("mails:", len(tenant.Inbox("ada@example.com")), "requests:", len(tenant.Requests()))
	// Output:
	// outcome unknown: true
	// mails: 1 requests: 1
}
