package mfatest

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // RFC 6238 as authenticator apps speak it
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/url"
	"slices"
	"time"

	"github.com/go-auth0-mfa/mfa"
)

// stepTOTP is how long a one-time password is the current one.
const stepTOTP = 30 * time.Second

// OTP returns what the user's authenticator app shows at the tenant's time: the
// 6 digits of the authenticator of factor OTP that was added last, confirmed or
// not. It panics if there is no such user or the user has none.
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

// totp returns the one-time password of a moment (RFC 6238: SHA-1, 6 digits).
func totp(secret []byte, at time.Time) string {
	mac := hmac.New(sha1.New, secret)
	mac.Write(binary.BigEndian.AppendUint64(nil, uint64(at.Unix()/int64(stepTOTP/time.Second)))) //nolint:gosec // after 1970
	sum := mac.Sum(nil)
	offset := sum[len(sum)-1] & 0xf
	return fmt.Sprintf("%06d", binary.BigEndian.Uint32(sum[offset:])&0x7fffffff%1_000_000)
}

// acceptsTOTP allows for one step of difference between the clocks.
func acceptsTOTP(secret []byte, code string, now time.Time) bool {
	for _, drift := range []time.Duration{-stepTOTP, 0, stepTOTP} {
		if same(totp(secret, now.Add(drift)), code) {
			return true
		}
	}
	return false
}

func base32Secret(secret []byte) string {
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(secret)
}

// barcodeURI returns what the QR code of an enrolment says.
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
