package flow_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/netip"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/flow"
	"github.com/go-auth0-mfa/mfa/mfatest"
)

// beginLogin is the password form: it returns what goes into the cookie.
func beginLogin(ctx context.Context, f *flow.Flow, sealer *flow.Sealer, loginErr error, binding []byte) (string, error) {
	if err := sealer.Check(binding); err != nil {
		return "", err // before a mail goes out
	}
	step, err := f.Begin(ctx, loginErr)
	if step == nil {
		return "", err // not about MFA: a wrong password, for example
	}
	sealed, sealErr := sealer.Seal(step, binding) // also if the mail failed
	return sealed, errors.Join(err, sealErr)
}

// submitCode is the code form: it takes the cookie and the text that was typed.
func submitCode(ctx context.Context, sealer *flow.Sealer, sealed string, binding []byte, typed string, userIP netip.Addr) (*flow.Step, error) {
	step, err := sealer.Open(sealed, binding)
	if err == nil {
		err = step.Submit(ctx, flow.Submission{Code: mfa.NewSecret(typed), EndUserIP: userIP})
	}
	return step, err
}

// A page makes one client, one flow and one sealer for a tenant, when it starts.
func ExampleNew() {
	clientID, clientSecret := "Q2xpZW50SWQ", "c2VjcmV0" // a real page reads them from its settings
	key := make([]byte, 32)                             // and this
	_, _ = rand.Read(key)

	client, err := mfa.NewClient("tenant.eu.auth0.com", clientID, mfa.WithClientSecret(clientSecret))
	if err != nil {
		fmt.Println(err)
		return
	}
	f, err := flow.New(client)
	if err != nil {
		fmt.Println(err)
		return
	}
	sealer, err := f.NewSealer(key) // 32 random bytes, the same in all processes
	fmt.Println(sealer != nil, err)
	// Output:
	// true <nil>
}

// The two forms of a login page.
func Example_forms() {
	ctx := context.Background()
	tenant := mfatest.NewTenant() // in place of Auth0
	defer tenant.Close()
	tenant.AddUser(mfatest.User{Email: "ada@example.com", Password: "correct horse", EmailVerified: true})
	client := tenant.Client()
	f, err := flow.New(client, flow.WithClock(tenant.Now))
	if err != nil {
		fmt.Println(err)
		return
	}
	key := make([]byte, 32) // a real page reads it from where its secrets are
	_, _ = rand.Read(key)
	sealer, err := f.NewSealer(key)
	if err != nil {
		fmt.Println(err)
		return
	}
	binding := []byte(rand.Text())             // a real page keeps it in the session
	userIP := netip.MustParseAddr("192.0.2.1") // of the request, as the backend saw it

	token, loginErr := client.PasswordLogin(ctx, mfa.PasswordLoginRequest{
		Username: "ada@example.com", Password: mfa.NewSecret("correct horse"),
		Scopes: []string{"openid", "email"}, EndUserIP: userIP,
	})
	if loginErr == nil {
		fmt.Println("Signed in without a second factor:", token.AccessToken)
		return
	}
	sealed, err := beginLogin(ctx, f, sealer, loginErr, binding)
	fmt.Println(sealed != "", err)
	code, _ := tenant.LastCode("ada@example.com")
	step, err := submitCode(ctx, sealer, sealed, binding, "Your code is "+code, userIP)
	fmt.Println(step.State(), step.Token().AccessToken, err)
	// Output:
	// true <nil>
	// Done [REDACTED] <nil>
}
