package mfa_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/internal/wiretest"
)

func TestClient_Associate(t *testing.T) {
	t.Parallel()
	token := mfa.NewSecret(wiretest.MFAToken)
	for name, tt := range map[string]struct {
		req      mfa.AssociateRequest
		body     string
		response string
		want     mfa.AssociateResponse
	}{
		"email": {
			req:      mfa.AssociateRequest{Token: token, Email: "ada+mfa@example.com"},
			body:     `{"authenticator_types":["oob"],"oob_channels":["email"],"email":"ada+mfa@example.com","client_id":"` + wiretest.ClientID + `"}`,
			response: `{"authenticator_type":"oob","binding_method":"prompt","oob_code":"Fe26..nWE","oob_channel":"email","recovery_codes":["N3BGPZZWJ85JLCNPZBDW6QXC"]}`,
			want: mfa.AssociateResponse{
				AuthenticatorType: "oob", OOBChannel: "email", BindingMethod: "prompt",
				OOBCode: mfa.NewSecret("Fe26..nWE"), RecoveryCodes: []mfa.Secret{mfa.NewSecret("N3BGPZZWJ85JLCNPZBDW6QXC")},
			},
		},
		"email of the user": {
			req:      mfa.AssociateRequest{Token: token, Factor: mfa.FactorEmail},
			body:     `{"authenticator_types":["oob"],"oob_channels":["email"],"client_id":"` + wiretest.ClientID + `"}`,
			response: `{"authenticator_type":"oob","binding_method":"prompt","oob_code":"Fe26.2*o","oob_channel":"email"}`,
			want: mfa.AssociateResponse{
				AuthenticatorType: "oob", OOBChannel: "email", BindingMethod: "prompt", OOBCode: mfa.NewSecret("Fe26.2*o"),
			},
		},
		"sms": {
			req:      mfa.AssociateRequest{Token: token, Factor: mfa.FactorSMS, PhoneNumber: "+4930901820"},
			body:     `{"authenticator_types":["oob"],"oob_channels":["sms"],"phone_number":"+4930901820","client_id":"` + wiretest.ClientID + `"}`,
			response: `{"authenticator_type":"oob","binding_method":"prompt","recovery_codes":["FF4PWHLHVV8VHHKGWPN2TT64"],"oob_channel":"sms","oob_code":"Fe26.2*o"}`,
			want: mfa.AssociateResponse{
				AuthenticatorType: "oob", OOBChannel: "sms", BindingMethod: "prompt",
				OOBCode: mfa.NewSecret("Fe26.2*o"), RecoveryCodes: []mfa.Secret{mfa.NewSecret("FF4PWHLHVV8VHHKGWPN2TT64")},
			},
		},
		"voice": {
			req:      mfa.AssociateRequest{Token: token, Factor: mfa.FactorVoice, PhoneNumber: "+12025550123"},
			body:     `{"authenticator_types":["oob"],"oob_channels":["voice"],"phone_number":"+12025550123","client_id":"` + wiretest.ClientID + `"}`,
			response: `{"authenticator_type":"oob","binding_method":"prompt","oob_channel":"voice","oob_code":"Fe26.2*o"}`,
			want: mfa.AssociateResponse{
				AuthenticatorType: "oob", OOBChannel: "voice", BindingMethod: "prompt", OOBCode: mfa.NewSecret("Fe26.2*o"),
			},
		},
		"push": {
			req:      mfa.AssociateRequest{Token: token, Factor: mfa.FactorPush},
			body:     `{"authenticator_types":["oob"],"oob_channels":["auth0"],"client_id":"` + wiretest.ClientID + `"}`,
			response: `{"authenticator_type":"oob","barcode_uri":"otpauth://totp/tenant:ada?enrollment_tx_id=Tx1&base_url=https%3A%2F%2Ftenant","oob_channel":"auth0","oob_code":"Fe26.2*o"}`,
			want: mfa.AssociateResponse{
				AuthenticatorType: "oob", OOBChannel: "auth0", OOBCode: mfa.NewSecret("Fe26.2*o"),
				BarcodeURI: mfa.NewSecret("otpauth://totp/tenant:ada?enrollment_tx_id=Tx1&base_url=https%3A%2F%2Ftenant"),
			},
		},
		"otp": {
			req:      mfa.AssociateRequest{Token: token, Factor: mfa.FactorOTP},
			body:     `{"authenticator_types":["otp"],"client_id":"` + wiretest.ClientID + `"}`,
			response: `{"authenticator_type":"otp","secret":"JBSWY3DPEHPK3PXP","barcode_uri":"otpauth://totp/tenant:ada?secret=JBSWY3DPEHPK3PXP&issuer=tenant"}`,
			want: mfa.AssociateResponse{
				AuthenticatorType: "otp", OTPSecret: mfa.NewSecret("JBSWY3DPEHPK3PXP"),
				BarcodeURI: mfa.NewSecret("otpauth://totp/tenant:ada?secret=JBSWY3DPEHPK3PXP&issuer=tenant"),
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tenant := wiretest.NewTenant(t, wiretest.Response{Status: 200, Body: tt.response})

			got, err := tenant.Client(t).Associate(t.Context(), tt.req)

			require.NoError(t, err)
			wiretest.AssertEqual(t, &tt.want, got)
			tenant.AssertSent(t, "POST", "/mfa/associate", tt.body, "Authorization", "Bearer "+wiretest.MFAToken, "Content-Type", "application/json")
		})
	}
}

func TestClient_Associate_toleratedShapes(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		response        string
		header          http.Header
		channel, method string
	}{
		"channel as array":            {response: `{"oob_code":"o","binding_method":"prompt","oob_channel":["email"]}`, channel: "email", method: "prompt"},
		"channels as string":          {response: `{"oob_code":"o","binding_method":"prompt","oob_channels":"email"}`, channel: "email", method: "prompt"},
		"channels as array":           {response: `{"oob_code":"o","binding_method":"prompt","oob_channels":["email","sms"]}`, channel: "email", method: "prompt"},
		"channel before channels":     {response: `{"oob_code":"o","oob_channels":["sms"],"oob_channel":"email"}`, channel: "email"},
		"empty array":                 {response: `{"oob_code":"o","oob_channel":[]}`},
		"channel of another type":     {response: `{"oob_code":"o","oob_channel":7}`},
		"no binding method":           {response: `{"oob_code":"o","oob_channel":"email"}`, channel: "email"},
		"binding method null":         {response: `{"oob_code":"o","binding_method":null}`},
		"unknown binding method":      {response: `{"oob_code":"o","binding_method":"transfer"}`, method: "transfer"},
		"unknown members":             {response: `{"oob_code":"o","id":"email|dev_1","name":"x","expires_in":{"a":[1,2]}}`},
		"null for what is not needed": {response: `{"oob_code":"o","secret":null,"barcode_uri":null,"error":null}`},
		"white space around":          {response: " \r\n{\"oob_code\":\"o\"}\n\t "},
		"escapes":                     {response: `{"\u006fob_code":"\u006f"}`},
		"as a page of HTML":           {response: `{"oob_code":"o"}`, header: http.Header{"Content-Type": {"text/html; charset=utf-8"}}},
		"as plain text":               {response: `{"oob_code":"o"}`, header: http.Header{"Content-Type": {"text/plain"}}},
		"as nothing":                  {response: `{"oob_code":"o"}`, header: http.Header{"Content-Type": nil}},
		"no recovery codes":           {response: `{"oob_code":"o","recovery_codes":[]}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tenant := wiretest.NewTenant(t, wiretest.Response{Status: 200, Body: tt.response, Header: tt.header})

			got, err := tenant.Client(t).Associate(t.Context(), mfa.AssociateRequest{Token: mfa.NewSecret(wiretest.MFAToken)})

			require.NoError(t, err)
			assert.Equal(t, "o", got.OOBCode.Reveal())
			assert.Equal(t, tt.channel, got.OOBChannel)
			assert.Equal(t, tt.method, got.BindingMethod)
			assert.Empty(t, got.RecoveryCodes)
		})
	}
}

func TestClient_Associate_recoveryCodes(t *testing.T) {
	t.Parallel()
	codes := func(n int) string {
		return `["` + strings.Repeat(`N3BGPZZWJ85JLCNPZBDW6QXC","`, n-1) + `N3BGPZZWJ85JLCNPZBDW6QXC"]`
	}
	t.Run("64", func(t *testing.T) {
		t.Parallel()
		tenant := wiretest.NewTenant(t, wiretest.Response{Status: 200, Body: `{"oob_code":"o","recovery_codes":` + codes(64) + `}`})
		got, err := tenant.Client(t).Associate(t.Context(), mfa.AssociateRequest{Token: mfa.NewSecret(wiretest.MFAToken)})
		require.NoError(t, err)
		assert.Len(t, got.RecoveryCodes, 64)
		assert.Equal(t, "N3BGPZZWJ85JLCNPZBDW6QXC", got.RecoveryCodes[63].Reveal())
	})
	t.Run("null is none", func(t *testing.T) {
		t.Parallel()
		tenant := wiretest.NewTenant(t, wiretest.Response{Status: 200, Body: `{"oob_code":"o","recovery_codes":null}`})
		got, err := tenant.Client(t).Associate(t.Context(), mfa.AssociateRequest{Token: mfa.NewSecret(wiretest.MFAToken)})
		require.NoError(t, err)
		assert.Empty(t, got.RecoveryCodes)
	})
	// They are shown once: a list that cannot be read in full is no success.
	for name, list := range map[string]string{
		"65": codes(65), "1000": codes(1000), "string": `"N3BGPZZWJ85JLCNPZBDW6QXC"`, "object": `{}`,
		"null in it": `[null]`, "number in it": `[1]`, "empty in it": `[""]`, "line break in it": `["A\r\nB"]`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tenant := wiretest.NewTenant(t, wiretest.Response{Status: 200, Body: `{"oob_code":"o","recovery_codes":` + list + `}`})
			got, err := tenant.Client(t).Associate(t.Context(), mfa.AssociateRequest{Token: mfa.NewSecret(wiretest.MFAToken)})
			assert.Nil(t, got)
			assert.ErrorIs(t, err, mfa.ErrUnexpectedResponse)
		})
	}
}

func TestClient_Associate_otpWithoutSecret(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"missing":           `{"authenticator_type":"otp","barcode_uri":"otpauth://totp/a"}`,
		"null":              `{"authenticator_type":"otp","secret":null,"barcode_uri":"otpauth://totp/a"}`,
		"empty":             `{"authenticator_type":"otp","secret":"","barcode_uri":"otpauth://totp/a"}`,
		"a number":          `{"authenticator_type":"otp","secret":7,"barcode_uri":"otpauth://totp/a"}`,
		"with a line break": `{"authenticator_type":"otp","secret":"A\nB","barcode_uri":"otpauth://totp/a"}`,
		"of another factor": `{"authenticator_type":"oob","oob_code":"o","oob_channel":"email"}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tenant := wiretest.NewTenant(t, wiretest.Response{Status: 200, Body: body})
			got, err := tenant.Client(t).Associate(t.Context(), mfa.AssociateRequest{Token: mfa.NewSecret(wiretest.MFAToken), Factor: mfa.FactorOTP})
			assert.Nil(t, got)
			assert.ErrorIs(t, err, mfa.ErrUnexpectedResponse)
		})
	}
}

// Without the one there is nothing to scan, without the other nothing to ask about.
func TestClient_Associate_pushWithoutMeans(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		`{"authenticator_type":"oob","oob_channel":"auth0","oob_code":"o"}`,
		`{"authenticator_type":"oob","oob_channel":"auth0","oob_code":"o","barcode_uri":""}`,
		`{"authenticator_type":"oob","oob_channel":"auth0","barcode_uri":"otpauth://totp/a"}`,
	} {
		got, err := wiretest.NewTenant(t, wiretest.Response{Status: 200, Body: body}).Client(t).
			Associate(t.Context(), mfa.AssociateRequest{Token: mfa.NewSecret("t"), Factor: mfa.FactorPush})
		assert.Nil(t, got, body)
		assert.ErrorIs(t, err, mfa.ErrUnexpectedResponse, body)
	}
}

func TestClient_Associate_brokenSecrets(t *testing.T) {
	t.Parallel()
	for factor, bodies := range map[mfa.Factor][]string{
		mfa.FactorPush: {`{"oob_code":"o","barcode_uri":"otpauth://a\r\nb"}`, `{"oob_code":"o","barcode_uri":"otpauth://a","secret":"a\u0000b"}`},
		mfa.FactorOTP:  {`{"secret":"ABC","oob_code":"a\r\nb"}`, `{"secret":"ABC","barcode_uri":"otpauth://a\r\nb"}`},
	} {
		for _, body := range bodies {
			_, err := wiretest.NewTenant(t, wiretest.Response{Status: 200, Body: body}).Client(t).
				Associate(t.Context(), mfa.AssociateRequest{Token: mfa.NewSecret("t"), Factor: factor})
			assert.ErrorIs(t, err, mfa.ErrUnexpectedResponse, body)
		}
	}
}
