package flow_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/flow"
	"github.com/go-auth0-mfa/mfa/mfatest"
)

// What the errors of this package mean to package mfa.
func TestErrors_meaning(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		err, means error
		next       mfa.Action
	}{
		{flow.ErrStepExpired, mfa.ErrTokenExpired, mfa.ActionRestartLogin},
		{flow.ErrStepInvalid, mfa.ErrInvalidToken, mfa.ActionRestartLogin},
		{flow.ErrStepState, mfa.ErrInvalidRequest, mfa.ActionFix},
		{flow.ErrStepTooLarge, mfa.ErrInvalidRequest, mfa.ActionFix},
		{&flow.CooldownError{}, mfa.ErrTooManyMessages, mfa.ActionWait},
		{&flow.CooldownError{ResendAt: time.Now()}, mfa.ErrRateLimited, mfa.ActionWait},
	} {
		for _, err := range []error{tt.err, fmt.Errorf("page: %w", tt.err)} {
			assert.ErrorIs(t, err, tt.means)
			assert.Equal(t, tt.next, mfa.NextAction(err))
		}
		for _, other := range []error{flow.ErrStepExpired, flow.ErrStepInvalid, flow.ErrStepState, flow.ErrStepTooLarge, mfa.ErrInvalidCode} {
			if other != tt.err {
				assert.NotErrorIs(t, tt.err, other)
			}
		}
	}
}

// An error of a Flow says how long it was on the Flow's clock, and stays so. One made by
// hand goes by time.Now.
func TestCooldownError_RetryAfter(t *testing.T) {
	t.Parallel()
	p := newPage(t, mfatest.User{EmailVerified: true}, nil, flow.WithMaxSends(2), flow.WithResendInterval(time.Minute))
	step := p.begin(flow.StateEnterCode)
	p.tenant.Advance(40 * time.Second)
	early := fmt.Errorf("page: %w", step.Resend(t.Context()))
	assert.Equal(t, step.ResendAt().Sub(ms(p.tenant.Now())), mfa.RetryAfter(early))
	p.tenant.Advance(20 * time.Second)
	assert.InDelta(t, 20, mfa.RetryAfter(early).Seconds(), 0.01)
	assert.NoError(t, step.Resend(t.Context()))
	assert.Equal(t, step.ExpiresAt().Sub(ms(p.tenant.Now())), mfa.RetryAfter(step.Resend(t.Context())))

	assert.Zero(t, mfa.RetryAfter(&flow.CooldownError{}))
	synctest.Test(t, func(t *testing.T) {
		assert.Equal(t, time.Minute, mfa.RetryAfter(&flow.CooldownError{ResendAt: time.Now().Add(time.Minute)}))
	})
}
