package flow_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/flow"
	"github.com/go-auth0-mfa/mfa/mfatest"
)

// A login with a code by e-mail, from the password to the tokens, on a tenant in this
// process. On a real one each of the four requests takes a hundred times as long, and the
// Store as long as here.
func BenchmarkLogin(b *testing.B) {
	for _, way := range []struct {
		name string
		opts []flow.Option
	}{
		{"alone", nil},
		{"MemoryStore", []flow.Option{flow.WithStore(flow.NewMemoryStore(), storeKey)}},
	} {
		b.Run(way.name, func(b *testing.B) {
			tenant := mfatest.NewTenant()
			b.Cleanup(tenant.Close)
			client, f := tenant.Client(), tenant.Flow(way.opts...)
			sealer, err := f.NewSealer(key)
			require.NoError(b, err)
			n := 0
			for b.Loop() {
				n++
				email := fmt.Sprintf("user-%d@example.com", n)
				tenant.AddUser(mfatest.User{Email: email, Password: "pw", Authenticators: []mfatest.Authenticator{{Factor: mfa.FactorEmail, Active: true}}})
				_, err := client.PasswordLogin(b.Context(), mfa.PasswordLoginRequest{Username: email, Password: mfa.NewSecret("pw")})
				step, err := f.Begin(b.Context(), err, flow.User(email))
				require.NoError(b, err)
				sealed, err := sealer.Seal(step, session)
				require.NoError(b, err)
				step, err = sealer.Open(sealed, session)
				require.NoError(b, err)
				code, _ := tenant.LastCode(email)
				require.NoError(b, step.Submit(b.Context(), flow.Submission{Code: mfa.NewSecret(code)}))
			}
		})
	}
}
