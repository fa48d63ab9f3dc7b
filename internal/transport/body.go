package transport

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"strings"
)

// MaxBody is how many bytes of an answer are read, after decompression.
const MaxBody = 256 << 10

// ErrUnusable marks a complete answer whose body cannot be used: it is too
// large, in an unknown encoding, or no body but another protocol.
var ErrUnusable = errors.New("transport: unusable answer")

// readBody reads the whole body, or says why there is none. The body is closed.
func readBody(resp *http.Response) ([]byte, error) {
	defer resp.Body.Close() //nolint:errcheck // all that is wanted of it was read
	if resp.StatusCode == http.StatusSwitchingProtocols || resp.ContentLength > MaxBody {
		return nil, ErrUnusable
	}
	raw := &io.LimitedReader{R: resp.Body, N: MaxBody + 1}
	switch strings.ToLower(resp.Header.Get("Content-Encoding")) {
	case "", "identity":
		return readAll(raw, resp.ContentLength)
	case "gzip":
		if resp.ContentLength == 0 || resp.Body == http.NoBody {
			return nil, nil
		}
		plain, err := gzip.NewReader(raw)
		if err != nil {
			return nil, err
		}
		body, err := readAll(&io.LimitedReader{R: plain, N: MaxBody + 1}, 0)
		if raw.N == 0 {
			return nil, ErrUnusable
		}
		return body, err
	default:
		return nil, ErrUnusable
	}
}

// readAll reads to the end, into a buffer made for size bytes if that many are
// announced. r stops one byte after MaxBody.
func readAll(r *io.LimitedReader, size int64) ([]byte, error) {
	var buf bytes.Buffer
	if size > 0 {
		buf.Grow(int(size) + bytes.MinRead) // so that it need not grow to see the end
	}
	if _, err := buf.ReadFrom(r); err != nil {
		return nil, err
	}
	if r.N == 0 {
		return nil, ErrUnusable
	}
	return buf.Bytes(), nil
}
