package transport

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/go-resty/resty/v2"
)

// NewTransport returns the transport that calls go out on when the caller
// brings none.
func NewTransport() *http.Transport {
	return &http.Transport{
		Proxy: http.ProxyFromEnvironment,
		OnProxyConnectResponse: func(_ context.Context, _ *url.URL, _ *http.Request, resp *http.Response) error {
			if resp.StatusCode != http.StatusOK {
				return errProxyRefused // and not the proxy's own words
			}
			return nil
		},
		DialContext:         (&net.Dialer{Timeout: 5 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		ForceAttemptHTTP2:   true, // a DialContext of one's own switches it off otherwise
		TLSClientConfig:     &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout: 5 * time.Second,
		// Without HTTP/2 a burst of calls reopens nearly every connection unless
		// as many may stay idle. No limit over all hosts: there is one host.
		MaxIdleConnsPerHost: 512,
		IdleConnTimeout:     90 * time.Second,
		// Decompressing is done by the bounded reader, on demand only.
		DisableCompression:     true,
		MaxResponseHeaderBytes: 64 << 10,
		HTTP2: &http.HTTP2Config{
			MaxReceiveBufferPerStream:     MaxBody,
			MaxReceiveBufferPerConnection: 4 << 20,
			// Off by default, and then a connection that went silent fails every call.
			SendPingTimeout: 15 * time.Second,
			PingTimeout:     10 * time.Second,
		},
	}
}

// errProxyRefused is returned when a proxy does not let a request through.
var errProxyRefused = errors.New("transport: the proxy refused")

// errForeign is returned for a request to another origin.
var errForeign = errors.New("transport: refused a request to another origin")

// guard sits below everything that could redirect a request, and above the
// transport that the caller brought.
type guard struct {
	base         http.RoundTripper
	scheme, host string
}

// RoundTrip sends the request, if it goes to the one origin.
func (g *guard) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.URL.Scheme != g.scheme || req.URL.Host != g.host {
		return nil, errForeign
	}
	resp, err := g.base.RoundTrip(req)
	if err != nil {
		return nil, err // net/http logs it when there is a response as well
	}
	if resp == nil || resp.Header["Location"] == nil {
		return resp, nil
	}
	// net/http quotes a malformed one in its error. The answer may be the
	// caller's, who gives it again.
	without := *resp
	without.Header = maps.Clone(resp.Header)
	delete(without.Header, "Location")
	return &without, nil
}

// CloseIdleConnections forwards to the transport below.
func (g *guard) CloseIdleConnections() {
	if c, ok := g.base.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}

// unrepeatably sees to it that net/http sends req at most once: a hook of
// resty, for the request as it is handed over.
//
// net/http repeats a request on a new connection when it can rewind the body,
// even after HTTP/2 peers have processed it, and without limit
// (https://github.com/golang/go/issues/52459). It cannot rewind this one. A GET
// has no body, see [connections].
func unrepeatably(_ *resty.Client, req *http.Request) error {
	req.GetBody = nil
	if req.Method != http.MethodGet && (req.Body == nil || req.Body == http.NoBody) {
		req.Body = unrepeatable{}
	}
	// They make net/http replay even a POST.
	delete(req.Header, "Idempotency-Key")
	delete(req.Header, "X-Idempotency-Key")
	return nil
}

// unrepeatable is an empty body that net/http does not know to be empty, and
// so does not send again.
type unrepeatable struct{}

func (unrepeatable) Read([]byte) (int, error) { return 0, io.EOF }
func (unrepeatable) Close() error             { return nil }
