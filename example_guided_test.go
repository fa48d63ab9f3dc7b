package mfa_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/flow"
	"github.com/go-auth0-mfa/mfa/mfatest"
)

// site is a login page. It keeps nothing between two forms: the step is in a
// cookie, so each form may reach another machine.
type site struct {
	client *mfa.Client
	flow   *flow.Flow
	sealer *flow.Sealer
	log    *slog.Logger
}

// signIn handles every form of the login page.
func (s *site) signIn(w http.ResponseWriter, r *http.Request) {
	ctx, browser := r.Context(), s.browserID(w, r) // a random value in a cookie of its own
	var token *mfa.Token
	step, err := s.openStep(r, browser)
	switch {
	case r.PostFormValue("password") != "":
		token, err = s.client.PasswordLogin(ctx, mfa.PasswordLoginRequest{
			Username: r.PostFormValue("email"), Password: mfa.NewSecret(r.PostFormValue("password")),
			Scopes: []string{"openid", "email"}, EndUserIP: userIP(r),
		})
		if err != nil {
			step, err = s.flow.Begin(ctx, err) // sends a code, or has the user choose or enroll
		}
	case err != nil: // there is no step, or it has expired
	case r.PostFormValue("resend") != "":
		err = step.Resend(ctx)
	case step.State() == flow.StateEnroll:
		err = step.Enroll(ctx, flow.Enrollment{Email: r.PostFormValue("address")}) // sends a code
	case step.State() == flow.StateChoose:
		err = step.Choose(ctx, r.PostFormValue("authenticator")) // sends a code
	case step.State() == flow.StatePoll:
		err = step.Poll(ctx, flow.Poll{EndUserIP: userIP(r)})
	default:
		err = step.Submit(ctx, flow.Submission{Code: mfa.NewSecret(r.PostFormValue("code")), EndUserIP: userIP(r)})
	}
	s.show(w, browser, step, token, err)
}

// browserID returns the random value that ties a step to one browser. The session
// ID of a library is no substitute: many are empty in the first request and change
// at the login.
func (s *site) browserID(w http.ResponseWriter, r *http.Request) []byte {
	cookie, err := r.Cookie("__Host-browser")
	if err != nil || s.sealer.Check([]byte(cookie.Value)) != nil { // before a mail goes out
		cookie = hostCookie("browser", rand.Text())
		http.SetCookie(w, cookie)
	}
	return []byte(cookie.Value)
}

// userIP returns the user's address. Behind a proxy it is what the proxy passes on, in a
// header that the user cannot set.
func userIP(r *http.Request) netip.Addr {
	address, _ := netip.ParseAddrPort(r.RemoteAddr)
	return address.Addr().WithZone("")
}

// hostCookie returns a cookie that only this host can set and no script can read.
// An empty value deletes it.
func hostCookie(name, value string) *http.Cookie {
	cookie := &http.Cookie{Name: "__Host-" + name, Value: value, Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode}
	if value == "" {
		cookie.MaxAge = -1
	}
	return cookie
}

// openStep returns the step of this browser.
func (s *site) openStep(r *http.Request, browser []byte) (*flow.Step, error) {
	cookie, err := r.Cookie("__Host-step")
	if err != nil {
		return nil, flow.ErrStepExpired
	}
	return s.sealer.Open(cookie.Value, browser)
}

// show keeps the step, after an error too, and shows the form that it waits for. If
// there are tokens, the login is done.
func (s *site) show(w http.ResponseWriter, browser []byte, step *flow.Step, token *mfa.Token, err error) {
	var codes []mfa.Secret
	if token == nil && step != nil {
		token, codes = step.Token(), step.RecoveryCodes()
	}
	if token != nil {
		// A real page verifies the ID token with an OIDC library, compares its email with
		// the address that was typed, and opens a session under a new ID.
		http.SetCookie(w, hostCookie("step", ""))
		fmt.Fprintln(w, "Welcome.", token.AccessToken, len(codes))
		return
	}
	switch mfa.NextAction(err) {
	case mfa.ActionRestartLogin, mfa.ActionAbort:
		step = nil
	}
	if errors.Is(err, flow.ErrStepState) {
		err = nil // a browser tab that was left behind: show the form that is due
	}
	form, sealed := "password", ""
	if step != nil {
		var sealErr error
		if sealed, sealErr = s.sealer.Seal(step, browser); sealErr == nil {
			form = step.State().String()
		} else {
			err = sealErr
		}
	}
	http.SetCookie(w, hostCookie("step", sealed))
	fmt.Fprintf(w, "%s form: %q\n", form, message(s.log, err))
}

// newKey returns 32 random bytes. A real page reads them from where its secrets are:
// all machines that serve it share the key.
func newKey() []byte {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails
	return key
}

// newSite returns the page.
func newSite(client *mfa.Client, f *flow.Flow, key []byte) *site {
	sealer, err := f.NewSealer(key)
	if err != nil {
		panic(err) // a real page returns it
	}
	return &site{client, f, sealer, slog.Default()}
}

// browser returns a function that posts a form as a browser would, with its cookies.
func browser(page *site) (post func(name, value string)) {
	handler := http.NewCrossOriginProtection().Handler(http.HandlerFunc(page.signIn))
	jar, _ := cookiejar.New(nil)
	origin := &url.URL{Scheme: "https", Host: "login.example.com", Path: "/"}
	return func(name, value string) {
		form := url.Values{"email": {"ada@example.com"}, name: {value}}
		r := httptest.NewRequest(http.MethodPost, origin.String(), strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		for _, cookie := range jar.Cookies(origin) {
			r.AddCookie(cookie)
		}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		jar.SetCookies(origin, w.Result().Cookies())
		fmt.Print(w.Body)
	}
}

// login signs a user in at a terminal. The page below does it in forms, one request each.
func login(ctx context.Context, client *mfa.Client, guided *flow.Flow, email string, ask func(what string) mfa.Secret) (*mfa.Token, error) {
	token, err := client.PasswordLogin(ctx, mfa.PasswordLoginRequest{Username: email, Password: ask("password")})
	if err != nil {
		step, err := guided.Begin(ctx, err) // if a second factor is due, Auth0 e-mails a code
		if err == nil && step.State() == flow.StateEnroll {
			err = step.Enroll(ctx, flow.Enrollment{Email: email}) // the user's first factor: that e-mails a code, too
		}
		if err == nil {
			err = step.Submit(ctx, flow.Submission{Code: ask("code")})
		}
		if err != nil {
			return nil, err
		}
		token = step.Token()
	}
	return token, nil
}

// A login with a code by e-mail, from the password to the tokens. A user's first login
// enrolls the address.
func Example_login() {
	tenant := mfatest.NewTenant() // a fake Auth0, in this process
	defer tenant.Close()
	tenant.AddUser(mfatest.User{Email: "ada@example.com", Password: "correct horse"})
	client, guided := tenant.Client(), tenant.Flow() // a real program calls mfa.NewClient and flow.New
	answers := func(what string) mfa.Secret {
		if what == "password" {
			return mfa.NewSecret("correct horse")
		}
		code, _ := tenant.LastCode("ada@example.com") // the user reads it in the inbox
		return mfa.NewSecret(code)
	}
	for range 2 {
		token, err := login(context.Background(), client, guided, "ada@example.com", answers)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(token.TokenType, token.AccessToken)
	}
	for _, request := range tenant.Requests() {
		fmt.Println(request.Op)
	}
	// Output:
	// Bearer [REDACTED]
	// Bearer [REDACTED]
	// password login
	// list authenticators
	// associate
	// verify oob
	// password login
	// list authenticators
	// challenge
	// verify oob
}

// A login page in one handler: the password, a code by e-mail, and tokens.
func Example_guided() {
	tenant := mfatest.NewTenant() // a fake Auth0, in this process
	defer tenant.Close()
	tenant.AddUser(mfatest.User{Email: "ada@example.com", Password: "correct horse", EmailVerified: true})
	post := browser(newSite(tenant.Client(), tenant.Flow(), newKey()))
	post("password", "correct horse")
	tenant.Advance(time.Minute) // moves the clock of the tenant and of the flow
	post("resend", "yes")
	code, _ := tenant.LastCode("ada@example.com")
	post("code", code)

	// The next login does not go as well.
	post("password", "a wrong one")
	post("password", "correct horse")
	post("code", "not a code")
	// Output:
	// EnterCode form: ""
	// EnterCode form: ""
	// Welcome. [REDACTED] 0
	// password form: "Incorrect e-mail address or password."
	// EnterCode form: ""
	// EnterCode form: "That is not right. Please check what you typed."
}
