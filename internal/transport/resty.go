package transport

import (
	"bytes"
	"context"
	"net/http"

	"github.com/go-resty/resty/v2"
)

// sender hands requests to resty, which only this file knows.
type sender struct {
	blank resty.Request // copied for each request
}

// newSender switches off whatever resty would do by itself: cookies that end users
// would share (hence not resty.New), retries, warnings on standard error, and
// parsing, which accepts a page of HTML as a success.
func newSender(hc *http.Client) sender {
	blank := *resty.NewWithClient(hc).
		SetLogger(silent{}).
		SetDisableWarn(true).
		SetDebug(false).
		SetRetryCount(0).
		SetDoNotParseResponse(true).
		SetPreRequestHook(func(_ *resty.Client, req *http.Request) error {
			preventReplay(req)
			return nil
		}).
		R()
	// Five maps, which no request here fills. Without them copies share nothing.
	blank.QueryParam, blank.FormData, blank.PathParams, blank.RawPathParams, blank.Header = nil, nil, nil, nil, nil
	return sender{blank}
}

// exchange is what sending one request needs, in one piece of memory.
type exchange struct {
	seen    connTrace
	request resty.Request
	body    bytes.Reader
}

// send sends the request and returns the response with its body unread.
func (s *sender) send(ctx context.Context, x *exchange, req Request, origin string) (*http.Response, error) {
	x.request = s.blank
	r := &x.request
	r.Header, r.Token = req.Header, req.Bearer
	if req.Body != nil {
		// Of this type, which resty hands on as it is and net/http sends in one write
		// with the header.
		x.body.Reset(req.Body)
		r.Body = &x.body
	}
	r.SetContext(ctx)
	resp, err := r.Execute(req.Method, origin+req.Path)
	if err != nil {
		return nil, err
	}
	return resp.RawResponse, nil
}

// silent drops what resty would write to standard error.
type silent struct{}

func (silent) Errorf(string, ...any) {}
func (silent) Warnf(string, ...any)  {}
func (silent) Debugf(string, ...any) {}
