package sessions_test

import (
	"crypto/rand"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	gorilla "github.com/gorilla/sessions"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/flow"
	"github.com/go-auth0-mfa/mfa/mfatest"
)

// gorillaPage is a login page with package flow and a session of gorilla/sessions. Its
// CookieStore keeps a session in one cookie, which has no room for a step: the step is in
// a cookie of its own.
type gorillaPage struct {
	client *mfa.Client
	flow   *flow.Flow
	sealer *flow.Sealer
	now    func() time.Time
	store  gorilla.Store
}

func (p *gorillaPage) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", p.home)
	mux.HandleFunc("POST /login", p.login)
	mux.HandleFunc("POST /code", p.code)
	return http.NewCrossOriginProtection().Handler(mux)
}

// login handles the password form. It starts with an empty session.
func (p *gorillaPage) login(w http.ResponseWriter, r *http.Request) {
	session, _ := p.store.Get(r, "session") // after an error, such as a changed cookie, it is a new one
	binding, email := rand.Text(), r.PostFormValue("email")
	session.Values = map[any]any{"binding": binding, "email": email}
	if err := p.sealer.Check([]byte(binding)); err != nil { // before a code is sent, not after
		p.refuse(w, err)
		return
	}
	_, err := p.client.PasswordLogin(r.Context(), mfa.PasswordLoginRequest{
		Username: email, Password: mfa.NewSecret(r.PostFormValue("password")),
		Scopes: []string{"openid", "email"}, EndUserIP: p.userIP(r),
	})
	if err == nil {
		p.signIn(w, r, session) // this user needs no second factor
		return
	}
	step, err := p.flow.Begin(r.Context(), err)
	if step == nil {
		p.refuse(w, err)
		return
	}
	p.next(w, r, session, step, err) // Begin can return both
}

// code handles the code form.
func (p *gorillaPage) code(w http.ResponseWriter, r *http.Request) {
	session, _ := p.store.Get(r, "session")
	binding, _ := session.Values["binding"].(string)
	cookie, err := r.Cookie("step")
	if err != nil {
		p.refuse(w, flow.ErrStepExpired)
		return
	}
	step, err := p.sealer.Open(cookie.Value, []byte(binding))
	if err != nil {
		p.refuse(w, err)
		return
	}
	err = step.Submit(r.Context(), flow.Submission{Code: mfa.NewSecret(r.PostFormValue("code")), EndUserIP: p.userIP(r)})
	if step.State() == flow.StateDone {
		p.signIn(w, r, session) // first verify step.Token().IDToken with an OpenID Connect library
		return
	}
	p.next(w, r, session, step, err)
}

// next keeps the step, after an error too.
func (p *gorillaPage) next(w http.ResponseWriter, r *http.Request, session *gorilla.Session, step *flow.Step, err error) {
	binding, _ := session.Values["binding"].(string)
	sealed, sealErr := p.sealer.Seal(step, []byte(binding))
	if sealErr = errors.Join(sealErr, session.Save(r, w)); sealErr != nil {
		p.refuse(w, sealErr)
		return
	}
	p.setStep(w, sealed, step.ExpiresAt().Sub(p.now()))
	if err != nil {
		p.refuse(w, err)
		return
	}
	http.Redirect(w, r, "/code", http.StatusSeeOther)
}

// signIn replaces all that is in the session, since somebody may have known the old
// cookie. With a store on the server, let it give the session a new ID as well.
func (p *gorillaPage) signIn(w http.ResponseWriter, r *http.Request, session *gorilla.Session) {
	session.Values = map[any]any{"user": session.Values["email"]}
	if err := session.Save(r, w); err != nil {
		p.refuse(w, err)
		return
	}
	p.setStep(w, "", -time.Second)
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// setStep keeps a sealed step for as long as it lives.
func (p *gorillaPage) setStep(w http.ResponseWriter, sealed string, life time.Duration) {
	http.SetCookie(w, &http.Cookie{
		Name: "step", Value: sealed, Path: "/", MaxAge: int(life / time.Second),
		Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}

// home is for signed-in users.
func (p *gorillaPage) home(w http.ResponseWriter, r *http.Request) {
	session, _ := p.store.Get(r, "session")
	user, ok := session.Values["user"].(string)
	if !ok {
		http.Error(w, "nobody is signed in", http.StatusUnauthorized)
		return
	}
	fmt.Fprintln(w, "signed in as", user)
}

// refuse says what to do. A real page shows a form with a sentence.
func (p *gorillaPage) refuse(w http.ResponseWriter, err error) {
	http.Error(w, mfa.NextAction(err).String(), http.StatusUnprocessableEntity)
}

// userIP returns the user's address as this server saw it. Behind a proxy, take it from a
// header that the proxy replaces.
func (*gorillaPage) userIP(r *http.Request) netip.Addr {
	from, _ := netip.ParseAddrPort(r.RemoteAddr) // zero if not over TCP: then none is sent
	return from.Addr().Unmap().WithZone("")
}

// A login page with package flow and sessions of gorilla/sessions.
func Example_gorilla() {
	tenant := mfatest.NewTenant() // a fake Auth0, in this process
	defer tenant.Close()
	tenant.AddUser(mfatest.User{Email: "ada@example.com", Password: "correct horse", Authenticators: []mfatest.Authenticator{{Factor: mfa.FactorEmail, Active: true}}})
	keys := make([]byte, 96) // a real page reads them from where its secrets are
	_, _ = rand.Read(keys)
	store := gorilla.NewCookieStore(keys[:32], keys[32:64]) // the second key encrypts
	store.Options = &gorilla.Options{Path: "/", MaxAge: 3600, Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode}
	page := &gorillaPage{client: tenant.Client(), flow: tenant.Flow(), now: tenant.Now, store: store}
	var err error
	if page.sealer, err = page.flow.NewSealer(keys[64:]); err != nil {
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
