package input

import (
	"net/netip"
	"strconv"
	"strings"
)

// Domain parses the domain of a tenant: a host name with an optional port, an optional
// https:// in front and an optional slash at the end. localhost and loopback addresses
// may also have http://. It returns the scheme and the canonical host, or what is wrong.
//
// The rule is narrower than a URL on purpose. With a value that two parsers read
// differently, a mistake in a configuration could send secrets to another host.
func Domain(s string) (scheme, host, problem string) {
	// This comes before ToLower, which turns some letters outside ASCII into ASCII.
	if problem := visibleASCII(s, 512); problem != "" {
		return "", "", problem
	}
	scheme = "https"
	name := strings.ToLower(s)
	if rest, ok := strings.CutPrefix(name, "https://"); ok {
		name = rest
	} else if rest, ok := strings.CutPrefix(name, "http://"); ok {
		name, scheme = rest, "http"
	}
	name = strings.TrimSuffix(name, "/")
	name, port, problem := splitPort(name)
	if problem != "" {
		return "", "", problem
	}
	loopback, problem := checkHost(name)
	switch {
	case problem != "":
		return "", "", problem
	case scheme == "http" && !loopback:
		return "", "", "must be reached by https"
	case port == "", scheme == "https" && port == "443", scheme == "http" && port == "80":
		return scheme, name, ""
	default:
		return scheme, name + ":" + port, ""
	}
}

// splitPort cuts off the port. The port is "" if there is none.
func splitPort(s string) (name, port, problem string) {
	at := strings.LastIndexByte(s, ':')
	if at < 0 || strings.HasSuffix(s, "]") {
		return s, "", ""
	}
	name, port = s[:at], s[at+1:]
	if _, err := strconv.ParseUint(port, 10, 16); err != nil || port[0] == '0' {
		return "", "", "has a port that is not a number from 1 to 65535"
	}
	return name, port, ""
}

// checkHost accepts a host name of at least two labels, localhost, and a loopback
// address. It reports whether the name is one of the last two.
func checkHost(name string) (loopback bool, problem string) {
	if name == "localhost" {
		return true, ""
	}
	bare, bracketed := strings.CutPrefix(name, "[")
	if bracketed {
		bare, bracketed = strings.CutSuffix(bare, "]")
	}
	if ip, err := netip.ParseAddr(bare); err == nil {
		if ip.Is4() && !bracketed && ip.IsLoopback() || bracketed && bare == "::1" {
			return true, ""
		}
		return false, "is an IP address"
	}
	labels := strings.Split(name, ".")
	if len(name) > 253 || len(labels) < 2 {
		return false, "is not a host name with a dot"
	}
	for _, label := range labels {
		if !isLabel(label) {
			return false, "is not a host name"
		}
	}
	// Some resolvers read such a name as an address, even in hexadecimal.
	if last := labels[len(labels)-1]; isDigits(last) || strings.HasPrefix(last, "0x") {
		return false, "is not a host name"
	}
	return false, ""
}

// isLabel reports whether s is a label of a host name: letters, digits and
// inner hyphens.
func isLabel(s string) bool {
	return s != "" && len(s) <= 63 && s[0] != '-' && s[len(s)-1] != '-' &&
		strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}
