package flow_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/flow"
	"github.com/go-auth0-mfa/mfa/mfatest"
)

// A step goes through the browser, opens only there, and outlives a change of
// the key.
func ExampleSealer() {
	tenant := mfatest.NewTenant() // a tenant to try this against
	defer tenant.Close()
	tenant.AddUser(mfatest.User{Email: "ada@example.com", EmailVerified: true})
	client := tenant.Client()
	f, err := flow.New(client, flow.WithClock(tenant.Now))
	if err != nil {
		fmt.Println(err)
		return
	}
	browser, another := []byte(rand.Text()), []byte(rand.Text()) // a real page keeps it in the session
	oldKey, newKey := make([]byte, 32), make([]byte, 32)         // a real page reads them from where its secrets are
	_, _ = rand.Read(oldKey)
	_, _ = rand.Read(newKey)

	// The password form, before the key was changed.
	sealer, err := f.NewSealer(oldKey)
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := sealer.Check(browser); err != nil { // before a mail goes out
		fmt.Println(err)
		return
	}
	step, err := f.Begin(context.Background(), &mfa.RequiredError{MFAToken: tenant.MFAToken("ada@example.com")})
	if err != nil {
		fmt.Println(err)
		return
	}
	sealed, err := sealer.Seal(step, browser)
	if err != nil {
		fmt.Println(err)
		return
	}

	// The code form, after it: the new key seals, both open.
	sealer, err = f.NewSealer(newKey, oldKey)
	if err != nil {
		fmt.Println(err)
		return
	}
	step, err = sealer.Open(sealed, browser)
	fmt.Println(step, err)
	_, err = sealer.Open(sealed, another)
	fmt.Println(errors.Is(err, flow.ErrStepInvalid), mfa.NextAction(err))
	// Output:
	// flow.Step(EnterCode, email) <nil>
	// true RestartLogin
}

// Before the mail goes out, a page asks what Seal would refuse. Here a browser has no
// session yet.
func ExampleSealer_Check() {
	tenant := mfatest.NewTenant()
	defer tenant.Close()
	key := make([]byte, 32)
	_, _ = rand.Read(key)
	sealer, err := tenant.Flow().NewSealer(key)
	if err != nil {
		fmt.Println(err)
		return
	}

	session := map[string]string{}
	fmt.Println(sealer.Check([]byte(session["binding"])) == nil)
	session["binding"] = rand.Text()
	fmt.Println(sealer.Check([]byte(session["binding"])) == nil)
	// Output:
	// false
	// true
}

// Two clicks on one button are one request, whichever processes they meet.
func ExampleWithStore() {
	tenant := mfatest.NewTenant() // a tenant to try this against
	defer tenant.Close()
	tenant.AddUser(mfatest.User{Email: "ada@example.com", EmailVerified: true})
	client, ctx := tenant.Client(), context.Background()
	key, browser := make([]byte, 32), []byte(rand.Text()) // a real page reads the key from where its secrets are
	_, _ = rand.Read(key)

	f, err := flow.New(client, flow.WithStore(flow.NewMemoryStore(), key))
	if err != nil {
		fmt.Println(err)
		return
	}
	sealer, err := f.NewSealer(key) // the same key in all processes
	if err != nil {
		fmt.Println(err)
		return
	}
	step, err := f.Begin(ctx, &mfa.RequiredError{MFAToken: tenant.MFAToken("ada@example.com")})
	if err != nil {
		fmt.Println(err)
		return
	}
	sealed, err := sealer.Seal(step, browser)
	if err != nil {
		fmt.Println(err)
		return
	}

	code, _ := tenant.LastCode("ada@example.com")
	before := len(tenant.Requests())
	for range 2 { // each click sends the same form
		step, err := sealer.Open(sealed, browser)
		if err == nil {
			err = step.Submit(ctx, flow.Submission{Code: mfa.NewSecret(code)})
		}
		fmt.Println(step.State(), err)
	}
	fmt.Println(len(tenant.Requests())-before, "request")
	// Output:
	// Done <nil>
	// Done <nil>
	// 1 request
}

// A user who sends the password form twice gets one mail.
func ExamplePrevious() {
	tenant, f := openFlow(mfatest.User{Email: "ada@example.com", Password: "correct horse", EmailVerified: true})
	defer tenant.Close()
	ctx, client := context.Background(), tenant.Client()

	var step *flow.Step // that of the browser, if it has one
	for range 2 {
		name := "ada@example.com" // that the password is checked for
		_, err := client.PasswordLogin(ctx, mfa.PasswordLoginRequest{Username: name, Password: mfa.NewSecret("correct horse")})
		step, err = f.Begin(ctx, err, flow.User(name), flow.Previous(step))
		fmt.Println(step.State(), err, len(tenant.Inbox(name)))
	}
	// Output:
	// EnterCode <nil> 1
	// EnterCode <nil> 1
}

// A seal in a hidden form field has no limit of a cookie.
func ExampleWithMaxSealed() {
	tenant := mfatest.NewTenant()
	defer tenant.Close()
	tenant.AddUser(mfatest.User{Email: "ada@example.com", EmailVerified: true})
	key := make([]byte, 32)
	_, _ = rand.Read(key)
	f := tenant.Flow(flow.WithMaxSealed(32_000)) // a real page passes it to flow.New
	sealer, err := f.NewSealer(key)
	if err != nil {
		fmt.Println(err)
		return
	}
	step, err := f.Begin(context.Background(), &mfa.RequiredError{MFAToken: tenant.MFAToken("ada@example.com")})
	if err != nil {
		fmt.Println(err)
		return
	}
	sealed, err := sealer.Seal(step, []byte(rand.Text()))
	fmt.Println(err)
	_ = `<input type="hidden" name="step" value="` + sealed + `">` // letters, digits, dashes and underscores
	// Output:
	// <nil>
}
