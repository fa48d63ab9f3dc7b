// Package ui has the pages of a sign-in with a second factor, and of the account on which
// users manage their factors. It is made to be copied: take this folder with its templates
// and static files, without its tests, into a program of your own, and change what you like.
// It needs go-oidc and rsc.io/qr besides package mfa.
//
// The application around it is an [App], which keeps the sessions. [New] makes the pages of
// one tenant, an [http.Handler] that any router can mount under a path of its own.
// [Pages.Require] keeps an application's own pages for users who are signed in. All texts
// are in texts.go, and all colors at the top of static/style.css.
//
// What the pages leave to the program around them:
//   - Timeouts: set ReadHeaderTimeout and ReadTimeout of the [http.Server].
//   - A proxy has to pass the name of the host, and 8 KiB of headers. For nginx:
//     "proxy_set_header Host $host; proxy_buffer_size 8k;".
//   - The cookies have the same names whatever the Prefix. Two Pages on one host end each
//     other's logins.
package ui

import (
	"context"
	"crypto/hkdf"
	"crypto/sha256"
	"embed"
	"errors"
	"html/template"
	"io/fs"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"path"
	"strings"
	"time"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/flow"
)

// App is the application that the pages belong to. All its methods are called while a
// request is served, also by several goroutines.
type App interface {
	// SignIn opens a session under a new ID for a user who has signed in, and keeps all
	// of user in it. The session that the browser had before has ended by [App.SignOut].
	// After an error nobody is signed in: the pages call [App.SignOut].
	//
	// Token holds the tokens of the login. The pages keep its refresh token as well, and
	// use it to open the account page without a password. If your tenant rotates refresh
	// tokens, only one of both can use it: the second use of an old one ends them all. To
	// have it for the application alone, delete the line that keeps it in signin.go. The
	// account page then asks for the password.
	SignIn(w http.ResponseWriter, r *http.Request, user User, token *mfa.Token) error
	// SignedIn returns the user of the browser's session, and false if there is none. The
	// pages call it several times for a request.
	SignedIn(r *http.Request) (User, bool)
	// SignOut ends the browser's session on the server, so that a copy of its cookie opens
	// nothing any more. It does nothing if there is none. After an error nobody is signed in
	// or out, and the user is asked to try again. Nobody revokes the tokens at Auth0.
	SignOut(w http.ResponseWriter, r *http.Request) error
	// Text returns the text of a key of texts.go in the user's language, with the same
	// placeholders, or "" for the text of this package.
	Text(r *http.Request, key string) string
}

// User is a user who has signed in, as checked against the ID token. It consists of
// strings, which every session store can keep.
type User struct {
	Subject string  // the user's ID at Auth0, which never changes
	Email   string  // the address in the ID token, whether Auth0 has verified it or not: the claim email_verified tells
	Binding string  // a random value of this session that no browser learns; what the pages keep in cookies is sealed for it
	Claims  []Claim // all claims of the ID token, which the pages show; an application need not keep them
}

// Claim is one claim of an ID token, as text.
type Claim struct{ Name, Value string }

// Config is what the pages need. Client, App and Key are required.
type Config struct {
	// Client calls the tenant. Its application needs the grants Password, MFA and, to open
	// the account page without a password, Refresh Token.
	Client *mfa.Client
	// App keeps the sessions.
	App App
	// Key has 32 random bytes, which all machines that serve the pages share. It seals
	// the cookies, signs the forms and encrypts what is in Store. With a new key, logins
	// that are under way start over, the account page asks for the password, and recovery
	// codes that a user is about to store are lost.
	Key []byte
	// Store makes a double click one request and one mail, whichever machine it meets. If
	// nil, it is one in the memory of this process.
	Store flow.Store
	// Prefix is the path that the pages are under, such as "/auth". If empty, it is the root
	// of the host.
	Prefix string
	// Home is the path, on this host, that users get to when they have signed in. If empty,
	// it is a page of this package, Prefix + "/", which leads to the account page.
	Home string
	// Logo is the address of an image above the pages, on the same host. If empty, there
	// is none.
	Logo string
	// Stylesheet is the address of a style sheet on the same host, with other values for
	// the names at the top of static/style.css. If empty, there is none.
	Stylesheet string
	// ForgotPassword is where the sign-in page sends users who forgot their password. If
	// empty, it has no such link.
	ForgotPassword string
	// Footer stands below each page. If empty, there is none.
	Footer template.HTML
	// Keys gets the tenant's public keys. If nil, it is a client with a timeout of 10
	// seconds.
	Keys *http.Client
	// Log gets what a developer has to look into, without secrets and without what users
	// typed. If nil, it is [slog.Default].
	Log *slog.Logger
	// Now is the clock. If nil, it is [time.Now].
	Now func() time.Time
	// UserIP returns the address of the user, for Auth0's protection against guessed
	// passwords and codes. If nil, it is the address that the connection came from. Behind a
	// proxy of yours that is the proxy's, and Auth0 blocks all users at once: return the one
	// that the proxy saw, from a header that it replaces. A user can send any header. A
	// Client without a secret may not pass it on: return the zero Addr.
	UserIP func(*http.Request) netip.Addr
}

// Pages serves the pages. It may be used by several goroutines.
type Pages struct {
	c         Config
	flow      *flow.Flow
	sealer    *flow.Sealer
	tokens    *checker
	formKey   []byte
	templates map[string]*template.Template
	handler   http.Handler
}

//go:embed templates
var templateFiles embed.FS

//go:embed static
var staticFiles embed.FS

// New returns the pages of a tenant. The context ends what fetches the tenant's keys. It
// fails if a required field is missing, a key is refused by [flow.Flow.NewSealer], or Prefix or
// Home is no path.
func New(ctx context.Context, config Config) (*Pages, error) {
	switch {
	case config.Client == nil || config.App == nil:
		return nil, errors.New("ui: Client and App are required")
	case config.Prefix != "" && (!isPath(config.Prefix) || config.Prefix != path.Clean(config.Prefix) || config.Prefix == "/"):
		return nil, errors.New("ui: Prefix is no path such as /auth")
	case config.Home != "" && !isPath(config.Home):
		return nil, errors.New("ui: Home is no path such as /")
	}
	p := &Pages{c: config, templates: map[string]*template.Template{}}
	p.setDefaults()
	var err error
	p.flow, err = flow.New(p.c.Client, flow.WithClock(p.c.Now), flow.WithStore(p.c.Store, p.c.Key),
		flow.WithStoreErrors(func(ctx context.Context, err error) { p.c.Log.WarnContext(ctx, "store failed", "error", err) }))
	if err != nil {
		return nil, err
	}
	if p.sealer, err = p.flow.NewSealer(p.c.Key); err != nil {
		return nil, err
	}
	if p.formKey, err = hkdf.Key(sha256.New, p.c.Key, nil, "forms of the login pages", 32); err != nil {
		return nil, err
	}
	p.tokens = newChecker(ctx, "https://"+p.c.Client.Domain()+"/", p.c.Client.ClientID(), p.c.Keys, p.c.Now)
	for _, name := range []string{"login", "enroll", "choose", "code", "poll", "recovery", "home", "password", "account", "remove", "message"} {
		p.templates[name], err = template.New("layout.html").Funcs(template.FuncMap{"groups": groups, "app": appLink, "qr": drawQR}).
			ParseFS(templateFiles, "templates/layout.html", "templates/parts.html", "templates/"+name+".html")
		if err != nil {
			return nil, err
		}
	}
	p.c.Key = nil // nothing prints it from here on
	p.handler = p.routes()
	return p, nil
}

// isPath reports whether the text is the path of a page of this host, without what a
// browser or a router reads in another way.
func isPath(text string) bool {
	at, err := url.Parse(text)
	return err == nil && at.Path == text && strings.HasPrefix(text, "/") && !strings.ContainsAny(text, "\\{} ")
}

// setDefaults sets what the configuration leaves out.
func (p *Pages) setDefaults() {
	if p.c.Store == nil {
		p.c.Store = flow.NewMemoryStore()
	}
	if p.c.Home == "" {
		p.c.Home = p.c.Prefix + "/"
	}
	if p.c.Keys == nil {
		p.c.Keys = &http.Client{Timeout: 10 * time.Second}
	}
	if p.c.Log == nil {
		p.c.Log = slog.Default()
	}
	if p.c.Now == nil {
		p.c.Now = time.Now
	}
	if p.c.UserIP == nil {
		p.c.UserIP = peer
	}
}

// ServeHTTP serves the pages, all under [Config.Prefix].
func (p *Pages) ServeHTTP(w http.ResponseWriter, r *http.Request) { p.handler.ServeHTTP(w, r) }

// Require serves next to users who are signed in. Others get to the sign-in page, and those
// who have recovery codes to keep get to these first. It does not keep next out of caches,
// and refuses no forms of other sites: wrap it in [http.CrossOriginProtection] as well.
func (p *Pages) Require(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch user, ok := p.user(r); {
		case !ok:
			p.redirect(w, r, "/login")
		case len(p.keptCodes(r, user)) > 0:
			p.redirect(w, r, "/")
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// routes makes the handler.
func (p *Pages) routes() http.Handler {
	mux := http.NewServeMux()
	page := func(pattern string, handle http.HandlerFunc) {
		method, path, _ := strings.Cut(pattern, " ")
		mux.HandleFunc(method+" "+p.c.Prefix+path, handle)
	}
	page("GET /{$}", p.homePage)
	page("GET /login", p.loginPage)
	page("POST /login", p.login)
	page("GET /recovery-codes.txt", p.signedIn(p.downloadCodes))
	page("POST /recovery-codes", p.signedIn(p.codesKept))
	page("POST /sign-out", p.signOut)
	page("POST /account", p.signedIn(p.openAccount))
	page("GET /account", p.managing(p.accountPage))
	page("GET /account/password", p.signedIn(p.passwordPage))
	page("POST /account/password", p.signedIn(p.confirmPassword))
	page("GET /remove/{id}", p.managing(p.removePage))
	page("POST /remove", p.managing(p.remove))
	page("POST /add", p.managing(p.add))
	for _, wk := range walks {
		path := string(wk)
		page("GET "+path+"/verify", p.on(wk, p.verifyPage))
		page("POST "+path+"/code", p.on(wk, p.submitCode))
		page("POST "+path+"/send", p.on(wk, p.sendAgain))
		page("GET "+path+"/choose", p.on(wk, p.choosePage))
		page("POST "+path+"/choose", p.on(wk, p.choose))
		page("GET "+path+"/enroll", p.on(wk, p.enrollPage))
		page("POST "+path+"/enroll", p.on(wk, p.enroll))
		page("POST "+path+"/poll", p.on(wk, p.poll))
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		p.fail(w, r, http.StatusNotFound, "missing.title", "missing.text")
	})
	if p.c.Prefix != "" { // some routers send this here as well
		mux.HandleFunc("GET "+p.c.Prefix, func(w http.ResponseWriter, r *http.Request) { p.redirect(w, r, "/") })
	}
	static, _ := fs.Sub(staticFiles, "static") // cannot fail: the folder is embedded
	all := http.NewServeMux()
	all.Handle("GET "+p.c.Prefix+"/static/{file}", http.StripPrefix(p.c.Prefix+"/static/", http.FileServerFS(static)))
	all.Handle("/", p.withBrowser(mux))
	return headers(http.NewCrossOriginProtection().Handler(http.MaxBytesHandler(all, 64<<10)))
}

// redirect sends the browser to one of the pages.
func (p *Pages) redirect(w http.ResponseWriter, r *http.Request, page string) {
	// A redirect shows nothing. Nginx has 4 KiB for the headers, of which the step needs most.
	w.Header().Del("Content-Security-Policy")
	http.Redirect(w, r, p.c.Prefix+page, http.StatusSeeOther)
}

// headers allows the pages only their own files and forms, and keeps them out of caches.
func headers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
		h.Set("Cache-Control", "no-store")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("X-Content-Type-Options", "nosniff")
		next.ServeHTTP(w, r)
	})
}
