package fleet_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/time/rate"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/mfatest"
)

// Each process of a fleet gets a fixed share of the tenant's limit.
func Example_share() {
	client, err := mfa.NewClient("tenant.eu.auth0.com", "my-client-id",
		mfa.WithLimiter(rate.NewLimiter(20, 5)), // 20 requests a second, 5 at once
	)
	fmt.Println(client != nil, err)
	// Output:
	// true <nil>
}

// In one process, or with a fixed share for each, a limiter of golang.org/x/time is enough.
// It refuses at once what cannot be in time.
func Example_oneProcess() {
	tenant := mfatest.NewTenant() // a tenant to try this against
	defer tenant.Close()
	tenant.AddUser(mfatest.User{Email: "ada@example.com", EmailVerified: true})
	client := tenant.Client(mfa.WithLimiter(rate.NewLimiter(rate.Every(time.Hour), 2)))

	for range 3 {
		_, err := client.ListAuthenticators(context.Background(), mfa.ListAuthenticatorsRequest{Token: tenant.MFAToken("ada@example.com")})
		fmt.Println(errors.Is(err, mfa.ErrRateLimited), mfa.NextAction(err))
	}
	fmt.Println(len(tenant.Requests()), "requests")
	// Output:
	// false None
	// false None
	// true Wait
	// 2 requests
}
