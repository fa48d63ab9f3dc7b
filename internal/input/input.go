// Package input checks the values of a request. Each rule returns what is wrong with a
// value, in words that do not contain the value, or "" if it is valid.
package input

import (
	"encoding/binary"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// Missing is the problem of an empty value.
	Missing    = "is missing"
	tooLong    = "is too long"
	unsendable = "has characters that cannot be sent"
	malformed  = "is malformed"
)

// visibleASCII is the rule behind most others: 1 to limit characters from 0x21 to
// 0x7e. A space among them would silently cut a header short.
func visibleASCII(s string, limit int) string {
	switch {
	case s == "":
		return Missing
	case len(s) > limit:
		return tooLong
	case !isVisibleASCII(s):
		return unsendable
	default:
		return ""
	}
}

// isVisibleASCII looks at eight bytes at a time, because tokens are long and every
// call checks several.
func isVisibleASCII(s string) bool {
	const each = 0x0101010101010101
	for ; len(s) >= 8; s = s[8:] {
		eight := binary.LittleEndian.Uint64([]byte(s[:8]))
		// The highest bit of a byte tells: above 0x7e, above 0x7f, or below 0x21.
		if ((eight+each)|eight|(eight-0x21*each))&(0x80*each) != 0 {
			return false
		}
	}
	for i := range len(s) {
		if s[i] < '!' || s[i] > '~' {
			return false
		}
	}
	return true
}

// text is the rule for text that people type: least to limit bytes of UTF-8 without
// control characters.
func text(s string, least, limit int) string {
	switch {
	case s == "":
		return Missing
	case len(s) < least:
		return "is too short"
	case len(s) > limit:
		return tooLong
	case !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl):
		return unsendable
	default:
		return ""
	}
}

// Token is the rule for an mfa_token, an oob_code, an access token and a
// client assertion.
func Token(s string) string { return visibleASCII(s, 16<<10) }

// OpaqueToken is the rule for a token of a response that is only passed on. It is
// [Token] without a limit of length.
func OpaqueToken(s string) string { return visibleASCII(s, len(s)) }

// Code is the rule for a one-time code or a recovery code, as it is sent. It does not
// insist on the form that [OneTimeCode] and [RecoveryCode] find: that is Auth0's choice.
func Code(s string) string { return visibleASCII(s, 64) }

// ClientID is the rule for a client ID.
func ClientID(s string) string { return visibleASCII(s, 256) }

// Audience is the rule for an audience.
func Audience(s string) string { return visibleASCII(s, 2048) }

// ClientSecret is the rule for a client secret.
func ClientSecret(s string) string { return text(s, 1, 4096) }

// Username is the rule for a user name.
func Username(s string) string { return text(s, 1, 320) }

// Realm is the rule for the name of a connection.
func Realm(s string) string { return text(s, 1, 256) }

// Password is the rule for a password: any UTF-8.
func Password(s string) string {
	switch {
	case s == "":
		return Missing
	case len(s) > 4096:
		return tooLong
	case !utf8.ValidString(s):
		return unsendable
	default:
		return ""
	}
}

// Email is the rule for an e-mail address. It cannot tell whether mail arrives there.
func Email(s string) string {
	if problem := text(s, 3, 320); problem != "" {
		return problem
	}
	local, domain, _ := strings.Cut(s, "@")
	if local == "" || domain == "" || strings.Contains(domain, "@") {
		return malformed
	}
	return ""
}

// PhoneNumber is the rule for a phone number: E.164, such as +4930901820.
func PhoneNumber(s string) string {
	digits, plus := strings.CutPrefix(s, "+")
	switch {
	case s == "":
		return Missing
	case !plus || len(digits) < 2 || len(digits) > 15 || digits[0] == '0' || !isDigits(digits):
		return "is not in E.164 form"
	default:
		return ""
	}
}

// AuthenticatorID is the rule for the ID of an authenticator. It becomes a segment of a
// path and must not lead out of it.
func AuthenticatorID(s string) string {
	if problem := visibleASCII(s, 256); problem != "" {
		return problem
	}
	if s == "." || s == ".." || strings.ContainsAny(s, `/\?#%`) {
		return malformed
	}
	return ""
}

// ChallengeType is the rule for a list of challenge types, separated by spaces.
func ChallengeType(s string) string {
	if len(s) > 256 {
		return tooLong
	}
	for word := range strings.SplitSeq(s, " ") {
		if visibleASCII(word, len(s)) != "" {
			return malformed
		}
	}
	return ""
}

// Scope is the rule for one scope.
//
// RFC 6749, section 3.3.
func Scope(s string) string {
	if problem := visibleASCII(s, 1024); problem != "" {
		return problem
	}
	if strings.ContainsAny(s, `"\`) {
		return unsendable
	}
	return ""
}

// Product is the rule for a product name or version in a User-Agent header.
//
// RFC 9110, section 5.6.2.
func Product(s string) string {
	if problem := visibleASCII(s, 128); problem != "" {
		return problem
	}
	if strings.ContainsAny(s, `"(),/:;<=>?@[\]{}`) {
		return unsendable
	}
	return ""
}

func isDigits(s string) bool { return strings.Trim(s, "0123456789") == "" }
