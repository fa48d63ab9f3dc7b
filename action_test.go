package mfa_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/internal/wiretest"
)

func TestNextAction(t *testing.T) {
	t.Parallel()
	for _, s := range wiretest.Sentinels {
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, s.Next, mfa.NextAction(s.Err))
			assert.Equal(t, s.Next, mfa.NextAction(fmt.Errorf("login: %w", s.Err)))
		})
	}
	for name, tt := range map[string]struct {
		err  error
		want mfa.Action
	}{
		"nil":                {nil, mfa.ActionNone},
		"canceled":           {context.Canceled, mfa.ActionNone},
		"canceled, wrapped":  {fmt.Errorf("login: %w", context.Canceled), mfa.ActionNone},
		"canceled and more":  {errors.Join(mfa.ErrInvalidCode, context.Canceled), mfa.ActionNone},
		"of another package": {errors.New("mfa: code is wrong"), mfa.ActionFix},
		"wrapped twice":      {fmt.Errorf("a: %w", fmt.Errorf("b: %w", &mfa.RequiredError{MFAToken: mfa.NewSecret("t")})), mfa.ActionVerifyMFA},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, tt.want, mfa.NextAction(tt.err))
		})
	}
}

// After a call that may have acted, what is safe depends on what it does.
func TestNextAction_outcomeUnknown(t *testing.T) {
	t.Parallel()
	next := map[mfa.Op]mfa.Action{
		"associate": mfa.ActionCheckInbox, "challenge": mfa.ActionCheckInbox,
		"verify oob": mfa.ActionResend, "verify otp": mfa.ActionAskAgain, "verify recovery code": mfa.ActionRestartLogin,
		"poll push": mfa.ActionRetryLater, "password login": mfa.ActionRetryLater, "refresh": mfa.ActionRetryLater, "delete authenticator": mfa.ActionRetryLater,
	}
	for _, op := range wiretest.Operations {
		if !op.Acts {
			continue
		}
		for name, a := range map[string]wiretest.Response{
			"lost":           {Err: errors.New("broken wire")},
			"500":            {Status: 500},
			"500 with error": wiretest.Refused(500, "server_error", "x"),
			"502 as HTML":    {Status: 502, Body: "<html>"},
			"504":            {Status: 504},
			"520":            {Status: 520},
		} {
			t.Run(op.String()+"/"+name, func(t *testing.T) {
				t.Parallel()
				tenant := wiretest.NewTenant(t, a)
				_, err := op.Fails(t, t.Context(), tenant.Client(t))
				assert.ErrorIs(t, err, mfa.ErrOutcomeUnknown)
				if a.Err == nil {
					assert.ErrorIs(t, err, mfa.ErrServer)
				}
				assert.Equal(t, next[op.Op], mfa.NextAction(err))
				assert.Len(t, tenant.Requests(), 1)
			})
		}
		for name, a := range map[string]wiretest.Response{
			"503":                     {Status: 503},
			"503 with error":          wiretest.Refused(503, "server_error", "x"),
			"temporarily unavailable": wiretest.Refused(500, "temporarily_unavailable", "x"),
			"bad gateway":             wiretest.Refused(502, "bad_gateway", "Error sending SMS."),
		} {
			t.Run(op.String()+"/"+name, func(t *testing.T) {
				t.Parallel()
				tenant := wiretest.NewTenant(t, a)
				_, err := op.Fails(t, t.Context(), tenant.Client(t))
				assert.NotErrorIs(t, err, mfa.ErrOutcomeUnknown)
				assert.Equal(t, mfa.ActionRetryLater, mfa.NextAction(err))
				assert.Len(t, tenant.Requests(), 1)
			})
		}
	}
}

func TestNextAction_fields(t *testing.T) {
	t.Parallel()
	typed := []string{"BindingCode", "OTP", "RecoveryCode", "Email", "PhoneNumber", "Username", "Password"}
	for _, field := range typed {
		assert.Equal(t, mfa.ActionAskAgain, mfa.NextAction(&mfa.Error{Op: "x", Fields: []string{field}}), field)
		assert.Equal(t, mfa.ActionFix, mfa.NextAction(&mfa.Error{Op: "x", Fields: []string{field, "MFAToken"}}), field)
	}
	assert.Equal(t, mfa.ActionAskAgain, mfa.NextAction(&mfa.Error{Op: "x", Fields: typed}))
	for _, field := range []string{"MFAToken", "OOBCode", "Token", "AuthenticatorID", "EndUserIP", "Context", "Client", "ClientID", "Domain", "Factor"} {
		assert.Equal(t, mfa.ActionFix, mfa.NextAction(&mfa.Error{Op: "x", Fields: []string{field}}), field)
	}
}

func TestAction_String(t *testing.T) {
	t.Parallel()
	names := map[string]mfa.Action{}
	for a := mfa.ActionNone; a <= mfa.ActionFix; a++ {
		names[a.String()] = a
	}
	assert.Equal(t, map[string]mfa.Action{
		"None": mfa.ActionNone, "AskAgain": mfa.ActionAskAgain, "Resend": mfa.ActionResend, "Challenge": mfa.ActionChallenge,
		"Enroll": mfa.ActionEnroll, "VerifyMFA": mfa.ActionVerifyMFA, "RestartLogin": mfa.ActionRestartLogin, "Wait": mfa.ActionWait,
		"Poll": mfa.ActionPoll, "CheckInbox": mfa.ActionCheckInbox, "RetryLater": mfa.ActionRetryLater, "Abort": mfa.ActionAbort, "Fix": mfa.ActionFix,
	}, names)
	assert.Equal(t, "unknown", mfa.Action(-1).String())
	assert.Equal(t, "unknown", (mfa.ActionFix + 1).String())
}

// A page kept the tokens of the login in a session. If they are missing the session is
// gone, whatever the user typed; if they are malformed, or something else is wrong, that
// is for a developer.
func TestNextAction_theSessionIsGone(t *testing.T) {
	t.Parallel()
	tenant := wiretest.NewTenant(t)
	c, ctx := tenant.Client(t), t.Context()
	token, code := mfa.NewSecret(wiretest.MFAToken), mfa.NewSecret("000042")
	errOf := func(_ any, err error) error { return err }
	for name, tt := range map[string]struct {
		err  error
		want mfa.Action
	}{
		"all is missing":          {errOf(c.VerifyOOB(ctx, mfa.VerifyOOBRequest{})), mfa.ActionRestartLogin},
		"the oob_code is missing": {errOf(c.VerifyOOB(ctx, mfa.VerifyOOBRequest{MFAToken: token, BindingCode: code})), mfa.ActionRestartLogin},
		"and the code is wrong":   {errOf(c.VerifyOOB(ctx, mfa.VerifyOOBRequest{OOBCode: token, BindingCode: mfa.NewSecret("a b")})), mfa.ActionRestartLogin},
		"only the code is":        {errOf(c.VerifyOOB(ctx, mfa.VerifyOOBRequest{MFAToken: token, OOBCode: token})), mfa.ActionAskAgain},
		"malformed":               {errOf(c.VerifyOTP(ctx, mfa.VerifyOTPRequest{MFAToken: mfa.NewSecret("a b"), OTP: code})), mfa.ActionFix},
		"one of each":             {errOf(c.VerifyOOB(ctx, mfa.VerifyOOBRequest{MFAToken: mfa.NewSecret("a b"), BindingCode: code})), mfa.ActionFix},
		"OTP":                     {errOf(c.VerifyOTP(ctx, mfa.VerifyOTPRequest{OTP: code})), mfa.ActionRestartLogin},
		"recovery code":           {errOf(c.VerifyRecoveryCode(ctx, mfa.VerifyRecoveryCodeRequest{RecoveryCode: code})), mfa.ActionRestartLogin},
		"push":                    {errOf(c.PollPush(ctx, mfa.PollPushRequest{MFAToken: token})), mfa.ActionRestartLogin},
		"list":                    {errOf(c.ListAuthenticators(ctx, mfa.ListAuthenticatorsRequest{})), mfa.ActionRestartLogin},
		"enrollment":              {errOf(c.Associate(ctx, mfa.AssociateRequest{})), mfa.ActionRestartLogin},
		"challenge":               {errOf(c.Challenge(ctx, mfa.ChallengeRequest{})), mfa.ActionRestartLogin},
		"refresh":                 {errOf(c.Refresh(ctx, mfa.RefreshRequest{})), mfa.ActionRestartLogin},
		"delete, without an ID":   {c.DeleteAuthenticator(ctx, mfa.DeleteAuthenticatorRequest{}), mfa.ActionFix},
		"delete":                  {c.DeleteAuthenticator(ctx, mfa.DeleteAuthenticatorRequest{AuthenticatorID: wiretest.EmailID}), mfa.ActionRestartLogin},
	} {
		assert.ErrorIs(t, tt.err, mfa.ErrInvalidRequest, name)
		assert.Equal(t, tt.want, mfa.NextAction(tt.err), name)
	}
	assert.Empty(t, tenant.Requests())
}

// cooling is an error of another package that says how long to wait.
type cooling time.Duration

func (cooling) Error() string               { return "too early" }
func (c cooling) RetryAfter() time.Duration { return time.Duration(c) }

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	limited := &mfa.Error{Op: mfa.OpChallenge, StatusCode: 429, RetryAfter: 17 * time.Second}
	for _, tt := range []struct {
		err  error
		want time.Duration
	}{
		{nil, 0},
		{errors.New("no"), 0},
		{mfa.ErrRateLimited, 0},
		{&mfa.Error{Op: mfa.OpChallenge, StatusCode: 429}, 0},
		{limited, 17 * time.Second},
		{fmt.Errorf("page: %w", limited), 17 * time.Second},
		{&mfa.RequiredError{Err: limited}, 17 * time.Second},
		{&mfa.RequiredError{}, 0},
		{cooling(time.Minute), time.Minute},
		{fmt.Errorf("page: %w", cooling(time.Minute)), time.Minute},
		{cooling(-time.Minute), 0},
	} {
		assert.Equal(t, tt.want, mfa.RetryAfter(tt.err), "%v", tt.err)
	}
}
