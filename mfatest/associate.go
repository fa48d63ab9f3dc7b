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

// associate is POST /mfa/associate. It neither requires nor checks client
// credentials.
//
// Auth0 docs: https://auth0.com/docs/secure/multi-factor-authentication/authenticate-using-ropg-flow-with-mfa/enroll-and-challenge-email-authenticators
func (t *Tenant) associate(c call) (response, error) {
	s, err := t.bearer(c, mfa.ScopeEnroll, true)
	if err != nil {
		return response{}, err
	}
	if c.broken != nil {
		return response{}, c.broken
	}
	user := s.user
	if !s.jwt && user.hasActive(func(d *device) bool { return !d.automatic || t.config.emailEnrolled && t.enabled(d) }) {
		return response{}, refuse(http.StatusForbidden, "access_denied", "User is already enrolled.")
	}
	factor, address, err := parseEnrollment(c.params, user)
	if err != nil {
		return response{}, err
	}
	switch {
	case t.config.off[factor]: // not documented
		return response{}, refuse(http.StatusBadRequest, "invalid_request", "No MFA factors enabled for enrollment")
	case len(user.devices) >= limitAuthenticators: // not documented
		return response{}, refuse(http.StatusBadRequest, "invalid_request", "The user has reached the maximum number of authenticators")
	}
	// A QR code is not sent, but takes a push notification as well.
	if err := user.takeMessage(factor, c.now); err != nil && factor != mfa.FactorPush {
		return response{}, err
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
	if user.recovery == "" && !t.config.noRecoveryCodes && len(user.devices) < limitAuthenticators {
		user.addRecoveryCode(user.hasActive(func(d *device) bool { return !d.automatic }))
		body.RecoveryCodes = []string{user.recovery}
	}
	return respond(http.StatusOK, body), nil
}

var phoneNumber = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)

// parseEnrollment returns the factor and the address to enroll. How Auth0
// refuses an invalid type, channel or e-mail address is not documented. Of the
// refusal of a phone number the text is documented, but not the code.
func parseEnrollment(p params, user *account) (factor mfa.Factor, address string, err error) {
	types, channels := p.list("authenticator_types"), p.list("oob_channels")
	email, phone := p.text("email"), p.text("phone_number")
	if err := (params{"email": p["email"], "phone_number": p["phone_number"]}).check(); err != nil {
		return "", "", err
	}
	invalid := func(description string) (mfa.Factor, string, error) {
		return "", "", refuse(http.StatusBadRequest, "invalid_request", description)
	}
	switch {
	case len(types) == 0:
		return "", "", missing("authenticator_types")
	case types[0] == "otp":
		return mfa.FactorOTP, "", nil
	case types[0] != "oob":
		return invalid("authenticator_types must be oob or otp")
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
			return invalid("The email is invalid.")
		}
		return mfa.FactorEmail, email, nil
	case "sms", "voice":
		if phone == "" {
			return "", "", missing("phone_number")
		}
		if !phoneNumber.MatchString(phone) {
			return invalid("The phone number is invalid.")
		}
		return mfa.Factor(channels[0]), phone, nil
	default:
		return invalid("oob_channels must be one of auth0, email, sms, voice")
	}
}

// takeMessage counts a message to the user, and refuses one beyond the limit.
// The text is documented for text messages only; the status is not.
func (a *account) takeMessage(factor mfa.Factor, now time.Time) error {
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
	return refuse(http.StatusBadRequest, "invalid_request", "Too many "+what+" sent by the user. Wait for some minutes before retrying.")
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

// requirements returns what the user can do, or nil if no option sets it. E-mail
// is never among what can be enrolled.
func (t *Tenant) requirements(user *account) *requirements {
	if t.config.challengeTypes {
		return &requirements{ChallengeTypes: []string{"otp", "oob"}}
	}
	if !t.config.flexible {
		return nil
	}
	r := &requirements{}
	named := func(factor mfa.Factor) bool {
		return len(user.askedFor) == 0 || slices.ContainsFunc(user.askedFor, func(asked mfa.Factor) bool {
			return kinds[asked].requirement == kinds[factor].requirement
		})
	}
	for _, d := range user.devices {
		if next := (requirement{d.kind().requirement}); d.active && t.enabled(d) && named(d.factor) && !slices.Contains(r.Challenge, next) {
			r.Challenge = append(r.Challenge, next)
		}
	}
	if user.hasActive(func(d *device) bool { return t.enabled(d) && named(d.factor) }) {
		return r
	}
	r.Challenge = nil // a recovery code alone
	for _, factor := range []mfa.Factor{mfa.FactorOTP, mfa.FactorPush, mfa.FactorSMS, mfa.FactorVoice} {
		if next := (requirement{kinds[factor].requirement}); !t.config.off[factor] && named(factor) && !slices.Contains(r.Enroll, next) {
			r.Enroll = append(r.Enroll, next)
		}
	}
	return r
}
