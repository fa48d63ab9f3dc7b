package opentelemetry

import (
	"io"
	"net/http"
)

// quiet keeps the texts of errors out of spans. otelhttp writes them there, net/http
// quotes the server in them, and a server can send back what it received.
type quiet struct{ base http.RoundTripper }

func (q quiet) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := q.base.RoundTrip(req)
	if err != nil {
		return nil, failure{err}
	}
	resp.Body = quietBody{resp.Body}
	return resp, nil
}

type quietBody struct{ io.ReadCloser }

func (b quietBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil && err != io.EOF { // readers compare io.EOF and do not look for it in a chain
		err = failure{err}
	}
	return n, err
}

// failure hides the text of an error. errors.Is and errors.As still find the error.
type failure struct{ err error }

func (failure) Error() string   { return "no complete response" }
func (f failure) Unwrap() error { return f.err }
