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
	maxText = 200 // bytes
	maxCode = 64  // bytes
)

// Text cleans a server's sentence: every private value is replaced, and at most 200 bytes
// are kept.
func Text(s string, private []string) string {
	return cut(replace(Visible(s), private), maxText)
}

// Code cleans a server's error code. It returns "" for a sentence.
func Code(s string, private []string) string {
	s = Visible(s)
	if strings.Contains(s, " ") {
		return ""
	}
	return cut(replace(s, private), maxCode)
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

// RequestID returns id if it has the form of a request ID, else "".
func RequestID(id string) string {
	if len(id) > 64 {
		return ""
	}
	for _, r := range id {
		if r != '-' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') {
			return ""
		}
	}
	return id
}

// Visible removes invalid bytes and characters that are invisible or change how others
// are displayed: control and format characters, the bidirectional ones included. Line
// breaks and tabs become spaces. The values of the call stay in the text, so errors and
// logs must not keep it.
func Visible(s string) string {
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

// replace puts a mark in place of every private value, plain or escaped for a query, a
// path or a JSON string. If a value comes back in another case, the whole text becomes
// lower case.
func replace(s string, private []string) string {
	const hole = "\x00" // not the mark itself, of which a value may be a part; no visible text has it
	// The longest comes first: a code may be a part of a token.
	longestFirst := slices.SortedFunc(slices.Values(private), func(a, b string) int { return len(b) - len(a) })
	for _, value := range longestFirst {
		quoted, _ := jsontext.AppendQuote(nil, value) // cannot fail: every value is valid UTF-8
		inner := strings.TrimSuffix(strings.TrimPrefix(string(quoted), `"`), `"`)
		for _, form := range []string{Visible(value), url.QueryEscape(value), url.PathEscape(value), inner} {
			if form == "" {
				continue
			}
			s = strings.ReplaceAll(s, form, hole)
			if lower, form := strings.ToLower(s), strings.ToLower(form); strings.Contains(lower, form) {
				s = strings.ReplaceAll(lower, form, hole)
			}
		}
	}
	return strings.ReplaceAll(s, hole, mark)
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
