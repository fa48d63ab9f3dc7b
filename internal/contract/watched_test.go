package contract

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/internal/wiretest"
)

// Where the peers of these tests are.
const (
	plainPeer  = "http://localhost"
	securePeer = wiretest.CertifiedHost
)

// The operations by which these tests tell kinds of calls apart.
var (
	reading  = wiretest.Named(mfa.OpListAuthenticators)
	acting   = wiretest.Named(mfa.OpChallenge)
	deleting = wiretest.Named(mfa.OpDeleteAuthenticator)
	warming  = wiretest.Named(mfa.OpWarm)
)

// attempts are how many a call makes.
type attempts struct{ reading, acting int }

// of returns those of the operation.
func (a attempts) of(op wiretest.Operation) int {
	if op.Op == reading.Op {
		return a.reading
	}
	return a.acting
}

// What a call makes of one kind of failure, at most.
var (
	notRepeated  = attempts{reading: 1, acting: 1}
	repeatedRead = attempts{reading: 3, acting: 1} // it failed, or may have been sent
	dialedAgain  = attempts{reading: 3, acting: 3} // it was provably not sent
)

// watched is a client whose attempts are watched.
type watched struct {
	client *mfa.Client
	events []mfa.Event
}

// watch returns a client of the tenant at domain, on this transport, which waits
// as long as it takes unless an option says otherwise.
func watch(t *testing.T, domain string, base http.RoundTripper, opts ...mfa.Option) *watched {
	t.Helper()
	w := &watched{}
	client, err := mfa.NewClient(domain, wiretest.ClientID, append([]mfa.Option{
		mfa.WithHTTPClient(&http.Client{Transport: base}),
		mfa.WithTimeout(time.Hour),
		mfa.WithObserver(func(_ context.Context, e mfa.Event) { w.events = append(w.events, e) }),
	}, opts...)...)
	require.NoError(t, err)
	w.client = client
	return w
}

// ending is how a call ended.
type ending struct {
	result any
	err    error
	mfa.Event
	events []mfa.Event // of all attempts; the last one is embedded
}

// call makes the call, and asserts that what its observers heard and what it
// returned agree.
func (w *watched) call(t *testing.T, op wiretest.Operation) ending {
	t.Helper()
	return w.callIn(t.Context(), t, op)
}

func (w *watched) callIn(ctx context.Context, t *testing.T, op wiretest.Operation) ending {
	t.Helper()
	w.events = nil
	result, err := op.Call(ctx, w.client)
	require.NotEmpty(t, w.events)
	for i, e := range w.events {
		assert.Equal(t, i+1, e.Attempt)
		assert.Equal(t, op.Op, e.Op)
		assert.GreaterOrEqual(t, e.Duration, time.Duration(0))
	}
	last := w.events[len(w.events)-1]
	if err != nil {
		assert.Nil(t, result)
		var e *mfa.Error
		require.ErrorAs(t, err, &e)
		assert.Equal(t, op.Op, e.Op)
		assert.Equal(t, last.StatusCode, e.StatusCode)
		assert.Equal(t, last.Delivery, e.Delivery)
		assert.Equal(t, last.RetryAfter, e.RetryAfter)
		assert.NotContains(t, fmt.Sprintf("%v %+v %#v %+v", err, err, err, w.events), wiretest.Quoted)
	}
	return ending{result, err, last, w.events}
}

// script is a transport on which the attempts of a call end one after the other
// as listed, the last way again and again.
type script struct {
	endings []wiretest.RoundTripper
	at      []time.Time
}

func ends(endings ...wiretest.RoundTripper) *script { return &script{endings: endings} }

func (s *script) RoundTrip(req *http.Request) (*http.Response, error) {
	n := min(len(s.at), len(s.endings)-1)
	s.at = append(s.at, time.Now())
	return s.endings[n](req)
}

// waits returns what lay between the attempts.
func (s *script) waits() []time.Duration {
	var waits []time.Duration
	for n := 1; n < len(s.at); n++ {
		waits = append(waits, s.at[n].Sub(s.at[n-1]))
	}
	return waits
}

// succeeds ends with the success of the operation that the request is of.
func succeeds(req *http.Request) (*http.Response, error) {
	for _, op := range []wiretest.Operation{reading, acting, warming} {
		if op.Route == req.URL.Path {
			return op.Success.HTTP(req), nil
		}
	}
	return deleting.Success.HTTP(req), nil
}

// responds ends with a response, and Retry-After unless that is empty.
func responds(status int, retryAfter string) wiretest.RoundTripper {
	return func(*http.Request) (*http.Response, error) {
		h := http.Header{}
		if retryAfter != "" {
			h.Set("Retry-After", retryAfter)
		}
		return &http.Response{StatusCode: status, Header: h, Body: http.NoBody}, nil
	}
}

// oversized ends with a response whose body is too large.
func oversized(status int) wiretest.RoundTripper {
	return func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: status, Header: http.Header{}, Body: http.NoBody, ContentLength: 1 << 30}, nil
	}
}

// lost ends after the request was sent.
func lost(req *http.Request) (*http.Response, error) {
	return wiretest.WithoutResponse(req, true, syscall.ECONNRESET)
}

// untraced ends without a word about connections.
func untraced(*http.Request) (*http.Response, error) { return nil, syscall.ECONNREFUSED }

// unsent ends before the request was sent.
func unsent(err error) wiretest.RoundTripper {
	return func(req *http.Request) (*http.Response, error) { return wiretest.WithoutResponse(req, false, err) }
}

func refused(req *http.Request) (*http.Response, error) {
	return wiretest.WithoutResponse(req, false, &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED})
}

// raw is a successful response to the operation as it stands on the wire.
func raw(op wiretest.Operation) string {
	return fmt.Sprintf("HTTP/1.1 %d OK\r\nContent-Length: %d\r\n\r\n%s", op.Success.Status, len(op.Success.Body), op.Success.Body)
}
