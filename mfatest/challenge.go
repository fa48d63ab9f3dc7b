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

// challenge is POST /mfa/challenge.
//
// Auth0 docs: https://auth0.com/docs/api/authentication/multi-factor-authentication/request-mfa-challenge
func (t *Tenant) challenge(c call) (response, error) {
	if c.broken != nil {
		return response{}, c.broken
	}
	err := c.params.check("mfa_token")
	if err != nil {
		return response{}, err
	}
	c.app, err = t.authenticate(c)
	if err != nil {
		return response{}, err
	}
	s, err := t.bodySession(c, false)
	if err != nil {
		return response{}, err
	}
	d, err := t.chooseDevice(c.params, s.user)
	if err != nil {
		return response{}, err
	}
	if d.factor == mfa.FactorOTP {
		return respond(http.StatusOK, challengeBody{ChallengeType: "otp"}), nil
	}
	if err := s.user.takeMessage(d.factor, c.now); err != nil {
		return response{}, err
	}
	ch := t.openChallenge(c.now, s, d, PurposeChallenge)
	return respond(http.StatusOK, challengeBody{ChallengeType: "oob", OOBCode: ch.oobCode, BindingMethod: d.kind().bindingMethod}), nil
}

// chooseDevice returns the authenticator to challenge: the one that the request
// names, or else the first that matches and is not an e-mail. What Auth0 does
// when e-mail is all there is, and how it refuses an unknown ID, is not
// documented.
func (t *Tenant) chooseDevice(p params, user *account) (*device, error) {
	if !user.hasActive(t.listed) {
		if t.config.association {
			return nil, refuse(http.StatusBadRequest, "association_required", "The user has no authenticator. Associate one first.")
		}
		return nil, notEnrolled()
	}
	requested := p.text("challenge_type")
	types := strings.Fields(requested)
	matches := func(d *device) bool {
		return d.factor != mfa.FactorRecoveryCode && (len(types) == 0 || slices.Contains(types, d.kind().authenticatorType))
	}
	if id := p.text("authenticator_id"); id != "" {
		d := user.device(id)
		switch {
		case d == nil || !d.active:
			return nil, refuse(http.StatusBadRequest, "invalid_authenticator", "The authenticator does not exist")
		case !matches(d):
			return nil, unsupported("The user does not support the requested challenge type (" + requested + "). Supported type: " + d.kind().authenticatorType + ".")
		case !t.enabled(d):
			return nil, unsupported("Currently there is no supported challenge available.")
		}
		return d, nil
	}
	for _, d := range user.devices {
		if d.active && matches(d) && t.enabled(d) && d.factor != mfa.FactorEmail {
			return d, nil
		}
	}
	return nil, unsupported("The user does not support any of the requested challenge types (" + requested + "). Currently there is no supported challenge available.")
}

func unsupported(description string) error {
	return refuse(http.StatusUnauthorized, "unsupported_challenge_type", description)
}
