package mfa_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
)

// What ParseError makes of an answer is what PasswordLogin makes of it.
func TestParseError(t *testing.T) {
	t.Parallel()
	header := http.Header{"X-Auth0-Requestid": {"4a7f0b2c-1"}, "Retry-After": {"17"}}
	answers := map[string]answer{
		"required":                             {status: 403, body: `{"error":"mfa_required","error_description":"Multifactor authentication required","mfa_token":"Fe26.2*next","mfa_requirements":{"challenge":[{"type":"email"}]}}`},
		"required, with the token in the text": {status: 403, body: `{"error":"mfa_required","error_description":"use Fe26.2*next","mfa_token":"Fe26.2*next"}`},
		"required, without token":              refusal(403, "mfa_required", "Multifactor authentication required"),
		"required, 200":                        {status: 200, body: `{"error":"mfa_required","mfa_token":"t"}`},
		"error with 200":                       refusal(200, "invalid_grant", "x"),
		"200 with HTML":                        {status: 200, body: "<html>"},
		"200 with null":                        {status: 200, body: "null"},
		"200 cut short":                        {status: 200, body: `{"access_token":`},
		"302":                                  {status: 302},
		"403 with HTML":                        {status: 403, body: "<html>"},
		"500 without a body":                   {status: 500},
		"503 with HTML":                        {status: 503, body: "<html>"},
		"429 without a body":                   {status: 429},
		"management":                           {status: 400, body: `{"statusCode":400,"error":"Bad Request","message":"m","errorCode":"invalid_body"}`},
		"an object that describes":             {status: 400, body: `{"code":"c","description":{"b": "\u0041", "a":[ 1 ]}}`},
		"unknown code":                         refusal(400, "enrollment_conflict", strings.Repeat("d", 300)),
	}
	for _, m := range tokenErrors {
		for _, status := range m.status {
			answers[fmt.Sprintf("%d %s %s", status, m.code, m.text)] = refusal(status, m.code, m.text)
		}
	}
	for name, a := range answers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a.header = header
			want, wantErr := operationNamed("password login").fails(t, t.Context(), newTenant(t, a).client(t))

			body := []byte(a.body)
			err := mfa.ParseError(a.status, header, body)
			assert.Equal(t, a.body, string(body))

			var got *mfa.Error
			require.ErrorAs(t, err, &got)
			assert.Equal(t, want, got)
			assert.IsType(t, wantErr, err) //nolint:testifylint // the very type, wrapped by nothing
			assert.Equal(t, wantErr.Error(), err.Error())
			for _, s := range sentinels {
				assert.Equal(t, errors.Is(wantErr, s.err), errors.Is(err, s.err), s.name)
			}
			assert.Equal(t, mfa.NextAction(wantErr), mfa.NextAction(err))
			assert.Equal(t, "4a7f0b2c-1", got.RequestID)
			var wantRequired, gotRequired *mfa.RequiredError
			if assert.Equal(t, errors.As(wantErr, &wantRequired), errors.As(err, &gotRequired)) && wantRequired != nil {
				assert.Equal(t, wantRequired.MFAToken, gotRequired.MFAToken)
				assert.Equal(t, wantRequired.Requirements, gotRequired.Requirements)
			}
		})
	}
}

func TestParseError_success(t *testing.T) {
	t.Parallel()
	for _, status := range []int{199, 300} {
		assertMeans(t, mfa.ParseError(status, nil, nil), mfa.ErrUnexpectedResponse)
		assertMeans(t, mfa.ParseError(status, nil, []byte(tokenAnswer.body)), mfa.ErrUnexpectedResponse)
	}
	for _, status := range []int{200, 201, 204, 299} {
		assert.NoError(t, mfa.ParseError(status, nil, nil))
		assert.NoError(t, mfa.ParseError(status, http.Header{}, []byte(tokenAnswer.body)))
		assert.NoError(t, mfa.ParseError(status, nil, []byte(`{"access_token":"a","error":null}`)))
		assert.NoError(t, mfa.ParseError(status, nil, []byte(`{"access_token":"a","scope":"openid\ud800"}`)), "PasswordLogin takes it too")
	}
}

func TestParseError_withoutHeaderOrBody(t *testing.T) {
	t.Parallel()
	assertMeans(t, mfa.ParseError(429, nil, nil), mfa.ErrRateLimited)
	assertMeans(t, mfa.ParseError(502, nil, nil), mfa.ErrServer, mfa.ErrOutcomeUnknown)
	assertMeans(t, mfa.ParseError(302, nil, nil), mfa.ErrUnexpectedResponse)
	assertMeans(t, mfa.ParseError(403, nil, nil))
	assertMeans(t, mfa.ParseError(403, nil, []byte(`{"error":"mfa_required"}`)), mfa.ErrMFARequired)
}

// A body is bounded here as it is when it is read off the wire.
func TestParseError_largeBody(t *testing.T) {
	t.Parallel()
	body := []byte(`{"error":"mfa_required","mfa_token":"t","a":"` + strings.Repeat("a", 256<<10) + `"}`)
	assertMeans(t, mfa.ParseError(403, nil, body))
	start, end := `{"error":"mfa_required","a":"`, `"}`
	largest := start + strings.Repeat("a", 256<<10-len(start+end)) + end
	assertMeans(t, mfa.ParseError(403, nil, []byte(largest)), mfa.ErrMFARequired)
	assertMeans(t, mfa.ParseError(403, nil, []byte(" "+largest)))
	assertMeans(t, mfa.ParseError(200, nil, []byte(`{"access_token":"`+strings.Repeat("a", 256<<10)+`"}`)), mfa.ErrUnexpectedResponse)
}
