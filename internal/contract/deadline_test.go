package contract

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/internal/wiretest"
)

var (
	errReason = errors.New("the user left")
	errGaveUp = errors.New("gave up")
)

// hangs responds with nothing until the request is given up, and then with an
// error that says nothing of the context, as some transports do.
func hangs(req *http.Request) (*http.Response, error) {
	<-req.Context().Done()
	return wiretest.WithoutResponse(req, true, errGaveUp)
}

func TestClient_endsInTime(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		context func(context.Context) (context.Context, context.CancelFunc)
		after   time.Duration
		want    []error
	}{
		{"no deadline", context.WithCancel, 30 * time.Second, []error{context.DeadlineExceeded}},
		{"earlier deadline", func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, 10*time.Second)
		}, 10 * time.Second, []error{context.DeadlineExceeded}},
		{"later deadline", func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, 40*time.Second)
		}, 30 * time.Second, []error{context.DeadlineExceeded}},
		{"deadline with a cause", func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeoutCause(ctx, 10*time.Second, errReason)
		}, 10 * time.Second, []error{context.DeadlineExceeded, errReason}},
		{"canceled", func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(ctx)
			time.AfterFunc(5*time.Second, cancel)
			return ctx, cancel
		}, 5 * time.Second, []error{context.Canceled}},
		{"canceled with a cause", func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancelCause(ctx)
			time.AfterFunc(5*time.Second, func() { cancel(errReason) })
			return ctx, func() { cancel(nil) }
		}, 5 * time.Second, []error{context.Canceled, errReason}},
	}
	phases := map[string]func(net.Conn, int) bool{
		"no response": wiretest.Stalls(""),
		"header":      wiretest.Stalls("HTTP/1.1 200 OK\r\n"),
		"body":        wiretest.Stalls("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\na"),
		"opaque":      nil,
	}
	for _, tt := range tests {
		for phase, respond := range phases {
			for _, op := range wiretest.Operations {
				t.Run(tt.name+"/"+phase+"/"+op.String(), func(t *testing.T) {
					t.Parallel()
					synctest.Test(t, func(t *testing.T) {
						var base http.RoundTripper = wiretest.RoundTripper(hangs)
						if respond != nil {
							tr := wiretest.NewPeer(respond).Transport()
							defer wiretest.CloseIdle(tr)
							base = tr
						}
						ctx, cancel := tt.context(t.Context())
						defer cancel()
						w := watch(t, plainPeer, base, mfa.WithTimeout(30*time.Second))
						began := time.Now()

						out := w.callIn(ctx, t, op)

						assert.Equal(t, tt.after, time.Since(began))
						assert.Equal(t, tt.after, out.Duration)
						for _, want := range tt.want {
							require.ErrorIs(t, out.err, want)
						}
						assert.Equal(t, respond == nil, errors.Is(out.err, errGaveUp))
						assert.Zero(t, out.StatusCode)
						assert.Equal(t, mfa.DeliveryUnknown, out.Delivery)
						assert.Equal(t, 1, out.Attempt)
					})
				})
			}
		}
	}
}

func TestClient_doesNotWaitPastTheDeadline(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		op       wiretest.Operation
		ends     wiretest.RoundTripper
		timeout  time.Duration
		attempts int
		status   int
	}{
		{"too short", reading, responds(503, "3"), 2 * time.Second, 1, 503},
		{"exactly too short", reading, responds(503, "3"), 3 * time.Second, 1, 503},
		{"just enough, spread and all", reading, responds(503, "3"), 3300*time.Millisecond + 2, 2, 503},
		{"too short for the back-off", reading, lost, 50 * time.Millisecond, 1, 0},
		{"too short", acting, responds(429, "30"), 29 * time.Second, 1, 429},
		{"enough for one", acting, responds(429, "30"), 59 * time.Second, 2, 429},
		{"too short for the back-off", acting, refused, 50 * time.Millisecond, 1, 0},
	}
	for _, tt := range tests {
		t.Run(tt.op.String()+"/"+tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := ends(tt.ends)

				out := watch(t, wiretest.Domain, s, mfa.WithTimeout(tt.timeout), mfa.WithRateLimitRetry(time.Minute)).call(t, tt.op)

				require.Len(t, s.at, tt.attempts)
				assert.Zero(t, time.Since(s.at[tt.attempts-1]), "it waited after the last attempt")
				assert.Equal(t, tt.status, out.StatusCode)
				require.Error(t, out.err)
				assert.NotErrorIs(t, out.err, context.DeadlineExceeded)
				assert.NotErrorIs(t, out.err, context.Canceled)
				assert.Equal(t, tt.status != 0, out.RetryAfter > 0)
			})
		})
	}
}

func TestClient_endsWhenCanceledWhileWaiting(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		op       wiretest.Operation
		ends     wiretest.RoundTripper
		status   int
		delivery mfa.Delivery
	}{
		{"503", reading, responds(503, "5"), 503, mfa.DeliveryAnswered},
		{"429", acting, responds(429, "30"), 429, mfa.DeliveryAnswered},
		{"not sent", acting, refused, 0, mfa.DeliveryNotSent},
	}
	for _, tt := range tests {
		t.Run(tt.op.String()+"/"+tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancelCause(t.Context())
				const soon = 20 * time.Millisecond
				time.AfterFunc(soon, func() { cancel(errReason) })
				s := ends(tt.ends)
				began := time.Now()

				out := watch(t, wiretest.Domain, s, mfa.WithRateLimitRetry(time.Minute)).callIn(ctx, t, tt.op)

				assert.Equal(t, soon, time.Since(began))
				assert.Len(t, s.at, 1)
				assert.Equal(t, tt.status, out.StatusCode)
				assert.Equal(t, tt.delivery, out.Delivery)
				require.ErrorIs(t, out.err, context.Canceled)
				require.ErrorIs(t, out.err, errReason)
			})
		})
	}
}

// What ended the call first is what it ended by.
func TestClient_endsByTheCancellation_whenTheDeadlineCameLater(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		var sent *http.Request
		out := watch(t, wiretest.Domain, wiretest.RoundTripper(func(req *http.Request) (*http.Response, error) {
			sent = req
			cancel()
			<-time.After(2 * time.Second) // of the bubble's clock, past the deadline
			return wiretest.WithoutResponse(req, true, errReason)
		}), mfa.WithTimeout(time.Second)).callIn(ctx, t, acting)

		require.ErrorIs(t, out.err, errReason)
		require.ErrorIs(t, out.err, context.Canceled)
		require.NotErrorIs(t, out.err, context.DeadlineExceeded)
		assert.Error(t, sent.Context().Err())
	})
}

// atEnd is an empty body that does something.
type atEnd func()

func (f atEnd) Read([]byte) (int, error) { f(); return 0, io.EOF }

// A response that is complete counts, whatever ends after it; and with the call
// ends its context.
func TestClient_succeeds_whenCanceledAfterTheResponse(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	for _, end := range []func(){func() {}, cancel} {
		var sent *http.Request
		out := watch(t, wiretest.Domain, wiretest.RoundTripper(func(req *http.Request) (*http.Response, error) {
			sent = req
			body := io.MultiReader(strings.NewReader(acting.Success.Body), atEnd(end))
			return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(body), ContentLength: -1}, nil
		})).callIn(ctx, t, acting)

		require.NoError(t, out.err)
		challenge, isChallenge := out.result.(*mfa.ChallengeResponse)
		require.True(t, isChallenge)
		assert.Equal(t, "Fe26.o", challenge.OOBCode.Reveal())
		assert.ErrorIs(t, sent.Context().Err(), context.Canceled)
	}
}

// unnoticed is a context whose deadline passes without anybody noticing.
type unnoticed struct {
	context.Context
	deadline time.Time
}

func (u unnoticed) Deadline() (time.Time, bool) { return u.deadline, true }

func TestClient_noticesADeadlineThatItsContextDoesNot(t *testing.T) {
	t.Parallel()
	for name, left := range map[string]time.Duration{"passed before": -time.Second, "passes during the attempt": time.Second} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := ends(func(req *http.Request) (*http.Response, error) {
					<-time.After(2 * time.Second)
					return refused(req)
				})

				out := watch(t, wiretest.Domain, s).callIn(unnoticed{t.Context(), time.Now().Add(left)}, t, acting)

				assert.Len(t, s.at, 1)
				require.ErrorIs(t, out.err, context.DeadlineExceeded)
				assert.Equal(t, mfa.DeliveryNotSent, out.Delivery)
			})
		})
	}
}

// Nor is anything signed for a call that has ended.
func TestClient_sendsNothing(t *testing.T) {
	t.Parallel()
	canceled, cancel := context.WithCancelCause(t.Context())
	cancel(errReason)
	expired, cancelExpired := context.WithDeadline(t.Context(), time.Unix(0, 0))
	t.Cleanup(cancelExpired)
	for name, tt := range map[string]struct {
		ctx  context.Context
		want []error
	}{
		"canceled before": {canceled, []error{context.Canceled, errReason}},
		"deadline before": {expired, []error{context.DeadlineExceeded}},
	} {
		for _, op := range wiretest.Operations {
			t.Run(name+"/"+op.String(), func(t *testing.T) {
				t.Parallel()
				s, made := ends(succeeds), 0

				out := watch(t, wiretest.Domain, s, numbered(&made)).callIn(tt.ctx, t, op)

				for _, want := range tt.want {
					require.ErrorIs(t, out.err, want)
				}
				assert.Equal(t, mfa.DeliveryNotSent, out.Delivery)
				assert.Equal(t, 1, out.Attempt)
				assert.Zero(t, made)
				assert.Empty(t, s.at)
			})
		}
	}
}

func TestClient_sendsNothing_withoutAnAssertion(t *testing.T) {
	t.Parallel()
	for _, op := range wiretest.Operations {
		if op.Parameters == nil {
			continue
		}
		t.Run(op.String(), func(t *testing.T) {
			t.Parallel()
			s := ends(succeeds)

			out := watch(t, wiretest.Domain, s, mfa.WithClientAssertion(func(context.Context) (string, error) { return "", errReason })).call(t, op)

			require.ErrorIs(t, out.err, errReason)
			assert.Equal(t, mfa.DeliveryNotSent, out.Delivery)
			assert.Equal(t, 1, out.Attempt)
			assert.Empty(t, s.at)
		})
	}
}
