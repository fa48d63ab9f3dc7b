package transport

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A caller's transport may announce any length.
func TestReadAll_believesNoLength(t *testing.T) {
	t.Parallel()
	for _, announced := range []int64{-1 << 40, -1, 0, 1, 4, 5, MaxBody} {
		body, err := readAll(strings.NewReader("next"), announced)
		require.NoError(t, err)
		assert.Equal(t, "next", string(body), announced)
	}
}
