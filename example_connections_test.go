package mfa_test

import (
	"context"
	"fmt"
	"time"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/mfatest"
)

// At start-up, before the first user comes. A failure is no reason to stop.
func ExampleClient_Warm() {
	tenant := mfatest.NewTenant() // a tenant to try this against
	defer tenant.Close()
	client := tenant.Client()

	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := client.Warm(ctx); err != nil {
		fmt.Println("The first login will take a little longer:", err)
	}
	fmt.Println(tenant.Requests())
	// Output:
	// [GET /.well-known/openid-configuration warm]
}

// A program with many tenants lets one go. Calls under way on its client end as
// they would have.
func ExampleClient_CloseIdleConnections() {
	clients := map[string]*mfa.Client{}
	for brand, domain := range map[string]string{"acme": "acme.eu.auth0.com", "globex": "globex.us.auth0.com"} {
		client, err := mfa.NewClient(domain, "Q2xpZW50SWQ", mfa.WithClientSecret("c2VjcmV0"))
		if err != nil {
			fmt.Println(err)
			return
		}
		clients[brand] = client
	}

	clients["acme"].CloseIdleConnections()
	delete(clients, "acme")
	fmt.Println(len(clients), "tenant left")
	// Output:
	// 1 tenant left
}
