package flow

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/go-auth0-mfa/mfa"
)

// use is a call of a step with what it was given. The step of one seal makes one.
type use struct {
	verb  string
	input []string // as it is sent
	op    mfa.Op   // the request, "" for none

	// request makes the request. Without a context, package mfa refuses it and says
	// what else is wrong. If nil, nothing can be wrong.
	request func(context.Context) error
	// lost notes in the step that nobody knows what became of the request. If nil, there
	// is nothing to note.
	lost func(error) error
}

// claimed is the value of a claim: which use has it. The owner makes it differ from that
// of any other caller.
type claimed struct {
	use, owner string
	at         time.Time
}

func (v *claimed) code(c *codec) {
	v.use = c.text(v.use)
	v.owner = c.text(v.owner)
	v.at = c.time(v.at, time.UnixMilli(0))
}

// once makes the call if it is the first one with this seal of the step. The very same
// use gets the result of the first one, and any other is refused.
func (f *Flow) once(ctx context.Context, d *stepData, u use, call func(context.Context) error) error {
	n := d.calls
	alone := func() error {
		err := call(ctx)
		d.calls = n + 1
		return err
	}
	if f.shared == nil || d.binding.IsZero() || ctx == nil || ctx.Err() != nil {
		return alone()
	}
	if u.refused() { //nolint:contextcheck // it makes no request
		return call(ctx)
	}
	var uses []string // under each key
	for _, k := range f.shared().keys {
		uses = append(uses, k.use(d, u))
	}
	won, err := f.claim(ctx, d, u, uses)
	switch {
	case won == claimFailed:
		return alone()
	case won != claimWon:
		return err
	}
	running, cancel := withoutCancel(ctx)
	defer cancel()
	err = call(running)
	d.calls = n + 1
	f.keepResult(ctx, d, uses, err)
	return err
}

// withoutCancel returns a context that ends at the deadline of ctx, if it has one, but
// not when a browser drops its request.
func withoutCancel(ctx context.Context) (context.Context, context.CancelFunc) {
	running := context.WithoutCancel(ctx)
	if deadline, ok := ctx.Deadline(); ok {
		return context.WithDeadline(running, deadline)
	}
	return running, func() {}
}

// withoutResult returns the request for a use.
func withoutResult[T any](request func(context.Context) (T, error)) func(context.Context) error {
	return func(ctx context.Context) error {
		_, err := request(ctx)
		return err
	}
}

// refused reports whether package mfa refuses the request before it is sent.
func (u use) refused() bool {
	if u.request == nil {
		return false
	}
	var none context.Context
	e, ok := errors.AsType[*mfa.Error](u.request(none))
	return ok && !slices.Equal(e.Fields, []string{"Context"})
}

// claimName names the claim of a seal.
func (k storeKey) claimName(d *stepData) string {
	return k.mac("claim", d.id, strconv.Itoa(d.calls))
}

// use identifies a use of a seal.
func (k storeKey) use(d *stepData, u use) string {
	return k.mac(append([]string{"use", d.id, strconv.Itoa(d.calls), d.binding.Reveal(), u.verb}, u.input...)...)
}

// resultName names the result of a use.
func (k storeKey) resultName(use string) string { return k.mac("result", use) }

// claim claims the seal of the step for the use. If another caller has it, it waits for
// the result and returns that.
func (f *Flow) claim(ctx context.Context, d *stepData, u use, uses []string) (claim, error) {
	ttl := max(d.expiresAt.Sub(f.now()), time.Second)
	for i, k := range f.shared().keys {
		mine := claimed{use: uses[i], owner: rand.Text(), at: f.now()}
		won, value := f.shared().add(ctx, k, k.claimName(d), written(mine.code), ttl)
		switch won {
		case claimWon:
		case claimLost:
			err := f.await(ctx, d, u, k, value, mine.use)
			if !errors.Is(err, context.Canceled) {
				f.keepResult(ctx, d, uses[:i], err) // for who meets this one's claims
			}
			return won, err
		case claimFailed:
			if i > 0 {
				continue // under the other keys it is claimed
			}
			return won, nil
		default:
			return won, fmt.Errorf("flow: %s: the Store did not say whether this is the first call: %w", u.verb, &mfa.Error{Op: u.op, Delivery: mfa.DeliveryNotSent})
		}
	}
	return claimWon, nil
}

// written returns what the code of a value writes.
func written(code func(*codec)) []byte {
	var c codec
	code(&c)
	return c.buf
}

// read reads a value, and reports whether it is one.
func read(value []byte, code func(*codec)) bool {
	c := &codec{buf: value, reading: true}
	code(c)
	return !c.failed
}

// keepResult stores what a call with claims for the uses, under the first keys, has led to.
func (f *Flow) keepResult(ctx context.Context, d *stepData, uses []string, err error) {
	r := result{at: f.now(), step: *d, err: encodeError(err)}
	for i, use := range uses {
		k := f.shared().keys[i]
		f.shared().set(ctx, k, k.resultName(use), written(r.code), resultLife)
	}
}

// await waits for the result of the use that has claimed the seal. For the very same use
// it is the result of this one too.
func (f *Flow) await(ctx context.Context, d *stepData, u use, k storeKey, value []byte, mine string) error {
	var theirs claimed
	if !read(value, theirs.code) {
		return stepUsed(u.verb)
	}
	same := theirs.use == mine
	limit := time.NewTimer(resultWait)
	defer limit.Stop()
	for wait := firstLook; ; wait = min(2*wait, lastLook) {
		r, found := f.result(ctx, k, k.resultName(theirs.use))
		switch {
		case found && same && f.now().Sub(r.at) < resultLife:
			r.grow(f.now().Sub(r.at))
			d.become(r.step)
			return r.err.error()
		case found && d.sameLogin(&r.step):
			d.become(r.step)
			return stepUsed(u.verb)
		case found || f.now().Sub(theirs.at) >= resultLife:
			return stepUsed(u.verb)
		}
		again := time.NewTimer(wait)
		select {
		case <-again.C:
			continue
		case <-limit.C:
		case <-ctx.Done():
		}
		again.Stop()
		switch {
		case errors.Is(ctx.Err(), context.Canceled):
			return fmt.Errorf("flow: %s: another call with this step goes on: %w", u.verb, ctx.Err())
		case !same:
			return stepUsed(u.verb)
		}
		d.calls++
		var err error = &mfa.Error{Op: u.op, Delivery: mfa.DeliveryUnknown}
		if u.lost != nil {
			err = u.lost(err)
		}
		return err
	}
}

// result reads a result, and reports whether there is one.
func (f *Flow) result(ctx context.Context, k storeKey, name string) (*result, bool) {
	value, found, err := f.shared().get(ctx, k, name)
	r := new(result)
	if err != nil || !found || !read(value, r.code) {
		return r, false
	}
	r.step.sealedAt = r.at
	r.step.setBack(f.now())
	return r, true
}

// become makes the step what another call has left.
func (d *stepData) become(other stepData) {
	other.binding = d.binding
	*d = other
}

// sameLogin reports whether a call that did not lead to next may go on with it: whether
// no code was right, and nothing secret came to it. In StateDone there is no mfa_token.
func (d *stepData) sameLogin(next *stepData) bool {
	return next.mfaToken.Equal(d.mfaToken) &&
		next.otpSecret.Equal(d.otpSecret) && next.barcodeURI.Equal(d.barcodeURI) &&
		slices.EqualFunc(next.recoveryCodes, d.recoveryCodes, mfa.Secret.Equal)
}

func stepUsed(verb string) error { return fmt.Errorf("flow: %s: %w", verb, ErrStepUsed) }
