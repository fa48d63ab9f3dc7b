package demo

import (
	_ "embed"
	"html/template"
	"net/http"
	"slices"
	"time"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/mfatest"
)

// Mailbox is a page that shows what the users of a fake tenant have: their messages, phones
// and authenticator apps. A real site has nothing like it.
type Mailbox struct {
	// Users can sign in.
	Users []User

	tenant *mfatest.Tenant
	ui     string
}

// User is a user of the fake tenant. Has says what is set up.
type User struct{ Email, Password, Phone, Has string }

//go:embed mailbox.html
var page string

var mailboxPage = template.Must(template.New("mailbox").Parse(page))

// NewMailbox adds two users to the tenant. Its page has the style of the sign-in pages that
// are under a path, such as "/auth".
func NewMailbox(tenant *mfatest.Tenant, ui string) *Mailbox {
	ada := User{"ada@example.com", "correct horse", "", "nothing set up yet"}
	grace := User{"grace@example.com", "battery staple", "+4930901820", "everything set up"}
	tenant.AddUser(mfatest.User{Email: ada.Email, Password: ada.Password})
	tenant.AddUser(mfatest.User{Email: grace.Email, Password: grace.Password, RecoveryCode: true, Authenticators: []mfatest.Authenticator{
		{Factor: mfa.FactorEmail, Active: true},
		{Factor: mfa.FactorSMS, Address: grace.Phone, Active: true},
		{Factor: mfa.FactorPush, Active: true},
		{Factor: mfa.FactorOTP, Active: true},
	}})
	return &Mailbox{[]User{ada, grace}, tenant, ui}
}

// person is a user as the page shows one.
type person struct {
	User
	App      string
	Recovery string
	Push     bool // a notification is pending
}

// ServeHTTP serves the page, and handles its buttons.
func (m *Mailbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	if r.Method == http.MethodPost {
		m.act(w, r)
		return
	}
	mails := m.tenant.Messages()
	slices.Reverse(mails) // newest first
	people := make([]person, len(m.Users))
	for i, user := range m.Users {
		people[i] = person{User: user, Push: m.tenant.PushPending(user.Email)}
		people[i].Recovery, _ = m.tenant.RecoveryCode(user.Email)
		for _, a := range m.tenant.Authenticators(user.Email) {
			if a.Factor == mfa.FactorOTP {
				people[i].App = m.tenant.OTP(user.Email)
			}
		}
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_ = mailboxPage.Execute(w, map[string]any{"UI": m.ui, "Now": m.tenant.Now(), "Mails": mails, "Users": people}) // fails only if the client is gone
}

// act handles the buttons, not those of other sites.
func (m *Mailbox) act(w http.ResponseWriter, r *http.Request) {
	if err := http.NewCrossOriginProtection().Check(r); err != nil {
		http.Error(w, err.Error(), http.StatusForbidden)
		return
	}
	user := r.PostFormValue("user")
	waits := slices.ContainsFunc(m.Users, func(u User) bool { return u.Email == user }) && m.tenant.PushPending(user)
	by, err := time.ParseDuration(r.PostFormValue("by"))
	switch action := r.PostFormValue("action"); {
	case action == "advance" && err == nil && by >= 0:
		m.tenant.Advance(by)
	case action == "approve" && waits:
		m.tenant.ApprovePush(user)
	case action == "reject" && waits:
		m.tenant.RejectPush(user)
	default:
		http.Error(w, "There is no pending notification, or this page has no such button.", http.StatusBadRequest)
		return
	}
	http.Redirect(w, r, "/mailbox", http.StatusSeeOther)
}
