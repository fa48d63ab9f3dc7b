package mfa_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/go-auth0-mfa/mfa"
)

// sentinels are all errors to match with errors.Is, with what the page should
// do about each when it comes alone.
var sentinels = []struct {
	name string
	err  error
	next mfa.Action
}{
	{"ErrMFARequired", mfa.ErrMFARequired, mfa.ActionVerifyMFA},
	{"ErrAlreadyEnrolled", mfa.ErrAlreadyEnrolled, mfa.ActionChallenge},
	{"ErrNotEnrolled", mfa.ErrNotEnrolled, mfa.ActionEnroll},
	{"ErrUnsupportedChallenge", mfa.ErrUnsupportedChallenge, mfa.ActionChallenge},
	{"ErrAuthenticatorNotFound", mfa.ErrAuthenticatorNotFound, mfa.ActionChallenge},
	{"ErrInvalidCode", mfa.ErrInvalidCode, mfa.ActionAskAgain},
	{"ErrInvalidToken", mfa.ErrInvalidToken, mfa.ActionRestartLogin},
	{"ErrTokenExpired", mfa.ErrTokenExpired, mfa.ActionRestartLogin},
	{"ErrChallengeExpired", mfa.ErrChallengeExpired, mfa.ActionResend},
	{"ErrTooManyAttempts", mfa.ErrTooManyAttempts, mfa.ActionWait},
	{"ErrTooManyMessages", mfa.ErrTooManyMessages, mfa.ActionWait},
	{"ErrRateLimited", mfa.ErrRateLimited, mfa.ActionWait},
	{"ErrAuthorizationPending", mfa.ErrAuthorizationPending, mfa.ActionPoll},
	{"ErrSlowDown", mfa.ErrSlowDown, mfa.ActionPoll},
	{"ErrRejected", mfa.ErrRejected, mfa.ActionResend},
	{"ErrDeliveryFailed", mfa.ErrDeliveryFailed, mfa.ActionRetryLater},
	{"ErrInvalidCredentials", mfa.ErrInvalidCredentials, mfa.ActionRestartLogin},
	{"ErrBlocked", mfa.ErrBlocked, mfa.ActionAbort},
	{"ErrInvalidClient", mfa.ErrInvalidClient, mfa.ActionFix},
	{"ErrGrantNotAllowed", mfa.ErrGrantNotAllowed, mfa.ActionFix},
	{"ErrInvalidRequest", mfa.ErrInvalidRequest, mfa.ActionFix},
	{"ErrServer", mfa.ErrServer, mfa.ActionRetryLater},
	{"ErrUnexpectedResponse", mfa.ErrUnexpectedResponse, mfa.ActionRetryLater},
	{"ErrOutcomeUnknown", mfa.ErrOutcomeUnknown, mfa.ActionRetryLater},
}

// assertMeans asserts that err matches these sentinels and no others, but for
// ErrRateLimited, which its two kinds match as well.
func assertMeans(t *testing.T, err error, want ...error) {
	t.Helper()
	if slices.Contains(want, mfa.ErrTooManyAttempts) || slices.Contains(want, mfa.ErrTooManyMessages) {
		want = append(want, mfa.ErrRateLimited)
	}
	for _, s := range sentinels {
		if slices.Contains(want, s.err) {
			assert.ErrorIs(t, err, s.err, s.name)
		} else {
			assert.NotErrorIs(t, err, s.err, s.name)
		}
	}
}

func TestSentinels(t *testing.T) {
	t.Parallel()
	for _, s := range sentinels {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			assertMeans(t, s.err, s.err)
			assertMeans(t, fmt.Errorf("login: %w", s.err), s.err)
			assert.NotEmpty(t, s.err.Error())
		})
	}
}
