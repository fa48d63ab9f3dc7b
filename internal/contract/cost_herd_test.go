package contract

import (
	"errors"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/internal/wiretest"
)

// throttled is a tenant that accepts so many requests at once and so many more a
// second, and asks the others to come back in the next second, as whole seconds
// are all that Retry-After can say.
type throttled struct {
	rate int

	mu       sync.Mutex
	left     float64
	refilled time.Time
	arrivals []time.Time
	served   []time.Time
}

func (s *throttled) RoundTrip(req *http.Request) (*http.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	s.arrivals = append(s.arrivals, now)
	s.left = min(float64(s.rate), s.left+now.Sub(s.refilled).Seconds()*float64(s.rate))
	s.refilled = now
	if s.left < 1 {
		return wiretest.RateLimited("1").HTTP(req), nil
	}
	s.left--
	s.served = append(s.served, now)
	return wiretest.Named("challenge").Success.HTTP(req), nil
}

// peak is the largest number of requests within a tenth of a second, of those
// that come after the first responses.
func (s *throttled) peak() int {
	most, from := 0, 0
	later := slices.DeleteFunc(slices.Clone(s.arrivals), func(at time.Time) bool { return at.Equal(s.arrivals[0]) })
	for to, at := range later {
		for at.Sub(later[from]) >= 100*time.Millisecond {
			from++
		}
		most = max(most, to-from+1)
	}
	return most
}

// A thousand users sign in at once, on a tenant that accepts 100 requests a
// second. Those who wait as long as they are told come back together and are
// refused together; those who add jitter, the more the more often they were
// refused, spread out to what the tenant accepts.
func TestCost_thunderingHerd(t *testing.T) {
	t.Parallel()
	const callers, rate = 1000, 100
	herd := func(t *testing.T, wait func(retryAfter time.Duration, refusals int, random *rand.Rand) time.Duration) (peak, requests int, half, all time.Duration) {
		synctest.Test(t, func(t *testing.T) {
			tenant := &throttled{rate: rate, left: rate, refilled: time.Now()}
			client, err := mfa.NewClient(wiretest.Domain, wiretest.ClientID, mfa.WithHTTPClient(&http.Client{Transport: tenant}))
			require.NoError(t, err)
			began := time.Now()
			for i := range callers {
				go func() {
					random := rand.New(rand.NewPCG(1, uint64(i)))
					for refusals := 0; ; refusals++ {
						_, err := wiretest.Named("challenge").Call(t.Context(), client)
						if mfa.NextAction(err) != mfa.ActionWait {
							assert.NoError(t, err)
							return
						}
						var e *mfa.Error
						errors.As(err, &e)
						time.Sleep(wait(e.RetryAfter, refusals, random)) // of the bubble's clock
					}
				}()
			}
			synctest.Wait()
			for len(tenant.arrivals) > requests { // nobody came for longer than anybody waits
				requests = len(tenant.arrivals)
				time.Sleep(time.Hour) // of the bubble's clock
				synctest.Wait()
			}
			require.Len(t, tenant.served, callers)
			half, all = tenant.served[callers/2].Sub(began), tenant.served[callers-1].Sub(began)
			peak = tenant.peak()
		})
		return peak, requests, half, all
	}

	peak, requests, half, all := herd(t, func(retryAfter time.Duration, _ int, _ *rand.Rand) time.Duration { return retryAfter })
	t.Logf("in step: %d requests in a tenth of a second, %d in all, half of the users served after %v, all after %v", peak, requests, half, all)
	assert.Equal(t, callers-rate, peak, "all who were refused are back in the same moment")
	assert.Equal(t, 5500, requests, "1000 + 900 + … + 100")

	jitteredPeak, jitteredRequests, half, all := herd(t, func(retryAfter time.Duration, refusals int, random *rand.Rand) time.Duration {
		return retryAfter + time.Duration(random.Int64N(int64(retryAfter)<<(refusals+1)))
	})
	t.Logf("with jitter: %d requests in a tenth of a second, %d in all, half of the users served after %v, all after %v", jitteredPeak, jitteredRequests, half, all)
	assert.Less(t, jitteredPeak, peak/5)
	assert.Less(t, jitteredRequests, requests*2/3)
}
