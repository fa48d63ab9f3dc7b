package flow

import (
	"slices"
	"time"

	"github.com/go-auth0-mfa/mfa"
)

// Option sets up a [Flow]. Each option may be given once.
type Option func(*config)

// config is what the options say.
type config struct {
	given    []string // the options that were given
	problems []string

	order          []mfa.Factor
	clock          func() time.Time
	resendInterval time.Duration
	maxSends       int
}

func (c *config) refuse(problem string) { c.problems = append(c.problems, problem) }

// once notes that an option was given, and refuses a value that has a problem.
func (c *config) once(option string, bad bool, problem string) {
	if slices.Contains(c.given, option) {
		bad, problem = true, "is given twice"
	}
	if bad {
		c.refuse(option + " " + problem)
	}
	c.given = append(c.given, option)
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
		for _, known := range c.order {
			if !slices.Contains(order, known) {
				all = append(all, known)
			}
		}
		// Whatever is unknown or named twice makes the list longer than all known ones.
		c.once("WithFactors", len(order) == 0 || len(all) != len(c.order), "names no factor, an unknown one, or one twice")
		c.order = all
	}
}

// WithClock sets the clock that all times of steps come from. The default is
// [time.Now]. It is called by many goroutines at once.
func WithClock(now func() time.Time) Option {
	return func(c *config) {
		c.once("WithClock", now == nil, "is nil")
		c.clock = now
	}
}

// WithResendInterval sets how long [Flow.Resend] refuses after a message was
// sent. The default is 30 seconds.
func WithResendInterval(d time.Duration) Option {
	return func(c *config) {
		c.once("WithResendInterval", d <= 0, "is not positive")
		c.resendInterval = d
	}
}

// WithMaxSends sets how many messages and enrolments an mfa_token is good for.
// The default is 20, which is what Auth0 mails to a user in a row.
func WithMaxSends(n int) Option {
	return func(c *config) {
		c.once("WithMaxSends", n < 1, "is not positive")
		c.maxSends = n
	}
}
