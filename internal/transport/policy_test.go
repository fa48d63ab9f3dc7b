//go:build port

package transport_test

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa/internal/transport"
)

// ending is how one attempt ends.
type ending func(*http.Request) (*http.Response, error)

// answered ends with an answer, and Retry-After unless that is empty.
func answered(status int, retryAfter string) ending {
	return func(*http.Request) (*http.Response, error) {
		h := http.Header{}
		if retryAfter != "" {
			h.Set("Retry-After", retryAfter)
		}
		return &http.Response{StatusCode: status, Header: h, Body: http.NoBody}, nil
	}
}

func oversized(status int) ending {
	return func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: status, Header: http.Header{}, Body: http.NoBody, ContentLength: 1 << 30}, nil
	}
}

func lost(req *http.Request) (*http.Response, error) {
	return unanswered(req, true, syscall.ECONNRESET)
}

func untraced(*http.Request) (*http.Response, error) { return nil, syscall.ECONNREFUSED }

func unsent(err error) ending {
	return func(req *http.Request) (*http.Response, error) { return unanswered(req, false, err) }
}

func refused(req *http.Request) (*http.Response, error) {
	return unanswered(req, false, &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED})
}

// script is a transport whose attempts end one after the other as listed, the
// last ending again and again.
type script struct {
	endings []ending
	at      []time.Time
}

func (s *script) RoundTrip(req *http.Request) (*http.Response, error) {
	n := min(len(s.at), len(s.endings)-1)
	s.at = append(s.at, time.Now())
	return s.endings[n](req)
}

// waits returns what lay between the attempts.
func (s *script) waits() []time.Duration {
	var waits []time.Duration
	for n := 1; n < len(s.at); n++ {
		waits = append(waits, s.at[n].Sub(s.at[n-1]))
	}
	return waits
}

// The policy as a truth table: how many attempts a call makes that always
// ends the same way, and what it waits between them.
func TestClient_Do_policy(t *testing.T) {
	t.Parallel()
	const back = time.Duration(-1) // back-off instead of a stated wait
	type attempts struct{ reading, acting int }
	once := attempts{1, 1}
	tests := []struct {
		name     string
		ends     ending
		byItself attempts
		onDemand attempts // with RateLimitWait of one minute
		wait     time.Duration
	}{
		{"200", answered(200, ""), once, once, 0},
		{"200 stating a wait", answered(200, "1"), once, once, 0},
		{"204", answered(204, ""), once, once, 0},
		{"302", answered(302, ""), once, once, 0},
		{"400", answered(400, ""), once, once, 0},
		{"401", answered(401, ""), once, once, 0},
		{"403 stating a wait", answered(403, "1"), once, once, 0},
		{"404", answered(404, ""), once, once, 0},
		{"408", answered(408, ""), once, once, 0},
		{"425", answered(425, ""), once, once, 0},
		{"500", answered(500, ""), once, once, 0},
		{"500 stating a wait", answered(500, "1"), once, once, 0},
		{"501", answered(501, ""), once, once, 0},
		{"505", answered(505, ""), once, once, 0},
		{"600", answered(600, ""), once, once, 0},
		{"200 oversized", oversized(200), once, once, 0},

		{"429", answered(429, ""), attempts{3, 1}, attempts{3, 1}, back},
		{"429 after 0 s", answered(429, "0"), attempts{3, 1}, attempts{3, 1}, back},
		{"429 after 1 s", answered(429, "1"), attempts{3, 1}, attempts{3, 3}, time.Second},
		{"429 after 5 s", answered(429, "5"), attempts{3, 1}, attempts{3, 3}, 5 * time.Second},
		{"429 after 6 s", answered(429, "6"), once, attempts{3, 3}, 6 * time.Second},
		{"429 after 60 s", answered(429, "60"), once, attempts{3, 3}, time.Minute},
		{"429 after 61 s", answered(429, "61"), once, once, 0},

		{"502", answered(502, ""), attempts{3, 1}, attempts{3, 1}, back},
		{"503", answered(503, ""), attempts{3, 1}, attempts{3, 1}, back},
		{"504", answered(504, ""), attempts{3, 1}, attempts{3, 1}, back},
		{"503 after 5 s", answered(503, "5"), attempts{3, 1}, attempts{3, 1}, 5 * time.Second},
		{"503 after 6 s", answered(503, "6"), once, once, 0},
		{"502 oversized", oversized(502), attempts{3, 1}, attempts{3, 1}, back},

		{"lost", lost, attempts{3, 1}, attempts{3, 1}, back},
		{"untraced", untraced, attempts{3, 1}, attempts{3, 1}, back},
		{"refused", refused, attempts{3, 2}, attempts{3, 2}, back},
		{"name server fails", unsent(&net.DNSError{IsTimeout: true}), attempts{3, 2}, attempts{3, 2}, back},
		{"unknown name", unsent(&net.DNSError{IsNotFound: true}), once, once, 0},
		{"certificate", unsent(&tls.CertificateVerificationError{Err: x509.HostnameError{}}), once, once, 0},
		{"proxy", unsent(&net.OpError{Op: "proxyconnect", Err: syscall.ECONNREFUSED}), once, once, 0},
	}
	for _, tt := range tests {
		for _, option := range []time.Duration{0, time.Minute} {
			for _, req := range []transport.Request{reading(), acting(), deleting()} {
				t.Run(tt.name+"/"+req.Method+"/"+option.String(), func(t *testing.T) {
					t.Parallel()
					synctest.Test(t, func(t *testing.T) {
						s := &script{endings: []ending{tt.ends}}

						out := do(t, newClient(s, rateLimitWait(option)), req)

						row := tt.byItself
						if option > 0 {
							row = tt.onDemand
						}
						want := row.acting
						if req.Read {
							want = row.reading
						}
						assert.Equal(t, want, out.Attempt)
						require.Len(t, s.at, want)
						for n, wait := range s.waits() {
							if tt.wait == back {
								least := 50 * time.Millisecond << n
								assert.GreaterOrEqual(t, wait, least)
								assert.Less(t, wait, 2*least)
							} else {
								assert.GreaterOrEqual(t, wait, tt.wait)
								assert.LessOrEqual(t, wait, tt.wait+tt.wait/10)
							}
						}
					})
				})
			}
		}
	}
}

func TestClient_Do_policy_mixed(t *testing.T) {
	t.Parallel()
	var (
		limited = answered(429, "1")
		busy    = answered(503, "")
		fine    = answered(200, "")
	)
	tests := []struct {
		name     string
		req      transport.Request
		endings  []ending
		attempts int
		status   int
		notSent  bool
	}{
		{"read: recovers", reading(), []ending{busy, fine}, 2, 200, false},
		{"read: recovers late", reading(), []ending{refused, lost, fine}, 3, 200, false},
		{"read: every failure once", reading(), []ending{refused, busy, lost}, 3, 0, false},
		{"read: limits and failures", reading(), []ending{limited, lost, limited}, 3, 429, false},
		{"read: failures, then a limit", reading(), []ending{lost, busy, limited}, 3, 429, false},
		{"read: limits only", reading(), []ending{limited, limited, fine}, 3, 200, false},
		{"read: ends at a refusal", reading(), []ending{busy, answered(401, "")}, 2, 401, false},
		{"acting: recovers", acting(), []ending{refused, fine}, 2, 200, false},
		{"acting: lost once it left", acting(), []ending{refused, lost, fine}, 2, 0, false},
		{"acting: 503 once it left", acting(), []ending{refused, busy, fine}, 2, 503, false},
		{"acting: two limits", acting(), []ending{limited, limited, fine}, 3, 200, false},
		{"acting: lost after a limit", acting(), []ending{limited, lost, fine}, 2, 0, false},
		{"acting: two dials around a limit", acting(), []ending{refused, limited, refused, fine}, 3, 0, true},
		{"acting: two dials between limits", acting(), []ending{limited, refused, limited, refused, fine}, 4, 0, true},
		{"acting: everything allowed", acting(), []ending{limited, refused, limited, fine}, 4, 200, false},
		{"acting: a third limit", acting(), []ending{refused, limited}, 4, 429, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := &script{endings: tt.endings}

				out := do(t, newClient(s, rateLimitWait(time.Minute)), tt.req)

				assert.Equal(t, tt.attempts, out.Attempt)
				assert.Len(t, s.at, tt.attempts)
				assert.Equal(t, tt.status, out.Status)
				assert.Equal(t, tt.notSent, out.NotSent)
			})
		})
	}
}

// Clients that failed together must not come back together.
func TestClient_Do_policy_waitsDiffer(t *testing.T) {
	t.Parallel()
	for name, ends := range map[string]ending{"back-off": lost, "503": answered(503, "1"), "429": answered(429, "1")} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				seen := map[time.Duration]bool{}
				for range 20 {
					s := &script{endings: []ending{ends}}
					do(t, newClient(s, rateLimitWait(time.Minute)), reading())
					for _, wait := range s.waits() {
						seen[wait] = true
					}
				}
				assert.Greater(t, len(seen), 10)
			})
		})
	}
}

// A refusal by the server says nothing about the next dial.
func TestClient_Do_policy_firstBackoffOfADial(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &script{endings: []ending{answered(429, "1"), answered(429, "1"), refused, answered(200, "")}}
		do(t, newClient(s, rateLimitWait(time.Minute)), acting())
		require.Len(t, s.waits(), 3)
		assert.LessOrEqual(t, s.waits()[2], 100*time.Millisecond)
	})
}
