//go:build linux

package edge

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// backend is the tenant behind a front. It answers each challenge with an oob_code
// that names the mfa_token of the request, and counts how often it got each.
type backend struct {
	address string

	mu   sync.Mutex
	seen map[string]int
}

func newBackend(t testing.TB) *backend {
	t.Helper()
	b := &backend{seen: map[string]int{}}
	srv := httptest.NewUnstartedServer(b)
	srv.Config.ErrorLog = silent()
	srv.Start()
	t.Cleanup(srv.Close)
	b.address = srv.Listener.Addr().String()
	return b
}

func (b *backend) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the front gave up
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, b.act(body))
}

// act takes the body of a challenge and returns that of its response.
func (b *backend) act(body []byte) string {
	token := tokenOf(body)
	b.mu.Lock()
	b.seen[token]++
	b.mu.Unlock()
	return challenged(token)
}

func tokenOf(body []byte) string {
	var request struct {
		MFAToken string `json:"mfa_token"`
	}
	_ = json.Unmarshal(body, &request)
	return request.MFAToken
}

// challenged is the response to a challenge with this mfa_token.
func challenged(token string) string {
	return `{"challenge_type":"oob","binding_method":"prompt","oob_code":"` + codeOf(token) + `"}`
}

func codeOf(token string) string { return "code-of-" + token }

// requests returns how many requests arrived, and how many of them were the second
// or a later one of their call.
func (b *backend) requests() (all, doubled int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, n := range b.seen {
		all += n
		doubled += n - 1
	}
	return all, doubled
}

// of returns how many requests with this mfa_token arrived.
func (b *backend) of(token string) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.seen[token]
}

// listen returns a listener on this machine, closed after the test.
func listen(t testing.TB) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	return l
}
