package mfatest

import "github.com/go-auth0-mfa/mfa"

// kind is what the API makes of a factor.
type kind struct {
	idPrefix          string
	authenticatorType string
	oobChannel        string     // "": not out of band
	bindingMethod     string     // "prompt": a code is sent
	requirement       string     // its name in mfa_requirements
	twin              mfa.Factor // comes with the same phone or app, and is deleted with it; "": none
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
