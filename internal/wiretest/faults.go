package wiretest

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
)

// Quoted is a text that some faults quote, and that no error may show.
const Quoted = "eyJ0b2tlbiI"

// Unsent is a way in which a call by https fails before its request is sent.
type Unsent struct {
	Name      string
	Host      string
	Transport func() *http.Transport
	Final     bool // another dial would end the same way
	As        func(error) bool
}

// UnsentCases returns the ways to fail before a request is sent. It must not be
// called in a bubble.
func UnsentCases() []Unsent {
	refused := &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	notFound := &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Name: CertifiedHost, IsNotFound: true}}
	noServer := &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Name: CertifiedHost, IsTemporary: true}}
	current, old := ServerTLS(), ServerTLS()
	old.MaxVersion = tls.VersionTLS11
	plain := func(conn net.Conn) { _, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok") }
	return []Unsent{
		{"refused", CertifiedHost, failsToDial(refused), false, as[*net.OpError]},
		{"unknown name", CertifiedHost, failsToDial(notFound), true, as[*net.DNSError]},
		{"name server fails", CertifiedHost, failsToDial(noServer), false, as[*net.DNSError]},
		{"untrusted certificate", CertifiedHost, (&Peer{Serve: handshake(current)}).Transport, true, as[*tls.CertificateVerificationError]},
		{"certificate for another host", "other.example", (&Peer{Serve: handshake(current)}).TrustingTransport, true, as[x509.HostnameError]},
		{"old TLS", CertifiedHost, (&Peer{Serve: handshake(old)}).TrustingTransport, false, as[*net.OpError]},
		{"no TLS", CertifiedHost, (&Peer{Serve: plain}).TrustingTransport, false, as[*url.Error]},
		{"handshake that hangs", CertifiedHost, Silent, false, as[net.Error]},
		{"proxy that cannot be reached", CertifiedHost, proxied(failsToDial(refused)), true, as[*net.OpError]},
		{"proxy that refuses", CertifiedHost, proxied(NewPeer(Closes("HTTP/1.1 407 " + Quoted + "\r\nContent-Length: 0\r\n\r\n")).Transport), true, as[error]},
	}
}

// Silent returns a transport whose connections are silent from the start. TLS
// fails only by its timeout.
func Silent() *http.Transport {
	return (&Peer{Serve: func(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) }}).TrustingTransport()
}

// Undialed returns a transport that dials until it is given up.
func Undialed() *http.Transport {
	tr := (&Peer{}).Transport()
	tr.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	return tr
}

func failsToDial(err error) func() *http.Transport {
	return func() *http.Transport {
		tr := (&Peer{}).TrustingTransport()
		tr.DialContext = func(context.Context, string, string) (net.Conn, error) { return nil, err }
		return tr
	}
}

// proxied has the connections of a transport lead to a proxy.
func proxied(base func() *http.Transport) func() *http.Transport {
	return func() *http.Transport {
		tr := base()
		tr.Proxy = http.ProxyURL(&url.URL{Scheme: "http", Host: "proxy.example:3128"})
		return tr
	}
}

func handshake(config *tls.Config) func(net.Conn) {
	return func(conn net.Conn) { _ = tls.Server(conn, config).HandshakeContext(context.Background()) }
}

func as[T error](err error) bool {
	var target T
	return errors.As(err, &target)
}

// Unknown is a way in which a peer got the whole request and sends no complete
// response.
type Unknown struct {
	Name     string
	Respond  func(net.Conn, int) bool // of [NewPeer]
	TimesOut bool                     // nothing but the deadline ends it
}

const okLine = "HTTP/1.1 200 OK\r\n"

// UnknownCases are the ways to send no complete response.
var UnknownCases = []Unknown{
	{"closes after the request", Closes(""), false},
	{"never responds", Stalls(""), true},
	{"stops in the header", Stalls(okLine), true},
	{"stops in the body", Stalls(okLine + "Content-Length: 9\r\n\r\nabc"), true},
	{"closes in the body", Closes(okLine + "Content-Length: 9\r\n\r\nabc"), false},
	{"closes in a chunk", Closes(okLine + "Transfer-Encoding: chunked\r\n\r\n9\r\nabc"), false},
	{"bad chunk", Closes(okLine + "Transfer-Encoding: chunked\r\n\r\nzz\r\nabc"), false},
	{"bad length", Closes(okLine + "Content-Length: -1\r\n\r\n"), false},
	{"two lengths", Closes(okLine + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab"), false},
	{"bad transfer encoding", Closes(okLine + "Transfer-Encoding: secret\r\n\r\n"), false},
	{"bad status line", Closes(Quoted + "\r\n\r\n"), false},
	{"bad header line", Closes(okLine + Quoted + "\r\n\r\n"), false},
	{"no status line", Closes("<html></html>"), false},
	{"endless header", endless(okLine, "X-Filler: "+strings.Repeat("a", 1000)+"\r\n"), false},
	{"endless early hints", endless("", "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"), false},
}

// endless sends the line until nobody reads any more.
func endless(start, line string) func(net.Conn, int) bool {
	return func(conn net.Conn, _ int) bool {
		_, err := io.WriteString(conn, start)
		for err == nil {
			_, err = io.WriteString(conn, line)
		}
		return false
	}
}

// HTTP2Faults are what an HTTP/2 peer sends after it got the whole request, though
// net/http may take it for a request that nobody processed and send it again.
var HTTP2Faults = map[string]Frames{
	"REFUSED_STREAM":         ResetStream(CodeRefusedStream),
	"PROTOCOL_ERROR":         ResetStream(CodeProtocolError),
	"INTERNAL_ERROR":         ResetStream(CodeInternalError),
	"CANCEL":                 ResetStream(CodeCancel),
	"ENHANCE_YOUR_CALM":      ResetStream(CodeEnhanceYourCalm),
	"GOAWAY NO_ERROR":        GoAway(CodeNoError),
	"GOAWAY INTERNAL_ERROR":  GoAway(CodeInternalError),
	"GOAWAY, then the reset": Both(GoAway(CodeNoError), ResetStream(CodeRefusedStream)),
	"103, then the reset":    Both(Status("103"), ResetStream(CodeRefusedStream)),
}

// Wrappings are how a caller may hand over a transport: as it is, and with a
// transport of their own around it, of which only RoundTrip can be reached.
var Wrappings = map[string]func(*http.Transport) http.RoundTripper{
	"http.Transport":      func(tr *http.Transport) http.RoundTripper { return tr },
	"caller's own around": func(tr *http.Transport) http.RoundTripper { return RoundTripper(tr.RoundTrip) },
}

// Asking is a transport that makes so many requests of each, and returns the
// response to the last one.
func Asking(base http.RoundTripper, requests int) RoundTripper {
	return func(req *http.Request) (*http.Response, error) {
		for range requests - 1 {
			resp, err := base.RoundTrip(req)
			if err != nil {
				return nil, err
			}
			_ = resp.Body.Close()
		}
		return base.RoundTrip(req)
	}
}
