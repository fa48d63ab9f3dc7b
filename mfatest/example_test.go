package mfatest_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/mfatest"
)

// loginPage is the code under test: a password form, a code form, and the values
// to keep between the two. A real page keeps them for each browser, sealed.
type loginPage struct {
	client            *mfa.Client
	mfaToken, oobCode mfa.Secret
}

func (p *loginPage) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	form := p.password
	if r.URL.Path == "/code" {
		form = p.code
	}
	if err := form(r); err != nil {
		http.Error(w, mfa.NextAction(err).String(), http.StatusForbidden)
		return
	}
	fmt.Fprintln(w, "welcome to", r.URL.Path)
}

// password logs in and enrolls the address, because the users of this page are
// new: one who has a factor already is refused.
func (p *loginPage) password(r *http.Request) error {
	email := r.FormValue("email")
	_, err := p.client.PasswordLogin(r.Context(), mfa.PasswordLoginRequest{
		Username: email, Password: mfa.NewSecret(r.FormValue("password")), EndUserIP: userIP(r),
	})
	var required *mfa.RequiredError
	if !errors.As(err, &required) {
		return err
	}
	list, err := p.client.ListAuthenticators(r.Context(), mfa.ListAuthenticatorsRequest{Token: required.MFAToken})
	if err != nil {
		return err
	}
	if slices.ContainsFunc(list, func(a mfa.Authenticator) bool { return a.Active }) {
		return mfa.ErrAlreadyEnrolled
	}
	enrollment, err := p.client.Associate(r.Context(), mfa.AssociateRequest{Token: required.MFAToken, Email: email})
	if err != nil {
		return err
	}
	p.mfaToken, p.oobCode = required.MFAToken, enrollment.OOBCode
	return nil
}

// code exchanges the code from the e-mail for tokens.
func (p *loginPage) code(r *http.Request) error {
	_, err := p.client.VerifyOOB(r.Context(), mfa.VerifyOOBRequest{
		MFAToken: p.mfaToken, OOBCode: p.oobCode, BindingCode: mfa.NewSecret(r.FormValue("code")), EndUserIP: userIP(r),
	})
	return err
}

// userIP returns the user's address. Behind a proxy, it comes from a header that the
// proxy replaces.
func userIP(r *http.Request) netip.Addr {
	from, _ := netip.ParseAddrPort(r.RemoteAddr) // zero if not over TCP: then none is sent
	return from.Addr().Unmap().WithZone("")
}

// Test a login page: a tenant, a user, the two forms, and the code from the
// mailbox.
func ExampleNewTenant() {
	tenant := mfatest.NewTenant()
	defer tenant.Close()
	tenant.AddUser(mfatest.User{Email: "ada@example.com", Password: "correct horse"})
	page := &loginPage{client: tenant.Client()} // the code under test

	fmt.Print(submit(page, "/password", url.Values{"email": {"ada@example.com"}, "password": {"correct horse"}}))
	code, _ := tenant.LastCode("ada@example.com")
	tenant.Advance(4 * time.Minute) // the user is slow
	fmt.Print(submit(page, "/code", url.Values{"code": {code}}))
	fmt.Print(submit(page, "/code", url.Values{"code": {code}})) // a code works once
	// Output:
	// welcome to /password
	// welcome to /code
	// AskAgain
}

// submit sends a form to the page and returns the response.
func submit(page http.Handler, path string, form url.Values) string {
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	page.ServeHTTP(w, r)
	return w.Body.String()
}

// Lose a response: the e-mail was sent, but the code under test cannot know.
func ExampleTenant_Fail() {
	tenant := mfatest.NewTenant()
	defer tenant.Close()
	tenant.AddUser(mfatest.User{Email: "ada@example.com"})
	client := tenant.Client()

	tenant.Fail(mfatest.Fault{Op: mfa.OpAssociate, Kind: mfatest.FaultDropReply})
	_, err := client.Associate(context.Background(), mfa.AssociateRequest{Token: tenant.MFAToken("ada@example.com")})

	fmt.Println("outcome unknown:", errors.Is(err, mfa.ErrOutcomeUnknown))
	fmt.Println("messages:", len(tenant.Inbox("ada@example.com")), "requests:", len(tenant.Requests()))
	// Output:
	// outcome unknown: true
	// messages: 1 requests: 1
}

// Enter a code too late. No real time passes.
func ExampleTenant_Advance() {
	tenant := mfatest.NewTenant()
	defer tenant.Close()
	tenant.AddUser(mfatest.User{Email: "ada@example.com", Password: "correct horse"})
	page := &loginPage{client: tenant.Client()}

	fmt.Print(submit(page, "/password", url.Values{"email": {"ada@example.com"}, "password": {"correct horse"}}))
	code, _ := tenant.LastCode("ada@example.com")
	tenant.Advance(5 * time.Minute)
	fmt.Print(submit(page, "/code", url.Values{"code": {code}}))
	tenant.Advance(5 * time.Minute) // now the mfa_token has expired, too
	fmt.Print(submit(page, "/code", url.Values{"code": {code}}))
	// Output:
	// welcome to /password
	// AskAgain
	// RestartLogin
}

// Compare secrets with Equal. assert.Equal of testify finds only copies equal, and a
// failure prints no secret.
func ExampleTenant_MFAToken() {
	tenant := mfatest.NewTenant()
	defer tenant.Close()
	tenant.AddUser(mfatest.User{Email: "ada@example.com"})
	token := tenant.MFAToken("ada@example.com")

	kept := mfa.NewSecret(token.Reveal()) // the code under test keeps the token somewhere
	fmt.Println(kept, kept.Equal(token), kept.Equal(tenant.MFAToken("ada@example.com")))
	// Output:
	// [REDACTED] true false
}

// Look at what arrived, to prove that the code under test sent no more than it
// should.
func ExampleTenant_Requests() {
	tenant := mfatest.NewTenant()
	defer tenant.Close()
	tenant.AddUser(mfatest.User{Email: "ada@example.com", Password: "correct horse"})
	page := &loginPage{client: tenant.Client(mfa.WithProduct("acme-login", "1.4.0"))}

	fmt.Print(submit(page, "/password", url.Values{"email": {"ada@example.com"}, "password": {"correct horse"}}))
	for _, request := range tenant.Requests() {
		fmt.Println(request, strings.HasPrefix(request.Header.Get("User-Agent"), "acme-login/1.4.0 "))
	}
	// Output:
	// welcome to /password
	// POST /oauth/token password login true
	// GET /mfa/authenticators list authenticators true
	// POST /mfa/associate associate true
}
