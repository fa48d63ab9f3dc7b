package mfa_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/mfatest"
)

// openTenant starts a tenant with one user and makes a client for it. A real
// program calls NewClient once and keeps the client.
func openTenant(user mfatest.User) (*mfatest.Tenant, *mfa.Client) {
	tenant := mfatest.NewTenant()
	tenant.AddUser(user)
	client := tenant.Client()
	return tenant, client
}

func ExampleNewClient() {
	clientID, clientSecret := "Q2xpZW50SWQ", "c2VjcmV0" // a real program reads them from its settings
	client, err := mfa.NewClient("tenant.eu.auth0.com", clientID, mfa.WithClientSecret(clientSecret))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(client.Domain(), client.MFAAudience())
	// Output:
	// tenant.eu.auth0.com https://tenant.eu.auth0.com/mfa/
}

func ExampleSecret() {
	token := mfa.NewSecret("eyJhbGciOi")
	fmt.Printf("%v %+v %q\n", token, struct{ Token mfa.Secret }{token}, token)
	fmt.Println(len(token.Reveal()))
	// Output:
	// [REDACTED] {Token:[REDACTED]} [REDACTED]
	// 10
}

func ExampleClient_PasswordLogin() {
	tenant, client := openTenant(mfatest.User{Email: "ada@example.com", Password: "correct horse"})
	defer tenant.Close()

	token, err := client.PasswordLogin(context.Background(), mfa.PasswordLoginRequest{
		Username: "ada@example.com",
		Password: mfa.NewSecret("correct horse"),
		Scopes:   []string{"openid", "email"},
	})
	var required *mfa.RequiredError
	switch {
	case err == nil:
		fmt.Println("Signed in without a second factor:", token.AccessToken)
	case errors.As(err, &required):
		fmt.Println("A second factor is due. Keep the mfa_token:", required.MFAToken)
	case errors.Is(err, mfa.ErrInvalidCredentials):
		fmt.Println("Wrong address or password.")
	default:
		fmt.Println(err)
	}
	// Output:
	// A second factor is due. Keep the mfa_token: [REDACTED]
}

func ExampleClient_ListAuthenticators() {
	tenant, client := openTenant(mfatest.User{Email: "ada@example.com", Authenticators: []mfatest.Authenticator{
		{Factor: mfa.FactorEmail, Active: true},
		{Factor: mfa.FactorOTP, Active: true},
		{Factor: mfa.FactorSMS, Address: "+4930901820"}, // never confirmed
	}})
	defer tenant.Close()
	mfaToken := tenant.MFAToken("ada@example.com") // of the *mfa.RequiredError

	list, err := client.ListAuthenticators(context.Background(), mfa.ListAuthenticatorsRequest{Token: mfaToken})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, a := range list {
		if a.Active {
			fmt.Printf("%s %q\n", a.Factor(), a.Name)
		}
	}
	// Output:
	// email "***@exam*******"
	// otp ""
}

// Enrolling an address mails a code at once.
func ExampleClient_Associate() {
	tenant, client := openTenant(mfatest.User{Email: "ada@example.com"})
	defer tenant.Close()
	mfaToken := tenant.MFAToken("ada@example.com") // of the *mfa.RequiredError

	enrollment, err := client.Associate(context.Background(), mfa.AssociateRequest{Token: mfaToken, Email: "ada@example.org"})
	switch {
	case errors.Is(err, mfa.ErrAlreadyEnrolled):
		fmt.Println("Challenge the authenticator that is there.")
	case errors.Is(err, mfa.ErrOutcomeUnknown):
		fmt.Println("The mail may be out. Have the user look before you send another.")
	case err != nil:
		fmt.Println(err)
	default:
		fmt.Println("Keep for VerifyOOB:", enrollment.OOBCode)
		fmt.Println("Recovery codes to show once:", len(enrollment.RecoveryCodes))
		fmt.Println("Mails:", len(tenant.Inbox("ada@example.org")))
	}
	// Output:
	// Keep for VerifyOOB: [REDACTED]
	// Recovery codes to show once: 1
	// Mails: 1
}

// An authenticator app is enrolled by a QR code, and active once a code that
// it shows was verified.
func ExampleClient_Associate_authenticatorApp() {
	tenant, client := openTenant(mfatest.User{Email: "ada@example.com"})
	defer tenant.Close()
	ctx := context.Background()
	mfaToken := tenant.MFAToken("ada@example.com") // of the *mfa.RequiredError

	enrollment, err := client.Associate(ctx, mfa.AssociateRequest{Token: mfaToken, Factor: mfa.FactorOTP})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("Draw a QR code of", enrollment.BarcodeURI, "or show", enrollment.OTPSecret)

	typed := tenant.OTP("ada@example.com") // what the app shows
	token, err := client.VerifyOTP(ctx, mfa.VerifyOTPRequest{MFAToken: mfaToken, OTP: mfa.NewSecret(typed)})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("Signed in for", token.ExpiresIn)
	// Output:
	// Draw a QR code of [REDACTED] or show [REDACTED]
	// Signed in for 24h0m0s
}

// To send the code again, call Challenge again and keep the new OOBCode.
func ExampleClient_Challenge() {
	tenant, client := openTenant(mfatest.User{Email: "ada@example.com", EmailVerified: true})
	defer tenant.Close()
	ctx := context.Background()
	mfaToken := tenant.MFAToken("ada@example.com") // of the *mfa.RequiredError

	list, err := client.ListAuthenticators(ctx, mfa.ListAuthenticatorsRequest{Token: mfaToken})
	email := slices.IndexFunc(list, func(a mfa.Authenticator) bool { return a.Active && a.Factor() == mfa.FactorEmail })
	if email < 0 {
		fmt.Println("nothing to challenge:", err)
		return
	}
	challenge, err := client.Challenge(ctx, mfa.ChallengeRequest{MFAToken: mfaToken, AuthenticatorID: list[email].ID})
	if err != nil {
		fmt.Println(mfa.NextAction(err), err)
		return
	}
	fmt.Println("Keep for VerifyOOB:", challenge.OOBCode)
	fmt.Println("Mails:", len(tenant.Inbox("ada@example.com")))
	// Output:
	// Keep for VerifyOOB: [REDACTED]
	// Mails: 1
}

func ExampleClient_VerifyOOB() {
	tenant, client := openTenant(mfatest.User{Email: "ada@example.com"})
	defer tenant.Close()
	ctx := context.Background()
	mfaToken := tenant.MFAToken("ada@example.com")
	enrollment, err := client.Associate(ctx, mfa.AssociateRequest{Token: mfaToken}) // or Challenge
	if err != nil {
		fmt.Println(err)
		return
	}

	code, _ := tenant.LastCode("ada@example.com")
	for _, typed := range []string{code[:5], code} { // the user drops a digit at first
		token, err := client.VerifyOOB(ctx, mfa.VerifyOOBRequest{
			MFAToken: mfaToken, OOBCode: enrollment.OOBCode, BindingCode: mfa.NewSecret(typed),
		})
		if err != nil {
			fmt.Println(mfa.NextAction(err))
			continue
		}
		fmt.Println("Signed in:", token.AccessToken, token.Scope)
	}
	// Output:
	// AskAgain
	// Signed in: [REDACTED] openid profile email
}

func ExampleClient_VerifyOTP() {
	tenant, client := openTenant(mfatest.User{Email: "ada@example.com", Authenticators: []mfatest.Authenticator{
		{Factor: mfa.FactorOTP, Active: true},
	}})
	defer tenant.Close()
	mfaToken := tenant.MFAToken("ada@example.com") // of the *mfa.RequiredError
	typed := tenant.OTP("ada@example.com")         // what the app shows

	token, err := client.VerifyOTP(context.Background(), mfa.VerifyOTPRequest{
		MFAToken: mfaToken, OTP: mfa.NewSecret(typed), // there is nothing to challenge
	})
	if err != nil {
		fmt.Println(mfa.NextAction(err), err)
		return
	}
	fmt.Println("Signed in:", token.AccessToken)
	// Output:
	// Signed in: [REDACTED]
}

// A recovery code is used up, and its replacement comes with the tokens.
func ExampleClient_VerifyRecoveryCode() {
	tenant, client := openTenant(mfatest.User{Email: "ada@example.com", EmailVerified: true, RecoveryCode: true})
	defer tenant.Close()
	mfaToken := tenant.MFAToken("ada@example.com")     // of the *mfa.RequiredError
	typed, _ := tenant.RecoveryCode("ada@example.com") // what the user kept

	token, err := client.VerifyRecoveryCode(context.Background(), mfa.VerifyRecoveryCodeRequest{
		MFAToken: mfaToken, RecoveryCode: mfa.NewSecret(typed),
	})
	if err != nil {
		fmt.Println(mfa.NextAction(err), err)
		return
	}
	fmt.Println("Signed in:", token.AccessToken)
	fmt.Println("Show once:", token.RecoveryCode)
	// Output:
	// Signed in: [REDACTED]
	// Show once: [REDACTED]
}

// A page that waits for a push notification asks once for each time it reloads.
func ExampleClient_PollPush() {
	tenant, client := openTenant(mfatest.User{Email: "ada@example.com", Authenticators: []mfatest.Authenticator{
		{Factor: mfa.FactorPush, Active: true},
	}})
	defer tenant.Close()
	ctx := context.Background()
	mfaToken := tenant.MFAToken("ada@example.com") // of the *mfa.RequiredError
	challenge, err := client.Challenge(ctx, mfa.ChallengeRequest{MFAToken: mfaToken})
	if err != nil {
		fmt.Println(err)
		return
	}

	reload := func() {
		token, err := client.PollPush(ctx, mfa.PollPushRequest{MFAToken: mfaToken, OOBCode: challenge.OOBCode})
		var e *mfa.Error
		switch {
		case err == nil:
			fmt.Println("Signed in:", token.AccessToken)
		case mfa.NextAction(err) == mfa.ActionPoll && errors.As(err, &e):
			fmt.Println("Reload in", max(e.RetryAfter, 5*time.Second))
		case errors.Is(err, mfa.ErrRejected):
			fmt.Println("You rejected it. Ask again?")
		default:
			fmt.Println(err)
		}
	}
	reload()
	tenant.ApprovePush("ada@example.com") // the user's thumb
	tenant.Advance(5 * time.Second)
	reload()
	// Output:
	// Reload in 5s
	// Signed in: [REDACTED]
}

// A user who is signed in removes a phone. This requires an access token for the
// audience of the MFA API, not an mfa_token.
func ExampleClient_DeleteAuthenticator() {
	tenant, client := openTenant(mfatest.User{Email: "ada@example.com", EmailVerified: true, Authenticators: []mfatest.Authenticator{
		{Factor: mfa.FactorSMS, Address: "+4930901820", Active: true},
	}})
	defer tenant.Close()
	ctx := context.Background()
	// Of a login with Audience: client.MFAAudience() and these scopes.
	token := tenant.AccessToken("ada@example.com", mfa.ScopeReadAuthenticators, mfa.ScopeRemoveAuthenticators)

	list, err := client.ListAuthenticators(ctx, mfa.ListAuthenticatorsRequest{Token: token})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, a := range list {
		if a.Factor() != mfa.FactorSMS {
			continue
		}
		err := client.DeleteAuthenticator(ctx, mfa.DeleteAuthenticatorRequest{Token: token, AuthenticatorID: a.ID})
		if err == nil || errors.Is(err, mfa.ErrAuthenticatorNotFound) { // gone either way
			fmt.Println("Removed", a.Name)
			continue
		}
		fmt.Println(err)
	}
	// Output:
	// Removed XXXXXXX1820
}

// A session is renewed without the user. The old refresh token stays valid unless a
// new one comes.
func ExampleClient_Refresh() {
	tenant, client := openTenant(mfatest.User{Email: "ada@example.com", Password: "correct horse", EmailVerified: true})
	defer tenant.Close()
	refreshToken := signIn(tenant, client, "ada@example.com", "correct horse").RefreshToken

	token, err := client.Refresh(context.Background(), mfa.RefreshRequest{RefreshToken: refreshToken})
	switch mfa.NextAction(err) {
	case mfa.ActionNone:
		if !token.RefreshToken.IsZero() {
			refreshToken = token.RefreshToken
		}
		fmt.Println("Renewed:", token.AccessToken, "and kept", refreshToken)
	case mfa.ActionVerifyMFA:
		fmt.Println("The user has to pass MFA again.")
	case mfa.ActionRestartLogin:
		fmt.Println("The session is over.")
	default:
		fmt.Println(err)
	}
	// Output:
	// Renewed: [REDACTED] and kept [REDACTED]
}

// signIn passes both factors.
func signIn(tenant *mfatest.Tenant, client *mfa.Client, email, password string) *mfa.Token {
	ctx := context.Background()
	_, err := client.PasswordLogin(ctx, mfa.PasswordLoginRequest{
		Username: email, Password: mfa.NewSecret(password), Scopes: []string{"openid", "offline_access"},
	})
	var required *mfa.RequiredError
	if !errors.As(err, &required) {
		panic(err)
	}
	list, err := client.ListAuthenticators(ctx, mfa.ListAuthenticatorsRequest{Token: required.MFAToken})
	if err != nil || len(list) == 0 {
		panic(err)
	}
	challenge, err := client.Challenge(ctx, mfa.ChallengeRequest{MFAToken: required.MFAToken, AuthenticatorID: list[0].ID})
	if err != nil {
		panic(err)
	}
	code, _ := tenant.LastCode(email)
	token, err := client.VerifyOOB(ctx, mfa.VerifyOOBRequest{MFAToken: required.MFAToken, OOBCode: challenge.OOBCode, BindingCode: mfa.NewSecret(code)})
	if err != nil {
		panic(err)
	}
	return token
}

// At start-up, before the first user comes. A failure is no reason to stop.
func ExampleClient_Warm() {
	tenant := mfatest.NewTenant() // a tenant to try this against
	defer tenant.Close()
	client := tenant.Client()

	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := client.Warm(ctx); err != nil {
		fmt.Println("The first login will take a little longer:", err)
	}
	fmt.Println(tenant.Requests())
	// Output:
	// [GET /.well-known/openid-configuration warm]
}

// A program with many tenants lets one go. Calls under way on its client end as
// they would have.
func ExampleClient_CloseIdleConnections() {
	clients := map[string]*mfa.Client{}
	for brand, domain := range map[string]string{"acme": "acme.eu.auth0.com", "globex": "globex.us.auth0.com"} {
		client, err := mfa.NewClient(domain, "Q2xpZW50SWQ", mfa.WithClientSecret("c2VjcmV0"))
		if err != nil {
			fmt.Println(err)
			return
		}
		clients[brand] = client
	}

	clients["acme"].CloseIdleConnections()
	delete(clients, "acme")
	fmt.Println(len(clients), "tenant left")
	// Output:
	// 1 tenant left
}
