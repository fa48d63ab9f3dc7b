package flow

import (
	"slices"
	"time"

	"github.com/go-auth0-mfa/mfa"
)

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
