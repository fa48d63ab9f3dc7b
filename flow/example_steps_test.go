package flow_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/flow"
	"github.com/go-auth0-mfa/mfa/mfatest"
)

// openFlow starts a tenant with one user, and makes a flow for it. A real page
// calls mfa.NewClient and flow.New once and keeps the flow.
func openFlow(user mfatest.User, opts ...flow.Option) (*mfatest.Tenant, *flow.Flow) {
	tenant := mfatest.NewTenant()
	tenant.AddUser(user)
	client := tenant.Client()
	f, err := flow.New(client, append(opts, flow.WithClock(tenant.Now))...)
	if err != nil {
		panic(err)
	}
	return tenant, f
}

// Begin can return a step and an error: the login is good, but the mail is not out.
func ExampleFlow_Begin() {
	tenant, f := openFlow(mfatest.User{Email: "ada@example.com", EmailVerified: true})
	defer tenant.Close()
	// What PasswordLogin or ParseError returned.
	loginErr := &mfa.RequiredError{MFAToken: tenant.MFAToken("ada@example.com")}

	step, err := f.Begin(context.Background(), loginErr)
	if step == nil {
		fmt.Println("No second factor to ask for:", err) // the wrong password, for one
		return
	}
	if err != nil {
		fmt.Println("The mail is not out:", mfa.NextAction(err))
	}
	switch step.State() {
	case flow.StateEnroll:
		fmt.Println("Ask where to send codes to.")
	case flow.StateChoose:
		fmt.Println("Ask which of these:", len(step.Authenticators()))
	case flow.StateEnterCode:
		fmt.Println("Ask for the code that went to", step.Destination())
	}
	// Output:
	// Ask for the code that went to ***@exam*******
}

// A user who comes back gets the mail after one request, not two: the application
// kept the authenticator of the last login in the user's record.
func ExampleRemembered() {
	tenant, f := openFlow(mfatest.User{Email: "ada@example.com", EmailVerified: true})
	defer tenant.Close()
	ctx := context.Background()
	kept := map[string]mfa.Authenticator{} // by user

	for range 2 {
		loginErr := &mfa.RequiredError{MFAToken: tenant.MFAToken("ada@example.com")} // the password was right
		before := len(tenant.Requests())
		step, err := f.Begin(ctx, loginErr, flow.Remembered(kept["ada"])) // zero if there is none
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(len(tenant.Requests())-before, "requests before the form for the code")
		code, _ := tenant.LastCode("ada@example.com")
		if err := step.Submit(ctx, flow.Submission{Code: mfa.NewSecret(code)}); err != nil {
			fmt.Println(err)
			return
		}
		if verified, ok := step.Authenticator(); ok {
			kept["ada"] = verified
		}
	}
	// Output:
	// 2 requests before the form for the code
	// 1 requests before the form for the code
}

// A user without authenticators enrolls one, and may correct the address.
func ExampleStep_Enroll() {
	tenant, f := openFlow(mfatest.User{Email: "ada@example.com"})
	defer tenant.Close()
	ctx := context.Background()
	step, err := f.Begin(ctx, &mfa.RequiredError{MFAToken: tenant.MFAToken("ada@example.com")})
	if err != nil {
		fmt.Println(err)
		return
	}

	for _, typed := range []string{"ada.example.org", "ada@example.org"} {
		if err := step.Enroll(ctx, flow.Enrollment{Email: typed}); err != nil {
			fmt.Println(mfa.NextAction(err))
			continue
		}
		fmt.Println(step.State(), len(step.RecoveryCodes()), "recovery code to show")
	}
	// Output:
	// AskAgain
	// EnterCode 1 recovery code to show
}

// The user chooses among several authenticators, here the app first.
func ExampleStep_Choose() {
	tenant, f := openFlow(mfatest.User{Email: "ada@example.com", EmailVerified: true, Authenticators: []mfatest.Authenticator{
		{Factor: mfa.FactorOTP, Active: true},
	}}, flow.WithFactors(mfa.FactorOTP))
	defer tenant.Close()
	ctx := context.Background()
	step, err := f.Begin(ctx, &mfa.RequiredError{MFAToken: tenant.MFAToken("ada@example.com")})
	if err != nil {
		fmt.Println(err)
		return
	}

	for _, a := range step.Authenticators() {
		fmt.Printf("%s %q\n", a.Factor(), a.Name)
	}
	chosen := step.Authenticators()[1].ID // comes back in the form
	if err := step.Choose(ctx, chosen); err != nil {
		fmt.Println(mfa.NextAction(err))
		return
	}
	fmt.Println(step.State(), step.Factor())
	// Output:
	// otp ""
	// email "***@exam*******"
	// EnterCode email
}

// A second mail is sent no sooner than 30 seconds after the first.
func ExampleStep_Resend() {
	tenant, f := openFlow(mfatest.User{Email: "ada@example.com", EmailVerified: true})
	defer tenant.Close()
	ctx := context.Background()
	step, err := f.Begin(ctx, &mfa.RequiredError{MFAToken: tenant.MFAToken("ada@example.com")})
	if err != nil {
		fmt.Println(err)
		return
	}

	resend := func() {
		err := step.Resend(ctx)
		if early := (*flow.CooldownError)(nil); errors.As(err, &early) {
			fmt.Println("Please wait", early.ResendAt.Sub(tenant.Now()).Round(time.Second)) // a real page takes time.Until
			return
		}
		fmt.Println(len(tenant.Inbox("ada@example.com")), "mails,", step.SendsLeft(), "left,", err)
	}
	tenant.Advance(10 * time.Second)
	resend()
	tenant.Advance(20 * time.Second)
	resend()
	// Output:
	// Please wait 20s
	// 2 mails, 18 left, <nil>
}

// What cannot be a code costs no attempt; a code is found in what was pasted.
func ExampleStep_Submit() {
	tenant, f := openFlow(mfatest.User{Email: "ada@example.com", EmailVerified: true})
	defer tenant.Close()
	ctx := context.Background()
	step, err := f.Begin(ctx, &mfa.RequiredError{MFAToken: tenant.MFAToken("ada@example.com")})
	if err != nil {
		fmt.Println(err)
		return
	}

	code, _ := tenant.LastCode("ada@example.com")
	for _, typed := range []string{"", code[:5], "Your code is " + code[:3] + " " + code[3:]} {
		if err := step.Submit(ctx, flow.Submission{Code: mfa.NewSecret(typed)}); err != nil {
			fmt.Println(mfa.NextAction(err), step.AttemptsLeft())
		}
	}
	if step.State() == flow.StateDone { // otherwise another factor is due
		fmt.Println("Signed in:", step.Token().AccessToken)
	}
	// Output:
	// AskAgain 10
	// AskAgain 10
	// Signed in: [REDACTED]
}

// A page that waits for a push notification reloads at Step.PollAt.
func ExampleStep_Poll() {
	tenant, f := openFlow(mfatest.User{Email: "ada@example.com", Authenticators: []mfatest.Authenticator{
		{Factor: mfa.FactorPush, Active: true},
	}})
	defer tenant.Close()
	ctx := context.Background()
	step, err := f.Begin(ctx, &mfa.RequiredError{MFAToken: tenant.MFAToken("ada@example.com")})
	if err == nil {
		err = step.Choose(ctx, step.Authenticators()[0].ID)
	}
	if err != nil {
		fmt.Println(err)
		return
	}

	reload := func() {
		tenant.Advance(step.PollAt().Sub(tenant.Now())) // a real page sends a Refresh header
		err := step.Poll(ctx, flow.Poll{})
		switch mfa.NextAction(err) {
		case mfa.ActionPoll, mfa.ActionWait:
			fmt.Println("Reload in", step.PollAt().Sub(tenant.Now()).Round(time.Second))
		case mfa.ActionResend:
			fmt.Println("You rejected it. Ask again?")
		default:
			fmt.Println(step.State(), err)
		}
	}
	reload()
	tenant.ApprovePush("ada@example.com") // the user's thumb
	reload()
	// Output:
	// Reload in 5s
	// Done <nil>
}
