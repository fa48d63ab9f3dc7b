// Package flow guides a login page from an mfa_required to tokens. It decides
// whether to enrol, to let the user choose or to send a code, keeps the clocks
// and counters that the page shows, cleans what the user types, and seals all
// of it into a string that goes through the browser from one form to the next.
//
//	f, err := flow.New(client)
//	sealer, err := f.NewSealer(key)
//
//	// The password form. loginErr is what the login failed with.
//	step, err := f.Begin(ctx, loginErr)
//	sealed, err := sealer.Seal(step, sessionID)
//
//	// The code form, in another request and perhaps on another machine.
//	step, err := sealer.Open(sealed, sessionID)
//	err = step.Submit(ctx, flow.Submission{Code: mfa.NewSecret(typed)})
//	token := step.Token() // not nil in StateDone
//
// # States
//
// [Step.State] says which form to show:
//
//	Begin ---> which authenticators are active? <-----------+
//	             |           |              |               |
//	           none      one e-mail     otherwise           | another factor is due
//	             v           |              v               |
//	        StateEnroll      |         StateChoose          |
//	             |           | mailed       |               |
//	           Enroll        | at once    Choose            |
//	             |           v              v               |
//	             +---> StateEnterCode, or StatePoll for push
//	                                |
//	                         Submit or Poll ---> StateDone
//
// From StateEnterCode and StatePoll, Resend leads back there with a new message,
// Choose with another authenticator and, while an enrolment is unconfirmed,
// Enroll with another address.
//
// A call that a state does not allow is [ErrStepState], and sends nothing:
//
//	                      Enroll  Choose  Resend  Submit  Poll
//	StateEnroll           yes
//	StateChoose                   yes     yes
//	StateEnterCode                yes     (1)     yes
//	  of an enrolment     yes             yes     yes
//	StatePoll                     yes     yes             yes
//	  of an enrolment     yes             yes             yes
//	StateDone
//
//	(1) not for an authenticator app and a recovery code: nothing is sent
//
// [Step.Enrolling] tells an enrolment from a challenge. All states but
// StateDone can be sealed.
//
// The tenant's list decides what may be enrolled: a user who has an active
// authenticator cannot enrol another on the way in.
//
// # Errors
//
// Errors are those of package mfa, and a few of this package that mean the same
// to [mfa.NextAction]. After [ErrStepState] the page shows the form of
// [Step.State]: the form that was sent is out of date. What else it does:
//
//	AskAgain            show the form again; the step is as usable as before
//	Resend, CheckInbox  offer Resend from Step.ResendAt on; in StateEnroll Enroll
//	Challenge, Enroll   show the form of Step.State, or of Step.Authenticators
//	Wait                come back after Error.RetryAfter or CooldownError.ResendAt
//	Poll                call Poll at Step.PollAt
//	RetryLater          make the same call again later
//	RestartLogin        forget the step; back to the password
//	Abort, Fix          as package mfa says
//
// An error leaves [Step.State] as it was, with two exceptions. When Auth0's
// answer means Challenge or Enroll the list is read again, and the step is in
// [StateChoose] or [StateEnroll], as the list says. And when another factor is due, the step is in
// StateChoose, with the new mfa_token, if the list could not be read or the
// message not be sent; Resend then does both again.
//
// # What Auth0 counts
//
// The limits of this package save users from limits that are harder: Auth0
// takes 10 wrong codes, then one per 6 minutes; it sends 20 e-mails, then one
// per minute; a code lives 5 minutes, an mfa_token 10. Auth0 counts for each
// user, over all steps and browsers. What a step counts is an upper bound.
//
// # Concurrency, repeats and secrets
//
// A [Flow] and a [Sealer] are safe for concurrent use, a [Step] is not. No
// method repeats a call that acts; what is repeated below it, package mfa says.
// A step holds tokens and is as secret as they are until it is sealed, though
// nothing prints them.
// Versions and Go releases are those of package mfa.
package flow

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/go-auth0-mfa/mfa"
)

// knownFactors are the factors of this package, in the default order.
var knownFactors = [...]mfa.Factor{
	mfa.FactorEmail, mfa.FactorSMS, mfa.FactorVoice, mfa.FactorPush, mfa.FactorOTP, mfa.FactorRecoveryCode,
}

// Flow makes steps and moves them on. Make it with [New]; the methods of a zero
// Flow return an error. It is immutable and safe for concurrent use; a [Step]
// is not.
type Flow struct {
	client         *mfa.Client
	order          []mfa.Factor // all that this package knows
	clock          func() time.Time
	resendInterval time.Duration
	maxSends       int
}

// New returns a Flow on the client. It does no I/O. When an option is given
// twice, the last one wins. A nil client, nil options and all bad values, also
// those that a later option replaces, are reported at once as
// [mfa.ErrInvalidRequest].
func New(client *mfa.Client, opts ...Option) (*Flow, error) {
	c := config{
		order:          slices.Clone(knownFactors[:]),
		clock:          time.Now,
		resendInterval: 30 * time.Second,
		maxSends:       20,
	}
	c.problemIf(client == nil || client.Domain() == "", "the client was not made by mfa.NewClient")
	for _, opt := range opts {
		c.problemIf(opt == nil, "an Option is nil")
		if opt != nil {
			opt(&c)
		}
	}
	if c.problems != nil {
		return nil, fmt.Errorf("flow: New: %s: %w", strings.Join(c.problems, ", "), mfa.ErrInvalidRequest)
	}
	return &Flow{client: client, order: c.order, clock: c.clock, resendInterval: c.resendInterval, maxSends: c.maxSends}, nil
}

// now returns the time in the precision of a sealed step, so that sealing
// changes no clock.
func (f *Flow) now() time.Time { return f.clock().UTC().Truncate(time.Millisecond) }

// valid refuses a Flow that New did not make.
func (f *Flow) valid(call string) error {
	if f == nil || f.client == nil {
		return fmt.Errorf("flow: %s: the Flow was not made by New: %w", call, mfa.ErrInvalidRequest)
	}
	return nil
}

// Option sets up a [Flow]. When an option is given twice, the last one wins.
type Option func(*config)

// config is what the options say.
type config struct {
	problems []string

	order          []mfa.Factor
	clock          func() time.Time
	resendInterval time.Duration
	maxSends       int
}

// problemIf notes the problem if the value of an option is bad.
func (c *config) problemIf(bad bool, problem string) {
	if bad {
		c.problems = append(c.problems, problem)
	}
}

// WithFactors sets which factors come first, the most preferred first: the order
// of [Step.Authenticators], and what [Step.Factor] suggests to enrol. Factors
// that are not named follow in the default order: e-mail, SMS, voice, push,
// OTP, recovery code. None is left out.
//
// The order decides when [Flow.Begin] mails at once: if the user has exactly one
// active e-mail authenticator and no active authenticator of a factor before
// e-mail. So by default a user with an e-mail and an authenticator app gets a
// mail and may choose the app on the code form; with
// WithFactors(mfa.FactorOTP) such a user chooses first.
func WithFactors(order ...mfa.Factor) Option {
	return func(c *config) {
		all := slices.Clone(order)
		for _, known := range knownFactors {
			if !slices.Contains(order, known) {
				all = append(all, known)
			}
		}
		// Whatever is unknown or named twice makes the list longer than all known ones.
		c.problemIf(len(order) == 0 || len(all) != len(knownFactors), "WithFactors names no factor, an unknown one, or one twice")
		c.order = all
	}
}

// WithClock sets the clock that all times of steps come from. The default is
// [time.Now]. It is called by many goroutines at once.
func WithClock(now func() time.Time) Option {
	return func(c *config) {
		c.problemIf(now == nil, "WithClock is nil")
		c.clock = now
	}
}

// WithResendInterval sets how long [Step.Resend] refuses after a message was
// sent. The default is 30 seconds.
func WithResendInterval(d time.Duration) Option {
	return func(c *config) {
		c.problemIf(d <= 0, "WithResendInterval is not positive")
		c.resendInterval = d
	}
}

// WithMaxSends sets how many messages and enrolments an mfa_token is good for.
// The default is 20, which is what Auth0 mails to a user in a row.
func WithMaxSends(n int) Option {
	return func(c *config) {
		c.problemIf(n < 1, "WithMaxSends is not positive")
		c.maxSends = n
	}
}
