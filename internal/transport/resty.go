package transport

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/go-resty/resty/v2"
)

// sender hands requests to resty, which only this file knows.
type sender struct {
	blank        resty.Request // copied for each request
	scheme, host string
	noHeader     http.Header // empty, and nobody writes to it
}

// newSender switches off whatever resty would do by itself: cookies that end users
// would share (hence not resty.New), retries, warnings on standard error, and
// parsing, which accepts a page of HTML as a success.
func newSender(hc *http.Client, scheme, host string) *sender {
	s := &sender{scheme: scheme, host: host, noHeader: http.Header{}}
	s.blank = *resty.NewWithClient(hc).
		SetLogger(silent{}).
		SetDisableWarn(true).
		SetDebug(false).
		SetRetryCount(0).
		SetDoNotParseResponse(true).
		SetPreRequestHook(s.prepare).
		R()
	// Five maps, which no request here fills. Without them copies share nothing.
	s.blank.QueryParam, s.blank.FormData, s.blank.PathParams, s.blank.RawPathParams, s.blank.Header = nil, nil, nil, nil, nil
	return s
}

// exchange is what sending one request needs, in one piece of memory.
type exchange struct {
	seen    connTrace
	request resty.Request
	body    bytes.Reader
	alone   bool
	path    string      // escaped
	bearer  [1]string   // the Authorization header, if there is one
	header  http.Header // what prepare keeps for complete
}

// exchanged is the key of the exchange in the context of its request.
type exchanged struct{}

// exchangeOf returns the exchange that a request belongs to. If there is none, it
// is nil.
func exchangeOf(req *http.Request) *exchange {
	x, _ := req.Context().Value(exchanged{}).(*exchange)
	return x
}

// send sends the request and returns the response with its body unread.
func (s *sender) send(ctx context.Context, x *exchange, req Request) (*http.Response, error) {
	x.path, x.alone = req.Path, req.Alone
	if req.Bearer != "" {
		x.bearer[0] = "Bearer " + req.Bearer
	}
	x.request = s.blank
	r := &x.request
	r.Header = req.Header
	if req.Body != nil {
		// Of this type, which resty hands on as it is and net/http sends in one write
		// with the header.
		x.body.Reset(req.Body)
		r.Body = &x.body
	}
	r.SetContext(context.WithValue(ctx, exchanged{}, x))
	// The rest of the URL follows in prepare, because resty and net/http would parse
	// it twice.
	resp, err := r.Execute(req.Method, s.scheme+":")
	if err != nil {
		return nil, err
	}
	return resp.RawResponse, nil
}

// prepare is resty's hook for the request that it made. It keeps from http.Client what
// that would copy: the header for redirects, and, if there is a Host, the URL for
// cookies. The request has neither.
func (s *sender) prepare(_ *resty.Client, req *http.Request) (err error) {
	x := exchangeOf(req)
	if !strings.HasPrefix(x.path, "/") {
		return errForeign // it would go on with the host
	}
	req.URL.Host = s.host
	if req.URL.Path, err = url.PathUnescape(x.path); req.URL.Path != x.path {
		req.URL.RawPath = x.path
	}
	if x.bearer[0] != "" {
		req.Header["Authorization"] = x.bearer[:]
	}
	preventReplay(req)
	x.header, req.Header = req.Header, s.noHeader
	return err
}

// complete gives the request what prepare kept, for the transport.
func (x *exchange) complete(req *http.Request) {
	req.Host, req.Header = req.URL.Host, x.header
}

// silent drops what resty would write to standard error.
type silent struct{}

func (silent) Errorf(string, ...any) {}
func (silent) Warnf(string, ...any)  {}
func (silent) Debugf(string, ...any) {}
