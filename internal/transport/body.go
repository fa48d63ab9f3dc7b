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

// keptBuffer is how large a buffer may be that is used again. Most answers are
// smaller than 4 kB.
const keptBuffer = 64 << 10

// ErrUnusable marks a complete answer whose body cannot be used: it is too
// large, in an unknown encoding, or no body but another protocol.
var ErrUnusable = errors.New("transport: unusable answer")

// buffer is memory that one body after the other is read into.
type buffer struct {
	bytes   bytes.Buffer
	limited io.LimitedReader // beside it so that it need not be allocated
}

// readBody reads the whole body, or says why there is none. The body is closed.
func (b *buffer) readBody(resp *http.Response) ([]byte, error) {
	defer resp.Body.Close() //nolint:errcheck // all that is wanted of it was read
	if resp.StatusCode == http.StatusSwitchingProtocols || resp.ContentLength > MaxBody {
		return nil, ErrUnusable
	}
	switch strings.ToLower(resp.Header.Get("Content-Encoding")) {
	case "", "identity":
		return b.readAll(resp.Body, resp.ContentLength)
	case "gzip":
		raw := &io.LimitedReader{R: resp.Body, N: MaxBody + 1}
		plain, err := gzip.NewReader(raw)
		if err == io.EOF {
			return nil, nil // an empty body, whatever it is labelled
		}
		if err != nil {
			return nil, err
		}
		body, err := b.readAll(plain, -1)
		if raw.N == 0 {
			return nil, ErrUnusable
		}
		return body, err
	default:
		return nil, ErrUnusable
	}
}

// readAll reads to the end, or until there is more than MaxBody, into memory
// for the size that is announced; -1: none is.
func (b *buffer) readAll(r io.Reader, size int64) ([]byte, error) {
	b.bytes.Grow(int(max(size, 0)) + bytes.MinRead) // with room to see the end
	b.limited = io.LimitedReader{R: r, N: MaxBody + 1}
	_, err := b.bytes.ReadFrom(&b.limited)
	b.limited.R = nil
	switch {
	case b.bytes.Len() > MaxBody:
		return nil, ErrUnusable
	case err != nil:
		return nil, err
	default:
		return b.bytes.Bytes(), nil
	}
}

// clear makes the buffer as good as new.
func (b *buffer) clear() {
	all := b.bytes.Bytes()
	clear(all[:cap(all)])
	b.bytes.Reset()
	if cap(all) > keptBuffer {
		b.bytes = bytes.Buffer{}
	}
}
