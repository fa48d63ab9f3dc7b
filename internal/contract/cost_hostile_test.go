package contract

import (
	"bytes"
	"compress/gzip"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/internal/wiretest"
)

const (
	hostileSize = 100 << 20
	hostileCost = 4 << 20 // beside what is read, HTTP/2 may have windows full of it
)

// A response without end costs what is read of it, and no more. The peer is in
// this process and must not allocate either, so it sends one chunk over and over.
func TestCost_hostileResponse(t *testing.T) {
	chunk := bytes.Repeat([]byte("a"), 32<<10)
	begin, end := []byte(`{"challenge_type":"oob","oob_code":"Fe26.o","pad":"`), []byte(`"}`)
	bomb := gzipBomb(t, begin, end)
	endless := func(w io.Writer) {
		_, err := w.Write(begin)
		for sent := len(begin); err == nil && sent < hostileSize; sent += len(chunk) {
			_, err = w.Write(chunk)
		}
		_, _ = w.Write(end)
	}
	for name, send := range map[string]func(http.ResponseWriter){
		"100 MB": func(w http.ResponseWriter) { endless(w) },
		"100 MB, announced": func(w http.ResponseWriter) {
			w.Header().Set("Content-Length", strconv.Itoa(hostileSize+len(begin)+len(end)))
			endless(w)
		},
		"gzip bomb of 100 MB": func(w http.ResponseWriter) {
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write(bomb)
		},
	} {
		for protocol, http2 := range map[string]bool{"HTTP/1.1": false, "HTTP/2": true} {
			t.Run(name+" over "+protocol, func(t *testing.T) {
				server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					_, _ = io.Copy(io.Discard, r.Body)
					w.Header().Set("Content-Type", "application/json")
					if r.URL.Path != "/mfa/challenge" {
						_, _ = w.Write([]byte("{}"))
						return
					}
					send(w)
				}))
				server.EnableHTTP2 = http2
				server.Config.ErrorLog = log.New(io.Discard, "", 0)
				server.StartTLS()
				t.Cleanup(server.Close)
				client := trusting(t, server)
				require.NoError(t, client.Warm(t.Context()))

				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				_, err := wiretest.Named("challenge").Call(t.Context(), client)
				runtime.ReadMemStats(&after)

				assert.ErrorIs(t, err, mfa.ErrUnexpectedResponse)
				assert.LessOrEqual(t, after.TotalAlloc-before.TotalAlloc, uint64(hostileCost))
			})
		}
	}
}

// gzipBomb is a JSON object that inflates to 100 MB. Each part is compressed
// for itself, which RFC 1952, section 2.2 allows and which is quick.
func gzipBomb(t *testing.T, begin, end []byte) []byte {
	t.Helper()
	part := func(content []byte) []byte {
		var b bytes.Buffer
		w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
		require.NoError(t, err)
		_, err = w.Write(content)
		require.NoError(t, err)
		require.NoError(t, w.Close())
		return b.Bytes()
	}
	filler := part(bytes.Repeat([]byte("a"), 1<<20))
	bomb := bytes.Join([][]byte{part(begin), bytes.Repeat(filler, hostileSize>>20), part(end)}, nil)
	require.Less(t, len(bomb), 256<<10, "must not be refused for its compressed size")
	return bomb
}
