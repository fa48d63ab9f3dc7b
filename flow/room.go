package flow

import (
	"slices"
	"strings"
	"time"

	"github.com/go-auth0-mfa/mfa"
)

// The room that a step keeps for the response to what it is about to send, so
// that no message goes out whose code no page could verify: in characters, as
// long as Auth0's responses are known to be and a third more.
const (
	roomOOBCode       = 800
	roomOOBCodeStars  = 10 // of them outside the base64url alphabet
	roomRecoveryCodes = 2
	roomRecoveryCode  = 24
	roomOTPSecret     = 32
	roomBarcodeURI    = 240
	maxAddress        = 320 // package mfa refuses longer ones, which have the user type again
	maxTypedKept      = 128 // bytes of what was refused
)

// roomForChallenge reports whether the step can be sealed after a challenge.
func (f *Flow) roomForChallenge(d *stepData, i int) bool {
	next := *d
	next.reset()
	next.factor, next.challenged = d.authenticators[i].Factor(), i+1
	next.oobCode = roomForOOBCode()
	return f.fits(&next)
}

// roomForEnrollment reports whether the step can be sealed after the enrollment.
func (f *Flow) roomForEnrollment(d *stepData, p pending) bool {
	next, address := *d, p.address().Reveal()
	next.reset()
	next.authenticators = nil
	next.factor, next.enrolling = p.factor, true
	next.address = mfa.NewSecret(address[:min(len(address), maxAddress)])
	next.oobCode, next.otpSecret, next.barcodeURI = p.used(&mfa.AssociateResponse{
		OOBCode: roomForOOBCode(), OTPSecret: room(roomOTPSecret), BarcodeURI: room(roomBarcodeURI),
	})
	next.recoveryCodes = slices.Clone(d.recoveryCodes)
	for len(next.recoveryCodes) < roomRecoveryCodes {
		next.recoveryCodes = append(next.recoveryCodes, room(roomRecoveryCode))
	}
	return f.fits(&next)
}

// fits reports whether the step fits into a seal with everything else that is set
// when a message was sent.
func (f *Flow) fits(d *stepData) bool {
	d.calls++
	late := d.expiresAt.Add(2 * time.Hour)
	d.codeExpiresAt, d.pollAt, d.sentAt = late, late, late
	d.recent = slices.Repeat([]message{{digest(""), late}}, min(maxRecent, len(d.recent)+1))
	return f.sealedLen(d) <= f.maxSealed
}

// roomForOOBCode stands for an oob_code that is not there yet.
func roomForOOBCode() mfa.Secret {
	return mfa.NewSecret(strings.Repeat(strings.Repeat("A", roomOOBCode/roomOOBCodeStars-1)+"*", roomOOBCodeStars))
}

// room stands for n characters that are not there yet.
func room(n int) mfa.Secret { return mfa.NewSecret(strings.Repeat("A", n)) }
