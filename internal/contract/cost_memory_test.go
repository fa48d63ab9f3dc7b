package contract

import (
	"bufio"
	"context"
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/internal/wiretest"
)

const (
	inFlight     = 1000
	inFlightCost = 12 << 10

	serverProcess = "MFA_TEST_SERVER_PROCESS" // set in the process that is the server
)

// What a call that waits for its response keeps: live heap, after collecting,
// beside what the client keeps anyway. The server is another process, so that
// its half of each call is not counted.
func TestCost_memoryInFlight(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	server := exec.CommandContext(ctx, os.Args[0], "-test.run=^TestServerProcess$")
	server.Env = append(os.Environ(), serverProcess+"=1")
	server.Stderr = os.Stderr
	orders, err := server.StdinPipe()
	require.NoError(t, err)
	out, err := server.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, server.Start())
	said := bufio.NewScanner(out)
	require.True(t, said.Scan(), "the address")
	address := said.Text()

	authority := httptest.NewTLSServer(nil) // every test server has the same certificate
	authority.Close()
	transport := mfa.NewTransport()
	transport.TLSClientConfig.RootCAs = x509.NewCertPool()
	transport.TLSClientConfig.RootCAs.AddCert(authority.Certificate())
	client, err := mfa.NewClient(address, wiretest.ClientID, mfa.WithHTTPClient(&http.Client{Transport: transport}), mfa.WithTimeout(time.Minute))
	require.NoError(t, err)
	require.NoError(t, client.Warm(ctx))

	heap, stacks := live()
	var calls sync.WaitGroup
	failed := make(chan error, inFlight)
	for range inFlight {
		calls.Go(func() {
			_, err := wiretest.Named("challenge").Call(ctx, client)
			failed <- err
		})
	}
	require.True(t, said.Scan(), "that all are there")
	require.Equal(t, "full", said.Text())
	heapThen, stacksThen := live()
	_, err = io.WriteString(orders, "respond\n")
	require.NoError(t, err)
	calls.Wait()
	for range inFlight {
		require.NoError(t, <-failed)
	}
	assert.LessOrEqual(t, (heapThen-heap)/inFlight, int64(inFlightCost))
	t.Logf("a call in flight: %d bytes of heap, %d of stacks", (heapThen-heap)/inFlight, (stacksThen-stacks)/inFlight)

	client.CloseIdleConnections()
	require.NoError(t, orders.Close())
	rest, err := io.ReadAll(out)
	require.NoError(t, err)
	require.NoError(t, server.Wait(), "%s", rest)
}

// live is the heap that is left after collecting, and the stacks. Pools give
// up what they hold in the second round.
func live() (heap, stacks int64) {
	for range 3 {
		runtime.GC()
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc), int64(m.StackInuse)
}

// TestServerProcess is the server of TestCost_memoryInFlight, when run by it:
// it prints its address, holds challenges until all are there, says so,
// responds on the first line of its input and ends on the next.
func TestServerProcess(t *testing.T) {
	if os.Getenv(serverProcess) == "" {
		return
	}
	var waiting sync.WaitGroup
	waiting.Add(inFlight)
	released := make(chan struct{})
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		if strings.HasPrefix(r.URL.Path, "/.well-known/") {
			_, _ = io.WriteString(w, "{}")
			return
		}
		waiting.Done()
		<-released
		_, _ = io.WriteString(w, wiretest.Named("challenge").Success.Body)
	}))
	server.EnableHTTP2 = true
	// On one connection: how many more net/http would dial is a matter of timing.
	server.Config.HTTP2 = &http.HTTP2Config{MaxConcurrentStreams: inFlight + 1}
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	defer server.Close()
	fmt.Println(server.URL)
	waiting.Wait()
	fmt.Println("full")
	in := bufio.NewScanner(os.Stdin)
	in.Scan()
	close(released)
	in.Scan() // to the end of the input: the responses have arrived
}
