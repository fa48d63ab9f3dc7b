package ui

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/flow"
	"github.com/go-auth0-mfa/mfa/mfatest"
)

// mailbox shows what the users of the tenant have: their messages, phones and
// authenticator apps. A real site has nothing like it.
type mailbox struct {
	tenant *mfatest.Tenant
	users  []demoUser
}

type demoUser struct{ Email, Password, Phone, Has string }

// newMailbox adds two users to the tenant.
func newMailbox(tenant *mfatest.Tenant) *mailbox {
	m := &mailbox{tenant: tenant, users: []demoUser{
		{"ada@example.com", "correct horse", "", "nothing set up yet"},
		{"grace@example.com", "battery staple", "+4930901820", "everything set up"},
	}}
	ada, grace := m.users[0], m.users[1]
	tenant.AddUser(mfatest.User{Email: ada.Email, Password: ada.Password})
	tenant.AddUser(mfatest.User{Email: grace.Email, Password: grace.Password, RecoveryCode: true, Authenticators: []mfatest.Authenticator{
		{Factor: mfa.FactorEmail, Active: true},
		{Factor: mfa.FactorSMS, Address: grace.Phone, Active: true},
		{Factor: mfa.FactorPush, Active: true},
		{Factor: mfa.FactorOTP, Active: true},
	}})
	return m
}

// mailboxView is the data of the page.
type mailboxView struct {
	Now   time.Time
	Mails []mfatest.Message
	Users []personView
}

type personView struct {
	demoUser
	App      string
	Recovery string
	Push     bool // a notification is pending
}

// mailboxPage serves the page.
func (s *Pages) mailboxPage(w http.ResponseWriter, r *http.Request) {
	tenant := s.mailbox.tenant
	v := &mailboxView{Now: tenant.Now(), Mails: tenant.Messages()}
	slices.Reverse(v.Mails) // newest first
	for _, u := range s.mailbox.users {
		one := personView{demoUser: u, Push: tenant.PushPending(u.Email)}
		one.Recovery, _ = tenant.RecoveryCode(u.Email)
		for _, a := range tenant.Authenticators(u.Email) {
			if a.Factor == mfa.FactorOTP {
				one.App = tenant.OTP(u.Email)
			}
		}
		v.Users = append(v.Users, one)
	}
	s.render(w, r, http.StatusOK, "mailbox", view{Title: "Mailbox", Mailbox: v})
}

// mailboxAct handles the buttons of the page.
func (s *Pages) mailboxAct(w http.ResponseWriter, r *http.Request) {
	tenant, user := s.mailbox.tenant, r.PostFormValue("user")
	waits := slices.ContainsFunc(s.mailbox.users, func(u demoUser) bool { return u.Email == user }) && tenant.PushPending(user)
	by, err := time.ParseDuration(r.PostFormValue("by"))
	switch action := r.PostFormValue("action"); {
	case action == "advance" && err == nil && by >= 0:
		tenant.Advance(by)
	case action == "approve" && waits:
		tenant.ApprovePush(user)
	case action == "reject" && waits:
		tenant.RejectPush(user)
	default:
		s.fail(w, r, http.StatusBadRequest, "That did not work", "There is no pending notification, or this page has no such button.")
		return
	}
	http.Redirect(w, r, "/mailbox", http.StatusSeeOther)
}

// Embedded returns the login page of a fake tenant. Both use the tenant's clock, which the
// mailbox page can move.
func Embedded(ctx context.Context, tenant *mfatest.Tenant, logger *slog.Logger, store flow.Store, opts []mfa.Option) (*Pages, error) {
	client := tenant.Client(opts...)
	s, err := New(ctx, client, tenant.HTTPClient(), tenant.Now, logger, store)
	if err != nil {
		return nil, err
	}
	s.mailbox = newMailbox(tenant)
	return s, nil
}

// Announce prints the addresses of the pages.
func (s *Pages) Announce(out io.Writer, url string) {
	text := "login page  " + url + "/\n"
	if s.mailbox != nil {
		text += "mailbox     " + url + "/mailbox\n"
		for _, u := range s.mailbox.users {
			text += fmt.Sprintf("user        %s with password %q: %s\n", u.Email, u.Password, u.Has)
		}
	}
	_, _ = io.WriteString(out, text+"Ctrl-C stops it.\n") // nobody needs to read it
}

// Close closes the idle connections to the tenant.
func (s *Pages) Close() { s.client.CloseIdleConnections() }
