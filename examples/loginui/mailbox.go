package main

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/mfatest"
)

// mailbox is what the users of the tenant have in their hands: their mails,
// their phones and their authenticator apps. A real page has nothing like it.
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
	tenant.AddUser(mfatest.User{Email: grace.Email, Password: grace.Password, RecoveryCodes: true, Authenticators: []mfatest.Authenticator{
		{Factor: mfa.FactorEmail, Active: true},
		{Factor: mfa.FactorSMS, Address: grace.Phone, Active: true},
		{Factor: mfa.FactorPush, Active: true},
		{Factor: mfa.FactorOTP, Active: true},
	}})
	return m
}

// mailboxView is what the page shows.
type mailboxView struct {
	Now   time.Time
	Mails []mfatest.Mail
	Users []personView
}

type personView struct {
	demoUser
	App      string
	Recovery []string
}

// mailboxPage shows it all.
func (s *site) mailboxPage(w http.ResponseWriter, r *http.Request) {
	tenant := s.mailbox.tenant
	v := &mailboxView{Now: tenant.Now(), Mails: s.mailbox.mails()}
	for _, u := range s.mailbox.users {
		one := personView{demoUser: u, Recovery: tenant.RecoveryCodes(u.Email)}
		_ = attempt(func() { one.App = tenant.OTP(u.Email) }) // not everybody has one
		v.Users = append(v.Users, one)
	}
	s.render(w, r, http.StatusOK, "mailbox", view{Title: "Mailbox", Mailbox: v})
}

// mails returns all messages, the newest first. An inbox is found by its
// address, and only the enrolment named those that users typed.
func (m *mailbox) mails() []mfatest.Mail {
	var addresses []string
	for _, u := range m.users {
		addresses = append(addresses, u.Email, u.Phone)
	}
	for _, request := range m.tenant.Requests() {
		var body struct{ Email string }
		if request.Op == "associate" && json.Unmarshal(request.Body, &body) == nil {
			addresses = append(addresses, body.Email)
		}
	}
	var all []mfatest.Mail
	seen := map[string]bool{}
	for _, address := range addresses {
		inbox := m.tenant.Inbox(address)
		if len(inbox) == 0 || seen[inbox[0].To] { // two spellings of an address are one inbox
			continue
		}
		seen[inbox[0].To] = true
		slices.Reverse(inbox)
		all = append(all, inbox...)
	}
	slices.SortStableFunc(all, func(a, b mfatest.Mail) int { return b.SentAt.Compare(a.SentAt) })
	return all
}

// mailboxAct does what a button says.
func (s *site) mailboxAct(w http.ResponseWriter, r *http.Request) {
	var err error
	switch user := r.PostFormValue("user"); r.PostFormValue("action") {
	case "advance":
		var by time.Duration
		if by, err = time.ParseDuration(r.PostFormValue("by")); err == nil {
			err = attempt(func() { s.mailbox.tenant.Advance(by) })
		}
	case "approve":
		err = attempt(func() { s.mailbox.tenant.ApprovePush(user) })
	case "reject":
		err = attempt(func() { s.mailbox.tenant.RejectPush(user) })
	default:
		err = errors.New("unknown action")
	}
	if err != nil {
		s.fail(w, r, http.StatusBadRequest, "The mailbox cannot do that: no notification waits, or the button is not one of ours.")
		return
	}
	http.Redirect(w, r, "/mailbox", http.StatusSeeOther)
}

// attempt does what package mfatest may refuse. It refuses by a panic, because
// in a test that is the test's mistake; here it is a button.
func attempt(do func()) (err error) {
	defer func() {
		switch problem := recover().(type) {
		case nil:
		case string:
			err = errors.New(problem)
		default:
			panic(problem)
		}
	}()
	do()
	return nil
}
