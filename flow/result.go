package flow

import (
	"context"
	"errors"
	"time"

	"github.com/go-auth0-mfa/mfa"
)

// result is what a call with a step has led to, for the same call somewhere else.
type result struct {
	at   time.Time
	step stepData
	err  storedError
}

// resultFormat comes first in a result. Another format needs another number.
const resultFormat = 1

func (r *result) code(c *codec) {
	if c.number(resultFormat) != resultFormat {
		c.fail()
		return
	}
	r.at = c.time(r.at, time.UnixMilli(0))
	r.err.code(c)
	done := r.step.token != nil
	if done = c.bool(done); done {
		r.step.token = codeToken(c, r.step.token)
	}
	r.step.code(c)
}

// codeToken codes tokens, which may be nil when they are read.
func codeToken(c *codec, t *mfa.Token) *mfa.Token {
	var coded mfa.Token
	if t != nil {
		coded = *t
	}
	coded.AccessToken = c.secret(coded.AccessToken)
	coded.IDToken = c.secret(coded.IDToken)
	coded.RefreshToken = c.secret(coded.RefreshToken)
	coded.RecoveryCode = c.secret(coded.RecoveryCode)
	coded.TokenType = c.text(coded.TokenType)
	coded.Scope = c.text(coded.Scope)
	coded.ExpiresIn = time.Duration(c.number(int(coded.ExpiresIn)))
	return &coded
}

// grow takes the time that has passed since then off what is left to wait, and off the
// lifetime of the access token. None has passed if the other machine's clock is ahead.
func (r *result) grow(since time.Duration) {
	since = max(0, since)
	if r.err.wait > 0 {
		r.err.wait = max(1, r.err.wait-since)
	}
	if t := r.step.token; t != nil && t.ExpiresIn > 0 {
		t.ExpiresIn = max(time.Second, t.ExpiresIn-since.Truncate(time.Second))
	}
}

// meant are the errors to match with errors.Is. Stored results hold their positions: new
// ones go to the end.
var meant = [...]error{
	mfa.ErrMFARequired, mfa.ErrAlreadyEnrolled, mfa.ErrNotEnrolled, mfa.ErrUnsupportedChallenge, mfa.ErrAuthenticatorNotFound,
	mfa.ErrInvalidCode, mfa.ErrInvalidToken, mfa.ErrTokenExpired, mfa.ErrChallengeExpired,
	mfa.ErrRateLimited, mfa.ErrTooManyAttempts, mfa.ErrTooManyMessages,
	mfa.ErrAuthorizationPending, mfa.ErrSlowDown, mfa.ErrRejected, mfa.ErrDeliveryFailed,
	mfa.ErrInvalidCredentials, mfa.ErrBlocked, mfa.ErrInvalidClient, mfa.ErrGrantNotAllowed,
	mfa.ErrInvalidRequest, mfa.ErrServer, mfa.ErrUnexpectedResponse, mfa.ErrOutcomeUnknown,
	ErrStepExpired, ErrStepInvalid, ErrStepState, ErrStepTooLarge, ErrStepUsed,
	context.Canceled, context.DeadlineExceeded,
}

// storedError is what a page can learn from an error.
type storedError struct {
	text     string // "" for no error
	action   int
	means    uint64 // which of meant it matches
	wait     time.Duration
	resendAt time.Time // of a CooldownError
	answered bool      // whether there is a response
	response mfa.Error
}

// error returns an error that means the same, nil if there was none.
func (e storedError) error() error {
	if e.text == "" {
		return nil
	}
	replayed := &replayedError{storedError: e}
	if e.answered {
		response := e.response
		response.RetryAfter = e.wait
		replayed.response = &response
	}
	if mfa.NextAction(replayed) != mfa.Action(e.action) {
		replayed.response = nil // what it means hangs on a cause that was not stored
	}
	return replayed
}

// encodeError returns what is stored of an error.
func encodeError(err error) storedError {
	if err == nil {
		return storedError{}
	}
	e := storedError{text: err.Error(), action: int(mfa.NextAction(err)), wait: mfa.RetryAfter(err)}
	for i, one := range meant {
		if errors.Is(err, one) {
			e.means |= 1 << i
		}
	}
	if early, ok := errors.AsType[*CooldownError](err); ok {
		e.resendAt = early.ResendAt
	}
	if response, ok := errors.AsType[*mfa.Error](err); ok {
		e.answered, e.response = true, mfa.Error{
			Op: response.Op, Delivery: response.Delivery, StatusCode: response.StatusCode, Code: response.Code,
			Description: response.Description, Fields: response.Fields, RequestID: response.RequestID,
		}
	}
	return e
}

func (e *storedError) code(c *codec) {
	if e.text = c.text(e.text); e.text == "" {
		return
	}
	e.action = c.number(e.action)
	e.means = c.uint(e.means)
	e.wait = time.Duration(c.number(int(e.wait)))
	e.resendAt = c.time(e.resendAt, time.UnixMilli(0))
	if e.answered = c.bool(e.answered); !e.answered {
		return
	}
	e.response.Op = mfa.Op(c.text(string(e.response.Op)))
	e.response.Delivery = mfa.Delivery(c.number(int(e.response.Delivery)))
	e.response.StatusCode = c.number(e.response.StatusCode)
	e.response.Code = c.text(e.response.Code)
	e.response.Description = c.text(e.response.Description)
	e.response.Fields = list(c, e.response.Fields, c.text)
	e.response.RequestID = c.text(e.response.RequestID)
}

// replayedError is the error of the same call somewhere else. It means the same to
// errors.Is, [mfa.NextAction] and [mfa.RetryAfter].
type replayedError struct {
	storedError

	response *mfa.Error // hides that of storedError; may be nil
}

func (e *replayedError) Error() string { return e.text }

// RetryAfter returns how long is left to wait, for [mfa.RetryAfter].
func (e *replayedError) RetryAfter() time.Duration { return e.wait }

func (e *replayedError) Is(target error) bool {
	for i, one := range meant {
		if target == one {
			return e.means&(1<<i) != 0
		}
	}
	return false
}

// As finds the response, and a [*CooldownError].
func (e *replayedError) As(target any) bool {
	switch target := target.(type) {
	case **mfa.Error:
		*target = e.response
		return e.response != nil
	case **CooldownError:
		*target = &CooldownError{ResendAt: e.resendAt, wait: e.wait}
		return !e.resendAt.IsZero()
	default:
		return false
	}
}

// Unwrap returns an error that has the page do the same. Without a response
// [mfa.NextAction] goes by that.
func (e *replayedError) Unwrap() error {
	if e.response != nil {
		return nil //nolint:nilerr // there is nothing behind it
	}
	for i, one := range meant {
		if e.means&(1<<i) != 0 && mfa.NextAction(one) == mfa.Action(e.action) {
			return one
		}
	}
	return nil
}
