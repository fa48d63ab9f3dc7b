package input_test

import (
	"net/url"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa/internal/input"
)

func long(n int) string { return strings.Repeat("a", n) }

type rule struct {
	name  string
	check func(string) string
}

// Rules for what goes into a header, a path or a code: visible ASCII.
var visible = []struct {
	rule
	limit  int
	barred string // visible characters that are refused all the same
}{
	{rule{"Token", input.Token}, 16384, ""},
	{rule{"Code", input.Code}, 64, ""},
	{rule{"ClientID", input.ClientID}, 256, ""},
	{rule{"Audience", input.Audience}, 2048, ""},
	{rule{"AuthenticatorID", input.AuthenticatorID}, 256, `/\?#%`},
	{rule{"Scope", input.Scope}, 1024, `"\`},
	{rule{"Product", input.Product}, 128, `"(),/:;<=>?@[\]{}`},
}

func TestVisibleRules(t *testing.T) {
	t.Parallel()
	for _, tt := range visible {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			assert.NotEmpty(t, tt.check(""))
			assert.Empty(t, tt.check("a"))
			assert.Empty(t, tt.check(long(tt.limit)))
			assert.NotEmpty(t, tt.check(long(tt.limit+1)))
			for b := range 256 {
				char := string([]byte{byte(b)})
				want := b > 0x20 && b < 0x7f && !strings.Contains(tt.barred, char)
				for _, s := range []string{"a" + char, char + "a", "a" + char + "a"} {
					assert.Equal(t, want, tt.check(s) == "", "%q", s)
				}
			}
			for _, s := range []string{"é", "\u212a", "a\u200b", "\u2028", "\ufffd", "\xc3\x28"} {
				assert.NotEmpty(t, tt.check(s), "%q", s)
			}
		})
	}
}

func TestOpaqueToken(t *testing.T) {
	t.Parallel()
	assert.NotEmpty(t, input.OpaqueToken(""))
	assert.Empty(t, input.OpaqueToken(long(100_000)))
	for _, s := range []string{"a b", "a\n", "\x00", "é", "a\x7f", "\xff"} {
		assert.NotEmpty(t, input.OpaqueToken(s), "%q", s)
	}
}

// Rules for what people type: UTF-8 without control characters.
var texts = []struct {
	rule
	least, limit int
	pad          string // what makes a short value valid
}{
	{rule{"ClientSecret", input.ClientSecret}, 1, 4096, ""},
	{rule{"Username", input.Username}, 1, 320, ""},
	{rule{"Realm", input.Realm}, 1, 256, ""},
	{rule{"Email", input.Email}, 3, 320, "@b"},
}

func TestTextRules(t *testing.T) {
	t.Parallel()
	for _, tt := range texts {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			assert.NotEmpty(t, tt.check(""))
			assert.NotEmpty(t, tt.check(long(tt.least-1)))
			assert.Empty(t, tt.check(long(tt.least-len(tt.pad))+tt.pad))
			assert.Empty(t, tt.check(long(tt.limit-len(tt.pad))+tt.pad))
			assert.NotEmpty(t, tt.check(long(tt.limit-len(tt.pad)+1)+tt.pad))
			for _, char := range []string{"é", "日", "👩", " ", `"`, "\\", "%", "\u200d", "\u00a0"} {
				assert.Empty(t, tt.check("aa"+char+"aa"+tt.pad), "%q", char)
			}
			for _, char := range []string{"\x00", "\t", "\n", "\r", "\x1b", "\x7f", "\u0080", "\u009f", "\xff", "\xc3\x28"} {
				assert.NotEmpty(t, tt.check("aa"+char+"aa"+tt.pad), "%q", char)
				assert.NotEmpty(t, tt.check("aa"+tt.pad+char), "%q", char)
			}
		})
	}
}

func TestPassword(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"a", " ", "\x00", "a\nb", "é", "👩", long(4096)} {
		assert.Empty(t, input.Password(s), "%q", s)
	}
	for _, s := range []string{"", long(4097), "\xff", "a\xc3"} {
		assert.NotEmpty(t, input.Password(s), "%q", s)
	}
}

func TestEmail(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"a@b", "a.b+c@example.com", "jörg@bücher.example"} {
		assert.Empty(t, input.Email(s), "%q", s)
	}
	for _, s := range []string{"abc", "@b.example", "a.example@", "a@b@c", "a@@", "@@@", "a@"} {
		assert.NotEmpty(t, input.Email(s), "%q", s)
	}
}

func TestPhoneNumber(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"+12", "+4930901820", "+123456789012345"} {
		assert.Empty(t, input.PhoneNumber(s), "%q", s)
	}
	for _, s := range []string{
		"", "+", "+1", "4930901820", "+0930901820", "+1234567890123456", "+49 30901820", "+49-30", "++49", "+49a", "+٤٩٣٠", "0049", " +4930", "+4930 ",
	} {
		assert.NotEmpty(t, input.PhoneNumber(s), "%q", s)
	}
	for b := range 256 {
		for _, s := range []string{"+49" + string([]byte{byte(b)}), "+49" + string([]byte{byte(b)}) + "30"} {
			assert.Equal(t, b >= '0' && b <= '9', input.PhoneNumber(s) == "", "%q", s)
		}
	}
}

func TestAuthenticatorID(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"email|dev_NU1Ofuw3Cw0XCt5x", "...", "a..", "..a", "a.b", "{id}"} {
		assert.Empty(t, input.AuthenticatorID(s), "%q", s)
	}
	for _, s := range []string{".", "..", "../x", "a/b", `a\b`, "a?b", "a#b", "%2e%2e"} {
		assert.NotEmpty(t, input.AuthenticatorID(s), "%q", s)
	}
}

func TestChallengeType(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"oob", "oob otp", "http://auth0.com/oauth/grant-type/mfa-oob", long(256)} {
		assert.Empty(t, input.ChallengeType(s), "%q", s)
	}
	for _, s := range []string{"", " ", "oob ", " oob", "oob  otp", "oob\totp", "oob\notp", "é", "\xff", long(257)} {
		assert.NotEmpty(t, input.ChallengeType(s), "%q", s)
	}
}

// everyRule is every rule but the one for domains.
func everyRule() []rule {
	all := []rule{
		{"OpaqueToken", input.OpaqueToken},
		{"Password", input.Password},
		{"PhoneNumber", input.PhoneNumber},
		{"ChallengeType", input.ChallengeType},
	}
	for _, r := range visible {
		all = append(all, r.rule)
	}
	for _, r := range texts {
		all = append(all, r.rule)
	}
	return all
}

// A secret that was pasted into the wrong field must not come back.
func TestRules_keepTheValueToThemselves(t *testing.T) {
	t.Parallel()
	const secret = "s3cr3tvalu3"
	for _, r := range everyRule() {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			refused := 0
			for _, s := range []string{
				secret, secret + "\x00", secret + "\xff", "\n" + secret, secret + "/", `"` + secret, secret + "@", strings.Repeat(secret, 2000),
			} {
				if problem := r.check(s); problem != "" {
					refused++
					assert.NotContains(t, problem, secret)
				}
			}
			assert.Positive(t, refused)
		})
	}
}

var (
	phoneNumber = regexp.MustCompile(`^\+[1-9][0-9]{1,14}$`)
	visibleOnly = regexp.MustCompile(`^[!-~]+$`)
)

// What a rule accepts can be sent where it goes.
func FuzzRules(f *testing.F) {
	for _, seed := range []string{
		"", "oob", "oob otp", "+4930901820", "a@b.example", "email|dev_1", "a b", "é", "\x00", "\xff", "a\r\nb: c", "..", "a/../b",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, r := range everyRule() {
			if r.check(s) == "" {
				assert.True(t, s != "" && utf8.ValidString(s), r.name)
			}
		}
		for _, r := range visible {
			if r.check(s) == "" {
				assert.Regexp(t, visibleOnly, s, r.name)
			}
		}
		assert.Equal(t, phoneNumber.MatchString(s), input.PhoneNumber(s) == "")
		if input.ChallengeType(s) == "" {
			assert.Equal(t, s, strings.Join(strings.Fields(s), " "))
		}
		if input.Email(s) == "" {
			assert.Equal(t, 1, strings.Count(strings.Trim(s, "@"), "@"))
		}
		if input.AuthenticatorID(s) == "" {
			u, err := url.Parse("https://tenant.example/mfa/authenticators/" + url.PathEscape(s))
			require.NoError(t, err)
			assert.Equal(t, "/mfa/authenticators/"+s, u.JoinPath().Path)
		}
	})
}

// Every byte at every position, also where eight are looked at together.
func TestToken_judgesEachByte(t *testing.T) {
	t.Parallel()
	for length := 1; length <= 17; length++ {
		for at := range length {
			for b := range 256 {
				token := []byte(strings.Repeat("a", length))
				token[at] = byte(b)
				for _, neighbor := range []byte{'a', '!', '~'} {
					if at > 0 {
						token[at-1] = neighbor
					}
					assert.Equal(t, b >= '!' && b <= '~', input.Token(string(token)) == "", "%q", token)
				}
			}
		}
	}
}
