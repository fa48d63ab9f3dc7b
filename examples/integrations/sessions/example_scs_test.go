package sessions_test

import (
	"crypto/rand"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/netip"
	"net/url"

	"github.com/alexedwards/scs/v2"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/flow"
	"github.com/go-auth0-mfa/mfa/mfatest"
)

// scsPage is a login page with package flow. What lies between two of its forms is in a
// session of scs.
type scsPage struct {
	client   *mfa.Client
	flow     *flow.Flow
	sealer   *flow.Sealer
	sessions *scs.SessionManager
}

func (p *scsPage) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", p.home)
	mux.HandleFunc("POST /login", p.login)
	mux.HandleFunc("POST /code", p.code)
	return p.sessions.LoadAndSave(http.NewCrossOriginProtection().Handler(mux))
}

// login handles the password form.
func (p *scsPage) login(w http.ResponseWriter, r *http.Request) {
	// A random value, and not the session's ID: in a first request there is no ID yet,
	// and RenewToken changes it.
	binding := rand.Text()
	if err := p.sealer.Check([]byte(binding)); err != nil { // before a code is sent, not after
		p.refuse(w, err)
		return
	}
	ctx, email := r.Context(), r.PostFormValue("email")
	_, err := p.client.PasswordLogin(ctx, mfa.PasswordLoginRequest{
		Username: email, Password: mfa.NewSecret(r.PostFormValue("password")),
		Scopes: []string{"openid", "email"}, EndUserIP: p.userIP(r),
	})
	p.sessions.Put(ctx, "email", email)
	if err == nil {
		p.signIn(w, r) // this user needs no second factor
		return
	}
	step, err := p.flow.Begin(ctx, err)
	if step == nil {
		p.refuse(w, err)
		return
	}
	p.sessions.Put(ctx, "binding", binding)
	p.next(w, r, step, err) // Begin can return both
}

// code handles the code form.
func (p *scsPage) code(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	step, err := p.sealer.Open(p.sessions.GetString(ctx, "step"), []byte(p.sessions.GetString(ctx, "binding")))
	if err != nil {
		p.refuse(w, err)
		return
	}
	err = step.Submit(ctx, flow.Submission{Code: mfa.NewSecret(r.PostFormValue("code")), EndUserIP: p.userIP(r)})
	if step.State() == flow.StateDone {
		p.signIn(w, r) // first verify step.Token().IDToken with an OpenID Connect library
		return
	}
	p.next(w, r, step, err)
}

// next keeps the step, after an error too.
func (p *scsPage) next(w http.ResponseWriter, r *http.Request, step *flow.Step, err error) {
	sealed, sealErr := p.sealer.Seal(step, []byte(p.sessions.GetString(r.Context(), "binding")))
	if sealErr != nil {
		p.refuse(w, sealErr)
		return
	}
	p.sessions.Put(r.Context(), "step", sealed)
	if err != nil {
		p.refuse(w, err)
		return
	}
	http.Redirect(w, r, "/code", http.StatusSeeOther)
}

// signIn gives the session a new ID, since somebody may have known the old one, and
// deletes what belonged to the login.
func (p *scsPage) signIn(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	if err := p.sessions.RenewToken(ctx); err != nil {
		p.refuse(w, err)
		return
	}
	p.sessions.Put(ctx, "user", p.sessions.PopString(ctx, "email"))
	p.sessions.Remove(ctx, "step")
	p.sessions.Remove(ctx, "binding")
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// home is for signed-in users.
func (p *scsPage) home(w http.ResponseWriter, r *http.Request) {
	user := p.sessions.GetString(r.Context(), "user")
	if user == "" {
		http.Error(w, "nobody is signed in", http.StatusUnauthorized)
		return
	}
	fmt.Fprintln(w, "signed in as", user)
}

// refuse says what to do. A real page shows a form with a sentence.
func (p *scsPage) refuse(w http.ResponseWriter, err error) {
	http.Error(w, mfa.NextAction(err).String(), http.StatusUnprocessableEntity)
}

// userIP returns the user's address as this server saw it. Behind a proxy, take it from a
// header that the proxy replaces.
func (*scsPage) userIP(r *http.Request) netip.Addr {
	from, _ := netip.ParseAddrPort(r.RemoteAddr) // zero if not over TCP: then none is sent
	return from.Addr().Unmap().WithZone("")
}

// A login page with package flow and sessions of scs.
func Example_scs() {
	tenant := mfatest.NewTenant() // a fake Auth0, in this process
	defer tenant.Close()
	tenant.AddUser(mfatest.User{Email: "ada@example.com", Password: "correct horse", Authenticators: []mfatest.Authenticator{{Factor: mfa.FactorEmail, Active: true}}})
	page := &scsPage{client: tenant.Client(), flow: tenant.Flow(), sessions: scs.New()}
	page.sessions.Cookie.Secure = true
	key := make([]byte, 32) // a real page reads it from where its secrets are
	_, _ = rand.Read(key)
	var err error
	if page.sealer, err = page.flow.NewSealer(key); err != nil {
		log.Panic(err)
	}

	b, server := visit(page.handler())
	defer server.Close()
	fmt.Println(b.do("POST", "/login", url.Values{"email": {"ada@example.com"}, "password": {"guess"}}))
	fmt.Println(b.do("POST", "/login", url.Values{"email": {"ada@example.com"}, "password": {"correct horse"}}))
	before := b.cookie("session")
	fmt.Println(b.do("POST", "/code", url.Values{"code": {"no code"}}))
	code, _ := tenant.LastCode("ada@example.com")
	fmt.Println(b.do("POST", "/code", url.Values{"code": {code}}))
	fmt.Println(b.do("GET", "/", nil))
	b.setCookie("session", before)
	fmt.Println(b.do("GET", "/", nil))
	fmt.Println("the user's address reached Auth0:", errors.Join(addressSent(tenant)...) == nil)
	// Output:
	// 422 Unprocessable Entity: RestartLogin
	// 303 See Other to /code
	// 422 Unprocessable Entity: AskAgain
	// 303 See Other to /
	// 200 OK: signed in as ada@example.com
	// 401 Unauthorized: nobody is signed in
	// the user's address reached Auth0: true
}
