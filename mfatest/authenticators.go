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

// list answers GET /mfa/authenticators.
//
// Auth0 docs: https://auth0.com/docs/secure/multi-factor-authentication/manage-mfa-auth0-apis/manage-authenticator-factors-mfa-api
func (t *Tenant) list(c call) answer {
	s, refusal := t.bearer(c, mfa.ScopeReadAuthenticators, true)
	if refusal != nil {
		return *refusal
	}
	all := []authenticatorBody{}
	for _, d := range s.user.devices {
		if !t.listed(d) {
			continue
		}
		a := authenticatorBody{ID: d.id, AuthenticatorType: d.kind().authenticatorType, Active: d.active, OOBChannel: d.kind().oobChannel, Name: d.name()}
		if t.settings.flexible {
			a.Type = d.kind().requirement
		}
		all = append(all, a)
	}
	return reply(http.StatusOK, all)
}

// remove answers DELETE /mfa/authenticators/{id}. What the service says about an
// unknown id, beside status 404, and about a verified e-mail that nobody
// enrolled is not documented.
//
// Auth0 docs: https://auth0.com/docs/api/authentication/multi-factor-authentication/delete-authenticator
func (t *Tenant) remove(c call) answer {
	s, refusal := t.bearer(c, mfa.ScopeRemoveAuthenticators, false)
	if refusal != nil {
		return *refusal
	}
	d := s.user.device(c.id)
	switch {
	case d == nil:
		return refuse(http.StatusNotFound, "not_found", "Authenticator not found")
	case d.automatic:
		return refuse(http.StatusForbidden, "access_denied", "A verified email cannot be deleted")
	}
	s.user.remove(d)
	return answer{status: http.StatusNoContent, header: http.Header{}}
}

// usable reports whether the tenant has the authenticator's factor switched on.
func (t *Tenant) usable(d *device) bool { return !t.settings.off[d.factor] }

// listed reports whether the list shows the authenticator. A verified e-mail is
// none while the factor is switched off.
func (t *Tenant) listed(d *device) bool { return !d.automatic || t.usable(d) }

// name returns what the list shows of address or number; "" for other factors.
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

// mask stars one side of an address: all of it, or all but the first four
// characters if there are more.
func mask(part string) string {
	runes := []rune(part)
	shown := 0
	if len(runes) > 4 {
		shown = 4
	}
	return string(runes[:shown]) + strings.Repeat("*", len(runes)-shown)
}
