package flow_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/flow"
	"github.com/go-auth0-mfa/mfa/mfatest"
)

// A sealed step opens where it belongs, and nowhere else.
func TestSealer_bound(t *testing.T) {
	t.Parallel()
	s := newService(t, list(email1))
	step := s.begin(flow.StateEnterCode)
	sealed := seal(t, newSealer(t, s.flow), step)
	for name, tt := range map[string]struct {
		domain, clientID, binding string
		key                       []byte
	}{
		"tenant":              {"other.eu.auth0.com", "app", "session-1", key},
		"application":         {"tenant.eu.auth0.com", "App", "session-1", key},
		"binding":             {"tenant.eu.auth0.com", "app", "session-2", key},
		"binding, longer":     {"tenant.eu.auth0.com", "app", "session-1\x00", key},
		"binding, shorter":    {"tenant.eu.auth0.com", "app", "session-", key},
		"key":                 {"tenant.eu.auth0.com", "app", "session-1", another},
		"parts moved":         {"tenant.eu.auth0.com", "apps", "ession-1", key},
		"parts moved forward": {"tenant.eu.auth0.comapp", "s", "ession-1", key},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, err := mfa.NewClient(tt.domain, tt.clientID)
			require.NoError(t, err)
			f, err := flow.New(client, flow.WithClock(s.clock))
			require.NoError(t, err)
			opened, err := newSealer(t, f, tt.key).Open(sealed, []byte(tt.binding))
			require.ErrorIs(t, err, flow.ErrStepInvalid)
			require.NotErrorIs(t, err, flow.ErrStepExpired)
			assert.Equal(t, mfa.ActionRestartLogin, mfa.NextAction(err))
			assert.Nil(t, opened)
		})
	}
}

// No change whatever goes unnoticed.
func TestSealer_tampered(t *testing.T) {
	t.Parallel()
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	s := newService(t, list(email1))
	sealer := newSealer(t, s.flow)
	var sealed string
	for n := 40; sealed == "" || len(sealed)%4 == 0; n++ { // so that the last character has spare bits
		s.usual["challenge"] = ok(`{"challenge_type":"oob","oob_code":"` + sealedToken(n) + `"}`)
		sealed = seal(t, sealer, s.begin(flow.StateEnterCode))
	}
	refuse := func(name, changed string) {
		t.Helper()
		opened, err := sealer.Open(changed, session)
		require.ErrorIs(t, err, flow.ErrStepInvalid, name)
		require.Nil(t, opened, name)
	}
	for i := range sealed {
		at := strings.IndexByte(alphabet, sealed[i])
		for _, other := range []byte{alphabet[at^1], alphabet[at^32], alphabet[at^63], '=', '+', '/', ' ', '\n', '\r', 0, 0xff} {
			refuse(fmt.Sprintf("byte %d", i), sealed[:i]+string([]byte{other})+sealed[i+1:])
		}
		refuse(fmt.Sprintf("cut at %d", i), sealed[:i])
		refuse(fmt.Sprintf("line break at %d", i), sealed[:i]+"\n"+sealed[i:])
		refuse(fmt.Sprintf("without %d", i), sealed[:i]+sealed[i+1:])
	}
	for name, changed := range map[string]string{
		"padded": sealed + "=", "line break behind": sealed + "\r\n", "space behind": sealed + " ", "longer": sealed + "A", "twice": sealed + sealed,
		"too long": sealed + strings.Repeat("A", 1<<20), "standard alphabet": strings.NewReplacer("-", "+", "_", "/").Replace(sealed) + "+", "garbage": sealedToken(len(sealed)),
		"text": "not a sealed step", "version alone": base64.RawURLEncoding.EncodeToString([]byte{2}), "version and part of the salt": base64.RawURLEncoding.EncodeToString(append([]byte{2}, key[:15]...)),
		"version and salt": base64.RawURLEncoding.EncodeToString(append([]byte{2}, key[:16]...)),
	} {
		refuse(name, changed)
	}
	raw, err := base64.RawURLEncoding.DecodeString(sealed)
	require.NoError(t, err)
	for i := range raw {
		changed := bytes.Clone(raw)
		changed[i] ^= 1
		refuse(fmt.Sprintf("decoded byte %d", i), base64.RawURLEncoding.EncodeToString(changed))
	}
	_, err = sealer.Open(sealed, session)
	require.NoError(t, err)
}

// sealedV1 is a step that version 1 sealed with key for session.
const sealedV1 = "AbvoYQIu8xWxc340LgOAk0E0b7KswUuEbi_1rMgSMQTlNA1d1vh3gNwsTFEa89_eixZpdKh9lZkg81QYSRiLfne5kf6s9HpDwwgH" +
	"9xZGrJ3zOjsQ9IhtGeTBY1bGeZOtIeq2IMVw2PfxXZyFChVHeIEnZEI_BtO-8DuK0JD_3k1pQVmjThTV8QQQwdjYkCnTA4VnmXzJ" +
	"JuouGjTZfpLqTvPN59MIzqz_RFtk79I3KupwIbxIjkfvLLF10dhHaFMprXthbWSh4_4iC2hW76yiTM2YJ2J8ipDWiUi_eKw"

// What another version sealed is not opened, even if it says to be of this one.
func TestSealer_otherVersions(t *testing.T) {
	t.Parallel()
	s := newService(t, list(email1))
	sealer := newSealer(t, s.flow)
	raw, err := base64.RawURLEncoding.DecodeString(sealedV1)
	require.NoError(t, err)
	require.Equal(t, byte(1), raw[0])
	current, err := base64.RawURLEncoding.DecodeString(seal(t, sealer, s.begin(flow.StateEnterCode)))
	require.NoError(t, err)
	require.Equal(t, byte(2), current[0])
	for version := range 5 {
		raw[0] = byte(version)
		opened, err := sealer.Open(base64.RawURLEncoding.EncodeToString(raw), session)
		require.ErrorIs(t, err, flow.ErrStepInvalid, version)
		assert.Equal(t, mfa.ActionRestartLogin, mfa.NextAction(err))
		assert.Nil(t, opened)
		if current[0] = byte(version); version != 2 {
			opened, err = sealer.Open(base64.RawURLEncoding.EncodeToString(current), session)
			require.ErrorIs(t, err, flow.ErrStepInvalid, version)
			assert.Nil(t, opened)
		}
	}
}

// What an older sealed step can do again, and what it cannot.
func TestSealer_replay(t *testing.T) {
	t.Parallel()
	p := newPage(t, mfatest.User{EmailVerified: true}, nil)
	sealer := newSealer(t, p.flow)
	old := seal(t, sealer, p.begin(flow.StateEnterCode))
	open := func() *flow.Step {
		t.Helper()
		step, err := sealer.Open(old, session)
		require.NoError(t, err)
		return step
	}
	p.tenant.Advance(30 * time.Second)
	newer := open()
	require.NoError(t, newer.Resend(t.Context()))
	require.ErrorIs(t, p.submit(open(), p.code(ada)), mfa.ErrInvalidCode, "the old challenge is replaced")
	p.done(newer, p.submit(newer, p.code(ada)))
	for range 9 {
		step := open()
		require.ErrorIs(t, p.submit(step, p.code(ada)), mfa.ErrInvalidCode, "the code is spent")
		assert.Equal(t, 9, step.AttemptsLeft(), "the step forgot the others")
	}
	require.ErrorIs(t, p.submit(open(), p.code(ada)), mfa.ErrTooManyAttempts, "Auth0 did not")
}

// FuzzOpen: nothing but what was sealed is opened, and nothing panics.
func FuzzOpen(f *testing.F) {
	// One that is the same in each process that fuzzes.
	valid := readGolden(f)["code"]
	s := newService(f, list(email1))
	sealer, err := s.flow.NewSealer(another, valid.Key)
	require.NoError(f, err)
	sealed := valid.Sealed
	for _, seed := range []string{
		"", "A", "AQ", sealed, sealed[:len(sealed)-1], sealed + "A", sealed + "=", "\n" + sealed, strings.ToUpper(sealed), "AA" + sealed[2:], strings.Repeat("A", 3601),
		base64.RawURLEncoding.EncodeToString(append([]byte{2}, make([]byte, 44)...)), base64.RawURLEncoding.EncodeToString(append([]byte{2}, make([]byte, 16)...)),
	} {
		f.Add(seed, valid.Binding)
		f.Add(seed, []byte{})
	}
	f.Fuzz(func(t *testing.T, text string, binding []byte) {
		opened, err := sealer.Open(text, binding)
		if text == sealed && bytes.Equal(binding, valid.Binding) {
			require.NoError(t, err)
			return
		}
		require.ErrorIs(t, err, flow.ErrStepInvalid)
		require.Nil(t, opened)
	})
}
