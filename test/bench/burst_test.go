//go:build unix

package bench

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-resty/resty/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
)

// bursts are many challenges at once, with a server in another process.
var bursts = []burst{
	{name: "warm", calls: 1000, warm: true, Site: Site{HTTP2: true, Streams: 128, Latency: 50 * time.Millisecond}},
	{name: "cold", calls: 256, Site: Site{HTTP2: true, Streams: 100, Latency: 50 * time.Millisecond}},
	{name: "http1", calls: 64, times: 20, Site: Site{Latency: 50 * time.Millisecond}},
	{name: "single", calls: 1, times: 20, warm: true, Site: Site{HTTP2: true, Streams: 100, Latency: 50 * time.Millisecond}},
	{name: "reconnect", calls: 1, times: 500, warm: true, reconnect: true, Site: Site{HTTP2: true, Streams: 100}},
}

type burst struct {
	Site
	name      string
	calls     int
	times     int  // how often, one after the other; if 0, once
	warm      bool // after one call
	reconnect bool // without the connections of the time before
}

// Site is a server that a process of its own serves.
type Site struct {
	HTTP2   bool
	Streams int
	Latency time.Duration
	URL     string
	PEM     []byte
}

// crowds are the ways to make a burst, each with the connections of its own.
var crowds = []struct {
	name      string
	call      func(operation, string, http.RoundTripper) call
	transport func(*tls.Config) *http.Transport
}{
	{"mfa", library, tuned},
	{"snippet", snippet, func(config *tls.Config) *http.Transport {
		own := http.DefaultTransport.(*http.Transport).Clone() //nolint:forcetypeassert // nobody replaced it
		own.TLSClientConfig = config
		return own
	}},
	{"resty", plainResty, func(config *tls.Config) *http.Transport {
		own, err := resty.New().SetTLSClientConfig(config).Transport()
		if err != nil {
			panic(err)
		}
		return own
	}},
	{"leanresty", leanResty, tuned},
}

// tuned is the transport that this library makes its calls on.
func tuned(config *tls.Config) *http.Transport {
	own := mfa.NewTransport()
	own.TLSClientConfig.RootCAs = config.RootCAs
	return own
}

// BenchmarkBurst measures a burst by the clock, by the processor time of the client,
// and by the connections that the server accepted.
func BenchmarkBurst(b *testing.B) {
	for _, bu := range bursts {
		for _, way := range crowds {
			b.Run("burst="+bu.name+"/way="+way.name, func(b *testing.B) {
				var connections, failures int
				var used time.Duration
				for range b.N {
					b.StopTimer()
					server := serve(b, bu.Site)
					own := way.transport(server.trust(b))
					own.Proxy = nil
					do := way.call(challengeOperation(), server.URL, own)
					if bu.warm {
						require.NoError(b, do(b.Context()))
					}
					b.StartTimer()
					began := processor()
					for range max(bu.times, 1) {
						if bu.reconnect {
							own.CloseIdleConnections()
						}
						failures += atOnce(b.Context(), do, bu.calls)
					}
					used += processor() - began
					b.StopTimer()
					own.CloseIdleConnections()
					connections += server.stop(b)
				}
				b.ReportMetric(float64(used.Nanoseconds())/float64(b.N), "cpu-ns/op")
				b.ReportMetric(float64(connections)/float64(b.N), "connections/op")
				b.ReportMetric(float64(failures)/float64(b.N), "failures/op")
			})
		}
	}
}

// challengeOperation is the call that a burst makes.
func challengeOperation() operation {
	for _, op := range operations {
		if op.name == "challenge" {
			return op
		}
	}
	panic("there is no challenge")
}

// atOnce calls n times at once and returns how many failed.
func atOnce(ctx context.Context, do call, n int) int {
	if n == 1 {
		if do(ctx) != nil {
			return 1
		}
		return 0
	}
	var failed atomic.Int32
	var all sync.WaitGroup
	start := make(chan struct{})
	for range n {
		all.Go(func() {
			<-start
			if do(ctx) != nil {
				failed.Add(1)
			}
		})
	}
	close(start)
	all.Wait()
	return int(failed.Load())
}

// child is a process that serves.
type child struct {
	Site
	command *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Reader
}

// serving is set in a process that serves.
const serving = "BENCH_SITE"

func TestMain(m *testing.M) {
	if site := os.Getenv(serving); site != "" {
		serveSite(site)
		return
	}
	os.Exit(m.Run())
}

// serve starts a process that serves the site.
func serve(tb testing.TB, site Site) *child {
	tb.Helper()
	program, err := os.Executable()
	require.NoError(tb, err)
	config, err := json.Marshal(site)
	require.NoError(tb, err)
	c := &child{command: exec.Command(program)}
	c.command.Env = append(os.Environ(), serving+"="+string(config))
	c.command.Stderr = os.Stderr
	c.in, err = c.command.StdinPipe()
	require.NoError(tb, err)
	out, err := c.command.StdoutPipe()
	require.NoError(tb, err)
	c.out = bufio.NewReader(out)
	require.NoError(tb, c.command.Start())
	line, err := c.out.ReadBytes('\n')
	require.NoError(tb, err)
	require.NoError(tb, json.Unmarshal(line, &c.Site))
	return c
}

// trust returns a configuration that trusts the server.
func (c *child) trust(tb testing.TB) *tls.Config {
	tb.Helper()
	pool := x509.NewCertPool()
	require.True(tb, pool.AppendCertsFromPEM(c.PEM))
	return &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
}

// stop ends the process and returns how many connections it accepted.
func (c *child) stop(tb testing.TB) (connections int) {
	tb.Helper()
	require.NoError(tb, c.in.Close())
	line, err := c.out.ReadString('\n')
	require.NoError(tb, err)
	require.NoError(tb, c.command.Wait())
	connections, err = strconv.Atoi(line[:len(line)-1])
	require.NoError(tb, err)
	return connections
}

// serveSite serves until the input ends, and then tells the number of connections.
func serveSite(config string) {
	var site Site
	if err := json.Unmarshal([]byte(config), &site); err != nil {
		log.Fatal(err)
	}
	var connections atomic.Int64
	op := challengeOperation()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		time.Sleep(site.Latency)
		op.serve(w, r)
	}))
	server.EnableHTTP2 = site.HTTP2
	server.Config.HTTP2 = &http.HTTP2Config{MaxConcurrentStreams: site.Streams}
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	var chain tls.Certificate
	chain, site.PEM = newChain()
	server.TLS = &tls.Config{Certificates: []tls.Certificate{chain}, MinVersion: tls.VersionTLS12}
	server.StartTLS()
	site.URL = server.URL
	line, err := json.Marshal(site)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s\n", line)
	_, _ = io.Copy(io.Discard, os.Stdin)
	fmt.Println(connections.Load())
}

// Each way makes the calls of a burst, and counts the ones that fail.
func TestCrowds_makeABurst(t *testing.T) {
	t.Parallel()
	for _, way := range crowds {
		t.Run(way.name, func(t *testing.T) {
			t.Parallel()
			server := serve(t, Site{HTTP2: true, Streams: 100})
			own := way.transport(server.trust(t))
			own.Proxy = nil
			do := way.call(challengeOperation(), server.URL, own)
			assert.Zero(t, atOnce(t.Context(), do, 3))
			own.CloseIdleConnections()
			assert.Positive(t, server.stop(t))
			assert.Equal(t, 3, atOnce(t.Context(), do, 3))
		})
	}
}
