package flow_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/flow"
)

// A step fits into a cookie, or says that it does not.
func TestSealer_size(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		authenticators int
		enrollment     *flow.Enrollment
		token, most    int // characters of mfa_token and of the sealed step; 0: too large
	}{
		"one e-mail":             {1, nil, 2000, 3500},
		"eight authenticators":   {8, nil, 2000, 3500},
		"more authenticators":    {50, nil, 2000, 3500},
		"enrolment of an e-mail": {0, &flow.Enrollment{Email: "a.rather.long.address.of.a.user@department.of.a.company.example.com"}, 2000, 3500},
		"enrolment of an app":    {0, &flow.Enrollment{Factor: mfa.FactorOTP}, 2000, 3500},
		"longer token":           {1, nil, 2200, 3800},
		"far longer token":       {1, nil, 3000, 0},
		"longest token":          {1, nil, 16 << 10, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var authenticators []string
			for range tt.authenticators {
				authenticators = append(authenticators, `{"id":"email|dev_`+sealedToken(16)+`","authenticator_type":"oob","oob_channel":"email","active":true,"name":"firs**********@comp***************"}`)
			}
			s := newService(t, list(authenticators...))
			s.usual["challenge"] = ok(`{"challenge_type":"oob","oob_code":"` + sealedToken(600) + `"}`)
			s.usual["associate"] = ok(`{"authenticator_type":"oob","oob_code":"` + sealedToken(600) + `","recovery_codes":["` + strings.ToUpper(sealedToken(24)) + `"],` +
				`"secret":"` + strings.ToUpper(sealedToken(32)) + `","barcode_uri":"otpauth://totp/tenant:ada%40example.com?secret=` + strings.ToUpper(sealedToken(32)) + `&issuer=tenant&algorithm=SHA1&digits=6&period=30"}`)
			step, err := s.flow.Begin(t.Context(), required(sealedToken(tt.token)))
			require.NoError(t, err)
			if tt.enrollment != nil {
				require.NoError(t, step.Enroll(t.Context(), *tt.enrollment))
			}
			if step.State() == flow.StateChoose {
				require.NoError(t, step.Choose(t.Context(), step.Authenticators()[7].ID))
			}
			sealer := newSealer(t, s.flow)
			sealed, err := sealer.Seal(step, session)
			if tt.most == 0 {
				require.ErrorIs(t, err, flow.ErrStepTooLarge)
				assert.Empty(t, sealed)
				return
			}
			require.NoError(t, err)
			t.Logf("%d characters", len(sealed))
			assert.LessOrEqual(t, len(sealed), tt.most)
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
	for n := 3440; n < 3560; n++ {
		step, err := s.flow.Begin(t.Context(), required(sealedToken(n)))
		require.NoError(t, err)
		sealed, err := sealer.Seal(step, session)
		if err != nil {
			require.ErrorIs(t, err, flow.ErrStepTooLarge)
			refused = true
			continue
		}
		longest = max(longest, len(sealed))
		_, err = sealer.Open(sealed, session)
		require.NoError(t, err)
	}
	assert.True(t, refused)
	assert.LessOrEqual(t, longest, 3800)
	assert.GreaterOrEqual(t, longest, 3790)
}

// A token that deflates well may fit although it is long, up to a bound on what
// is inflated.
func TestSealer_inflateBound(t *testing.T) {
	t.Parallel()
	s := newService(t, list(email1, email2))
	sealer := newSealer(t, s.flow)
	step, err := s.flow.Begin(t.Context(), required(strings.Repeat("a", 12<<10)))
	require.NoError(t, err)
	_, err = sealer.Open(seal(t, sealer, step), session)
	require.NoError(t, err)
	step, err = s.flow.Begin(t.Context(), required(strings.Repeat("a", 16<<10)))
	require.NoError(t, err)
	_, err = sealer.Seal(step, session)
	require.ErrorIs(t, err, flow.ErrStepTooLarge)
}
