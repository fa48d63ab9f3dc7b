package flow

import (
	"strings"

	"github.com/go-auth0-mfa/mfa"
)

// masked hides most of an address or a number, as Auth0 does it in names. Names
// that are masked already, and those of other factors, stay as they are.
func masked(factor mfa.Factor, name string) string {
	switch factor {
	case mfa.FactorEmail:
		if strings.Contains(name, "*") {
			return name
		}
		return maskedEmail(name)
	case mfa.FactorSMS, mfa.FactorVoice:
		return maskedNumber(name)
	default:
		return name
	}
}

// maskedEmail hides most of an address on both sides of the @.
func maskedEmail(address string) string {
	at := strings.LastIndexByte(address, '@')
	if at < 0 {
		return starred(address)
	}
	return starred(address[:at]) + "@" + starred(address[at+1:])
}

// maskedNumber hides all of a number but its last four digits.
func maskedNumber(number string) string {
	digits := []rune(number)
	for i := range len(digits) - 4 {
		digits[i] = 'X'
	}
	return string(digits)
}

// starred stars one side of an address: all of it, or all but the first four
// characters if there are more.
func starred(part string) string {
	runes := []rune(part)
	shown := 0
	if len(runes) > 4 {
		shown = 4
	}
	return string(runes[:shown]) + strings.Repeat("*", len(runes)-shown)
}

// cut bounds a name, which is for display only, so that it leaves room in a
// sealed step.
func cut(name string) string {
	const limit = 48
	runes := []rune(name)
	return string(runes[:min(len(runes), limit)])
}
