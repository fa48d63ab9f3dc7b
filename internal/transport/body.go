package transport

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
)

// MaxBody is how many bytes of a response are read, after decompression.
const MaxBody = 256 << 10

// ErrUnusable marks a complete response whose body cannot be used: it is too
// large, in an unknown encoding, or no body but another protocol.
var ErrUnusable = errors.New("transport: unusable response")

// readBody reads the whole body, or says why there is none. It closes the body.
func readBody(resp *http.Response) ([]byte, error) {
	defer resp.Body.Close() //nolint:errcheck // all that is wanted of it was read
	if resp.StatusCode == http.StatusSwitchingProtocols || resp.ContentLength > MaxBody {
		return nil, ErrUnusable
	}
	switch strings.ToLower(resp.Header.Get("Content-Encoding")) {
	case "", "identity":
		return readAll(resp.Body, resp.ContentLength)
	case "gzip":
		raw := &io.LimitedReader{R: resp.Body, N: MaxBody + 1}
		plain, err := gzip.NewReader(raw)
		if err == io.EOF {
			return nil, nil // an empty body, whatever it is labeled
		}
		if err != nil {
			return nil, err
		}
		body, err := readAll(plain, -1)
		if raw.N == 0 {
			return nil, ErrUnusable
		}
		return body, err
	default:
		return nil, ErrUnusable
	}
}

// readAll reads to the end, or until there is more than MaxBody. The announced
// size saves growing; it is -1 if there is none.
func readAll(r io.Reader, size int64) ([]byte, error) {
	body := make([]byte, 0, cmp.Or(int(max(size, -1))+1, bytes.MinRead)) // with room to see the end
	for {
		n, err := r.Read(body[len(body):cap(body)])
		body = body[:len(body)+n]
		switch {
		case len(body) > MaxBody:
			return nil, ErrUnusable
		case err == io.EOF:
			return body, nil
		case err != nil:
			return nil, err
		case len(body) == cap(body):
			body = slices.Grow(body, len(body))
		}
	}
}
