//go:build unix

package bench

import (
	"bytes"
	"crypto/x509"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
)

const origin = "https://tenant.eu.auth0.com"

// BenchmarkCall measures one call after the other on a warm connection: without
// a network, then over TLS on loopback with the server in this process, whose
// half counts for each way alike.
func BenchmarkCall(b *testing.B) {
	for _, net := range []string{"stub", "h1", "h2"} {
		for _, op := range operations {
			for _, way := range ways {
				b.Run("net="+net+"/op="+op.name+"/way="+way.name, func(b *testing.B) {
					base, transport := connect(b, net, op)
					repeat(b, way.call(op, base, transport))
				})
			}
		}
	}
}

// BenchmarkGrowth measures how a call grows with what it receives.
func BenchmarkGrowth(b *testing.B) {
	for _, n := range []int{0, 3, 12, 51} {
		b.Run("authenticators="+strconv.Itoa(n), func(b *testing.B) {
			repeat(b, library(list, origin, newStub(listOf(n))))
		})
	}
	for _, kB := range []int{1, 4, 16, 64} {
		b.Run("response="+strconv.Itoa(kB)+"kB", func(b *testing.B) {
			repeat(b, library(token, origin, newStub(tokenResponse(kB<<10))))
		})
	}
}

// repeat calls once to warm up, then as often as b says.
func repeat(b *testing.B, do call) {
	b.Helper()
	ctx := b.Context()
	require.NoError(b, do(ctx))
	b.ReportAllocs()
	began := processor()
	for b.Loop() {
		if err := do(ctx); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64((processor()-began).Nanoseconds())/float64(b.N), "cpu-ns/op")
}

// processor returns the processor time that this process has used, collecting
// garbage included. What else the machine does is not in it.
func processor() time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		panic(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// connect returns where to call and what carries the calls there.
func connect(b *testing.B, net string, op operation) (base string, transport http.RoundTripper) {
	b.Helper()
	if net == "stub" {
		return origin, newStub(op.response)
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(op.serve))
	server.EnableHTTP2 = net == "h2"
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	b.Cleanup(server.Close)
	own := mfa.NewTransport()
	b.Cleanup(own.CloseIdleConnections)
	own.Proxy = nil
	own.TLSClientConfig.RootCAs = x509.NewCertPool()
	own.TLSClientConfig.RootCAs.AddCert(server.Certificate())
	return server.URL, own
}

// The ways are comparable: each makes every call, and accepts no other response.
func TestWays_decodeTheResponse(t *testing.T) {
	t.Parallel()
	for _, way := range ways {
		for _, op := range operations {
			t.Run(way.name+"/"+op.name, func(t *testing.T) {
				t.Parallel()
				sent := recorder{stub: newStub(op.response)}
				require.NoError(t, way.call(op, origin, &sent)(t.Context()))
				assert.Equal(t, op.method, sent.req.Method)
				assert.Equal(t, origin+op.path, sent.req.URL.String())
				assert.Equal(t, op.method == http.MethodPost, len(sent.body) > 0)
				if way.name != "roundtrip" { // which looks at the status alone
					assert.Error(t, way.call(op, origin, newStub([]byte(`<html>`)))(t.Context()))
				}
			})
		}
	}
}

// A round trip sends what the library sends, time after time.
func TestRoundTrip_sendsWhatTheLibrarySends(t *testing.T) {
	t.Parallel()
	for _, op := range operations {
		first, again := recorder{stub: newStub(op.response)}, recorder{stub: newStub(op.response)}
		require.NoError(t, library(op, origin, &first)(t.Context()))
		bare := roundTrip(op, origin, &again)
		require.NoError(t, bare(t.Context()))
		require.NoError(t, bare(t.Context()))
		assert.Same(t, t.Context(), again.req.Context()) // a deadline is no part of a round trip
		assert.Equal(t, first.req.URL, again.req.URL)
		assert.Equal(t, first.req.Header, again.req.Header)
		assert.Equal(t, first.req.ContentLength, again.req.ContentLength)
		assert.True(t, bytes.Equal(first.body, again.body))
		assert.NotEmpty(t, again.req.Header.Get("User-Agent"))
	}
}

// The responses have the sizes of Auth0's, and cost one allocation.
func TestStub_costsOneAllocation(t *testing.T) { //nolint:paralleltest // it counts what the process allocates
	sizes := map[string]int{"associate": 858, "list": 345, "challenge": 720, "token": 2386}
	for _, op := range operations {
		assert.Len(t, op.response, sizes[op.name], op.name)
		stub := newStub(op.response)
		req := httptest.NewRequest(op.method, origin+op.path, nil)
		assert.Equal(t, 1, int(testing.AllocsPerRun(100, func() {
			_, _ = stub.RoundTrip(req) //nolint:bodyclose // there is nothing to close
		})))
	}
	assert.Len(t, headerLines, 16)
}
