package mfa_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/go-auth0-mfa/mfa"
)

func TestAuthenticator_Factor(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		authenticator mfa.Authenticator
		want          mfa.Factor
	}{
		"type":                        {mfa.Authenticator{AuthenticatorType: "otp"}, mfa.FactorOTP},
		"type before channel":         {mfa.Authenticator{AuthenticatorType: "recovery-code", OOBChannel: "sms", ID: "email|dev_1"}, mfa.FactorRecoveryCode},
		"channel":                     {mfa.Authenticator{AuthenticatorType: "oob", OOBChannel: "email"}, mfa.FactorEmail},
		"channel before id":           {mfa.Authenticator{AuthenticatorType: "oob", OOBChannel: "voice", ID: "sms|dev_1"}, mfa.FactorVoice},
		"channel of push":             {mfa.Authenticator{AuthenticatorType: "oob", OOBChannel: "auth0"}, mfa.FactorPush},
		"channel sms":                 {mfa.Authenticator{AuthenticatorType: "oob", OOBChannel: "sms"}, mfa.FactorSMS},
		"id":                          {mfa.Authenticator{AuthenticatorType: "oob", ID: "email|dev_1"}, mfa.FactorEmail},
		"id of an app":                {mfa.Authenticator{ID: "totp|dev_1"}, mfa.FactorOTP},
		"id of push":                  {mfa.Authenticator{AuthenticatorType: "oob", ID: "push|dev_1"}, mfa.FactorPush},
		"id, channel unknown":         {mfa.Authenticator{AuthenticatorType: "oob", OOBChannel: "carrier-pigeon", ID: "sms|dev_1"}, mfa.FactorSMS},
		"id of a recovery code":       {mfa.Authenticator{ID: "recovery-code|dev_1"}, mfa.FactorRecoveryCode},
		"unknown type":                {mfa.Authenticator{AuthenticatorType: "webauthn-roaming", ID: "webauthn|dev_1"}, "webauthn-roaming"},
		"nothing but a type":          {mfa.Authenticator{AuthenticatorType: "oob"}, "oob"},
		"nothing that names a factor": {mfa.Authenticator{ID: "dev_1"}, "unknown"},
		"nothing":                     {mfa.Authenticator{}, "unknown"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, tt.want, tt.authenticator.Factor())
		})
	}
}

func TestRequirements(t *testing.T) {
	t.Parallel()
	factors := []mfa.Factor{
		mfa.FactorEmail, mfa.FactorSMS, mfa.FactorVoice, mfa.FactorPush, mfa.FactorOTP, mfa.FactorRecoveryCode, "webauthn-roaming",
	}
	for name, tt := range map[string]struct {
		names []string
		want  []mfa.Factor
	}{
		"nothing was said":   {nil, factors},
		"none":               {[]string{}, nil},
		"email":              {[]string{"email"}, []mfa.Factor{mfa.FactorEmail}},
		"phone":              {[]string{"phone"}, []mfa.Factor{mfa.FactorSMS, mfa.FactorVoice}},
		"push":               {[]string{"push-notification"}, []mfa.Factor{mfa.FactorPush}},
		"push as a channel":  {[]string{"auth0"}, []mfa.Factor{mfa.FactorPush}},
		"app":                {[]string{"otp"}, []mfa.Factor{mfa.FactorOTP}},
		"app, other name":    {[]string{"totp"}, []mfa.Factor{mfa.FactorOTP}},
		"recovery code":      {[]string{"recovery-code"}, []mfa.Factor{mfa.FactorRecoveryCode}},
		"out of band":        {[]string{"oob"}, []mfa.Factor{mfa.FactorEmail, mfa.FactorSMS, mfa.FactorVoice, mfa.FactorPush}},
		"unknown here":       {[]string{"webauthn-roaming"}, []mfa.Factor{"webauthn-roaming"}},
		"unknown everywhere": {[]string{"carrier-pigeon"}, nil},
		"several":            {[]string{"carrier-pigeon", "sms", "email"}, []mfa.Factor{mfa.FactorEmail, mfa.FactorSMS}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var challenge, enroll []mfa.Factor
			for _, f := range factors {
				if (mfa.Requirements{Challenge: tt.names, Enroll: []string{}}).CanChallenge(f) {
					challenge = append(challenge, f)
				}
				if (mfa.Requirements{Enroll: tt.names, Challenge: []string{}}).CanEnroll(f) {
					enroll = append(enroll, f)
				}
			}
			assert.Equal(t, tt.want, challenge)
			assert.Equal(t, tt.want, enroll)
		})
	}
}

// An association's factor is read from what Auth0 sent, so that a page need not
// remember what it asked for.
func TestAssociateResponse_Factor(t *testing.T) {
	t.Parallel()
	for want, r := range map[mfa.Factor]mfa.AssociateResponse{
		mfa.FactorEmail: {AuthenticatorType: "oob", OOBChannel: "email"},
		mfa.FactorSMS:   {AuthenticatorType: "oob", OOBChannel: "sms"},
		mfa.FactorVoice: {AuthenticatorType: "oob", OOBChannel: "voice"},
		mfa.FactorPush:  {AuthenticatorType: "oob", OOBChannel: "auth0"},
		mfa.FactorOTP:   {AuthenticatorType: "otp"},
		"oob":           {AuthenticatorType: "oob"},
		"unknown":       {},
	} {
		assert.Equal(t, want, r.Factor())
	}
}
