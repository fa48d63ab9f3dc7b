package mfatest

import (
	"net/http"
	"net/mail"
	"regexp"
	"slices"
	"time"

	"github.com/go-auth0-mfa/mfa"
)

// associateBody is the success of an association.
type associateBody struct {
	AuthenticatorType string   `json:"authenticator_type"`
	BindingMethod     string   `json:"binding_method,omitempty"`
	Secret            string   `json:"secret,omitempty"`
	BarcodeURI        string   `json:"barcode_uri,omitempty"`
	RecoveryCodes     []string `json:"recovery_codes,omitempty"`
	OOBChannel        string   `json:"oob_channel,omitempty"`
	OOBCode           string   `json:"oob_code,omitempty"`
}

// associate answers POST /mfa/associate. Client credentials are neither needed
// nor looked at.
//
// Auth0 docs: https://auth0.com/docs/secure/multi-factor-authentication/authenticate-using-ropg-flow-with-mfa/enroll-and-challenge-email-authenticators
func (t *Tenant) associate(c call) answer {
	s, refusal := t.bearer(c, mfa.ScopeEnroll, true)
	if refusal != nil {
		return *refusal
	}
	if c.broken != nil {
		return *c.broken
	}
	user := s.user
	if !s.jwt && user.activeWhere(func(d *device) bool { return !d.automatic || t.settings.emailEnrolled && t.usable(d) }) {
		return refuse(http.StatusForbidden, "access_denied", "User is already enrolled.")
	}
	factor, address, refusal := enrolment(c.params, user)
	if refusal != nil {
		return *refusal
	}
	switch {
	case t.settings.off[factor]: // not documented
		return refuse(http.StatusBadRequest, "invalid_request", "No MFA factors enabled for enrollment")
	case len(user.devices) >= limitAuthenticators: // not documented
		return refuse(http.StatusBadRequest, "invalid_request", "The user has reached the maximum number of authenticators")
	}
	if refusal := user.mayReceive(factor, c.now); refusal != nil && factor != mfa.FactorPush { // a QR code is not sent
		return *refusal
	}

	d := user.add(factor, address, false)
	d.enrolled = s
	body := associateBody{AuthenticatorType: d.kind().authenticatorType, OOBChannel: d.kind().oobChannel, BindingMethod: d.kind().bindingMethod}
	if factor == mfa.FactorOTP {
		body.Secret = base32Secret(d.secret)
	} else {
		body.OOBCode = t.openChallenge(c.now, s, d, PurposeEnroll).oobCode
	}
	if factor == mfa.FactorOTP || factor == mfa.FactorPush {
		body.BarcodeURI = t.barcodeURI(user, d)
	}
	if user.recovery == "" && !t.settings.noRecoveryCodes && len(user.devices) < limitAuthenticators {
		user.addRecoveryCode(user.activeWhere(func(d *device) bool { return !d.automatic }))
		body.RecoveryCodes = []string{user.recovery}
	}
	return reply(http.StatusOK, body)
}

var phoneNumber = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)

// enrolment reads what is to be enrolled. What the service says about a wrong
// type, channel or e-mail address is not documented, and neither is the code
// that comes with what it says about a phone number.
func enrolment(p params, user *account) (factor mfa.Factor, address string, refusal *answer) {
	types, channels := p.list("authenticator_types"), p.list("oob_channels")
	email, phone := p.text("email"), p.text("phone_number")
	if refusal := (params{"email": p["email"], "phone_number": p["phone_number"]}).check(); refusal != nil {
		return "", "", refusal
	}
	switch {
	case len(types) == 0:
		return "", "", missing("authenticator_types")
	case types[0] == "otp":
		return mfa.FactorOTP, "", nil
	case types[0] != "oob":
		a := refuse(http.StatusBadRequest, "invalid_request", "authenticator_types must be oob or otp")
		return "", "", &a
	case len(channels) == 0:
		return "", "", missing("oob_channels")
	}
	switch channels[0] {
	case "auth0":
		return mfa.FactorPush, "", nil
	case "email":
		if email == "" {
			return mfa.FactorEmail, user.email, nil
		}
		if parsed, err := mail.ParseAddress(email); err != nil || parsed.Address != email {
			a := refuse(http.StatusBadRequest, "invalid_request", "The email is invalid.")
			return "", "", &a
		}
		return mfa.FactorEmail, email, nil
	case "sms", "voice":
		if phone == "" {
			return "", "", missing("phone_number")
		}
		if !phoneNumber.MatchString(phone) {
			a := refuse(http.StatusBadRequest, "invalid_request", "The phone number is invalid.")
			return "", "", &a
		}
		return mfa.Factor(channels[0]), phone, nil
	default:
		a := refuse(http.StatusBadRequest, "invalid_request", "oob_channels must be one of auth0, email, sms, voice")
		return "", "", &a
	}
}

// mayReceive takes one of the messages that the user may still be sent. The
// wording is known for text messages; for e-mails and push notifications it is
// not documented, and neither is the status.
func (a *account) mayReceive(factor mfa.Factor, now time.Time) *answer {
	granted, what := true, ""
	switch factor {
	case mfa.FactorEmail:
		granted, what = a.mails.take(limitMails, now), "emails"
	case mfa.FactorSMS, mfa.FactorVoice:
		granted, what = a.texts.take(limitTexts, now), "SMS"
	case mfa.FactorPush:
		granted, what = a.pushes.take(limitPushes, now), "push notifications"
	}
	if granted {
		return nil
	}
	refusal := refuse(http.StatusBadRequest, "invalid_request", "Too many "+what+" sent by the user. Wait for some minutes before retrying.")
	return &refusal
}

// requirements are the mfa_requirements of mfa_required.
type requirements struct {
	Challenge      []requirement `json:"challenge,omitempty"`
	Enroll         []requirement `json:"enroll,omitempty"`
	ChallengeTypes []string      `json:"challenge_types,omitempty"`
}

type requirement struct {
	Type string `json:"type"`
}

// requirements says what the user can do; nil: the tenant is not set to say.
// E-mail is never among what can be enrolled.
func (t *Tenant) requirements(user *account) *requirements {
	if t.settings.challengeTypes {
		return &requirements{ChallengeTypes: []string{"otp", "oob"}}
	}
	if !t.settings.flexible {
		return nil
	}
	r := &requirements{}
	if user.activeWhere(t.usable) {
		for _, d := range user.devices {
			if next := (requirement{d.kind().requirement}); d.active && t.usable(d) && !slices.Contains(r.Challenge, next) {
				r.Challenge = append(r.Challenge, next)
			}
		}
		return r
	}
	for _, factor := range []mfa.Factor{mfa.FactorOTP, mfa.FactorPush, mfa.FactorSMS, mfa.FactorVoice} {
		if next := (requirement{kinds[factor].requirement}); !t.settings.off[factor] && !slices.Contains(r.Enroll, next) {
			r.Enroll = append(r.Enroll, next)
		}
	}
	return r
}
