package mfa

import (
	"slices"
)

// Factor names a kind of second factor. The type is open: a factor that this package
// does not know keeps the name that Auth0 gave it.
//
// Auth0 docs: https://auth0.com/docs/secure/multi-factor-authentication/multi-factor-authentication-factors
type Factor string

// The factors of Auth0's MFA API.
const (
	FactorEmail        Factor = "email"         // a code by e-mail
	FactorSMS          Factor = "sms"           // a code by text message
	FactorVoice        Factor = "voice"         // a code by phone call
	FactorPush         Factor = "push"          // a notification in the Guardian app, approved or rejected there
	FactorOTP          Factor = "otp"           // a code from an authenticator app
	FactorRecoveryCode Factor = "recovery-code" // a code that the user keeps for when every other factor is lost
)

// factorNamed returns the factor that Auth0 calls by this name, as a type, a channel,
// the prefix of an ID or a requirement. "oob" and "phone" stand for several factors, so
// they name none.
func factorNamed(name string) (Factor, bool) {
	switch name {
	case "email", "sms", "voice", "push", "otp", "recovery-code":
		return Factor(name), true
	case "auth0", "push-notification":
		return FactorPush, true
	case "totp":
		return FactorOTP, true
	default:
		return "", false
	}
}

// Requirements lists the factors that Auth0 accepts for this login: the mfa_requirements
// of an mfa_required response. Most tenants send none. The names are Auth0's: "email",
// "phone", "otp", "push-notification", "recovery-code" and others.
//
// Auth0 docs: https://auth0.com/docs/secure/multi-factor-authentication/authenticate-using-ropg-flow-with-mfa
type Requirements struct {
	Challenge []string // factors to challenge; nil if Auth0 sent none
	Enroll    []string // factors to enroll; nil if Auth0 sent none
}

// CanChallenge reports whether f may be challenged. It returns true if Auth0 sent no
// list.
func (r Requirements) CanChallenge(f Factor) bool {
	return r.Challenge == nil || f.namedIn(r.Challenge)
}

// CanEnroll reports whether f may be enrolled. It returns true if Auth0 sent no list. Do
// not refuse e-mail because of it: Auth0's own pages disagree on whether the list ever
// names e-mail.
func (r Requirements) CanEnroll(f Factor) bool { return r.Enroll == nil || f.namedIn(r.Enroll) }

// namedIn reports whether one of the names stands for the factor.
func (f Factor) namedIn(names []string) bool {
	return slices.ContainsFunc(names, func(name string) bool {
		switch name {
		case "oob":
			return f == FactorEmail || f == FactorSMS || f == FactorVoice || f == FactorPush
		case "phone":
			return f == FactorSMS || f == FactorVoice
		default:
			named, ok := factorNamed(name)
			return ok && named == f || name == string(f)
		}
	})
}
