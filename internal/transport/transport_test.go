package transport_test

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/url"
	"os"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa/internal/transport"
	"github.com/go-auth0-mfa/mfa/internal/wiretest"
)

func TestNewTransport(t *testing.T) {
	t.Parallel()
	tr := transport.NewTransport()

	assert.NotSame(t, tr, transport.NewTransport())
	assert.Equal(t, reflect.ValueOf(http.ProxyFromEnvironment).Pointer(), reflect.ValueOf(tr.Proxy).Pointer())
	assert.NotNil(t, tr.DialContext)
	assert.True(t, tr.ForceAttemptHTTP2)
	assert.EqualValues(t, tls.VersionTLS12, tr.TLSClientConfig.MinVersion)
	assert.False(t, tr.TLSClientConfig.InsecureSkipVerify)
	assert.Equal(t, 5*time.Second, tr.TLSHandshakeTimeout)
	assert.Equal(t, 512, tr.MaxIdleConnsPerHost)
	assert.Zero(t, tr.MaxIdleConns)
	assert.Zero(t, tr.MaxConnsPerHost)
	assert.Equal(t, 90*time.Second, tr.IdleConnTimeout)
	assert.True(t, tr.DisableCompression)
	assert.False(t, tr.DisableKeepAlives)
	assert.EqualValues(t, 64<<10, tr.MaxResponseHeaderBytes)
	assert.Equal(t, &http.HTTP2Config{
		MaxReceiveBufferPerStream:     transport.MaxBody,
		MaxReceiveBufferPerConnection: 4 << 20,
		SendPingTimeout:               15 * time.Second,
		PingTimeout:                   10 * time.Second,
	}, tr.HTTP2)
}

func TestNewTransport_speaksHTTP2(t *testing.T) {
	t.Parallel()
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, r.Proto)
	}))
	srv.EnableHTTP2 = true
	srv.StartTLS()
	t.Cleanup(srv.Close)
	tr := transport.NewTransport()
	_, tr.TLSClientConfig.RootCAs = wiretest.Authority()
	c := newClient(tr, overTLS, toServer(srv))

	for _, req := range allMethods() {
		out := send(t, c, req)

		require.NoError(t, out.Err)
		assert.Equal(t, "HTTP/2.0", string(out.Body))
	}
	c.CloseIdleConnections()
}

// A proxy sees the name of the host and nothing else.
func TestNewTransport_goesThroughAProxy(t *testing.T) {
	t.Parallel()
	wiretest.Authority()
	synctest.Test(t, func(t *testing.T) {
		var asked string
		p := wiretest.NewPeer(wiretest.Keeps(ok))
		behind := p.Serve
		p.Serve = func(conn net.Conn) {
			req, err := http.ReadRequest(bufio.NewReader(conn))
			if !assert.NoError(t, err) {
				return
			}
			asked = req.Method + " " + req.RequestURI
			assert.Empty(t, req.Header.Get("Authorization"))
			_, _ = io.WriteString(conn, "HTTP/1.1 200 Connection established\r\n\r\n")
			secure := tls.Server(conn, wiretest.ServerTLS())
			defer secure.Close()
			behind(secure)
		}
		tr := p.TrustingTransport()
		tr.Proxy = http.ProxyURL(&url.URL{Scheme: "http", Host: "proxy.example:3128"})
		defer wiretest.CloseIdle(tr)
		req := get()
		req.Bearer = "t"

		out := send(t, newClient(tr, overTLS), req)

		require.NoError(t, out.Err)
		assert.Equal(t, "ok", string(out.Body))
		assert.Equal(t, "CONNECT "+host+":443", asked)
		assert.EqualValues(t, 1, p.Requests.Load())
	})
}

// The transport of the caller may sign what it sees, so it sees the whole request.
func TestClient_Send_completesTheRequest_forTheTransport(t *testing.T) {
	t.Parallel()
	for _, req := range allMethods() {
		t.Run(req.Method, func(t *testing.T) {
			t.Parallel()
			var got *http.Request
			c := newClient(wiretest.RoundTripper(func(r *http.Request) (*http.Response, error) {
				got = r
				return nil, http.ErrServerClosed
			}), overTLS)
			req.Path, req.Bearer = "/mfa/authenticators/email%7Cdev%2C1", "t"
			want := req.Header.Clone()
			want.Set("Authorization", "Bearer t")

			send(t, c, req)

			require.NotNil(t, got)
			assert.Equal(t, "https://"+host+"/mfa/authenticators/email%7Cdev%2C1", got.URL.String())
			assert.Equal(t, "/mfa/authenticators/email|dev,1", got.URL.Path)
			assert.Equal(t, host, got.Host)
			assert.Equal(t, want, got.Header)
			assert.Equal(t, int64(len(req.Body)), max(0, got.ContentLength))
			assert.NotContains(t, req.Header, "Authorization", "requests share it")
		})
	}
}

func TestClient_Send_sends(t *testing.T) {
	t.Parallel()
	type request struct {
		line, body string
		length     int64
		encoding   []string
		header     http.Header
	}
	got := make(chan request, 1)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got <- request{r.Method + " " + r.RequestURI, string(body), r.ContentLength, r.TransferEncoding, r.Header}
		w.Header().Set("X-Request-Id", "42")
		_, _ = io.WriteString(w, "the response")
	}))
	t.Cleanup(srv.Close)
	common := header()
	c := newClient(nil, toServer(srv))
	tests := []struct {
		name   string
		change func(*transport.Request)
		want   request
	}{
		{"POST", func(r *transport.Request) {
			*r = post()
			r.Header = http.Header{"User-Agent": {"ours/1"}, "Content-Type": {"application/json"}, "Accept": {"text/plain"}}
		}, request{"POST /mfa/challenge", `{"a":1}`, 7, nil, http.Header{
			"User-Agent": {"ours/1"}, "Accept": {"text/plain"}, "Content-Type": {"application/json"}, "Content-Length": {"7"},
		}}},
		{"DELETE of an escaped path", func(r *transport.Request) {
			*r = del()
			r.Path = "/mfa/authenticators/email%7Cdev_1"
			r.Header = common
		}, request{"DELETE /mfa/authenticators/email%7Cdev_1", "", 0, nil, common}},
		{"GET", func(r *transport.Request) {
			*r = get()
			r.Header, r.Bearer = common, "t"
		}, request{"GET /mfa/authenticators", "", 0, nil, http.Header{
			"User-Agent": {"ours/1"}, "Accept": {"application/json"}, "Authorization": {"Bearer t"},
		}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var req transport.Request
			tt.change(&req)

			out := send(t, c, req)

			require.NoError(t, out.Err)
			assert.Equal(t, tt.want, <-got)
			assert.Equal(t, http.StatusOK, out.Status)
			assert.Equal(t, "42", out.Header.Get("X-Request-Id"))
			assert.Equal(t, "the response", string(out.Body))
			assert.Equal(t, header(), common)
		})
	}
	c.CloseIdleConnections()
}

func TestClient_Send_inParallel(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(w, r.Body)
	}))
	t.Cleanup(srv.Close)
	c := newClient(nil, toServer(srv))
	const calls = 50
	outs := make([]transport.Outcome, calls)
	var all sync.WaitGroup
	for n := range outs {
		all.Go(func() {
			req := post()
			req.Body = strconv.AppendInt(nil, int64(n), 10)
			outs[n] = send(t, c, req)
		})
	}
	all.Wait()
	c.CloseIdleConnections()

	for n, out := range outs {
		require.NoError(t, out.Err)
		assert.Equal(t, strconv.Itoa(n), string(out.Body))
	}
}

func TestClient_Send_passesAPanicThrough(t *testing.T) {
	t.Parallel()
	requests := 0
	c := newClient(wiretest.RoundTripper(func(*http.Request) (*http.Response, error) {
		if requests++; requests == 1 {
			panic("injected")
		}
		return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody}, nil
	}))

	assert.PanicsWithValue(t, "injected", func() { send(t, c, post()) })

	out := send(t, c, post())
	require.NoError(t, out.Err)
	assert.Equal(t, http.StatusOK, out.Status)
}

func TestClient_Send_keepsTheTraceOfTheContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		tr := wiretest.NewPeer(wiretest.Keeps(ok)).Transport()
		defer wiretest.CloseIdle(tr)
		var fired []string
		ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{
			GetConn: func(at string) { fired = append(fired, "get "+at) },
			GotConn: func(httptrace.GotConnInfo) { fired = append(fired, "got") },
		})

		out := sendIn(ctx, newClient(tr), post())

		require.NoError(t, out.Err)
		assert.Equal(t, []string{"get " + host + ":80", "got"}, fired)
	})
}

// Sequential, because it replaces what the whole process writes to.
func TestClient_Send_writesNothing(t *testing.T) {
	r, w, err := os.Pipe()
	require.NoError(t, err)
	stderr, logs := os.Stderr, &bytes.Buffer{}
	os.Stderr = w
	log.SetOutput(logs)
	defer func() {
		os.Stderr = stderr
		log.SetOutput(stderr)
	}()
	for _, ends := range []wiretest.RoundTripper{
		func(req *http.Request) (*http.Response, error) {
			return wiretest.WithoutResponse(req, true, syscall.ECONNRESET)
		},
		func(req *http.Request) (*http.Response, error) {
			return wiretest.WithoutResponse(req, false, &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED})
		},
		responds(&http.Response{StatusCode: http.StatusInternalServerError, Header: http.Header{}, Body: http.NoBody}),
		responds(&http.Response{StatusCode: http.StatusFound, Header: http.Header{}, Body: http.NoBody}),
		responds(&http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: http.NoBody, ContentLength: 1 << 30}),
		responds(&http.Response{
			StatusCode: http.StatusOK,
			Header:     http.Header{"Content-Type": {"application/json"}},
			Body:       io.NopCloser(strings.NewReader(`{"mfa_token":`)),
		}),
		responds(&http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(errReader{})}),
		func(*http.Request) (*http.Response, error) { // which net/http does not allow, and logs
			return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody}, syscall.ECONNRESET
		},
	} {
		send(t, newClient(ends), post())
	}

	require.NoError(t, w.Close())
	written, err := io.ReadAll(r)
	require.NoError(t, err)
	assert.Empty(t, string(written))
	assert.Empty(t, logs.String())
}

type errReader struct{}

func (errReader) Read([]byte) (int, error) { return 0, errors.New(wiretest.Quoted) }
