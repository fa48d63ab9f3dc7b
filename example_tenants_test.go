package mfa_test

import (
	"context"
	"crypto/x509"
	"fmt"
	"net/http"
	"time"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/mfatest"
)

// One client for each tenant, and one pool of connections for all. Tokens of
// one tenant are of no use at another, so pick the client by the tenant that
// the login began with.
func Example_tenants() {
	// Two tenants to try this against. A real program trusts the system's roots
	// and leaves TLSClientConfig as it is.
	acme, globex := mfatest.NewTenant(), mfatest.NewTenant()
	defer acme.Close()
	defer globex.Close()
	acme.AddUser(mfatest.User{Email: "ada@example.com", EmailVerified: true})
	globex.AddUser(mfatest.User{Email: "alan@example.com"})
	transport := mfa.NewTransport()
	transport.TLSClientConfig.RootCAs = x509.NewCertPool()
	transport.TLSClientConfig.RootCAs.AddCert(acme.Certificate())
	transport.TLSClientConfig.RootCAs.AddCert(globex.Certificate())

	shared := &http.Client{Transport: transport, Timeout: 10 * time.Second}
	clients := map[string]*mfa.Client{}
	for brand, t := range map[string]*mfatest.Tenant{"acme": acme, "globex": globex} {
		client, err := mfa.NewClient(t.URL, t.ClientID, mfa.WithClientSecret(t.ClientSecret), mfa.WithHTTPClient(shared))
		if err != nil {
			fmt.Println(brand, err)
			return
		}
		clients[brand] = client
	}
	defer shared.CloseIdleConnections()

	list, err := clients["acme"].ListAuthenticators(context.Background(), mfa.ListAuthenticatorsRequest{
		Token: acme.MFAToken("ada@example.com"),
	})
	fmt.Println("acme:", len(list), err)
	list, err = clients["globex"].ListAuthenticators(context.Background(), mfa.ListAuthenticatorsRequest{
		Token: globex.MFAToken("alan@example.com"),
	})
	fmt.Println("globex:", len(list), err)
	_, err = clients["globex"].ListAuthenticators(context.Background(), mfa.ListAuthenticatorsRequest{
		Token: acme.MFAToken("ada@example.com"),
	})
	fmt.Println("globex, with a token of acme:", mfa.NextAction(err))
	// Output:
	// acme: 1 <nil>
	// globex: 0 <nil>
	// globex, with a token of acme: RestartLogin
}
