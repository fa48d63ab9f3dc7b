package transport_test

import (
	"crypto/tls"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa/internal/transport"
	"github.com/go-auth0-mfa/mfa/internal/wiretest"
)

func TestClient_Send_followsNoRedirect(t *testing.T) {
	t.Parallel()
	var reached atomic.Int32
	target := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached.Add(1) }))
	t.Cleanup(target.Close)

	locations := map[string]string{
		"other host":                 target.URL + "/elsewhere",
		"loop":                       "/mfa/challenge",
		"other scheme":               "https://" + host + "/",
		"malformed, quoting a token": "http://%zz/?mfa_token=" + wiretest.Quoted,
		"empty":                      "",
	}
	for name, location := range locations {
		for _, status := range []int{300, 301, 302, 303, 304, 307, 308} {
			for _, req := range allMethods() {
				t.Run(name+"/"+http.StatusText(status)+"/"+req.Method, func(t *testing.T) {
					t.Parallel()
					var requests atomic.Int32
					srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
						requests.Add(1)
						w.Header().Set("Location", location)
						w.WriteHeader(status)
					}))
					t.Cleanup(srv.Close)

					out := send(t, newClient(nil, toServer(srv)), req)

					require.NoError(t, out.Err)
					assert.Equal(t, status, out.Status)
					assert.Empty(t, out.Header.Values("Location"))
					assert.EqualValues(t, 1, requests.Load())
					assert.Zero(t, reached.Load())
				})
			}
		}
	}
}

// A transport for tests may give one response to all calls at once.
func TestClient_Send_changesNoResponse(t *testing.T) {
	t.Parallel()
	for name, header := range map[string]http.Header{"response": {"Vary": {"Origin"}}, "redirect": {"Location": {"/"}}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			given := header.Clone()
			c := newClient(wiretest.RoundTripper(func(*http.Request) (*http.Response, error) {
				return &http.Response{StatusCode: http.StatusFound, Header: given, Body: http.NoBody}, nil
			}))

			var all sync.WaitGroup
			for range 8 {
				all.Go(func() { send(t, c, post()) })
			}
			all.Wait()

			assert.Equal(t, header, given)
		})
	}
}

func TestClient_Send_failsWhenTheTransportReturnsNothing(t *testing.T) {
	t.Parallel()

	out := send(t, newClient(responds(nil)), post()) // which net/http does not allow

	require.Error(t, out.Err)
	assert.False(t, out.NotSent)
}

func TestClient_Send_sendsToNoOtherOrigin(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, path string }{
		{"userinfo", "@other.example/"},
		{"longer name", ".other.example/"},
		{"port", ":8443/"},
	}
	for _, tt := range tests {
		for _, req := range allMethods() {
			t.Run(tt.name+"/"+req.Method, func(t *testing.T) {
				t.Parallel()
				c := newClient(wiretest.RoundTripper(func(*http.Request) (*http.Response, error) {
					t.Error("a request was sent")
					return nil, http.ErrServerClosed
				}))
				req.Path = tt.path

				out := send(t, c, req)

				require.Error(t, out.Err)
				assert.True(t, out.NotSent)
				assert.True(t, out.Final, "sending again would change nothing")
			})
		}
	}
}

// countingJar shows whether anybody asks it.
type countingJar struct{ asked atomic.Int32 }

func (j *countingJar) Cookies(*url.URL) []*http.Cookie     { j.asked.Add(1); return nil }
func (j *countingJar) SetCookies(*url.URL, []*http.Cookie) { j.asked.Add(1) }

func TestNew_leavesTheHTTPClientAlone(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "did", Value: "1"})
		w.Header().Set("Location", "/")
		w.WriteHeader(http.StatusFound)
	}))
	t.Cleanup(srv.Close)
	var (
		settings = &tls.Config{MinVersion: tls.VersionTLS13}
		base     = &http.Transport{TLSClientConfig: settings}
		jar      = &countingJar{}
		redirect atomic.Int32
		theirs   = &http.Client{
			Transport: base,
			Jar:       jar,
			Timeout:   time.Nanosecond,
			CheckRedirect: func(*http.Request, []*http.Request) error {
				redirect.Add(1)
				return nil
			},
		}
	)
	c := newClient(nil, toServer(srv), func(c *transport.Config) { c.HTTPClient = theirs })

	out := send(t, c, post())

	require.NoError(t, out.Err, "their timeout was used")
	assert.Equal(t, http.StatusFound, out.Status)
	assert.Same(t, base, theirs.Transport)
	assert.Same(t, jar, theirs.Jar)
	assert.Equal(t, time.Nanosecond, theirs.Timeout)
	assert.Same(t, settings, base.TLSClientConfig)
	assert.EqualValues(t, tls.VersionTLS13, settings.MinVersion)
	assert.False(t, base.DisableCompression)
	assert.Zero(t, jar.asked.Load(), "their jar was used")
	assert.Zero(t, redirect.Load(), "their redirect policy was used")
	require.NoError(t, theirs.CheckRedirect(nil, nil))
	assert.EqualValues(t, 1, redirect.Load(), "their redirect policy was replaced")
	base.CloseIdleConnections()
}

func TestNew_withoutTransportMakesItsOwn(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(srv.Close)
	theirs := &http.Client{}
	for name, hc := range map[string]*http.Client{"no client": nil, "client without transport": theirs} {
		t.Run(name, func(t *testing.T) {
			c := newClient(nil, toServer(srv), func(c *transport.Config) { c.HTTPClient = hc })

			out := send(t, c, get())

			require.NoError(t, out.Err)
			assert.Equal(t, http.StatusNotFound, out.Status)
			c.CloseIdleConnections()
		})
	}
	assert.Nil(t, theirs.Transport)
}

func TestClient_Send_sendsNoCookieBack(t *testing.T) {
	t.Parallel()
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	cookies := make(chan string, 2)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		cookies <- r.Header.Get("Cookie")
		http.SetCookie(w, &http.Cookie{Name: "did", Value: "of Alice"})
	}))
	t.Cleanup(srv.Close)
	c := newClient(nil, toServer(srv), func(c *transport.Config) { c.HTTPClient = &http.Client{Jar: jar} })

	for range 2 {
		require.NoError(t, send(t, c, post()).Err)
		assert.Empty(t, <-cookies)
	}
	c.CloseIdleConnections()
}

func TestClient_Send_sendsNoIdempotencyKey(t *testing.T) {
	t.Parallel()
	const one, other = "Idempotency-Key", "X-Idempotency-Key"
	empty := header()
	empty[one] = []string{}
	tests := []struct {
		name  string
		given http.Header
	}{
		{"one name", header(one, "1")},
		{"the other name", header(other, "1")},
		{"both names", header(one, "1", other, "1")},
		{"empty, which has the same effect", empty},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			given := tt.given.Clone()
			var sent http.Header
			c := newClient(wiretest.RoundTripper(func(req *http.Request) (*http.Response, error) {
				sent = req.Header
				return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody}, nil
			}))
			req := del()
			req.Header = given

			require.NoError(t, send(t, c, req).Err)

			assert.Equal(t, header(), sent)
			assert.Equal(t, tt.given, given)
		})
	}
}

// idler is a transport that can close its idle connections.
type idler struct {
	wiretest.RoundTripper
	closed int
}

func (i *idler) CloseIdleConnections() { i.closed++ }

func TestClient_CloseIdleConnections(t *testing.T) {
	t.Parallel()
	base := &idler{}
	newClient(base).CloseIdleConnections()
	assert.Equal(t, 1, base.closed)

	assert.NotPanics(t, newClient(wiretest.RoundTripper(nil)).CloseIdleConnections)
}
