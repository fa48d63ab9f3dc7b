package mfa_test

import (
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

// Auth0 and what stands before it report errors in many shapes.
func TestError_shapes(t *testing.T) {
	t.Parallel()
	html := http.Header{"Content-Type": {"text/html"}}
	for name, tt := range map[string]struct {
		response          wiretest.Response
		code, description string
		is                []error
	}{
		"more members": {
			response: wiretest.Response{Status: 400, Body: `{"error":"invalid_request","error_description":"d","error_uri":"https://auth0.com/docs","validation_errors":[{"field":"a","message":"b"}],"message":"m"}`},
			code:     "invalid_request", description: "d", is: []error{mfa.ErrInvalidRequest},
		},
		"only a sentence": {
			response: wiretest.Response{Status: 403, Body: `{"error":"User is already enrolled."}`},
			code:     "", description: "User is already enrolled.",
		},
		"only a code": {
			response: wiretest.Response{Status: 401, Body: `{"error":"invalid_client"}`},
			code:     "invalid_client", is: []error{mfa.ErrInvalidClient},
		},
		"management": {
			response: wiretest.Response{Status: 400, Body: `{"statusCode":400,"error":"Bad Request","message":"Payload validation error","errorCode":"invalid_body","attributes":{"a":1}}`},
			code:     "invalid_body", description: "Payload validation error", is: []error{mfa.ErrInvalidRequest},
		},
		"management without code": {
			response: wiretest.Response{Status: 401, Body: `{"statusCode":401,"error":"Unauthorized","message":"Missing authentication"}`},
			code:     "", description: "Missing authentication",
		},
		"management limit": {
			response: wiretest.Response{Status: 429, Body: `{"statusCode":429,"error":"Too Many Requests","message":"Global limit has been reached","errorCode":"too_many_requests"}`},
			code:     "too_many_requests", description: "Global limit has been reached", is: []error{mfa.ErrRateLimited},
		},
		"management limit without code": {
			response: wiretest.Response{Status: 429, Body: `{"statusCode":429,"error":"Too Many Requests","message":"Global limit has been reached"}`},
			code:     "", description: "Global limit has been reached", is: []error{mfa.ErrRateLimited},
		},
		"database connection": {
			response: wiretest.Response{Status: 400, Body: `{"name":"BadRequestError","code":"invalid_signup","description":"Invalid sign up","statusCode":400}`},
			code:     "invalid_signup", description: "Invalid sign up",
		},
		"database connection, only a name": {
			response: wiretest.Response{Status: 400, Body: `{"name":"PasswordStrengthError","description":{"rules":[{"verified":false}]},"statusCode":400}`},
			code:     "PasswordStrengthError", description: `{"rules":[{"verified":false}]}`,
		},
		"description with escapes": {
			response: wiretest.Response{Status: 400, Body: `{"code":"c","description":{"b": "\u0041", "a":[ 1 ]}}`},
			code:     "c", description: `{"a":[1],"b":"A"}`,
		},
		"description of invalid UTF-8": {
			response: wiretest.Response{Status: 400, Body: "{\"code\":\"c\",\"description\":{\"a\":\"\xff\"}}"},
			code:     "c",
		},
		"description null": {
			response: wiretest.Response{Status: 400, Body: `{"code":"c","description":null,"message":"m"}`},
			code:     "c", description: "m",
		},
		"code and description": {
			response: wiretest.Response{Status: 403, Body: `{"code":"invalid_grant","description":"Malformed mfa_token"}`},
			code:     "invalid_grant", description: "Malformed mfa_token", is: []error{mfa.ErrInvalidToken},
		},
		"errorCode before error": {
			response: wiretest.Response{Status: 403, Body: `{"error":"Forbidden","errorCode":"insufficient_scope","message":"m"}`},
			code:     "insufficient_scope", description: "m", is: []error{mfa.ErrInvalidRequest},
		},
		"errorCode before another code": {
			response: wiretest.Response{Status: 403, Body: `{"name":"n","code":"c","error":"e","errorCode":"insufficient_scope","message":"m","description":"d"}`},
			code:     "insufficient_scope", description: "d", is: []error{mfa.ErrInvalidRequest},
		},
		"error before code before name": {
			response: wiretest.Response{Status: 403, Body: `{"name":"n","code":"c","error":"invalid_scope","message":"m","description":"d","error_description":"e"}`},
			code:     "invalid_scope", description: "e", is: []error{mfa.ErrInvalidRequest},
		},
		"not found, but not to delete": {response: wiretest.Response{Status: 404}},
		"members of other types": {
			response: wiretest.Response{Status: 400, Body: `{"error":{"code":"x"},"error_description":7,"message":["m"],"code":1,"name":null}`},
			code:     "",
		},
		"limit as HTML":           {response: wiretest.Response{Status: 429, Body: `<html>slow down</html>`, Header: html}, is: []error{mfa.ErrRateLimited}},
		"failure as plain text":   {response: wiretest.Response{Status: 500, Body: "Internal Server Error\n"}, is: []error{mfa.ErrServer, mfa.ErrOutcomeUnknown}},
		"gateway as HTML":         {response: wiretest.Response{Status: 502, Body: `<html>502 Bad Gateway</html>`, Header: html}, is: []error{mfa.ErrServer, mfa.ErrOutcomeUnknown}},
		"gateway as Auth0's":      {response: wiretest.Response{Status: 502, Body: `{"statusCode":502,"error":"Bad Gateway"}`}, is: []error{mfa.ErrServer, mfa.ErrOutcomeUnknown}},
		"gateway timeout":         {response: wiretest.Response{Status: 504}, is: []error{mfa.ErrServer, mfa.ErrOutcomeUnknown}},
		"unavailable":             {response: wiretest.Response{Status: 503}, is: []error{mfa.ErrServer}},
		"bot page":                {response: wiretest.Response{Status: 403, Body: `<html>Checking your browser</html>`, Header: html}},
		"nothing, unauthorized":   {response: wiretest.Response{Status: 401}},
		"nothing":                 {response: wiretest.Response{Status: 400}},
		"timeout":                 {response: wiretest.Response{Status: 408}},
		"too early":               {response: wiretest.Response{Status: 425}},
		"status 600":              {response: wiretest.Response{Status: 600}, is: []error{mfa.ErrServer, mfa.ErrOutcomeUnknown}},
		"status 999":              {response: wiretest.Response{Status: 999}, is: []error{mfa.ErrServer, mfa.ErrOutcomeUnknown}},
		"list":                    {response: wiretest.Response{Status: 400, Body: `[{"error":"invalid_grant"}]`}},
		"cut short":               {response: wiretest.Response{Status: 400, Body: `{"error":"invalid_grant","error_desc`}},
		"null":                    {response: wiretest.Response{Status: 400, Body: `null`}},
		"invalid UTF-8":           {response: wiretest.Response{Status: 403, Body: "{\"error\":\"invalid_grant\",\"error_description\":\"Malformed\xff mfa_token\"}"}, code: "invalid_grant", description: "Malformed mfa_token", is: []error{mfa.ErrInvalidToken}},
		"control and direction":   {response: wiretest.Refused(403, "access_denied", `User is\r\n\u001b[31m\u202ealready\u0000 enrolled.`), code: "access_denied", description: "User is  [31malready enrolled."},
		"known, but without code": {response: wiretest.Response{Status: 403, Body: `{"message":"Invalid binding_code."}`}, description: "Invalid binding_code."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tenant := wiretest.NewTenant(t, tt.response)

			e, err := wiretest.Named("challenge").Fails(t, t.Context(), tenant.Client(t))

			assert.Equal(t, tt.code, e.Code)
			assert.Equal(t, tt.description, e.Description)
			assert.Equal(t, tt.response.Status, e.StatusCode)
			assert.Equal(t, mfa.DeliveryAnswered, e.Delivery)
			wiretest.AssertMeans(t, err, tt.is...)
			assert.Len(t, tenant.Requests(), 1)
		})
	}
}

// One text has two reasons: deleting does not accept an mfa_token, but needs a scope.

// A code that is not in the table is the caller's to judge.
func TestError_unknownCode(t *testing.T) {
	t.Parallel()
	for _, code := range []string{
		"invalid_token", "invalid_email", "mfa_no_available_factors", "context_not_found",
		"feature_disabled", "auth_method_disabled", "too_many_sms", "bad_request", "-", "E-42/x",
	} {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			e, err := wiretest.Named("verify oob").Fails(t, t.Context(), wiretest.NewTenant(t, wiretest.Refused(400, code, "No such thing.")).Client(t))
			assert.Equal(t, code, e.Code)
			assert.Equal(t, "No such thing.", e.Description)
			wiretest.AssertMeans(t, err)
			assert.Equal(t, mfa.ActionFix, mfa.NextAction(err))
			assert.Empty(t, e.Hint())
		})
	}
}

func TestError_details(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		header http.Header
		id     string
		wait   time.Duration
	}{
		"none":           {nil, "", 0},
		"Auth0's id":     {http.Header{"X-Auth0-Requestid": {"4a7f0b2c-1"}, "X-Request-Id": {"other"}, "Cf-Ray": {"third"}}, "4a7f0b2c-1", 0},
		"request id":     {http.Header{"X-Request-Id": {"other"}, "Cf-Ray": {"third"}}, "other", 0},
		"ray":            {http.Header{"Cf-Ray": {"8c1f2d3e4f5a6b7c-FRA"}}, "8c1f2d3e4f5a6b7c-FRA", 0},
		"an id too long": {http.Header{"X-Auth0-Requestid": {strings.Repeat("a", 65)}}, "", 0},
		"no id":          {http.Header{"X-Auth0-Requestid": {"<script>"}}, "", 0},
		"seconds":        {http.Header{"Retry-After": {"17"}}, "", 17 * time.Second},
		"date": {http.Header{
			"Date": {"Tue, 07 Jul 2026 10:00:00 GMT"}, "Retry-After": {"Tue, 07 Jul 2026 10:00:30 GMT"},
		}, "", 30 * time.Second},
		"reset": {http.Header{
			"Date": {"Tue, 07 Jul 2026 10:00:00 GMT"}, "X-Ratelimit-Reset": {"1783418460"},
		}, "", time.Minute},
		"junk":      {http.Header{"Retry-After": {"soon"}}, "", 0},
		"very long": {http.Header{"Retry-After": {"99999999999999999999"}}, "", 24 * time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := wiretest.Refused(429, "too_many_requests", "x")
			a.Header = tt.header
			e, _ := wiretest.Named("verify oob").Fails(t, t.Context(), wiretest.NewTenant(t, a).Client(t))
			assert.Equal(t, tt.id, e.RequestID)
			assert.Equal(t, tt.wait, e.RetryAfter)
		})
	}
	t.Run("bounds", func(t *testing.T) {
		t.Parallel()
		e, _ := wiretest.Named("verify oob").Fails(t, t.Context(),
			wiretest.NewTenant(t, wiretest.Refused(400, strings.Repeat("c", 9000), strings.Repeat("d", 199)+"ä"+strings.Repeat("d", 9000))).Client(t))
		assert.Equal(t, strings.Repeat("c", 64), e.Code)
		assert.Equal(t, strings.Repeat("d", 199), e.Description)
	})
}

// Whatever code comes with it, a 429 is a refusal for now: of the texts of all
// limits not one is documented in full.
func TestError_tooManyRequests(t *testing.T) {
	t.Parallel()
	for _, code := range []string{
		"invalid_request", "access_denied", "unauthorized_client", "invalid_client", "server_error", "of_no_kind", "",
	} {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			_, err := wiretest.Named("challenge").Fails(t, t.Context(), wiretest.NewTenant(t, wiretest.Refused(429, code, "Unauthorized: too many emails")).Client(t))
			assert.ErrorIs(t, err, mfa.ErrRateLimited)
			assert.Equal(t, mfa.ActionWait, mfa.NextAction(err))
		})
	}
}

// ParseErrorOf returns the error that the operation itself returns.
func TestParseErrorOf(t *testing.T) {
	t.Parallel()
	header := http.Header{"X-Auth0-Requestid": {"4a7f0b2c-1"}, "Retry-After": {"17"}}
	answers := map[string]wiretest.Response{
		"required":                             {Status: 403, Body: `{"error":"mfa_required","error_description":"Multifactor authentication required","mfa_token":"Fe26.2*next","mfa_requirements":{"challenge":[{"type":"email"}]}}`},
		"required, with the token in the text": {Status: 403, Body: `{"error":"mfa_required","error_description":"use Fe26.2*next","mfa_token":"Fe26.2*next"}`},
		"required, without token":              wiretest.Refused(403, "mfa_required", "Multifactor authentication required"),
		"required, 200":                        {Status: 200, Body: `{"error":"mfa_required","mfa_token":"t"}`},
		"error with 200":                       wiretest.Refused(200, "invalid_grant", "x"),
		"200 with HTML":                        {Status: 200, Body: "<html>"},
		"200 with null":                        {Status: 200, Body: "null"},
		"200 cut short":                        {Status: 200, Body: `{"access_token":`},
		"302":                                  {Status: 302},
		"403 with HTML":                        {Status: 403, Body: "<html>"},
		"500 without a body":                   {Status: 500},
		"503 with HTML":                        {Status: 503, Body: "<html>"},
		"429 without a body":                   {Status: 429},
		"management":                           {Status: 400, Body: `{"statusCode":400,"error":"Bad Request","message":"m","errorCode":"invalid_body"}`},
		"an object that describes":             {Status: 400, Body: `{"code":"c","description":{"b": "\u0041", "a":[ 1 ]}}`},
		"unknown code":                         wiretest.Refused(400, "enrollment_conflict", strings.Repeat("d", 300)),
	}
	type parsed struct {
		op mfa.Op
		wiretest.Response
	}
	all := map[string]parsed{}
	for name, a := range answers {
		all[name] = parsed{mfa.OpPasswordLogin, a}
	}
	for _, m := range slices.Concat(wiretest.MFAErrors, wiretest.CodeErrors, wiretest.TokenErrors) {
		for _, status := range m.Status {
			op := mfa.OpPasswordLogin
			if m.Ops != nil {
				op = m.Ops[0]
			}
			all[fmt.Sprintf("%s %d %s %s", op, status, m.Code, m.Text)] = parsed{op, wiretest.Refused(status, m.Code, m.Text)}
		}
	}
	for name, a := range all {
		if !wiretest.Named(a.op).Acts {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a.Header = header
			want, wantErr := wiretest.Named(a.op).Fails(t, t.Context(), wiretest.NewTenant(t, a.Response).Client(t))

			body := []byte(a.Body)
			err := mfa.ParseErrorOf(a.op, a.Status, header, body)
			assert.Equal(t, a.Body, string(body))

			var got *mfa.Error
			require.ErrorAs(t, err, &got)
			assert.Equal(t, want, got)
			assert.IsType(t, wantErr, err) //nolint:testifylint // the very type, wrapped by nothing
			assert.Equal(t, wantErr.Error(), err.Error())
			for _, s := range wiretest.Sentinels {
				assert.Equal(t, errors.Is(wantErr, s.Err), errors.Is(err, s.Err), s.Name)
			}
			assert.Equal(t, mfa.NextAction(wantErr), mfa.NextAction(err))
			assert.Equal(t, "4a7f0b2c-1", got.RequestID)
			var wantRequired, gotRequired *mfa.RequiredError
			if assert.Equal(t, errors.As(wantErr, &wantRequired), errors.As(err, &gotRequired)) && wantRequired != nil {
				assert.True(t, wantRequired.MFAToken.Equal(gotRequired.MFAToken))
				assert.Equal(t, wantRequired.Requirements, gotRequired.Requirements)
			}
		})
	}
}

// Responses to calls that this package does not make.
func TestParseErrorOf_otherGrants(t *testing.T) {
	t.Parallel()
	for _, m := range wiretest.OtherErrors {
		for _, op := range m.Ops {
			for _, status := range m.Status {
				err := mfa.ParseErrorOf(op, status, nil, []byte(wiretest.Refused(status, m.Code, m.Text).Body))
				var e *mfa.Error
				require.ErrorAs(t, err, &e)
				assert.Equal(t, op, e.Op)
				wiretest.AssertMeans(t, err, m.Is...)
				assert.Equal(t, m.Next, mfa.NextAction(err), m.Text)
				assert.Equal(t, m.Hint, e.Hint() != "", m.Text)
			}
		}
	}
}

// Without the operation only a text decides that no other operation shares.
func TestParseError_unknownOperation(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]error{
		"Wrong email or password.":          mfa.ErrInvalidCredentials,
		"Wrong email or verification code.": mfa.ErrInvalidCode,
		"Invalid otp_code.":                 mfa.ErrInvalidCode,
		"Malformed mfa_token":               mfa.ErrInvalidToken,
		"Unknown or invalid refresh token.": mfa.ErrInvalidToken,
		"MFA Authorization rejected.":       nil, // a wrong recovery code, or a rejected push
		"The code is not right.":            nil,
	} {
		err := mfa.ParseError(403, nil, []byte(wiretest.Refused(403, "invalid_grant", text).Body))
		var e *mfa.Error
		require.ErrorAs(t, err, &e)
		assert.Empty(t, e.Op)
		if want == nil {
			wiretest.AssertMeans(t, err)
		} else {
			wiretest.AssertMeans(t, err, want)
		}
	}
}

// What a call of this package takes for a success is none to ParseErrorOf either.
func TestParseErrorOf_success(t *testing.T) {
	t.Parallel()
	for _, op := range wiretest.Operations {
		assert.NoError(t, mfa.ParseErrorOf(op.Op, op.Success.Status, nil, []byte(op.Success.Body)), op.Op)
	}
	const list = `[{"id":"email|dev_1"}]`
	assert.NoError(t, mfa.ParseErrorOf(mfa.OpListAuthenticators, 200, nil, []byte(`[]`)))
	assert.NoError(t, mfa.ParseErrorOf(mfa.OpDeleteAuthenticator, 200, nil, []byte(list)))
	assert.NoError(t, mfa.ParseErrorOf(mfa.OpDeleteAuthenticator, 200, nil, []byte(" ")))
	for _, op := range []mfa.Op{mfa.OpPasswordLogin, mfa.OpPasswordless, ""} {
		wiretest.AssertMeans(t, mfa.ParseErrorOf(op, 200, nil, []byte(list)), mfa.ErrUnexpectedResponse)
	}
	for _, body := range []string{`{"authenticators":[]}`, `[{"name":"no id"}]`, `<html>`, `null`} {
		wiretest.AssertMeans(t, mfa.ParseErrorOf(mfa.OpListAuthenticators, 200, nil, []byte(body)), mfa.ErrUnexpectedResponse)
	}
	wiretest.AssertMeans(t, mfa.ParseErrorOf(mfa.OpDeleteAuthenticator, 200, nil, []byte(`<html>`)), mfa.ErrUnexpectedResponse)
}

func TestParseError_success(t *testing.T) {
	t.Parallel()
	for _, status := range []int{199, 300} {
		wiretest.AssertMeans(t, mfa.ParseError(status, nil, nil), mfa.ErrUnexpectedResponse)
		wiretest.AssertMeans(t, mfa.ParseError(status, nil, []byte(wiretest.TokenResponse.Body)), mfa.ErrUnexpectedResponse)
	}
	for _, status := range []int{200, 201, 204, 299} {
		assert.NoError(t, mfa.ParseError(status, nil, nil))
		assert.NoError(t, mfa.ParseError(status, http.Header{}, []byte(wiretest.TokenResponse.Body)))
		assert.NoError(t, mfa.ParseError(status, nil, []byte(`{"access_token":"a","error":null}`)))
		assert.NoError(t, mfa.ParseError(status, nil, []byte(`{"access_token":"a","scope":"openid\ud800"}`)), "PasswordLogin takes it too")
	}
}

func TestParseError_withoutHeaderOrBody(t *testing.T) {
	t.Parallel()
	wiretest.AssertMeans(t, mfa.ParseError(429, nil, nil), mfa.ErrRateLimited)
	wiretest.AssertMeans(t, mfa.ParseError(502, nil, nil), mfa.ErrServer, mfa.ErrOutcomeUnknown)
	wiretest.AssertMeans(t, mfa.ParseError(302, nil, nil), mfa.ErrUnexpectedResponse)
	wiretest.AssertMeans(t, mfa.ParseError(403, nil, nil))
	wiretest.AssertMeans(t, mfa.ParseError(403, nil, []byte(`{"error":"mfa_required"}`)), mfa.ErrMFARequired)
}

// A body is bounded here as it is when it is read off the wire.
func TestParseError_largeBody(t *testing.T) {
	t.Parallel()
	body := []byte(`{"error":"mfa_required","mfa_token":"t","a":"` + strings.Repeat("a", 256<<10) + `"}`)
	wiretest.AssertMeans(t, mfa.ParseError(403, nil, body))
	start, end := `{"error":"mfa_required","a":"`, `"}`
	largest := start + strings.Repeat("a", 256<<10-len(start+end)) + end
	wiretest.AssertMeans(t, mfa.ParseError(403, nil, []byte(largest)), mfa.ErrMFARequired)
	wiretest.AssertMeans(t, mfa.ParseError(403, nil, []byte(" "+largest)))
	wiretest.AssertMeans(t, mfa.ParseError(200, nil, []byte(`{"access_token":"`+strings.Repeat("a", 256<<10)+`"}`)), mfa.ErrUnexpectedResponse)
}
