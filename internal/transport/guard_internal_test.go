package transport

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// recorder keeps the request that reached it.
type recorder struct{ got *http.Request }

func (r *recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	r.got = req
	return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody}, nil
}

// A client cannot ask for another scheme, so this rule is tested from within.
func TestGuard_RoundTrip_refusesOtherOrigins(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, url string
		want      error
	}{
		{"own origin", "https://tenant.example/x", nil},
		{"other scheme", "http://tenant.example/x", errForeign},
		{"other host", "https://other.example/x", errForeign},
		{"other port", "https://tenant.example:444/x", errForeign},
		{"subdomain", "https://a.tenant.example/x", errForeign},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			base := &recorder{}
			g := &guard{base: base, scheme: "https", host: "tenant.example"}
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, tt.url, http.NoBody)
			require.NoError(t, err)

			resp, err := g.RoundTrip(req)

			require.ErrorIs(t, err, tt.want)
			if tt.want != nil {
				assert.Nil(t, base.got)
				return
			}
			require.NoError(t, resp.Body.Close())
			assert.NotNil(t, base.got)
		})
	}
}

// resty happens to give every request but GET a body of its own. This holds
// without that.
func TestPreventReplay(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, method string
		body         io.Reader
		want         string
		bodiless     bool
	}{
		{"POST", http.MethodPost, strings.NewReader("a=1"), "a=1", false},
		{"POST of nothing", http.MethodPost, http.NoBody, "", false},
		{"DELETE", http.MethodDelete, nil, "", false},
		{"DELETE of nothing", http.MethodDelete, http.NoBody, "", false},
		{"GET", http.MethodGet, nil, "", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			req, err := http.NewRequestWithContext(t.Context(), tt.method, "https://tenant.example/x", tt.body)
			require.NoError(t, err)
			req.Header.Set("Idempotency-Key", "1")
			req.Header.Set("X-Idempotency-Key", "1")

			preventReplay(req)

			assert.Nil(t, req.GetBody)
			assert.Empty(t, req.Header)
			if tt.bodiless {
				assert.Nil(t, req.Body)
				return
			}
			assert.NotEqual(t, http.NoBody, req.Body)
			sent, err := io.ReadAll(req.Body)
			require.NoError(t, err)
			require.NoError(t, req.Body.Close())
			assert.Equal(t, tt.want, string(sent))
		})
	}
}
