package mfatest

import (
	"net/http"
	"slices"
	"strings"

	"github.com/go-auth0-mfa/mfa"
)

// challengeBody is the success of a challenge.
type challengeBody struct {
	ChallengeType string `json:"challenge_type"`
	OOBCode       string `json:"oob_code,omitempty"`
	BindingMethod string `json:"binding_method,omitempty"`
}

// challenge answers POST /mfa/challenge.
//
// Auth0 docs: https://auth0.com/docs/api/authentication/multi-factor-authentication/request-mfa-challenge
func (t *Tenant) challenge(c call) answer {
	if c.broken != nil {
		return *c.broken
	}
	if refusal := c.params.check("mfa_token"); refusal != nil {
		return *refusal
	}
	app, refusal := t.authenticate(c)
	if refusal != nil {
		return *refusal
	}
	c.app = app
	s, refusal := t.bodySession(c, false)
	if refusal != nil {
		return *refusal
	}
	d, refusal := t.challenged(c.params, s.user)
	if refusal != nil {
		return *refusal
	}
	if d.factor == mfa.FactorOTP {
		return reply(http.StatusOK, challengeBody{ChallengeType: "otp"})
	}
	if refusal := s.user.mayReceive(d.factor, c.now); refusal != nil {
		return *refusal
	}
	ch := t.openChallenge(c.now, s, d, PurposeChallenge)
	return reply(http.StatusOK, challengeBody{ChallengeType: "oob", OOBCode: ch.oobCode, BindingMethod: d.kind().bindingMethod})
}

// challenged returns the authenticator to challenge: the one that was named,
// or else the first that fits, though never an e-mail. What the service does
// when e-mail is all there is, and its words for an unknown id, are not
// documented.
func (t *Tenant) challenged(p params, user *account) (*device, *answer) {
	if !user.activeWhere(t.listed) {
		a := notEnrolled()
		if t.settings.association {
			a = refuse(http.StatusBadRequest, "association_required", "The user has no authenticator. Associate one first.")
		}
		return nil, &a
	}
	asked := p.text("challenge_type")
	types := strings.Fields(asked)
	fits := func(d *device) bool {
		return d.factor != mfa.FactorRecoveryCode && (len(types) == 0 || slices.Contains(types, d.kind().authenticatorType))
	}
	if id := p.text("authenticator_id"); id != "" {
		d := user.device(id)
		switch {
		case d == nil || !d.active:
			a := refuse(http.StatusBadRequest, "invalid_authenticator", "The authenticator does not exist")
			return nil, &a
		case !fits(d):
			return nil, unsupported("The user does not support the requested challenge type (" + asked + "). Supported type: " + d.kind().authenticatorType + ".")
		case !t.usable(d):
			return nil, unsupported("Currently there is no supported challenge available.")
		}
		return d, nil
	}
	for _, d := range user.devices {
		if d.active && fits(d) && t.usable(d) && d.factor != mfa.FactorEmail {
			return d, nil
		}
	}
	return nil, unsupported("The user does not support any of the requested challenge types (" + asked + "). Currently there is no supported challenge available.")
}

func unsupported(text string) *answer {
	a := refuse(http.StatusUnauthorized, "unsupported_challenge_type", text)
	return &a
}
