package mfatest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/go-auth0-mfa/mfa"
)

// User is a user of the tenant; see [Tenant.AddUser].
type User struct {
	// Email is the address that the user logs in with, in any case. Required.
	Email string
	// Password is what the user logs in with; empty: no password login succeeds.
	Password string
	// EmailVerified makes the address an authenticator that the user never
	// enrolled: active, listed, and not to be deleted.
	EmailVerified bool
	// Authenticators are what the user enrolled earlier, in that order.
	Authenticators []Authenticator
	// RecoveryCode gives the user a recovery code; see [Tenant.RecoveryCode].
	// Without it the tenant hands one out with the user's first association.
	RecoveryCode bool
}

// Authenticator is an authenticator of a user: one that a [User] enrolled before
// the test, or one that [Tenant.Authenticators] found.
type Authenticator struct {
	// Factor is what it is of: mfa.FactorEmail, FactorSMS, FactorVoice,
	// FactorPush or FactorOTP. Required; for recovery codes see User.
	Factor mfa.Factor
	// Address is the phone number of FactorSMS and FactorVoice, required there,
	// and the e-mail address of FactorEmail, where empty means the user's own.
	// The other factors have none.
	Address string
	// Active tells whether the enrolment was confirmed. An unconfirmed one is
	// listed but of no use.
	Active bool
}

// account is a user as the tenant keeps it.
type account struct {
	id       string // sub
	email    string
	password string
	verified bool
	devices  []*device
	recovery string // the one valid recovery code; "": none

	wrongCodes, wrongRecovery bucket
	mails, texts, pushes      bucket
	waiting                   []*challenge // push challenges
}

// device is an authenticator as the tenant keeps it.
type device struct {
	id        string
	factor    mfa.Factor
	address   string
	active    bool
	automatic bool       // a verified e-mail that nobody enrolled
	secret    []byte     // FactorOTP
	enrolled  *session   // that enrolled it; nil: before the test
	newest    *challenge // whose code counts
}

// AddUser adds a user. It panics if the tenant has a user of that address, or
// if an authenticator makes no sense.
func (t *Tenant) AddUser(u User) {
	if u.Email == "" {
		panic("mfatest: AddUser: a user needs an Email")
	}
	a := &account{id: "auth0|" + randomHex(12), email: u.Email, password: u.Password, verified: u.EmailVerified}
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

// Authenticators returns what the user has enrolled, in that order, with
// addresses in clear; nil: nothing. A verified address is among it while the
// factor is on. Recovery codes are not: see [Tenant.RecoveryCode]. It panics if
// there is no such user.
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

// account returns the user of the address on behalf of the helper.
func (t *Tenant) account(helper, email string) *account {
	a := t.accounts[strings.ToLower(email)]
	if a == nil {
		panic("mfatest: " + helper + ": there is no user " + email)
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

// addRecoveryCode gives the account its first recovery code, which works from
// the moment that an authenticator is active.
func (a *account) addRecoveryCode(active bool) {
	a.add(mfa.FactorRecoveryCode, "", active)
	a.recovery = randomText(recoveryText, 24)
}

// newID makes an id. Twins share the part behind the prefix: text message and
// call of one number, and push and one-time password, which come with one app.
func (a *account) newID(factor mfa.Factor, address string) string {
	k := kinds[factor]
	for _, d := range a.devices {
		if d.factor == k.twin && fold(d.address) == fold(address) {
			id := k.idPrefix + d.suffix()
			if a.device(id) == nil {
				return id
			}
		}
	}
	return k.idPrefix + "|dev_" + randomText(alphanumeric, 16)
}

// suffix returns the part of the id behind the prefix.
func (d *device) suffix() string { return strings.TrimPrefix(d.id, d.kind().idPrefix) }

// device returns the authenticator of the id; nil: there is none.
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
		gone := other == d || other.factor == d.kind().twin && other.suffix() == d.suffix()
		if gone {
			other.newest = nil
		}
		return gone
	})
	if d.factor == mfa.FactorRecoveryCode {
		a.recovery = ""
	}
}

// confirm makes the authenticator active, and with it the recovery code.
func (a *account) confirm(d *device) {
	d.active = true
	for _, other := range a.devices {
		if other.factor == mfa.FactorRecoveryCode {
			other.active = true
		}
	}
}

// activeWhere reports whether an active authenticator fits. A recovery code
// alone is no authenticator.
func (a *account) activeWhere(fits func(*device) bool) bool {
	return slices.ContainsFunc(a.devices, func(d *device) bool {
		return d.active && d.factor != mfa.FactorRecoveryCode && fits(d)
	})
}
