package mfa_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/mfatest"
)

// start handles the password form, of users whose second factor is e-mail: it
// returns what to keep for the code form.
func start(ctx context.Context, client *mfa.Client, email, password string) (mfaToken, oobCode mfa.Secret, err error) {
	_, err = client.PasswordLogin(ctx, mfa.PasswordLoginRequest{Username: email, Password: mfa.NewSecret(password)})
	var required *mfa.RequiredError
	if !errors.As(err, &required) {
		return mfaToken, oobCode, err // refused, or signed in without MFA: this sketch drops the token
	}
	mfaToken = required.MFAToken
	list, err := client.ListAuthenticators(ctx, mfa.ListAuthenticatorsRequest{Token: mfaToken})
	if err != nil {
		return mfaToken, oobCode, err
	}
	for _, a := range list {
		if a.Active && a.Factor() == mfa.FactorEmail {
			challenge, err := client.Challenge(ctx, mfa.ChallengeRequest{MFAToken: mfaToken, AuthenticatorID: a.ID})
			if err != nil {
				return mfaToken, oobCode, err
			}
			return mfaToken, challenge.OOBCode, nil
		}
	}
	enrolment, err := client.Associate(ctx, mfa.AssociateRequest{Token: mfaToken, Email: email})
	if err != nil {
		return mfaToken, oobCode, err
	}
	return mfaToken, enrolment.OOBCode, nil // and drops enrolment.RecoveryCodes, to be shown once
}

// finish handles the code form.
func finish(ctx context.Context, client *mfa.Client, mfaToken, oobCode mfa.Secret, code string) (*mfa.Token, error) {
	return client.VerifyOOB(ctx, mfa.VerifyOOBRequest{
		MFAToken: mfaToken, OOBCode: oobCode, BindingCode: mfa.NewSecret(code),
	})
}

// message is what the page says after an error.
func message(err error) string {
	var e *mfa.Error
	errors.As(err, &e)
	switch mfa.NextAction(err) {
	case mfa.ActionAskAgain:
		return "That is not right. Please check what you typed."
	case mfa.ActionResend, mfa.ActionChallenge:
		return "That code is no longer good. We can send you a new one."
	case mfa.ActionCheckInbox:
		return "Please look into your inbox before you ask for another code."
	case mfa.ActionWait:
		return "Too many tries. Please come back later."
	case mfa.ActionRestartLogin:
		return "Please sign in again."
	case mfa.ActionRetryLater:
		return "Something went wrong. Please try again in a moment."
	default:
		if e != nil {
			slog.Error("sign-in failed", "err", err, "hint", e.Hint(), "request_id", e.RequestID)
		}
		return "Sorry, you cannot sign in right now."
	}
}

func ExampleNewClient() {
	clientID, clientSecret := "Q2xpZW50SWQ", "c2VjcmV0"
	client, err := mfa.NewClient("tenant.eu.auth0.com", clientID, mfa.WithClientSecret(clientSecret))
	fmt.Println(client.Domain(), client.MFAAudience(), err)
	// Output:
	// tenant.eu.auth0.com https://tenant.eu.auth0.com/mfa/ <nil>
}

func Example() {
	// A tenant to try this against, where a real program calls NewClient.
	tenant := mfatest.NewTenant()
	defer tenant.Close()
	tenant.AddUser(mfatest.User{Email: "ada@example.com", Password: "correct horse"})
	client := tenant.Client()
	ctx := context.Background()

	mfaToken, oobCode, err := start(ctx, client, "ada@example.com", "correct horse")
	if err != nil {
		fmt.Println(message(err))
		return
	}
	_, err = finish(ctx, client, mfaToken, oobCode, "not the code")
	fmt.Println(message(err))

	code, _ := tenant.LastCode("ada@example.com")
	token, err := finish(ctx, client, mfaToken, oobCode, code)
	if err != nil {
		fmt.Println(message(err))
		return
	}
	fmt.Println(token.AccessToken, token.TokenType)
	// Output:
	// That is not right. Please check what you typed.
	// [REDACTED] Bearer
}

func ExampleParseError() {
	// What another library got for its login.
	err := mfa.ParseError(403, nil, []byte(
		`{"error":"mfa_required","error_description":"Multifactor authentication required","mfa_token":"Fe26.2*eyJhb"}`))
	fmt.Println(err)
	fmt.Println(errors.Is(err, mfa.ErrMFARequired), mfa.NextAction(err))
	// Output:
	// mfa: password login: multi-factor authentication is required (HTTP 403, mfa_required)
	// true VerifyMFA
}

func ExampleNextAction() {
	// An error made by hand means the same as one off the wire.
	fmt.Println(mfa.NextAction(&mfa.Error{
		Op: "verify oob", StatusCode: 403, Code: "invalid_grant", Description: "Invalid binding_code.",
	}))
	fmt.Println(mfa.NextAction(&mfa.Error{Op: "challenge", Delivery: mfa.DeliveryUnknown}))
	fmt.Println(mfa.NextAction(mfa.ErrTooManyMessages))
	// Output:
	// AskAgain
	// CheckInbox
	// Wait
}

func ExampleSecret() {
	token := mfa.NewSecret("eyJhbGciOi")
	fmt.Printf("%v %+v %q\n", token, struct{ t mfa.Secret }{token}.t, token)
	fmt.Println(len(token.Reveal()))
	// Output:
	// [REDACTED] [REDACTED] [REDACTED]
	// 10
}
