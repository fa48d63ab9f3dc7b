package flow

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
)

// What an address adds is its own length, so that every length can be made.
func TestSealer_longest(t *testing.T) {
	t.Parallel()
	client, err := mfa.NewClient("tenant.eu.auth0.com", "app")
	require.NoError(t, err)
	f, err := New(client, WithClock(func() time.Time { return time.Unix(0, 0) }))
	require.NoError(t, err)
	sl, err := f.NewSealer(append(make([]byte, 31), 1))
	require.NoError(t, err)
	lengths := map[int]bool{} // 0: refused
	for n := 2450; n < 2700; n++ {
		d := &stepData{
			state: StateEnterCode, factor: mfa.FactorEmail, mfaToken: mfa.NewSecret("t"),
			enrolling: true, address: mfa.NewSecret(strings.Repeat("a", n)), expiresAt: time.Unix(60, 0),
		}
		sealed, err := sl.Seal(newStep(f, d), []byte("b"))
		lengths[len(sealed)] = true
		if err != nil {
			require.ErrorIs(t, err, ErrStepTooLarge)
			continue
		}
		assert.Equal(t, f.sealedLen(d), len(sealed)) //nolint:testifylint // Len prints what is sealed
		_, err = sl.Open(sealed, []byte("b"))
		require.NoError(t, err)
	}
	assert.True(t, lengths[0])
	assert.True(t, lengths[3598])
	assert.True(t, lengths[3599])
	assert.True(t, lengths[3600])
	assert.NotContains(t, lengths, 3602)

	// Nor is opened what another version may have sealed.
	long := full()
	long.expiresAt, long.address = time.Unix(60, 0), mfa.NewSecret(strings.Repeat("a", 2850))
	done := full()
	done.expiresAt, done.state = time.Unix(60, 0), StateDone
	good := full()
	good.expiresAt = time.Unix(60, 0)
	for name, tt := range map[string]struct {
		d  *stepData
		is error
	}{
		"too long": {long, ErrStepInvalid}, "no step": {done, ErrStepInvalid}, "a step": {good, nil},
	} {
		opened, err := sl.Open(sl.seal(sealedStep, tt.d.pack(), []byte("b")), []byte("b"))
		require.ErrorIs(t, err, tt.is, name)
		assert.Equal(t, tt.is == nil, opened != nil, name)
	}
}

// The length of a seal is public. Whatever a user can choose, replaced by other
// text of the same length, be it a part of the tokens, leaves it as it was.
func TestPack_lengthTellsLengthsOnly(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	iron := func(n int) string {
		return ("Fe26.2*" + strings.Repeat("0123456789abcdef", 4) + "*" + strings.Repeat("Az09-_", n/6+1))[:n]
	}
	base := full()
	base.mfaToken, base.oobCode = mfa.NewSecret(iron(2000)), mfa.NewSecret(iron(600))
	base.barcodeURI = mfa.NewSecret("otpauth://totp/tenant:" + strings.Repeat("a", 60) + "?secret=S")
	tokens := base.mfaToken.Reveal() + base.oobCode.Reveal() + "email|dev_oobsms"
	// text returns n bytes of one of the kinds that a user may come up with.
	text := func(n int) string {
		switch random.IntN(5) {
		case 0:
			return strings.Repeat(string(rune('!'+random.IntN(90))), n)
		case 1:
			at := random.IntN(len(tokens) - n)
			return tokens[at : at+n]
		case 2:
			whole := strings.Repeat("字", n/3)
			return whole + strings.Repeat("*", n-len(whole))
		case 3:
			return strings.Repeat("user@example.com ", n/17+1)[:n]
		default:
			b := make([]byte, n)
			for i := range b {
				b[i] = byte(' ' + random.IntN(95))
			}
			return string(b)
		}
	}
	address, uri, name, typed := text(40), text(90), text(24), text(200)
	f := &Flow{maxSealed: 1 << 20, clock: func() time.Time { return base.expiresAt }}
	length := func() int {
		d := *base
		d.address, d.recent = mfa.NewSecret(address), []message{{digest(address), base.expiresAt}}
		d.barcodeURI = mfa.NewSecret("otpauth://totp/tenant:" + uri + "?secret=S")
		f.keepTyped(&d, typed)
		d.authenticators = []mfa.Authenticator{base.authenticators[0], base.authenticators[1]}
		d.authenticators[0].Name, d.authenticators[1].Name = cutName(name), cutName(name+address)
		return sealedLen(d.pack())
	}
	want := length()
	for range 2000 {
		address, uri, name, typed = text(len(address)), text(len(uri)), text(len(name)), text(len(typed))
		require.Equal(t, want, length(), "%q %q %q", address, uri, name)
	}
	address += "a"
	assert.Greater(t, length(), want, "the test can fail")
}
