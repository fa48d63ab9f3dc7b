package flow_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/flow"
	"github.com/go-auth0-mfa/mfa/mfatest"
)

// An address that no mail can reach is a slip of the user, and costs no message.
func TestStep_Enroll_unreachableAddress(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"ada@x", "ada@localhost", "ada@example.", "ada@.com", "ada@example..com", "ada lovelace@example.com", "ada@exa mple.com"} {
		s := newService(t, list())
		step := s.begin(flow.StateEnroll)
		s.calls()
		err := step.Enroll(t.Context(), flow.Enrollment{Email: address})
		require.ErrorIs(t, err, mfa.ErrInvalidRequest, address)
		assert.Equal(t, mfa.ActionAskAgain, mfa.NextAction(err), address)
		var refused *mfa.Error
		require.ErrorAs(t, err, &refused, address)
		assert.Equal(t, []string{"Email"}, refused.Fields)
		assert.Equal(t, mfa.DeliveryNotSent, refused.Delivery)
		assert.NotContains(t, err.Error(), address)
		assert.Empty(t, s.calls(), address)
		assert.Equal(t, 20, step.SendsLeft())
		assert.Equal(t, address, step.Destination())
	}
	for _, address := range []string{"ada@x.y", "ada@mail.example.com", `"ada lovelace"@example.com`, "ada@bücher.example"} {
		s := newService(t, list())
		step := s.begin(flow.StateEnroll)
		require.NoError(t, step.Enroll(t.Context(), flow.Enrollment{Email: address}), address)
		assert.Equal(t, address, step.Destination())
	}
}

// Addresses and numbers are cleaned as codes are.
func TestStep_Enroll_cleansWhatWasTyped(t *testing.T) {
	t.Parallel()
	p := newPage(t, mfatest.User{}, nil)
	step := p.begin(flow.StateEnroll)
	require.NoError(t, step.Enroll(t.Context(), flow.Enrollment{Email: "\u00a0\uff41da\u200b@example\u3002com\r\n"}))
	assert.Equal(t, ada, step.Destination())
	p.done(step, p.submit(step, p.code(ada)))

	p = newPage(t, mfatest.User{}, nil)
	step = p.begin(flow.StateEnroll)
	require.NoError(t, step.Enroll(t.Context(), flow.Enrollment{Factor: mfa.FactorSMS, PhoneNumber: "\uff0b1 (202)\u2011555\u200b.0142"}))
	assert.Equal(t, phone, step.Destination())
	p.done(step, p.submit(step, p.code(phone)))
}

// What was refused stays, in the step and in its seal, until something is enrolled.
func TestStep_Typed(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("字", 100) + "@example.com"
	for name, tt := range map[string]struct {
		e     flow.Enrollment
		reply reply
		want  string
	}{
		"no address":      {flow.Enrollment{Email: " ada lovelace "}, reply{}, "ada lovelace"},
		"refused here":    {flow.Enrollment{Email: "ada@x"}, reply{}, "ada@x"},
		"refused by mfa":  {flow.Enrollment{Factor: mfa.FactorSMS, PhoneNumber: "0170 123"}, reply{}, "0170 123"},
		"far too long":    {flow.Enrollment{Email: long + "@"}, reply{}, strings.Repeat("字", 42)},
		"refused by them": {flow.Enrollment{Email: ada}, refusal(400, "invalid_email", ""), ada},
		"failed":          {flow.Enrollment{Email: ada}, refusal(502, "bad_gateway", "Error sending email."), ada},
		"lost":            {flow.Enrollment{Email: ada}, reply{err: errLost}, ada},
		"the own address": {flow.Enrollment{}, refusal(502, "bad_gateway", "Error sending email."), ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newService(t, list())
			if tt.reply.status != 0 || tt.reply.err != nil {
				s.then("associate", tt.reply)
			}
			step := s.begin(flow.StateEnroll)
			require.Error(t, step.Enroll(t.Context(), tt.e))
			for _, step := range []*flow.Step{step, reopened(t, s.flow, step)} {
				assert.Equal(t, tt.want, step.Typed())
				assert.Equal(t, tt.want, step.Destination())
				assert.False(t, step.Enrolling())
			}
			s.advance(minute)
			require.NoError(t, step.Enroll(t.Context(), flow.Enrollment{Email: "grace@example.com"}))
			assert.Equal(t, "grace@example.com", step.Typed())
			assert.Equal(t, "grace@example.com", step.Destination())

			// A correction that is refused does not hide where the code went.
			s.advance(minute)
			if tt.reply.status != 0 || tt.reply.err != nil {
				s.then("associate", tt.reply)
			}
			require.Error(t, step.Enroll(t.Context(), tt.e))
			step = reopened(t, s.flow, step)
			assert.Equal(t, "grace@example.com", step.Destination())
			if tt.want != "" {
				assert.Equal(t, tt.want, step.Typed())
			}
			require.NoError(t, step.Submit(t.Context(), flow.Submission{Code: mfa.NewSecret("123456")}))
			assert.Empty(t, step.Typed())
			assert.Empty(t, step.Destination())
		})
	}
	var zero flow.Step
	assert.Empty(t, zero.Typed())
}

// What was refused never keeps a step from being sealed.
func TestStep_Typed_fitsOrIsForgotten(t *testing.T) {
	t.Parallel()
	kept, forgotten := 0, 0
	for n := 3000; n < 3600; n += 7 {
		s := newService(t, list())
		sealer := newSealer(t, s.flow)
		step, err := s.flow.Begin(t.Context(), required(sealedToken(n)))
		require.NoError(t, err)
		if _, err := sealer.Seal(step, session); err != nil {
			break
		}
		require.Error(t, step.Enroll(t.Context(), flow.Enrollment{Email: strings.Repeat("a", 126) + "@x"}))
		switch step = reopened(t, s.flow, step); step.Typed() {
		case "":
			forgotten++
		default:
			kept++
		}
	}
	assert.Positive(t, kept)
	assert.Positive(t, forgotten)

	// Beside the usual tokens it leaves the usual size.
	s := newService(t, list())
	s.usual["associate"] = ok(`{"authenticator_type":"oob","oob_code":"` + ironToken(600) + `","recovery_codes":["` + strings.ToUpper(sealedToken(24)) + `"]}`)
	step, err := s.flow.Begin(t.Context(), required(ironToken(2000)))
	require.NoError(t, err)
	require.NoError(t, step.Enroll(t.Context(), flow.Enrollment{Email: "a.rather.long.address.of.a.user@department.of.a.company.example.com"}))
	require.ErrorIs(t, step.Enroll(t.Context(), flow.Enrollment{Email: strings.Repeat("a", 400) + "@x"}), mfa.ErrInvalidRequest)
	assert.LessOrEqual(t, len(seal(t, newSealer(t, s.flow), step)), 3300)
	assert.Len(t, step.Typed(), 128)
}
