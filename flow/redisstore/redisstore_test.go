package redisstore_test

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa/flow/redisstore"
	"github.com/go-auth0-mfa/mfa/internal/wiretest"
)

// connect returns a client of the server, with the defaults of go-redis but for what set
// changes.
func connect(t *testing.T, network, addr string, set ...func(*redis.Options)) *redis.Client {
	t.Helper()
	opts := &redis.Options{Network: network, Addr: addr, ContextTimeoutEnabled: true}
	for _, s := range set {
		s(opts)
	}
	client := redis.NewClient(opts)
	t.Cleanup(func() { assert.NoError(t, client.Close()) })
	return client
}

func noRetries(o *redis.Options) { o.MaxRetries = -1 }

func TestStore_Add_setsAKeyOnce(t *testing.T) {
	t.Parallel()
	server := wiretest.StartRedis(t)
	store := redisstore.New(connect(t, "unix", server.Socket))

	added, err := store.Add(t.Context(), "key", []byte("first"), time.Minute)
	require.NoError(t, err)
	assert.True(t, added)
	added, err = store.Add(t.Context(), "key", []byte("second"), time.Minute)
	require.NoError(t, err)
	assert.False(t, added)
	added, err = store.Add(t.Context(), "other", []byte("second"), time.Minute)
	require.NoError(t, err)
	assert.True(t, added)

	value, found, err := store.Get(t.Context(), "key")
	require.NoError(t, err)
	assert.True(t, found)
	assert.Equal(t, "first", string(value))
}

// Of many processes one adds. Each has a client of its own.
func TestStore_Add_hasOneWinner(t *testing.T) {
	t.Parallel()
	server := wiretest.StartRedis(t)
	stores := make([]*redisstore.Store, 4)
	for i := range stores {
		stores[i] = redisstore.New(connect(t, "unix", server.Socket))
	}
	for round := range 20 {
		key := fmt.Sprint("key", round)
		var winners atomic.Int32
		var all sync.WaitGroup
		for i := range 50 {
			all.Go(func() {
				added, err := stores[i%len(stores)].Add(t.Context(), key, []byte(fmt.Sprint("value", i)), time.Minute)
				assert.NoError(t, err)
				if added {
					winners.Add(1)
				}
			})
		}
		all.Wait()
		assert.Equal(t, int32(1), winners.Load())
	}
}

func TestStore_Set_replaces(t *testing.T) {
	t.Parallel()
	server := wiretest.StartRedis(t)
	store := redisstore.New(connect(t, "unix", server.Socket))
	for _, value := range [][]byte{[]byte("one"), {}, {0, 0xff, '\r', '\n'}, bytes.Repeat([]byte("x"), 100_000), []byte("last")} {
		require.NoError(t, store.Set(t.Context(), "key", value, time.Minute))
		got, found, err := store.Get(t.Context(), "key")
		require.NoError(t, err)
		assert.True(t, found)
		assert.True(t, bytes.Equal(value, got))
	}
}

func TestStore_Get_findsNothing(t *testing.T) {
	t.Parallel()
	server := wiretest.StartRedis(t)
	value, found, err := redisstore.New(connect(t, "unix", server.Socket)).Get(t.Context(), "key")
	require.NoError(t, err)
	assert.False(t, found)
	assert.Nil(t, value)
}

// Every value has an end, also where Redis counts in larger units than Go.
func TestStore_expires(t *testing.T) {
	t.Parallel()
	server := wiretest.StartRedis(t)
	client := connect(t, "unix", server.Socket)
	store := redisstore.New(client)
	for ttl, want := range map[time.Duration]time.Duration{
		15 * time.Minute:                   15 * time.Minute,
		time.Minute:                        time.Minute,
		90*time.Second + time.Millisecond:  90*time.Second + time.Millisecond,
		90*time.Second + time.Microsecond:  90*time.Second + time.Millisecond,
		time.Hour + 999*time.Microsecond:   time.Hour + time.Millisecond,
		time.Hour + 1001*time.Microsecond:  time.Hour + 2*time.Millisecond,
		10*time.Minute - time.Nanosecond:   10 * time.Minute,
		time.Minute + 500*time.Millisecond: time.Minute + 500*time.Millisecond,
	} {
		t.Run(ttl.String(), func(t *testing.T) {
			added, err := store.Add(t.Context(), "add"+ttl.String(), []byte("v"), ttl)
			require.NoError(t, err)
			assert.True(t, added)
			require.NoError(t, store.Set(t.Context(), "set"+ttl.String(), []byte("v"), ttl))
			for _, key := range []string{"add", "set"} {
				left, err := client.PTTL(t.Context(), "mfa:"+key+ttl.String()).Result()
				require.NoError(t, err)
				assert.LessOrEqual(t, left, want)
				assert.Greater(t, left, want-30*time.Second)
			}
		})
	}
	for _, ttl := range []time.Duration{1, time.Microsecond, time.Millisecond} {
		added, err := store.Add(t.Context(), "short"+ttl.String(), []byte("v"), ttl)
		require.NoError(t, err)
		assert.True(t, added)
		assert.Eventually(t, func() bool {
			_, found, err := store.Get(t.Context(), "short"+ttl.String())
			return err == nil && !found
		}, 10*time.Second, time.Millisecond)
	}
	for _, ttl := range []time.Duration{0, -1, -time.Minute, redis.KeepTTL} {
		added, err := store.Add(t.Context(), "forever", []byte("v"), ttl)
		require.Error(t, err)
		assert.False(t, added)
		require.Error(t, store.Set(t.Context(), "forever", []byte("v"), ttl))
		_, found, err := store.Get(t.Context(), "forever")
		require.NoError(t, err)
		assert.False(t, found)
	}
}

func TestWithPrefix(t *testing.T) {
	t.Parallel()
	server := wiretest.StartRedis(t)
	client := connect(t, "unix", server.Socket)
	for prefix, store := range map[string]*redisstore.Store{
		"mfa:": redisstore.New(client), "acme/": redisstore.New(client, redisstore.WithPrefix("acme/")), "": redisstore.New(client, redisstore.WithPrefix("")),
	} {
		added, err := store.Add(t.Context(), "a", []byte(prefix), time.Minute)
		require.NoError(t, err)
		assert.True(t, added)
		require.NoError(t, store.Set(t.Context(), "s", []byte(prefix), time.Minute))
		for _, key := range []string{"a", "s"} {
			value, err := client.Get(t.Context(), prefix+key).Result()
			require.NoError(t, err)
			assert.Equal(t, prefix, value)
			got, found, err := store.Get(t.Context(), key)
			require.NoError(t, err)
			assert.True(t, found)
			assert.Equal(t, prefix, string(got))
		}
	}
}

// The reply to a claim is lost after Redis acted on it. go-redis sends the command again,
// and Redis refuses it.
func TestStore_Add_knowsItsOwnClaim_whenTheReplyWasLost(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]wiretest.RedisFault{
		"reply":          {Command: "nx", Times: 1, DropReply: true},
		"two replies":    {Command: "nx", Times: 2, DropReply: true},
		"request":        {Command: "nx", Times: 1, DropRequest: true},
		"reply to a get": {Command: "get", Times: 1, DropReply: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := wiretest.StartRedis(t)
			proxy := wiretest.NewRedisProxy(t, server)
			store := redisstore.New(connect(t, "tcp", proxy.Addr))
			proxy.Fail(fault)
			if fault.Command == "get" {
				proxy.Fail(wiretest.RedisFault{Command: "nx", Times: 1, DropReply: true})
			}

			added, err := store.Add(t.Context(), "key", []byte("own"), time.Minute)
			require.NoError(t, err)
			assert.True(t, added)
			assert.Zero(t, proxy.Unused())

			added, err = store.Add(t.Context(), "key", []byte("another's"), time.Minute)
			require.NoError(t, err)
			assert.False(t, added)
		})
	}
}

// The loser of a claim stays one, whatever replies are lost.
func TestStore_Add_losesWithLostReplies(t *testing.T) {
	t.Parallel()
	server := wiretest.StartRedis(t)
	proxy := wiretest.NewRedisProxy(t, server)
	store := redisstore.New(connect(t, "tcp", proxy.Addr))
	added, err := redisstore.New(connect(t, "unix", server.Socket)).Add(t.Context(), "key", []byte("the winner's"), time.Minute)
	require.NoError(t, err)
	require.True(t, added)
	proxy.Fail(wiretest.RedisFault{Command: "nx", Times: 2, DropReply: true})
	proxy.Fail(wiretest.RedisFault{Command: "get", Times: 2, DropReply: true})

	added, err = store.Add(t.Context(), "key", []byte("the loser's"), time.Minute)
	require.NoError(t, err)
	assert.False(t, added)
	assert.Zero(t, proxy.Unused())
}

// What is not known is an error, and no "no".
func TestStore_fails_whenRedisDoes(t *testing.T) {
	t.Parallel()
	server := wiretest.StartRedis(t)
	proxy := wiretest.NewRedisProxy(t, server)
	store := redisstore.New(connect(t, "tcp", proxy.Addr, noRetries))
	operations := map[string]func() error{
		"add": func() error {
			added, err := store.Add(t.Context(), "key", []byte("own"), time.Minute)
			assert.False(t, added)
			return err
		},
		"get": func() error {
			value, found, err := store.Get(t.Context(), "key")
			assert.False(t, found)
			assert.Nil(t, value)
			return err
		},
		"set": func() error { return store.Set(t.Context(), "key", []byte("own"), time.Minute) },
	}
	for name, call := range operations {
		proxy.Fail(wiretest.RedisFault{Command: "mfa:key", Times: 1, DropReply: true})
		require.Error(t, call(), name)
		proxy.Fail(wiretest.RedisFault{Command: "mfa:key", Times: 1, DropRequest: true})
		require.Error(t, call(), name)
	}
	assert.Zero(t, proxy.Unused())
	// The claim of the Add whose reply was lost is there, so Get decides.
	value, found, err := store.Get(t.Context(), "key")
	require.NoError(t, err)
	assert.True(t, found)
	assert.Equal(t, "own", string(value))
	// An Add that cannot look is as unclear.
	proxy.Fail(wiretest.RedisFault{Command: "get", Times: 1, DropReply: true})
	added, err := store.Add(t.Context(), "key", []byte("own"), time.Minute)
	require.Error(t, err)
	assert.False(t, added)

	server.End()
	for name, call := range operations {
		require.Error(t, call(), name)
	}
}

// A Redis that hangs does not hold a login back past its deadline.
func TestStore_endsAtTheDeadline(t *testing.T) {
	t.Parallel()
	server := wiretest.StartRedis(t)
	proxy := wiretest.NewRedisProxy(t, server)
	store := redisstore.New(connect(t, "tcp", proxy.Addr, noRetries, func(o *redis.Options) { o.ReadTimeout = time.Hour }))
	proxy.Fail(wiretest.RedisFault{Command: "nx", Times: 1, Delay: time.Second})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()

	added, err := store.Add(ctx, "key", []byte("own"), time.Minute)

	var timeout net.Error
	require.ErrorAs(t, err, &timeout)
	assert.True(t, timeout.Timeout())
	assert.False(t, added)
}

// commands counts what is sent.
type commands struct {
	redis.Hook
	sent atomic.Int32
}

func (*commands) DialHook(next redis.DialHook) redis.DialHook { return next }

func (*commands) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

func (c *commands) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		c.sent.Add(1)
		return next(ctx, cmd)
	}
}

func TestStore_sendsOneCommand(t *testing.T) {
	t.Parallel()
	server := wiretest.StartRedis(t)
	client := connect(t, "unix", server.Socket)
	require.NoError(t, client.Ping(t.Context()).Err())
	count := new(commands)
	client.AddHook(count)
	store := redisstore.New(client)

	_, err := store.Add(t.Context(), "key", []byte("own"), time.Minute)
	require.NoError(t, err)
	assert.Equal(t, int32(1), count.sent.Swap(0))
	require.NoError(t, store.Set(t.Context(), "result", []byte("v"), time.Minute))
	assert.Equal(t, int32(1), count.sent.Swap(0))
	_, _, err = store.Get(t.Context(), "result")
	require.NoError(t, err)
	assert.Equal(t, int32(1), count.sent.Swap(0))
	_, err = store.Add(t.Context(), "key", []byte("another's"), time.Minute)
	require.NoError(t, err)
	assert.Equal(t, int32(2), count.sent.Swap(0), "a loser looks who won")
}
