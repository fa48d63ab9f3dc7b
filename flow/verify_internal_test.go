package flow

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/go-auth0-mfa/mfa"
)

// A step that has its tokens keeps nothing else that could get some.
func TestStepData_finish_dropsWhatWasVerified(t *testing.T) {
	t.Parallel()
	d := &stepData{
		state: StateEnterCode, factor: mfa.FactorOTP, enrolling: true, mfaToken: mfa.NewSecret("Fe26.t"), oobCode: mfa.NewSecret("Fe26.o"),
		otpSecret: mfa.NewSecret("JBSW"), barcodeURI: mfa.NewSecret("otpauth://totp/a"),
	}
	d.finish(&mfa.Token{AccessToken: mfa.NewSecret("eyJ")})
	assert.Equal(t, StateDone, d.state)
	for _, secret := range []mfa.Secret{d.mfaToken, d.oobCode, d.otpSecret, d.barcodeURI} {
		assert.True(t, secret.IsZero())
	}
}
