package mfatest

import (
	"net/http"
	"slices"
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

func (t *Tenant) decidePush(helper, email string, d decision) {
	now := t.Now()
	t.mu.Lock()
	defer t.mu.Unlock()
	user := t.account(helper, email)
	for _, ch := range slices.Backward(user.waiting) {
		alive := now.Before(ch.expires) && (ch.device.active || now.Before(ch.codeExpires))
		if ch.decision == undecided && alive {
			ch.decision = d
			return
		}
	}
	panic("mfatest: " + helper + ": no push notification waits for " + email)
}
