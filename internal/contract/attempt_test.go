package contract

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

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/internal/wiretest"
)

func TestWithObserver_hearsOfEachAttempt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		slow := func(req *http.Request) (*http.Response, error) {
			<-time.After(70 * time.Millisecond)
			return wiretest.WithoutResponse(req, true, errors.New("reset"))
		}

		out := watch(t, wiretest.Domain, ends(refused, slow, responds(503, "7"))).call(t, reading)

		event := mfa.Event{Op: reading.Op, Method: reading.Method, Route: reading.Route}
		first, second, third := event, event, event
		first.Attempt, first.Delivery = 1, mfa.DeliveryNotSent
		second.Attempt, second.Delivery, second.Duration = 2, mfa.DeliveryUnknown, 70*time.Millisecond
		third.Attempt, third.Delivery, third.StatusCode, third.RetryAfter = 3, mfa.DeliveryAnswered, http.StatusServiceUnavailable, 7*time.Second
		assert.Equal(t, []mfa.Event{first, second, third}, out.events)
	})
}

// numbered returns an option that numbers the assertions and counts them.
func numbered(made *int) mfa.Option {
	return mfa.WithClientAssertion(func(context.Context) (string, error) {
		*made++
		return fmt.Sprintf("made.%d", *made), nil
	})
}

// An assertion is made anew for each attempt, also for one that is not sent: the
// one before may have expired meanwhile.
func TestWithClientAssertion_isAskedForEachAttempt(t *testing.T) {
	t.Parallel()
	for _, op := range wiretest.Operations {
		if op.Parameters == nil {
			continue
		}
		t.Run(op.String(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var sent []string
				keep := func(req *http.Request) (*http.Response, error) {
					body, err := io.ReadAll(req.Body)
					require.NoError(t, err)
					sent = append(sent, string(body))
					return responds(429, "1")(req)
				}
				made := 0

				out := watch(t, wiretest.Domain, ends(refused, keep), mfa.WithRateLimitRetry(time.Minute), numbered(&made)).call(t, op)

				assert.Equal(t, 4, out.Attempt)
				assert.Equal(t, 4, made)
				require.Len(t, sent, 3)
				for i, body := range sent {
					assert.Contains(t, body, fmt.Sprintf("made.%d", i+2))
					assert.Equal(t, 1, strings.Count(body, "made."))
				}
			})
		})
	}
}
