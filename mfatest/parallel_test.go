package mfatest_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/mfatest"
)

// logIn is a whole login with an e-mailed code.
func logIn(ctx context.Context, tenant *mfatest.Tenant, client *mfa.Client, email string) error {
	_, err := client.PasswordLogin(ctx, mfa.PasswordLoginRequest{Username: email, Password: mfa.NewSecret(password)})
	required, ok := errors.AsType[*mfa.RequiredError](err)
	if !ok {
		return fmt.Errorf("login: %w", err)
	}
	list, err := client.ListAuthenticators(ctx, mfa.ListAuthenticatorsRequest{Token: required.MFAToken})
	if err != nil {
		return err
	}
	challenged, err := client.Challenge(ctx, mfa.ChallengeRequest{MFAToken: required.MFAToken, AuthenticatorID: list[0].ID})
	if err != nil {
		return err
	}
	code, _ := tenant.LastCode(email)
	_, err = client.VerifyOOB(ctx, mfa.VerifyOOBRequest{MFAToken: required.MFAToken, OOBCode: challenged.OOBCode, BindingCode: mfa.NewSecret(code)})
	return err
}

func TestTenant_thousandLoginsAtOnce(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		opts   []mfatest.Option
		logins int
	}{"sockets": {nil, 1000}, "memory": {[]mfatest.Option{mfatest.WithMemoryNetwork()}, 250}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tenant := mfatest.NewTenant(append(c.opts, mfatest.WithClock(time.Now))...)
			t.Cleanup(tenant.Close)
			client := tenant.Client(mfa.WithTimeout(time.Minute))
			var logins sync.WaitGroup
			for i := range c.logins {
				email := "user" + strconv.Itoa(i) + "@example.com"
				tenant.AddUser(mfatest.User{Email: email, Password: password, EmailVerified: true})
				logins.Go(func() { assert.NoError(t, logIn(t.Context(), tenant, client, email), email) })
			}
			logins.Wait()
			assert.Len(t, tenant.Messages(), c.logins)
			assert.Len(t, tenant.Requests(), 4*c.logins)
		})
	}
}
