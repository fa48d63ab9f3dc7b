package mfa_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/internal/wiretest"
)

// seedResponses adds what Auth0 is known to send, and what it should not.
func seedResponses(add func(status int, body string)) {
	for _, op := range wiretest.Operations {
		add(op.Success.Status, op.Success.Body)
	}
	add(200, recordedList)
	add(200, `{"authenticator_type":"oob","binding_method":"prompt","oob_code":"Fe26..nWE","oob_channel":"email","recovery_codes":["N3BGPZZWJ85JLCNPZBDW6QXC"]}`)
	add(200, `{"authenticator_type":"otp","secret":"JBSWY3DPEHPK3PXP","barcode_uri":"otpauth://totp/tenant:ada?secret=JBSWY3DPEHPK3PXP"}`)
	add(200, `{"id_token":"eyJ...i","access_token":"eyJ...i","expires_in":600,"scope":"openid profile","token_type":"Bearer"}`)
	add(200, `{"access_token":"eyJ","expires_in":"1e999","token_type":["Bearer"],"refresh_token":null,"access_token":"again"}`)
	add(403, `{"error":"mfa_required","error_description":"Multifactor authentication required","mfa_token":"Fe26.2*t","mfa_requirements":{"challenge":[{"type":"otp"},"email"],"enroll":null,"challenge_types":["oob"]}}`)
	add(400, `{"statusCode":400,"error":"Bad Request","message":"m","errorCode":"invalid_body","attributes":{"error":"x"}}`)
	add(400, `{"name":"BadRequestError","code":"invalid_signup","description":{"rules":[]},"statusCode":400}`)
	add(502, "<html>502 Bad Gateway</html>")
	add(200, "\ufeff{}")
	add(401, wiretest.MFAToken+" 000042 correct horse")
	for _, m := range slices.Concat(wiretest.MFAErrors, wiretest.CodeErrors, wiretest.OtherErrors, wiretest.TokenErrors) {
		add(m.Status[0], wiretest.Refused(0, m.Code, m.Text).Body)
	}
}

// Whatever comes back: no panic, either a result or an error, a result that has
// what it needs, and an error that repeats nothing of what was sent.
func FuzzResponses(f *testing.F) {
	seedResponses(func(status int, body string) {
		for i := range wiretest.Operations {
			f.Add(i, status, "application/json", body)
		}
	})
	f.Fuzz(func(t *testing.T, i, status int, header, body string) {
		op := wiretest.Operations[uint(i)%uint(len(wiretest.Operations))]
		a := wiretest.Response{Status: status, Body: body, Header: http.Header{
			"Content-Type": {header}, "Retry-After": {header}, "X-Request-Id": {header}, "Location": {header},
		}}
		client, err := mfa.NewClient(wiretest.Domain, wiretest.ClientID,
			mfa.WithHTTPClient(&http.Client{Transport: wiretest.RoundTripper(func(req *http.Request) (*http.Response, error) { return a.HTTP(req), nil })}),
			mfa.WithClientSecret("client-secret-canary"), mfa.WithTimeout(40*time.Millisecond)) // shorter than any wait before a repeat
		require.NoError(t, err)

		result, err := op.Call(t.Context(), client)

		if err == nil {
			assertComplete(t, op, result)
			return
		}
		assert.Nil(t, result)
		var e *mfa.Error
		require.ErrorAs(t, err, &e)
		assertHarmless(t, err, e, wiretest.MFAToken, wiretest.OOBCode, wiretest.AccessToken, "client-secret-canary", "correct horse", "N3BGPZZWJ85JLCNPZBDW6QXC")
	})
}

// assertComplete asserts that a result has what makes it one.
func assertComplete(t *testing.T, op wiretest.Operation, result any) {
	t.Helper()
	switch result := result.(type) {
	case *mfa.AssociateResponse:
		assert.False(t, result.OOBCode.IsZero())
		assert.LessOrEqual(t, len(result.RecoveryCodes), 64)
		for _, code := range result.RecoveryCodes {
			assert.False(t, code.IsZero())
		}
	case []mfa.Authenticator:
		assert.LessOrEqual(t, len(result), 256)
		for _, a := range result {
			assert.NotEmpty(t, a.Factor())
		}
	case *mfa.ChallengeResponse:
		assert.True(t, !result.OOBCode.IsZero() || result.ChallengeType == "otp")
	case *mfa.Token:
		assert.False(t, result.AccessToken.IsZero())
		assert.GreaterOrEqual(t, result.ExpiresIn, time.Duration(0))
		assert.Contains(t, []string{"", "bearer"}, strings.ToLower(result.TokenType))
	default:
		assert.Nil(t, result)
		assert.Contains(t, []mfa.Op{"delete authenticator", "warm"}, op.Op)
	}
}

// assertHarmless asserts that an error can be logged.
func assertHarmless(t *testing.T, err error, e *mfa.Error, private ...string) {
	t.Helper()
	assert.LessOrEqual(t, len(e.Description), 200)
	assert.LessOrEqual(t, len(e.Code), 64)
	assert.GreaterOrEqual(t, e.RetryAfter, time.Duration(0))
	assert.LessOrEqual(t, e.RetryAfter, 24*time.Hour)
	all := fmt.Sprintf("%v %+v %#v %s %s", err, err, err, e.Code, e.Description)
	for _, value := range private {
		assert.NotContains(t, all, value)
	}
	assert.NotContains(t, all, "\n")
	assert.NotContains(t, all, "\u202e")
	assert.NotPanics(t, func() { _ = mfa.NextAction(err).String() + e.Hint() })
	for _, s := range wiretest.Sentinels {
		assert.NotPanics(t, func() { _ = errors.Is(err, s.Err) })
	}
}

func FuzzParseError(f *testing.F) {
	seedResponses(func(status int, body string) { f.Add(status, "17", []byte(body)) })
	f.Fuzz(func(t *testing.T, status int, header string, body []byte) {
		err := mfa.ParseError(status, http.Header{"Retry-After": {header}, "X-Ratelimit-Reset": {header}, "Date": {header}, "Cf-Ray": {header}}, body)
		if err == nil {
			assert.Equal(t, 2, status/100)
			return
		}
		var e *mfa.Error
		require.ErrorAs(t, err, &e)
		assert.Equal(t, status, e.StatusCode)
		assertHarmless(t, err, e)
		if required, ok := errors.AsType[*mfa.RequiredError](err); ok {
			assert.ErrorIs(t, err, mfa.ErrMFARequired)
			if token := required.MFAToken.Reveal(); len(token) > 20 { // shorter ones are in any text
				assert.NotContains(t, e.Code+e.Description, token)
			}
		}
	})
}

func FuzzSecretJSON(f *testing.F) {
	for _, raw := range []string{`"hunter2"`, `""`, `null`, `"[REDACTED]"`, `7`, `{"a":"b"}`, `"\ud83d\ude00"`, `"\ud800"`, "\"\xff\"", `"\n"`} {
		f.Add([]byte(raw))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		var s mfa.Secret
		if err := json.Unmarshal(raw, &s); err != nil {
			assert.True(t, s.IsZero())
			return
		}
		assert.NotEqual(t, "[REDACTED]", s.Reveal())
		if !s.IsZero() {
			var text string
			require.NoError(t, json.Unmarshal(raw, &text))
			assert.Equal(t, text, s.Reveal())
		}
		printed, err := json.Marshal(s)
		require.NoError(t, err)
		assert.Equal(t, s.String(), strings.Trim(string(printed), `"`))
	})
}
