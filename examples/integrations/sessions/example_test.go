package sessions_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log"
	"net/netip"
	"strings"

	"github.com/alexedwards/scs/v2"
	"github.com/alexedwards/scs/v2/memstore"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/examples/integrations/sessions"
	"github.com/go-auth0-mfa/mfa/flow"
	"github.com/go-auth0-mfa/mfa/mfatest"
)

// A login in plain calls, in two requests, with what lies between them in a session of
// scs. In a real program scs.SessionManager.LoadAndSave is the middleware that loads and
// commits.
func Example() {
	tenant := mfatest.NewTenant() // a fake Auth0, in this process
	defer tenant.Close()
	tenant.AddUser(mfatest.User{Email: "ada@example.com", Password: "correct horse", EmailVerified: true})
	client := tenant.Client()
	key := make([]byte, 32)
	_, _ = rand.Read(key)
	sealer, err := tenant.Flow().NewSealer(key)
	if err != nil {
		log.Panic(err)
	}
	store := memstore.New()
	manager := scs.New()
	manager.Store = store
	kept := sessions.New(manager, sealer)

	// The password form.
	ctx, err := manager.Load(context.Background(), "")
	if err != nil {
		log.Panic(err)
	}
	userIP := netip.MustParseAddr("192.0.2.7") // of the request, as the backend saw it
	_, err = client.PasswordLogin(ctx, mfa.PasswordLoginRequest{
		Username: "ada@example.com", Password: mfa.NewSecret("correct horse"), EndUserIP: userIP,
	})
	var required *mfa.RequiredError
	if !errors.As(err, &required) {
		log.Panic(err)
	}
	list, err := client.ListAuthenticators(ctx, mfa.ListAuthenticatorsRequest{Token: required.MFAToken})
	if err != nil || len(list) != 1 { // this user has the address of the account and nothing else
		log.Panic(len(list), err)
	}
	challenge, err := client.Challenge(ctx, mfa.ChallengeRequest{MFAToken: required.MFAToken, AuthenticatorID: list[0].ID})
	if err != nil {
		log.Panic(err)
	}
	kept.Start(ctx, rand.Text())
	if err := errors.Join(kept.Put(ctx, "mfa_token", required.MFAToken), kept.Put(ctx, "oob_code", challenge.OOBCode)); err != nil {
		log.Panic(err)
	}
	cookie, _, err := manager.Commit(ctx) // with encoding/gob
	if err != nil {
		log.Panic(err)
	}

	// The code form, in another request.
	ctx, err = manager.Load(context.Background(), cookie)
	if err != nil {
		log.Panic(err)
	}
	mfaToken, err := kept.Get(ctx, "mfa_token")
	if err != nil {
		log.Panic(err)
	}
	oobCode, err := kept.Get(ctx, "oob_code")
	if err != nil {
		log.Panic(err)
	}
	code, _ := tenant.LastCode("ada@example.com")
	token, err := client.VerifyOOB(ctx, mfa.VerifyOOBRequest{MFAToken: mfaToken, OOBCode: oobCode, BindingCode: mfa.NewSecret(code), EndUserIP: userIP})
	if err != nil {
		log.Panic(err)
	}
	fmt.Println("signed in:", token.AccessToken)

	written, _, _ := store.Find(cookie)
	fmt.Println("in the store:", strings.Contains(string(written), mfaToken.Reveal()))
	_, err = kept.Get(ctx, "refresh_token")
	fmt.Println("not kept:", errors.Is(err, flow.ErrStepInvalid))

	// Without a Sealer, scs would lose the login: gob refuses the secret.
	manager.Put(ctx, "mfa_token", mfaToken)
	_, _, err = manager.Commit(ctx)
	fmt.Println("refused:", err != nil)
	// Output:
	// signed in: [REDACTED]
	// in the store: false
	// not kept: true
	// refused: true
}
