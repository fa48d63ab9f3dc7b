package input_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/go-auth0-mfa/mfa/internal/input"
)

func TestTypedEmail(t *testing.T) {
	t.Parallel()
	for _, typed := range []string{
		"ada@example.com", " ada@example.com\r\n", "\u00a0ada@example.com\u3000", "ada\u200b@example.com", "\ufeffada@exa\u00admple.com\u200e",
		"\uff41\uff44\uff41\uff20example.com", "ada@example\uff0ecom", "ada@example\u3002com", "ada@example\uff61com", "\u200b ada@example.com",
	} {
		assert.Equal(t, "ada@example.com", input.TypedEmail(typed), "%q", typed)
	}
	for _, kept := range []string{"", "Ada@Example.COM", "jörg@bücher.example", "ada lovelace@example.com", "ada", "用户@例子.广告", "a\x00b@example.com"} {
		assert.Equal(t, kept, input.TypedEmail(kept), "%q", kept)
	}
	assert.Empty(t, input.TypedEmail(" \u200b "))
}

func TestTypedPhoneNumber(t *testing.T) {
	t.Parallel()
	for _, typed := range []string{
		"+12025550142", "+1 (202) 555-0142", "+1.202.555.0142", "\u202a+1202\u2011555\u22120142\u202c", "+1\u200b2025550142",
		"\uff0b\uff11\uff12\uff10\uff12\uff15\uff15\uff15\uff10\uff11\uff14\uff12", "+\u0661\u0662\u0660\u0662\u0665\u0665\u0665\u0660\u0661\u0664\u0662", "+1\uff08202\uff095550142",
	} {
		assert.Equal(t, "+12025550142", input.TypedPhoneNumber(typed), "%q", typed)
	}
	for _, kept := range []string{"", "0170123", "+1202call", "+1202~5550142"} {
		assert.Equal(t, kept, input.TypedPhoneNumber(kept), "%q", kept)
	}
}
