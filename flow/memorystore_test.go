package flow_test

import (
	"bytes"
	"context"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa/flow"
)

func TestMemoryStore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := flow.NewMemoryStore()
		ctx := t.Context()
		add := func(key, value string, ttl time.Duration) bool {
			t.Helper()
			added, err := store.Add(ctx, key, []byte(value), ttl)
			require.NoError(t, err)
			return added
		}
		get := func(key string) string {
			t.Helper()
			value, found, err := store.Get(ctx, key)
			require.NoError(t, err)
			assert.Equal(t, found, value != nil)
			return string(value)
		}
		assert.Empty(t, get("a"))
		assert.True(t, add("a", "1", time.Minute))
		assert.False(t, add("a", "2", time.Hour))
		assert.Equal(t, "1", get("a"))
		require.NoError(t, store.Set(ctx, "a", []byte("3"), 2*time.Minute))
		require.NoError(t, store.Set(ctx, "b", []byte("4"), time.Minute))
		assert.Equal(t, "3", get("a"))
		time.Sleep(time.Minute)
		assert.Empty(t, get("b"))
		assert.Equal(t, "3", get("a"))
		assert.True(t, add("b", "5", time.Minute))
		time.Sleep(time.Minute - time.Nanosecond)
		assert.Equal(t, "3", get("a"))
		time.Sleep(time.Nanosecond)
		assert.Empty(t, get("a"))
		assert.True(t, add("a", "6", time.Minute))
	})
}

// What the caller passes in or gets is its own.
func TestMemoryStore_copies(t *testing.T) {
	t.Parallel()
	store, value := flow.NewMemoryStore(), []byte("value")
	require.NoError(t, store.Set(t.Context(), "a", value, time.Minute))
	clear(value)
	got, _, err := store.Get(t.Context(), "a")
	require.NoError(t, err)
	assert.Equal(t, "value", string(got))
	clear(got)
	got, _, err = store.Get(t.Context(), "a")
	require.NoError(t, err)
	assert.Equal(t, "value", string(got))
}

func TestMemoryStore_canceled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	store := flow.NewMemoryStore()
	added, err := store.Add(ctx, "a", nil, time.Minute)
	require.ErrorIs(t, err, context.Canceled)
	assert.False(t, added)
	require.ErrorIs(t, store.Set(ctx, "a", nil, time.Minute), context.Canceled)
	_, _, err = store.Get(ctx, "a")
	require.ErrorIs(t, err, context.Canceled)
	_, found, err := store.Get(t.Context(), "a")
	require.NoError(t, err)
	assert.False(t, found)
}

// One of many has the key, time after time.
func TestMemoryStore_concurrent(t *testing.T) {
	t.Parallel()
	var zero flow.MemoryStore
	for name, store := range map[string]*flow.MemoryStore{"new": flow.NewMemoryStore(), "zero": &zero} {
		var won atomic.Int32
		var wg sync.WaitGroup
		for i := range 1000 {
			wg.Go(func() {
				added, err := store.Add(context.Background(), strconv.Itoa(i%100), []byte{byte(i)}, time.Hour)
				assert.NoError(t, err)
				if added {
					won.Add(1)
				}
				_, found, err := store.Get(context.Background(), strconv.Itoa(i%100))
				assert.NoError(t, err)
				assert.True(t, found)
				assert.NoError(t, store.Set(context.Background(), "set", nil, time.Hour))
			})
		}
		wg.Wait()
		assert.Equal(t, int32(100), won.Load(), name)
	}
}

// A full store forgets what would expire first, and nothing else.
func TestMemoryStore_bounded(t *testing.T) {
	t.Parallel()
	store, value := flow.NewMemoryStore(), bytes.Repeat([]byte("v"), 1<<20)
	for i := range 100 {
		require.NoError(t, store.Set(t.Context(), strconv.Itoa(i), value, time.Hour-time.Duration(i)*time.Second))
	}
	kept := 0
	for i := range 100 {
		_, found, err := store.Get(t.Context(), strconv.Itoa(i))
		require.NoError(t, err)
		if found {
			kept++
		}
		assert.Equal(t, i < 62 || i == 99, found, i) // the last one made room for itself
	}
	assert.Equal(t, 63, kept, "64 MiB")
}
