package flow_test

import (
	"context"
	"fmt"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/flow"
	"github.com/go-auth0-mfa/mfa/mfatest"
)

// A user who is signed in adds an address beside the one of the account. The access
// token for the MFA audience comes from a refresh token, so nobody types a password.
func ExampleFlow_BeginEnrollment() {
	tenant, f := openFlow(mfatest.User{Email: "ada@example.com", Password: "correct horse", EmailVerified: true})
	defer tenant.Close()
	ctx, client := context.Background(), tenant.Client()
	refreshToken := signIn(ctx, tenant, client, f) // a real page keeps it in the user's session

	token, err := client.Refresh(ctx, mfa.RefreshRequest{
		RefreshToken: refreshToken, Audience: client.MFAAudience(),
		Scopes: []string{mfa.ScopeEnroll, mfa.ScopeReadAuthenticators, mfa.ScopeRemoveAuthenticators},
	})
	if err != nil {
		fmt.Println(err) // a *mfa.RequiredError if the user has another factor than e-mail: go on with Begin
		return
	}

	step, err := f.BeginEnrollment(ctx, token.AccessToken)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, typed := range []string{"ada@work", "ada@work.example"} {
		if err := step.Enroll(ctx, flow.Enrollment{Email: typed}); err != nil {
			fmt.Printf("%s: %q\n", mfa.NextAction(err), step.Destination())
			continue
		}
		fmt.Println("We sent a code to", step.Destination())
	}
	code, _ := tenant.LastCode("ada@work.example")
	if err := step.Submit(ctx, flow.Submission{Code: mfa.NewSecret(code)}); err != nil {
		fmt.Println(mfa.NextAction(err))
		return
	}
	fmt.Println(step.State(), step.Token() == nil) // it is no sign-in

	all, err := client.ListAuthenticators(ctx, mfa.ListAuthenticatorsRequest{Token: token.AccessToken})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, a := range all {
		fmt.Println(a.Factor(), a.Name, a.Active)
	}
	// Output:
	// AskAgain: "ada@work"
	// We sent a code to ada@work.example
	// Done true
	// email ***@exam******* true
	// email ***@work******** true
	// recovery-code  true
}

// signIn signs Ada in and returns her refresh token.
func signIn(ctx context.Context, tenant *mfatest.Tenant, client *mfa.Client, f *flow.Flow) mfa.Secret {
	_, err := client.PasswordLogin(ctx, mfa.PasswordLoginRequest{
		Username: "ada@example.com", Password: mfa.NewSecret("correct horse"), Scopes: []string{"openid", "offline_access"},
	})
	step, err := f.Begin(ctx, err)
	if err != nil {
		fmt.Println(err)
		return mfa.Secret{}
	}
	code, _ := tenant.LastCode("ada@example.com")
	if err := step.Submit(ctx, flow.Submission{Code: mfa.NewSecret(code)}); err != nil {
		fmt.Println(err)
		return mfa.Secret{}
	}
	return step.Token().RefreshToken
}

// A refresh can ask for MFA as a login can. The guided login goes on with its error, and
// the old refresh token stays valid unless a new one comes.
func ExampleFlow_Begin_refresh() {
	ctx, tenant := context.Background(), mfatest.NewTenant(mfatest.WithMFAOnRefresh())
	defer tenant.Close()
	tenant.AddUser(mfatest.User{Email: "ada@example.com", Password: "correct horse", EmailVerified: true})
	client, f := tenant.Client(), tenant.Flow()
	refreshToken := signIn(ctx, tenant, client, f) // a real page keeps it in the user's session

	token, err := client.Refresh(ctx, mfa.RefreshRequest{RefreshToken: refreshToken})
	if mfa.NextAction(err) == mfa.ActionVerifyMFA {
		step, err := f.Begin(ctx, err) // mails a code, as after a password
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println("MFA is due:", step.State(), step.Destination())
		code, _ := tenant.LastCode("ada@example.com") // in another request: seal the step
		if err := step.Submit(ctx, flow.Submission{Code: mfa.NewSecret(code)}); err != nil {
			fmt.Println(mfa.NextAction(err))
			return
		}
		token = step.Token()
	} else if err != nil {
		fmt.Println(mfa.NextAction(err)) // RestartLogin: the session is over
		return
	}
	if !token.RefreshToken.IsZero() {
		refreshToken = token.RefreshToken
	}

	fmt.Println("A new refresh token:", !token.RefreshToken.IsZero())
	_, err = client.Refresh(ctx, mfa.RefreshRequest{RefreshToken: refreshToken})
	fmt.Println("The old one is good for the next time:", mfa.NextAction(err) == mfa.ActionVerifyMFA)
	// Output:
	// MFA is due: EnterCode ***@exam*******
	// A new refresh token: false
	// The old one is good for the next time: true
}
