package mfatest

import (
	"net/http"
	"slices"
	"time"
)

// poll answers the mfa-oob grant for a push notification. Polling faster than
// every 5 seconds is refused while the user has not decided. That answer is not
// documented for MFA; it is the one of the device authorization flow.
//
// Auth0 docs: https://auth0.com/docs/secure/multi-factor-authentication/authenticate-using-ropg-flow-with-mfa/enroll-and-challenge-push-authenticators
func (t *Tenant) poll(c call, ch *challenge) answer {
	switch ch.decision {
	case approved:
		if ch.spent {
			return expired("oob_code") // not documented
		}
		ch.spent = true
		ch.session.user.confirm(ch.device)
		return t.proven(c, ch.session, "")
	case rejected:
		return refuse(http.StatusBadRequest, "access_denied", "MFA Authorization rejected.")
	}
	if next := ch.polled.Add(pollInterval); c.now.Before(next) {
		a := refuse(http.StatusTooManyRequests, "slow_down", "You are polling faster than the specified interval of 5 seconds.")
		a.header.Set("Retry-After", seconds(next.Sub(c.now)))
		return a
	}
	ch.polled = c.now
	return refuse(http.StatusBadRequest, "authorization_pending", "Authorization pending: please repeat the request in a few seconds.")
}

// ApprovePush approves the user's newest push notification that waits; for an
// enrolment, it scans the QR code, which is valid for 5 minutes. The next poll
// gets the tokens. ApprovePush panics if there is no such user or none waits.
func (t *Tenant) ApprovePush(email string) { t.decidePush("ApprovePush", email, approved) }

// RejectPush rejects the user's newest push notification that waits, for good:
// every poll is answered with access_denied. It panics if there is no such user
// or none waits.
func (t *Tenant) RejectPush(email string) { t.decidePush("RejectPush", email, rejected) }

// PushPending reports whether [Tenant.ApprovePush] and [Tenant.RejectPush] have
// something to decide: a push notification that waits, or an enrolment whose QR
// code can be scanned. It panics if there is no such user.
func (t *Tenant) PushPending(email string) bool {
	now := t.Now()
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.account("PushPending", email).pendingPush(now) != nil
}

func (t *Tenant) decidePush(helper, email string, d decision) {
	now := t.Now()
	t.mu.Lock()
	defer t.mu.Unlock()
	ch := t.account(helper, email).pendingPush(now)
	if ch == nil {
		panic("mfatest: " + helper + ": no push notification waits for " + email)
	}
	ch.decision = d
}

// pendingPush returns the newest push challenge that waits; nil: none does.
func (a *account) pendingPush(now time.Time) *challenge {
	for _, ch := range slices.Backward(a.waiting) {
		alive := now.Before(ch.expires) && (ch.device.active || now.Before(ch.codeExpires))
		if ch.decision == undecided && alive {
			return ch
		}
	}
	return nil
}
