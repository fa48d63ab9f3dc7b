package main

import (
	"encoding/json"
	"html/template"
	"net"
	"net/http"
	"slices"
	"strings"
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

	tenant *mfatest.Tenant
	pem    []byte
}

// message is an element of /mail.json.
type message struct {
	To      string          `json:"to"`
	Code    string          `json:"code"`
	SentAt  time.Time       `json:"sent_at"`
	Purpose mfatest.Purpose `json:"purpose"`
}

func newPage(s *settings, tenant *mfatest.Tenant, url string, certificate []byte) *page {
	return &page{
		URL: tenant.URL, Domain: strings.TrimPrefix(tenant.URL, "https://"),
		ClientID: s.clientID, ClientSecret: s.clientSecret, Audience: tenant.URL + "/mfa/",
		Certificate: s.certificate, Clock: s.clock, Page: url, Users: s.users,
		tenant: tenant, pem: certificate,
	}
}

// handler serves the page. Because the page shows secrets, it refuses requests by
// any other name that resolves to this machine, and requests from other sites.
func (p *page) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", p.show)
	mux.HandleFunc("GET /mail.json", func(w http.ResponseWriter, r *http.Request) { writeJSON(w, p.messages(r.FormValue("to"))) })
	mux.HandleFunc("GET /tenant.json", func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, p) })
	mux.HandleFunc("GET /tenant.pem", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/x-pem-file")
		_, _ = w.Write(p.pem)
	})
	mux.HandleFunc("POST /act", p.act)
	protected := http.NewCrossOriginProtection().Handler(mux)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, _, err := net.SplitHostPort(r.Host)
		if err != nil || !isLoopback(host) {
			http.Error(w, "this page is only for this machine", http.StatusForbidden)
			return
		}
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'")
		protected.ServeHTTP(w, r)
	})
}

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v) // fails only if the client is gone
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

// show serves the page itself.
func (p *page) show(w http.ResponseWriter, _ *http.Request) {
	type person struct {
		user
		OTP      string
		Recovery string
		Push     bool // a notification is pending
	}
	view := struct {
		*page
		Now      time.Time
		Messages []message
		People   []person
	}{page: p, Now: p.tenant.Now(), Messages: p.messages("")}
	for _, u := range p.Users {
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

// act moves the clock or decides a push notification, as the button says.
func (p *page) act(w http.ResponseWriter, r *http.Request) {
	email := r.PostFormValue("user")
	pending := slices.ContainsFunc(p.Users, func(u user) bool { return u.Email == email }) && p.tenant.PushPending(email)
	by, err := time.ParseDuration(r.PostFormValue("by"))
	switch action := r.PostFormValue("action"); {
	case action == "advance" && err == nil && by >= 0:
		p.tenant.Advance(by)
	case action == "approve" && pending:
		p.tenant.ApprovePush(email)
	case action == "reject" && pending:
		p.tenant.RejectPush(email)
	default:
		http.Error(w, "want action=advance and by=5m, or action=approve or action=reject and a user with a pending notification", http.StatusBadRequest)
		return
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

var pageTemplate = template.Must(template.New("page").Parse(`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="refresh" content="3">
<title>Mailboxes</title>
<style>
body { font: 1rem/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem }
table { border-collapse: collapse; width: 100% }
th, td { border-bottom: 1px solid #ccc; padding: .3rem .6rem; text-align: left }
code { font-size: 1.1rem }
form { display: inline }
</style>
<h1>Mailboxes</h1>
<p>Tenant {{.URL}}, client id <code>{{.ClientID}}</code>, {{with .ClientSecret}}secret <code>{{.}}</code>{{else}}no secret{{end}}.
<a href="/mail.json">Messages as JSON</a>, <a href="/tenant.json">settings as JSON</a>, <a href="/tenant.pem">certificate</a>.</p>
<table>
<tr><th>Sent<th>To<th>Code<th>Purpose
{{range .Messages}}<tr><td>{{.SentAt.Format "15:04:05"}}<td>{{.To}}<td><code>{{.Code}}</code><td>{{.Purpose}}
{{else}}<tr><td colspan="4">No message yet.
{{end}}</table>
<h2>Users</h2>
<table>
<tr><th>Address<th>Password<th>Authenticator app<th>Recovery code<th>Push notification
{{range .People}}<tr><td>{{.Email}}<td>{{.Password}}<td>{{with .OTP}}<code>{{.}}</code>{{else}}none{{end}}<td>{{with .Recovery}}<code>{{.}}</code>{{else}}none{{end}}
<td>{{if .Push}}<form method="post" action="/act"><input type="hidden" name="user" value="{{.Email}}"><button name="action" value="approve">Approve</button> <button name="action" value="reject">Reject</button></form>{{else}}none{{end}}
{{end}}</table>
<h2>Clock</h2>
<p>It is {{.Now.Format "15:04:05"}} ({{.Clock}}).
<form method="post" action="/act"><input type="hidden" name="action" value="advance">
<button name="by" value="1m">+1 minute</button> <button name="by" value="5m">+5 minutes</button> <button name="by" value="10m">+10 minutes</button></form></p>
</html>
`))
