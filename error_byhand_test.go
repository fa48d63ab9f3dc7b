package mfa_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
)

// An error that a test of the caller's makes means what it would mean off the wire.
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
		"a fourth one":           {&mfa.Error{Code: "server_error", Description: "Service not found."}, []error{mfa.ErrServer}, mfa.ActionRetryLater},
		"a fifth one":            {&mfa.Error{Code: "invalid_request", Description: "Not configured with default connection."}, []error{mfa.ErrInvalidRequest}, mfa.ActionFix},
		"code of another text":   {&mfa.Error{Code: "access_denied", StatusCode: 403, Description: "whatever"}, nil, mfa.ActionFix},
		"below the limit":        {&mfa.Error{StatusCode: 428}, nil, mfa.ActionFix},
		"beyond the limit":       {&mfa.Error{StatusCode: 430}, nil, mfa.ActionFix},
		"not to be deleted":      {&mfa.Error{Op: "delete authenticator", StatusCode: 403}, nil, mfa.ActionFix},
		"never to be deleted":    {&mfa.Error{Op: "delete authenticator", StatusCode: 405}, nil, mfa.ActionFix},
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
