package flow

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/go-auth0-mfa/mfa"
)

// Poll asks once whether the user approved the push notification. It does not
// wait. After a nil error look at [Step.State], as after [Flow.Submit].
//
// While the user has not decided, as far as is known, the error is
// [mfa.ErrAuthorizationPending]: poll again at [Step.PollAt]. Before that Poll
// returns the same error without a request. After [mfa.ErrSlowDown] the interval
// is 5 seconds longer for the rest of the step. After [mfa.ErrRejected] this
// notification is over and PollAt is zero; offer [Flow.Resend] or [Flow.Choose].
// Other errors are those of [mfa.Client.PollPush], and [ErrStepState].
//
// RFC 8628, section 3.5.
func (f *Flow) Poll(ctx context.Context, s *Step) error {
	if err := f.check(s, "Poll", StatePoll); err != nil {
		return err
	}
	if f.now().Before(s.pollAt) {
		return fmt.Errorf("flow: Poll: not before PollAt: %w", mfa.ErrAuthorizationPending)
	}
	token, err := f.client.PollPush(ctx, mfa.PollPushRequest{MFAToken: s.mfaToken, OOBCode: s.oobCode})
	if errors.Is(err, mfa.ErrSlowDown) {
		s.pollInterval += slowDown
	}
	s.pollAt = f.now().Add(max(s.pollInterval, waitIn(err)))
	if errors.Is(err, mfa.ErrRejected) {
		s.pollAt = time.Time{}
	}
	return f.verified(ctx, s, token, err)
}
