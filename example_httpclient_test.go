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

// Over HTTP/2 alone no front can mix up the responses to two users. A server that
// speaks only HTTP/1.1 is refused before anything is sent.
func ExampleNewTransport_onlyHTTP2() {
	transport := mfa.NewTransport()
	transport.Protocols = new(http.Protocols)
	transport.Protocols.SetHTTP2(true)

	_, err := mfa.NewClient("tenant.eu.auth0.com", "my-client-id", mfa.WithHTTPClient(&http.Client{Transport: transport}))
	fmt.Println(transport.Protocols, err)
	// Output:
	// {HTTP2} <nil>
}

// Behind a front that speaks only HTTP/1.1, a connection for each call does the same.
func ExampleNewTransport_withoutKeptConnections() {
	transport := mfa.NewTransport()
	transport.DisableKeepAlives = true

	_, err := mfa.NewClient("login.example.com", "my-client-id", mfa.WithHTTPClient(&http.Client{Transport: transport}))
	fmt.Println(err)
	// Output:
	// <nil>
}
