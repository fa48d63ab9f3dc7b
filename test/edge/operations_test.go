//go:build linux

package edge

import (
	"context"
	"errors"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
)

// operations are a call that acts and has a body, one that acts and has none, and
// one that reads.
var operations = map[string]struct {
	call    func(context.Context, *mfa.Client) error
	acts    bool
	unknown mfa.Action // what to do after ErrOutcomeUnknown
	body    string     // of a response that is a success
}{
	"POST": {
		call:    func(ctx context.Context, c *mfa.Client) error { return challenge(ctx, c, "token") },
		acts:    true,
		unknown: mfa.ActionCheckInbox,
		body:    challenged("token"),
	},
	"DELETE": {
		call: func(ctx context.Context, c *mfa.Client) error {
			return c.DeleteAuthenticator(ctx, mfa.DeleteAuthenticatorRequest{Token: mfa.NewSecret("token"), AuthenticatorID: "email|dev_1"})
		},
		acts:    true,
		unknown: mfa.ActionRetryLater,
		body:    "{}",
	},
	"GET": {
		call: func(ctx context.Context, c *mfa.Client) error {
			_, err := c.ListAuthenticators(ctx, mfa.ListAuthenticatorsRequest{Token: mfa.NewSecret("token")})
			return err
		},
		unknown: mfa.ActionRetryLater,
		body:    "[]",
	},
}

// carriers are the package's transport, one that a caller made, and a wrapped one.
var carriers = map[string]func(*http.Transport) http.RoundTripper{
	"default": func(tr *http.Transport) http.RoundTripper { return tr },
	"caller's": func(tr *http.Transport) http.RoundTripper {
		return &http.Transport{TLSClientConfig: tr.TLSClientConfig, Protocols: tr.Protocols, ForceAttemptHTTP2: true}
	},
	"wrapped": func(tr *http.Transport) http.RoundTripper { return wrapped{tr} },
}

// wrapped is a transport of which only RoundTrip can be reached.
type wrapped struct{ http.RoundTripper }

func (w wrapped) CloseIdleConnections() {
	w.RoundTripper.(interface{ CloseIdleConnections() }).CloseIdleConnections()
}

// outcome is how a call ended.
type outcome int

const (
	succeeds outcome = iota
	notSent          // provably not acted on
	unknown          // it may have been acted on
)

// assertEnded checks an error, what it means and what to do next.
func assertEnded(t *testing.T, want outcome, op string, err error) {
	t.Helper()
	if want == succeeds {
		require.NoError(t, err)
		return
	}
	var e *mfa.Error
	require.ErrorAs(t, err, &e)
	assert.NotErrorIs(t, err, context.Canceled, "nobody canceled")
	assert.Zero(t, e.StatusCode)
	assert.Equal(t, want == unknown && operations[op].acts, errors.Is(err, mfa.ErrOutcomeUnknown), err)
	switch want {
	case notSent:
		assert.Equal(t, mfa.DeliveryNotSent, e.Delivery, reason(err))
		assert.Equal(t, mfa.ActionRetryLater, mfa.NextAction(err))
	case unknown:
		assert.Equal(t, mfa.DeliveryUnknown, e.Delivery, reason(err))
		assert.Equal(t, operations[op].unknown, mfa.NextAction(err))
	}
}
