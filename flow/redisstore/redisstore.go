// Package redisstore keeps in Redis what several processes share of a guided login, so that
// a double click sends one message, whichever process it meets. It is a [flow.Store]:
//
//	client := redis.NewClient(&redis.Options{Addr: "localhost:6379", ContextTimeoutEnabled: true})
//	f, err := flow.New(auth0, flow.WithStore(redisstore.New(client), key))
//
// The key has 32 random bytes, the same in all processes. Package flow hashes the names and
// encrypts the values with it. Who reads this Redis learns no token, no address and no user.
//
// If Redis fails, nobody is locked out, and [flow.WithStoreErrors] hears of it. Set
// ContextTimeoutEnabled, or a Redis that hangs holds a login back for ReadTimeout, again and
// again. MaxRetries may be left as it is: a claim that go-redis repeats after a lost reply
// is recognized.
//
// A call that nobody contends takes two commands, each on one key, so that Redis Cluster
// will do, and so will Valkey or another server with these commands. They have to go to a
// primary: with go-redis, set neither ReadOnly nor RouteByLatency. When its memory is full,
// Redis has to refuse writes, which is "maxmemory-policy noeviction". What an eviction or a
// failover loses can make two clicks two requests.
package redisstore

import (
	"bytes"
	"context"
	"errors"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/go-auth0-mfa/mfa/flow"
)

// Store keeps values in Redis. Make it with [New]. It is safe for concurrent use.
type Store struct {
	client redis.Cmdable
	prefix string
}

var _ flow.Store = (*Store)(nil)

// Option configures a [Store].
type Option func(*Store)

// WithPrefix sets what all keys begin with. The default is "mfa:". Applications that share
// a Redis need none of their own: their keys differ, because their sealers' do.
func WithPrefix(prefix string) Option {
	return func(s *Store) { s.prefix = prefix }
}

// New returns a Store on the client, such as a *redis.Client or a *redis.ClusterClient. It
// sends nothing. Closing the client is up to the caller.
func New(client redis.Cmdable, opts ...Option) *Store {
	s := &Store{client: client, prefix: "mfa:"}
	for _, opt := range opts {
		opt(s)
	}
	return s
}

var errTTL = errors.New("redisstore: the time to live is not positive") // Redis would keep the value forever

// Add sets the value of a key that has none, and reports whether it did. It did as well if
// the key has this very value: then go-redis has repeated the command, since the reply to
// the first one was lost. So no two callers may add the same value.
func (s *Store) Add(ctx context.Context, key string, value []byte, ttl time.Duration) (bool, error) {
	if ttl <= 0 {
		return false, errTTL
	}
	added, err := s.client.SetNX(ctx, s.prefix+key, value, wholeMilliseconds(ttl)).Result()
	if added || err != nil {
		return added, err
	}
	held, found, err := s.Get(ctx, key)
	return found && bytes.Equal(held, value), err
}

// Get returns the value of a key, and whether there is one.
func (s *Store) Get(ctx context.Context, key string) ([]byte, bool, error) {
	value, err := s.client.Get(ctx, s.prefix+key).Bytes()
	switch {
	case errors.Is(err, redis.Nil):
		return nil, false, nil
	case err != nil:
		return nil, false, err
	default:
		return value, true, nil
	}
}

// Set sets the value of a key, whether it has one or not.
func (s *Store) Set(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	if ttl <= 0 {
		return errTTL
	}
	return s.client.Set(ctx, s.prefix+key, value, wholeMilliseconds(ttl)).Err()
}

// wholeMilliseconds rounds up to what Redis can count.
func wholeMilliseconds(d time.Duration) time.Duration {
	return (d + time.Millisecond - 1).Truncate(time.Millisecond)
}
