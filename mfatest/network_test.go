package mfatest_test

import (
	"context"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/flow"
	"github.com/go-auth0-mfa/mfa/mfatest"
)

func TestWithMemoryNetwork_example(t *testing.T) {
	t.Parallel()
	synctest.Test(t, teaTime)
}

// A guided login with all its waits: the code expires, another one may only be
// sent after the interval, ten wrong codes lock the user out until one more try
// comes back, and a push notification is polled.
func TestWithMemoryNetwork_waitsAreTheBubbles(t *testing.T) {
	t.Parallel()
	inBubbles(t, func(t *testing.T, a api, _ int) {
		start := time.Now()
		user := with("grace@example.com", mfa.FactorEmail, mfa.FactorPush)
		a.tenant.AddUser(user)
		guided, err := flow.New(a.tenant.Client(mfa.WithHTTPClient(a.client))) // on time.Now, as every program's is
		require.NoError(t, err)
		login := func() *flow.Step {
			_, err := a.tenant.Client().PasswordLogin(t.Context(), mfa.PasswordLoginRequest{Username: user.Email, Password: mfa.NewSecret(password)})
			step, err := guided.Begin(t.Context(), err)
			require.NoError(t, err)
			return step
		}
		submit := func(step *flow.Step, code string) error {
			return step.Submit(t.Context(), flow.Submission{Code: mfa.NewSecret(code)})
		}
		step := login()
		require.Equal(t, flow.StateEnterCode, step.State(), "the mail went out at once")

		time.Sleep(time.Until(step.CodeExpiresAt()))
		require.ErrorIs(t, submit(step, a.lastCode(user.Email)), mfa.ErrChallengeExpired)
		require.NoError(t, step.Resend(t.Context()))
		var early *flow.CooldownError
		require.ErrorAs(t, step.Resend(t.Context()), &early)
		time.Sleep(time.Until(early.ResendAt))
		require.NoError(t, step.Resend(t.Context()))
		require.Len(t, a.tenant.Inbox(user.Email), 3)

		for range 9 {
			require.ErrorIs(t, submit(step, otherCode(a.lastCode(user.Email))), mfa.ErrInvalidCode)
		}
		require.Error(t, submit(step, a.lastCode(user.Email)), "locked out")
		time.Sleep(6 * time.Minute)
		step = login()
		require.NoError(t, submit(step, a.lastCode(user.Email)))
		require.Equal(t, flow.StateDone, step.State())

		step = login()
		time.Sleep(3 * time.Second) // right after a message no other is sent
		require.NoError(t, step.Choose(t.Context(), a.id(user.Email, "push")))
		decided := time.AfterFunc(12*time.Second, func() { a.tenant.ApprovePush(user.Email) })
		defer decided.Stop()
		polls := 0
		for ; step.State() == flow.StatePoll; polls++ {
			time.Sleep(time.Until(step.PollAt()))
			err := step.Poll(t.Context(), flow.Poll{})
			require.True(t, err == nil || mfa.NextAction(err) == mfa.ActionPoll, err)
		}
		assert.Equal(t, 3, polls, "after 5, 10 and 15 seconds")
		assert.Equal(t, 5*time.Minute+30*time.Second+6*time.Minute+18*time.Second, time.Since(start))
	})
}

// A bubble ends only if no goroutine is left in it.
func TestWithMemoryNetwork_closeEndsTheBubble(t *testing.T) {
	t.Parallel()
	inBubbles(t, func(t *testing.T, a api, _ int) {
		a.tenant.Fail(mfatest.Fault{Op: mfa.OpPasswordLogin, Kind: mfatest.FaultHang})
		hung := make(chan error, 1)
		go func() { hung <- loginError(a) }()
		synctest.Wait()
		require.NoError(t, get(a, "/.well-known/jwks.json"))
		a.tenant.Close()
		require.Error(t, <-hung)
		require.Error(t, loginError(a), "nobody listens any more")
		a.tenant.Close()
	})
}

func TestWithMemoryNetwork_reachesTheTenantAlone(t *testing.T) {
	t.Parallel()
	a := newAPI(t, nil, mfatest.WithAddr("127.0.0.1:0"), mfatest.WithMemoryNetwork()) // the last one wins; also outside of bubbles
	b := newAPI(t, nil, mfatest.WithMemoryNetwork())
	assert.NotEqual(t, a.tenant.URL, b.tenant.URL)
	a.mfaToken(ada)
	require.NoError(t, a.tenant.Client().Warm(t.Context()))
	var unknown *net.DNSError
	for _, other := range []string{b.tenant.URL, "https://127.0.0.1", a.tenant.URL + ":8443"} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, other, http.NoBody)
		require.NoError(t, err)
		require.ErrorAs(t, read(a.tenant.HTTPClient().Do(req)), &unknown, other)
		assert.True(t, unknown.IsNotFound)
	}
	socket := newAPI(t, nil, mfatest.WithMemoryNetwork(), mfatest.WithAddr("127.0.0.1:0"))
	assert.Contains(t, socket.tenant.URL, "https://127.0.0.1:")

	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, post(canceled, b, "/oauth/token", nil), context.Canceled)
}
