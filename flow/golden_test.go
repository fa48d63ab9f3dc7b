package flow_test

import (
	"encoding/json"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/flow"
)

// golden is a step that was sealed once, and what it has to open to for ever.
type golden struct {
	Key, Binding []byte
	Sealed       string
	Want         look
}

// look holds what a step shows.
type look struct {
	State                                      string
	Factor                                     mfa.Factor
	Authenticators                             []mfa.Authenticator
	Destination, Typed                         string
	Enrolling                                  bool
	RecoveryCodes                              []string
	OTPSecret, BarcodeURI                      string
	CodeExpiresAt, ResendAt, PollAt, ExpiresAt time.Time
	AttemptsLeft, SendsLeft                    int
	Then                                       map[string]string // what it sends to Auth0 when it goes on
}

// lookOf returns what a step shows, and sends it on its way.
func lookOf(t *testing.T, s *service, step *flow.Step) look {
	t.Helper()
	l := look{
		State: step.State().String(), Factor: step.Factor(), Authenticators: step.Authenticators(), Destination: step.Destination(), Typed: step.Typed(),
		Enrolling: step.Enrolling(), OTPSecret: step.OTPSecret().Reveal(), BarcodeURI: step.BarcodeURI().Reveal(),
		CodeExpiresAt: step.CodeExpiresAt(), ResendAt: step.ResendAt(), PollAt: step.PollAt(), ExpiresAt: step.ExpiresAt(),
		AttemptsLeft: step.AttemptsLeft(), SendsLeft: step.SendsLeft(),
	}
	for _, code := range step.RecoveryCodes() {
		l.RecoveryCodes = append(l.RecoveryCodes, code.Reveal())
	}
	switch step.State() {
	case flow.StateEnterCode:
		require.NoError(t, step.Submit(t.Context(), flow.Submission{Code: mfa.NewSecret("123456")}))
	case flow.StatePoll:
		s.advance(time.Minute)
		s.then("poll push", refusal(429, "slow_down", ""))
		require.ErrorIs(t, step.Poll(t.Context(), flow.Poll{}), mfa.ErrSlowDown)
		l.Then = map[string]string{"wait": step.PollAt().Sub(s.clock()).String()}
	case flow.StateEnroll:
		require.NoError(t, step.Enroll(t.Context(), flow.Enrollment{}))
		require.NoError(t, step.Submit(t.Context(), flow.Submission{Code: mfa.NewSecret("123456")}))
	default:
		require.NoError(t, step.Choose(t.Context(), step.Authenticators()[0].ID))
		require.NoError(t, step.Submit(t.Context(), flow.Submission{Code: mfa.NewSecret("123456")}))
	}
	if l.Then == nil {
		l.Then = map[string]string{}
	}
	for name, values := range s.sent[len(s.sent)-1] {
		l.Then[name] = values[0]
	}
	return l
}

const goldenFile = "testdata/sealed-v2.json"

func readGolden(t testing.TB) map[string]golden {
	t.Helper()
	raw, err := os.ReadFile(goldenFile)
	require.NoError(t, err)
	var file map[string]golden
	require.NoError(t, json.Unmarshal(raw, &file))
	return file
}

// sealedWith are the steps that the golden file has.
func sealedWith(t *testing.T) map[string]func() (*service, *flow.Step) {
	t.Helper()
	begin := func(list string, r mfa.Requirements) (*service, *flow.Step) {
		s := newService(t, list)
		step, err := s.flow.Begin(t.Context(), &mfa.RequiredError{MFAToken: mfa.NewSecret("Fe26.2*mfa-token"), Requirements: r})
		require.NoError(t, err)
		return s, step
	}
	return map[string]func() (*service, *flow.Step){
		"enroll": func() (*service, *flow.Step) {
			return begin(list(), mfa.Requirements{Enroll: []string{"otp"}})
		},
		"choose": func() (*service, *flow.Step) {
			return begin(list(email1, email2, sms1, recovery), mfa.Requirements{Challenge: []string{"email", "phone"}})
		},
		"code": func() (*service, *flow.Step) { return begin(list(email1, otp1), mfa.Requirements{}) },
		"enrollment": func() (*service, *flow.Step) {
			s, step := begin(list(), mfa.Requirements{})
			s.then("associate", ok(`{"authenticator_type":"oob","oob_code":"Fe26.2*oob-code","recovery_codes":["N3BGPZZWJ85JLCNPZBDW6QXC"],"secret":"S","barcode_uri":"otpauth://totp/x?a=b&c=d"}`))
			require.NoError(t, step.Enroll(t.Context(), flow.Enrollment{Email: ada}))
			s.then("verify oob", refusal(403, "invalid_grant", "Invalid binding_code."))
			require.Error(t, step.Submit(t.Context(), flow.Submission{Code: mfa.NewSecret("123456")}))
			return s, step
		},
		"account": func() (*service, *flow.Step) {
			s := newService(t, list(email1, otp1))
			step, err := s.flow.BeginEnrollment(t.Context(), mfa.NewSecret("eyJ.access.token"))
			require.NoError(t, err)
			require.NoError(t, step.LoadAuthenticators(t.Context()))
			require.Error(t, step.Enroll(t.Context(), flow.Enrollment{Email: "ada@x"}))
			return s, step
		},
		"poll": func() (*service, *flow.Step) {
			s, step := begin(list(push1), mfa.Requirements{})
			require.NoError(t, step.Choose(t.Context(), "push|dev_4"))
			s.advance(5 * time.Second)
			s.then("poll push", refusal(429, "slow_down", ""))
			require.Error(t, step.Poll(t.Context(), flow.Poll{}))
			return s, step
		},
	}
}

// Steps that older versions sealed can be opened. The file is only ever added
// to; UPDATE_GOLDEN=1 writes it where there is none.
func TestSealer_golden(t *testing.T) {
	t.Parallel()
	steps := sealedWith(t)
	if _, err := os.Stat(goldenFile); os.Getenv("UPDATE_GOLDEN") != "" && os.IsNotExist(err) {
		file := map[string]golden{}
		for name, reach := range steps {
			s, step := reach()
			file[name] = golden{Key: key, Binding: session, Sealed: seal(t, newSealer(t, s.flow), step), Want: lookOf(t, s, step)}
		}
		raw, err := json.MarshalIndent(file, "", "\t")
		require.NoError(t, err)
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(goldenFile, append(raw, '\n'), 0o644))
	}
	file := readGolden(t)
	assert.Len(t, file, len(steps))
	for name, g := range file {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, _ := steps[name]()
			step, err := newSealer(t, s.flow, another, g.Key).Open(g.Sealed, g.Binding)
			require.NoError(t, err)
			assert.Equal(t, g.Want, lookOf(t, s, step))
		})
	}
}
