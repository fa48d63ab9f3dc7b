package flow

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/internal/input"
)

// User names the user who logs in, as the page knows them: what was typed as the user
// name, for example. Begin then goes on with a step of the same user and the same login
// that is waiting for a code, if the code was sent less than [WithResendInterval] ago. It
// sends nothing then, and the mfa_token of the new login is not used. So a user who sends
// the password form twice, in whichever tabs and browsers, gets one mail. That needs
// [WithStore], or [Previous].
//
// The same login is one with the same user name, realm, audience and scopes, which
// [mfa.Client.PasswordLogin] notes in its error. After [mfa.ParseError] put them into the
// name. Only a step that waits for the code of a challenge is gone on with, never an
// enrollment. It gets a seal of its own, which opens no result of the other one.
//
// An empty name is refused with [mfa.ErrInvalidRequest].
func User(name string) BeginOption {
	return func(b *beginning) { b.user, b.named = name, true }
}

// Previous is the step that the browser still has when its user logs in again. Begin goes
// on with it as [User] says, also without [WithStore]: User has to name the same user as
// in the Begin of that step. With WithStore, that uses up the seal of the step.
//
// Without User it is refused with [mfa.ErrInvalidRequest], because nobody knows whose
// step it is, and the seal is used up as well. With a nil step, Begin does what it does
// without Previous.
func Previous(step *Step) BeginOption {
	return func(b *beginning) { b.previous, b.hasPrevious = step, true }
}

// forUser returns a digest of the user and of what the login was made with.
func (f *Flow) forUser(name string, required *mfa.RequiredError) (string, error) {
	var note *input.Login
	switch {
	case !required.As(&note):
		note = input.NewLogin(f.client.Domain(), f.client.ClientID())
	case note.Domain != f.client.Domain() || note.ClientID != f.client.ClientID():
		return "", fmt.Errorf("flow: Begin: the login was made at another tenant or with another application: %w", mfa.ErrInvalidRequest)
	}
	if name == "" {
		return "", nil
	}
	return input.Digest(note.Domain, note.ClientID, note.Digest, name), nil
}

// shortUser returns as much of the digest as a seal has room for. A seal is bound to a
// browser: who finds another name with these 6 bytes gets no further than the user of
// that browser.
func shortUser(user string) string { return user[:min(len(user), 6)] }

// goesOn reports whether Begin goes on with a step: whether it waits for a code that was
// sent less than a resend interval ago.
func (f *Flow) goesOn(d *stepData, user string) bool {
	now := f.now()
	return d.waits(user) && now.Before(d.codeExpiresAt) && now.Before(d.sentAt.Add(f.resendInterval))
}

// waits reports whether the step waits for the code of a challenge, for nothing but the
// user's password.
func (d *stepData) waits(user string) bool {
	return user != "" && d.user == shortUser(user) && d.purpose == forLogin && d.state == StateEnterCode && !d.enrolling &&
		!d.oobCode.IsZero() && d.recoveryCodes == nil && d.otpSecret.IsZero()
}

// renew makes it a step of its own.
func (d *stepData) renew() {
	d.id, d.calls, d.binding = newID(), 0, mfa.Secret{}
}

// beginPrevious goes on with the step that the browser has. It returns nil if there is
// nothing to go on with.
func (f *Flow) beginPrevious(ctx context.Context, b beginning, user string) (*Step, error) {
	var d stepData
	if b.previous != nil {
		d = *b.previous.data()
	}
	u := use{verb: "Begin", input: []string{user}, op: mfa.OpChallenge}
	switch {
	case b.user == "":
		if d.state != 0 {
			_ = f.once(ctx, &d, u, func(context.Context) error { return nil }) // it is refused, whoever has the seal
		}
		return nil, fmt.Errorf("flow: Begin: Previous without User: %w", mfa.ErrInvalidRequest)
	case !f.goesOn(&d, user):
		return nil, nil //nolint:nilnil // no step is no failure
	}
	err := f.once(ctx, &d, u, func(context.Context) error {
		d.renew()
		return nil
	})
	switch {
	case errors.Is(err, ErrStepUsed):
		return nil, nil //nolint:nilnil // its code may be spent
	case err != nil:
		return nil, err
	}
	d.binding = mfa.Secret{} // the page seals it anew
	return newStep(f, &d), nil
}

// running is what a Begin for a user has led to, or that it is on its way.
type running struct {
	owner   string // random
	at      time.Time
	done    bool
	err     storedError
	members []member // the steps that wait for the same code
	step    stepData // the first one, if it is gone on with
}

// member is a seal of a step: which was not used when it was noted.
type member struct {
	id    string
	calls int
}

func (r *running) code(c *codec) {
	r.owner = c.text(r.owner)
	r.at = c.time(r.at, time.UnixMilli(0))
	if r.done = c.bool(r.done); !r.done {
		return
	}
	r.err.code(c)
	r.members = list(c, r.members, func(m member) member {
		return member{c.text(m.id), c.number(m.calls)}
	})
	if len(r.members) > 0 {
		r.step.code(c)
	}
}

// place is where a Begin notes what it has led to.
type place struct {
	key        storeKey
	root, name string
}

// maxMembers bounds the steps that wait for one code. A later Begin has a code of its own.
const maxMembers = 16

// beginShared goes on with a step of the user that waits for a code, or begins. Of many
// calls at once, one begins.
func (f *Flow) beginShared(ctx context.Context, user string, begin func(context.Context) (*stepData, error)) (*stepData, error) {
	var places []place
	for _, k := range f.shared().keys {
		at, d, err := f.enter(ctx, k, user)
		if d != nil || err != nil {
			f.note(ctx, places, user, d, err)
			return d, err
		}
		if at.name != "" {
			places = append(places, at)
		}
	}
	if places == nil {
		return begin(ctx)
	}
	goesOn, cancel := withoutCancel(ctx)
	defer cancel()
	d, err := begin(goesOn)
	f.note(ctx, places, user, d, err)
	return d, err
}

// note stores what a Begin has led to.
func (f *Flow) note(ctx context.Context, places []place, user string, d *stepData, err error) {
	r := running{owner: rand.Text(), at: f.now(), done: true, err: encodeError(err)}
	if d != nil && err == nil && f.goesOn(d, user) {
		r.members, r.step = []member{{d.id, d.calls}}, *d
	}
	for _, at := range places {
		f.store(ctx, at, &r)
	}
}

// store stores it at the place, and for the next ones to come.
func (f *Flow) store(ctx context.Context, at place, r *running) {
	f.shared().set(ctx, at.key, at.name, written(r.code), f.runningLife())
	if at.name != at.root {
		f.shared().set(ctx, at.key, at.root, written(r.code), f.runningLife())
	}
}

// runningLife is longer than a Begin takes, and than another one goes on with it.
func (f *Flow) runningLife() time.Duration { return f.resendInterval + 3*time.Minute }

// enter finds the step to go on with, or the place of a Begin of its own: none, if the
// Store fails. Each Begin that nobody goes on with has a place after it, which one caller
// gets.
func (f *Flow) enter(ctx context.Context, k storeKey, user string) (place, *stepData, error) {
	at := place{key: k, root: k.mac("begin", user)}
	at.name = at.root
	limit := time.NewTimer(resultWait)
	defer limit.Stop()
	wait, waited := firstLook, false
	for {
		mine := running{owner: rand.Text(), at: f.now()}
		won, value := f.shared().add(ctx, k, at.name, written(mine.code), f.runningLife())
		var theirs running // of which the step is on this machine's clock
		switch {
		case won == claimWon:
			if at.name != at.root { // or it could expire before this Begin is done
				f.shared().set(ctx, k, at.root, written(mine.code), f.runningLife())
			}
			return at, nil, nil
		case won == claimFailed, won == claimLost && !read(value, theirs.code):
			return place{}, nil, nil
		case won == claimUnclear:
			return place{}, nil, fmt.Errorf("flow: Begin: the Store did not say whether this is the first call: %w",
				&mfa.Error{Op: mfa.OpChallenge, Delivery: mfa.DeliveryNotSent})
		case theirs.done:
			theirs.step.sealedAt = theirs.at
			theirs.step.setBack(f.now())
			if d := f.join(ctx, at, &theirs, user); d != nil {
				return place{}, d, nil
			}
			if err := theirs.err.error(); waited && errors.Is(err, mfa.ErrOutcomeUnknown) {
				return place{}, nil, err
			}
			at.name = k.mac("begin", user, theirs.owner)
			continue
		case f.now().Sub(theirs.at) >= f.resendInterval:
			at.name = k.mac("begin", user, theirs.owner) // nobody waits for it any longer
			continue
		}
		again := time.NewTimer(wait)
		select {
		case <-again.C:
			wait, waited = min(2*wait, lastLook), true
			continue
		case <-limit.C:
		case <-ctx.Done():
		}
		again.Stop()
		if errors.Is(ctx.Err(), context.Canceled) {
			return place{}, nil, fmt.Errorf("flow: Begin: another call for this user goes on: %w", ctx.Err())
		}
		return place{}, nil, &mfa.Error{Op: mfa.OpChallenge, Delivery: mfa.DeliveryUnknown}
	}
}

// join returns a step of its own that waits for the code which the others wait for, or
// nil if that is used, too old, or was not sent.
func (f *Flow) join(ctx context.Context, at place, r *running, user string) *stepData {
	if len(r.members) == 0 || len(r.members) >= maxMembers {
		return nil
	}
	var newest *stepData
	for _, m := range r.members {
		d := f.follow(ctx, at.key, user, m, r.step)
		if d == nil {
			return nil
		}
		if newest == nil || d.codeExpiresAt.After(newest.codeExpiresAt) {
			newest = d
		}
	}
	if !f.goesOn(newest, user) {
		return nil
	}
	newest.renew()
	joined := *r
	joined.at = f.now()
	joined.members = append(slices.Clip(joined.members), member{newest.id, 0})
	f.store(ctx, at, &joined)
	return newest
}

// follow returns the step of the seal as the calls since then have left it, or nil if
// it does not wait for a code any more, or nobody knows.
func (f *Flow) follow(ctx context.Context, k storeKey, user string, m member, d stepData) *stepData {
	d.id, d.calls = m.id, m.calls
	for range maxFollowed {
		value, found, err := f.shared().get(ctx, k, k.claimName(&d))
		if err == nil && !found {
			return &d
		}
		var claim claimed
		if err != nil || !read(value, claim.code) {
			return nil
		}
		r, found := f.result(ctx, k, k.resultName(claim.use))
		if !found || !r.step.waits(user) {
			return nil
		}
		d = r.step
	}
	return nil
}

const maxFollowed = 32
