package main

import (
	"cmp"
	"context"
	_ "embed"
	"encoding/json"
	"html/template"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/mfatest"
)

// page shows what the users of the tenant have: their messages, authenticator
// apps and phones. Its exported fields are /tenant.json.
type page struct {
	URL          string `json:"url"`
	Domain       string `json:"domain"`
	ClientID     string `json:"client_id"`
	ClientSecret string `json:"client_secret,omitempty"`
	Audience     string `json:"mfa_audience"`
	Certificate  string `json:"certificate"`
	Clock        string `json:"clock"`
	Page         string `json:"page"`
	Users        []user `json:"users"`

	tenant  *mfatest.Tenant
	pem     []byte
	hosts   []string // names that the page has, besides those of this machine
	origins []string
	mu      *sync.Mutex // guards Users
}

// message is an element of /mail.json.
type message struct {
	To      string          `json:"to"`
	Code    string          `json:"code"`
	SentAt  time.Time       `json:"sent_at"`
	Purpose mfatest.Purpose `json:"purpose"`
}

func newPage(s *settings, tenant *mfatest.Tenant, url string, certificate []byte) *page {
	p := &page{
		URL: tenant.URL, Domain: strings.TrimPrefix(tenant.URL, "https://"),
		ClientID: s.clientID, ClientSecret: s.clientSecret, Audience: tenant.URL + "/mfa/",
		Certificate: s.certificate, Clock: s.clock, Page: url, Users: s.users,
		tenant: tenant, pem: certificate, origins: s.origins, mu: &sync.Mutex{},
	}
	if s.expose {
		for _, addr := range []string{s.addr, s.page} {
			host, _, _ := net.SplitHostPort(addr)
			p.hosts = append(p.hosts, host)
		}
	}
	return p
}

// server returns the server of the page, whose requests end with the context.
func (p *page) server(ctx context.Context) *http.Server {
	return &http.Server{
		Handler: p.handler(), BaseContext: func(net.Listener) context.Context { return ctx },
		ReadTimeout: 10 * time.Second, WriteTimeout: maxWait + 10*time.Second, IdleTimeout: time.Minute, MaxHeaderBytes: 64 << 10,
	}
}

// handler serves the page. Because the page shows secrets, it refuses requests by
// any other name that resolves to this machine, and requests from other sites.
func (p *page) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", p.show)
	mux.HandleFunc("GET /page.js", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
		_, _ = w.Write(pageScript)
	})
	mux.HandleFunc("GET /mail.json", p.mail)
	mux.HandleFunc("DELETE /mail.json", func(w http.ResponseWriter, _ *http.Request) {
		p.tenant.ClearMessages()
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("GET /tenant.json", func(w http.ResponseWriter, _ *http.Request) {
		p.mu.Lock()
		defer p.mu.Unlock()
		writeJSON(w, p)
	})
	mux.HandleFunc("GET /tenant.pem", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/x-pem-file")
		_, _ = w.Write(p.pem)
	})
	mux.HandleFunc("POST /users", p.addUser)
	mux.HandleFunc("POST /act", p.act)
	protection := http.NewCrossOriginProtection()
	for _, origin := range p.origins {
		_ = protection.AddTrustedOrigin(origin) // it was checked with the flags
	}
	protected := protection.Handler(mux)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Cache-Control", "no-store")
		header.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; connect-src 'self'; img-src data:; style-src 'unsafe-inline'; "+
			"form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
		header.Set("Referrer-Policy", "no-referrer")
		if !p.isOwn(r.Host) {
			http.Error(w, "this page is only for this machine", http.StatusForbidden)
			return
		}
		if p.allowOrigin(header, r) {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
		protected.ServeHTTP(w, r)
	})
}

// isOwn reports whether the Host header names the page. A site that has its name
// resolve to this machine is told apart by its name; addresses are not names.
func (p *page) isOwn(hostport string) bool {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		return false
	}
	_, err = netip.ParseAddr(host)
	return isLoopback(host) || len(p.hosts) > 0 && err == nil || slices.Contains(p.hosts, host)
}

// allowOrigin sets the headers of CORS, and reports whether the request is a
// preflight.
func (p *page) allowOrigin(header http.Header, r *http.Request) (preflight bool) {
	header.Add("Vary", "Origin")
	origin := r.Header.Get("Origin")
	if !slices.Contains(p.origins, origin) {
		return false
	}
	header.Set("Access-Control-Allow-Origin", origin)
	header.Set("Access-Control-Allow-Methods", "GET, POST, DELETE")
	header.Set("Access-Control-Allow-Headers", r.Header.Get("Access-Control-Request-Headers"))
	return r.Method == http.MethodOptions && r.Header.Get("Access-Control-Request-Method") != ""
}

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v) // fails only if the client is gone
}

// maxWait is the longest wait for a message.
const maxWait = time.Minute

// mail lists the messages, after a wait for the next one if the request asks for
// it.
func (p *page) mail(w http.ResponseWriter, r *http.Request) {
	to := r.FormValue("to")
	wait, err := time.ParseDuration(cmp.Or(r.FormValue("wait"), "0s"))
	seen, errSeen := strconv.Atoi(cmp.Or(r.FormValue("seen"), "0"))
	if err != nil || errSeen != nil || wait < 0 || wait > maxWait || seen < 0 {
		http.Error(w, "want wait=10s, one minute at most, and seen=0 or more", http.StatusBadRequest)
		return
	}
	timeout, tick := time.NewTimer(wait), time.NewTicker(20*time.Millisecond)
	defer timeout.Stop()
	defer tick.Stop()
	found := p.messages(to)
	for waiting := wait > 0; waiting && len(found) <= seen; found = p.messages(to) {
		select {
		case <-tick.C:
		case <-timeout.C:
			waiting = false
		case <-r.Context().Done():
			return
		}
	}
	writeJSON(w, found)
}

// messages returns the messages to an address, or all if it is empty, newest
// first.
func (p *page) messages(to string) []message {
	found := p.tenant.Messages()
	if to != "" {
		found = p.tenant.Inbox(to)
	}
	all := []message{} // [] in JSON if there are none
	for _, m := range slices.Backward(found) {
		all = append(all, message(m))
	}
	return all
}

// addUser adds a user.
func (p *page) addUser(w http.ResponseWriter, r *http.Request) {
	added := users{}
	verified, err := strconv.ParseBool(cmp.Or(r.PostFormValue("verified"), "false"))
	if err != nil || added.Set(r.PostFormValue("email")+":"+r.PostFormValue("password")) != nil {
		http.Error(w, "want email, password, and verified=true or none", http.StatusBadRequest)
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if slices.ContainsFunc(p.Users, func(u user) bool { return strings.EqualFold(u.Email, added[0].Email) }) {
		http.Error(w, "there is such a user", http.StatusConflict)
		return
	}
	p.tenant.AddUser(mfatest.User{Email: added[0].Email, Password: added[0].Password, EmailVerified: verified})
	p.Users = append(p.Users, added[0])
	done(w, r, http.StatusCreated)
}

// act moves the clock, decides a push notification or empties the mailboxes, as
// the button says.
func (p *page) act(w http.ResponseWriter, r *http.Request) {
	email := r.PostFormValue("user")
	p.mu.Lock()
	known := slices.ContainsFunc(p.Users, func(u user) bool { return strings.EqualFold(u.Email, email) })
	p.mu.Unlock()
	pending := known && p.tenant.PushPending(email)
	by, err := time.ParseDuration(r.PostFormValue("by"))
	switch action := r.PostFormValue("action"); {
	case action == "advance" && err == nil && by >= 0:
		p.tenant.Advance(by)
	case action == "approve" && pending:
		p.tenant.ApprovePush(email)
	case action == "reject" && pending:
		p.tenant.RejectPush(email)
	case action == "clear":
		p.tenant.ClearMessages()
	default:
		http.Error(w, "want action=advance and by=5m, action=clear, or action=approve or action=reject and a user with a pending notification", http.StatusBadRequest)
		return
	}
	done(w, r, http.StatusNoContent)
}

// done sends a browser that submitted a form back to the page, and anything else
// the status.
func done(w http.ResponseWriter, r *http.Request, status int) {
	if strings.Contains(r.Header.Get("Accept"), "text/html") {
		http.Redirect(w, r, "/", http.StatusSeeOther)
		return
	}
	w.WriteHeader(status)
}

// show serves the page itself.
func (p *page) show(w http.ResponseWriter, _ *http.Request) {
	type person struct {
		user
		OTP      string
		Recovery string
		Push     bool // a notification is pending
	}
	p.mu.Lock()
	all := slices.Clone(p.Users)
	p.mu.Unlock()
	view := struct {
		*page
		Now      time.Time
		Messages []message
		People   []person
	}{page: p, Now: p.tenant.Now(), Messages: p.messages("")}
	for _, u := range all {
		one := person{user: u, Push: p.tenant.PushPending(u.Email)}
		one.Recovery, _ = p.tenant.RecoveryCode(u.Email)
		if slices.ContainsFunc(p.tenant.Authenticators(u.Email), func(a mfatest.Authenticator) bool { return a.Factor == mfa.FactorOTP }) {
			one.OTP = p.tenant.OTP(u.Email)
		}
		view.People = append(view.People, one)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_ = pageTemplate.Execute(w, view) // fails only if the client is gone
}

//go:embed page.html
var pageSource string

//go:embed page.js
var pageScript []byte

var pageTemplate = template.Must(template.New("page").Parse(pageSource))
