package flow

import (
	"context"
	"errors"

	"github.com/go-auth0-mfa/mfa"
)

// Poll asks once whether the user approved the push notification. It does not
// wait: before [Step.PollAt] it refuses with [*CooldownError], without a
// request. After a nil error look at [Step.State], as after [Flow.Submit].
//
// While the user has not decided, the error is [mfa.ErrAuthorizationPending]:
// poll again at PollAt. After [mfa.ErrSlowDown] the interval is 5 seconds
// longer for the rest of the step. After [mfa.ErrRejected] this notification is
// over; offer [Flow.Resend] or [Flow.Choose]. Other errors are those of
// [mfa.Client.PollPush], and [ErrStepState].
//
// RFC 8628, section 3.5.
func (f *Flow) Poll(ctx context.Context, s *Step) error {
	if err := f.check(s, "Poll", StatePoll); err != nil {
		return err
	}
	if f.now().Before(s.pollAt) {
		return &CooldownError{ResendAt: s.pollAt}
	}
	token, err := f.client.PollPush(ctx, mfa.PollPushRequest{MFAToken: s.mfaToken, OOBCode: s.oobCode})
	if errors.Is(err, mfa.ErrSlowDown) {
		s.pollInterval += slowDown
	}
	s.pollAt = f.now().Add(max(s.pollInterval, waitIn(err)))
	return f.verified(ctx, s, token, err)
}
