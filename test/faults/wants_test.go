package faults

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/go-auth0-mfa/mfa"
)

// want is how a call must end.
type want struct {
	succeeds   bool
	orLost     bool    // or the outcome may be unknown
	orUnsent   bool    // or the system provably accepted no byte
	panics     bool    // the call does not return
	is         []error // exactly these of the sentinels, and what they are a kind of
	causes     []error // found by errors.Is beside them
	as         func(error) bool
	delivery   mfa.Delivery
	status     int
	code       string
	anyCode    bool
	retryAfter time.Duration
	about      time.Duration // by how much retryAfter may differ
	next       mfa.Action
	lasts      *time.Duration // of the token
	requests   span           // that the server had in full
	dials      span
}

// expect tells what a row wants of an operation.
type expect func(operation) want

// span is a number of times.
type span struct{ least, most int32 }

func exactly(n int32) span { return span{n, n} }
func atMost(n int32) span  { return span{0, n} }

var anyTimes = span{0, 1 << 30}

// changed is an expectation with something different.
func (e expect) changed(change func(*want, operation)) expect {
	return func(op operation) want {
		w := e(op)
		change(&w, op)
		return w
	}
}

func (e expect) because(causes ...error) expect {
	return e.changed(func(w *want, _ operation) { w.causes = append(w.causes, causes...) })
}

func (e expect) coded(code string) expect {
	return e.changed(func(w *want, _ operation) { w.code = code })
}

// unread is an expectation for faults at which no request arrives.
func (e expect) unread() expect {
	return e.changed(func(w *want, _ operation) { w.dials, w.requests = w.requests, exactly(0) })
}

// orUnsent is an expectation for an end that can come before the system accepted a
// byte of the request, as chance has it. That is a proof, and another attempt follows.
func (e expect) orUnsent() expect {
	return e.changed(func(w *want, _ operation) { w.orUnsent, w.dials = true, span{1, 3} })
}

// reads changes how often a call is sent that may be repeated.
func (e expect) reads(times span) expect {
	return e.changed(func(w *want, op operation) {
		if op.reads() {
			w.requests = times
		}
	})
}

// found is an expectation of an error of this type in the chain.
func found[T error](e expect) expect {
	return e.changed(func(w *want, _ operation) {
		w.as = func(err error) bool {
			var target T
			return errors.As(err, &target)
		}
	})
}

// lost: there was no complete response. What may have acted is not repeated.
func lost(op operation) want {
	w := want{delivery: mfa.DeliveryUnknown, next: op.AfterUnknown, requests: exactly(1), dials: anyTimes}
	if op.reads() {
		w.requests = exactly(3)
	} else {
		w.is = []error{mfa.ErrOutcomeUnknown}
	}
	return w
}

// lostInTime: no complete response arrived before the deadline.
func lostInTime(op operation) want {
	return expect(lost).because(context.DeadlineExceeded).reads(exactly(1))(op)
}

// unsent: it is proven that nothing left, and another dial may cure that.
func unsent(operation) want {
	return want{delivery: mfa.DeliveryNotSent, next: mfa.ActionRetryLater, dials: exactly(3)}
}

// drained: the server said that it acted on nothing, over HTTP/2, three times.
func drained(op operation) want {
	w := unsent(op)
	w.requests, w.dials = exactly(3), anyTimes
	if op.reads() { // net/http repeats it by itself, and only the last is reported
		w.delivery = mfa.DeliveryUnknown
	}
	return w
}

// unsentForGood: nothing left, and another dial would end the same way.
func unsentForGood(op operation) want {
	w := unsent(op)
	w.dials = exactly(1)
	return w
}

// succeeds: the response is a success.
func succeeds(operation) want {
	return want{succeeds: true, requests: exactly(1), dials: anyTimes}
}

// answered: a complete response arrived, which means one of the sentinels or,
// with none, nothing in particular.
func answered(status int, next mfa.Action, is ...error) expect {
	return func(operation) want {
		return want{delivery: mfa.DeliveryAnswered, status: status, next: next, is: is, requests: exactly(1), dials: anyTimes}
	}
}

// byOp is what each operation makes of the same response.
func byOp(others expect, some map[mfa.Op]expect) expect {
	return func(op operation) want {
		if one, ok := some[op.Op]; ok {
			return one(op)
		}
		return others(op)
	}
}

// unexpected: what responded does not speak the API.
func unexpected(status int) expect {
	return answered(status, mfa.ActionRetryLater, mfa.ErrUnexpectedResponse)
}

// unexpectedOK is the same for a status that promised better.
var unexpectedOK = unexpected(200)

// failed: the server failed, so that a call that acts may have acted.
func failed(status int) expect {
	return func(op operation) want {
		w := answered(status, mfa.ActionRetryLater, mfa.ErrServer)(op)
		if !op.reads() && status != 503 {
			w.is = append(w.is, mfa.ErrOutcomeUnknown)
			w.next = op.AfterUnknown
		}
		if op.reads() && 502 <= status && status <= 504 {
			w.requests = exactly(3)
		}
		return w
	}
}

// rateLimited: refused for now, with a wait that is too long to sit out.
func rateLimited(after time.Duration) expect {
	e := answered(429, mfa.ActionWait, mfa.ErrRateLimited)
	if after == 0 {
		e = e.reads(exactly(3))
	}
	return e.changed(func(w *want, _ operation) { w.retryAfter = after })
}

// sentinels are all that an error can mean.
var sentinels = []error{
	mfa.ErrMFARequired, mfa.ErrAlreadyEnrolled, mfa.ErrNotEnrolled, mfa.ErrUnsupportedChallenge, mfa.ErrAuthenticatorNotFound,
	mfa.ErrInvalidCode, mfa.ErrInvalidToken, mfa.ErrTokenExpired, mfa.ErrChallengeExpired, mfa.ErrTooManyAttempts,
	mfa.ErrTooManyMessages, mfa.ErrRateLimited, mfa.ErrAuthorizationPending, mfa.ErrSlowDown, mfa.ErrRejected,
	mfa.ErrDeliveryFailed, mfa.ErrInvalidCredentials, mfa.ErrBlocked, mfa.ErrInvalidClient, mfa.ErrGrantNotAllowed,
	mfa.ErrInvalidRequest, mfa.ErrServer, mfa.ErrUnexpectedResponse, mfa.ErrOutcomeUnknown,
}

// check compares how the call ended.
func (w want) check(s *scene, got result, err error) {
	w.times(s, "requests", s.requests.Load(), w.requests)
	w.times(s, "dials", s.dials.Load(), w.dials)
	assert.Zero(s, s.strangers.Load(), "connections to another host")
	if w.panics {
		return
	}
	if w.orLost && err != nil {
		w = expect(lost).changed(func(l *want, _ operation) { l.requests, l.dials = w.requests, w.dials })(s.op)
	}
	var e *mfa.Error
	if w.orUnsent && errors.As(err, &e) && e.Delivery == mfa.DeliveryNotSent {
		w = unsent(s.op)
	}
	if w.succeeds {
		assert.NoError(s, err)
		s.checkOwn(s.own.Load().(string), got)
		if w.lasts != nil && s.client != nil {
			assert.Equal(s, *w.lasts, got.lasts)
		}
		return
	}
	assert.Error(s, err)
	assert.True(s, got.none && got.own == "", "a result beside an error")
	for _, cause := range w.causes {
		assert.ErrorIs(s, err, cause)
	}
	if w.as != nil {
		assert.True(s, w.as(err), "the cause cannot be reached")
	}
	if s.client != nil {
		w.checkType(s, err)
	}
}

// times compares a number. The control need not try as often as it may.
func (w want) times(s *scene, what string, got int32, span span) {
	assert.LessOrEqual(s, got, span.most, what)
	if s.client != nil {
		assert.GreaterOrEqual(s, got, span.least, what)
	}
}

// checkType compares what only the errors of the package tell.
func (w want) checkType(s *scene, err error) {
	var e *mfa.Error
	if !assert.ErrorAs(s, err, &e) {
		return
	}
	assert.Equal(s, s.op.Op, e.Op)
	assert.Equal(s, w.delivery.String(), e.Delivery.String(), "delivery")
	assert.Equal(s, w.status, e.StatusCode, "status")
	if !w.anyCode {
		assert.Equal(s, w.code, e.Code, "code")
	}
	assert.InDelta(s, w.retryAfter.Seconds(), e.RetryAfter.Seconds(), w.about.Seconds(), "wait")
	assert.LessOrEqual(s, len(e.Description), 200, "description")
	assert.Equal(s, w.next.String(), mfa.NextAction(err).String(), "next action")
	for _, sentinel := range sentinels {
		means := slices.ContainsFunc(w.is, func(one error) bool { return errors.Is(one, sentinel) })
		assert.Equal(s, means, errors.Is(err, sentinel), "errors.Is %v", sentinel)
	}
	for _, ended := range []error{context.Canceled, context.DeadlineExceeded} {
		assert.Equal(s, slices.Contains(w.causes, ended), errors.Is(err, ended), "errors.Is %v", ended)
	}
}

// checkOwn compares whose response a successful call returned.
func (s *scene) checkOwn(own string, got result) {
	if s.op.Method == http.MethodDelete {
		own = ""
	}
	assert.Equal(s, own, got.own, "somebody else's response")
	assert.Equal(s, own == "", got.none, "no result")
}
