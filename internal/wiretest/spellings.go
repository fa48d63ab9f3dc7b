package wiretest

import (
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf16"
)

// Spellings are the ways in which a server may quote what it was sent. The table may
// only grow.
var Spellings = map[string]func(string) string{
	"plain":                      func(s string) string { return s },
	"upper case":                 strings.ToUpper,
	"lower case":                 strings.ToLower,
	"full upper case":            func(s string) string { return strings.ToUpper(several.Replace(s)) },
	"full lower case":            func(s string) string { return strings.ToLower(strings.ReplaceAll(s, "İ", "i̇")) },
	"title case":                 func(s string) string { return mapFirst(unicode.ToTitle, s) },
	"final sigma":                func(s string) string { return strings.ReplaceAll(strings.ToLower(s), "σ", "ς") },
	"trimmed":                    strings.TrimSpace,
	"spaces doubled":             func(s string) string { return strings.ReplaceAll(s, " ", "  ") },
	"NFD":                        decomposed.Replace,
	"NFC":                        composed.Replace,
	"query":                      url.QueryEscape,
	"query in lower case":        func(s string) string { return lowerHex(url.QueryEscape(s)) },
	"query twice":                func(s string) string { return url.QueryEscape(url.QueryEscape(s)) },
	"path":                       url.PathEscape,
	"path in lower case":         func(s string) string { return lowerHex(url.PathEscape(s)) },
	"encodeURIComponent":         func(s string) string { return percent(s, "-_.!~*'()") },
	"encodeURI":                  func(s string) string { return percent(s, "-_.!~*'();/?:@&=+$,#") },
	"encodeURIComponent twice":   func(s string) string { return percent(percent(s, "-_.!~*'()"), "-_.!~*'()") },
	"every byte percent-encoded": func(s string) string { return everyByte(s, "%%%02X") },
	"escape of JavaScript":       jsEscape,
	"JSON":                       func(s string) string { return quoted(s, false) },
	"JSON for HTML":              func(s string) string { return quoted(s, true) },
	"JSON in ASCII":              func(s string) string { return ascii(quoted(s, false), `\u%04x`) },
	"JSON in ASCII, upper case":  func(s string) string { return ascii(quoted(s, false), `\u%04X`) },
	"JSON with \\/":              func(s string) string { return strings.ReplaceAll(quoted(s, false), "/", `\/`) },
	"JSON twice":                 func(s string) string { return quoted(quoted(s, false), false) },
	"JSON of a query":            func(s string) string { return quoted(url.QueryEscape(s), true) },
	"query of JSON":              func(s string) string { return url.QueryEscape(quoted(s, false)) },
	"string of JavaScript":       func(s string) string { return strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s) },
	"every character with \\x":   jsString,
	"HTML":                       html.EscapeString,
	"HTML with names":            named.Replace,
	"HTML in hexadecimal":        func(s string) string { return entities(s, "&#x%X;") },
	"HTML in decimal":            func(s string) string { return entities(s, "&#%d;") },
	"HTML twice":                 func(s string) string { return html.EscapeString(html.EscapeString(s)) },
	"HTML of JSON":               func(s string) string { return html.EscapeString(quoted(s, false)) },
}

var (
	several    = strings.NewReplacer("ß", "SS", "ﬁ", "FI", "ﬂ", "FL", "ﬀ", "FF", "ŉ", "ʼN")
	named      = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&apos;", "é", "&eacute;", "ö", "&ouml;", "@", "&commat;", "/", "&sol;")
	decomposed = strings.NewReplacer("é", "e\u0301", "ö", "o\u0308", "ü", "u\u0308", "å", "a\u030a", "ñ", "n\u0303", "й", "и\u0306", "が", "か\u3099", "한", "\u1112\u1161\u11ab", "\u212b", "A\u030a", "\u212a", "K")
	composed   = strings.NewReplacer("e\u0301", "é", "o\u0308", "ö", "u\u0308", "ü", "a\u030a", "å", "n\u0303", "ñ", "и\u0306", "й", "か\u3099", "が", "\u1112\u1161\u11ab", "한", "\u212b", "Å", "\u212a", "K")
)

func mapFirst(f func(rune) rune, s string) string {
	for i, r := range s {
		return s[:i] + string(f(r)) + s[i+len(string(r)):]
	}
	return s
}

// percent escapes all but letters, digits and the safe characters.
func percent(s, safe string) string {
	var b strings.Builder
	for i := range len(s) {
		if c := s[i]; c < unicode.MaxASCII && (unicode.IsLetter(rune(c)) || unicode.IsDigit(rune(c)) || strings.IndexByte(safe, c) >= 0) {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

func everyByte(s, format string) string {
	var b strings.Builder
	for i := range len(s) {
		fmt.Fprintf(&b, format, s[i])
	}
	return b.String()
}

// jsString escapes every character as JavaScript can.
func jsString(s string) string {
	var b strings.Builder
	for _, unit := range utf16.Encode([]rune(s)) {
		if unit > unicode.MaxLatin1 {
			fmt.Fprintf(&b, `\u%04x`, unit)
		} else {
			fmt.Fprintf(&b, `\x%02x`, unit)
		}
	}
	return b.String()
}

// lowerHex lowers the digits of percent escapes.
func lowerHex(s string) string {
	b := []byte(s)
	for i := 0; i+2 < len(b); i++ {
		if b[i] == '%' {
			copy(b[i:], strings.ToLower(string(b[i:i+3])))
		}
	}
	return string(b)
}

func jsEscape(s string) string {
	var b strings.Builder
	for _, unit := range utf16.Encode([]rune(s)) {
		switch {
		case unit > unicode.MaxLatin1:
			fmt.Fprintf(&b, "%%u%04X", unit)
		case unit < unicode.MaxASCII && (unicode.IsLetter(rune(unit)) || unicode.IsDigit(rune(unit)) || strings.ContainsRune("@*_+-./", rune(unit))):
			b.WriteByte(byte(unit))
		default:
			fmt.Fprintf(&b, "%%%02X", unit)
		}
	}
	return b.String()
}

// quoted returns the inside of a JSON string.
func quoted(s string, forHTML bool) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(forHTML)
	_ = enc.Encode(s) // a string can be encoded
	return strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(b.String()), `"`), `"`)
}

// ascii escapes what is not ASCII, in UTF-16.
func ascii(s, format string) string {
	var b strings.Builder
	for _, unit := range utf16.Encode([]rune(s)) {
		if unit > unicode.MaxASCII {
			fmt.Fprintf(&b, format, unit)
		} else {
			b.WriteByte(byte(unit))
		}
	}
	return b.String()
}

// entities escapes all but letters and digits of ASCII.
func entities(s, format string) string {
	var b strings.Builder
	for _, r := range s {
		if r <= unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)) {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, format, r)
		}
	}
	return b.String()
}
