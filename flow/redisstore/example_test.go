package redisstore_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/flow"
	"github.com/go-auth0-mfa/mfa/flow/redisstore"
)

// Two processes of a login page share a Redis. The settings bound what a Redis that does
// not respond costs a user.
func Example() {
	auth0, err := mfa.NewClient("tenant.eu.auth0.com", "client-id", mfa.WithClientSecret("client-secret"))
	if err != nil {
		fmt.Println(err)
		return
	}
	key := make([]byte, 32) // a real page reads it from its vault, the same in all processes
	_, _ = rand.Read(key)

	client := redis.NewClient(&redis.Options{
		Addr:                  "redis.internal:6379",
		ContextTimeoutEnabled: true,
		DialTimeout:           time.Second,
		ReadTimeout:           time.Second,
	})
	f, err := flow.New(auth0,
		flow.WithStore(redisstore.New(client), key),
		flow.WithStoreErrors(func(ctx context.Context, err error) { slog.WarnContext(ctx, "store of the login", "error", err) }))
	if err != nil {
		fmt.Println(err)
		return
	}
	sealer, err := f.NewSealer(key)
	fmt.Println(sealer != nil, err)
	// Output:
	// true <nil>
}
