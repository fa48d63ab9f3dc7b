package flow

import (
	"fmt"
	"slices"
	"time"

	"github.com/go-auth0-mfa/mfa"
)

// State is what a [Step] waits for, and so which form to show.
type State int

// The states of a step. The zero State is none: no Flow made the step. Sealed
// steps hold the numbers.
const (
	// StateEnroll: the user has no active authenticator; [Step.Enroll].
	StateEnroll State = iota + 1
	// StateChoose: the user picks one of [Step.Authenticators]; [Step.Choose].
	StateChoose
	// StateEnterCode: the user types a code; [Step.Submit].
	StateEnterCode
	// StatePoll: the user answers a push notification; [Step.Poll].
	StatePoll
	// StateDone: there are tokens; [Step.Token].
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

// lifetimeStep is how long a step can be opened. It outlives the mfa_token, of
// whose age only Auth0 is sure.
const lifetimeStep = 15 * time.Minute

// maxAuthenticators is how many authenticators a step carries.
const maxAuthenticators = 8

// Step is how far a user has come between mfa_required and tokens. Make it with
// [Flow.Begin] or [Sealer.Open]; no call takes the zero Step.
//
// A Step is not safe for concurrent use. Seal it again after every call, after
// errors too: errors move counters and clocks. Whatever prints a Step shows its
// state and factor only.
type Step struct {
	// flow returns the Flow that made the step. It is a func, and not a pointer,
	// because no printer looks into one. In the zero Step it is nil.
	flow func() *Flow

	state          State
	factor         mfa.Factor
	mfaToken       mfa.Secret
	requirements   mfa.Requirements
	authenticators []authenticator
	challenged     string // id of the one in use; "": none
	enrolling      bool
	enrolment      enrolment // only while enrolling
	oobCode        mfa.Secret
	otpSecret      mfa.Secret
	barcodeURI     mfa.Secret
	recoveryCodes  []mfa.Secret
	token          *mfa.Token

	codeExpiresAt, resendAt, pollAt, expiresAt time.Time

	sentTo       mfa.Secret    // digest of where the last message went
	pollInterval time.Duration // grows by slowDown
	attemptsLeft int
	sendsLeft    int
}

// authenticator is an active [mfa.Authenticator]. Its name may be an address in
// clear and is none of a log's business, hence a Secret.
type authenticator struct {
	id, kind, channel string
	name              mfa.Secret
}

func (a authenticator) public() mfa.Authenticator {
	return mfa.Authenticator{ID: a.id, AuthenticatorType: a.kind, OOBChannel: a.channel, Name: a.name.Reveal(), Active: true}
}

func (a authenticator) factor() mfa.Factor { return a.public().Factor() }

// authenticator returns one of the step's authenticators.
func (s *Step) authenticator(id string) (authenticator, bool) {
	for _, a := range s.authenticators {
		if a.id == id {
			return a, true
		}
	}
	return authenticator{}, false
}

// leave drops what is verified, and what goes with it.
func (s *Step) leave() {
	s.factor, s.challenged, s.enrolling, s.enrolment = "", "", false, enrolment{}
	s.oobCode, s.otpSecret, s.barcodeURI = mfa.Secret{}, mfa.Secret{}, mfa.Secret{}
	s.codeExpiresAt, s.pollAt = time.Time{}, time.Time{}
}

// in returns the step's flow if the step is in one of the states.
func (s *Step) in(call string, allowed ...State) (*Flow, error) {
	switch {
	case s == nil:
		return nil, fmt.Errorf("flow: %s: the step is nil: %w", call, ErrStepState)
	case !slices.Contains(allowed, s.state):
		return nil, s.wrongState(call)
	default:
		return s.flow(), nil
	}
}

func (s *Step) wrongState(call string) error {
	return fmt.Errorf("flow: %s in state %s: %w", call, s.state, ErrStepState)
}

// State returns what the step waits for.
func (s *Step) State() State { return s.state }

// Authenticators returns the user's active authenticators, in the order of
// [WithFactors], at most 8; empty: the user has none, or confirms the first. In
// [StateEnterCode] and [StatePoll] they are the ones to change to. Names are
// Auth0's, cut to 48 characters and masked on most tenants.
func (s *Step) Authenticators() []mfa.Authenticator {
	list := make([]mfa.Authenticator, 0, len(s.authenticators))
	for _, a := range s.authenticators {
		list = append(list, a.public())
	}
	return list
}

// Factor returns the factor that is verified or was; in [StateEnroll] the one
// to suggest for enrolment; "" in [StateChoose].
func (s *Step) Factor() mfa.Factor { return s.factor }

// Enrolling reports whether the step waits for the confirmation of a new
// authenticator: then [Step.Resend] enrols again, and [Step.Enroll] may be called
// again to correct an address.
func (s *Step) Enrolling() bool { return s.enrolling }

// Destination returns where the code went, masked: the name of the
// authenticator, or the address that was typed for enrolment. It is text to
// show. "" when there is none, or when the enrolment named no address.
func (s *Step) Destination() string {
	if s.enrolling {
		return masked(s.factor, s.enrolment.email.Reveal()+s.enrolment.phone.Reveal())
	}
	a, _ := s.authenticator(s.challenged)
	return masked(s.factor, a.name.Reveal())
}

// RecoveryCodes returns the recovery codes to show to the user: those that came
// with the first enrolment and, in [StateDone], the replacement of one that was
// used. They stay with the step until StateDone, because a page often redirects
// before it shows anything. nil: none. Secret.
func (s *Step) RecoveryCodes() []mfa.Secret { return slices.Clone(s.recoveryCodes) }

// OTPSecret returns the key to type into an authenticator app, while one is
// enrolled; zero otherwise. Secret.
func (s *Step) OTPSecret() mfa.Secret { return s.otpSecret }

// BarcodeURI returns what the QR code to scan holds, while an authenticator app
// or push is enrolled; zero otherwise. Secret.
func (s *Step) BarcodeURI() mfa.Secret { return s.barcodeURI }

// CodeExpiresAt returns when the code that was sent dies, 5 minutes after it
// was sent or with the mfa_token; for the enrolment of push, when the QR code
// does. Zero when nothing was sent that dies.
func (s *Step) CodeExpiresAt() time.Time { return s.codeExpiresAt }

// ResendAt returns from when on a message can be sent again to where the last
// one went, also after [mfa.ErrOutcomeUnknown] and after Auth0 refused to send
// for a time; [Step.ExpiresAt] when SendsLeft is 0. Zero: nothing was sent.
func (s *Step) ResendAt() time.Time { return s.resendAt }

// PollAt returns when to poll next; zero but in [StatePoll], and there after
// [mfa.ErrRejected].
func (s *Step) PollAt() time.Time { return s.pollAt }

// ExpiresAt returns when the sealed step dies: 15 minutes after its newest
// mfa_token. The token itself is documented to live 10.
func (s *Step) ExpiresAt() time.Time { return s.expiresAt }

// AttemptsLeft returns how many wrong codes Auth0 takes yet: 10 at first. It is
// an upper bound, because Auth0 counts all codes of the user; but Auth0 gives
// one back every 6 minutes, so at 0 [Step.Submit] still asks Auth0.
func (s *Step) AttemptsLeft() int { return s.attemptsLeft }

// SendsLeft returns how many messages and enrolments the mfa_token is still good
// for: [WithMaxSends] at first, and again when another factor is due. It is an
// upper bound, because Auth0 counts all messages to the user.
func (s *Step) SendsLeft() int { return s.sendsLeft }

// Token returns the tokens in [StateDone], else nil.
func (s *Step) Token() *mfa.Token { return s.token }
