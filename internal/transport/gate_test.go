package transport_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa/internal/transport"
	"github.com/go-auth0-mfa/mfa/internal/wiretest"
)

// A burst opens no more connections than it needs, whatever number of streams the
// server allows, and nothing is sent twice or refused.
func TestGate_opensFewConnections(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		streams, calls, most int
	}{
		{1, 50, 60}, {3, 50, 25}, {100, 50, 1}, {100, 256, 6}, {128, 1000, 16}, {1000, 1000, 1},
	} {
		for _, warm := range []bool{false, true} {
			for _, counted := range []bool{false, true} {
				t.Run(fmt.Sprintf("streams=%d/calls=%d/warm=%t/own=%t", tt.streams, tt.calls, warm, counted), func(t *testing.T) {
					inBubble(t, func(t *testing.T) {
						s := (&site{streams: tt.streams, counted: counted}).start(t)
						c := newClient(s.transport, overTLS)
						if warm {
							require.NoError(t, send(t, c, get()).Err)
						}
						before := s.requests.Load()

						outs, took := burst(t.Context(), c, tt.calls)

						assert.Zero(t, failures(outs))
						assert.EqualValues(t, tt.calls, s.requests.Load()-before)
						assert.LessOrEqual(t, s.conns.Load(), int32(tt.most))
						if tt.most == 1 && (warm || counted) { // as if there were no gate
							assert.Equal(t, latency, took)
						}
					})
				})
			}
		}
	}
}

// One call that dials in vain, or for long, does not hold the others.
func TestGate_letsTheNextCallDial_whenADialHangs(t *testing.T) { //nolint:paralleltest // inBubble makes it parallel
	inBubble(t, func(t *testing.T) {
		s := (&site{streams: 100, dialing: func(ctx context.Context, n int) error {
			if n == 1 {
				<-ctx.Done()
			}
			return ctx.Err()
		}}).start(t)
		outs, took := burst(t.Context(), newClient(s.transport, overTLS), 50)
		assert.Zero(t, failures(outs))
		assert.EqualValues(t, 50, s.requests.Load())
		assert.LessOrEqual(t, s.dials.Load(), int32(3))
		assert.Less(t, took, time.Second) // of the bubble's clock
	})
}

func TestGate_letsTheNextCallDial_whenADialFails(t *testing.T) { //nolint:paralleltest // inBubble makes it parallel
	inBubble(t, func(t *testing.T) {
		s := (&site{streams: 100, dialing: func(_ context.Context, n int) error {
			if n == 1 {
				return errors.New("refused")
			}
			return nil
		}}).start(t)
		outs, took := burst(t.Context(), newClient(s.transport, overTLS), 50)
		assert.Zero(t, failures(outs))
		assert.EqualValues(t, 50, s.requests.Load())
		assert.EqualValues(t, 2, s.dials.Load())
		assert.Less(t, took, 4*latency)
	})
}

func TestGate_dialsOneAfterTheOther_whenEveryDialFails(t *testing.T) { //nolint:paralleltest // inBubble makes it parallel
	inBubble(t, func(t *testing.T) {
		var now, most atomic.Int32
		s := (&site{streams: 100, dialing: func(context.Context, int) error {
			most.Store(max(most.Load(), now.Add(1)))
			time.Sleep(time.Millisecond) // of the bubble's clock
			now.Add(-1)
			return errors.New("refused")
		}}).start(t)
		outs, _ := burst(t.Context(), newClient(s.transport, overTLS), 50)
		for _, out := range outs {
			assert.True(t, out.NotSent)
		}
		assert.EqualValues(t, 1, most.Load())
		assert.EqualValues(t, 3*50, s.dials.Load())
	})
}

// A call that waits ends with its context, provably unsent, and leaves its place to
// another.
func TestGate_endsWithTheContext(t *testing.T) { //nolint:paralleltest // inBubble makes it parallel
	inBubble(t, func(t *testing.T) {
		var stuck atomic.Bool
		stuck.Store(true)
		s := (&site{streams: 100, dialing: func(ctx context.Context, _ int) error {
			if stuck.Load() {
				<-ctx.Done()
			}
			return ctx.Err()
		}}).start(t)
		c := newClient(s.transport, overTLS)
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		outs, took := burst(ctx, c, 50)
		for _, out := range outs {
			require.ErrorIs(t, out.Err, context.DeadlineExceeded)
			assert.True(t, out.NotSent)
		}
		assert.Equal(t, 100*time.Millisecond, took)
		assert.EqualValues(t, 1, s.dials.Load())

		stuck.Store(false)
		outs, _ = burst(t.Context(), c, 50)
		assert.Zero(t, failures(outs))
		assert.EqualValues(t, 50, s.requests.Load())
	})
}

// The call that dialed gives up before its response: the others do not take the
// connection for one that is known.
func TestGate_waitsForTheNextResponse_whenTheFirstCallGivesUp(t *testing.T) { //nolint:paralleltest // inBubble makes it parallel
	inBubble(t, func(t *testing.T) {
		s := (&site{streams: 1}).start(t)
		c := newClient(s.transport, overTLS)
		ctx, cancel := context.WithTimeout(t.Context(), latency/2)
		defer cancel()
		first := make(chan transport.Outcome)
		go func() { first <- sendIn(ctx, c, post()) }()
		synctest.Wait()
		outs, _ := burst(t.Context(), c, 20)
		require.ErrorIs(t, (<-first).Err, context.DeadlineExceeded)
		assert.Zero(t, failures(outs))
		assert.EqualValues(t, 21, s.requests.Load())
	})
}

// A first response that takes long does not hold the others for as long.
func TestGate_waitsForNoSlowResponse(t *testing.T) { //nolint:paralleltest // inBubble makes it parallel
	inBubble(t, func(t *testing.T) {
		s := (&site{streams: 100, responds: func(n int) time.Duration {
			if n == 1 {
				return 30 * time.Second
			}
			return latency
		}}).start(t)
		c := newClient(s.transport, overTLS)
		slow := make(chan transport.Outcome)
		go func() { slow <- send(t, c, post()) }()
		synctest.Wait()
		outs, took := burst(t.Context(), c, 50)
		assert.Zero(t, failures(outs))
		assert.Less(t, took, time.Second)
		assert.EqualValues(t, 1, s.conns.Load())
		assert.Equal(t, http.StatusOK, (<-slow).Status)
	})
}

// Over HTTP/1.1 a call waits for no other one once the protocol is known.
func TestGate_isOpen_overHTTP1(t *testing.T) { //nolint:paralleltest // inBubble makes it parallel
	inBubble(t, func(t *testing.T) {
		const dial = 10 * time.Millisecond
		s := (&site{
			speaks:  func(int) string { return "http/1.1" },
			dialing: func(context.Context, int) error { time.Sleep(dial); return nil }, // of the bubble's clock
		}).start(t)
		c := newClient(s.transport, overTLS)
		outs, took := burst(t.Context(), c, 64)
		assert.Zero(t, failures(outs))
		assert.Equal(t, 2*dial+latency, took)
		for range 19 {
			outs, took = burst(t.Context(), c, 64)
			assert.Zero(t, failures(outs))
			assert.Equal(t, latency, took)
		}
		assert.EqualValues(t, 64, s.conns.Load())
		assert.EqualValues(t, 20*64, s.requests.Load())
	})
}

// Each connection of a server may speak another protocol.
func TestGate_followsTheProtocol(t *testing.T) {
	t.Parallel()
	for _, streams := range []int{1, 100} {
		t.Run(strconv.Itoa(streams), func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				protocol := "h2"
				s := (&site{streams: streams, speaks: func(int) string { return protocol }}).start(t)
				c := newClient(s.transport, overTLS)
				for _, now := range []string{"h2", "http/1.1", "h2", "http/1.1", "h2"} {
					wiretest.CloseIdle(s.transport)
					synctest.Wait()
					protocol = now
					s.conns.Store(0)
					s.requests.Store(0)
					outs, took := burst(t.Context(), c, 20)
					assert.Zero(t, failures(outs), now)
					assert.EqualValues(t, 20, s.requests.Load(), now)
					assert.LessOrEqual(t, s.conns.Load(), int32(3*20), now)
					assert.Less(t, took, time.Second, now) // of the bubble's clock
				}
			})
		})
	}
}

// A transport that tells nothing by httptrace is not held back.
func TestGate_isOpen_withoutHTTPTrace(t *testing.T) { //nolint:paralleltest // inBubble makes it parallel
	inBubble(t, func(t *testing.T) {
		var requests atomic.Int32
		c := newClient(wiretest.RoundTripper(func(r *http.Request) (*http.Response, error) {
			requests.Add(1)
			time.Sleep(latency) // of the bubble's clock
			return wiretest.Named("challenge").Success.HTTP(r), nil
		}), overTLS)
		for range 2 {
			outs, took := burst(t.Context(), c, 1000)
			assert.Zero(t, failures(outs))
			assert.Equal(t, latency, took)
		}
		assert.EqualValues(t, 2000, requests.Load())
	})
}

// A caller's transport that does something else first is not held back by that.
func TestGate_doesNotWaitForACallersTransport(t *testing.T) { //nolint:paralleltest // inBubble makes it parallel
	inBubble(t, func(t *testing.T) {
		s := (&site{streams: 100}).start(t)
		c := newClient(wiretest.RoundTripper(func(r *http.Request) (*http.Response, error) {
			time.Sleep(latency) // a token from elsewhere, on the bubble's clock
			return s.transport.RoundTrip(r)
		}), overTLS)
		for range 3 {
			outs, took := burst(t.Context(), c, 50)
			assert.Zero(t, failures(outs))
			assert.LessOrEqual(t, took, 4*latency) // with one repeat at most
		}
		assert.EqualValues(t, 3*50, s.requests.Load())
	})
}

// Nor is one that asks at once left alone.
func TestGate_holdsACallersTransport(t *testing.T) { //nolint:paralleltest // inBubble makes it parallel
	inBubble(t, func(t *testing.T) {
		s := (&site{streams: 100}).start(t)
		c := newClient(wiretest.RoundTripper(func(r *http.Request) (*http.Response, error) {
			return s.transport.RoundTrip(r)
		}), overTLS)
		require.NoError(t, send(t, c, get()).Err)
		outs, _ := burst(t.Context(), c, 256)
		assert.Zero(t, failures(outs))
		assert.EqualValues(t, 1+256, s.requests.Load())
		assert.LessOrEqual(t, s.conns.Load(), int32(6))
	})
}
