package leaks

import (
	"context"
	"crypto/x509"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/flow"
	"github.com/go-auth0-mfa/mfa/mfatest"
)

// maxDump bounds what a printer may write of a client or a step. A walk into the
// connections of net/http writes megabytes.
const maxDump = 64 << 10

// A dump of what makes calls does not walk into connections, whose buffers hold what
// was sent: not after calls, and not beside a running one, where it would be a data
// race as well.
func TestLive_dumpsReachNoConnection(t *testing.T) {
	t.Parallel()
	for name, version := range map[string]int{"HTTP/1.1": 1, "HTTP/2": 2} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tenant := mfatest.NewTenant()
			t.Cleanup(tenant.Close)
			const email = canary + "@example.com"
			tenant.AddUser(mfatest.User{Email: email, Password: canary, EmailVerified: true})
			client := tenant.Client(mfa.WithHTTPClient(&http.Client{Transport: speaking(tenant, version)}))
			guide, err := flow.New(client, flow.WithClock(tenant.Now))
			require.NoError(t, err)
			sealer, err := guide.NewSealer([]byte("canary-k" + "canary-k" + "canary-k" + "\x00\x01\x02\x03\x04\x05\x06\x07"))
			require.NoError(t, err)
			_, login := client.PasswordLogin(t.Context(), mfa.PasswordLoginRequest{Username: email, Password: mfa.NewSecret(canary)})
			step, err := guide.Begin(t.Context(), login)
			require.NoError(t, err)
			token := tenant.MFAToken(email)
			values := []any{client, guide, sealer, step, account{Client: client, flow: guide, Sealer: sealer, Step: step, step: *step, client: *client}}

			// One call waits for its response and another one runs again and again while
			// every printer is at work.
			tenant.Fail(mfatest.Fault{Op: mfa.OpAssociate, Delay: time.Hour})
			ctx, end := context.WithCancel(t.Context())
			var calls sync.WaitGroup
			t.Cleanup(calls.Wait)
			t.Cleanup(end)
			started := make(chan struct{})
			calls.Go(func() { _, _ = client.Associate(ctx, mfa.AssociateRequest{Token: token, Email: email}) })
			calls.Go(func() {
				for first := true; ctx.Err() == nil; first = false {
					_, err := client.ListAuthenticators(ctx, mfa.ListAuthenticatorsRequest{Token: token})
					if first && assert.NoError(t, err) {
						close(started)
					}
				}
			})
			<-started
			secrets := []string{canary, token.Reveal(), tenant.ClientSecret}
			for path, printed := range paths() {
				for _, v := range values {
					text := printed(v)
					assert.Less(t, len(text), maxDump, "%s of a %T", path, v)
					assert.False(t, shows(text), "%s of a %T", path, v)
					for _, secret := range secrets {
						assert.NotContains(t, text, secret, "%s of a %T", path, v)
					}
				}
			}
		})
	}
}

// speaking returns a transport to the tenant that has one version of HTTP only.
func speaking(tenant *mfatest.Tenant, version int) *http.Transport {
	transport := mfa.NewTransport()
	transport.TLSClientConfig.RootCAs = x509.NewCertPool()
	transport.TLSClientConfig.RootCAs.AddCert(tenant.Certificate())
	transport.Protocols = new(http.Protocols)
	transport.Protocols.SetHTTP1(version == 1)
	transport.Protocols.SetHTTP2(version == 2)
	return transport
}
