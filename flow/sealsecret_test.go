package flow_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"testing/quick"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/flow"
)

// assertNoSecret asserts that opening gave nothing, and the error for it.
func assertNoSecret(t *testing.T, opened mfa.Secret, err error, what string) {
	t.Helper()
	require.ErrorIs(t, err, flow.ErrStepInvalid, what)
	require.NotErrorIs(t, err, flow.ErrStepExpired, what)
	require.Equal(t, mfa.ActionRestartLogin, mfa.NextAction(err), what)
	require.True(t, opened.IsZero(), what)
}

// Every secret comes back, whatever its text, length and age; no two seals are equal.
func TestSealer_SealSecret(t *testing.T) {
	t.Parallel()
	s := newService(t, list())
	sealer := newSealer(t, s.flow)
	comesBack := func(value string, binding []byte) bool {
		secret, binding := mfa.NewSecret("x"+value), append([]byte("x"), binding...)
		sealed, err := sealer.SealSecret(secret, binding)
		require.NoError(t, err)
		again, err := sealer.SealSecret(secret, binding)
		require.NoError(t, err)
		opened, err := sealer.OpenSecret(sealed, binding)
		require.NoError(t, err)
		return assert.True(t, secret.Equal(opened)) && assert.NotEqual(t, sealed, again) && assert.Regexp(t, `^[\w-]+$`, sealed)
	}
	require.NoError(t, quick.Check(comesBack, nil))
	assert.True(t, comesBack(strings.Repeat("long", 1<<18), session))

	sealed, err := sealer.SealSecret(mfa.NewSecret("v1.refresh"), session)
	require.NoError(t, err)
	s.advance(10 * 365 * 24 * time.Hour)
	opened, err := sealer.OpenSecret(sealed, session)
	require.NoError(t, err)
	assert.Equal(t, "v1.refresh", opened.Reveal())
}

func TestSealer_SealSecret_refused(t *testing.T) {
	t.Parallel()
	sealer := newSealer(t, newService(t, list()).flow)
	for name, seal := range map[string]func() (string, error){
		"zero secret":   func() (string, error) { return sealer.SealSecret(mfa.Secret{}, session) },
		"no binding":    func() (string, error) { return sealer.SealSecret(mfa.NewSecret("t"), nil) },
		"empty binding": func() (string, error) { return sealer.SealSecret(mfa.NewSecret("t"), []byte{}) },
		"zero sealer":   func() (string, error) { return new(flow.Sealer).SealSecret(mfa.NewSecret("t"), session) },
		"nil sealer":    func() (string, error) { return (*flow.Sealer)(nil).SealSecret(mfa.NewSecret("t"), session) },
	} {
		sealed, err := seal()
		require.ErrorIs(t, err, mfa.ErrInvalidRequest, name)
		assert.Empty(t, sealed, name)
	}
	_, err := new(flow.Sealer).OpenSecret("", session)
	require.ErrorIs(t, err, mfa.ErrInvalidRequest)
}

// A sealed secret opens where it belongs, and nowhere else.
func TestSealer_OpenSecret_bound(t *testing.T) {
	t.Parallel()
	s := newService(t, list())
	sealed, err := newSealer(t, s.flow, another, key).SealSecret(mfa.NewSecret("Fe26.2*t"), session)
	require.NoError(t, err)
	for name, tt := range map[string]struct {
		domain, clientID, binding string
		keys                      [][]byte
		opens                     bool
	}{
		"the same":            {"tenant.eu.auth0.com", "app", "session-1", [][]byte{another}, true},
		"an old key":          {"tenant.eu.auth0.com", "app", "session-1", [][]byte{key, another}, true},
		"another tenant":      {"other.eu.auth0.com", "app", "session-1", [][]byte{another}, false},
		"another application": {"tenant.eu.auth0.com", "App", "session-1", [][]byte{another}, false},
		"another binding":     {"tenant.eu.auth0.com", "app", "session-2", [][]byte{another}, false},
		"no binding":          {"tenant.eu.auth0.com", "app", "", [][]byte{another}, false},
		"another key":         {"tenant.eu.auth0.com", "app", "session-1", [][]byte{key}, false},
		"parts moved":         {"tenant.eu.auth0.com", "apps", "ession-1", [][]byte{another}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, err := mfa.NewClient(tt.domain, tt.clientID)
			require.NoError(t, err)
			f, err := flow.New(client)
			require.NoError(t, err)
			opened, err := newSealer(t, f, tt.keys...).OpenSecret(sealed, []byte(tt.binding))
			if tt.opens {
				require.NoError(t, err)
				assert.Equal(t, "Fe26.2*t", opened.Reveal())
				return
			}
			assertNoSecret(t, opened, err, name)
		})
	}
}

// No change whatever goes unnoticed.
func TestSealer_OpenSecret_tampered(t *testing.T) {
	t.Parallel()
	sealer := newSealer(t, newService(t, list()).flow)
	sealed, err := sealer.SealSecret(mfa.NewSecret("Fe26.2*token"), session)
	require.NoError(t, err)
	refuse := func(name, changed string) {
		t.Helper()
		opened, err := sealer.OpenSecret(changed, session)
		assertNoSecret(t, opened, err, name)
	}
	raw, err := base64.RawURLEncoding.DecodeString(sealed)
	require.NoError(t, err)
	for i := range raw {
		for bit := range 8 {
			changed := bytes.Clone(raw)
			changed[i] ^= 1 << bit
			refuse("a bit", base64.RawURLEncoding.EncodeToString(changed))
		}
	}
	for i := range sealed {
		refuse("cut", sealed[:i])
		refuse("line break", sealed[:i]+"\n"+sealed[i:])
		refuse("without one", sealed[:i]+sealed[i+1:])
	}
	for _, behind := range []string{"=", "A", " ", "\r\n", sealed} {
		refuse("longer", sealed+behind)
	}
}

// A step never opens as a secret, nor a secret as a step, even if it says to be one.
func TestSealer_OpenSecret_kinds(t *testing.T) {
	t.Parallel()
	s := newService(t, list(email1))
	sealer := newSealer(t, s.flow)
	sealedStep := seal(t, sealer, s.begin(flow.StateEnterCode))
	sealedSecret, err := sealer.SealSecret(mfa.NewSecret("Fe26.2*token"), session)
	require.NoError(t, err)
	for _, sealed := range []string{sealedStep, sealedSecret} {
		raw, err := base64.RawURLEncoding.DecodeString(sealed)
		require.NoError(t, err)
		own := raw[0]
		for version := range 5 {
			raw[0] = byte(version)
			changed := base64.RawURLEncoding.EncodeToString(raw)
			if changed != sealedStep {
				step, err := sealer.Open(changed, session)
				require.ErrorIs(t, err, flow.ErrStepInvalid, "%d as %d", own, version)
				require.Nil(t, step)
			}
			if changed != sealedSecret {
				opened, err := sealer.OpenSecret(changed, session)
				assertNoSecret(t, opened, err, "as a secret")
			}
		}
	}
}

// goldenSecret is a secret that was sealed once, and what it has to open to for ever.
type goldenSecret struct {
	Key, Binding []byte
	Sealed, Want string
}

const goldenSecretFile = "testdata/sealed-secret-v1.json"

func readGoldenSecret(t testing.TB) goldenSecret {
	t.Helper()
	raw, err := os.ReadFile(goldenSecretFile)
	require.NoError(t, err)
	var g goldenSecret
	require.NoError(t, json.Unmarshal(raw, &g))
	return g
}

// Secrets that older versions sealed can be opened. UPDATE_GOLDEN=1 writes the file
// where there is none.
func TestSealer_OpenSecret_golden(t *testing.T) {
	t.Parallel()
	s := newService(t, list())
	if _, err := os.Stat(goldenSecretFile); os.Getenv("UPDATE_GOLDEN") != "" && os.IsNotExist(err) {
		const want = "v1.MRqJ_0vS5KzFQ"
		sealed, err := newSealer(t, s.flow).SealSecret(mfa.NewSecret(want), session)
		require.NoError(t, err)
		raw, err := json.MarshalIndent(goldenSecret{key, session, sealed, want}, "", "\t")
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(goldenSecretFile, append(raw, '\n'), 0o644))
	}
	g := readGoldenSecret(t)
	opened, err := newSealer(t, s.flow, another, g.Key).OpenSecret(g.Sealed, g.Binding)
	require.NoError(t, err)
	assert.Equal(t, g.Want, opened.Reveal())
}

// FuzzOpenSecret: nothing but what was sealed is opened, and nothing panics.
func FuzzOpenSecret(f *testing.F) {
	valid := readGoldenSecret(f)
	sealer, err := newService(f, list()).flow.NewSealer(another, valid.Key)
	require.NoError(f, err)
	for _, seed := range []string{
		"", "A", "AQ", valid.Sealed, valid.Sealed[:len(valid.Sealed)-1], valid.Sealed + "A", valid.Sealed + "=", "\n" + valid.Sealed,
		strings.ToUpper(valid.Sealed), "Ag" + valid.Sealed[2:], readGolden(f)["code"].Sealed,
	} {
		f.Add(seed, valid.Binding)
		f.Add(seed, []byte{})
	}
	f.Fuzz(func(t *testing.T, text string, binding []byte) {
		opened, err := sealer.OpenSecret(text, binding)
		if text == valid.Sealed && bytes.Equal(binding, valid.Binding) {
			require.NoError(t, err)
			return
		}
		assertNoSecret(t, opened, err, text)
	})
}

// One sealer serves all requests.
func TestSealer_concurrent(t *testing.T) {
	t.Parallel()
	s := newService(t, list(email1))
	sealer := newSealer(t, s.flow)
	done := make(chan error)
	for range 8 {
		go func() {
			done <- func() error {
				step, err := s.flow.Begin(t.Context(), required(sealedToken(2000)))
				for range 20 {
					if err != nil {
						return err
					}
					var sealed string
					if sealed, err = sealer.Seal(step, session); err != nil {
						return err
					}
					step, err = sealer.Open(sealed, session)
				}
				return step.Submit(t.Context(), flow.Submission{Code: mfa.NewSecret("123456")})
			}()
		}()
	}
	for range 8 {
		assert.NoError(t, <-done)
	}
}

func BenchmarkSealer(b *testing.B) {
	s := newService(b, list(email1))
	sealer, err := s.flow.NewSealer(key)
	require.NoError(b, err)
	step, err := s.flow.Begin(b.Context(), required(sealedToken(2000)))
	require.NoError(b, err)
	b.ReportAllocs()
	for b.Loop() {
		sealed, err := sealer.Seal(step, session)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := sealer.Open(sealed, session); err != nil {
			b.Fatal(err)
		}
	}
}
