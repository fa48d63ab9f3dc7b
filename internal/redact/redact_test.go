package redact_test

import (
	"net/url"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"

	"github.com/go-auth0-mfa/mfa/internal/redact"
)

const mark = "[REDACTED]"

func TestText_hidesSecretsAndDropsWhatIsNotText(t *testing.T) {
	t.Parallel()
	const secret = "s3/cr+t=v a%l"
	tests := []struct {
		name, text string
		private    []string
		want       string
	}{
		{"nothing", "", nil, ""},
		{"sentence", "User is already enrolled.", nil, "User is already enrolled."},
		{"other scripts", "日本語 čeština 👩", nil, "日本語 čeština 👩"},
		{"line breaks and tabs", "a\r\nb\tc\nd", nil, "a  b c d"},
		{"control characters", "a\x00b\x07c\x7fd\u0085e\u009bf", nil, "abcdef"},
		{"terminal colors", "\x1b[31mred\x1b[0m", nil, "[31mred[0m"},
		{"bidirectional", "a\u202eb\u202ac\u2066d\u2069e\u200ff\u061cg", nil, "abcdefg"},
		{"zero-width", "a\u200bb\u200cc\u200dd\ufeffe\u2060f\u00adg", nil, "abcdefg"},
		{"separators", "a\u2028b\u2029c", nil, "abc"},
		{"private use and unassigned", "a\ue000b\U000e0001c\U0010fffed", nil, "abcd"},
		{"invalid UTF-8", "a\xffb\xc3\x28c\xed\xa0\x80d", nil, "ab(cd"},
		{"replacement character", "a\ufffdb", nil, "ab"},

		{"secret", "code 123456 is wrong", []string{"123456"}, "code " + mark + " is wrong"},
		{"secret alone", "123456", []string{"123456"}, mark},
		{"secret twice", "123456, not 123456", []string{"123456"}, mark + ", not " + mark},
		{"secret of one character", "a7b", []string{"7"}, "a" + mark + "b"},
		{"secret of other scripts", "pass 日本語!", []string{"日本語"}, "pass " + mark + "!"},
		{"several secrets", "one two three", []string{"one", "three"}, mark + " two " + mark},
		{"no secret", "one", []string{"", "two"}, "one"},
		{"secret as in a query", "q=" + url.QueryEscape(secret) + "&", []string{secret}, "q=" + mark + "&"},
		{"secret as in a path", "/" + url.PathEscape(secret) + "/", []string{secret}, "/" + mark + "/"},
		{"secret in quotes as in a JSON string", `got \"a\"!`, []string{`"a"`}, "got " + mark + "!"},
		{"secret as in a JSON string", `~p\\w\"d!`, []string{`~p\w"d`}, mark + "!"},
		{"secret in all forms", secret + " " + url.QueryEscape(secret) + " " + url.PathEscape(secret), []string{secret}, mark + " " + mark + " " + mark},
		{"secret in lower case", "user ada@example.com", []string{"Ada@Example.com"}, "user " + mark},
		{"secret in upper case", "Code ABCD is wrong", []string{"abcd"}, "code " + mark + " is wrong"},
		{"secret in mixed case", "user Ada@Example.COM", []string{"aDa@example.com"}, "user " + mark},
		{"secret in two cases", "abCD, ABcd", []string{"abCD"}, mark + ", " + mark},
		{"secret as in a query in lower case", "q=" + strings.ToLower(url.QueryEscape(secret)), []string{secret}, "q=" + mark},
		{"secret in a longer one", "token eyJ123456abc", []string{"123456", "eyJ123456abc"}, "token " + mark},
		{"longer one first", "token eyJ123456abc", []string{"eyJ123456abc", "123456"}, "token " + mark},
		{"secrets side by side", "123456654321", []string{"123456", "654321"}, mark + mark},
		{"split by control characters", "12\x0034\x1b56", []string{"123456"}, mark},
		{"split by zero-width characters", "12\u200b34\u202e56", []string{"123456"}, mark},
		{"split by invalid bytes", "12\xff3456", []string{"123456"}, mark},

		{"200 bytes", strings.Repeat("a", 200), nil, strings.Repeat("a", 200)},
		{"201 bytes", strings.Repeat("a", 201), nil, strings.Repeat("a", 200)},
		{"cut before a character of two bytes", strings.Repeat("a", 199) + "é", nil, strings.Repeat("a", 199)},
		{"cut behind a character of two bytes", strings.Repeat("a", 198) + "éa", nil, strings.Repeat("a", 198) + "é"},
		{"cut before a character of four bytes", strings.Repeat("a", 197) + "👩a", nil, strings.Repeat("a", 197)},
		{"hidden characters do not count", strings.Repeat("\x00a", 200), nil, strings.Repeat("a", 200)},
		{"secret at the cut", strings.Repeat("a", 195) + "1234567890", []string{"1234567890"}, strings.Repeat("a", 195) + "[REDA"},
		{"secret behind the cut", strings.Repeat("a", 200) + "123456", []string{"123456"}, strings.Repeat("a", 200)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			private := append([]string(nil), tt.private...)

			assert.Equal(t, tt.want, redact.Text(tt.text, private))
			assert.Equal(t, tt.private, private, "the caller's list was changed")
		})
	}
}

// Secrets that overlap in the text: neither may be left whole.
func TestText_overlapping(t *testing.T) {
	t.Parallel()
	for _, private := range [][]string{{"abcdef", "defghi"}, {"defghi", "abcdef"}, {"abcdefg", "defghi"}, {"abcdef", "cdefghi"}} {
		got := redact.Text("<abcdefghi>", private)

		assert.Contains(t, got, mark)
		for _, secret := range private {
			assert.NotContains(t, got, secret)
		}
	}
}

func TestCode_keepsWhatLooksLikeAName(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, code string
		private    []string
		want       string
	}{
		{"nothing", "", nil, ""},
		{"documented", "invalid_grant", nil, "invalid_grant"},
		{"unknown form", "A0E-404.x", nil, "A0E-404.x"},
		{"visible characters", "!#$%&'()*+,-./:;<=>?@[]^_`{|}~", nil, "!#$%&'()*+,-./:;<=>?@[]^_`{|}~"},
		{"sentence", "something went wrong", nil, ""},
		{"tab", "a\tb", nil, ""},
		{"line break", "a\nb", nil, ""},
		{"hidden characters", "inv\x00alid\u202e_gr\xffant", nil, "invalid_grant"},
		{"secret", "bad_123456", []string{"123456"}, "bad_" + mark},
		{"secret in upper case", "bad_ABCD", []string{"abcd"}, "bad_" + mark},
		{"secret in another form", "bad_" + url.QueryEscape("a b/c"), []string{"a b/c"}, "bad_" + mark},
		{"64 bytes", strings.Repeat("a", 64), nil, strings.Repeat("a", 64)},
		{"65 bytes", strings.Repeat("a", 65), nil, strings.Repeat("a", 64)},
		{"cut between characters", strings.Repeat("a", 63) + "é", nil, strings.Repeat("a", 63)},
		{"secret at the cut", strings.Repeat("a", 60) + "123456", []string{"123456"}, strings.Repeat("a", 60) + "[RED"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, tt.want, redact.Code(tt.code, tt.private))
		})
	}
}

func TestPrintable(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "a  bc "+strings.Repeat("d", 201), redact.Printable("a\r\nb\x00\u202ec\t"+strings.Repeat("d", 201)))
}

// The rule that IsCode states by hand.
var codeForm = regexp.MustCompile(`^[a-z]{2,24}(_[a-z]{1,24}){0,5}$`)

func TestIsCode(t *testing.T) {
	t.Parallel()
	var (
		word = strings.Repeat("a", 24)
		most = strings.Repeat(word+"_", 5) + word
	)
	tests := []struct {
		name, code string
		want       bool
	}{
		{"one word", "unauthorized", true},
		{"two words", "mfa_required", true},
		{"shortest", "ab", true},
		{"short words behind", "ab_c_d_e_f_g", true},
		{"longest word", word, true},
		{"longest", most, true},
		{"nothing", "", false},
		{"one letter", "a", false},
		{"one letter in front", "a_bc", false},
		{"word too long", word + "a", false},
		{"later word too long", "ab_" + word + "a", false},
		{"too many words", most + "_a", false},
		{"empty word in front", "_ab", false},
		{"empty word inside", "ab__c", false},
		{"empty word behind", "ab_", false},
		{"upper case", "Invalid_grant", false},
		{"one-time code", "123456", false},
		{"digit", "error_1", false},
		{"hyphen", "invalid-grant", false},
		{"sentence", "went wrong", false},
		{"line break behind", "invalid_grant\n", false},
		{"other script", "ошибка", false},
		{"invalid UTF-8", "ab\xff", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, tt.want, redact.IsCode(tt.code))
			assert.Equal(t, tt.want, codeForm.MatchString(tt.code))
		})
	}
	for b := range 256 {
		for _, code := range []string{"ab" + string([]byte{byte(b)}), "ab" + string([]byte{byte(b)}) + "c"} {
			assert.Equal(t, codeForm.MatchString(code), redact.IsCode(code), "%q", code)
		}
	}
}

func FuzzIsCode(f *testing.F) {
	for _, seed := range []string{"", "mfa_required", "a_b", "ab_c_d_e_f_g_h", "_", "ab__c", "ab\n", "123456", strings.Repeat("a", 25), "\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, code string) {
		assert.Equal(t, codeForm.MatchString(code), redact.IsCode(code), "%q", code)
	})
}

func TestRequestID(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"", "42", "9e1b1b6b-9d5a-4b1e-8a55-2f3c9d1a7e10", "7f3a9C-FRA", "AZaz09-", strings.Repeat("a", 64)} {
		assert.Equal(t, id, redact.RequestID(id, nil))
	}
	for _, id := range []string{
		strings.Repeat("a", 65), "a b", "a_b", "a.b", "a\nb", "a\x00", "é", "\xff", " a", "a:", "a/", "a@b", "a[", "a`", "a{",
	} {
		assert.Empty(t, redact.RequestID(id, nil), "%q", id)
	}
}

func FuzzText(f *testing.F) {
	f.Add("code 123456 is wrong", "123456", "eyJ123456abc")
	f.Add("12\x0034\u202e56", "123456", "")
	f.Add(strings.Repeat("é", 99)+"secret", "secret", "é")
	f.Add("q=a+b%2Fc", "a b/c", "b%2F")
	f.Add("\x1b[31m\xff\u2028", "REDACTED", "]")
	f.Fuzz(func(t *testing.T, text, one, other string) {
		// What is private was sent, and only valid UTF-8 is.
		private := []string{strings.ToValidUTF8(one, ""), strings.ToValidUTF8(other, "")}
		for _, got := range []string{redact.Text(text, private), redact.Code(text, private)} {
			assert.LessOrEqual(t, len(got), 200)
			assert.True(t, utf8.ValidString(got))
			for _, r := range got {
				assert.False(t, unicode.In(r, unicode.C, unicode.Zl, unicode.Zp), "%q", r)
			}
			for _, secret := range private {
				// The marks themselves may spell a secret that has part of one.
				if len(secret) < 4 || strings.ContainsAny(secret, "[]") || strings.Contains(mark, secret) {
					continue
				}
				assert.NotContains(t, got, secret)
				assert.NotContains(t, got, url.QueryEscape(secret))
				assert.NotContains(t, got, url.PathEscape(secret))
			}
		}
	})
}

func TestText_secretWithHiddenCharacters(t *testing.T) {
	t.Parallel()
	for _, secret := range []string{"pass\tword", "pass\nword", "pass\x00word", "pass\u00adword", "👩\u200d👧word", "pass\ufffdword"} {
		assert.Equal(t, "got [REDACTED].", redact.Text("got "+secret+".", []string{secret}), "%q", secret)
	}
}

func TestText_secretOfTheLettersOfTheMark(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "got [REDACTED]", redact.Text("got E", []string{"E"}))
	assert.Equal(t, "[REDACTED] and [REDACTED]", redact.Text("RED and 123456", []string{"123456", "RED"}))
}
