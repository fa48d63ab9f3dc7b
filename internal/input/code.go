package input

import (
	"strings"
	"unicode"
)

const (
	codeLength         = 6
	recoveryCodeLength = 24
	maxTyped           = 4096 // bytes; a pasted mail is shorter
)

// OneTimeCode finds the six digits of a code in typed or pasted text, and reports
// whether there is exactly one such code.
//
// If there is nothing but digits, spaces and dashes, there have to be six digits.
// In other text the code is the number of six digits that stands alone. If there
// is none, it is the one with other numbers beside it, as in a telephone number.
// If there is none either, it is six digits with spaces or dashes between them.
func OneTimeCode(typed string) (string, bool) {
	if len(typed) == codeLength && isDigits(typed) {
		return typed, true
	}
	if len(typed) > maxTyped {
		return "", false
	}
	groups, text := numbersIn(typed)
	if !text {
		var all string
		for _, numbers := range groups {
			all += strings.Join(numbers, "")
		}
		return all, len(all) == codeLength
	}
	var alone, beside, between candidates
	for _, numbers := range groups {
		if len(numbers) == 1 {
			alone.add(numbers[0])
		}
		for _, number := range numbers {
			beside.add(number)
		}
		between.add(strings.Join(numbers, ""))
	}
	for _, found := range []candidates{alone, beside, between} {
		if found.n > 0 {
			return found.code, found.n == 1
		}
	}
	return "", false
}

// numbersIn returns the numbers in typed text, in groups with nothing but spaces
// and dashes between them, and whether there is any other text.
func numbersIn(typed string) (groups [][]string, text bool) {
	var number []byte
	var group []string
	endNumber := func() {
		if len(number) > 0 {
			group, number = append(group, string(number)), nil
		}
	}
	endGroup := func() {
		if endNumber(); len(group) > 0 {
			groups, group = append(groups, group), nil
		}
	}
	for _, r := range typed {
		d, isDigit := digit(r)
		switch {
		case isDigit:
			number = append(number, d)
		case isInvisible(r):
		case r == '\n':
			endGroup()
		case isSeparator(r):
			endNumber()
		default:
			text = true
			endGroup()
		}
	}
	endGroup()
	return groups, text
}

// candidates counts the different codes that a text may mean.
type candidates struct {
	code string
	n    int
}

func (c *candidates) add(digits string) {
	if len(digits) == codeLength && digits != c.code {
		c.code = digits
		c.n++
	}
}

// RecoveryCode returns the letters and digits of typed text, as capitals, and reports
// whether they can be a recovery code.
func RecoveryCode(typed string) (string, bool) {
	if len(typed) > maxTyped {
		return "", false
	}
	var code strings.Builder
	for _, r := range typed {
		r = plain(r)
		d, isDigit := digit(r)
		switch {
		case isDigit:
			code.WriteByte(d)
		case 'a' <= r && r <= 'z':
			code.WriteRune(r - 'a' + 'A')
		case 'A' <= r && r <= 'Z':
			code.WriteRune(r)
		case !isSeparator(r) && !isInvisible(r):
			return "", false
		}
	}
	return code.String(), code.Len() == recoveryCodeLength
}

// digit returns the decimal digit that r is in any script, as ASCII.
func digit(r rune) (byte, bool) {
	if !unicode.Is(unicode.Nd, r) {
		return 0, false
	}
	// In Unicode the digits of a script come in tens, from zero to nine. Where tens
	// touch, they are still a multiple of ten.
	first := r
	for unicode.Is(unicode.Nd, first-1) {
		first--
	}
	return '0' + byte((r-first)%10), true //nolint:gosec // below 10
}

// isSeparator reports whether r is a space or a dash.
func isSeparator(r rune) bool {
	return unicode.IsSpace(r) || unicode.Is(unicode.Pd, r) || r == '−' // the minus sign
}

// isInvisible reports whether r only controls how text is laid out, as a
// zero-width space does.
func isInvisible(r rune) bool { return unicode.Is(unicode.Cf, r) }
