package flow_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/flow"
)

// ironToken returns n characters in the form of Auth0's tokens.
func ironToken(n int) string {
	head := "Fe26.2**" + strings.Repeat("0123456789abcdef", 4) + "*" + sealedToken(22) + "*"
	tail := "*1800000000000*" + strings.Repeat("0123456789abcdef", 4) + "*" + sealedToken(43)
	return head + sealedToken(n-len(head)-len(tail)) + tail
}

// emails returns a list of n active e-mail authenticators, whose names are cut.
func emails(n int) string {
	authenticators := make([]string, n)
	for i := range authenticators {
		authenticators[i] = `{"id":"email|dev_` + sealedToken(16) + `","authenticator_type":"oob","oob_channel":"email","active":true,"name":"firs**********@comp***************"}`
	}
	return list(authenticators...)
}

// largest makes the service respond at the size that a step keeps room for.
func (s *service) largest() {
	code := func(n int) string { return strings.ToUpper(sealedToken(n)) }
	s.usual["challenge"] = ok(`{"challenge_type":"oob","binding_method":"prompt","oob_code":"` + ironToken(800) + `"}`)
	s.usual["associate"] = ok(`{"authenticator_type":"oob","oob_code":"` + ironToken(800) + `","recovery_codes":["` + code(24) + `","` + code(24) + `"],` +
		`"secret":"` + code(32) + `","barcode_uri":"otpauth://totp/` + sealedToken(225) + `"}`)
}

// A step fits into a cookie with room to spare. How long the sealed step is
// follows from the lengths of its parts, whatever they are and whichever release
// of Go seals it.
func TestSealer_size(t *testing.T) {
	t.Parallel()
	const limit = 3300 // for 2,000 characters of mfa_token and 600 of oob_code
	for name, tt := range map[string]struct {
		authenticators int
		enrollment     *flow.Enrollment
		token          func(int) string
		length, want   int // characters of mfa_token and of the sealed step
	}{
		"one e-mail":                             {1, nil, sealedToken, 2000, 2812},
		"eight authenticators":                   {8, nil, sealedToken, 2000, 3260},
		"eight authenticators, Auth0's tokens":   {8, nil, ironToken, 2000, 3292},
		"eight authenticators of a named user":   {8, nil, ironToken, 2000, 3300},
		"more authenticators":                    {50, nil, sealedToken, 2000, 3260},
		"enrollment of an e-mail":                {0, &flow.Enrollment{Email: "a.rather.long.address.of.a.user@department.of.a.company.example.com"}, sealedToken, 2000, 2871},
		"enrollment of an e-mail, Auth0's token": {0, &flow.Enrollment{Email: "a.rather.long.address.of.a.user@department.of.a.company.example.com"}, ironToken, 2000, 2903},
		"enrollment of an app":                   {0, &flow.Enrollment{Factor: mfa.FactorOTP}, sealedToken, 2000, 2386},
		"longer token":                           {1, nil, sealedToken, 2200, 3012},
		"far longer token":                       {1, nil, sealedToken, 2700, 3512},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newService(t, emails(tt.authenticators), flow.WithMaxSealed(3800))
			s.usual["challenge"] = ok(`{"challenge_type":"oob","oob_code":"` + tt.token(600) + `"}`)
			s.usual["associate"] = ok(`{"authenticator_type":"oob","oob_code":"` + tt.token(600) + `","recovery_codes":["` + strings.ToUpper(sealedToken(24)) + `"],` +
				`"secret":"` + strings.ToUpper(sealedToken(32)) + `","barcode_uri":"otpauth://totp/tenant:ada%40example.com?secret=` + strings.ToUpper(sealedToken(32)) + `&issuer=tenant&algorithm=SHA1&digits=6&period=30"}`)
			var opts []flow.BeginOption
			if strings.Contains(name, "named user") {
				opts = append(opts, flow.User("ada"))
			}
			step, err := s.flow.Begin(t.Context(), required(tt.token(tt.length)), opts...)
			require.NoError(t, err)
			if tt.enrollment != nil {
				require.NoError(t, step.Enroll(t.Context(), *tt.enrollment))
			}
			if step.State() == flow.StateChoose {
				require.NoError(t, step.Choose(t.Context(), step.Authenticators()[7].ID))
			}
			sealer := newSealer(t, s.flow)
			sealed := seal(t, sealer, step)
			assert.Equal(t, tt.want, len(sealed)) //nolint:testifylint // Len prints what is sealed
			if tt.length == 2000 {
				assert.LessOrEqual(t, len(sealed), limit)
			}
			opened, err := sealer.Open(sealed, session)
			require.NoError(t, err)
			assert.Equal(t, flow.Contents(step), flow.Contents(opened))
		})
	}
}

// Every length up to the limit can be opened again, none beyond it is sealed.
func TestSealer_limit(t *testing.T) {
	t.Parallel()
	s := newService(t, list(email1, email2))
	sealer := newSealer(t, s.flow)
	longest, refused := 0, false
	for n := 3300; n < 3500; n++ {
		step, err := s.flow.Begin(t.Context(), required(sealedToken(n)))
		require.NoError(t, err)
		sealed, err := sealer.Seal(step, session)
		if err != nil {
			require.ErrorIs(t, err, flow.ErrStepTooLarge)
			assert.Empty(t, sealed)
			refused = true
			continue
		}
		assert.False(t, refused, "a longer token fits where a shorter one did not")
		longest = max(longest, len(sealed))
		_, err = sealer.Open(sealed, session)
		require.NoError(t, err)
	}
	assert.True(t, refused)
	assert.LessOrEqual(t, longest, 3600)
	assert.GreaterOrEqual(t, longest, 3595)

	step, err := s.flow.Begin(t.Context(), required(strings.Repeat("a", 16<<10)))
	require.NoError(t, err)
	_, err = sealer.Seal(step, session)
	require.ErrorIs(t, err, flow.ErrStepTooLarge)
}

// The page sets the limit, for a proxy with a smaller buffer or for a form field.
func TestWithMaxSealed(t *testing.T) {
	t.Parallel()
	token := sealedToken(2000)
	for limit, tooLarge := range map[int]bool{2100: true, 3200: false, 32_000: false} {
		s := newService(t, emails(1), flow.WithMaxSealed(limit))
		step, err := s.flow.Begin(t.Context(), required(token))
		require.NotNil(t, step, limit)
		if tooLarge {
			require.ErrorIs(t, err, flow.ErrStepTooLarge)
			assert.NotContains(t, s.calls(), "challenge")
			_, err = newSealer(t, s.flow).Seal(step, session)
			require.ErrorIs(t, err, flow.ErrStepTooLarge)
			continue
		}
		require.NoError(t, err)
		sealed := seal(t, newSealer(t, s.flow), step)
		assert.LessOrEqual(t, len(sealed), limit)

		// A machine with a smaller limit does not read what is longer.
		small, err := flow.New(s.client, flow.WithClock(s.clock), flow.WithMaxSealed(len(sealed)-1))
		require.NoError(t, err)
		_, err = newSealer(t, small).Open(sealed, session)
		require.ErrorIs(t, err, flow.ErrStepInvalid)
		same, err := flow.New(s.client, flow.WithClock(s.clock), flow.WithMaxSealed(len(sealed)))
		require.NoError(t, err)
		_, err = newSealer(t, same).Open(sealed, session)
		require.NoError(t, err)
	}

	s := newService(t, emails(1), flow.WithMaxSealed(32_000))
	step, err := s.flow.Begin(t.Context(), required(ironToken(16_000)))
	require.NoError(t, err)
	reopened(t, s.flow, step)
}

// A step that could not be sealed after the response is refused before a message
// goes out, and whatever is sent can be sealed, however long Auth0's response is
// within reason.
func TestSealer_room(t *testing.T) {
	t.Parallel()
	const address = "a.rather.long.address.of.a.user@department.of.a.company.example.com"
	for name, tt := range map[string]struct {
		list string
		opts []flow.Option
		send func(*testing.T, *service, *flow.Step) error // nil: Begin sends
	}{
		"Begin": {emails(1), nil, nil},
		"Choose": {emails(8), nil, func(t *testing.T, _ *service, step *flow.Step) error {
			t.Helper()
			return step.Choose(t.Context(), step.Authenticators()[7].ID)
		}},
		"Choose, unknown factor": {list(`{"id":"x|dev_1","authenticator_type":"` + strings.Repeat("pigeon", 30) + `","active":true}`), nil, func(t *testing.T, _ *service, step *flow.Step) error {
			t.Helper()
			return step.Choose(t.Context(), "x|dev_1")
		}},
		"Choose, push": {list(push1), nil, func(t *testing.T, _ *service, step *flow.Step) error {
			t.Helper()
			return step.Choose(t.Context(), step.Authenticators()[0].ID)
		}},
		"Resend in StateChoose": {emails(2), nil, func(t *testing.T, s *service, step *flow.Step) error {
			t.Helper()
			s.then("list authenticators", ok(emails(1)))
			err := step.Resend(t.Context())
			assert.Equal(t, "list authenticators", s.calls()[0])
			return err
		}},
		"Enroll, e-mail": {list(), nil, func(t *testing.T, _ *service, step *flow.Step) error {
			t.Helper()
			return step.Enroll(t.Context(), flow.Enrollment{Email: address})
		}},
		"Enroll, longest e-mail": {list(), nil, func(t *testing.T, _ *service, step *flow.Step) error {
			t.Helper()
			return step.Enroll(t.Context(), flow.Enrollment{Email: strings.Repeat("a", 308) + "@example.com"})
		}},
		"Enroll, number": {list(), nil, func(t *testing.T, _ *service, step *flow.Step) error {
			t.Helper()
			return step.Enroll(t.Context(), flow.Enrollment{Factor: mfa.FactorVoice, PhoneNumber: phone})
		}},
		"Enroll, app": {list(), nil, func(t *testing.T, _ *service, step *flow.Step) error {
			t.Helper()
			return step.Enroll(t.Context(), flow.Enrollment{Factor: mfa.FactorOTP})
		}},
		"Enroll, push": {list(), nil, func(t *testing.T, _ *service, step *flow.Step) error {
			t.Helper()
			return step.Enroll(t.Context(), flow.Enrollment{Factor: mfa.FactorPush})
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sent, refused := 0, 0
			for n := 1000; n < 3600; n += 7 {
				s := newService(t, tt.list, tt.opts...)
				s.largest()
				sealer := newSealer(t, s.flow)
				step, err := s.flow.Begin(t.Context(), required(ironToken(n)))
				require.NotNil(t, step)
				if tt.send != nil {
					require.NoError(t, err)
					s.calls()
					err = tt.send(t, s, step)
				} else {
					assert.Equal(t, "list authenticators", s.calls()[0])
				}
				if err != nil {
					require.ErrorIs(t, err, flow.ErrStepTooLarge)
					assert.Equal(t, mfa.ActionFix, mfa.NextAction(err))
					assert.NotContains(t, s.calls(), "challenge")
					assert.NotContains(t, s.calls(), "associate")
					assert.False(t, step.Enrolling())
					assert.Contains(t, []flow.State{flow.StateChoose, flow.StateEnroll}, step.State())
					assert.Equal(t, 20, step.SendsLeft())
					refused++
					continue
				}
				assert.Zero(t, refused, "a longer token fits where a shorter one did not")
				sealed := seal(t, sealer, step)
				_, err = sealer.Open(sealed, session)
				require.NoError(t, err, n)
				sent++
			}
			assert.Positive(t, refused)
			least := 2050 // as docs/flow.md says
			if name == "Enroll, longest e-mail" || name == "Choose, unknown factor" {
				least = 1900
			}
			assert.GreaterOrEqual(t, 1000+7*(sent-1), least)
			t.Logf("%s: mfa_tokens of up to %d characters", name, 1000+7*(sent-1))
		})
	}
}

// Four targets that wait for their interval to end take 33 characters more than one.
func TestSealer_size_recentTargets(t *testing.T) {
	t.Parallel()
	s := newService(t, emails(8))
	s.usual["challenge"] = ok(`{"challenge_type":"oob","oob_code":"` + ironToken(600) + `"}`)
	step, err := s.flow.Begin(t.Context(), required(ironToken(2000)))
	require.NoError(t, err)
	for _, a := range step.Authenticators()[:4] {
		require.NoError(t, step.Choose(t.Context(), a.ID))
		s.advance(3 * time.Second)
	}
	assert.LessOrEqual(t, len(seal(t, newSealer(t, s.flow), step)), 3300+33)
	cooldown(t, step.Choose(t.Context(), step.Authenticators()[4].ID), s.clock().Add(18*time.Second))
}

// Long names lock nobody out, in whatever script they are.
func TestSealer_size_longNames(t *testing.T) {
	t.Parallel()
	for _, character := range []string{"a", "é", "字", "🏠"} {
		var all []string
		for i := range 8 {
			all = append(all, fmt.Sprintf(`{"id":"push|dev_%s%d","authenticator_type":"oob","oob_channel":"auth0","active":true,"name":"%s"}`,
				sealedToken(15), i, strings.Repeat(character, 48)))
		}
		s := newService(t, list(all...))
		s.usual["challenge"] = ok(`{"challenge_type":"oob","oob_code":"` + ironToken(600) + `"}`)
		step, err := s.flow.Begin(t.Context(), required(ironToken(2000)))
		require.NoError(t, err)
		require.NoError(t, step.Choose(t.Context(), step.Authenticators()[7].ID))
		assert.LessOrEqual(t, len(seal(t, newSealer(t, s.flow), step)), 3300, character)
		for _, a := range step.Authenticators() {
			assert.NotEmpty(t, a.Name)
			assert.Empty(t, strings.ReplaceAll(a.Name, character, ""))
			assert.LessOrEqual(t, len(a.Name), 32)
		}
	}
}
