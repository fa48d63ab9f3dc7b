package demo_test

import (
	"bytes"
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa/examples/loginui/demo"
	"github.com/go-auth0-mfa/mfa/internal/wiretest"
)

// With -redis another process finds what this one has kept.
func TestOpen_withRedis(t *testing.T) {
	t.Parallel()
	proxy := wiretest.NewRedisProxy(t, wiretest.StartRedis(t))
	set, err := demo.Parse([]string{"-redis", proxy.Addr}, func(string) string { return "" }, io.Discard)
	require.NoError(t, err)
	one, err := demo.Open(set, "")
	require.NoError(t, err)
	defer one.Close()

	added, err := one.Store.Add(t.Context(), "key", []byte("value"), time.Minute)
	require.NoError(t, err)
	assert.True(t, added)
	other, err := demo.Open(set, "")
	require.NoError(t, err)
	defer other.Close()
	value, found, err := other.Store.Get(t.Context(), "key")
	require.NoError(t, err)
	assert.True(t, found)
	assert.True(t, bytes.Equal([]byte("value"), value))
}
