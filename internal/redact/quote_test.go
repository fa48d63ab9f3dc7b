package redact_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa/internal/redact"
	"github.com/go-auth0-mfa/mfa/internal/wiretest"
)

// quotable are values of which a server has many spellings.
var quotable = []string{
	"o'brien%40example.com", "o'brien@example.com", "p!ss(w)/rd", "correct horse@1&=", "jörg@example.com", "bird/song", "<b>bird&song</b>",
	"groß@example.com", "İstanbul@example.com", "ΟΔΥΣΣΕΥΣ", "οδυσσεύς", " bird song ", "été-ñandú", "e\u0301te\u0301", "Ångström\u212b", "\u212aelvin273",
	`say "bird"`, `back\slash\n`, "100%25 sure", "a+b+c d", "пароль-й", "がんばって", "한국어비밀번호", "👩‍🚀 & 🐦", "&amp;lt;", "%2541%2542", `\u0041\u0042`,
	"ﬁnal-ﬂight", "ırmak-123", "123456", "Fe26.2*1*d5f1*aA-_Zz", "203.0.113.77", "+4930901820", "ſecret-name", "tab\tand\nline",
}

// Whatever way a server spells a value, nothing of it is left.
func TestText_spellings(t *testing.T) {
	t.Parallel()
	assert.GreaterOrEqual(t, len(wiretest.Spellings), 37, "the table may only grow")
	for name, spell := range wiretest.Spellings {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, value := range quotable {
				quote := spell(value)
				for _, text := range []string{quote, "The user <" + quote + "> is unknown.", `{"value":"` + quote + `"}`} {
					assertTellsNothing(t, redact.Text(text, []string{"other", value}), value)
				}
				assertTellsNothing(t, redact.Code("bad_"+quote, []string{value}), value)
				assert.True(t, redact.IsValue(quote, []string{value}) || !isASCII(value), "%q of %q", quote, value)
			}
		})
	}
}

func isASCII(s string) bool { return strings.IndexFunc(s, func(r rune) bool { return r >= 0x80 }) < 0 }

// assertTellsNothing asserts that no spelling of the value is in what was kept.
func assertTellsNothing(t *testing.T, kept, value string) {
	t.Helper()
	kept = strings.ToLower(strings.ReplaceAll(strings.ReplaceAll(kept, strings.ToLower(mark), "\x00"), mark, "\x00"))
	for name, spell := range wiretest.Spellings {
		quote := strings.ToLower(strings.TrimSpace(spell(value)))
		require.False(t, quote != "" && strings.Contains(kept, quote), "%q tells %q: %s", kept, value, name)
	}
}

// A value of which nothing is left to compare is dropped with every escape.
func TestText_nothingToCompare(t *testing.T) {
	t.Parallel()
	for _, spell := range wiretest.Spellings {
		assertTellsNothing(t, redact.Text("got "+spell(`+ \ +`)+".", []string{`+ \ +`}), `+ \ +`)
	}
	assert.Equal(t, "No escape.", redact.Text("No escape.", []string{"++", `\\`, ""}))
}

// What is not the value is kept, although it looks like it.
func TestText_noQuote(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ text, value string }{
		{"Service not found: https://api.example.com", "ada@example.com"},
		{"Wrong email or password.", "password1"},
		{"100% sure: \\o/ &amp; %zz", "surely"},
		{"日本語", "english"},
		{"Too many failed codes.", "too-many-codes"},
		{"trailing %4", "4x"},
	} {
		assert.Equal(t, tt.text, redact.Text(tt.text, []string{tt.value}))
	}
}

// A server may cut what it quotes: 24 characters in a row are too many.
func TestText_partOfAValue(t *testing.T) {
	t.Parallel()
	token := "Fe26.2*1*" + strings.Repeat("0123456789abcdefXYZ", 100)
	assert.Empty(t, redact.Text("bad token: "+token[:60]+"…", []string{token}))
	assert.Empty(t, redact.Text("bad token: "+token[500:524], []string{token}))
	assert.Empty(t, redact.Text("bad token: "+strings.ToUpper(token[500:524]), []string{token}))
	assert.Equal(t, "bad token: "+token[500:523], redact.Text("bad token: "+token[500:523], []string{token}))
	assert.Empty(t, redact.Text(strings.Repeat("a", 170)+token[:40], []string{token}), "at the end of what is kept")
}

func TestRequestID_holdsNoValue(t *testing.T) {
	t.Parallel()
	for _, value := range []string{"000042", " 000042 ", "00 00 42", "ABC", "a-b", "7"} {
		assert.Empty(t, redact.RequestID("req-7-000042-aBc-A-b", []string{"other", value}), value)
	}
	// Random IDs share characters with random tokens.
	assert.Equal(t, "9e1b1b6b-9d5a-4b1e-8a55-2f3c9d1a7e10", redact.RequestID("9e1b1b6b-9d5a-4b1e-8a55-2f3c9d1a7e10", []string{"x9e1b1b6b-9d5a-4b1e-8a55-2f3c9d1a7e1", "", "+"}))
}

func TestIsValue(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"hunter-2", "HUNTER-2", "hunter%2D2", `hunter\u002d2`} {
		assert.True(t, redact.IsValue(name, []string{"x", "hunter-2"}), name)
	}
	for _, name := range []string{"", "hunter", "hunter-22", "x-hunter-2"} {
		assert.False(t, redact.IsValue(name, []string{"", "+", "hunter-2"}), name)
	}
}

// FuzzSpellings: value × spelling × spelling, in any text that does not make an escape
// of the beginning.
func FuzzSpellings(f *testing.F) {
	names := slices.Sorted(maps.Keys(wiretest.Spellings))
	for i, value := range quotable {
		f.Add(value, uint8(i), uint8(0), "The user <", "> is unknown.")
		f.Add(value, uint8(i), uint8(2*i+1), "", "")
	}
	f.Add("&#00", uint8(0x99), uint8(9), "0", "0") // what stands behind makes an escape of the end
	f.Fuzz(func(t *testing.T, value string, first, second uint8, before, behind string) {
		value = strings.ToValidUTF8(value, "")
		if len(strings.TrimSpace(value)) < 4 || len(value) > 64 || len(before)+len(behind) > 100 || strings.ContainsAny(before, `\%&`) {
			return
		}
		once, twice := wiretest.Spellings[names[int(first)%len(names)]], wiretest.Spellings[names[int(second)%len(names)]]
		got := redact.Text(before+twice(once(value))+behind, []string{value})
		assertTellsNothing(t, got, value)
		assert.NotContains(t, got, "\x00")
	})
}
