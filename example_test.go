package mfa_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"slices"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/flow"
	"github.com/go-auth0-mfa/mfa/mfatest"
)

// pending holds what to keep between the password form and the code form. It
// belongs in the user's session, encrypted.
type pending struct {
	mfaToken, oobCode mfa.Secret
	recoveryCodes     []mfa.Secret // if any, to show once the code was right
}

// start handles the password form: it returns tokens, or what the code form needs.
func start(ctx context.Context, client *mfa.Client, email, password string, userIP netip.Addr) (*mfa.Token, *pending, error) {
	token, err := client.PasswordLogin(ctx, mfa.PasswordLoginRequest{
		Username: email, Password: mfa.NewSecret(password), Scopes: []string{"openid", "email"}, EndUserIP: userIP,
	})
	var required *mfa.RequiredError
	if !errors.As(err, &required) {
		return token, nil, err // signed in, or refused
	}
	next, err := sendCode(ctx, client, required.MFAToken, email)
	return nil, next, err
}

// finish handles the code form.
func finish(ctx context.Context, client *mfa.Client, p *pending, code string, userIP netip.Addr) (*mfa.Token, error) {
	return client.VerifyOOB(ctx, mfa.VerifyOOBRequest{MFAToken: p.mfaToken, OOBCode: p.oobCode, BindingCode: mfa.NewSecret(code), EndUserIP: userIP})
}

// keep seals a token for the session store. The binding is a text of rand.Text that the
// session keeps: the ID of a session changes at the login, and many have none before.
func keep(sealer *flow.Sealer, token mfa.Secret, binding string) (string, error) {
	return sealer.SealSecret(token, []byte(binding)) // OpenSecret returns it, in another request
}

// sendCode sends a code to the user's e-mail authenticator. If no factor is active, it
// enrolls the address, which sends a code as well.
func sendCode(ctx context.Context, client *mfa.Client, mfaToken mfa.Secret, email string) (*pending, error) {
	list, err := client.ListAuthenticators(ctx, mfa.ListAuthenticatorsRequest{Token: mfaToken})
	if err != nil {
		return nil, err
	}
	for _, a := range list {
		if a.Active && a.Factor() == mfa.FactorEmail {
			challenge, err := client.Challenge(ctx, mfa.ChallengeRequest{MFAToken: mfaToken, AuthenticatorID: a.ID})
			if err != nil {
				return nil, err
			}
			return &pending{mfaToken: mfaToken, oobCode: challenge.OOBCode}, nil
		}
	}
	if slices.ContainsFunc(list, func(a mfa.Authenticator) bool { return a.Active }) {
		// Somebody who only knows the password must not get around the factor there is.
		return nil, mfa.ErrAlreadyEnrolled
	}
	enrollment, err := client.Associate(ctx, mfa.AssociateRequest{Token: mfaToken, Email: email})
	if err != nil {
		return nil, err
	}
	return &pending{mfaToken, enrollment.OOBCode, enrollment.RecoveryCodes}, nil
}

// A login with a second factor by e-mail, in plain calls.
func Example() {
	tenant := mfatest.NewTenant() // a fake Auth0, in this process
	defer tenant.Close()
	tenant.AddUser(mfatest.User{Email: "ada@example.com", Password: "correct horse"})
	client := tenant.Client() // a real program calls mfa.NewClient
	ctx, log := context.Background(), slog.Default()
	userIP := netip.MustParseAddr("192.0.2.1") // of the request, as the backend saw it

	// The password form.
	token, next, err := start(ctx, client, "ada@example.com", "correct horse", userIP)
	if err != nil {
		fmt.Println(message(log, err))
		return
	}
	if token != nil {
		fmt.Println("Signed in without a second factor.")
		return
	}

	// Between the forms, here only of the mfa_token.
	sealer, err := tenant.Flow().NewSealer(newKey()) // a real program calls flow.New on its client
	if err != nil {
		fmt.Println(err)
		return
	}
	binding := rand.Text()
	kept, err := keep(sealer, next.mfaToken, binding)
	if err != nil {
		fmt.Println(err)
		return
	}
	if next.mfaToken, err = sealer.OpenSecret(kept, []byte(binding)); err != nil {
		fmt.Println(err) // the user logs in again
		return
	}

	// The code form, twice.
	_, err = finish(ctx, client, next, "not the code", userIP)
	fmt.Println(message(log, err))
	code, _ := tenant.LastCode("ada@example.com")
	token, err = finish(ctx, client, next, code, userIP)
	if err != nil {
		fmt.Println(message(log, err))
		return
	}
	fmt.Println(token.AccessToken, token.TokenType, len(next.recoveryCodes))
	// Output:
	// That is not right. Please check what you typed.
	// [REDACTED] Bearer 1
}

// A refresh that asks for a second factor goes on as a login does. Its tokens have no
// refresh token, so the one that there is stays.
func ExampleClient_Refresh_guided() {
	tenant := mfatest.NewTenant(mfatest.WithMFAOnRefresh()) // a fake Auth0, in this process
	defer tenant.Close()
	tenant.AddUser(mfatest.User{Email: "ada@example.com", Password: "correct horse", EmailVerified: true})
	ctx, client := context.Background(), tenant.Client()
	refreshToken := signIn(tenant, client, "ada@example.com", "correct horse").RefreshToken

	token, err := client.Refresh(ctx, mfa.RefreshRequest{RefreshToken: refreshToken})
	if err != nil {
		step, err := tenant.Flow().Begin(ctx, err) // a real page seals the step, and shows the code form
		if err != nil {
			fmt.Println(err) // not about MFA, or nothing was sent
			return
		}
		code, _ := tenant.LastCode("ada@example.com")
		if err := step.Submit(ctx, flow.Submission{Code: mfa.NewSecret(code)}); err != nil {
			fmt.Println(err)
			return
		}
		token = step.Token()
	}
	if !token.RefreshToken.IsZero() {
		refreshToken = token.RefreshToken
	}
	fmt.Println("Renewed:", token.AccessToken, "and kept", refreshToken, token.RefreshToken.IsZero())
	// Output:
	// Renewed: [REDACTED] and kept [REDACTED] true
}
