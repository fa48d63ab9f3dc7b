package flow

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/internal/input"
)

// Enrollment holds the parameters of [Step.Enroll]. fmt and log/slog print it with
// address and number masked. JSON and other encodings have them in clear, because a
// masked address that is read back would be enrolled.
type Enrollment struct {
	// Factor is the factor to enroll. If zero, it is [mfa.FactorEmail]. In
	// [StateEnroll], [Step.Factor] suggests one.
	Factor mfa.Factor
	// Email is the address, for FactorEmail only. If empty, it is the address of
	// the user's account. Space around it and invisible characters are dropped, and
	// full-width characters become plain ones.
	Email string
	// PhoneNumber is the number in E.164 form, such as "+4930901820". It is
	// required for [mfa.FactorSMS] and [mfa.FactorVoice], and refused for others.
	// Spaces, dashes, dots, parentheses and invisible characters in it are dropped,
	// and the digits of any script are read.
	PhoneNumber string
}

// BeginEnrollment starts a step in which a user who is signed in adds an
// authenticator, beside those that the user may have. It makes no request. The step
// is in [StateEnroll]: go on with [Step.Enroll], and confirm with [Step.Submit] or
// [Step.Poll].
//
// The access token is one for [mfa.Client.MFAAudience] with [mfa.ScopeEnroll], which
// Auth0 issues for 10 minutes. [Step.LoadAuthenticators] needs
// [mfa.ScopeReadAuthenticators] as well. The step expires after 10 minutes, which is
// [Step.ExpiresAt]. Without the scope, the calls return [mfa.ErrInvalidRequest] and
// [mfa.ActionFix]; [mfa.Error.Hint] names the scope. After the token has expired they
// return [mfa.ErrInvalidToken] and [mfa.ActionRestartLogin]: get another token, and
// begin again.
//
// [StateDone] means that the authenticator is active. It is no sign-in, and so
// [Step.Token] returns nil. Auth0 does not document that another factor can be due
// after the confirmation. Should that happen, the step goes on as in [Flow.Begin].
//
// If the token is zero, the session of the page is gone: the error is
// [mfa.ErrInvalidToken] and [mfa.ErrInvalidRequest].
//
// Auth0 docs: https://auth0.com/docs/secure/multi-factor-authentication/manage-mfa-auth0-apis/manage-authenticator-factors-mfa-api
func (f *Flow) BeginEnrollment(_ context.Context, accessToken mfa.Secret) (*Step, error) {
	if err := f.valid("BeginEnrollment"); err != nil {
		return nil, err
	}
	if accessToken.IsZero() {
		return nil, fmt.Errorf("flow: BeginEnrollment: the access token is zero: %w, %w", mfa.ErrInvalidToken, mfa.ErrInvalidRequest)
	}
	d := newData(forAccount)
	f.restart(d, &mfa.RequiredError{MFAToken: accessToken})
	d.state, d.factor = StateEnroll, f.suggested(d.requirements)
	return newStep(f, d), nil
}

// Enroll enrolls the user's first authenticator, or another one after
// [Flow.BeginEnrollment]. For e-mail, SMS and voice Auth0
// sends a code at once: the step is in [StateEnterCode], and [Step.Submit]
// confirms. For [mfa.FactorOTP] show [Step.OTPSecret] or [Step.BarcodeURI], and
// submit the code that the app shows. For [mfa.FactorPush] show BarcodeURI: the
// step is in [StatePoll]. Show [Step.RecoveryCodes] if there are any.
//
// Until the enrollment is confirmed, Enroll may be called again to correct an
// address. Each call adds an authenticator to the user, who can have 51, and
// takes one of [Step.SendsLeft]. Each address has an interval of its own, as in
// [Step.Resend], any two messages are 3 seconds apart, and at most 4 addresses get one
// within an interval: what comes earlier is refused with [*CooldownError].
//
// After an error in [StateEnroll], [Step.Destination] returns what the user typed, so
// that the form can show it again; [Step.Typed] does so in every state. Input that
// cannot be right is refused with [mfa.ErrInvalidRequest] and
// [mfa.ActionAskAgain]. After [mfa.ErrAlreadyEnrolled] the step is in
// [StateChoose]. After [mfa.ErrOutcomeUnknown] a message may have been sent, but
// the step cannot check its code. A step without room for the response is
// refused with [ErrStepTooLarge] before anything is sent. Other errors are those
// of [mfa.Client.Associate], and [ErrStepState].
func (s *Step) Enroll(ctx context.Context, e Enrollment) error {
	f, d, err := s.in("Enroll", StateEnroll, StateEnterCode, StatePoll)
	if err != nil {
		return err
	}
	if d.state != StateEnroll && !d.enrolling {
		// The user has an active authenticator. Somebody who only knows the password
		// must not get around it by enrolling another, should Auth0 allow that.
		return d.wrongState("Enroll")
	}
	return f.associate(ctx, d, "Enroll", pending{
		factor: cmp.Or(e.Factor, mfa.FactorEmail),
		email:  mfa.NewSecret(input.TypedEmail(e.Email)),
		phone:  mfa.NewSecret(input.TypedPhoneNumber(e.PhoneNumber)),
		typed:  strings.TrimSpace(cmp.Or(e.Email, e.PhoneNumber)),
	})
}

// pending is an enrollment to make or to make again.
type pending struct {
	factor       mfa.Factor
	email, phone mfa.Secret
	typed        string // before it was cleaned
}

// pending returns the enrollment that waits for its confirmation.
func (d *stepData) pending() pending {
	if d.factor == mfa.FactorEmail {
		return pending{factor: d.factor, email: d.address, typed: d.address.Reveal()}
	}
	return pending{factor: d.factor, phone: d.address, typed: d.address.Reveal()}
}

// address returns where the message goes. Package mfa refuses an enrollment that
// has both.
func (p pending) address() mfa.Secret { return mfa.NewSecret(p.email.Reveal() + p.phone.Reveal()) }

// target names where the message goes, also if that is the user's own address.
func (p pending) target() string {
	return "new " + string(p.factor) + " " + strings.ToLower(p.email.Reveal()) + p.phone.Reveal()
}

// isMessage reports whether Auth0 sends one. An app and push show a QR code.
func (p pending) isMessage() bool { return p.factor != mfa.FactorOTP && p.factor != mfa.FactorPush }

// associate enrolls, for the first time or again.
func (f *Flow) associate(ctx context.Context, d *stepData, verb string, p pending) error {
	if p.factor == mfa.FactorEmail && isUnreachable(p.email.Reveal()) {
		f.keepTyped(d, p.typed)
		return errUnreachable
	}
	if err := f.maySend(d, p.target(), p.isMessage()); err != nil {
		return err
	}
	if !f.roomForEnrollment(d, p) {
		return ErrStepTooLarge
	}
	associate := func(ctx context.Context) (*mfa.AssociateResponse, error) {
		return f.client.Associate(ctx, mfa.AssociateRequest{
			Token: d.mfaToken, Factor: p.factor, Email: p.email.Reveal(), PhoneNumber: p.phone.Reveal(),
		})
	}
	u := use{
		verb: verb, input: []string{string(p.factor), p.email.Reveal(), p.phone.Reveal()}, op: mfa.OpAssociate,
		request: withoutResult(associate),
		lost:    func(err error) error { return f.sendFailed(d, p.target(), p.isMessage(), p.factor, err) },
	}
	return f.once(ctx, d, u, func(ctx context.Context) error {
		began := f.now()
		resp, err := associate(ctx)
		return f.associated(ctx, d, p, began, resp, err)
	})
}

// associated goes on with the response to an enrollment.
func (f *Flow) associated(ctx context.Context, d *stepData, p pending, began time.Time, resp *mfa.AssociateResponse, err error) error {
	if err != nil {
		err = f.sendFailed(d, p.target(), p.isMessage(), p.factor, err)
		f.keepTyped(d, p.typed)
		return f.listAgain(ctx, d, err)
	}
	d.reset()
	d.authenticators = nil
	d.factor, d.enrolling, d.address = p.factor, true, p.address()
	d.oobCode, d.otpSecret, d.barcodeURI = p.used(resp)
	if len(resp.RecoveryCodes) > 0 { // otherwise those of an earlier enrollment still hold
		d.recoveryCodes = resp.RecoveryCodes
	}
	f.sent(d, p.target(), p.isMessage())
	d.awaitCode(began)
	switch p.factor {
	case mfa.FactorOTP:
		d.codeExpiresAt = time.Time{} // nothing was sent; the app always has a code
	case mfa.FactorPush:
		f.awaitPush(d) // the QR code lives as long as a code that was sent
	}
	return nil
}

// used returns what the confirmation and the page need of the response. There is no
// room for the rest: see [Flow.roomForEnrollment].
func (p pending) used(resp *mfa.AssociateResponse) (oobCode, otpSecret, barcodeURI mfa.Secret) {
	switch p.factor {
	case mfa.FactorOTP:
		return mfa.Secret{}, resp.OTPSecret, resp.BarcodeURI
	case mfa.FactorPush:
		return resp.OOBCode, mfa.Secret{}, resp.BarcodeURI
	default:
		return resp.OOBCode, mfa.Secret{}, mfa.Secret{}
	}
}

// keepTyped keeps what the user typed for an enrollment that failed, if it fits.
func (f *Flow) keepTyped(d *stepData, typed string) {
	d.typed = mfa.NewSecret(typed[:min(len(typed), maxTypedKept)])
	if f.sealedLen(d) > f.maxSealed {
		d.typed = mfa.Secret{}
	}
}

// String names the factor, and shows address and number masked as Auth0 masks
// them: "flow.Enrollment(email, love****@exam*******)".
func (e Enrollment) String() string {
	text := "flow.Enrollment("
	if factor := cmp.Or(e.Factor, mfa.FactorEmail); slices.Contains(knownFactors[:], factor) {
		text += string(factor)
	}
	if e.Email != "" {
		text += ", " + maskedEmail(input.TypedEmail(e.Email))
	}
	if e.PhoneNumber != "" {
		text += ", " + maskedNumber(input.TypedPhoneNumber(e.PhoneNumber))
	}
	return text + ")"
}

// Format prints [Enrollment.String], whatever the verb and its flags.
func (e Enrollment) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, e.String()) }

// LogValue returns [Enrollment.String], for log/slog.
func (e Enrollment) LogValue() slog.Value { return slog.StringValue(e.String()) }

// maskedEmail hides most of an address on both sides of the @, as Auth0 does it
// in the names of authenticators.
func maskedEmail(address string) string {
	at := strings.LastIndexByte(address, '@')
	if at < 0 {
		return starred(address)
	}
	return starred(address[:at]) + "@" + starred(address[at+1:])
}

// maskedNumber hides all of a number except its last four digits.
func maskedNumber(number string) string {
	digits := []rune(number)
	for i := range len(digits) - 4 {
		digits[i] = 'X'
	}
	return string(digits)
}

// starred replaces one side of an address by stars. The first four characters
// stay if there are more than four.
func starred(part string) string {
	runes := []rune(part)
	shown := 0
	if len(runes) > 4 {
		shown = 4
	}
	return string(runes[:shown]) + strings.Repeat("*", len(runes)-shown)
}
