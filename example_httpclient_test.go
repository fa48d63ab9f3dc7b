package mfa_test

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/mfatest"
)

// withHeader adds a header to each request, here one that an egress proxy asks
// for. It sees every secret that is sent, so it must not log requests.
type withHeader struct {
	base        http.RoundTripper
	name, value string
}

func (t *withHeader) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context()) // a RoundTripper must not change the request
	req.Header.Set(t.name, t.value)
	return t.base.RoundTrip(req)
}

// CloseIdleConnections lets [mfa.Client.CloseIdleConnections] through.
func (t *withHeader) CloseIdleConnections() {
	if c, ok := t.base.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}

// A RoundTripper of one's own around the transport, and a time limit.
func ExampleWithHTTPClient() {
	tenant := mfatest.NewTenant() // a tenant to try this against
	defer tenant.Close()
	tenant.AddUser(mfatest.User{Email: "ada@example.com", EmailVerified: true})

	base := tenant.HTTPClient().Transport // a real program uses mfa.NewTransport()
	client, err := mfa.NewClient(tenant.URL, tenant.ClientID,
		mfa.WithClientSecret(tenant.ClientSecret),
		mfa.WithHTTPClient(&http.Client{
			Transport: &withHeader{base, "X-Egress-Team", "login"},
			Timeout:   10 * time.Second,
		}),
	)
	if err != nil {
		fmt.Println(err)
		return
	}

	list, err := client.ListAuthenticators(context.Background(), mfa.ListAuthenticatorsRequest{
		Token: tenant.MFAToken("ada@example.com"),
	})
	fmt.Println(len(list), err)
	for _, request := range tenant.Requests() {
		fmt.Println(request, request.Header.Get("X-Egress-Team"))
	}
	// Output:
	// 1 <nil>
	// GET /mfa/authenticators list authenticators login
}
