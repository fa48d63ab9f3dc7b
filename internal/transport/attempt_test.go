//go:build port

package transport_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa/internal/transport"
)

func TestClient_Do_observe(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		slow := func(req *http.Request) (*http.Response, error) {
			<-time.After(70 * time.Millisecond)
			return unanswered(req, true, errors.New("reset"))
		}
		s := &script{endings: []ending{refused, slow, answered(503, "7")}}
		var seen []transport.Outcome

		last := newClient(s).Do(t.Context(), reading(), func(out transport.Outcome) { seen = append(seen, out) })

		require.Len(t, seen, 3)
		for n, out := range seen {
			assert.Equal(t, n+1, out.Attempt)
		}
		assert.True(t, seen[0].NotSent)
		assert.Zero(t, seen[0].Duration)
		assert.False(t, seen[1].NotSent)
		assert.Equal(t, 70*time.Millisecond, seen[1].Duration)
		assert.Equal(t, http.StatusServiceUnavailable, seen[2].Status)
		assert.Equal(t, 7*time.Second, seen[2].RetryAfter)
		assert.Equal(t, seen[2], last)
	})
}

func TestClient_Do_makesABodyForEachAttempt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var sent strings.Builder
		keep := func(req *http.Request) (*http.Response, error) {
			buf := make([]byte, 16)
			n, _ := req.Body.Read(buf)
			sent.Write(buf[:n])
			return answered(429, "1")(req)
		}
		s := &script{endings: []ending{refused, keep}}
		req, made := counted(acting())

		out := do(t, newClient(s, rateLimitWait(time.Minute)), req)

		assert.Equal(t, 4, out.Attempt)
		assert.Equal(t, 4, *made)
		assert.Equal(t, "body 2;body 3;body 4;", sent.String())
	})
}
