package mfa_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

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
	for op, scope := range map[string]bool{"delete authenticator": true, "associate": false, "list authenticators": false} {
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

// The text is made of this package's words; a code only if it is one.
func TestError_ownWordsOnly(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"Server-Text", "servertext1", "servertext.x", "Servertext", "servertext_"} {
		e, err := operationNamed("challenge").fails(t, t.Context(), newTenant(t, answer{
			status: 418, body: `{"error":"` + code + `","error_description":"servertext said"}`,
			header: http.Header{"X-Request-Id": {"servertext"}},
		}).client(t))
		assert.Equal(t, code, e.Code)
		assert.NotContains(t, strings.ToLower(err.Error()), "servertext")
		assert.NotContains(t, strings.ToLower(fmt.Sprintf("%+v %#v %q %x", e, e, e, e)), "servertext")
	}
	e := &mfa.Error{Op: "challenge", StatusCode: 400, Code: "invalid_authenticator"}
	assert.Contains(t, e.Error(), "invalid_authenticator")
	assert.Contains(t, e.Error(), "400")
	assert.Contains(t, e.Error(), "challenge")
}

// Logs tell apart a user who left, a call that took too long, and what an
// operator mends in different places.
func TestError_textOfTheCause(t *testing.T) {
	t.Parallel()
	texts := map[string]bool{}
	causes := []error{
		context.Canceled, context.DeadlineExceeded, errors.New("broken wire"), syscall.ECONNREFUSED,
		&net.DNSError{Err: "no such host"}, &tls.CertificateVerificationError{Err: errors.New("expired")},
	}
	for _, cause := range causes {
		_, err := operationNamed("challenge").fails(t, t.Context(), newTenant(t, answer{err: cause}).client(t))
		assert.ErrorIs(t, err, cause)
		texts[err.Error()] = true
	}
	assert.Len(t, texts, len(causes))
}

// Error chains are walked and printed by log shippers: nothing that a server
// or net/http said may be found that way.
func TestError_hasNoUnwrap(t *testing.T) {
	t.Parallel()
	var e error = &mfa.Error{}
	_, one := e.(interface{ Unwrap() error })
	_, many := e.(interface{ Unwrap() []error })
	assert.False(t, one || many)
}

// What the transport reports is found, though it is not in the chain.
func TestError_cause(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken wire")
	for _, op := range operations {
		t.Run(op.String(), func(t *testing.T) {
			t.Parallel()
			tenant := newTenant(t, answer{err: &net.OpError{Op: "read", Err: broken}})

			e, err := op.fails(t, t.Context(), tenant.client(t))

			assert.ErrorIs(t, err, broken)
			var urlError *url.Error
			assert.ErrorAs(t, err, &urlError)
			var opError *net.OpError
			assert.ErrorAs(t, err, &opError)
			assert.NotContains(t, err.Error(), "broken wire")
			// This transport knows no httptrace, so nothing proves that nothing left.
			assert.Equal(t, mfa.DeliveryUnknown, e.Delivery)
			assert.Zero(t, e.StatusCode)
			if op.acts {
				assertMeans(t, err, mfa.ErrOutcomeUnknown)
			} else {
				assertMeans(t, err)
				assert.Equal(t, mfa.ActionRetryLater, mfa.NextAction(err))
			}
			if op.name == "list authenticators" {
				assert.Len(t, tenant.requests(), 3)
			} else {
				assert.Len(t, tenant.requests(), 1)
			}
		})
	}
}

func TestError_byHand(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		err  error
		is   []error
		next mfa.Action
	}{
		"by code":                {&mfa.Error{Code: "association_required"}, []error{mfa.ErrNotEnrolled}, mfa.ActionEnroll},
		"by text":                {&mfa.Error{Description: "user is ALREADY enrolled", StatusCode: 403}, []error{mfa.ErrAlreadyEnrolled}, mfa.ActionChallenge},
		"by status":              {&mfa.Error{Op: "list authenticators", StatusCode: 500}, []error{mfa.ErrServer}, mfa.ActionRetryLater},
		"limit by code":          {&mfa.Error{Code: "too_many_requests"}, []error{mfa.ErrRateLimited}, mfa.ActionWait},
		"not quite a failure":    {&mfa.Error{Op: "challenge", StatusCode: 499, Code: "server_error"}, []error{mfa.ErrServer}, mfa.ActionRetryLater},
		"unavailable by code":    {&mfa.Error{Op: "challenge", Code: "temporarily_unavailable"}, []error{mfa.ErrServer}, mfa.ActionRetryLater},
		"text of another code":   {&mfa.Error{Code: "unauthorized_client", Description: "Refresh token."}, []error{mfa.ErrGrantNotAllowed}, mfa.ActionFix},
		"another text":           {&mfa.Error{Code: "invalid_request", Description: "User is not enrolled."}, []error{mfa.ErrInvalidRequest}, mfa.ActionFix},
		"a third one":            {&mfa.Error{Code: "invalid_request", Description: "User does not have it."}, []error{mfa.ErrInvalidRequest}, mfa.ActionFix},
		"unexpected, the last":   {&mfa.Error{Op: "challenge", StatusCode: 399}, []error{mfa.ErrUnexpectedResponse}, mfa.ActionRetryLater},
		"refused, the last":      {&mfa.Error{Op: "challenge", StatusCode: 499}, nil, mfa.ActionFix},
		"limit by status":        {&mfa.Error{StatusCode: 429}, []error{mfa.ErrRateLimited}, mfa.ActionWait},
		"fields":                 {&mfa.Error{Op: "challenge", Fields: []string{"MFAToken"}}, []error{mfa.ErrInvalidRequest}, mfa.ActionFix},
		"what the user typed":    {&mfa.Error{Op: "verify oob", Fields: []string{"BindingCode"}}, []error{mfa.ErrInvalidRequest}, mfa.ActionAskAgain},
		"lost":                   {&mfa.Error{Op: "challenge"}, []error{mfa.ErrOutcomeUnknown}, mfa.ActionCheckInbox},
		"not sent":               {&mfa.Error{Op: "challenge", Delivery: mfa.DeliveryNotSent}, nil, mfa.ActionRetryLater},
		"lost but reading":       {&mfa.Error{Op: "list authenticators"}, nil, mfa.ActionRetryLater},
		"lost but only warming":  {&mfa.Error{Op: "warm"}, nil, mfa.ActionRetryLater},
		"failed before acting":   {&mfa.Error{Op: "challenge", StatusCode: 503}, []error{mfa.ErrServer}, mfa.ActionRetryLater},
		"refused":                {&mfa.Error{Op: "challenge", StatusCode: 400}, nil, mfa.ActionFix},
		"unexpected":             {&mfa.Error{Op: "challenge", StatusCode: 302}, []error{mfa.ErrUnexpectedResponse}, mfa.ActionRetryLater},
		"required":               {&mfa.RequiredError{MFAToken: mfa.NewSecret("t")}, []error{mfa.ErrMFARequired}, mfa.ActionVerifyMFA},
		"required, no token":     {&mfa.RequiredError{}, []error{mfa.ErrMFARequired}, mfa.ActionFix},
		"required with an error": {&mfa.RequiredError{Err: &mfa.Error{Code: "mfa_required", StatusCode: 403}, MFAToken: mfa.NewSecret("t")}, []error{mfa.ErrMFARequired}, mfa.ActionVerifyMFA},
		"required without code":  {&mfa.RequiredError{Err: &mfa.Error{StatusCode: 403}, MFAToken: mfa.NewSecret("t")}, []error{mfa.ErrMFARequired}, mfa.ActionVerifyMFA},
		"only the code of it":    {&mfa.Error{Code: "mfa_required", StatusCode: 403}, []error{mfa.ErrMFARequired}, mfa.ActionVerifyMFA},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assertMeans(t, tt.err, tt.is...)
			assertMeans(t, fmt.Errorf("login: %w", tt.err), tt.is...)
			assert.Equal(t, tt.next, mfa.NextAction(tt.err))
			assert.NotEmpty(t, tt.err.Error())
			assert.NotErrorIs(t, tt.err, context.Canceled)
			assert.NotErrorIs(t, tt.err, context.DeadlineExceeded)
		})
	}
	var e *mfa.Error
	inner := &mfa.Error{Code: "mfa_required"}
	require.ErrorAs(t, fmt.Errorf("login: %w", &mfa.RequiredError{Err: inner}), &e)
	assert.Same(t, inner, e)
	assert.NotEqual(t, (&mfa.RequiredError{}).Error(), (&mfa.RequiredError{MFAToken: mfa.NewSecret("t")}).Error())
}
