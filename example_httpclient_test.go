package mfa_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
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

// addressSeen returns the user's address behind one proxy of our own, which appends the
// address that it saw. What stands before it in the header was sent by the user.
func addressSeen(r *http.Request) netip.Addr {
	all := strings.Join(r.Header.Values("X-Forwarded-For"), ",")
	address, _ := netip.ParseAddr(strings.TrimSpace(all[strings.LastIndex(all, ",")+1:]))
	return address.Unmap().WithZone("") // zero if there is none: then none is sent
}

// Behind a proxy, Auth0 gets the user's address and not the proxy's.
func ExampleClient_PasswordLogin_behindAProxy() {
	tenant := mfatest.NewTenant() // a tenant to try this against
	defer tenant.Close()
	client := tenant.Client() // has a client secret, or Auth0 ignores the address
	r := httptest.NewRequest(http.MethodPost, "/login", http.NoBody)
	r.Header.Set("X-Forwarded-For", "10.0.0.1, 192.0.2.7") // the first one is made up

	_, err := client.PasswordLogin(r.Context(), mfa.PasswordLoginRequest{
		Username: "ada@example.com", Password: mfa.NewSecret("a wrong one"), EndUserIP: addressSeen(r),
	})
	fmt.Println(mfa.NextAction(err), tenant.Requests()[0].Header.Get("Auth0-Forwarded-For"))
	// Output:
	// RestartLogin 192.0.2.7
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
