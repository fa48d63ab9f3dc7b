package input_test

import (
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/assert"

	"github.com/go-auth0-mfa/mfa/internal/input"
)

func TestOneTimeCode(t *testing.T) {
	t.Parallel()
	for _, typed := range []string{
		"012345", " 012345\r\n", "012 345", "012-345", "0 1 2 3 4 5", "01 23 45", "012\u00a0345", "012\u2009345", "012\u2013345", "012\u2212345", "012\u3000345",
		"\ufeff012345", "012\u200b345", "\u2066012345\u2069", "012\u00ad345",
		"\uff10\uff11\uff12\uff13\uff14\uff15",                         // full-width
		"\u0660\u0661\u0662\u0663\u0664\u0665",                         // Arabic-Indic
		"\u06f0\u06f1\u06f2\u06f3\u06f4\u06f5",                         // extended Arabic-Indic
		"\u0966\u0967\u0968\u0969\u096a\u096b",                         // Devanagari
		"\U0001d7ce\U0001d7cf\U0001d7d0\U0001d7d1\U0001d7d2\U0001d7d3", // mathematical bold
		"\U0001d7f6\U0001d7f7\U0001d7f8\U0001d7f9\U0001d7fa\U0001d7fb", // mathematical monospace, the last of its run
		"0\uff11\u0662345",
		"Your code is 012345", "Your code is 012345.", "Your code is 012 345.", "Your code is: 012-345", "code=012345", "(012345)", "012345 is your code",
		"Your verification code is: 012345\n\nIt expires in 5 minutes.", "Code 012 345 is valid until 10:30, 3 Feb 2026",
		"012345\nIf this was not you call +49 30 901820-1234.", "Use 012345. Again: 012345", "\u9a8c\u8bc1\u7801012345\uff0c5\u5206\u949f\u5185\u6709\u6548",
		"Code 012345 of 03-02-26", "code 012345 5 minutes", "code 012345 6 7x 12", "call +1 202 555 0142, code 012345", "012345\n\n5 minutes", "call +49 30 901820\n012345 is your code",
		"G-012345", strings.Repeat("spam ", 800) + "012345", "012345" + strings.Repeat(" ", 4090),
	} {
		code, ok := input.OneTimeCode(typed)
		assert.True(t, ok, "%q", typed)
		assert.Equal(t, "012345", code, "%q", typed)
	}
	for _, typed := range []string{
		"", " ", "-", "01234", "0123456", "012345 6", "012 34", "012345 012345", "12345a", "abcdef", "0x12345", "a0b1c2d3e4f5", "01234\u00b2", "\u2460\u2461\u2462\u2463\u2464\u2465",
		"012345, 543210", "Your codes are 012345 and 543210", "012345 543210 012345.", "code 0123456", "code 012 345, or 543 210", "2026-02-03, 10:30",
		"\xff\xfe", "[REDACTED]", "012345" + strings.Repeat(" ", 4091),
	} {
		code, ok := input.OneTimeCode(typed)
		assert.False(t, ok, "%q is taken for %s", typed, code)
	}
}

func TestRecoveryCode(t *testing.T) {
	t.Parallel()
	const want = "N3BGPZZWJ85JLCNPZBDW6QXC"
	for _, typed := range []string{
		want, strings.ToLower(want), " N3BG-PZZW-J85J-LCNP-ZBDW-6QXC\n", "n3bg pzzw j85j lcnp zbdw 6qxc", "N3BGPZZWJ85J\u200bLCNPZBDW6QXC",
		"\uff2e\uff13\uff22\uff27\uff50\uff5a\uff5a\uff37J\u0668\u0665JLCNPZBDW6QXC", want + strings.Repeat(" ", 4072),
	} {
		code, ok := input.RecoveryCode(typed)
		assert.True(t, ok, "%q", typed)
		assert.Equal(t, want, code, "%q", typed)
	}
	for _, typed := range []string{
		"", "123456", want[1:], want + "A", want + ".", "\u017f" + want[1:], "\u0131" + want[1:], "\u00e9" + want[1:], "\uff3b" + want[1:], "\xff" + want[1:], want + strings.Repeat(" ", 4073),
		"\uff65" + want, "\uff80" + want,
	} {
		_, ok := input.RecoveryCode(typed)
		assert.False(t, ok, "%q", typed)
	}
	for c := 'A'; c <= 'Z'; c++ {
		for _, r := range []rune{c, c - 'A' + 'a', c - 'A' + '\uff21', c - 'A' + '\uff41'} {
			code, ok := input.RecoveryCode(strings.Repeat(string(r), 24))
			assert.True(t, ok, "%q", r)
			assert.Equal(t, strings.Repeat(string(c), 24), code, "%q", r)
		}
	}
	for _, r := range "!\"#$%&'()*+,./:;<=>?@[\\]^_`{|}~" {
		_, ok := input.RecoveryCode(strings.Repeat(string(r), 24))
		assert.False(t, ok, "%q", r)
		_, ok = input.RecoveryCode(want + string(r))
		assert.False(t, ok, "%q", r)
	}
}

// The digits of every script: Unicode has them in tens, from zero to nine.
func TestOneTimeCode_everyScript(t *testing.T) {
	t.Parallel()
	var run []rune
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if unicode.Is(unicode.Nd, r) {
			run = append(run, r)
			continue
		}
		assert.Zero(t, len(run)%10, "%U", run)
		for i, r := range run {
			code, ok := input.OneTimeCode(strings.Repeat(string(r), 6))
			assert.True(t, ok, "%U", r)
			assert.Equal(t, strings.Repeat(string(rune('0'+i%10)), 6), code, "%U", r)
		}
		run = run[:0]
	}
}

// Whatever is typed, only six digits or 24 capitals and digits are ever sent,
// and these are taken as they are.
func FuzzCodes(f *testing.F) {
	for _, seed := range []string{
		"", "123456", "123 456", "123-456", "Your code is 123456", "\uff11\uff12\uff13\uff14\uff15\uff16", "12345", "1234567", "123456 654321",
		"n3bg-pzzw-j85j-lcnp-zbdw-6qxc", "N3BGPZZWJ85JLCNPZBDW6QXC", "\xff123456", "\u0661\u0662\u0663 \u0664\u0665\u0666", "1\u200b23456", strings.Repeat("1", 5000),
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		if code, ok := input.OneTimeCode(typed); ok {
			assert.Len(t, code, 6)
			assert.Empty(t, strings.Trim(code, "0123456789"))
			again, ok := input.OneTimeCode(code)
			assert.True(t, ok)
			assert.Equal(t, code, again)
		}
		if code, ok := input.RecoveryCode(typed); ok {
			assert.Len(t, code, 24)
			assert.Empty(t, strings.Trim(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"))
			again, ok := input.RecoveryCode(code)
			assert.True(t, ok)
			assert.Equal(t, code, again)
		}
	})
}
