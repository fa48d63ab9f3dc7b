package input_test

import (
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa/internal/input"
)

func TestDomain_accepts(t *testing.T) {
	t.Parallel()
	var (
		label = strings.Repeat("a", 63)
		full  = strings.Repeat(label+".", 3) + strings.Repeat("b", 61) // 253 characters
	)
	tests := []struct{ name, domain, scheme, host string }{
		{"tenant", "tenant.eu.auth0.com", "https", "tenant.eu.auth0.com"},
		{"custom domain", "login.example.com", "https", "login.example.com"},
		{"two labels", "a.b", "https", "a.b"},
		{"upper case", "Tenant.EU.Auth0.COM", "https", "tenant.eu.auth0.com"},
		{"https", "https://tenant.auth0.com", "https", "tenant.auth0.com"},
		{"https in upper case", "HTTPS://tenant.auth0.com", "https", "tenant.auth0.com"},
		{"trailing slash", "tenant.auth0.com/", "https", "tenant.auth0.com"},
		{"https and trailing slash", "https://tenant.auth0.com/", "https", "tenant.auth0.com"},
		{"port", "tenant.auth0.com:8443", "https", "tenant.auth0.com:8443"},
		{"port and trailing slash", "tenant.auth0.com:8443/", "https", "tenant.auth0.com:8443"},
		{"lowest port", "tenant.auth0.com:1", "https", "tenant.auth0.com:1"},
		{"highest port", "tenant.auth0.com:65535", "https", "tenant.auth0.com:65535"},
		{"port of https", "tenant.auth0.com:443", "https", "tenant.auth0.com"},
		{"port of http", "tenant.auth0.com:80", "https", "tenant.auth0.com:80"},
		{"hyphen", "my-tenant.auth0.com", "https", "my-tenant.auth0.com"},
		{"punycode", "xn--bcher-kva.example", "https", "xn--bcher-kva.example"},
		{"label of digits", "123.example", "https", "123.example"},
		{"last label begins with a digit", "example.1a", "https", "example.1a"},
		{"longest label", label + ".com", "https", label + ".com"},
		{"longest name", full, "https", full},
		{"localhost", "localhost", "https", "localhost"},
		{"localhost by http", "http://localhost:3000", "http", "localhost:3000"},
		{"localhost by http in upper case", "HTTP://LOCALHOST", "http", "localhost"},
		{"localhost, port of http", "http://localhost:80", "http", "localhost"},
		{"localhost, port of https by http", "http://localhost:443", "http", "localhost:443"},
		{"localhost by https", "https://localhost:443/", "https", "localhost"},
		{"loopback", "127.0.0.1:8080", "https", "127.0.0.1:8080"},
		{"loopback by http", "http://127.0.0.1:8080", "http", "127.0.0.1:8080"},
		{"end of the loopback block", "http://127.255.255.254", "http", "127.255.255.254"},
		{"IPv6 loopback", "[::1]", "https", "[::1]"},
		{"IPv6 loopback by http", "http://[::1]:3000/", "http", "[::1]:3000"},
		{"IPv6 loopback, port of https", "https://[::1]:443", "https", "[::1]"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			scheme, host, problem := input.Domain(tt.domain)

			require.Empty(t, problem)
			assert.Equal(t, tt.scheme, scheme)
			assert.Equal(t, tt.host, host)
		})
	}
}

func TestDomain_refuses(t *testing.T) {
	t.Parallel()
	var (
		label = strings.Repeat("a", 63)
		full  = strings.Repeat(label+".", 3) + strings.Repeat("b", 61)
	)
	tests := []struct{ name, domain string }{
		{"nothing", ""},
		{"scheme only", "https://"},
		{"slash only", "/"},
		{"scheme and slash", "https:///"},
		{"http", "http://tenant.auth0.com"},
		{"http, below localhost", "http://tenant.localhost"},
		{"other scheme", "ftp://tenant.auth0.com"},
		{"scheme without slashes", "https:tenant.auth0.com"},
		{"scheme with one slash", "https:/tenant.auth0.com"},
		{"no scheme, but slashes", "//tenant.auth0.com"},
		{"scheme twice", "https://https://tenant.auth0.com"},
		{"http behind https", "https://http://localhost"},
		{"user", "user@tenant.auth0.com"},
		{"user and password", "https://user:secret@tenant.auth0.com"},
		{"at", "tenant.auth0.com@other.example"},
		{"at behind a port", "tenant.auth0.com:443@other.example"},
		{"path", "tenant.auth0.com/oauth"},
		{"two slashes behind", "tenant.auth0.com//"},
		{"query", "tenant.auth0.com?a=b"},
		{"fragment", "tenant.auth0.com#a"},
		{"percent", "tenant%2eauth0.com"},
		{"percent at", "tenant.auth0.com%40other.example"},
		{"backslash", `tenant.auth0.com\@other.example`},
		{"space before", " tenant.auth0.com"},
		{"space behind", "tenant.auth0.com "},
		{"space inside", "tenant .auth0.com"},
		{"tab", "tenant\t.auth0.com"},
		{"line break", "tenant.auth0.com\r\nHost: other.example"},
		{"NUL", "tenant.auth0.com\x00.other.example"},
		{"DEL", "tenant.auth0.com\x7f"},
		{"umlaut", "bücher.example"},
		{"Kelvin sign, which is k in lower case", "to\u212aen.example"},
		{"dotted I, which is i in lower case", "\u0130.example"},
		{"full-width dot", "tenant\uff0eauth0.com"},
		{"ideographic stop", "tenant\u3002auth0.com"},
		{"zero-width space", "tenant\u200b.auth0.com"},
		{"invalid UTF-8", "tenant\xff.auth0.com"},
		{"one label", "tenant"},
		{"dot only", "."},
		{"trailing dot", "tenant.auth0.com."},
		{"localhost with a dot", "localhost."},
		{"leading dot", ".auth0.com"},
		{"empty label", "tenant..auth0.com"},
		{"underscore", "my_tenant.auth0.com"},
		{"wildcard", "*.auth0.com"},
		{"leading hyphen", "-tenant.auth0.com"},
		{"trailing hyphen", "tenant-.auth0.com"},
		{"label too long", label + "a.com"},
		{"name too long", full + "b"},
		{"far too long", strings.Repeat("a.", 300) + "com"},
		{"last label of digits", "tenant.123"},
		{"last label hexadecimal", "1.2.3.0x4"},
		{"short IP address", "127.1"},
		{"number", "2130706433"},
		{"IP address", "192.0.2.1"},
		{"IP address by http", "http://192.0.2.1"},
		{"unspecified address", "0.0.0.0"},
		{"address before the loopback block", "126.255.255.255"},
		{"address behind the loopback block", "128.0.0.1"},
		{"loopback with leading zeros", "127.0.0.01"},
		{"loopback with a dot", "127.0.0.1."},
		{"loopback in brackets", "[127.0.0.1]"},
		{"IPv6 address", "[2001:db8::1]"},
		{"IPv6 loopback without brackets", "::1"},
		{"IPv6 loopback without brackets, with a port", "::1:443"},
		{"IPv6 loopback, half a bracket", "[::1"},
		{"IPv6 loopback, other half", "::1]"},
		{"IPv6 loopback with a zone", "[::1%25lo]"},
		{"IPv6 loopback, long form", "[0:0:0:0:0:0:0:1]"},
		{"IPv6 loopback, mapped", "[::ffff:127.0.0.1]"},
		{"IPv6 unspecified", "[::]"},
		{"text behind a bracket", "[::1]a"},
		{"name in brackets", "[tenant.auth0.com]"},
		{"localhost in brackets", "[localhost]"},
		{"no port", "tenant.auth0.com:"},
		{"port 0", "tenant.auth0.com:0"},
		{"port with a leading zero", "tenant.auth0.com:0443"},
		{"port too large", "tenant.auth0.com:65536"},
		{"negative port", "tenant.auth0.com:-1"},
		{"signed port", "tenant.auth0.com:+443"},
		{"named port", "tenant.auth0.com:https"},
		{"hexadecimal port", "tenant.auth0.com:0x50"},
		{"two ports", "tenant.auth0.com:1:2"},
		{"port only", ":443"},
		{"port of a bracket that is none", "[::2]:443"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			scheme, host, problem := input.Domain(tt.domain)

			require.NotEmpty(t, problem)
			assert.Empty(t, scheme)
			assert.Empty(t, host)
		})
	}
}

func TestDomain_everyByte(t *testing.T) {
	t.Parallel()
	const allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	for b := range 256 {
		char := string([]byte{byte(b)})
		want := strings.IndexByte(allowed, byte(b)) >= 0
		for _, domain := range []string{char + "a.example", "a" + char + ".example"} {
			_, _, problem := input.Domain(domain)
			assert.Equal(t, want, problem == "", "%q", domain)
		}
	}
}

// A secret that was pasted into the wrong place must not come back.
func TestDomain_keepsTheValueToItself(t *testing.T) {
	t.Parallel()
	const secret = "s3cr3tvalu3"
	for _, domain := range []string{
		secret, secret + " ", secret + ".", "https://" + secret, "http://" + secret + ".example",
		"a.b:" + secret, secret + "@a.b", "a.b/" + secret, "[" + secret + "]", strings.Repeat(secret, 60), secret + "\x00",
	} {
		_, _, problem := input.Domain(domain)

		require.NotEmpty(t, problem)
		assert.NotContains(t, problem, secret)
	}
}

func FuzzDomain(f *testing.F) {
	for _, seed := range []string{
		"tenant.auth0.com", "HTTPS://Tenant.Auth0.com:443/", "http://localhost:3000", "http://[::1]:80/", "127.0.0.1:1",
		"user@a.b", "a.b:65536", "a.b\\@c.d", "to\u212aen.example", "[::1%25lo]", "a.b//", "1.2.3.4", "::1", "a.0x1",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, domain string) {
		scheme, host, problem := input.Domain(domain)
		if problem != "" {
			assert.Empty(t, scheme+host)
			return
		}
		origin := scheme + "://" + host
		scheme2, host2, problem := input.Domain(origin)
		require.Empty(t, problem)
		assert.Equal(t, scheme, scheme2)
		assert.Equal(t, host, host2)

		u, err := url.Parse(origin + "/oauth/token")
		require.NoError(t, err)
		assert.Equal(t, scheme, u.Scheme)
		assert.Equal(t, host, u.Host)
		assert.Equal(t, "/oauth/token", u.Path)
		assert.Nil(t, u.User)
		if scheme != "https" && u.Hostname() != "localhost" {
			ip, err := netip.ParseAddr(u.Hostname())
			require.NoError(t, err)
			assert.True(t, ip.IsLoopback())
		}
	})
}
