package flow

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/go-auth0-mfa/mfa"
)

// Poll holds the parameters of [Step.Poll].
type Poll struct {
	// EndUserIP is the user's address as the backend itself saw it, as in
	// [mfa.PollPushRequest]. If zero, it is not sent.
	EndUserIP netip.Addr
}

// Poll asks once whether the user approved the push notification. It does not
// wait. After a nil error look at [Step.State], as after [Step.Submit].
//
// While the user has not decided, as far as is known, the error is
// [mfa.ErrAuthorizationPending]: poll again at [Step.PollAt]. Before that Poll
// returns the same error without a request. After [mfa.ErrSlowDown] the interval
// is 5 seconds longer for the rest of the step. After [mfa.ErrRejected] this
// notification is over and PollAt is zero; offer [Step.Resend] or [Step.Choose].
// Other errors are those of [mfa.Client.PollPush], and [ErrStepState].
//
// RFC 8628, section 3.5.
func (s *Step) Poll(ctx context.Context, p Poll) error {
	f, err := s.in("Poll", StatePoll)
	if err != nil {
		return err
	}
	if f.now().Before(s.pollAt) {
		return fmt.Errorf("flow: Poll: not before PollAt: %w", mfa.ErrAuthorizationPending)
	}
	token, err := f.client.PollPush(ctx, mfa.PollPushRequest{MFAToken: s.mfaToken, OOBCode: s.oobCode, EndUserIP: p.EndUserIP})
	if errors.Is(err, mfa.ErrSlowDown) {
		s.pollInterval += slowDown
	}
	s.pollAt = f.now().Add(max(s.pollInterval, waitIn(err)))
	if errors.Is(err, mfa.ErrRejected) {
		s.pollAt = time.Time{}
	}
	return f.verified(ctx, s, token, err)
}
