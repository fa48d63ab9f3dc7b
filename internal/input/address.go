package input

import "strings"

// TypedEmail returns an e-mail address as typed, without what does not belong to it:
// space around it, and invisible characters, which come with a paste. Full-width
// characters become plain ones.
func TypedEmail(typed string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case isInvisible(r):
			return -1
		case r == '。' || r == '｡': // in a domain they mean a dot (UTS #46)
			return '.'
		default:
			return plain(r)
		}
	}, typed))
}

// TypedPhoneNumber returns a phone number as typed, without the characters that people
// put between digits.
func TypedPhoneNumber(typed string) string {
	return strings.Map(func(r rune) rune {
		r = plain(r)
		if isInvisible(r) || isSeparator(r) || strings.ContainsRune(".()", r) {
			return -1
		}
		if d, ok := digit(r); ok {
			return rune(d)
		}
		return r
	}, typed)
}

// plain returns the ASCII character that a full-width one stands for.
func plain(r rune) rune {
	if '！' <= r && r <= '～' {
		return r - '！' + '!'
	}
	return r
}
