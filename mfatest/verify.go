package mfatest

import (
	"crypto/fips140"
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // RFC 6238 as authenticator apps implement it
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/go-auth0-mfa/mfa"
)

// verifyOOB is the mfa-oob grant, the only one with a rate limit of its own.
//
// Auth0 docs: https://auth0.com/docs/api/authentication/multi-factor-authentication/verify-with-out-of-band
func (t *Tenant) verifyOOB(c call) (response, error) {
	s, err := t.bodySession(c, true)
	if err != nil {
		return response{}, err
	}
	if !s.exchanges.take(limitExchanges, c.now) {
		return response{}, s.exchanges.tooManyRequests(limitExchanges, c.now)
	}
	resp := resolve(t.verifyChallenge(c, s))
	s.exchanges.policy(limitExchanges, c.now, resp.header)
	return resp, nil
}

func (t *Tenant) verifyChallenge(c call, s *session) (response, error) {
	ch := t.challenges[c.params.text("oob_code")]
	switch {
	case ch == nil:
		return response{}, malformed("oob_code")
	case ch.session != s:
		return response{}, refuse(http.StatusBadRequest, "invalid_request", "The oob_code doesn't match the mfa_token")
	case ch.code == "": // push; an expired oob_code was refused already, because its mfa_token is older
		return t.poll(c, ch)
	}
	if err := c.params.check("binding_code"); err != nil {
		return response{}, err
	}
	user := s.user
	if user.wrongCodes.left(limitWrongCodes, c.now) == 0 {
		return response{}, tooManyCodes()
	}
	// It is not documented that an expired, used or replaced code counts as a wrong one.
	valid := ch.device.newest == ch && !ch.spent && c.now.Before(ch.codeExpires)
	if !valid || !equal(ch.code, c.params.text("binding_code")) {
		user.wrongCodes.take(limitWrongCodes, c.now)
		return response{}, refuse(http.StatusForbidden, "invalid_grant", "Invalid binding_code.")
	}
	ch.spent = true
	user.confirm(ch.device)
	return t.factorVerified(c, s, "")
}

// verifyOTP is the mfa-otp grant. A one-time password is accepted again while it
// is current; whether Auth0 does so is not documented.
//
// Auth0 docs: https://auth0.com/docs/api/authentication/multi-factor-authentication/verify-mfa-with-otp
func (t *Tenant) verifyOTP(c call) (response, error) {
	s, err := t.bodySession(c, true)
	if err != nil {
		return response{}, err
	}
	var candidates []*device
	for _, d := range s.user.devices {
		if d.factor == mfa.FactorOTP && (d.active && !s.jwt || !d.active && d.enrolled == s) {
			candidates = append(candidates, d)
		}
	}
	switch {
	case len(candidates) == 0 && s.jwt:
		return response{}, malformed("mfa_token")
	case len(candidates) == 0 && !s.user.hasActive(t.listed):
		return response{}, notEnrolled()
	case len(candidates) == 0:
		return response{}, unsupported("User is not enrolled with google-authenticator")
	case s.user.wrongCodes.left(limitWrongCodes, c.now) == 0:
		return response{}, tooManyCodes()
	}
	i := slices.IndexFunc(candidates, func(d *device) bool { return acceptsTOTP(d.secret, c.params.text("otp"), c.now) })
	if i < 0 {
		s.user.wrongCodes.take(limitWrongCodes, c.now)
		return response{}, refuse(http.StatusForbidden, "invalid_grant", "Invalid otp_code.")
	}
	s.user.confirm(candidates[i])
	return t.factorVerified(c, s, "")
}

// verifyRecovery is the mfa-recovery-code grant.
//
// Auth0 docs: https://auth0.com/docs/api/authentication/multi-factor-authentication/verify-with-recovery-code
func (t *Tenant) verifyRecovery(c call) (response, error) {
	s, err := t.bodySession(c, false)
	if err != nil {
		return response{}, err
	}
	user := s.user
	active := slices.ContainsFunc(user.devices, func(d *device) bool { return d.factor == mfa.FactorRecoveryCode && d.active })
	switch {
	case !active:
		return response{}, refuse(http.StatusForbidden, "unsupported_challenge_type", "User does not have a recovery-code.")
	case user.wrongRecovery.left(limitWrongRecovery, c.now) == 0:
		return response{}, tooManyCodes()
	case !equal(user.recovery, c.params.text("recovery_code")):
		user.wrongRecovery.take(limitWrongRecovery, c.now)
		return response{}, refuse(http.StatusForbidden, "invalid_grant", "MFA Authorization rejected.")
	}
	user.recovery = randomText(recoveryText, 24)
	return t.factorVerified(c, s, user.recovery)
}

// factorVerified requires the next factor of a chain or issues the tokens, unless an
// Action denies the login: whether one runs at this point is not documented. The
// mfa_token stays valid until it expires.
func (t *Tenant) factorVerified(c call, s *session, recoveryCode string) (response, error) {
	if !s.jwt && s.verified < t.config.chain {
		return response{}, t.mfaRequired(c.now, s.grant, s.verified+1)
	}
	if err := t.denial(s.user); err != nil {
		return response{}, err
	}
	g := s.grant
	g.mfa = true
	return t.tokens(c.now, g, recoveryCode), nil
}

// poll is the mfa-oob grant for a push notification. Polling more often than
// every 5 seconds is refused while the user has not decided. That response is
// not documented for MFA; it is the one of the device authorization flow.
//
// Auth0 docs: https://auth0.com/docs/secure/multi-factor-authentication/authenticate-using-ropg-flow-with-mfa/enroll-and-challenge-push-authenticators
func (t *Tenant) poll(c call, ch *challenge) (response, error) {
	switch ch.decision {
	case approved:
		if ch.spent {
			return response{}, expired("oob_code") // not documented
		}
		ch.spent = true
		ch.session.user.confirm(ch.device)
		return t.factorVerified(c, ch.session, "")
	case rejected:
		return response{}, refuse(http.StatusBadRequest, "access_denied", "MFA Authorization rejected.")
	}
	if next := ch.polled.Add(pollInterval); c.now.Before(next) {
		refused := newRefusal(http.StatusTooManyRequests,
			errorBody{Error: "slow_down", Description: "You are polling faster than the specified interval of 5 seconds."})
		refused.header.Set("Retry-After", seconds(next.Sub(c.now)))
		return response{}, refused
	}
	ch.polled = c.now
	return response{}, refuse(http.StatusBadRequest, "authorization_pending", "Authorization pending: please repeat the request in a few seconds.")
}

// ApprovePush approves the user's newest pending push notification. For an
// enrollment it scans the QR code, which is valid for 5 minutes. The next poll
// gets the tokens. ApprovePush panics if there is no such user or nothing is
// pending.
func (t *Tenant) ApprovePush(email string) { t.decidePush("ApprovePush", email, approved) }

// RejectPush rejects the user's newest pending push notification for good: every
// poll is refused with access_denied. It panics if there is no such user or
// nothing is pending.
func (t *Tenant) RejectPush(email string) { t.decidePush("RejectPush", email, rejected) }

// PushPending reports whether [Tenant.ApprovePush] and [Tenant.RejectPush] have
// something to decide: a push notification, or an enrollment whose QR code can
// be scanned. It panics if there is no such user.
func (t *Tenant) PushPending(email string) bool {
	now := t.Now()
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.account("PushPending", email).pendingPush(now) != nil
}

func (t *Tenant) decidePush(method, email string, d decision) {
	now := t.Now()
	t.mu.Lock()
	defer t.mu.Unlock()
	ch := t.account(method, email).pendingPush(now)
	if ch == nil {
		panic("mfatest: " + method + ": no push notification is pending for " + email)
	}
	ch.decision = d
}

// pendingPush returns the newest push challenge that is pending, or nil if none
// is.
func (a *account) pendingPush(now time.Time) *challenge {
	for _, ch := range slices.Backward(a.pushed) {
		valid := now.Before(ch.expires) && (ch.device.active || now.Before(ch.codeExpires))
		if ch.decision == undecided && valid {
			return ch
		}
	}
	return nil
}

// stepTOTP is how long a one-time password is current.
const stepTOTP = 30 * time.Second

// OTP returns the 6 digits that the user's authenticator app shows at the
// tenant's time. If the user has several authenticators of factor OTP, it is the
// one that was added last, confirmed or not. OTP panics if there is no such user
// or the user has none.
func (t *Tenant) OTP(email string) string {
	now := t.Now()
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, d := range slices.Backward(t.account("OTP", email).devices) {
		if d.factor == mfa.FactorOTP {
			return totp(d.secret, now)
		}
	}
	panic("mfatest: OTP: no authenticator app is enrolled for " + email)
}

// totp returns the one-time password at a time (RFC 6238: SHA-1, 6 digits). Where
// FIPS 140 is enforced, SHA-1 is exempt: it is what authenticator apps use, and
// this one protects nothing.
func totp(secret []byte, at time.Time) string {
	var sum []byte
	fips140.WithoutEnforcement(func() {
		mac := hmac.New(sha1.New, secret)
		mac.Write(binary.BigEndian.AppendUint64(nil, uint64(at.Unix()/int64(stepTOTP/time.Second)))) //nolint:gosec // after 1970
		sum = mac.Sum(nil)
	})
	offset := sum[len(sum)-1] & 0xf
	return fmt.Sprintf("%06d", binary.BigEndian.Uint32(sum[offset:])&0x7fffffff%1_000_000)
}

// acceptsTOTP tolerates one step of difference between the clocks.
func acceptsTOTP(secret []byte, code string, now time.Time) bool {
	for _, drift := range []time.Duration{-stepTOTP, 0, stepTOTP} {
		if equal(totp(secret, now.Add(drift)), code) {
			return true
		}
	}
	return false
}

func base32Secret(secret []byte) string {
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(secret)
}

// barcodeURI returns the content of an enrollment's QR code.
func (t *Tenant) barcodeURI(a *account, d *device) string {
	q := url.Values{}
	if d.factor == mfa.FactorPush {
		q.Set("enrollment_tx_id", randomText(alphanumeric, 32))
		q.Set("base_url", t.origin)
	} else {
		q.Set("secret", base32Secret(d.secret))
		q.Set("issuer", "mfatest")
		q.Set("algorithm", "SHA1")
		q.Set("digits", "6")
		q.Set("period", "30")
	}
	return "otpauth://totp/mfatest:" + url.PathEscape(a.email) + "?" + q.Encode()
}
