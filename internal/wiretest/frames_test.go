package wiretest_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/go-auth0-mfa/mfa/internal/wiretest"
)

func TestAppendFrame(t *testing.T) {
	t.Parallel()
	got := wiretest.AppendFrame([]byte("before"), wiretest.FrameHeaders, wiretest.FlagEndHeaders, 0x01020304, []byte("hi")...)
	assert.Equal(t, "before\x00\x00\x02\x01\x04\x01\x02\x03\x04hi", string(got))
}
