package mfatest

import (
	"net/http"
	"strings"

	"github.com/go-auth0-mfa/mfa"
)

// authenticatorBody is an element of the list.
type authenticatorBody struct {
	ID                string `json:"id"`
	AuthenticatorType string `json:"authenticator_type"`
	Active            bool   `json:"active"`
	OOBChannel        string `json:"oob_channel,omitempty"`
	Name              string `json:"name,omitempty"`
	Type              string `json:"type,omitempty"`
}

// list is GET /mfa/authenticators.
//
// Auth0 docs: https://auth0.com/docs/secure/multi-factor-authentication/manage-mfa-auth0-apis/manage-authenticator-factors-mfa-api
func (t *Tenant) list(c call) (response, error) {
	s, err := t.bearer(c, mfa.ScopeReadAuthenticators, true)
	if err != nil {
		return response{}, err
	}
	all := []authenticatorBody{}
	for _, d := range s.user.devices {
		if !t.listed(d) {
			continue
		}
		a := authenticatorBody{ID: d.id, AuthenticatorType: d.kind().authenticatorType, Active: d.active, OOBChannel: d.kind().oobChannel, Name: d.name()}
		if t.config.flexible {
			a.Type = d.kind().requirement
		}
		all = append(all, a)
	}
	return respond(http.StatusOK, all), nil
}

// remove is DELETE /mfa/authenticators/{id}. Of the refusal of an unknown ID only
// the status 404 is documented. How Auth0 refuses to delete a verified e-mail
// that nobody enrolled is not documented.
//
// Auth0 docs: https://auth0.com/docs/api/authentication/multi-factor-authentication/delete-authenticator
func (t *Tenant) remove(c call) (response, error) {
	s, err := t.bearer(c, mfa.ScopeRemoveAuthenticators, false)
	if err != nil {
		return response{}, err
	}
	d := s.user.device(c.id)
	switch {
	case d == nil:
		return response{}, refuse(http.StatusNotFound, "not_found", "Authenticator not found")
	case d.automatic:
		return response{}, refuse(http.StatusForbidden, "access_denied", "A verified email cannot be deleted")
	}
	s.user.remove(d)
	return response{status: http.StatusNoContent, header: http.Header{}}, nil
}

// enabled reports whether the authenticator's factor is on.
func (t *Tenant) enabled(d *device) bool { return !t.config.off[d.factor] }

// listed reports whether the list has the authenticator. A verified e-mail is
// not listed while the factor is off.
func (t *Tenant) listed(d *device) bool { return !d.automatic || t.enabled(d) }

// name returns the masked address or number, or "" for other factors.
func (d *device) name() string {
	switch d.factor {
	case mfa.FactorEmail:
		local, domain, _ := strings.Cut(d.address, "@")
		return mask(local) + "@" + mask(domain)
	case mfa.FactorSMS, mfa.FactorVoice:
		shown := max(0, len(d.address)-4)
		return strings.Repeat("X", shown) + d.address[shown:]
	default:
		return ""
	}
}

// mask masks one side of an address: all but the first four characters, or all
// of it if it has no more than four.
func mask(part string) string {
	runes := []rune(part)
	shown := 0
	if len(runes) > 4 {
		shown = 4
	}
	return string(runes[:shown]) + strings.Repeat("*", len(runes)-shown)
}
