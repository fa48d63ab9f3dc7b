package transport

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestBuffer_clear(t *testing.T) {
	t.Parallel()
	for name, size := range map[string]int{"kept": 2 << 10, "dropped": keptBuffer + 1} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var b buffer
			body, err := b.readAll(strings.NewReader(strings.Repeat("s", size)), int64(size))
			require.NoError(t, err)
			require.Len(t, body, size)

			b.clear()

			assert.Equal(t, make([]byte, size), body, "the body is still there")
			assert.Zero(t, b.bytes.Len())
			assert.Equal(t, size <= keptBuffer, b.bytes.Cap() > 0)
			assert.Nil(t, b.limited.R)

			next, err := b.readAll(bytes.NewReader([]byte("next")), -1)
			require.NoError(t, err)
			assert.Equal(t, "next", string(next))

			// A caller's transport may announce anything.
			next, err = new(buffer).readAll(strings.NewReader("next"), -1<<40)
			require.NoError(t, err)
			assert.Equal(t, "next", string(next))
		})
	}
}

// A reader may write behind what it says it read.
func TestBuffer_clear_behindTheEnd(t *testing.T) {
	t.Parallel()
	var b buffer
	_, err := b.readAll(scribbler{strings.NewReader("body")}, -1)
	require.NoError(t, err)
	all := b.bytes.Bytes()[:b.bytes.Cap()]
	require.Contains(t, string(all), "secret")

	b.clear()

	assert.Equal(t, make([]byte, len(all)), all)
}

type scribbler struct{ io.Reader }

func (s scribbler) Read(p []byte) (int, error) {
	n, err := s.Reader.Read(p)
	copy(p[n:], "secret")
	return n, err
}
