package oauth2login_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"

	"golang.org/x/oauth2"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/examples/integrations/oauth2login"
	"github.com/go-auth0-mfa/mfa/flow"
	"github.com/go-auth0-mfa/mfa/mfatest"
)

func Example() {
	tenant := mfatest.NewTenant() // a tenant to try this against
	defer tenant.Close()
	tenant.AddUser(mfatest.User{Email: "ada@example.com", Password: "correct horse", EmailVerified: true})
	client := tenant.Client()
	config := oauth2login.NewConfig(client, tenant.ClientSecret, "openid", "offline_access")
	ctx := context.WithValue(context.Background(), oauth2.HTTPClient, tenant.HTTPClient())

	// The password, by x/oauth2.
	_, err := oauth2login.Login(ctx, config, "ada@example.com", "correct horse")
	var required *mfa.RequiredError
	if !errors.As(err, &required) {
		fmt.Println("signed in without a second factor, or refused:", err)
		return
	}

	// The code, by package flow.
	step, err := tenant.Flow().Begin(ctx, required) // a real program calls flow.New on its client
	if err != nil {
		fmt.Println(err)
		return
	}
	code, _ := tenant.LastCode("ada@example.com")
	userIP := netip.MustParseAddr("192.0.2.7") // of the request, as the backend saw it
	if err := step.Submit(ctx, flow.Submission{Code: mfa.NewSecret(code), EndUserIP: userIP}); err != nil {
		fmt.Println(err)
		return
	}

	// And x/oauth2 goes on.
	token := oauth2login.Token(step.Token(), "")
	refreshed, err := oauth2login.Refresh(ctx, config, token.RefreshToken)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(token.Valid(), token.Type(), token.Extra("id_token") != "")
	fmt.Println(refreshed.Valid(), refreshed.AccessToken != token.AccessToken)
	for _, request := range tenant.Requests() {
		fmt.Println(request)
	}
	// Output:
	// true Bearer true
	// true true
	// POST /oauth/token password login
	// GET /mfa/authenticators list authenticators
	// POST /mfa/challenge challenge
	// POST /oauth/token verify oob
	// POST /oauth/token refresh
}
