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

// A list as the service sends it: the address of the account is the only
// authenticator that is confirmed.
const recordedList = `[
	{"id":"recovery-code|dev_qKXiiDPYqXuhuqRX","authenticator_type":"recovery-code","active":false},
	{"id":"totp|dev_GTcYrXUcCJjJSOBE","authenticator_type":"otp","active":false},
	{"id":"push|dev_GTcYrXUcCJjJSOBE","authenticator_type":"oob","active":false,"oob_channel":"auth0"},
	{"id":"sms|dev_KAJnTxXLNwOtzZsC","authenticator_type":"oob","active":false,"oob_channel":"sms","name":"XXXXXXXX0123"},
	{"id":"voice|dev_KAJnTxXLNwOtzZsC","authenticator_type":"oob","active":false,"oob_channel":"voice","name":"XXXXXXXX0123"},
	{"id":"email|dev_hdkmORJuqOmjRRQU","authenticator_type":"oob","active":true,"oob_channel":"email","name":"****@exam*******"}
]`

func TestClient_ListAuthenticators(t *testing.T) {
	t.Parallel()
	tenant := wiretest.NewTenant(t, wiretest.Response{Status: 200, Body: recordedList})

	// The client's secret is not sent to this endpoint.
	got, err := tenant.Client(t, mfa.WithClientSecret("s3cret")).ListAuthenticators(t.Context(), mfa.ListAuthenticatorsRequest{Token: mfa.NewSecret(wiretest.MFAToken)})

	require.NoError(t, err)
	assert.Equal(t, []mfa.Authenticator{
		{ID: "recovery-code|dev_qKXiiDPYqXuhuqRX", AuthenticatorType: "recovery-code"},
		{ID: "totp|dev_GTcYrXUcCJjJSOBE", AuthenticatorType: "otp"},
		{ID: "push|dev_GTcYrXUcCJjJSOBE", AuthenticatorType: "oob", OOBChannel: "auth0"},
		{ID: "sms|dev_KAJnTxXLNwOtzZsC", AuthenticatorType: "oob", OOBChannel: "sms", Name: "XXXXXXXX0123"},
		{ID: "voice|dev_KAJnTxXLNwOtzZsC", AuthenticatorType: "oob", OOBChannel: "voice", Name: "XXXXXXXX0123"},
		{ID: "email|dev_hdkmORJuqOmjRRQU", AuthenticatorType: "oob", OOBChannel: "email", Name: "****@exam*******", Active: true},
	}, got)
	var factors []mfa.Factor
	for _, a := range got {
		factors = append(factors, a.Factor())
	}
	assert.Equal(t, []mfa.Factor{
		mfa.FactorRecoveryCode, mfa.FactorOTP, mfa.FactorPush, mfa.FactorSMS, mfa.FactorVoice, mfa.FactorEmail,
	}, factors)
	tenant.AssertSent(t, "GET", "/mfa/authenticators", "", "Authorization", "Bearer "+wiretest.MFAToken)
}

func TestClient_ListAuthenticators_responses(t *testing.T) {
	t.Parallel()
	many := func(n int) string {
		return `[` + strings.Repeat(`{"id":"a"},`, n-1) + `{"id":"a"}]`
	}
	for name, tt := range map[string]struct {
		body string
		want []mfa.Authenticator // nil: refused
	}{
		"nothing enrolled": {`[]`, []mfa.Authenticator{}},
		"channels": {
			`[{"id":"a","oob_channels":"email"},{"id":"b","oob_channels":["sms","voice"]},{"id":"c","oob_channel":["auth0"]}]`,
			[]mfa.Authenticator{{ID: "a", OOBChannel: "email"}, {ID: "b", OOBChannel: "sms"}, {ID: "c", OOBChannel: "auth0"}},
		},
		"labels of other types": {
			`[{"id":"a","authenticator_type":null,"oob_channel":7,"name":{"first":"Ada"}}]`,
			[]mfa.Authenticator{{ID: "a"}},
		},
		"unknown members": {
			`[{"id":"a","type":"email","created_at":"2026-01-01","last_auth":null,"active":true}]`,
			[]mfa.Authenticator{{ID: "a", Active: true}},
		},
		"name cut in a character": {`[{"id":"a","name":"\ud83d****"},{"id":"b","name":"\u0061","active":true}]`, []mfa.Authenticator{{ID: "a", Name: "\ufffd****"}, {ID: "b", Name: "a", Active: true}}},
		"name not UTF-8":          {"[{\"id\":\"a\",\"name\":\"A\xff\"}]", []mfa.Authenticator{{ID: "a", Name: "A\ufffd"}}},
		"damaged, and no id":      {`[{"id":"","name":"\ud83d"}]`, []mfa.Authenticator{{Name: "\ufffd"}}},
		"names with marks":        {`[{"id":"a","name":"Ada’s 📱"}]`, []mfa.Authenticator{{ID: "a", Name: "Ada’s 📱"}}},
		"ids that lead away":      {`[{"id":".."},{"id":"a/b"},{"id":""},{"id":".."}]`, []mfa.Authenticator{{ID: ".."}, {ID: "a/b"}, {ID: ""}, {ID: ".."}}},
		"257":                     {many(257), nil},
		"20000 empty":             {`[` + strings.Repeat(`{},`, 19999) + `{}]`, nil},
		"no id":                   {`[{"id":"a"},{"active":true}]`, nil},
		"id null":                 {`[{"id":null}]`, nil},
		"id a number":             {`[{"id":7}]`, nil},
		"active a string":         {`[{"id":"a","active":"true"}]`, nil},
		"null in it":              {`[null]`, nil},
		"string in it":            {`["email|dev_1"]`, nil},
		"list in it":              {`[[]]`, nil},
		"object":                  {`{"authenticators":[]}`, nil},
		"object with an id":       {`{"id":"a"}`, nil},
		"error":                   {`{"error":"invalid_grant","error_description":"x"}`, nil},
		"no end":                  {`[{"id":"a"}`, nil},
		"no end after comma":      {`[{"id":"a"},`, nil},
		"two lists":               {`[][]`, nil},
		"duplicate id":            {`[{"id":"a","id":"b"}]`, nil},
		"folded id":               {`[{"ID":"a"}]`, nil},
		"id not UTF-8":            {"[{\"id\":\"a\xff\"}]", nil},
		"half an id":              {`[{"id":"b"},{"id":"a\ud83d"}]`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tenant := wiretest.NewTenant(t, wiretest.Response{Status: 200, Body: tt.body})

			got, err := tenant.Client(t).ListAuthenticators(t.Context(), mfa.ListAuthenticatorsRequest{Token: mfa.NewSecret(wiretest.MFAToken)})

			assert.Equal(t, tt.want, got)
			if tt.want == nil {
				assert.ErrorIs(t, err, mfa.ErrUnexpectedResponse)
			} else {
				assert.NoError(t, err)
			}
			assert.Len(t, tenant.Requests(), 1)
		})
	}
	t.Run("256", func(t *testing.T) {
		t.Parallel()
		tenant := wiretest.NewTenant(t, wiretest.Response{Status: 200, Body: many(256)})
		got, err := tenant.Client(t).ListAuthenticators(t.Context(), mfa.ListAuthenticatorsRequest{Token: mfa.NewSecret(wiretest.MFAToken)})
		require.NoError(t, err)
		assert.Len(t, got, 256)
	})
}

func TestClient_DeleteAuthenticator(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ id, path string }{
		"email":      {"email|dev_hdkmORJuqOmjRRQU", "/mfa/authenticators/email%7Cdev_hdkmORJuqOmjRRQU"},
		"all marks":  {`!"$&'()*+,-.:;<=>@[]^_{|}~` + "`", "/mfa/authenticators/%21%22$&%27%28%29%2A+%2C-.:%3B%3C=%3E@%5B%5D%5E_%7B%7C%7D~%60"},
		"three dots": {"...", "/mfa/authenticators/..."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tenant := wiretest.NewTenant(t, wiretest.Response{Status: 204})
			// The client's secret is not sent to this endpoint.
			client := tenant.Client(t, mfa.WithClientSecret("s3cret"))

			err := client.DeleteAuthenticator(t.Context(), mfa.DeleteAuthenticatorRequest{Token: mfa.NewSecret(wiretest.AccessToken), AuthenticatorID: tt.id})

			require.NoError(t, err)
			tenant.AssertSent(t, "DELETE", tt.path, "", "Authorization", "Bearer "+wiretest.AccessToken)
		})
	}
}

func TestClient_DeleteAuthenticator_responses(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		response wiretest.Response
		want     error
	}{
		"204":                 {wiretest.Response{Status: 204}, nil},
		"200 without a body":  {wiretest.Response{Status: 200}, nil},
		"200 with an object":  {wiretest.Response{Status: 200, Body: `{}`}, nil},
		"200 with a message":  {wiretest.Response{Status: 200, Body: `{"message":"deleted","error":null}`}, nil},
		"200 with an error":   {wiretest.Refused(200, "server_error", "x"), mfa.ErrServer},
		"200 with error text": {wiretest.Response{Status: 200, Body: `{"error":""}`}, mfa.ErrUnexpectedResponse},
		"200 with HTML":       {wiretest.Response{Status: 200, Body: `<html>`}, mfa.ErrUnexpectedResponse},
		"200 cut short":       {wiretest.Response{Status: 200, Body: `{"message":`}, mfa.ErrUnexpectedResponse},
		"200 with two":        {wiretest.Response{Status: 200, Body: `{}{}`}, mfa.ErrUnexpectedResponse},
		"201":                 {wiretest.Response{Status: 201}, mfa.ErrUnexpectedResponse},
		"202":                 {wiretest.Response{Status: 202}, mfa.ErrUnexpectedResponse},
		"200 with space":      {wiretest.Response{Status: 200, Body: " \r\n"}, nil},
		"200 with a list":     {wiretest.Response{Status: 200, Body: `[]`}, nil},
		"200 with a word":     {wiretest.Response{Status: 200, Body: `"deleted"`}, nil},
		"404 with a code":     {wiretest.Refused(404, "not_found", "x"), mfa.ErrAuthenticatorNotFound},
		"404 with a message":  {wiretest.Response{Status: 404, Body: `{"statusCode":404,"error":"Not Found","message":"x"}`}, mfa.ErrAuthenticatorNotFound},
		"404 with an object":  {wiretest.Response{Status: 404, Body: `{}`}, mfa.ErrAuthenticatorNotFound},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tenant := wiretest.NewTenant(t, tt.response)
			_, err := wiretest.Named("delete authenticator").Call(t.Context(), tenant.Client(t))
			assert.ErrorIs(t, err, tt.want)
			assert.Len(t, tenant.Requests(), 1)
		})
	}
}

// A page of HTML is a proxy's or a wrong path's, and an empty body proves nothing:
// the authenticator may still be there.
func TestClient_DeleteAuthenticator_isNotGone(t *testing.T) {
	t.Parallel()
	for name, response := range map[string]wiretest.Response{
		"HTML":      {Status: 404, Body: "<html>404 Not Found</html>", Header: http.Header{"Content-Type": {"text/html"}}},
		"empty":     {Status: 404},
		"plain":     {Status: 404, Body: "404 page not found\n"},
		"cut short": {Status: 404, Body: `{"error":"not_fo`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e, err := wiretest.Named("delete authenticator").Fails(t, t.Context(), wiretest.NewTenant(t, response).Client(t))
			wiretest.AssertMeans(t, err)
			assert.Equal(t, mfa.ActionFix, mfa.NextAction(err))
			assert.Equal(t, name == "HTML", e.Hint() != "")
		})
	}
}

// The server chooses the ids, but not every id may become a path.
func TestClient_idsFromTheList(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"..", ".", "a/b", `a\b`, "a?b", "a#b", "a%2fb", ""} {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			tenant := wiretest.NewTenant(t, wiretest.Response{Status: 204})
			client := tenant.Client(t)

			err := client.DeleteAuthenticator(t.Context(), mfa.DeleteAuthenticatorRequest{Token: mfa.NewSecret(wiretest.AccessToken), AuthenticatorID: id})
			assert.ErrorIs(t, err, mfa.ErrInvalidRequest)
			if id != "" { // lets Auth0 pick
				_, err = client.Challenge(t.Context(), mfa.ChallengeRequest{MFAToken: mfa.NewSecret(wiretest.MFAToken), AuthenticatorID: id})
				assert.ErrorIs(t, err, mfa.ErrInvalidRequest)
			}
			assert.Empty(t, tenant.Requests())
		})
	}
}
