package frames_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/go-auth0-mfa/mfa/internal/frames"
)

func TestAppend(t *testing.T) {
	t.Parallel()
	got := frames.Append([]byte("before"), frames.Headers, frames.EndHeaders, 0x01020304, []byte("hi")...)
	assert.Equal(t, "before\x00\x00\x02\x01\x04\x01\x02\x03\x04hi", string(got))
}
