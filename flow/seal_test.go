package flow_test

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/flow"
)

var (
	key     = keyOf("a key")
	another = keyOf("another key")
	session = []byte("session-1")
)

// keyOf returns a key that is always the same.
func keyOf(name string) []byte {
	sum := sha256.Sum256([]byte(name))
	return sum[:]
}

func newSealer(t *testing.T, f *flow.Flow, keys ...[]byte) *flow.Sealer {
	t.Helper()
	if keys == nil {
		keys = [][]byte{key}
	}
	sealer, err := f.NewSealer(keys[0], keys[1:]...)
	require.NoError(t, err)
	return sealer
}

func seal(t *testing.T, sealer *flow.Sealer, step *flow.Step) string {
	t.Helper()
	sealed, err := sealer.Seal(step, session)
	require.NoError(t, err)
	assert.Regexp(t, `^[A-Za-z0-9_-]+$`, sealed)
	return sealed
}

// sealedToken returns what Auth0's tokens look like: letters, digits, dashes and
// underscores without any order.
func sealedToken(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b)
	return base64.RawURLEncoding.EncodeToString(b)[:n]
}

// A step goes through the browser between any two calls.
func TestSealer_everyState(t *testing.T) {
	t.Parallel()
	for name, at := range situations {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, step := at.start(t)
			sealer := newSealer(t, s.flow)
			if at.state == flow.StateDone {
				sealed, err := sealer.Seal(step, session)
				require.ErrorIs(t, err, flow.ErrStepState)
				assert.Empty(t, sealed)
				return
			}
			opened, err := sealer.Open(seal(t, sealer, step), session)
			require.NoError(t, err)
			assert.Equal(t, flow.Contents(step), flow.Contents(opened))
			for call, do := range calls {
				if want, allowed := at.calls[call]; allowed {
					s, step := at.start(t)
					sealer := newSealer(t, s.flow)
					opened, err := sealer.Open(seal(t, sealer, step), session)
					require.NoError(t, err)
					require.NoError(t, do(t.Context(), s, opened), call)
					assert.Equal(t, want, opened.State(), call)
				}
			}
		})
	}
}

// All that a step carries, the mfa_requirements and a widened interval too.
func TestSealer_everything(t *testing.T) {
	t.Parallel()
	s := newService(t, list(email1, email2, push1, recovery))
	sealer := newSealer(t, s.flow)
	again := func(step *flow.Step) *flow.Step {
		t.Helper()
		opened, err := sealer.Open(seal(t, sealer, step), session)
		require.NoError(t, err)
		require.Equal(t, flow.Contents(step), flow.Contents(opened))
		return opened
	}
	step, err := s.flow.Begin(t.Context(), &mfa.RequiredError{MFAToken: mfa.NewSecret("t"), Requirements: mfa.Requirements{Challenge: []string{"push-notification", "email"}, Enroll: []string{}}})
	require.NoError(t, err)
	step = again(step)
	nothing, err := s.flow.Begin(t.Context(), &mfa.RequiredError{MFAToken: mfa.NewSecret("t"), Requirements: mfa.Requirements{Challenge: []string{}}})
	require.NoError(t, err)
	again(nothing)
	require.NoError(t, step.Choose(t.Context(), "push|dev_4"))
	step = again(step)
	s.advance(5 * time.Second)
	s.then("poll push", refusal(429, "slow_down", ""))
	require.ErrorIs(t, step.Poll(t.Context(), flow.Poll{}), mfa.ErrSlowDown)
	step = again(step)
	assert.Equal(t, s.clock().Add(10*time.Second), step.PollAt())
	require.NoError(t, step.Choose(t.Context(), "email|dev_2"))
	s.then("verify oob", refusal(403, "invalid_grant", "Invalid binding_code."))
	require.ErrorIs(t, step.Submit(t.Context(), flow.Submission{Code: mfa.NewSecret("123456")}), mfa.ErrInvalidCode)
	step = again(step)
	assert.Equal(t, 9, step.AttemptsLeft())
	assert.Equal(t, 18, step.SendsLeft())
	assert.Equal(t, "work@****", step.Destination())
	cooldown(t, step.Choose(t.Context(), "email|dev_2"), step.ResendAt())

	s = newService(t, list())
	sealer = newSealer(t, s.flow)
	s.then("associate", ok(`{"authenticator_type":"oob","oob_code":"o","recovery_codes":["ONE","TWO"]}`))
	step = again(s.begin(flow.StateEnroll))
	require.NoError(t, step.Enroll(t.Context(), flow.Enrollment{Factor: mfa.FactorSMS, PhoneNumber: phone}))
	step = again(step)
	assert.Equal(t, phone, step.Destination())
	assert.Len(t, step.RecoveryCodes(), 2)
	cooldown(t, step.Resend(t.Context()), step.ResendAt())
	require.NoError(t, step.Submit(t.Context(), flow.Submission{Code: mfa.NewSecret("123456")}))
	assert.Len(t, step.RecoveryCodes(), 2)
}

// A step keeps its id for the whole login, and counts the calls that did
// something, so that no two seals with different contents are taken for one.
func TestSealer_identity(t *testing.T) {
	t.Parallel()
	s := newService(t, list(email1, otp1))
	sealer := newSealer(t, s.flow)
	step := s.begin(flow.StateEnterCode)
	first, calls := flow.Identity(step)
	assert.Len(t, first, 16)
	again := func(more int) {
		t.Helper()
		opened, err := sealer.Open(seal(t, sealer, step), session)
		require.NoError(t, err)
		step = opened
		id, n := flow.Identity(step)
		assert.Equal(t, first, id)
		assert.Equal(t, calls+more, n)
		calls = n
	}
	again(0)
	require.ErrorIs(t, step.Enroll(t.Context(), flow.Enrollment{}), flow.ErrStepState)
	require.ErrorIs(t, step.Submit(t.Context(), flow.Submission{}), mfa.ErrInvalidCode)
	require.ErrorIs(t, step.Choose(t.Context(), "email|dev_9"), mfa.ErrAuthenticatorNotFound)
	cooldown(t, step.Resend(t.Context()), step.ResendAt())
	again(0)
	s.advance(time.Minute)
	require.NoError(t, step.Resend(t.Context()))
	again(1)
	s.then("challenge", reply{err: errLost})
	s.advance(time.Minute)
	require.Error(t, step.Resend(t.Context()))
	again(1)
	require.NoError(t, step.Choose(t.Context(), "totp|dev_5"))
	again(1)
	s.then("verify otp", refusal(403, "invalid_grant", "Invalid otp_code."))
	require.Error(t, step.Submit(t.Context(), flow.Submission{Code: mfa.NewSecret("123456")}))
	again(1)
	s.usual["list authenticators"] = ok(list(push1, sms1))
	s.then("verify otp", reply{status: 403, body: `{"error":"mfa_required","mfa_token":"second-token"}`})
	require.NoError(t, step.Submit(t.Context(), flow.Submission{Code: mfa.NewSecret("123456")}))
	again(1)
	require.NoError(t, step.Resend(t.Context()))
	again(1)
	require.NoError(t, step.Choose(t.Context(), "push|dev_4"))
	again(1)
	require.ErrorIs(t, step.Poll(t.Context(), flow.Poll{}), mfa.ErrAuthorizationPending)
	again(0)
	s.advance(5 * time.Second)
	s.then("poll push", refusal(400, "authorization_pending", ""))
	require.ErrorIs(t, step.Poll(t.Context(), flow.Poll{}), mfa.ErrAuthorizationPending)
	again(1)

	s = newService(t, list())
	step = s.begin(flow.StateEnroll)
	second, calls2 := flow.Identity(step)
	assert.NotEqual(t, first, second)
	assert.Zero(t, calls2)
	require.NoError(t, step.Enroll(t.Context(), flow.Enrollment{}))
	_, calls2 = flow.Identity(step)
	assert.Equal(t, 1, calls2)
}

// The clock of a login page runs in nanoseconds and in a zone of its own.
func TestSealer_realClock(t *testing.T) {
	t.Parallel()
	client := newService(t, list(email1)).client
	f, err := flow.New(client)
	require.NoError(t, err)
	sealer := newSealer(t, f)
	step, err := f.Begin(t.Context(), required("t"))
	require.NoError(t, err)
	opened, err := sealer.Open(seal(t, sealer, step), session)
	require.NoError(t, err)
	assert.Equal(t, flow.Contents(step), flow.Contents(opened))
	assert.WithinDuration(t, time.Now().Add(15*time.Minute), opened.ExpiresAt(), time.Minute)
}

func TestSealer_expiry(t *testing.T) {
	t.Parallel()
	s := newService(t, list(email1))
	sealer := newSealer(t, s.flow)
	step := s.begin(flow.StateEnterCode)
	sealed := seal(t, sealer, step)
	s.advance(15*time.Minute - time.Millisecond)
	_, err := sealer.Open(sealed, session)
	require.NoError(t, err)
	_, err = sealer.Seal(step, session)
	require.NoError(t, err)

	s.advance(time.Millisecond)
	opened, err := sealer.Open(sealed, session)
	require.ErrorIs(t, err, flow.ErrStepExpired)
	assert.Nil(t, opened)
	assert.Equal(t, mfa.ActionRestartLogin, mfa.NextAction(err))
	again, err := sealer.Seal(step, session)
	require.ErrorIs(t, err, flow.ErrStepExpired)
	assert.Empty(t, again)

	// A new mfa_token makes it live on.
	s.then("verify oob", reply{status: 403, body: `{"error":"mfa_required","mfa_token":"second-token"}`})
	require.NoError(t, step.Submit(t.Context(), flow.Submission{Code: mfa.NewSecret("123456")}))
	sealed = seal(t, sealer, step)
	s.advance(14 * time.Minute)
	_, err = sealer.Open(sealed, session)
	require.NoError(t, err)
}

func TestFlow_NewSealer_refused(t *testing.T) {
	t.Parallel()
	f := newService(t, list()).flow
	for name, keys := range map[string][][]byte{
		"no key": {nil}, "short": {key[:31]}, "long": {append(key[:32:32], 0)}, "AES-128": {key[:16]}, "old one short": {key, another, key[:31]}, "old one nil": {key, nil},
		"never filled": {make([]byte, 32)}, "one byte all over": {bytes.Repeat([]byte{0xa5}, 32)}, "old one never filled": {key, make([]byte, 32)},
		"password": {[]byte("correct horse battery staple, so")}, "digits": {[]byte("00000000000000000000000000000001")},
		"hexadecimal": {[]byte("0f1e2d3c4b5a69788796a5b4c3d2e1f0")}, "base64": {[]byte("Zx81+key/of/the+store/012345678=")},
		"line": {[]byte("correct horse battery staple, s\n")}, "text in Cyrillic": {[]byte("пароль от всего 123")},
	} {
		sealer, err := f.NewSealer(keys[0], keys[1:]...)
		require.ErrorIs(t, err, mfa.ErrInvalidRequest, name)
		assert.Nil(t, sealer, name)
	}
}

// What looks like text for most of its length is none.
func TestFlow_NewSealer_accepts(t *testing.T) {
	t.Parallel()
	f := newService(t, list()).flow
	for name, k := range map[string][]byte{
		"one byte is no text": []byte("correct horse battery staple, s\x01"), "a byte that is not UTF-8": []byte("correct horse battery staple, s\xff"),
		"one byte differs": append(make([]byte, 31), 1),
	} {
		_, err := f.NewSealer(k)
		require.NoError(t, err, name)
	}
	for range 1000 {
		k := make([]byte, 32)
		_, _ = rand.Read(k)
		_, err := f.NewSealer(k)
		require.NoError(t, err)
	}
}

// A page asks before a mail goes out what Seal would refuse of its binding.
func TestSealer_Check(t *testing.T) {
	t.Parallel()
	s := newService(t, list(email1))
	sealer := newSealer(t, s.flow)
	require.NoError(t, sealer.Check(session))
	require.NoError(t, sealer.Check([]byte{0}))
	step := s.begin(flow.StateEnterCode)
	for _, empty := range [][]byte{nil, {}} {
		err := sealer.Check(empty)
		require.ErrorIs(t, err, mfa.ErrInvalidRequest)
		assert.Equal(t, mfa.ActionFix, mfa.NextAction(err))
		_, refused := sealer.Seal(step, empty)
		require.ErrorIs(t, refused, mfa.ErrInvalidRequest)
	}
	for _, none := range []*flow.Sealer{nil, {}} {
		require.ErrorIs(t, none.Check(session), mfa.ErrInvalidRequest)
	}
}

func TestSealer_zero(t *testing.T) {
	t.Parallel()
	step := newService(t, list(email1)).begin(flow.StateEnterCode)
	var none *flow.Sealer
	for _, sealer := range []*flow.Sealer{none, {}} {
		sealed, err := sealer.Seal(step, session)
		require.ErrorIs(t, err, mfa.ErrInvalidRequest)
		assert.Empty(t, sealed)
		_, err = sealer.Open("AAAA", session)
		require.ErrorIs(t, err, mfa.ErrInvalidRequest)
	}
}

func TestSealer_Seal_refused(t *testing.T) {
	t.Parallel()
	s := newService(t, list(email1))
	sealer := newSealer(t, s.flow)
	step := s.begin(flow.StateEnterCode)
	for _, empty := range [][]byte{nil, {}} {
		sealed, err := sealer.Seal(step, empty)
		require.ErrorIs(t, err, mfa.ErrInvalidRequest)
		assert.Empty(t, sealed)
		assert.Equal(t, mfa.ActionFix, mfa.NextAction(err))
		opened, err := sealer.Open(seal(t, sealer, step), empty)
		require.ErrorIs(t, err, flow.ErrStepInvalid)
		require.ErrorIs(t, err, mfa.ErrInvalidRequest)
		assert.Nil(t, opened)
		// A browser without a session is sent back to the password.
		assert.Equal(t, mfa.ActionRestartLogin, mfa.NextAction(err))
	}
	for _, nothing := range []*flow.Step{nil, {}} {
		_, err := sealer.Seal(nothing, session)
		require.ErrorIs(t, err, flow.ErrStepState)
	}
	other, err := mfa.NewClient("other.eu.auth0.com", "app")
	require.NoError(t, err)
	f, err := flow.New(other)
	require.NoError(t, err)
	_, err = newSealer(t, f).Seal(step, session)
	require.ErrorIs(t, err, flow.ErrStepInvalid)
}

// Keys change while steps are on their way.
func TestSealer_rotation(t *testing.T) {
	t.Parallel()
	s := newService(t, list(email1))
	step := s.begin(flow.StateEnterCode)
	third := keyOf("third key")
	mutable := bytes.Clone(key)
	before, after := newSealer(t, s.flow, mutable), newSealer(t, s.flow, another, third, key)
	clear(mutable)
	sealedBefore, sealedAfter := seal(t, before, step), seal(t, after, step)

	_, err := after.Open(sealedBefore, session)
	require.NoError(t, err)
	_, err = after.Open(sealedAfter, session)
	require.NoError(t, err)
	_, err = before.Open(sealedAfter, session)
	require.ErrorIs(t, err, flow.ErrStepInvalid)
	_, err = newSealer(t, s.flow, key, another).Open(sealedAfter, session)
	require.NoError(t, err)
	_, err = newSealer(t, s.flow, third).Open(sealedAfter, session)
	require.ErrorIs(t, err, flow.ErrStepInvalid)

	assert.NotEqual(t, seal(t, before, step), seal(t, before, step))
}
