package transport

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// ProxyError means that a proxy did not connect to the server. It holds nothing
// else that the proxy said.
type ProxyError struct{ Status int }

func (e *ProxyError) Error() string {
	return "transport: the proxy refused to connect (HTTP " + strconv.Itoa(e.Status) + ")"
}

// sessions is of how many hosts the last TLS session is kept: a tenant's, a proxy's,
// and some for transports that clients share.
const sessions = 8

// NewTransport returns the transport that requests are sent on when the caller
// brings none.
func NewTransport() *http.Transport {
	return &http.Transport{
		Proxy: http.ProxyFromEnvironment,
		OnProxyConnectResponse: func(_ context.Context, _ *url.URL, _ *http.Request, resp *http.Response) error {
			if resp.StatusCode != http.StatusOK {
				return &ProxyError{resp.StatusCode} // and not the proxy's own words
			}
			return nil
		},
		DialContext:       counted((&net.Dialer{Timeout: 5 * time.Second, KeepAlive: 30 * time.Second}).DialContext),
		ForceAttemptHTTP2: true, // a DialContext switches it off otherwise
		// The cache is no other transport's. crypto/tls keeps one session for each
		// host name, whatever the port: a server cannot read another one's.
		TLSClientConfig:     &tls.Config{MinVersion: tls.VersionTLS12, ClientSessionCache: tls.NewLRUClientSessionCache(sessions)},
		TLSHandshakeTimeout: 5 * time.Second,
		// Without HTTP/2 a burst of calls reopens nearly every connection unless
		// as many may stay idle. No limit over all hosts: there is one host.
		MaxIdleConnsPerHost: 512,
		IdleConnTimeout:     90 * time.Second,
		// The bounded reader decompresses, and only what was not asked for.
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
