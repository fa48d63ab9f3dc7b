package mfa_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

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
