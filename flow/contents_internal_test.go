package flow

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
)

// full returns a step with a value of its own in each field.
func full() *stepData {
	secret := mfa.NewSecret
	return &stepData{
		id: "0123456789abcdef", calls: 300, state: StatePoll, factor: mfa.FactorSMS, mfaToken: secret("Fe26.2*M"), oobCode: secret("O"),
		requirements: mfa.Requirements{Challenge: []string{"otp", "carrier pigeon"}, Enroll: []string{}},
		authenticators: []mfa.Authenticator{
			{ID: "sms|dev_AAAAAAAAAAAAAAAA", AuthenticatorType: "oob", OOBChannel: "sms", Name: "XXXXXXXX0142", Active: true},
			{ID: "pigeon|dev_8", AuthenticatorType: "oob", OOBChannel: "pigeon", Name: strings.Repeat("é", 15), Active: true},
		},
		challenged: 2, enrolling: true, address: secret("+4930901820"), typed: secret("ada@x"), otpSecret: secret("K"), barcodeURI: secret("B"),
		recoveryCodes: []mfa.Secret{secret("R"), secret("S")},
		expiresAt:     time.UnixMilli(5).UTC(), codeExpiresAt: time.UnixMilli(2).UTC(), pollAt: time.UnixMilli(1_800_000_000_000).UTC(),
		sentAt: time.UnixMilli(3).UTC(), recent: []message{{"T", time.UnixMilli(5).UTC()}, {"U", time.UnixMilli(6).UTC()}}, sealedAt: time.UnixMilli(4).UTC(), slowDowns: 4, attemptsLeft: 6, sendsLeft: 7, purpose: forAccountMFA, user: "V",
	}
}

// The form of what is sealed stands: steps in this form are on their way.
const fullPacked = "" +
	"1030313233343536373839616263646566" + // id
	"ac02" + "04" + "02" + // calls, state, factor
	"11" + "466532362e322a4d" + "03" + "4f" + // mfa_token and oob_code, too short to pack
	"03" + "05" + "00" + "0e" + "636172726965722070" + "6967656f6e" + "01" + // requirements
	"03" + // authenticators
	"02" + "20" + "000000000000000000000000" + "00" + "0c" + "585858585858585830313432" +
	"00" + "07" + "00" + "06" + "706967656f6e" + "18" + "a6281ea2701d7afffc" + "01" + "0d" + "7c" +
	"1e" + "c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9" + "0000" +
	"02" + "01" + "0b" + "2b34393330393031383230" + // challenged, enrolling, address
	"01" + "4b" + "01" + "42" + "03" + "01" + "52" + "01" + "53" + // secret, barcode, recovery codes
	"0b" + "06" + "f7bfe285e368" + "04" + // times
	"03" + "01" + "54" + "01" + "01" + "55" + "03" + // messages
	"04" + "06" + "07" + // slow downs, attempts, sends
	"02" + "05" + "6164614078" + "02" + // purpose, typed, time of the seal
	"01" + "56" // user

func TestPack(t *testing.T) {
	t.Parallel()
	assert.Equal(t, fullPacked, hex.EncodeToString(full().pack()))
	packed, err := hex.DecodeString(fullPacked)
	require.NoError(t, err)
	d, ok := unpack(packed)
	require.True(t, ok)
	assert.Equal(t, full().revealed(), d.revealed())

	// What a newer release adds to the end is ignored.
	d, ok = unpack(append(packed, 1, 2, 3))
	require.True(t, ok)
	assert.Equal(t, full().revealed(), d.revealed())
}

// Every secret of a step is compared above.
func TestContents_revealsEverySecret(t *testing.T) {
	t.Parallel()
	c := full().revealed()
	assert.NotContains(t, c.secrets, "")
	for field, v := range reflect.ValueOf(c.stepData).Fields() {
		if field.Type == reflect.TypeFor[mfa.Secret]() {
			assert.True(t, v.IsZero(), field.Name)
		}
	}
	for _, code := range c.recoveryCodes {
		assert.True(t, code.IsZero())
	}
}

// Packing a step leaves it as it is, also where it shares memory with others.
func TestPack_changesNothing(t *testing.T) {
	t.Parallel()
	d := full()
	d.authenticators = d.authenticators[:1:2]
	d.pack()
	want := full()
	want.authenticators = want.authenticators[:1]
	assert.Equal(t, want.revealed(), d.revealed())
	assert.Equal(t, full().authenticators, d.authenticators[:2])
}

// What comes out of a sealed step was put in by this package, of some version;
// but it is a step as a whole, or none.
func TestUnpack_refused(t *testing.T) {
	t.Parallel()
	good := full().pack()
	for n := range good {
		d, ok := unpack(good[:n])
		require.False(t, ok, "cut at %d", n)
		require.Nil(t, d)
	}
	for name, change := range map[string]func(*stepData){
		"no state":            func(d *stepData) { d.state = 0 },
		"negative state":      func(d *stepData) { d.state = -1 },
		"done":                func(d *stepData) { d.state = StateDone },
		"newer state":         func(d *stepData) { d.state = StateDone + 1 },
		"no token":            func(d *stepData) { d.mfaToken = mfa.Secret{} },
		"challenged beyond":   func(d *stepData) { d.challenged = 3 },
		"challenged negative": func(d *stepData) { d.challenged = -1 },
		"challenged absent":   func(d *stepData) { d.authenticators = nil },
		"negative purpose":    func(d *stepData) { d.purpose = -1 },
		"newer purpose":       func(d *stepData) { d.purpose = forAccountMFA + 1 },
	} {
		changed := full()
		change(changed)
		d, ok := unpack(changed.pack())
		assert.False(t, ok, name)
		assert.Nil(t, d, name)
	}
	endless := bytes.Repeat([]byte{0xff}, 20)
	largest := binary.AppendUvarint(nil, 1<<64-1)
	for name, packed := range map[string][]byte{
		"nothing": nil, "endless number": endless, "length beyond": {5, 'a'}, "length one beyond": {2, 'a'}, "largest length": largest,
	} {
		d, ok := unpack(packed)
		assert.False(t, ok, name)
		assert.Nil(t, d, name)
	}
}

// Each part of a step that claims to be longer than what is there, or names what
// is not there, fails on its own.
func TestCodec_refused(t *testing.T) {
	t.Parallel()
	largest := binary.AppendUvarint(nil, 1<<64-1)
	token := func(c *codec) { c.token("") }
	word := func(c *codec) { c.word("") }
	for name, tt := range map[string]struct {
		packed []byte
		read   func(*codec)
	}{
		"plain token beyond":              {[]byte{5<<1 | 1, 'a'}, token},
		"packed token beyond":             {[]byte{5 << 1, 0, 0, 0}, token},
		"longest token":                   {largest, token},
		"longest packed token":            {binary.AppendUvarint(nil, 1<<64-2), token},
		"other character at the end":      {[]byte{4 << 1, 0, 0, 0, 1, 4<<1 | 1, '.'}, token},
		"other character beyond":          {append([]byte{4 << 1, 0, 0, 0, 1}, append(largest, '.')...), token},
		"other character around":          {append([]byte{4 << 1, 0, 0, 0, 2, 3<<1 | 1, '.'}, append(largest, '.')...), token},
		"other character missing":         {[]byte{4 << 1, 0, 0, 0, 1, 1}, token},
		"star at the end":                 {[]byte{4 << 1, 0, 0, 0, 1, 4 << 1}, token},
		"star missing":                    {[]byte{4 << 1, 0, 0, 0, 1}, token},
		"other characters missing":        {append([]byte{4 << 1, 0, 0, 0}, largest...), token},
		"word of a newer release":         {[]byte{byte(len(words) + 1)}, word},
		"last word":                       {largest, word},
		"kind of a newer release":         {append([]byte{byte(len(kinds) + 1)}, 3, 'a', 0), func(c *codec) { c.authenticator(mfa.Authenticator{}) }},
		"list beyond":                     {[]byte{3, 1, 'a'}, func(c *codec) { list(c, nil, c.text) }},
		"longest list":                    {largest, func(c *codec) { list(c, nil, c.text) }},
		"name without its filler":         {append([]byte{30}, make([]byte, 31)...), func(c *codec) { c.name("") }},
		"number that does not fit 64 bit": {bytes.Repeat([]byte{0xff}, 11), func(c *codec) { c.uint(0) }},
	} {
		c := &codec{buf: tt.packed, reading: true}
		tt.read(c)
		assert.True(t, c.failed, name)
		assert.Empty(t, c.buf, name)
	}
}

// A token takes three bytes for four characters, and a few for its form.
func TestCodec_token(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		token string
		size  int
	}{
		"nothing":          {"", 1},
		"one character":    {"a", 2},
		"three characters": {"a-_", 4},
		"too short":        {"abcd", 5},
		"five characters":  {"abcde", 6},
		"eight characters": {"abcdefgh", 1 + 6 + 1},
		"id":               {"xxxxxxxxxxxxxxxx", 1 + 12 + 1},
		"2,000 characters": {strings.Repeat("Az09-_", 334)[:2000], 2 + 1500 + 1},
		"1,999 characters": {strings.Repeat("Az09-_", 334)[:1999], 2 + 1500 + 1},
		"1,997 characters": {strings.Repeat("Az09-_", 334)[:1997], 2 + 1500 + 1},
		"1,996 characters": {strings.Repeat("Az09-_", 334)[:1996], 2 + 1497 + 1},
		"JWT":              {strings.Repeat("a", 40) + "." + strings.Repeat("b", 400) + "." + strings.Repeat("c", 342), 2 + 588 + 1 + 2 + 3},
		"iron":             {"Fe26.2**" + strings.Repeat("0", 64) + "*" + strings.Repeat("v", 22) + "*" + strings.Repeat("e", 1000) + "*1800000000000*" + strings.Repeat("f", 64) + "~2*" + strings.Repeat("g", 43), 2 + 918 + 1 + 6 + 3*2 + 2},
		"no token at all":  {strings.Repeat("é", 500), 2 + 1000},
		"text":             {"a b c d e f", 1 + 11},
	} {
		var w codec
		assert.Equal(t, tt.token, w.token(tt.token), name)
		assert.Len(t, w.buf, tt.size, name)
		r := codec{buf: append(w.buf, 7), reading: true}
		assert.Equal(t, tt.token, r.token(""), name)
		assert.False(t, r.failed, name)
		assert.Equal(t, []byte{7}, r.buf, name)
	}
}

// All usual authenticators take the same few bytes beside their names.
func TestCodec_authenticator(t *testing.T) {
	t.Parallel()
	for _, kind := range kinds {
		a := kind
		a.ID, a.Name, a.Active = a.ID+"NU1Ofuw3Cw0XCt5x", "name", true
		var w codec
		assert.Equal(t, a, w.authenticator(a))
		assert.Len(t, w.buf, 1+14+5, a.ID)
		r := codec{buf: w.buf, reading: true}
		assert.Equal(t, a, r.authenticator(mfa.Authenticator{}))
		assert.False(t, r.failed)
	}
	for _, a := range []mfa.Authenticator{
		{ID: "email|dev_1", AuthenticatorType: "oob", OOBChannel: "pigeon", Active: true},
		{ID: "email|dev_1", AuthenticatorType: "OOB", OOBChannel: "email", Active: true},
		{ID: "EMAIL|dev_1", AuthenticatorType: "oob", OOBChannel: "email", Active: true},
		{ID: "|", Active: true},
	} {
		var w codec
		w.authenticator(a)
		r := codec{buf: w.buf, reading: true}
		assert.Equal(t, a, r.authenticator(mfa.Authenticator{}))
		assert.False(t, r.failed)
	}
}

// Names are cut between characters, and what a seal needs for one depends on its
// length in bytes alone.
func TestCodec_name(t *testing.T) {
	t.Parallel()
	packed := func(name string) []byte {
		cut := cutName(name)
		var w codec
		w.name(cut)
		r := codec{buf: w.buf, reading: true}
		require.Equal(t, cut, r.name(""))
		require.False(t, r.failed)
		require.Empty(t, r.buf)
		return w.buf
	}
	for n := range 100 {
		size := 1 + n
		if n > 28 {
			size = 1 + 32
		}
		assert.Len(t, packed(strings.Repeat("a", n)), size)
		for _, character := range []string{"é", "字", "🏠"} {
			for i := range n {
				name := strings.Repeat("a", i) + strings.Repeat(character, (n-i)/len(character))
				name += strings.Repeat("a", n-len(name))
				require.Len(t, packed(name), size, name)
			}
		}
	}
	assert.Len(t, packed(strings.Repeat("\x80", 40)), 1+32, "no character starts there")
	assert.Equal(t, strings.Repeat("字", 10), cutName(strings.Repeat("字", 11)))
	assert.Equal(t, strings.Repeat("字", 10)+"ab", cutName(strings.Repeat("字", 10)+"abc"))
	assert.Equal(t, strings.Repeat("é", 16), cutName(strings.Repeat("é", 300)))
	assert.Equal(t, "a"+strings.Repeat("é", 15), cutName("a"+strings.Repeat("é", 16)))
}

// FuzzUnpack checks that no contents make a step that cannot be packed again.
func FuzzUnpack(f *testing.F) {
	f.Add(full().pack())
	f.Add((&stepData{state: StateChoose, mfaToken: mfa.NewSecret("t")}).pack())
	f.Add((&stepData{state: StateEnroll, mfaToken: mfa.NewSecret(strings.Repeat("Az09-_", 40)), factor: mfa.FactorOTP}).pack())
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, packed []byte) {
		d, ok := unpack(packed)
		if !ok {
			require.Nil(t, d)
			return
		}
		step := newStep(nil, d)
		_, _ = step.Destination(), step.String()
		again, ok := unpack(d.pack())
		require.True(t, ok)
		require.Equal(t, d.revealed(), again.revealed())
	})
}

// FuzzToken checks that every text comes back, at the size that is computed.
func FuzzToken(f *testing.F) {
	for _, seed := range []string{"", "a", "abcd", "Fe26.2*abc*def", "a.b.c", "\xff\x00", "+/=", strings.Repeat("a", 100) + "*", strings.Repeat("*a", 50)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var w codec
		w.token(text)
		others := len(text) - len(strings.Map(func(r rune) rune {
			if strings.ContainsRune(base64URL, r) {
				return r
			}
			return -1
		}, text))
		require.LessOrEqual(t, len(w.buf), 10+len(text))
		if others == 0 {
			require.LessOrEqual(t, len(w.buf), 3+3*((len(text)+3)/4)+1)
		}
		r := codec{buf: w.buf, reading: true}
		require.Equal(t, text, r.token(""))
		require.False(t, r.failed)
		require.Empty(t, r.buf)
	})
}
