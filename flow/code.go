package flow

import (
	"strings"
	"unicode"
)

const (
	codeLength         = 6
	recoveryCodeLength = 24
	maxTyped           = 4096 // bytes; a pasted mail is shorter
)

// cleanCode finds the six digits of a code in what was typed or pasted, and
// reports whether there is exactly one such code.
//
// Where there is nothing but digits, blanks and dashes, they have to be six
// digits. In a text the code is the number of six digits that stands alone; else
// the one that has other numbers beside it, as in a telephone number; else six
// digits with blanks or dashes between.
func cleanCode(typed string) (string, bool) {
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

// numbersIn returns the numbers in what was typed, in groups with nothing but
// blanks and dashes between, and whether there is any other text.
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

// candidates are the different codes that a text may mean.
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

// cleanRecoveryCode returns the letters and digits of a recovery code, and
// reports whether it can be one.
func cleanRecoveryCode(typed string) (string, bool) {
	if len(typed) > maxTyped {
		return "", false
	}
	var code strings.Builder
	for _, r := range typed {
		if 'Ａ' <= r && r <= 'ｚ' { // full-width
			r -= 'Ａ' - 'A'
		}
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
	// Unicode has the digits of a script in tens, from zero to nine; where tens
	// touch, their length still is a multiple of ten.
	first := r
	for unicode.Is(unicode.Nd, first-1) {
		first--
	}
	return '0' + byte((r-first)%10), true //nolint:gosec // below 10
}

// isSeparator reports whether r is a blank or a dash.
func isSeparator(r rune) bool {
	return unicode.IsSpace(r) || unicode.Is(unicode.Pd, r) || r == '−' // the minus sign
}

// isInvisible reports whether r only steers how text is laid out, as a
// zero-width space does.
func isInvisible(r rune) bool { return unicode.Is(unicode.Cf, r) }
