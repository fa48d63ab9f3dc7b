package mfa_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/go-auth0-mfa/mfa"
)

// Auth0 and what stands before it report errors in many shapes.
func TestError_shapes(t *testing.T) {
	t.Parallel()
	html := http.Header{"Content-Type": {"text/html"}}
	for name, tt := range map[string]struct {
		answer            answer
		code, description string
		is                []error
	}{
		"more members": {
			answer: answer{status: 400, body: `{"error":"invalid_request","error_description":"d","error_uri":"https://auth0.com/docs","validation_errors":[{"field":"a","message":"b"}],"message":"m"}`},
			code:   "invalid_request", description: "d", is: []error{mfa.ErrInvalidRequest},
		},
		"only a sentence": {
			answer: answer{status: 403, body: `{"error":"User is already enrolled."}`},
			code:   "", description: "User is already enrolled.", is: []error{mfa.ErrAlreadyEnrolled},
		},
		"only a code": {
			answer: answer{status: 401, body: `{"error":"invalid_client"}`},
			code:   "invalid_client", description: "Unauthorized", is: []error{mfa.ErrInvalidClient},
		},
		"management": {
			answer: answer{status: 400, body: `{"statusCode":400,"error":"Bad Request","message":"Payload validation error","errorCode":"invalid_body","attributes":{"a":1}}`},
			code:   "invalid_body", description: "Payload validation error",
		},
		"management without code": {
			answer: answer{status: 401, body: `{"statusCode":401,"error":"Unauthorized","message":"Missing authentication"}`},
			code:   "", description: "Missing authentication",
		},
		"management limit": {
			answer: answer{status: 429, body: `{"statusCode":429,"error":"Too Many Requests","message":"Global limit has been reached","errorCode":"too_many_requests"}`},
			code:   "too_many_requests", description: "Global limit has been reached", is: []error{mfa.ErrRateLimited},
		},
		"management limit without code": {
			answer: answer{status: 429, body: `{"statusCode":429,"error":"Too Many Requests","message":"Global limit has been reached"}`},
			code:   "", description: "Global limit has been reached", is: []error{mfa.ErrRateLimited},
		},
		"database connection": {
			answer: answer{status: 400, body: `{"name":"BadRequestError","code":"invalid_signup","description":"Invalid sign up","statusCode":400}`},
			code:   "invalid_signup", description: "Invalid sign up",
		},
		"database connection, only a name": {
			answer: answer{status: 400, body: `{"name":"PasswordStrengthError","description":{"rules":[{"verified":false}]},"statusCode":400}`},
			code:   "PasswordStrengthError", description: `{"rules":[{"verified":false}]}`,
		},
		"description with escapes": {
			answer: answer{status: 400, body: `{"code":"c","description":{"b": "\u0041", "a":[ 1 ]}}`},
			code:   "c", description: `{"a":[1],"b":"A"}`,
		},
		"description of invalid UTF-8": {
			answer: answer{status: 400, body: "{\"code\":\"c\",\"description\":{\"a\":\"\xff\"}}"},
			code:   "c", description: "Bad Request",
		},
		"description null": {
			answer: answer{status: 400, body: `{"code":"c","description":null,"message":"m"}`},
			code:   "c", description: "m",
		},
		"code and description": {
			answer: answer{status: 403, body: `{"code":"access_denied","description":"User is already enrolled."}`},
			code:   "access_denied", description: "User is already enrolled.", is: []error{mfa.ErrAlreadyEnrolled},
		},
		"errorCode before error": {
			answer: answer{status: 403, body: `{"error":"Forbidden","errorCode":"insufficient_scope","message":"m"}`},
			code:   "insufficient_scope", description: "m", is: []error{mfa.ErrInvalidRequest},
		},
		"errorCode before another code": {
			answer: answer{status: 403, body: `{"name":"n","code":"c","error":"e","errorCode":"insufficient_scope","message":"m","description":"d"}`},
			code:   "insufficient_scope", description: "d", is: []error{mfa.ErrInvalidRequest},
		},
		"error before code before name": {
			answer: answer{status: 403, body: `{"name":"n","code":"c","error":"invalid_scope","message":"m","description":"d","error_description":"e"}`},
			code:   "invalid_scope", description: "e", is: []error{mfa.ErrInvalidRequest},
		},
		"not found, but not to delete": {answer: answer{status: 404}, description: "Not Found"},
		"members of other types": {
			answer: answer{status: 400, body: `{"error":{"code":"x"},"error_description":7,"message":["m"],"code":1,"name":null}`},
			code:   "", description: "Bad Request",
		},
		"limit as HTML":          {answer: answer{status: 429, body: `<html>slow down</html>`, header: html}, description: "Too Many Requests", is: []error{mfa.ErrRateLimited}},
		"failure as plain text":  {answer: answer{status: 500, body: "Internal Server Error\n"}, description: "Internal Server Error", is: []error{mfa.ErrServer, mfa.ErrOutcomeUnknown}},
		"gateway as HTML":        {answer: answer{status: 502, body: `<html>502 Bad Gateway</html>`, header: html}, description: "Bad Gateway", is: []error{mfa.ErrServer, mfa.ErrOutcomeUnknown}},
		"gateway as Auth0's":     {answer: answer{status: 502, body: `{"statusCode":502,"error":"Bad Gateway"}`}, description: "Bad Gateway", is: []error{mfa.ErrServer, mfa.ErrOutcomeUnknown}},
		"gateway timeout":        {answer: answer{status: 504}, description: "Gateway Timeout", is: []error{mfa.ErrServer, mfa.ErrOutcomeUnknown}},
		"unavailable":            {answer: answer{status: 503}, description: "Service Unavailable", is: []error{mfa.ErrServer}},
		"bot page":               {answer: answer{status: 403, body: `<html>Checking your browser</html>`, header: html}, description: "Forbidden"},
		"nothing, unauthorized":  {answer: answer{status: 401}, description: "Unauthorized"},
		"nothing":                {answer: answer{status: 400}, description: "Bad Request"},
		"timeout":                {answer: answer{status: 408}, description: "Request Timeout"},
		"too early":              {answer: answer{status: 425}, description: "Too Early"},
		"status 600":             {answer: answer{status: 600}, is: []error{mfa.ErrServer, mfa.ErrOutcomeUnknown}},
		"status 999":             {answer: answer{status: 999}, is: []error{mfa.ErrServer, mfa.ErrOutcomeUnknown}},
		"list":                   {answer: answer{status: 400, body: `[{"error":"invalid_grant"}]`}, description: "Bad Request"},
		"cut short":              {answer: answer{status: 400, body: `{"error":"invalid_grant","error_desc`}, description: "Bad Request"},
		"null":                   {answer: answer{status: 400, body: `null`}, description: "Bad Request"},
		"invalid UTF-8":          {answer: answer{status: 403, body: "{\"error\":\"invalid_grant\",\"error_description\":\"Malformed\xff mfa_token\"}"}, code: "invalid_grant", description: "Malformed mfa_token", is: []error{mfa.ErrInvalidToken}},
		"control and direction":  {answer: refusal(403, "access_denied", `User is\r\n\u001b[31m\u202ealready\u0000 enrolled.`), code: "access_denied", description: "User is  [31malready enrolled.", is: []error{mfa.ErrAlreadyEnrolled}},
		"without code but known": {answer: answer{status: 403, body: `{"message":"Invalid binding_code."}`}, description: "Invalid binding_code.", is: []error{mfa.ErrInvalidCode}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tenant := newTenant(t, tt.answer)

			e, err := operationNamed("challenge").fails(t, t.Context(), tenant.client(t))

			assert.Equal(t, tt.code, e.Code)
			assert.Equal(t, tt.description, e.Description)
			assert.Equal(t, tt.answer.status, e.StatusCode)
			assert.Equal(t, mfa.DeliveryAnswered, e.Delivery)
			assertMeans(t, err, tt.is...)
			assert.Len(t, tenant.requests(), 1)
		})
	}
}

// One text has two reasons: deleting takes no mfa_token, but a scope.
func TestError_Hint(t *testing.T) {
	t.Parallel()
	for op, scope := range map[mfa.Op]bool{"delete authenticator": true, "associate": false, "list authenticators": false} {
		e, _ := operationNamed(op).fails(t, t.Context(), newTenant(t, refusal(401, "invalid_grant", "The mfa_token provided is invalid. Try getting a new token.")).client(t))
		assert.Equal(t, scope, strings.Contains(e.Hint(), mfa.ScopeRemoveAuthenticators), op)
	}
}

// A code that is not in the table is the caller's to judge.
func TestError_unknownCode(t *testing.T) {
	t.Parallel()
	for _, code := range []string{
		"invalid_token", "invalid_oob_code", "invalid_binding_code", "invalid_otp", "invalid_email", "invalid_recovery_code",
		"enrollment_conflict", "mfa_no_available_factors", "context_not_found", "invalid_bearer_format", "feature_disabled",
		"feature_disabled_by_admin", "enrollment_method_disabled", "auth_method_disabled", "transaction_expired",
		"a0.mfa_registration_required", "mfa_registration_required", "E-42/x",
	} {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			e, err := operationNamed("verify oob").fails(t, t.Context(), newTenant(t, refusal(400, code, "No such thing.")).client(t))
			assert.Equal(t, code, e.Code)
			assert.Equal(t, "No such thing.", e.Description)
			assertMeans(t, err)
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
			a := refusal(429, "too_many_requests", "x")
			a.header = tt.header
			e, _ := operationNamed("verify oob").fails(t, t.Context(), newTenant(t, a).client(t))
			assert.Equal(t, tt.id, e.RequestID)
			assert.Equal(t, tt.wait, e.RetryAfter)
		})
	}
	t.Run("bounds", func(t *testing.T) {
		t.Parallel()
		e, _ := operationNamed("verify oob").fails(t, t.Context(),
			newTenant(t, refusal(400, strings.Repeat("c", 9000), strings.Repeat("d", 199)+"ä"+strings.Repeat("d", 9000))).client(t))
		assert.Equal(t, strings.Repeat("c", 64), e.Code)
		assert.Equal(t, strings.Repeat("d", 199), e.Description)
	})
}

// Whatever code comes with it, a 429 is a refusal for now: of the texts of all
// limits not one is documented in full.
func TestError_tooManyRequests(t *testing.T) {
	t.Parallel()
	for _, code := range []string{
		"invalid_request", "access_denied", "unauthorized", "unauthorized_client", "invalid_client", "server_error", "of_no_kind", "",
	} {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			_, err := operationNamed("challenge").fails(t, t.Context(), newTenant(t, refusal(429, code, "Unauthorized: too many emails")).client(t))
			assert.ErrorIs(t, err, mfa.ErrRateLimited)
			assert.Equal(t, mfa.ActionWait, mfa.NextAction(err))
		})
	}
}
