package transport_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa/internal/transport"
	"github.com/go-auth0-mfa/mfa/internal/wiretest"
)

// zipped returns one gzip member.
func zipped(t *testing.T, plain []byte) []byte {
	t.Helper()
	var buf bytes.Buffer
	w := gzip.NewWriter(&buf)
	_, err := w.Write(plain)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return buf.Bytes()
}

// padded returns "hello" in gzip members of so many bytes in all, one of which
// holds nothing, with names of every length.
func padded(t *testing.T, size int) []byte {
	t.Helper()
	nothing := zipped(t, nil)
	all := zipped(t, []byte("hello"))
	for len(all)+2*len(nothing) < size {
		all = append(all, nothing...)
	}
	var buf bytes.Buffer
	w := gzip.NewWriter(&buf)
	w.Name = strings.Repeat("n", size-len(all)-len(nothing)-1)
	require.NoError(t, w.Close())
	all = append(all, buf.Bytes()...)
	require.Len(t, all, size)
	return all
}

// repeating repeats itself.
type repeating []byte

func (r repeating) Read(b []byte) (int, error) {
	n := 0
	for n+len(r) <= len(b) {
		n += copy(b[n:], r)
	}
	if n == 0 {
		n = copy(b, r)
	}
	return n, nil
}

// endless repeats itself for longer than anybody should listen, and yet not
// for ever, so that a reader without a limit fails instead of hanging.
func endless(s []byte) io.Reader { return io.LimitReader(repeating(s), 32<<20) }

// closing remembers that it was closed.
type closing struct {
	io.Reader
	closed bool
}

func (c *closing) Close() error { c.closed = true; return nil }

func TestClient_Send_readsTheBody(t *testing.T) {
	t.Parallel()
	full := bytes.Repeat([]byte("a"), transport.MaxBody)
	hello := zipped(t, []byte("hello"))
	unusable := transport.ErrUnusable
	tests := []struct {
		name     string
		encoding string
		body     io.Reader
		length   int64 // -1: not announced
		want     string
		err      error
	}{
		{"small", "", strings.NewReader("hello"), 5, "hello", nil},
		{"not announced", "", strings.NewReader("hello"), -1, "hello", nil},
		{"empty", "", http.NoBody, 0, "", nil},
		{"named identity", "Identity", strings.NewReader("hello"), 5, "hello", nil},
		{"at the limit", "", bytes.NewReader(full), transport.MaxBody, string(full), nil},
		{"at the limit, not announced", "", bytes.NewReader(full), -1, string(full), nil},
		{"over the limit", "", endless([]byte("a")), transport.MaxBody + 1, "", unusable},
		{"over the limit by one, not announced", "", io.MultiReader(bytes.NewReader(full), strings.NewReader("a")), -1, "", unusable},
		{"announced 1 GiB", "", endless([]byte("a")), 1 << 30, "", unusable},
		{"without end", "", endless([]byte("a")), -1, "", unusable},
		{"gzip", "gzip", bytes.NewReader(hello), int64(len(hello)), "hello", nil},
		{"gzip, not announced", "GZIP", bytes.NewReader(hello), -1, "hello", nil},
		{"gzip in two members", "gzip", bytes.NewReader(append(bytes.Clone(hello), hello...)), -1, "hellohello", nil},
		{"gzip of the limit", "gzip", bytes.NewReader(zipped(t, full)), -1, string(full), nil},
		{"gzip over the limit by one", "gzip", bytes.NewReader(zipped(t, append(full, 'a'))), -1, "", unusable},
		{"gzip at the limit", "gzip", bytes.NewReader(padded(t, 256<<10)), -1, "hello", nil},
		{"gzip at the limit, over by one", "gzip", bytes.NewReader(padded(t, 256<<10+1)), -1, "", unusable},
		{"gzip of nothing", "gzip", bytes.NewReader(zipped(t, nil)), -1, "", nil},
		{"gzip without a body", "gzip", http.NoBody, -1, "", nil},
		{"gzip announced as empty", "gzip", strings.NewReader(""), 0, "", nil},
		{"gzip members without end", "gzip", endless(zipped(t, nil)), -1, "", unusable},
		{"gzip announced too long", "gzip", endless(hello), transport.MaxBody + 1, "", unusable},
		{"unknown encoding", "br", strings.NewReader("hello"), 5, "", unusable},
		{"two encodings", "gzip, gzip", bytes.NewReader(hello), -1, "", unusable},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			body := &closing{Reader: tt.body}
			resp := &http.Response{StatusCode: http.StatusForbidden, Header: http.Header{}, Body: body, ContentLength: tt.length}
			if tt.body == http.NoBody {
				resp.Body, body.closed = http.NoBody, true
			}
			if tt.encoding != "" {
				resp.Header.Set("Content-Encoding", tt.encoding)
			}

			out := send(t, newClient(responds(resp)), post())

			require.ErrorIs(t, out.Err, tt.err)
			assert.Equal(t, http.StatusForbidden, out.Status)
			assert.Equal(t, resp.Header, out.Header)
			assert.Equal(t, tt.want, string(out.Body))
			assert.False(t, out.NotSent)
			assert.True(t, body.closed)
		})
	}
}

func TestClient_Send_failsOnAnIncompleteBody(t *testing.T) {
	t.Parallel()
	hello := zipped(t, []byte("hello"))
	corrupt := bytes.Clone(hello)
	corrupt[len(corrupt)-8] ^= 1 // the checksum
	tests := []struct {
		name string
		body []byte
	}{
		{"gzip cut in the header", hello[:4]},
		{"gzip cut in the data", hello[:len(hello)-10]},
		{"gzip cut in the trailer", hello[:len(hello)-1]},
		{"gzip with a wrong checksum", corrupt},
		{"no gzip", []byte(`{"error":"invalid_grant"}`)},
		{"gzip with something behind", append(bytes.Clone(hello), "and more than a gzip header"...)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := newClient(responds(&http.Response{
				StatusCode:    http.StatusOK,
				Header:        http.Header{"Content-Encoding": {"gzip"}},
				Body:          io.NopCloser(bytes.NewReader(tt.body)),
				ContentLength: -1,
			}))

			out := send(t, c, post())

			require.Error(t, out.Err)
			require.NotErrorIs(t, out.Err, transport.ErrUnusable)
			assert.Zero(t, out.Status)
			assert.Empty(t, out.Body)
			assert.False(t, out.NotSent)
		})
	}
}

func TestClient_Send_staysSmall(t *testing.T) { //nolint:paralleltest // it measures what the whole process allocates
	const limit = 4 << 20
	// As much as fits under the limit on the compressed size, which would hide the
	// other: how much that is depends on the compressor of the Go release.
	member := zipped(t, make([]byte, 1<<20))
	members := transport.MaxBody / len(member)
	require.Greater(t, members<<20, 16*limit, "unpacked")
	bomb := bytes.Repeat(member, members)
	tests := []struct {
		name, encoding string
		body           io.Reader
		length         int64
	}{
		{"gzip bomb", "gzip", bytes.NewReader(bomb), int64(len(bomb))},
		{"gzip members without end", "gzip", endless(zipped(t, nil)), -1},
		{"without end", "", endless([]byte("a")), -1},
		{"announced 1 GiB", "", endless([]byte("a")), 1 << 30},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := newClient(responds(&http.Response{
				StatusCode:    http.StatusOK,
				Header:        http.Header{"Content-Encoding": {tt.encoding}},
				Body:          io.NopCloser(tt.body),
				ContentLength: tt.length,
			}))
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)

			out := send(t, c, post())

			runtime.ReadMemStats(&after)
			require.ErrorIs(t, out.Err, transport.ErrUnusable)
			assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(limit))
		})
	}
}

// A bomb that net/http unpacks itself, as a transport of the caller's does
// unless that is switched off.
func TestClient_Send_refusesABombThatWasUnpackedBelow(t *testing.T) {
	t.Parallel()
	bomb := zipped(t, make([]byte, 1<<20))
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(bomb)
	}))
	t.Cleanup(srv.Close)

	out := send(t, newClient(&http.Transport{}, toServer(srv)), post())

	require.ErrorIs(t, out.Err, transport.ErrUnusable)
	assert.Equal(t, http.StatusOK, out.Status)
}

func TestClient_Send_readsTheFraming(t *testing.T) {
	t.Parallel()
	chunk := strconv.FormatInt(1<<20, 16) + "\r\n" + strings.Repeat("a", 1<<20) + "\r\n"
	tests := []struct {
		name, response string
		status         int
		err            error
	}{
		{"no content", "HTTP/1.1 204 No Content\r\n\r\n", 204, nil},
		{"no content, said to be gzip", "HTTP/1.1 204 No Content\r\nContent-Encoding: gzip\r\n\r\n", 204, nil},
		{"empty, said to be gzip", "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 0\r\n\r\n", 200, nil},
		{"empty in chunks, said to be gzip", "HTTP/1.1 401 Unauthorized\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 401, nil},
		{"not modified, said to be gzip", "HTTP/1.1 304 Not Modified\r\nContent-Encoding: gzip\r\n\r\n", 304, nil},
		{"switching protocols", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n", 101, transport.ErrUnusable},
		{"chunk over the limit", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk, 200, transport.ErrUnusable},
		{"status beyond the registry", "HTTP/1.1 999 eyJ0b2tlbiI\r\nContent-Length: 0\r\n\r\n", 999, nil},
	}
	for _, tt := range tests {
		for _, req := range []transport.Request{post(), get()} {
			t.Run(tt.name+"/"+req.Method, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					p := wiretest.NewPeer(wiretest.Stalls(tt.response))
					tr := p.Transport()
					defer wiretest.CloseIdle(tr)

					out := send(t, newClient(tr), req)

					require.ErrorIs(t, out.Err, tt.err)
					assert.Equal(t, tt.status, out.Status)
					assert.Empty(t, out.Body)
					assert.EqualValues(t, 1, p.Requests.Load())
				})
			})
		}
	}
}
