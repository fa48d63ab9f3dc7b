// Package redact makes text that a server chose fit to be kept: without
// control characters, without the values of the call it answers, and short.
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

// Text returns what may be kept of a server's sentence: at most 200 bytes,
// with every private value replaced.
func Text(s string, private []string) string {
	return cut(replace(Visible(s), private), maxText)
}

// Code returns what may be kept of a server's error code, "" for what is no
// code but a sentence.
func Code(s string, private []string) string {
	s = Visible(s)
	if strings.Contains(s, " ") {
		return ""
	}
	return cut(replace(s, private), maxCode)
}

// IsCode reports whether s has the form of all documented error codes: words
// of lower-case letters joined by underscores. No token, id or one-time code
// has it, so such a code may stand in a log.
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

// RequestID returns id if it has the form of a request id, else "".
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

// Visible drops what does not show or changes how the rest shows: control and
// format characters (the bidirectional ones among them) and invalid bytes.
// Line breaks and tabs become blanks. The values of the call stay in the text:
// it is to look at, not to keep.
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

// replace puts a mark in place of every private value: as it shows, and as it
// would stand in a query, a path or a JSON string. An address or a code may
// come back in other cases; the whole text is then in lower case.
func replace(s string, private []string) string {
	const hole = "\x00" // which no visible text has, as a value may be a part of the mark
	// The longest first: a code may be a part of a token.
	longestFirst := slices.SortedFunc(slices.Values(private), func(a, b string) int { return len(b) - len(a) })
	for _, value := range longestFirst {
		quoted, _ := jsontext.AppendQuote(nil, value) // fails for invalid UTF-8, which no value is
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
