package flow

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/go-auth0-mfa/mfa"
)

// errUnreachable means that no mail can reach what was typed as an address.
var errUnreachable = fmt.Errorf("flow: Enroll: no mail can reach the address: %w",
	&mfa.Error{Op: mfa.OpAssociate, Delivery: mfa.DeliveryNotSent, Fields: []string{"Email"}})

// isUnreachable reports whether an address that package mfa accepts is none on the
// Internet: its domain has no dot, or there is a space in it.
func isUnreachable(address string) bool {
	at := strings.LastIndexByte(address, '@')
	if at < 0 {
		return false // package mfa refuses it
	}
	local, labels := address[:at], strings.Split(address[at+1:], ".")
	return len(labels) < 2 || slices.Contains(labels, "") || strings.ContainsFunc(address[at:], unicode.IsSpace) ||
		!strings.HasPrefix(local, `"`) && strings.ContainsFunc(local, unicode.IsSpace)
}
