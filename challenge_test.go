package mfa_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/internal/wiretest"
)

func TestClient_Challenge(t *testing.T) {
	t.Parallel()
	token := mfa.NewSecret(wiretest.MFAToken)
	for name, tt := range map[string]struct {
		req      mfa.ChallengeRequest
		body     string
		response string
		want     mfa.ChallengeResponse
	}{
		"email": {
			req:      mfa.ChallengeRequest{MFAToken: token, AuthenticatorID: wiretest.EmailID},
			body:     `{"mfa_token":"Fe26.2*1*mfa-token","challenge_type":"oob","authenticator_id":"email|dev_hdkmORJuqOmjRRQU","client_id":"` + wiretest.ClientID + `"}`,
			response: `{"challenge_type":"oob","oob_code":"Fe26.2*o","binding_method":"prompt"}`,
			want:     mfa.ChallengeResponse{ChallengeType: "oob", BindingMethod: "prompt", OOBCode: mfa.NewSecret("Fe26.2*o")},
		},
		"push": {
			req:      mfa.ChallengeRequest{MFAToken: token},
			body:     `{"mfa_token":"Fe26.2*1*mfa-token","challenge_type":"oob","client_id":"` + wiretest.ClientID + `"}`,
			response: `{"challenge_type":"oob","oob_code":"Fe26.2*o"}`,
			want:     mfa.ChallengeResponse{ChallengeType: "oob", OOBCode: mfa.NewSecret("Fe26.2*o")},
		},
		"otp": {
			req:      mfa.ChallengeRequest{MFAToken: token, ChallengeType: "otp"},
			body:     `{"mfa_token":"Fe26.2*1*mfa-token","challenge_type":"otp","client_id":"` + wiretest.ClientID + `"}`,
			response: `{"challenge_type":"otp"}`,
			want:     mfa.ChallengeResponse{ChallengeType: "otp"},
		},
		"whichever": {
			req:      mfa.ChallengeRequest{MFAToken: token, ChallengeType: "oob otp"},
			body:     `{"mfa_token":"Fe26.2*1*mfa-token","challenge_type":"oob otp","client_id":"` + wiretest.ClientID + `"}`,
			response: `{"challenge_type":"otp","oob_code":null,"binding_method":null}`,
			want:     mfa.ChallengeResponse{ChallengeType: "otp"},
		},
		"unknown members": {
			req:      mfa.ChallengeRequest{MFAToken: token},
			body:     `{"mfa_token":"Fe26.2*1*mfa-token","challenge_type":"oob","client_id":"` + wiretest.ClientID + `"}`,
			response: `{"oob_code":"Fe26.2*o","expires_in":300,"interval":5}`,
			want:     mfa.ChallengeResponse{OOBCode: mfa.NewSecret("Fe26.2*o")},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tenant := wiretest.NewTenant(t, wiretest.Response{Status: 200, Body: tt.response})

			got, err := tenant.Client(t).Challenge(t.Context(), tt.req)

			require.NoError(t, err)
			wiretest.AssertEqual(t, &tt.want, got)
			tenant.AssertSent(t, "POST", "/mfa/challenge", tt.body, "Content-Type", "application/json")
		})
	}
}

// A challenge for OTP needs no code to refer to, but a broken one is refused.
func TestClient_Challenge_otpWithBrokenCode(t *testing.T) {
	t.Parallel()
	got, err := wiretest.NewTenant(t, wiretest.Response{Status: 200, Body: `{"challenge_type":"otp","oob_code":"a b"}`}).Client(t).
		Challenge(t.Context(), mfa.ChallengeRequest{MFAToken: mfa.NewSecret("t"), ChallengeType: "otp"})
	assert.Nil(t, got)
	assert.ErrorIs(t, err, mfa.ErrUnexpectedResponse)
}
