package flow

import (
	"bytes"
	"compress/flate"
	"encoding/base64"
	"encoding/binary"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
)

// deflated returns contents as a sealer packs them, behind what a user typed.
func deflated(t testing.TB, typed, plain string) []byte {
	t.Helper()
	packed := bytes.NewBuffer(binary.AppendUvarint(nil, uint64(len(typed))))
	packed.WriteString(typed)
	w, err := flate.NewWriter(packed, flate.BestCompression)
	require.NoError(t, err)
	_, err = w.Write([]byte(plain))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return packed.Bytes()
}

// What comes out of a sealed step was put in by this package, of some version;
// but it is a step as a whole, or none.
func TestUnpack(t *testing.T) {
	t.Parallel()
	const phone = "+4930901820"
	s, ok := unpack(deflated(t, "ada@example.com", `{"s":3,"f":"email","m":"t","e":true,"z":1,"of a newer version":[1]}`))
	require.True(t, ok)
	assert.Equal(t, StateEnterCode, s.State())
	assert.Equal(t, "***@exam*******", s.Destination())

	// Each name stands in steps that are on their way.
	s, ok = unpack(deflated(t, phone, `{"s":4,"f":"sms","m":"M","o":"O","a":[["1","oob","sms","X"],["2","oob","auth0","Y"]],"c":2,"e":true,"k":"K","b":"B",`+
		`"r":["R","S"],"u":["C"],"v":["E"],"z":1000,"x":2000,"n":3000,"p":4000,"i":5000,"t":"T","l":6,"q":7}`))
	require.True(t, ok)
	secret := mfa.NewSecret
	assert.Equal(t, &Step{
		state: StatePoll, factor: mfa.FactorSMS, mfaToken: secret("M"), oobCode: secret("O"),
		authenticators: []authenticator{{"1", "oob", "sms", secret("X")}, {"2", "oob", "auth0", secret("Y")}}, challenged: "2",
		enrolling: true, enrolment: enrolment{factor: mfa.FactorSMS, phone: secret(phone)}, otpSecret: secret("K"), barcodeURI: secret("B"),
		recoveryCodes: []mfa.Secret{secret("R"), secret("S")}, requirements: mfa.Requirements{Challenge: []string{"C"}, Enroll: []string{"E"}},
		expiresAt: time.Unix(1, 0).UTC(), codeExpiresAt: time.Unix(2, 0).UTC(), resendAt: time.Unix(3, 0).UTC(), pollAt: time.Unix(4, 0).UTC(),
		pollInterval: 10 * time.Second, sentTo: secret("T"), attemptsLeft: 6, sendsLeft: 7,
	}, s)

	good := `{"s":2,"m":"t","a":[["id","oob","email","name"]],"c":1}`
	_, ok = unpack(deflated(t, "", good))
	require.True(t, ok)
	for name, packed := range map[string][]byte{
		"nothing":              nil,
		"endless length":       bytes.Repeat([]byte{0xff}, 20),
		"length beyond":        {5, 'a'},
		"length one beyond":    {2, 'a'},
		"largest length":       binary.AppendUvarint(nil, 1<<64-1),
		"nothing deflated":     {0},
		"not deflated":         append([]byte{0}, good...),
		"cut off":              deflated(t, "", good)[:20],
		"not JSON":             deflated(t, "", good+"}"),
		"empty":                deflated(t, "", ""),
		"no step":              deflated(t, "", `{}`),
		"no state":             deflated(t, "", `{"m":"t"}`),
		"negative state":       deflated(t, "", `{"s":-1,"m":"t"}`),
		"done":                 deflated(t, "", `{"s":5,"m":"t"}`),
		"newer state":          deflated(t, "", `{"s":6,"m":"t"}`),
		"no token":             deflated(t, "", `{"s":2}`),
		"challenged beyond":    deflated(t, "", strings.Replace(good, `"c":1`, `"c":2`, 1)),
		"challenged negative":  deflated(t, "", strings.Replace(good, `"c":1`, `"c":-1`, 1)),
		"inflates beyond":      deflated(t, "", good+strings.Repeat(" ", 16<<10-len(good)+1)),
		"inflates far beyond":  deflated(t, "", good+strings.Repeat(" ", 256<<10)),
		"another type":         deflated(t, "", `{"s":"2","m":"t"}`),
		"authenticator absent": deflated(t, "", `{"s":3,"m":"t","c":1}`),
	} {
		s, ok := unpack(packed)
		assert.False(t, ok, name)
		assert.Nil(t, s, name)
	}
	_, ok = unpack(deflated(t, "", good+strings.Repeat(" ", 16<<10-len(good))))
	assert.True(t, ok)
}

// What an address adds is its own length, so that every length can be made.
func TestSealer_longest(t *testing.T) {
	t.Parallel()
	client, err := mfa.NewClient("tenant.eu.auth0.com", "app")
	require.NoError(t, err)
	f, err := New(client, WithClock(func() time.Time { return time.Unix(0, 0) }))
	require.NoError(t, err)
	sl, err := f.NewSealer(make([]byte, 32))
	require.NoError(t, err)
	lengths := map[int]bool{} // 0: refused
	for n := 2600; n < 2850; n++ {
		s := &Step{
			flow: func() *Flow { return f }, state: StateEnterCode, factor: mfa.FactorEmail, mfaToken: mfa.NewSecret("t"),
			enrolling: true, enrolment: enrolment{factor: mfa.FactorEmail, email: mfa.NewSecret(strings.Repeat("a", n))}, expiresAt: time.Unix(60, 0),
		}
		sealed, err := sl.Seal(s, []byte("b"))
		lengths[len(sealed)] = true
		if err != nil {
			require.ErrorIs(t, err, ErrStepTooLarge)
			continue
		}
		_, err = sl.Open(sealed, []byte("b"))
		require.NoError(t, err)
	}
	assert.True(t, lengths[0])
	assert.True(t, lengths[3798])
	assert.True(t, lengths[3799])
	assert.True(t, lengths[3800])
	assert.NotContains(t, lengths, 3802)

	longest := 0
	for n := 16<<10 - 200; n <= 16<<10; n++ {
		if packed, ok := sl.pack(&Step{state: StateChoose, mfaToken: mfa.NewSecret(strings.Repeat("a", n))}); ok {
			plain, err := io.ReadAll(flate.NewReader(bytes.NewReader(packed[1:])))
			require.NoError(t, err)
			longest = max(longest, len(plain))
		}
	}
	assert.Equal(t, 16<<10, longest)

	// Nor is opened what another version may have sealed.
	salt := make([]byte, saltSize)
	for name, packed := range map[string][]byte{
		"too long": deflated(t, strings.Repeat("a", 2850), `{"s":2,"m":"t","z":9999999999999}`),
		"no step":  deflated(t, "", `{}`),
	} {
		raw := sl.aead(sl.keys[0], salt).Seal(append([]byte{sealVersion}, salt...), nil, packed, sl.associated([]byte("b")))
		opened, err := sl.Open(base64.RawURLEncoding.EncodeToString(raw), []byte("b"))
		require.ErrorIs(t, err, ErrStepInvalid, name)
		assert.Nil(t, opened, name)
	}
}

// FuzzUnpack: no contents make a step that cannot be packed and unpacked again.
func FuzzUnpack(f *testing.F) {
	for _, seed := range []string{
		`{}`, `{"s":2,"m":"t"}`, `{"s":3,"f":"email","m":"t","e":true,"z":1}`, `{"s":4,"m":"t","a":[["id","oob","auth0",""]],"c":1,"i":5000}`, `{"s":1,"m":"\ud800"}`, `[`,
	} {
		f.Add(deflated(f, "", seed))
		f.Add(deflated(f, "ada@example.com", seed))
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, packed []byte) {
		s, ok := unpack(packed)
		if !ok {
			require.Nil(t, s)
			return
		}
		_ = s.Destination()
		if again, ok := new(Sealer).pack(s); ok {
			_, ok = unpack(again)
			require.True(t, ok)
		}
	})
}
