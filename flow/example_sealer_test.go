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
