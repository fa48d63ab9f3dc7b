package opentelemetry

import (
	"io"
	"net/http"
)

// quiet keeps the texts of errors out of spans, where otelhttp writes them:
// net/http quotes what a server sent, and a server can send back what it got.
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
	if err != nil && err != io.EOF { // io.EOF is compared, and not looked for in a chain
		err = failure{err}
	}
	return n, err
}

// failure is an error without its text. errors.Is and errors.As find the rest.
type failure struct{ err error }

func (failure) Error() string   { return "no complete answer" }
func (f failure) Unwrap() error { return f.err }
