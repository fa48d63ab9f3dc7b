package flow_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/flow"
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
