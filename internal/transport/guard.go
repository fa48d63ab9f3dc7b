package transport

import (
	"errors"
	"io"
	"maps"
	"net/http"
)

// errForeign is returned for a request to another origin.
var errForeign = errors.New("transport: refused a request to another origin")

// guard stands below everything that could redirect a request, and above the
// transport that the caller brought.
type guard struct {
	base         http.RoundTripper
	scheme, host string
}

// RoundTrip sends the request if it goes to the one origin.
func (g *guard) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.URL.Scheme != g.scheme || req.URL.Host != g.host {
		return nil, errForeign
	}
	base := g.base
	if x := exchangeOf(req); x != nil {
		x.complete(req)
		if pool, ok := base.(*http.Transport); ok && x.alone {
			own := pool.Clone()
			own.DisableKeepAlives = true
			base = own
		}
	}
	resp, err := base.RoundTrip(req)
	if err != nil {
		return nil, err // net/http logs it when there is a response as well
	}
	if resp == nil || resp.Header["Location"] == nil {
		return resp, nil
	}
	// net/http quotes a malformed one in its error. The response may belong to the
	// caller, who returns it again.
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

// preventReplay keeps net/http from sending req twice.
//
// net/http repeats a request on a new connection when it can rewind the body,
// even after HTTP/2 peers have processed it, and without limit
// (https://github.com/golang/go/issues/52459). It cannot rewind this one. A GET
// has no body, see [connTrace].
func preventReplay(req *http.Request) {
	req.GetBody = nil
	if req.Method != http.MethodGet && (req.Body == nil || req.Body == http.NoBody) {
		req.Body = emptyBody{}
	}
	// They make net/http replay even a POST.
	delete(req.Header, "Idempotency-Key")
	delete(req.Header, "X-Idempotency-Key")
}

// emptyBody is an empty body that net/http does not know to be empty, and so
// does not send again.
type emptyBody struct{}

func (emptyBody) Read([]byte) (int, error) { return 0, io.EOF }
func (emptyBody) Close() error             { return nil }
