package mfa_test

import (
	"context"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"expvar"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/mfatest"
)

// With a custom domain, the audience stays that of the tenant's own domain.
func ExampleWithMFAAudience() {
	clientID, clientSecret := "Q2xpZW50SWQ", "c2VjcmV0" // a real program reads them from its settings
	client, err := mfa.NewClient("login.example.com", clientID,
		mfa.WithClientSecret(clientSecret),
		mfa.WithMFAAudience("https://tenant.eu.auth0.com/mfa/"),
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(client.Domain(), client.MFAAudience())
	// Output:
	// login.example.com https://tenant.eu.auth0.com/mfa/
}

// Count calls by operation and status. An observer may be called by many
// goroutines at once.
func ExampleWithObserver() {
	tenant := mfatest.NewTenant() // a tenant to try this against
	defer tenant.Close()
	tenant.AddUser(mfatest.User{Email: "ada@example.com", EmailVerified: true})

	calls := new(expvar.Map) // expvar.NewMap publishes it
	client := tenant.Client(mfa.WithObserver(func(_ context.Context, e mfa.Event) {
		calls.Add(fmt.Sprintf("%s %d", e.Op, e.StatusCode), 1)
		if e.Delivery == mfa.DeliveryUnknown {
			calls.Add("lost replies", 1)
		}
	}))

	mfaToken := tenant.MFAToken("ada@example.com")
	for range 2 {
		_, _ = client.ListAuthenticators(context.Background(), mfa.ListAuthenticatorsRequest{Token: mfaToken})
	}
	_, _ = client.Associate(context.Background(), mfa.AssociateRequest{Token: mfa.NewSecret("expired")})
	fmt.Println(calls)
	// Output:
	// {"associate 401": 1, "list authenticators 200": 2}
}

// What became of a mail, by the events of the call that sends it.
func ExampleWithObserver_noMail() {
	tenant := mfatest.NewTenant() // a tenant to try this against
	defer tenant.Close()
	tenant.AddUser(mfatest.User{Email: "ada@example.com"})

	client := tenant.Client(mfa.WithObserver(func(_ context.Context, e mfa.Event) {
		fmt.Printf("%s: status %d, code %q, %s\n", e.Op, e.StatusCode, e.Code, e.Delivery)
	}))
	send := func() {
		_, err := client.Associate(context.Background(), mfa.AssociateRequest{Token: tenant.MFAToken("ada@example.com")})
		fmt.Println(mfa.NextAction(err), len(tenant.Inbox("ada@example.com")), "mails")
	}

	send() // Auth0 handed the mail over
	tenant.Fail(mfatest.Fault{Status: http.StatusBadGateway, Body: `{"error":"bad_gateway"}`})
	send() // the mail provider refused it
	tenant.Fail(mfatest.Fault{Kind: mfatest.FaultDropReply})
	send()         // the response was lost, the mail is out
	for range 18 { // as somebody does who asks for one after the other
		_, _ = tenant.Client().Associate(context.Background(), mfa.AssociateRequest{Token: tenant.MFAToken("ada@example.com")})
	}
	send() // the limit of this user
	// Output:
	// associate: status 200, code "", answered
	// None 1 mails
	// associate: status 502, code "bad_gateway", answered
	// RetryLater 1 mails
	// associate: status 0, code "", unknown
	// CheckInbox 2 mails
	// associate: status 400, code "invalid_request", answered
	// Wait 20 mails
}

// One record for each attempt, without secrets and addresses.
func ExampleWithLogger() {
	tenant := mfatest.NewTenant() // a tenant to try this against
	defer tenant.Close()
	tenant.AddUser(mfatest.User{Email: "ada@example.com"})

	logger := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			switch a.Key {
			case slog.TimeKey, "duration", "request_id": // other values each time
				return slog.Attr{}
			}
			return a
		},
	}))
	client := tenant.Client(mfa.WithLogger(logger.With("tenant", "acme")))

	req := mfa.AssociateRequest{Token: tenant.MFAToken("ada@example.com")}
	_, _ = client.Associate(context.Background(), req)
	tenant.Fail(mfatest.Fault{Op: mfa.OpAssociate, Kind: mfatest.FaultDropReply})
	_, _ = client.Associate(context.Background(), req)
	// Output:
	// level=INFO msg="auth0 mfa call" tenant=acme op=associate method=POST route=/mfa/associate attempt=1 status=200 code="" delivery=answered retry_after=0s
	// level=WARN msg="auth0 mfa call" tenant=acme op=associate method=POST route=/mfa/associate attempt=1 status=0 code="" delivery=unknown retry_after=0s
}

// An SDK that wraps this package names itself, and so does its user.
func ExampleWithProduct() {
	tenant := mfatest.NewTenant() // a tenant to try this against
	defer tenant.Close()
	client := tenant.Client(mfa.WithProduct("acme-login", "1.4.0"), mfa.WithProduct("acme-shop", "7.0.2"))
	if err := client.Warm(context.Background()); err != nil {
		fmt.Println(err)
		return
	}

	sent := tenant.Requests()[0].Header
	agent, _, _ := strings.Cut(sent.Get("User-Agent"), "go-auth0-mfa/")
	fmt.Println(agent + "…")
	telemetry, _ := base64.StdEncoding.DecodeString(sent.Get("Auth0-Client"))
	fmt.Println(strings.HasPrefix(string(telemetry), `{"name":"acme-shop","version":"7.0.2"`))
	// Output:
	// acme-shop/7.0.2 acme-login/1.4.0 …
	// true
}

// backOffice lets three calls a minute go, for a job that must leave the tenant's rate
// limit to the users. golang.org/x/time/rate has a limiter that waits, and is one as it
// is: mfa.WithLimiter(rate.NewLimiter(20, 5)).
type backOffice struct{ calls atomic.Int32 }

func (b *backOffice) Wait(context.Context) error {
	if b.calls.Add(1) > 3 {
		return busyError{}
	}
	return nil
}

// busyError says how long to wait, and mfa.RetryAfter passes that on.
type busyError struct{}

func (busyError) Error() string             { return "three calls a minute" }
func (busyError) RetryAfter() time.Duration { return time.Minute }

// A limiter is asked before each request. What it refuses is not sent.
func ExampleWithLimiter() {
	tenant := mfatest.NewTenant() // a tenant to try this against
	defer tenant.Close()
	tenant.AddUser(mfatest.User{Email: "ada@example.com", EmailVerified: true})
	client := tenant.Client(mfa.WithLimiter(new(backOffice)))

	for range 4 {
		_, err := client.ListAuthenticators(context.Background(), mfa.ListAuthenticatorsRequest{Token: tenant.MFAToken("ada@example.com")})
		fmt.Println(mfa.NextAction(err), mfa.RetryAfter(err), errors.Is(err, mfa.ErrRateLimited))
	}
	fmt.Println(len(tenant.Requests()), "requests")
	// Output:
	// None 0s false
	// None 0s false
	// None 0s false
	// Wait 1m0s true
	// 3 requests
}

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
