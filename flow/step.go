package flow

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-auth0-mfa/mfa"
)

// State tells what a [Step] waits for, and so which form to show.
type State int

// The states of a step. The zero State means that no Flow made the step. Sealed
// steps hold the numbers.
const (
	// StateEnroll means that the user has to enroll an authenticator with
	// [Step.Enroll]: there is no active one, or the step is one of
	// [Flow.BeginEnrollment].
	StateEnroll State = iota + 1
	// StateChoose means that the user has to pick one of [Step.Authenticators]
	// with [Step.Choose].
	StateChoose
	// StateEnterCode means that the user has to type a code for [Step.Submit].
	StateEnterCode
	// StatePoll means that the user has to respond to a push notification;
	// [Step.Poll] asks whether that happened.
	StatePoll
	// StateDone means that the login is complete: [Step.Token] has the tokens. After
	// [Flow.BeginEnrollment] it means that the authenticator is active.
	StateDone
)

// String returns the name of the state without its prefix: "EnterCode".
func (s State) String() string {
	names := [...]string{"none", "Enroll", "Choose", "EnterCode", "Poll", "Done"}
	if s < 0 || int(s) >= len(names) {
		return "unknown"
	}
	return names[s]
}

// Lifetimes and limits that Auth0 documents.
//
// Auth0 docs: https://auth0.com/docs/secure/multi-factor-authentication/authenticate-using-ropg-flow-with-mfa
const (
	lifetimeCode  = 5 * time.Minute
	lifetimeToken = 10 * time.Minute
	maxAttempts   = 10
	attemptEvery  = 6 * time.Minute // beyond maxAttempts
	pollInterval  = 5 * time.Second
	slowDown      = 5 * time.Second // RFC 8628, section 3.5
)

// purpose is what a step is for. Sealed steps hold the numbers.
type purpose int

const (
	forLogin      purpose = iota // from [Flow.Begin]
	forAccount                   // from [Flow.BeginEnrollment]: mfaToken is an access token
	forAccountMFA                // a factor became due when an enrollment was confirmed: mfaToken is one
)

// lifetimeStep is how long a sealed step can be opened. It is longer than the
// lifetime of the mfa_token, which only Auth0 knows for certain.
const lifetimeStep = 15 * time.Minute

// What a step keeps of the user's authenticators.
const (
	maxAuthenticators = 8
	maxName           = 32                    // bytes
	uncutName         = maxName - utf8.UTFMax // bytes; cutting at a character leaves more
)

// Step is the state of one user's login between mfa_required and tokens. Get one
// from [Flow.Begin], [Flow.BeginEnrollment] or [Sealer.Open]. Every call on the zero Step is refused.
//
// A Step is not safe for concurrent use and must not be copied. Seal it again
// after every call, after errors too, because errors change counters and times.
// Whatever prints a Step shows only its state and factor.
type Step struct {
	// Both are funcs, because no printer looks into one, and nil in the zero Step.
	// They are two, because go-spew, which testify prints with, crashes on a struct
	// that is nothing but one pointer, where it is an unexported field.
	flow   func() *Flow
	inside func() *stepData
}

// stepData is the state of a step. Seal encrypts all of it: see [stepData.code].
type stepData struct {
	id    string // random; it stays the same for the whole login
	calls int    // counts the calls that were not refused here: each sent a request or changed the state

	binding mfa.Secret // of the seal that the step was opened from; never sealed

	purpose        purpose
	state          State
	factor         mfa.Factor
	mfaToken       mfa.Secret
	requirements   mfa.Requirements
	authenticators []mfa.Authenticator // all of them active
	challenged     int                 // position in authenticators, from 1; 0 for none
	enrolling      bool
	address        mfa.Secret // e-mail address or number that is being enrolled
	typed          mfa.Secret // what was typed for an enrollment that failed
	oobCode        mfa.Secret
	otpSecret      mfa.Secret
	barcodeURI     mfa.Secret
	recoveryCodes  []mfa.Secret
	token          *mfa.Token // never sealed

	codeExpiresAt, pollAt, expiresAt time.Time

	user string // digest of the user and the login that Begin was called for; "" if that is unknown

	sentAt       time.Time // when the newest message went
	recent       []message // whom nothing may be sent to for now, the newest last; at most maxRecent
	slowDowns    int       // each makes the interval between polls longer
	attemptsLeft int
	sendsLeft    int

	sealedAt time.Time // in a seal only
}

// newData returns what a step begins with.
func newData(p purpose) *stepData {
	return &stepData{id: newID(), purpose: p, attemptsLeft: maxAttempts}
}

// newID returns what tells the seals of a step from those of any other.
func newID() string {
	var id [16]byte
	_, _ = rand.Read(id[:]) // never fails: it ends the program instead
	return string(id[:])
}

// newStep returns a step of the flow.
func newStep(f *Flow, d *stepData) *Step {
	return &Step{flow: func() *Flow { return f }, inside: func() *stepData { return d }}
}

// data returns what the step knows: nothing, for the zero Step.
func (s Step) data() *stepData {
	if s.inside == nil {
		return new(stepData)
	}
	return s.inside()
}

// in returns the step's flow and data if the step is in one of the states.
func (s *Step) in(call string, allowed ...State) (*Flow, *stepData, error) {
	if s == nil {
		return nil, nil, fmt.Errorf("flow: %s: the step is nil: %w", call, ErrStepState)
	}
	d := s.data()
	if !slices.Contains(allowed, d.state) {
		return nil, nil, d.wrongState(call)
	}
	return s.flow(), d, nil
}

func (d *stepData) wrongState(call string) error {
	return fmt.Errorf("flow: %s in state %s: %w", call, d.state, ErrStepState)
}

// reset clears the current challenge or enrollment.
func (d *stepData) reset() {
	d.factor, d.challenged, d.enrolling, d.address, d.typed = "", 0, false, mfa.Secret{}, mfa.Secret{}
	d.oobCode, d.otpSecret, d.barcodeURI = mfa.Secret{}, mfa.Secret{}, mfa.Secret{}
	d.codeExpiresAt, d.pollAt = time.Time{}, time.Time{}
}

// lifetime returns how long a sealed step of a new token can be opened.
func (d *stepData) lifetime() time.Duration {
	if d.purpose == forLogin {
		return lifetimeStep
	}
	return lifetimeToken
}

// tokenExpiresAt returns when the step's token expires, as far as a clock knows.
func (d *stepData) tokenExpiresAt() time.Time { return d.expiresAt.Add(lifetimeToken - d.lifetime()) }

// State returns what the step waits for.
func (s *Step) State() State { return s.data().state }

// Authenticators returns the user's active authenticators in the order of
// [WithFactors], at most 8. It is empty if the user has none, or confirms the
// first one. After [Remembered] it has that one alone, until
// [Step.LoadAuthenticators] is called, and so it is empty after [Flow.BeginEnrollment].
// It contains [Step.Authenticator]. In [StateEnterCode] and [StatePoll] the user can change to any of
// them with [Step.Choose]. Names are Auth0's: masked on most tenants, and cut to
// 32 bytes here.
func (s *Step) Authenticators() []mfa.Authenticator {
	return append([]mfa.Authenticator{}, s.data().authenticators...)
}

// Authenticator returns the one of [Step.Authenticators] that is in use, and whether
// there is one. In [StateDone] it is the one that was verified: keep it for
// [Remembered]. There is none while the user chooses or enrolls, nor after an
// enrollment.
func (s *Step) Authenticator() (mfa.Authenticator, bool) {
	d := s.data()
	if d.challenged == 0 {
		return mfa.Authenticator{}, false
	}
	return d.authenticators[d.challenged-1], true
}

// Factor returns the factor that is being verified or was verified. In
// [StateEnroll] it returns the factor to suggest for enrollment, and in
// [StateChoose] "".
func (s *Step) Factor() mfa.Factor { return s.data().factor }

// Enrolling reports whether the step waits for the confirmation of a new
// authenticator. Then [Step.Resend] enrolls again, and [Step.Enroll] may be
// called again to correct an address.
func (s *Step) Enrolling() bool { return s.data().enrolling }

// Destination returns where the code went, as text to show: the name of the
// authenticator, masked as Auth0 does it. While [Step.Enrolling] it is the
// address or number that the user typed, in clear, so that a typing mistake can
// be seen. In [StateEnroll] it is what the user typed, if [Step.Enroll] failed. It
// is "" if there is none.
func (s *Step) Destination() string {
	d := s.data()
	switch {
	case d.state == StateEnroll:
		return s.Typed()
	case d.enrolling:
		return d.address.Reveal()
	case d.challenged == 0 || d.state == StateDone:
		return ""
	}
	name := d.authenticators[d.challenged-1].Name
	switch {
	case d.factor == mfa.FactorEmail && !strings.Contains(name, "*"):
		return maskedEmail(name)
	case d.factor == mfa.FactorSMS || d.factor == mfa.FactorVoice:
		return maskedNumber(name)
	default:
		return name
	}
}

// Typed returns what the user typed last for [Step.Enroll], to fill in the form that
// changes the address or number: also what was refused, which then is not where the
// code went. It is cut to 128 bytes if it was refused, and is "" if nothing was typed.
func (s *Step) Typed() string {
	d := s.data()
	if !d.typed.IsZero() {
		return strings.ToValidUTF8(d.typed.Reveal(), "") // it may be cut within a character
	}
	return d.address.Reveal()
}

// RecoveryCodes returns the recovery codes to show to the user: those that came
// with the first enrollment and, in [StateDone], the replacement of a code that
// was used. They stay with the step until StateDone, because many pages redirect
// before they show anything. It returns nil if there are none. Secret.
func (s *Step) RecoveryCodes() []mfa.Secret { return slices.Clone(s.data().recoveryCodes) }

// OTPSecret returns the key to type into an authenticator app while one is being
// enrolled, and is zero otherwise. Secret.
func (s *Step) OTPSecret() mfa.Secret { return s.data().otpSecret }

// BarcodeURI returns the text of the QR code to scan while an authenticator app
// or push is being enrolled, and is zero otherwise. Secret.
func (s *Step) BarcodeURI() mfa.Secret { return s.data().barcodeURI }

// CodeExpiresAt returns when the code that was sent expires: 5 minutes after it
// was sent, or with the mfa_token. For an enrollment of push it returns when the
// QR code expires. It is zero if nothing was sent that expires.
func (s *Step) CodeExpiresAt() time.Time { return s.data().codeExpiresAt }

// ResendAt returns the earliest time for [Step.Resend], to where the last message
// went. It is also set after [mfa.ErrOutcomeUnknown], and
// after Auth0 refused to send for some time. It is [Step.ExpiresAt] if SendsLeft
// is 0, and zero if nothing was sent.
func (s *Step) ResendAt() time.Time {
	d := s.data()
	switch n := len(d.recent); {
	case n == 0:
		return time.Time{}
	case d.sendsLeft <= 0:
		return d.expiresAt
	default:
		return d.recent[n-1].until
	}
}

// PollAt returns when to poll next. It is zero except in [StatePoll], and zero
// there after [mfa.ErrRejected].
func (s *Step) PollAt() time.Time { return s.data().pollAt }

// ExpiresAt returns when the sealed step expires: 15 minutes after its newest
// mfa_token was issued, which itself is documented to live 10 minutes. A step of
// [Flow.BeginEnrollment] expires 10 minutes after it began.
func (s *Step) ExpiresAt() time.Time { return s.data().expiresAt }

// AttemptsLeft returns how many more wrong codes Auth0 accepts, 10 at first. It
// is an upper bound, because Auth0 counts all codes of the user. Auth0 gives one
// attempt back every 6 minutes, so at 0 [Step.Submit] still asks Auth0.
func (s *Step) AttemptsLeft() int { return s.data().attemptsLeft }

// SendsLeft returns how many more messages and enrollments the step allows:
// [WithMaxSends] at first, and again when another factor is due. It is an upper
// bound, because Auth0 counts all messages to the user.
func (s *Step) SendsLeft() int { return s.data().sendsLeft }

// Token returns the tokens of the login in [StateDone], and otherwise nil. It returns
// nil after [Flow.BeginEnrollment], whose user is signed in already: nothing that
// confirms an enrollment can be taken for a login.
func (s *Step) Token() *mfa.Token { return s.data().token }

// String names state and factor: "flow.Step(EnterCode, email)".
func (s Step) String() string {
	d := s.data()
	text := "flow.Step(" + d.state.String()
	if slices.Contains(knownFactors[:], d.factor) { // a server chose the text of others
		text += ", " + string(d.factor)
	}
	return text + ")"
}

// Format prints [Step.String], whatever the verb and its flags.
func (s Step) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// LogValue returns [Step.String], for log/slog.
func (s Step) LogValue() slog.Value { return slog.StringValue(s.String()) }

// errEncoded means that a step was to be written or read by an encoding.
var errEncoded = errors.New("flow: a step cannot be encoded: use Sealer.Seal and Sealer.Open")

// MarshalText returns an error. To keep a step, use [Sealer.Seal].
func (s Step) MarshalText() ([]byte, error) { return nil, errEncoded }

// MarshalJSON returns an error. To keep a step, use [Sealer.Seal].
func (s Step) MarshalJSON() ([]byte, error) { return nil, errEncoded }

// MarshalBinary returns an error, for encoding/gob and other binary encodings. To
// keep a step, use [Sealer.Seal].
func (s Step) MarshalBinary() ([]byte, error) { return nil, errEncoded }

// UnmarshalText returns an error. To get a step back, use [Sealer.Open].
func (s *Step) UnmarshalText([]byte) error { return errEncoded }

// UnmarshalJSON returns an error. To get a step back, use [Sealer.Open].
func (s *Step) UnmarshalJSON([]byte) error { return errEncoded }

// UnmarshalBinary returns an error. To get a step back, use [Sealer.Open].
func (s *Step) UnmarshalBinary([]byte) error { return errEncoded }
