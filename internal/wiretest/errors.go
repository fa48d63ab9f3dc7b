package wiretest

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
)

// AssertRefused asserts that a local check refused these fields, sent nothing
// and did not repeat the value.
func AssertRefused(t *testing.T, s *Tenant, err error, value string, fields ...string) {
	t.Helper()
	var e *mfa.Error
	require.ErrorAs(t, err, &e)
	assert.ElementsMatch(t, fields, e.Fields)
	AssertMeans(t, err, mfa.ErrInvalidRequest)
	assert.Equal(t, mfa.DeliveryNotSent, e.Delivery)
	assert.Zero(t, e.StatusCode)
	assert.Empty(t, e.Code+e.Description)
	for _, field := range fields {
		assert.Contains(t, err.Error(), field)
	}
	if len(value) > 2 { // shorter ones are in any text
		assert.NotContains(t, fmt.Sprintf("%v %#v %q", err, err, err), value)
	}
	assert.Empty(t, s.Requests())
}

// Sentinel is an error to match with errors.Is, and what the page should do
// when it comes alone.
type Sentinel struct {
	Name string
	Err  error
	Next mfa.Action
}

// Sentinels are all errors to match with errors.Is.
var Sentinels = []Sentinel{
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

// AssertMeans asserts that err matches these sentinels and no others, but for
// ErrRateLimited, which its two kinds match as well.
func AssertMeans(t *testing.T, err error, want ...error) {
	t.Helper()
	if slices.Contains(want, mfa.ErrTooManyAttempts) || slices.Contains(want, mfa.ErrTooManyMessages) {
		want = append(want, mfa.ErrRateLimited)
	}
	for _, s := range Sentinels {
		if slices.Contains(want, s.Err) {
			assert.ErrorIs(t, err, s.Err, s.Name)
		} else {
			assert.NotErrorIs(t, err, s.Err, s.Name)
		}
	}
}
