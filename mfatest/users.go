package mfatest

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/go-auth0-mfa/mfa"
)

// User is a user of the tenant; see [Tenant.AddUser].
type User struct {
	// Email is the address that the user logs in with, in upper or lower case.
	// Required.
	Email string
	// Password is what the user logs in with. If empty, no password login
	// succeeds.
	Password string
	// EmailVerified makes the address an authenticator that the user never
	// enrolled. It is active and listed, and cannot be deleted.
	EmailVerified bool
	// Authenticators are what the user enrolled before the test, in that order.
	Authenticators []Authenticator
	// RecoveryCode gives the user a recovery code; see [Tenant.RecoveryCode].
	// If false, the user's first association returns one.
	RecoveryCode bool
}

// Authenticator is an authenticator of a user: one that a [User] enrolled before
// the test, or one that [Tenant.Authenticators] returns.
type Authenticator struct {
	// Factor is mfa.FactorEmail, FactorSMS, FactorVoice, FactorPush or FactorOTP.
	// Required. For recovery codes see User.
	Factor mfa.Factor
	// Address is the phone number of FactorSMS and FactorVoice, where it is
	// required, and the e-mail address of FactorEmail, where empty means the
	// user's own. The other factors have none.
	Address string
	// Active reports whether the enrollment was confirmed. An unconfirmed
	// authenticator is listed but cannot be used.
	Active bool
}

// account is a user as the tenant keeps it.
type account struct {
	id       string // sub
	email    string
	password string
	verified bool
	devices  []*device
	denied   string       // what an Action says to the user's logins; "" if it denies none
	asked    bool         // an Action asks for a second factor
	askedFor []mfa.Factor // which it names, if any
	recovery string       // the one valid recovery code; "" if there is none

	failures                  map[netip.Addr]failures // wrong passwords
	wrongCodes, wrongRecovery bucket
	mails, texts, pushes      bucket
	pushed                    []*challenge // push challenges
}

// device is an authenticator as the tenant keeps it.
type device struct {
	id        string
	factor    mfa.Factor
	address   string
	active    bool
	automatic bool       // a verified e-mail that nobody enrolled
	secret    []byte     // FactorOTP
	enrolled  *session   // that enrolled it; nil if it was before the test
	newest    *challenge // the only one whose code is valid
}

// AddUser adds a user. It panics if the tenant has a user with that address, or
// if an authenticator is invalid.
func (t *Tenant) AddUser(u User) {
	if u.Email == "" {
		panic("mfatest: AddUser: a user needs an Email")
	}
	a := &account{id: "auth0|" + randomHex(12), email: u.Email, password: u.Password, verified: u.EmailVerified, failures: map[netip.Addr]failures{}}
	if u.EmailVerified {
		a.add(mfa.FactorEmail, u.Email, true).automatic = true
	}
	for _, enrolled := range u.Authenticators {
		address := enrolled.Address
		switch enrolled.Factor {
		case mfa.FactorEmail:
			if address == "" {
				address = u.Email
			}
		case mfa.FactorSMS, mfa.FactorVoice:
			if address == "" {
				panic("mfatest: AddUser: an authenticator of factor " + string(enrolled.Factor) + " needs a phone number as Address")
			}
		case mfa.FactorPush, mfa.FactorOTP:
		default:
			panic(fmt.Sprintf("mfatest: AddUser: no authenticator can be of factor %q", string(enrolled.Factor)))
		}
		a.add(enrolled.Factor, address, enrolled.Active)
	}
	if u.RecoveryCode {
		a.addRecoveryCode(true)
	}

	t.mu.Lock()
	defer t.mu.Unlock()
	key := strings.ToLower(u.Email)
	if t.accounts[key] != nil {
		panic("mfatest: AddUser: there is a user " + u.Email + " already")
	}
	t.accounts[key] = a
}

// Authenticators returns the user's authenticators in the order of their
// enrollment, with unmasked addresses. It returns nil if there are none. A
// verified address is one of them while its factor is on. A recovery code is
// not: see [Tenant.RecoveryCode]. Authenticators panics if there is no such
// user.
func (t *Tenant) Authenticators(email string) []Authenticator {
	t.mu.Lock()
	defer t.mu.Unlock()
	var list []Authenticator
	for _, d := range t.account("Authenticators", email).devices {
		if t.listed(d) && d.factor != mfa.FactorRecoveryCode {
			list = append(list, Authenticator{Factor: d.factor, Address: d.address, Active: d.active})
		}
	}
	return list
}

// RecoveryCode returns the user's recovery code, and false if the user has none.
// It panics if there is no such user.
func (t *Tenant) RecoveryCode(email string) (string, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	a := t.account("RecoveryCode", email)
	return a.recovery, a.recovery != ""
}

// account returns the user with the address. It panics in the name of the
// exported method if there is none.
func (t *Tenant) account(method, email string) *account {
	a := t.accounts[strings.ToLower(email)]
	if a == nil {
		panic("mfatest: " + method + ": there is no user " + email)
	}
	return a
}

// add gives the account an authenticator.
func (a *account) add(factor mfa.Factor, address string, active bool) *device {
	d := &device{id: a.newID(factor, address), factor: factor, address: address, active: active}
	if factor == mfa.FactorOTP {
		d.secret = randomBytes(20)
	}
	a.devices = append(a.devices, d)
	return d
}

// addRecoveryCode gives the account its first recovery code, which can be used
// as soon as an authenticator is active.
func (a *account) addRecoveryCode(active bool) {
	a.add(mfa.FactorRecoveryCode, "", active)
	a.recovery = randomText(recoveryText, 24)
}

// newID makes an ID. Twins have the same ID but for the prefix: text message and
// voice call of one number, and push and one-time password, which come with one
// app.
func (a *account) newID(factor mfa.Factor, address string) string {
	k := kinds[factor]
	for _, d := range a.devices {
		if d.factor == k.twin && normalize(d.address) == normalize(address) {
			id := k.idPrefix + d.idSuffix()
			if a.device(id) == nil {
				return id
			}
		}
	}
	return k.idPrefix + "|dev_" + randomText(alphanumeric, 16)
}

// idSuffix returns the ID without its prefix.
func (d *device) idSuffix() string { return strings.TrimPrefix(d.id, d.kind().idPrefix) }

// device returns the authenticator with the ID, or nil if there is none.
func (a *account) device(id string) *device {
	i := slices.IndexFunc(a.devices, func(d *device) bool { return d.id == id })
	if i < 0 {
		return nil
	}
	return a.devices[i]
}

// remove deletes the authenticator and its twin.
func (a *account) remove(d *device) {
	a.devices = slices.DeleteFunc(a.devices, func(other *device) bool {
		gone := other == d || other.factor == d.kind().twin && other.idSuffix() == d.idSuffix()
		if gone {
			other.newest = nil
		}
		return gone
	})
	if d.factor == mfa.FactorRecoveryCode {
		a.recovery = ""
	}
}

// confirm activates the authenticator, and the recovery code with it.
func (a *account) confirm(d *device) {
	d.active = true
	for _, other := range a.devices {
		if other.factor == mfa.FactorRecoveryCode {
			other.active = true
		}
	}
}

// hasActive reports whether the user has an active authenticator that matches.
// A recovery code alone does not count as one.
func (a *account) hasActive(matches func(*device) bool) bool {
	return slices.ContainsFunc(a.devices, func(d *device) bool {
		return d.active && d.factor != mfa.FactorRecoveryCode && matches(d)
	})
}

// kind is how the API represents a factor.
type kind struct {
	idPrefix          string
	authenticatorType string
	oobChannel        string     // "" if it is not out of band
	bindingMethod     string     // "prompt" if a code is sent
	requirement       string     // its name in mfa_requirements
	twin              mfa.Factor // comes with the same phone or app, and is deleted with it; "" if there is none
}

var kinds = map[mfa.Factor]kind{
	mfa.FactorEmail:        {"email", "oob", "email", "prompt", "email", ""},
	mfa.FactorSMS:          {"sms", "oob", "sms", "prompt", "phone", mfa.FactorVoice},
	mfa.FactorVoice:        {"voice", "oob", "voice", "prompt", "phone", mfa.FactorSMS},
	mfa.FactorPush:         {"push", "oob", "auth0", "", "push-notification", mfa.FactorOTP},
	mfa.FactorOTP:          {"totp", "otp", "", "", "otp", mfa.FactorPush},
	mfa.FactorRecoveryCode: {"recovery-code", "recovery-code", "", "", "recovery-code", ""},
}

func (d *device) kind() kind { return kinds[d.factor] }
