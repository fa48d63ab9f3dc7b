package flow

import (
	"cmp"
	"context"
	"strings"
	"time"

	"github.com/go-auth0-mfa/mfa"
)

// Enrollment is what [Step.Enroll] enrols.
type Enrollment struct {
	// Factor is what to enrol; zero: [mfa.FactorEmail]. [Step.Factor] suggests one
	// in [StateEnroll].
	Factor mfa.Factor
	// Email is the address, for FactorEmail only; "": the one of the user's
	// account. White space around it is dropped.
	Email string
	// PhoneNumber is the number in E.164 form, such as "+4930901820". Required for
	// [mfa.FactorSMS] and [mfa.FactorVoice], for others refused. Blanks, dashes,
	// dots and parentheses in it are dropped.
	PhoneNumber string
}

// Enroll enrols the user's first authenticator. For e-mail, SMS and voice Auth0
// sends a code at once and nothing else is sent by this package: the step is in
// [StateEnterCode], and [Step.Submit] confirms. For [mfa.FactorOTP] show
// [Step.OTPSecret] or [Step.BarcodeURI] and submit what the app shows; for
// [mfa.FactorPush] show BarcodeURI, the step is in [StatePoll]. Show
// [Step.RecoveryCodes], if there are any.
//
// While the enrolment is unconfirmed Enroll may be called again, to correct an
// address. Each call adds an authenticator to the user, who can have 51, and
// takes one of [Step.SendsLeft]; the same address again is refused before
// [Step.ResendAt] with [*CooldownError].
//
// What the user typed wrongly is refused with [mfa.ErrInvalidRequest] and
// [mfa.ActionAskAgain]. After [mfa.ErrAlreadyEnrolled] the step is in
// [StateChoose]. After [mfa.ErrOutcomeUnknown] a message may be out, but the
// step cannot check its code. Other errors are those of [mfa.Client.Associate],
// and [ErrStepState].
func (s *Step) Enroll(ctx context.Context, e Enrollment) error {
	f, err := s.in("Enroll", StateEnroll, StateEnterCode, StatePoll)
	if err != nil {
		return err
	}
	if s.state != StateEnroll && !s.enrolling {
		// The user has an active authenticator. Whoever only knows the password must
		// not get around it by enrolling another, should Auth0 let them.
		return s.wrongState("Enroll")
	}
	return f.associate(ctx, s, enrolment{
		factor: cmp.Or(e.Factor, mfa.FactorEmail),
		email:  mfa.NewSecret(strings.TrimSpace(e.Email)),
		phone:  mfa.NewSecret(phoneNumber(e.PhoneNumber)),
	})
}

// enrolment is what was enrolled, to enrol it again. The address is none of a
// log's business, hence a Secret.
type enrolment struct {
	factor       mfa.Factor
	email, phone mfa.Secret
}

// target names where the message of the enrolment goes.
func (e enrolment) target() string {
	return "new " + string(e.factor) + " " + strings.ToLower(e.email.Reveal()) + e.phone.Reveal()
}

// phoneNumber drops what people put between digits.
func phoneNumber(typed string) string {
	return strings.Map(func(r rune) rune {
		if isSeparator(r) || strings.ContainsRune(".()", r) {
			return -1
		}
		return r
	}, typed)
}

// associate enrols, for the first time or again.
func (f *Flow) associate(ctx context.Context, s *Step, e enrolment) error {
	if err := f.maySend(s, e.target()); err != nil {
		return err
	}
	began := f.now()
	resp, err := f.client.Associate(ctx, mfa.AssociateRequest{
		Token: s.mfaToken, Factor: e.factor, Email: e.email.Reveal(), PhoneNumber: e.phone.Reveal(),
	})
	if err != nil {
		return f.sendFailed(ctx, s, e.target(), e.factor, err)
	}
	s.leave()
	s.factor, s.enrolling, s.enrolment = e.factor, true, e
	s.oobCode, s.otpSecret, s.barcodeURI = resp.OOBCode, resp.OTPSecret, resp.BarcodeURI
	if len(resp.RecoveryCodes) > 0 { // else those of an earlier enrolment stay good
		s.recoveryCodes = resp.RecoveryCodes
	}
	f.sent(s, e.target())
	s.awaitCode(began)
	switch e.factor {
	case mfa.FactorOTP:
		s.codeExpiresAt = time.Time{} // nothing was sent; the app always has a code
	case mfa.FactorPush:
		f.awaitPush(s) // the QR code lives as long as a code that was sent
	}
	return nil
}
