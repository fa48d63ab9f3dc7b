package fleet_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/go-redis/redis_rate/v10"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/examples/fleet"
	"github.com/go-auth0-mfa/mfa/internal/wiretest"
	"github.com/go-auth0-mfa/mfa/mfatest"
)

func connect(t *testing.T, network, addr string) *redis.Client {
	t.Helper()
	client := redis.NewClient(&redis.Options{Network: network, Addr: addr, ContextTimeoutEnabled: true})
	t.Cleanup(func() { assert.NoError(t, client.Close()) })
	return client
}

// Four processes, with one limit of three requests an hour: whoever comes first.
func TestLimiter_isOneForAllProcesses(t *testing.T) {
	t.Parallel()
	tenant, p := startTenant(t)
	limit := redis_rate.PerHour(3)
	p.Redis, p.Limit, p.Calls = wiretest.StartRedis(t).Socket, &limit, 5

	counts := runFleet(t, 4, p)

	assert.Empty(t, counts.Problem)
	assert.Equal(t, 3, counts.Answered)
	assert.Equal(t, 17, counts.Held)
	assert.Zero(t, counts.TooMany+counts.Failed)
	assert.Len(t, tenant.Requests(), 3)
	assert.Greater(t, counts.Asked, time.Minute, "they are told when to come back")
}

// The same without: the tenant refuses.
func TestWithoutLimiter_theTenantRefuses(t *testing.T) {
	t.Parallel()
	tenant, p := startTenant(t, mfatest.WithRateLimit(3, time.Hour))
	p.Calls = 5

	counts := runFleet(t, 4, p)

	assert.Empty(t, counts.Problem)
	assert.Equal(t, 3, counts.Answered)
	assert.Equal(t, 17, counts.TooMany)
	assert.Len(t, tenant.Requests(), 20)
}

// What 8 processes reach that want 40 requests a second, on a tenant that accepts 25.
func TestLimiter_measured(t *testing.T) {
	t.Parallel()
	if !*full {
		return // the other tests of this file hold for any machine; these figures want a quiet one
	}
	const (
		processes, wanted, share = 8, 40, 20
		lasts                    = 30 * time.Second
	)
	measure := func(t *testing.T, limit *redis_rate.Limit) tally {
		_, p := startTenant(t, mfatest.WithRateLimit(25, time.Second))
		p.Every = processes * time.Second / wanted
		p.Calls = int(lasts / p.Every)
		if limit != nil {
			p.Redis, p.Limit = wiretest.StartRedis(t).Socket, limit
		}
		began := time.Now()
		counts := runFleet(t, processes, p)
		took := time.Since(began)
		all := counts.Answered + counts.TooMany + counts.Held
		require.Zero(t, counts.Failed, counts.Problem)
		require.Equal(t, processes*p.Calls, all)
		t.Logf("%d calls: %d answered, %.1f a second in %.1f s; %d (%.0f %%) met 429; %d were held back",
			all, counts.Answered, float64(counts.Answered)/took.Seconds(), took.Seconds(), counts.TooMany, 100*float64(counts.TooMany)/float64(all), counts.Held)
		assert.Positive(t, counts.Answered)
		if limit != nil {
			assert.GreaterOrEqual(t, float64(counts.Answered)/took.Seconds(), 0.9*share)
		}
		return counts
	}
	without := measure(t, nil)
	assert.GreaterOrEqual(t, without.TooMany*5, without.Answered+without.TooMany)
	with := measure(t, &redis_rate.Limit{Rate: share, Burst: share / 4, Period: time.Second})
	assert.Zero(t, with.TooMany)
}

// limiter returns a limiter whose limit is used up.
func usedUp(t *testing.T, client *redis.Client) *fleet.Limiter {
	t.Helper()
	l := fleet.NewLimiter(client, "auth0", redis_rate.PerHour(1), func(err error) { assert.NoError(t, err) })
	l.Patience = time.Minute
	require.NoError(t, l.Wait(t.Context()))
	return l
}

func TestLimiter_refusesAtOnce_whenItCannotBeInTime(t *testing.T) {
	t.Parallel()
	l := usedUp(t, connect(t, "unix", wiretest.StartRedis(t).Socket))
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	least, most := 2*time.Hour, time.Duration(0)
	for range 20 {
		err := l.Wait(ctx)
		var busy *fleet.BusyError
		require.ErrorAs(t, err, &busy)
		assert.Greater(t, mfa.RetryAfter(err), 59*time.Minute)
		assert.LessOrEqual(t, mfa.RetryAfter(err), 2*time.Hour)
		least, most = min(least, mfa.RetryAfter(err)), max(most, mfa.RetryAfter(err))
	}
	assert.Greater(t, most-least, 5*time.Minute, "they would come back together")
	require.NoError(t, ctx.Err())
}

// A call whose time is over when it comes is refused, whoever else waits.
func TestLimiter_refuses_whenTheTimeIsOver(t *testing.T) {
	t.Parallel()
	l := fleet.NewLimiter(connect(t, "unix", wiretest.StartRedis(t).Socket), "auth0", redis_rate.Limit{Rate: 20, Burst: 5, Period: time.Second}, nil)
	ctx, cancel := context.WithDeadline(t.Context(), time.Now().Add(-time.Minute))
	defer cancel()
	var busy *fleet.BusyError
	require.ErrorAs(t, l.Wait(ctx), &busy)
	assert.GreaterOrEqual(t, busy.RetryAfter(), time.Duration(0))
}

// A caller that gives up leaves the queue, and those behind it move on.
func TestLimiter_letsCallersLeave(t *testing.T) {
	t.Parallel()
	l := usedUp(t, connect(t, "unix", wiretest.StartRedis(t).Socket))
	ctx, cancel := context.WithCancel(t.Context())
	var waiting sync.WaitGroup
	for range 50 { // one waits for Redis, 49 for their turn
		waiting.Go(func() { assert.ErrorIs(t, l.Wait(ctx), context.Canceled) })
	}
	cancel()
	waiting.Wait()

	ctx, cancel = context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var busy *fleet.BusyError
	require.ErrorAs(t, l.Wait(ctx), &busy, "the turn is free again")
}

// Calls beyond what the whole limit can serve in time do not queue.
func TestLimiter_boundsItsQueue(t *testing.T) {
	t.Parallel()
	l := usedUp(t, connect(t, "unix", wiretest.StartRedis(t).Socket))
	ctx, cancel := context.WithCancel(t.Context())
	var waiting sync.WaitGroup
	for range 5 {
		waiting.Go(func() { assert.ErrorIs(t, l.Wait(ctx), context.Canceled) })
	}
	short, stop := context.WithTimeout(t.Context(), 30*time.Minute)
	time.AfterFunc(20*time.Second, stop)
	for range 300 { // some of these come when the five, which wait for an hour, are in the queue
		var busy *fleet.BusyError
		require.ErrorAs(t, l.Wait(short), &busy)
		<-time.After(time.Millisecond)
	}
	cancel()
	waiting.Wait()
}

func TestLimiter_waitsForItsTurn(t *testing.T) {
	t.Parallel()
	l := fleet.NewLimiter(connect(t, "unix", wiretest.StartRedis(t).Socket), "auth0", redis_rate.Limit{Rate: 1000, Period: time.Second}, nil)
	l.Patience = time.Minute
	var all sync.WaitGroup
	for range 100 {
		all.Go(func() { assert.NoError(t, l.Wait(t.Context())) })
	}
	all.Wait()
}

// A Redis that fails stops no login, and one that hangs delays one of a second.
func TestLimiter_letsCallsGo_whenRedisFails(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]wiretest.RedisFault{
		"lost":  {Command: "evalsha", Times: -1, DropReply: true},
		"hangs": {Command: "evalsha", Times: -1, Delay: 2 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			proxy := wiretest.NewRedisProxy(t, wiretest.StartRedis(t))
			proxy.Fail(fault)
			var mu sync.Mutex
			var heard []error
			l := fleet.NewLimiter(connect(t, "tcp", proxy.Addr), "auth0", redis_rate.PerHour(1), func(err error) {
				mu.Lock()
				defer mu.Unlock()
				heard = append(heard, err)
			})
			if fault.Delay == 0 {
				l.Patience = time.Minute
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()

			for range 20 {
				require.NoError(t, l.Wait(ctx))
			}

			mu.Lock()
			defer mu.Unlock()
			assert.NotEmpty(t, heard)
		})
	}
}
