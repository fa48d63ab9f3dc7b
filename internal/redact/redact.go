// Package redact cleans text from a server, so that errors and logs can keep it. The
// result is short, without control characters and without the values of the call.
package redact

import (
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

const (
	mark    = "[REDACTED]"
	hole    = "\x00" // stands for the mark, of which a value may be a part; no visible text has it
	maxText = 200    // bytes
	maxCode = 64     // bytes
)

// Text cleans a server's sentence: every private value is replaced, and at most 200 bytes
// are kept. It returns "" if these quote a value in another spelling.
func Text(s string, private []string) string {
	return clean(Printable(s), private, maxText)
}

// Code cleans a server's error code. It returns "" for a sentence, and if the code quotes
// a private value in another spelling.
func Code(s string, private []string) string {
	s = Printable(s)
	if strings.Contains(s, " ") {
		return ""
	}
	return clean(s, private, maxCode)
}

// clean replaces the private values and keeps at most limit bytes, or none at all if
// these quote a value.
func clean(s string, private []string, limit int) string {
	s = replace(s, private)
	if quotes(cut(s, limit), private) {
		return ""
	}
	return cut(strings.ReplaceAll(s, hole, mark), limit)
}

// IsCode reports whether s has the form of all documented error codes: words of
// lower-case letters joined by underscores. No token, ID or one-time code has this form,
// so a log may contain such a code.
func IsCode(s string) bool {
	words := strings.Split(s, "_")
	if len(words) > 6 || len(words[0]) < 2 {
		return false
	}
	for _, word := range words {
		if word == "" || len(word) > 24 || strings.Trim(word, "abcdefghijklmnopqrstuvwxyz") != "" {
			return false
		}
	}
	return true
}

// RequestID returns id if it has the form of a request ID and holds no private value,
// else "". Random IDs share characters with random tokens, so a part of a value does not
// count.
func RequestID(id string, private []string) string {
	if len(id) > 64 {
		return ""
	}
	for _, r := range id {
		if r != '-' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') {
			return ""
		}
	}
	folded := fold(id)
	for _, value := range private {
		if plain := fold(value); plain != "" && strings.Contains(folded, plain) {
			return ""
		}
	}
	return id
}

// Printable removes invalid bytes and characters that are invisible or change how others
// are displayed: control and format characters, the bidirectional ones included. Line
// breaks and tabs become spaces. The values of the call stay in the text, so errors and
// logs must not keep it.
func Printable(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\r' || r == '\t':
			return ' '
		case r == utf8.RuneError || !unicode.IsGraphic(r):
			return -1
		default:
			return r
		}
	}, s)
}

// replace puts a hole in place of every private value, plain or escaped for a query, a
// path or a JSON string. If a value comes back in another case, the whole text becomes
// lower case.
func replace(s string, private []string) string {
	// The longest comes first: a code may be a part of a token.
	longestFirst := slices.SortedFunc(slices.Values(private), func(a, b string) int { return len(b) - len(a) })
	for _, value := range longestFirst {
		quoted, _ := jsontext.AppendQuote(nil, value) // cannot fail: every value is valid UTF-8
		inner := strings.TrimSuffix(strings.TrimPrefix(string(quoted), `"`), `"`)
		for _, form := range []string{Printable(value), url.QueryEscape(value), url.PathEscape(value), inner} {
			if form == "" {
				continue
			}
			s = strings.ReplaceAll(s, form, hole)
			if lower, form := strings.ToLower(s), strings.ToLower(form); strings.Contains(lower, form) {
				s = strings.ReplaceAll(lower, form, hole)
			}
		}
	}
	return s
}

// cut shortens s to at most limit bytes, between two characters.
func cut(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	for !utf8.RuneStart(s[limit]) {
		limit--
	}
	return s[:limit]
}
