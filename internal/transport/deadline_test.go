//go:build port

package transport_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa/internal/transport"
)

var (
	errReason = errors.New("the user left")
	errGaveUp = errors.New("gave up")
)

// counted numbers the bodies of the request and counts them.
func counted(req transport.Request) (transport.Request, *int) {
	made := new(int)
	req.Body = body(func(context.Context) ([]byte, error) {
		*made++
		return fmt.Appendf(nil, "body %d;", *made), nil
	})
	return req, made
}

// hangs answers nothing until the request is given up, and then with an error
// that says nothing of the context, as some transports do.
func hangs(req *http.Request) (*http.Response, error) {
	<-req.Context().Done()
	return unanswered(req, true, errGaveUp)
}

func TestClient_Do_endsInTime(t *testing.T) {
	t.Parallel()
	type contexts func(context.Context) (context.Context, context.CancelFunc)
	tests := []struct {
		name    string
		context contexts
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
		{"cancelled", func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(ctx)
			time.AfterFunc(5*time.Second, cancel)
			return ctx, cancel
		}, 5 * time.Second, []error{context.Canceled}},
		{"cancelled with a cause", func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancelCause(ctx)
			time.AfterFunc(5*time.Second, func() { cancel(errReason) })
			return ctx, func() { cancel(nil) }
		}, 5 * time.Second, []error{context.Canceled, errReason}},
	}
	phases := map[string]func() *http.Transport{
		"no answer": func() *http.Transport { return newPeer(stalls("")).transport() },
		"header":    func() *http.Transport { return newPeer(stalls("HTTP/1.1 200 OK\r\n")).transport() },
		"body": func() *http.Transport {
			return newPeer(stalls("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\na")).transport()
		},
		"opaque": nil,
	}
	for _, tt := range tests {
		for phase, base := range phases {
			for _, req := range []transport.Request{acting(), reading()} {
				t.Run(tt.name+"/"+phase+"/"+req.Method, func(t *testing.T) {
					t.Parallel()
					synctest.Test(t, func(t *testing.T) {
						var rt http.RoundTripper = roundTripper(hangs)
						if base != nil {
							tr := base()
							defer closeIdle(tr)
							rt = tr
						}
						ctx, cancel := tt.context(t.Context())
						defer cancel()
						began := time.Now()

						out := newClient(rt, timeout(30*time.Second)).Do(ctx, req, nil)

						assert.Equal(t, tt.after, time.Since(began))
						for _, want := range tt.want {
							require.ErrorIs(t, out.Err, want)
						}
						assert.Equal(t, base == nil, errors.Is(out.Err, errGaveUp))
						assert.Zero(t, out.Status)
						assert.False(t, out.NotSent)
						assert.Equal(t, 1, out.Attempt)
					})
				})
			}
		}
	}
}

func TestClient_Do_waitsNotPastTheDeadline(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		req      transport.Request
		ends     ending
		timeout  time.Duration
		attempts int
		status   int
	}{
		{"read, too short", reading(), answered(503, "3"), 2 * time.Second, 1, 503},
		{"read, exactly too short", reading(), answered(503, "3"), 3 * time.Second, 1, 503},
		{"read, just enough, spread and all", reading(), answered(503, "3"), 3300*time.Millisecond + 2, 2, 503},
		{"read, too short for the back-off", reading(), lost, 50 * time.Millisecond, 1, 0},
		{"acting, too short", acting(), answered(429, "30"), 29 * time.Second, 1, 429},
		{"acting, enough for one", acting(), answered(429, "30"), 59 * time.Second, 2, 429},
		{"acting, too short for the back-off", acting(), refused, 50 * time.Millisecond, 1, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := &script{endings: []ending{tt.ends}}

				out := do(t, newClient(s, timeout(tt.timeout), rateLimitWait(time.Minute)), tt.req)

				require.Len(t, s.at, tt.attempts)
				assert.Zero(t, time.Since(s.at[tt.attempts-1]), "it waited after the last attempt")
				assert.Equal(t, tt.status, out.Status)
				assert.NotErrorIs(t, out.Err, context.DeadlineExceeded)
				if tt.status != 0 {
					require.NoError(t, out.Err)
					assert.Positive(t, out.RetryAfter)
				}
			})
		})
	}
}

func TestClient_Do_cancelledWhileWaiting(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		req    transport.Request
		ends   ending
		status int
	}{
		{"read", reading(), answered(503, "5"), 503},
		{"acting", acting(), answered(429, "30"), 429},
		{"acting, never sent", acting(), refused, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancelCause(t.Context())
				const soon = 20 * time.Millisecond
				time.AfterFunc(soon, func() { cancel(errReason) })
				s := &script{endings: []ending{tt.ends}}
				began := time.Now()

				out := newClient(s, rateLimitWait(time.Minute)).Do(ctx, tt.req, nil)

				assert.Equal(t, soon, time.Since(began))
				assert.Len(t, s.at, 1)
				assert.Equal(t, tt.status, out.Status)
				assert.Equal(t, tt.status == 0, out.NotSent)
				require.ErrorIs(t, out.Err, context.Canceled)
				require.ErrorIs(t, out.Err, errReason)
			})
		})
	}
}

// What ended the call first is what it ended by.
func TestClient_Do_cancelledBeforeTheDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		var sent *http.Request
		out := newClient(roundTripper(func(req *http.Request) (*http.Response, error) {
			sent = req
			cancel()
			time.Sleep(2 * time.Second) // of the bubble's clock, past the deadline
			return unanswered(req, true, errReason)
		}), timeout(time.Second)).Do(ctx, acting(), nil)

		require.ErrorIs(t, out.Err, errReason)
		require.ErrorIs(t, out.Err, context.Canceled)
		require.NotErrorIs(t, out.Err, context.DeadlineExceeded)
		assert.Error(t, sent.Context().Err())
	})
}

// An answer that is complete counts, whatever ends after it; and with the call
// ends its context.
func TestClient_Do_cancelledAfterTheAnswer(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	for _, end := range []func(){func() {}, cancel} {
		var sent *http.Request
		out := newClient(roundTripper(func(req *http.Request) (*http.Response, error) {
			sent = req
			body := &closing{Reader: io.MultiReader(strings.NewReader("hello"), atEnd(end))}
			return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: body, ContentLength: -1}, nil
		})).Do(ctx, acting(), nil)

		require.NoError(t, out.Err)
		assert.Equal(t, "hello", string(out.Body))
		assert.ErrorIs(t, sent.Context().Err(), context.Canceled)
	}
}

// atEnd is an empty body that does something.
type atEnd func()

func (f atEnd) Read([]byte) (int, error) { f(); return 0, io.EOF }

// late is a context whose deadline has passed without anybody having noticed.
type late struct{ context.Context }

func (late) Deadline() (time.Time, bool) { return time.Unix(0, 0), true }

func TestClient_Do_noticesALateDeadline(t *testing.T) {
	t.Parallel()
	s := &script{endings: []ending{refused}}

	out := newClient(s).Do(late{t.Context()}, acting(), nil)

	assert.Len(t, s.at, 1)
	require.ErrorIs(t, out.Err, context.DeadlineExceeded)
	assert.True(t, out.NotSent)
}

func TestClient_Do_sendsNothing(t *testing.T) {
	t.Parallel()
	cancelled, cancel := context.WithCancelCause(t.Context())
	cancel(errReason)
	expired, cancelExpired := context.WithDeadline(t.Context(), time.Unix(0, 0))
	t.Cleanup(cancelExpired)
	broken := func(context.Context) ([]byte, error) { return nil, errReason }
	tests := []struct {
		name string
		ctx  context.Context
		body body
		want []error
	}{
		{"cancelled before", cancelled, nil, []error{context.Canceled, errReason}},
		{"deadline before", expired, nil, []error{context.DeadlineExceeded}},
		{"no body", t.Context(), broken, []error{errReason}},
	}
	for _, tt := range tests {
		for _, req := range []transport.Request{acting(), reading()} {
			t.Run(tt.name+"/"+req.Method, func(t *testing.T) {
				t.Parallel()
				s := &script{endings: []ending{answered(200, "")}}
				req, made := counted(req)
				if tt.body != nil {
					req.Body = tt.body
				}
				observed := 0

				out := newClient(s).Do(tt.ctx, req, func(transport.Outcome) { observed++ })

				for _, want := range tt.want {
					require.ErrorIs(t, out.Err, want)
				}
				assert.True(t, out.NotSent)
				assert.Equal(t, 1, out.Attempt)
				assert.Equal(t, 1, observed)
				assert.Zero(t, *made)
				assert.Empty(t, s.at)
			})
		}
	}
}
