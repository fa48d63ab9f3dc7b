package redact

import (
	"html"
	"iter"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

const (
	maxSpellings = 32 // of one text, with escapes in escapes
	shared       = 24 // characters in a row that are a quote of a longer value: more than most mail domains
)

// quotes reports whether the text tells a private value, or 24 characters in a row of one,
// in any spelling: escaped once or more for a URL, a JSON or JavaScript string or HTML,
// in upper or lower case of any script, trimmed or cut. Both sides are compared without
// all of that.
//
// The forms of Unicode (NFC and NFD) cannot be compared without tables. So a text that is
// not ASCII counts as a quote if a value is not ASCII either.
func quotes(text string, private []string) bool {
	var told []spelling
	for piece := range strings.SplitSeq(text, hole) {
		if piece != "" {
			told = append(told, spellingsOf(piece)...)
		}
	}
	if told == nil {
		return false
	}
	for i := range told {
		told[i].index()
	}
	for _, value := range private {
		if fold(value) == "" && value != "" && strings.ContainsAny(text, `+\%&`) {
			return true // nothing is left of it to compare
		}
		for _, plain := range spellingsOf(value) {
			if plain.text != "" && slices.ContainsFunc(told, func(s spelling) bool { return s.tells(plain) }) {
				return true
			}
		}
	}
	return false
}

// IsValue reports whether name is a private value, in any spelling.
func IsValue(name string, private []string) bool {
	names := spellingsOf(name)
	is := func(plain spelling) bool {
		return plain.text != "" && slices.ContainsFunc(names, func(s spelling) bool { return s.text == plain.text })
	}
	return slices.ContainsFunc(private, func(value string) bool { return slices.ContainsFunc(spellingsOf(value), is) })
}

// spelling is a folded text.
type spelling struct {
	text  string
	ascii bool // before it was folded
	// Values can be long, so each is gone through once: runs says of characters in a row,
	// by a hash of them, whether the text may have them.
	runs *[1 << 12]bool
}

func (s *spelling) index() {
	if len(s.text) < shared {
		return
	}
	s.runs = new([1 << 12]bool)
	for _, hash := range runsOf(s.text) {
		s.runs[hash] = true
	}
}

// tells reports whether the text has the value, or a part of it.
func (s spelling) tells(value spelling) bool {
	if strings.Contains(s.text, value.text) || !s.ascii && !value.ascii {
		return true
	}
	if s.runs == nil {
		return false
	}
	for end, hash := range runsOf(value.text) {
		if s.runs[hash] && strings.Contains(s.text, value.text[end-shared:end]) {
			return true
		}
	}
	return false
}

// runsOf returns the end of each run of characters, and a hash of it.
func runsOf(s string) iter.Seq2[int, uint64] {
	return func(yield func(int, uint64) bool) {
		var last uint64 // eight characters, which tell enough
		for i := range len(s) {
			last = last<<8 | uint64(s[i])
			if i+1 >= shared && !yield(i+1, last*0x9e3779b97f4a7c15>>52) { // Fibonacci hashing
				return
			}
		}
	}
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// spellingsOf returns the folded text, and what it is with escapes undone: of one kind
// after the other, in any order, because what stands beside a value can make an escape of
// its beginning or end.
func spellingsOf(s string) []spelling {
	all := []spelling{{text: fold(s), ascii: isASCII(s)}}
	seen := []string{s}
	for i := 0; i < len(seen) && len(seen) < maxSpellings; i++ {
		if !strings.ContainsAny(seen[i], `%\&`) {
			continue
		}
		for _, undone := range []string{
			unquote(seen[i], '%'), unquote(seen[i], '\\'), html.UnescapeString(seen[i]),
			html.UnescapeString(strings.ToLower(seen[i])), // whose names may be in another case since
		} {
			if !slices.Contains(seen, undone) {
				seen = append(seen, undone)
				all = append(all, spelling{text: fold(undone), ascii: isASCII(undone)})
			}
		}
	}
	return all
}

// fold removes what can differ between two spellings of a text: case, spaces (in a form a
// plus is one), backslashes, and what is invisible.
func fold(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for i, r := range s {
		if '!' <= r && r <= '~' && r != '+' && r != '\\' { // most of all values
			if 'A' <= r && r <= 'Z' {
				r += 'a' - 'A'
			}
			b.WriteByte(byte(r))
			continue
		}
		if r == utf8.RuneError && s[i] != "\ufffd"[0] {
			r = rune(s[i]) // of Latin 1, as JavaScript escapes it
		}
		switch several := severalLetters[r]; {
		case several != "":
			b.WriteString(several)
		case r == utf8.RuneError || unicode.IsSpace(r) || !unicode.IsGraphic(r) || r == '+' || r == '\\':
		default:
			b.WriteRune(unicode.ToLower(unicode.ToUpper(r)))
		}
	}
	return b.String()
}

// severalLetters are the characters that become ASCII, and more than one letter of it, in
// upper case.
//
// Unicode, SpecialCasing.txt.
var severalLetters = map[rune]string{
	'ß': "ss", 'ẞ': "ss", 'ﬀ': "ff", 'ﬁ': "fi", 'ﬂ': "fl", 'ﬃ': "ffi", 'ﬄ': "ffl", 'ﬅ': "st", 'ﬆ': "st",
}

// unquote undoes the escapes that begin with the mark: a percent sign or a backslash.
func unquote(s string, mark byte) string {
	var b strings.Builder
	for {
		n := strings.IndexByte(s, mark)
		if n < 0 {
			b.WriteString(s)
			return b.String()
		}
		b.WriteString(s[:n])
		rest := s[n+1:]
		switch {
		case mark == '%' && hexAt(rest, 2) >= 0:
			b.WriteByte(byte(hexAt(rest, 2))) //nolint:gosec // two digits
			rest = rest[2:]
		case mark == '\\' && hasLetter(rest, 'x') && hexAt(rest[1:], 2) >= 0: // JavaScript
			b.WriteRune(rune(hexAt(rest[1:], 2))) //nolint:gosec // two digits
			rest = rest[3:]
		case hasLetter(rest, 'u') && hexAt(rest[1:], 4) >= 0: // %u is JavaScript's escape
			units := []uint16{uint16(hexAt(rest[1:], 4))} //nolint:gosec // four digits
			rest = rest[5:]
			if len(rest) > 1 && rest[0] == mark && hasLetter(rest[1:], 'u') && utf16.IsSurrogate(rune(units[0])) && hexAt(rest[2:], 4) >= 0 {
				units = append(units, uint16(hexAt(rest[2:], 4))) //nolint:gosec // four digits
				rest = rest[6:]
			}
			b.WriteString(string(utf16.Decode(units)))
		case mark == '%':
			b.WriteByte(mark)
		case strings.HasPrefix(rest, `\`):
			b.WriteByte(mark)
			rest = rest[1:]
		case rest != "" && strings.IndexByte("abfnrtvABFNRTV", rest[0]) >= 0: // they fold to nothing
			rest = rest[1:]
		} // else the backslash stands in front of a quote or a slash
		s = rest
	}
}

// hasLetter reports whether s begins with the letter, in either case.
func hasLetter(s string, lower byte) bool { return s != "" && s[0]|0x20 == lower }

// hexAt returns the number that n hexadecimal digits at the start of s make, or -1.
func hexAt(s string, n int) int64 {
	if len(s) < n {
		return -1
	}
	v, err := strconv.ParseUint(s[:n], 16, 32) // which accepts no sign and, with a base, no underscore
	if err != nil {
		return -1
	}
	return int64(v)
}
