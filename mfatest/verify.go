package mfatest

import (
	"crypto/subtle"
	"net/http"
	"slices"

	"github.com/go-auth0-mfa/mfa"
)

// verifyOOB is the mfa-oob grant, the only one with a rate limit of its own.
//
// Auth0 docs: https://auth0.com/docs/api/authentication/multi-factor-authentication/verify-with-out-of-band
func (t *Tenant) verifyOOB(c call) answer {
	s, refusal := t.bodySession(c, true)
	if refusal != nil {
		return *refusal
	}
	if !s.exchanges.take(limitExchanges, c.now) {
		return s.exchanges.tooManyRequests(limitExchanges, c.now)
	}
	a := t.verifyChallenge(c, s)
	s.exchanges.policy(limitExchanges, c.now, a.header)
	return a
}

func (t *Tenant) verifyChallenge(c call, s *session) answer {
	ch := t.challenges[c.params.text("oob_code")]
	switch {
	case ch == nil:
		return malformed("oob_code")
	case ch.session != s:
		return refuse(http.StatusBadRequest, "invalid_request", "The oob_code doesn't match the mfa_token")
	case ch.code == "": // a push; that the oob_code is dead shows in the mfa_token, which is older
		return t.poll(c, ch)
	}
	if refusal := c.params.check("binding_code"); refusal != nil {
		return *refusal
	}
	user := s.user
	if user.wrongCodes.left(limitWrongCodes, c.now) == 0 {
		return tooManyCodes()
	}
	// That a code which is too old, used or replaced counts as a wrong one is not documented.
	good := ch.device.newest == ch && !ch.spent && c.now.Before(ch.codeExpires)
	if !good || !same(ch.code, c.params.text("binding_code")) {
		user.wrongCodes.take(limitWrongCodes, c.now)
		return refuse(http.StatusForbidden, "invalid_grant", "Invalid binding_code.")
	}
	ch.spent = true
	user.confirm(ch.device)
	return t.proven(c, s, "")
}

// verifyOTP is the mfa-otp grant. A one-time password works as long as its time
// lasts; whether the service takes it twice is not documented.
//
// Auth0 docs: https://auth0.com/docs/api/authentication/multi-factor-authentication/verify-mfa-with-otp
func (t *Tenant) verifyOTP(c call) answer {
	s, refusal := t.bodySession(c, true)
	if refusal != nil {
		return *refusal
	}
	var candidates []*device
	for _, d := range s.user.devices {
		if d.factor == mfa.FactorOTP && (d.active && !s.jwt || !d.active && d.enrolled == s) {
			candidates = append(candidates, d)
		}
	}
	switch {
	case len(candidates) == 0 && s.jwt:
		return malformed("mfa_token")
	case len(candidates) == 0 && !s.user.activeWhere(t.listed):
		return notEnrolled()
	case len(candidates) == 0:
		return refuse(http.StatusUnauthorized, "unsupported_challenge_type", "User is not enrolled with google-authenticator")
	case s.user.wrongCodes.left(limitWrongCodes, c.now) == 0:
		return tooManyCodes()
	}
	i := slices.IndexFunc(candidates, func(d *device) bool { return acceptsTOTP(d.secret, c.params.text("otp"), c.now) })
	if i < 0 {
		s.user.wrongCodes.take(limitWrongCodes, c.now)
		return refuse(http.StatusForbidden, "invalid_grant", "Invalid otp_code.")
	}
	s.user.confirm(candidates[i])
	return t.proven(c, s, "")
}

// verifyRecovery is the mfa-recovery-code grant.
//
// Auth0 docs: https://auth0.com/docs/api/authentication/multi-factor-authentication/verify-with-recovery-code
func (t *Tenant) verifyRecovery(c call) answer {
	s, refusal := t.bodySession(c, false)
	if refusal != nil {
		return *refusal
	}
	user := s.user
	active := slices.ContainsFunc(user.devices, func(d *device) bool { return d.factor == mfa.FactorRecoveryCode && d.active })
	switch {
	case !active:
		return refuse(http.StatusForbidden, "unsupported_challenge_type", "User does not have a recovery-code.")
	case user.wrongRecovery.left(limitWrongRecovery, c.now) == 0:
		return tooManyCodes()
	case !same(user.recovery, c.params.text("recovery_code")):
		user.wrongRecovery.take(limitWrongRecovery, c.now)
		return refuse(http.StatusForbidden, "invalid_grant", "MFA Authorization rejected.")
	}
	user.recovery = randomText(recoveryText, 24)
	return t.proven(c, s, user.recovery)
}

// proven goes on after a right code: to the next factor of a chain, or to the
// tokens. The mfa_token lives on until it expires.
func (t *Tenant) proven(c call, s *session, recoveryCode string) answer {
	if !s.jwt && s.passed < t.settings.chain {
		return t.required(c.now, s.grant, s.passed+1)
	}
	g := s.grant
	g.mfa = true
	return t.tokens(c.now, g, recoveryCode)
}

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
