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

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/internal/wiretest"
)

// The text is made of this package's words; a code only if it is one.
func TestError_ownWordsOnly(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"Server-Text", "servertext1", "servertext.x", "Servertext", "servertext_"} {
		e, err := wiretest.Named("challenge").Fails(t, t.Context(), wiretest.NewTenant(t, wiretest.Response{
			Status: 418, Body: `{"error":"` + code + `","error_description":"servertext said"}`,
			Header: http.Header{"X-Request-Id": {"servertext"}},
		}).Client(t))
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
// operator fixes in different places.
func TestError_textOfTheCause(t *testing.T) {
	t.Parallel()
	texts := map[string]bool{}
	causes := []error{
		context.Canceled, context.DeadlineExceeded, errors.New("broken wire"), syscall.ECONNREFUSED,
		&net.DNSError{Err: "no such host"}, &tls.CertificateVerificationError{Err: errors.New("expired")},
	}
	for _, cause := range causes {
		_, err := wiretest.Named("challenge").Fails(t, t.Context(), wiretest.NewTenant(t, wiretest.Response{Err: cause}).Client(t))
		assert.ErrorIs(t, err, cause)
		texts[err.Error()] = true
	}
	texts[(&mfa.Error{Op: "challenge", Delivery: mfa.DeliveryNotSent}).Error()] = true
	assert.Len(t, texts, len(causes)+1)
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
	for _, op := range wiretest.Operations {
		t.Run(op.String(), func(t *testing.T) {
			t.Parallel()
			tenant := wiretest.NewTenant(t, wiretest.Response{Err: &net.OpError{Op: "read", Err: broken}})

			e, err := op.Fails(t, t.Context(), tenant.Client(t))

			assert.ErrorIs(t, err, broken)
			var urlError *url.Error
			assert.ErrorAs(t, err, &urlError)
			var opError *net.OpError
			assert.ErrorAs(t, err, &opError)
			assert.NotContains(t, err.Error(), "broken wire")
			// This transport knows no httptrace, so nothing proves that nothing left.
			assert.Equal(t, mfa.DeliveryUnknown, e.Delivery)
			assert.Zero(t, e.StatusCode)
			if op.Acts {
				wiretest.AssertMeans(t, err, mfa.ErrOutcomeUnknown)
			} else {
				wiretest.AssertMeans(t, err)
				assert.Equal(t, mfa.ActionRetryLater, mfa.NextAction(err))
			}
			if op.Op == "list authenticators" {
				assert.Len(t, tenant.Requests(), 3)
			} else {
				assert.Len(t, tenant.Requests(), 1)
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
		"by code":                     {&mfa.Error{Code: "association_required"}, []error{mfa.ErrNotEnrolled}, mfa.ActionEnroll},
		"by text":                     {&mfa.Error{Code: "access_denied", Description: "user is ALREADY enrolled", StatusCode: 403}, []error{mfa.ErrAlreadyEnrolled}, mfa.ActionChallenge},
		"by status":                   {&mfa.Error{Op: "list authenticators", StatusCode: 500}, []error{mfa.ErrServer}, mfa.ActionRetryLater},
		"limit by code":               {&mfa.Error{Code: "too_many_requests"}, []error{mfa.ErrRateLimited}, mfa.ActionWait},
		"not quite a failure":         {&mfa.Error{Op: "challenge", StatusCode: 499, Code: "server_error"}, []error{mfa.ErrServer}, mfa.ActionRetryLater},
		"unavailable by code":         {&mfa.Error{Op: "challenge", Code: "temporarily_unavailable"}, []error{mfa.ErrServer}, mfa.ActionRetryLater},
		"text of another code":        {&mfa.Error{Code: "unauthorized_client", Description: "Refresh token."}, []error{mfa.ErrGrantNotAllowed}, mfa.ActionFix},
		"not enrolled, another code":  {&mfa.Error{Code: "invalid_request", Description: "User is not enrolled."}, []error{mfa.ErrInvalidRequest}, mfa.ActionFix},
		"does not have, another code": {&mfa.Error{Code: "invalid_request", Description: "User does not have it."}, []error{mfa.ErrInvalidRequest}, mfa.ActionFix},
		"unexpected, the last":        {&mfa.Error{Op: "challenge", StatusCode: 399}, []error{mfa.ErrUnexpectedResponse}, mfa.ActionRetryLater},
		"refused, the last":           {&mfa.Error{Op: "challenge", StatusCode: 499}, nil, mfa.ActionFix},
		"no service, another code":    {&mfa.Error{Code: "server_error", Description: "Service not found."}, []error{mfa.ErrServer}, mfa.ActionRetryLater},
		"no connection, another code": {&mfa.Error{Code: "invalid_request", Description: "Not configured with default connection."}, []error{mfa.ErrInvalidRequest}, mfa.ActionFix},
		"parts in another order":      {&mfa.Error{StatusCode: 400, Description: "Sent by the user too many times."}, nil, mfa.ActionFix},
		"text without its code":       {&mfa.Error{Description: "User is already enrolled.", StatusCode: 403}, nil, mfa.ActionFix},
		"a part of a text":            {&mfa.Error{Op: "associate", Code: "access_denied", Description: "But user is already enrolled.", StatusCode: 403}, nil, mfa.ActionFix},
		"text of another call":        {&mfa.Error{Op: "challenge", Code: "access_denied", Description: "User is already enrolled.", StatusCode: 403}, nil, mfa.ActionFix},
		"code of another text":        {&mfa.Error{Code: "access_denied", StatusCode: 403, Description: "whatever"}, []error{mfa.ErrBlocked}, mfa.ActionAbort},
		"denied with 500":             {&mfa.Error{Op: "verify oob", Code: "access_denied", StatusCode: 500, Description: "Not today."}, []error{mfa.ErrBlocked}, mfa.ActionAbort},
		"denied, by no login":         {&mfa.Error{Op: "associate", Code: "access_denied", StatusCode: 403, Description: "Not today."}, nil, mfa.ActionFix},
		"below the limit":             {&mfa.Error{StatusCode: 428}, nil, mfa.ActionFix},
		"beyond the limit":            {&mfa.Error{StatusCode: 430}, nil, mfa.ActionFix},
		"not to be deleted":           {&mfa.Error{Op: "delete authenticator", StatusCode: 403}, nil, mfa.ActionFix},
		"never to be deleted":         {&mfa.Error{Op: "delete authenticator", StatusCode: 405}, nil, mfa.ActionFix},
		"limit by status":             {&mfa.Error{StatusCode: 429}, []error{mfa.ErrRateLimited}, mfa.ActionWait},
		"fields":                      {&mfa.Error{Op: "challenge", Fields: []string{"MFAToken"}}, []error{mfa.ErrInvalidRequest}, mfa.ActionFix},
		"what the user typed":         {&mfa.Error{Op: "verify oob", Fields: []string{"BindingCode"}}, []error{mfa.ErrInvalidRequest}, mfa.ActionAskAgain},
		"lost":                        {&mfa.Error{Op: "challenge"}, []error{mfa.ErrOutcomeUnknown}, mfa.ActionCheckInbox},
		"not sent":                    {&mfa.Error{Op: "challenge", Delivery: mfa.DeliveryNotSent}, nil, mfa.ActionRetryLater},
		"lost but reading":            {&mfa.Error{Op: "list authenticators"}, nil, mfa.ActionRetryLater},
		"lost but only warming":       {&mfa.Error{Op: "warm"}, nil, mfa.ActionRetryLater},
		"failed before acting":        {&mfa.Error{Op: "challenge", StatusCode: 503}, []error{mfa.ErrServer}, mfa.ActionRetryLater},
		"refused":                     {&mfa.Error{Op: "challenge", StatusCode: 400}, nil, mfa.ActionFix},
		"unexpected":                  {&mfa.Error{Op: "challenge", StatusCode: 302}, []error{mfa.ErrUnexpectedResponse}, mfa.ActionRetryLater},
		"required":                    {&mfa.RequiredError{MFAToken: mfa.NewSecret("t")}, []error{mfa.ErrMFARequired}, mfa.ActionVerifyMFA},
		"required, no token":          {&mfa.RequiredError{}, []error{mfa.ErrMFARequired}, mfa.ActionFix},
		"required with an error":      {&mfa.RequiredError{Err: &mfa.Error{Code: "mfa_required", StatusCode: 403}, MFAToken: mfa.NewSecret("t")}, []error{mfa.ErrMFARequired}, mfa.ActionVerifyMFA},
		"required without code":       {&mfa.RequiredError{Err: &mfa.Error{StatusCode: 403}, MFAToken: mfa.NewSecret("t")}, []error{mfa.ErrMFARequired}, mfa.ActionVerifyMFA},
		"only the code of it":         {&mfa.Error{Code: "mfa_required", StatusCode: 403}, []error{mfa.ErrMFARequired}, mfa.ActionVerifyMFA},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wiretest.AssertMeans(t, tt.err, tt.is...)
			wiretest.AssertMeans(t, fmt.Errorf("login: %w", tt.err), tt.is...)
			assert.Equal(t, tt.next, mfa.NextAction(tt.err))
			assert.NotEmpty(t, tt.err.Error())
			if e, ok := errors.AsType[*mfa.Error](tt.err); ok {
				for _, field := range e.Fields {
					assert.Contains(t, e.Error(), field)
				}
			}
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

func TestSentinels(t *testing.T) {
	t.Parallel()
	for _, s := range wiretest.Sentinels {
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			wiretest.AssertMeans(t, s.Err, s.Err)
			wiretest.AssertMeans(t, fmt.Errorf("login: %w", s.Err), s.Err)
			assert.NotEmpty(t, s.Err.Error())
		})
	}
}

// The hint about a missing mfa_token comes only when it is missing.
func TestError_Hint_ofAMissingToken(t *testing.T) {
	t.Parallel()
	for body, missing := range map[string]bool{
		`{"error":"mfa_required"}`:                                   true,
		`{"error":"mfa_required","mfa_token":""}`:                    true,
		`{"error":"mfa_required","mfa_token":7}`:                     true,
		`{"error":"mfa_required","mfa_token":"a b"}`:                 true,
		`{"error":"mfa_required","mfa_token":"Fe26.2*t"}`:            false,
		`{"error":"a0.mfa_required","mfa_token":"Fe26.2*t"}`:         false,
		`{"error":"mfa_registration_required","mfa_token":"Fe26.2"}`: false,
	} {
		e, err := wiretest.Named("password login").Fails(t, t.Context(), wiretest.NewTenant(t, wiretest.Response{Status: 403, Body: body}).Client(t))
		wiretest.AssertMeans(t, err, mfa.ErrMFARequired)
		assert.Equal(t, missing, e.Hint() != "", body)
		assert.Equal(t, missing, mfa.NextAction(err) == mfa.ActionFix, body)
	}
}

// A page of HTML is nobody's but a proxy's, a captive portal's or a bot check's. Where
// the status says what it is, or the body is cut short or text, there is nothing to say.
func TestError_Hint_ofAPageOfHTML(t *testing.T) {
	t.Parallel()
	page := func(status int, body string) string {
		e, _ := wiretest.Named("verify oob").Fails(t, t.Context(), wiretest.NewTenant(t, wiretest.Response{Status: status, Body: body}).Client(t))
		return e.Hint()
	}
	for _, status := range []int{200, 403, 404, 502, 522} {
		for _, body := range []string{"<html>Log in to the Wi-Fi</html>", "\r\n <!DOCTYPE html>", "<?xml version='1.0'?>"} {
			assert.Contains(t, page(status, body), "captive portal")
			assert.Contains(t, page(status, body), "proxy")
		}
		for _, body := range []string{"", "Forbidden", `{"error":"strange","error_description":"<html>"}`, `["<html>"]`, `{"error":"x`} {
			assert.Empty(t, page(status, body), body)
		}
	}
}

func TestError_Hint(t *testing.T) {
	t.Parallel()
	for op, scope := range map[mfa.Op]bool{"delete authenticator": true, "associate": false, "list authenticators": false} {
		e, _ := wiretest.Named(op).Fails(t, t.Context(), wiretest.NewTenant(t, wiretest.Refused(401, "invalid_grant", "The mfa_token provided is invalid. Try getting a new token.")).Client(t))
		assert.Equal(t, scope, strings.Contains(e.Hint(), mfa.ScopeRemoveAuthenticators), op)
	}
}
