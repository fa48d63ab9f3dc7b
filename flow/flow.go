// Package flow guides a login page from an mfa_required error to tokens. It decides whether
// to enroll, to choose or to send a code, keeps times and counters, cleans what the user
// types, and seals all of it for a cookie. [Flow.Begin] belongs to the password form, where
// loginErr is the error of [mfa.Client.PasswordLogin]:
//
//	if err := sealer.Check(binding); err != nil {
//		return "", err // before a mail goes out
//	}
//	step, err := f.Begin(ctx, loginErr)
//	if step == nil {
//		return "", err // not about MFA: a wrong password, for example
//	}
//	sealed, sealErr := sealer.Seal(step, binding) // also if the mail failed
//	return sealed, errors.Join(err, sealErr)
//
// [Step.Submit] belongs to the code form, in another request and perhaps on another machine:
//
//	step, err := sealer.Open(sealed, binding)
//	if err == nil {
//		err = step.Submit(ctx, flow.Submission{Code: mfa.NewSecret(typed), EndUserIP: userIP})
//	}
//
// [Step.State] tells which form to show next. In [StateDone], [Step.Token] has the tokens:
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
// After an error, seal the step again, and ask [mfa.NextAction] what to do. Match
// [ErrStepState] and [ErrStepUsed] first: the form is out of date. Each call has an example;
// the package examples are the two forms and a whole page. docs/flow.md has all states, errors
// and limits. A test whose tenant has a clock needs the same one here: see [WithClock].
package flow

import (
	"context"
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

// Flow starts steps. Make it with [New]; the methods of a zero Flow return an
// error. It is immutable and safe for concurrent use, but a [Step] is not.
type Flow struct {
	client         *mfa.Client
	order          []mfa.Factor // all that this package knows
	clock          func() time.Time
	resendInterval time.Duration
	maxSends       int
	maxSealed      int
	shared         func() *shared // a func, so that no printer walks into the Store; nil without one
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
		maxSealed:      defaultMaxSealed,
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
	f := &Flow{
		client: client, order: c.order, clock: c.clock,
		resendInterval: c.resendInterval, maxSends: c.maxSends, maxSealed: c.maxSealed,
	}
	if c.store != nil {
		s := newShared(f, &c)
		f.shared = func() *shared { return s }
	}
	return f, nil
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

// config holds the values of the options.
type config struct {
	problems []string

	order          []mfa.Factor
	clock          func() time.Time
	resendInterval time.Duration
	maxSends       int
	maxSealed      int
	store          Store
	storeKeys      []mfa.Secret
	storeErrors    func(context.Context, error)
}

// problemIf notes the problem if the value of an option is bad.
func (c *config) problemIf(bad bool, problem string) {
	if bad {
		c.problems = append(c.problems, problem)
	}
}

// WithFactors sets which factors come first, the most preferred one first. It is
// the order of [Step.Authenticators], and decides what [Step.Factor] suggests to
// enroll. Factors that are not named follow in the default order: e-mail, SMS,
// voice, push, OTP, recovery code. None is left out.
//
// The order also decides when [Flow.Begin] mails at once: if the user has exactly
// one active e-mail authenticator and no active authenticator of a factor before
// e-mail. By default a user with an e-mail and an authenticator app gets a mail,
// and may choose the app on the code form. With WithFactors(mfa.FactorOTP) such a
// user chooses first.
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

// WithClock sets the clock for all times of steps. The default is [time.Now]. It
// is called by many goroutines at once. In a test whose fake tenant has a clock of its
// own, the Flow needs the same one, as that of mfatest.Tenant.Flow has.
func WithClock(now func() time.Time) Option {
	return func(c *config) {
		c.problemIf(now == nil, "WithClock is nil")
		c.clock = now
	}
}

// WithResendInterval sets how long nothing is sent again to where a message went. The
// default is 30 seconds. Messages to other authenticators and addresses are 3 seconds
// apart, or as far as d if that is shorter.
func WithResendInterval(d time.Duration) Option {
	return func(c *config) {
		c.problemIf(d <= 0, "WithResendInterval is not positive")
		c.resendInterval = d
	}
}

// WithMaxSends sets how many messages and enrollments a step allows for each
// mfa_token. The default is 20, the number of e-mails that Auth0 sends in a row.
func WithMaxSends(n int) Option {
	return func(c *config) {
		c.problemIf(n < 1, "WithMaxSends is not positive")
		c.maxSends = n
	}
}

// WithMaxSealed sets how many characters a sealed step has at most. Calls that would
// make it longer are refused with [ErrStepTooLarge], and [Sealer.Open] refuses longer
// strings with [ErrStepInvalid], so all machines of a login page need the same limit.
//
// The default is 3,600. That leaves 496 bytes under nginx's default buffer of 4 kB for
// all headers of a response: about 80 for the name and the attributes of the cookie,
// and the others for the other headers. A page that sends more headers needs a larger
// proxy_buffer_size, or the step in a hidden form field. For a hidden field the limit
// can be 32,000, which is enough for mfa_tokens of 16,000 characters. Browsers accept
// 4,096 characters for a cookie with its name and attributes.
func WithMaxSealed(n int) Option {
	return func(c *config) {
		c.problemIf(n < 1, "WithMaxSealed is not positive")
		c.maxSealed = n
	}
}
