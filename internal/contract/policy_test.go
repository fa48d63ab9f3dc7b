package contract

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

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/internal/wiretest"
)

// The policy as a truth table: how many attempts a call makes that always ends
// the same way, and what it waits between them.
func TestClient_repeatsByThePolicy(t *testing.T) {
	t.Parallel()
	const back = time.Duration(-1) // back-off instead of a stated wait
	limited := attempts{reading: 3, acting: 3}
	tests := []struct {
		name     string
		ends     wiretest.RoundTripper
		byItself attempts
		onDemand attempts // with WithRateLimitRetry of one minute
		wait     time.Duration
	}{
		{"101", responds(101, ""), notRepeated, notRepeated, 0},
		{"200", responds(200, ""), notRepeated, notRepeated, 0},
		{"200 stating a wait", responds(200, "1"), notRepeated, notRepeated, 0},
		{"204", responds(204, ""), notRepeated, notRepeated, 0},
		{"302", responds(302, ""), notRepeated, notRepeated, 0},
		{"304", responds(304, ""), notRepeated, notRepeated, 0},
		{"400", responds(400, ""), notRepeated, notRepeated, 0},
		{"401", responds(401, ""), notRepeated, notRepeated, 0},
		{"403 stating a wait", responds(403, "1"), notRepeated, notRepeated, 0},
		{"404", responds(404, ""), notRepeated, notRepeated, 0},
		{"408", responds(408, ""), notRepeated, notRepeated, 0},
		{"425", responds(425, ""), notRepeated, notRepeated, 0},
		{"500", responds(500, ""), notRepeated, notRepeated, 0},
		{"500 stating a wait", responds(500, "1"), notRepeated, notRepeated, 0},
		{"501", responds(501, ""), notRepeated, notRepeated, 0},
		{"505", responds(505, ""), notRepeated, notRepeated, 0},
		{"600", responds(600, ""), notRepeated, notRepeated, 0},
		{"999", responds(999, ""), notRepeated, notRepeated, 0},
		{"200 oversized", oversized(200), notRepeated, notRepeated, 0},

		{"429", responds(429, ""), repeatedRead, repeatedRead, back},
		{"429 after 0 s", responds(429, "0"), repeatedRead, repeatedRead, back},
		{"429 after 1 s", responds(429, "1"), repeatedRead, limited, time.Second},
		{"429 after 5 s", responds(429, "5"), repeatedRead, limited, 5 * time.Second},
		{"429 after 6 s", responds(429, "6"), notRepeated, limited, 6 * time.Second},
		{"429 after 60 s", responds(429, "60"), notRepeated, limited, time.Minute},
		{"429 after 61 s", responds(429, "61"), notRepeated, notRepeated, 0},

		{"502", responds(502, ""), repeatedRead, repeatedRead, back},
		{"503", responds(503, ""), repeatedRead, repeatedRead, back},
		{"504", responds(504, ""), repeatedRead, repeatedRead, back},
		{"503 after 5 s", responds(503, "5"), repeatedRead, repeatedRead, 5 * time.Second},
		{"503 after 6 s", responds(503, "6"), notRepeated, notRepeated, 0},
		{"502 oversized", oversized(502), repeatedRead, repeatedRead, back},

		{"lost", lost, repeatedRead, repeatedRead, back},
		{"untraced", untraced, repeatedRead, repeatedRead, back},
		{"refused", refused, dialedAgain, dialedAgain, back},
		{"name server fails", unsent(&net.DNSError{IsTimeout: true}), dialedAgain, dialedAgain, back},
		{"unknown name", unsent(&net.DNSError{IsNotFound: true}), notRepeated, notRepeated, 0},
		{"certificate", unsent(&tls.CertificateVerificationError{Err: x509.HostnameError{}}), notRepeated, notRepeated, 0},
		{"proxy", unsent(&net.OpError{Op: "proxyconnect", Err: syscall.ECONNREFUSED}), notRepeated, notRepeated, 0},
	}
	for _, tt := range tests {
		for _, option := range []time.Duration{0, time.Minute} {
			for _, op := range wiretest.Operations {
				t.Run(tt.name+"/"+op.String()+"/"+option.String(), func(t *testing.T) {
					t.Parallel()
					synctest.Test(t, func(t *testing.T) {
						s, want := ends(tt.ends), tt.byItself.of(op)
						var opts []mfa.Option
						if option > 0 {
							opts, want = append(opts, mfa.WithRateLimitRetry(option)), tt.onDemand.of(op)
						}

						out := watch(t, wiretest.Domain, s, opts...).call(t, op)

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

func TestClient_repeatsByThePolicy_whenAttemptsEndDifferently(t *testing.T) {
	t.Parallel()
	type endings = []wiretest.RoundTripper
	var (
		limited = responds(429, "1")
		busy    = responds(503, "")
	)
	const (
		unknown = mfa.DeliveryUnknown
		notSent = mfa.DeliveryNotSent
		arrived = mfa.DeliveryAnswered
	)
	tests := []struct {
		name     string
		op       wiretest.Operation
		endings  endings
		attempts int
		status   int
		delivery mfa.Delivery
	}{
		{"recovers", reading, endings{busy, succeeds}, 2, 200, arrived},
		{"recovers late", reading, endings{refused, lost, succeeds}, 3, 200, arrived},
		{"every failure once", reading, endings{refused, busy, lost}, 3, 0, unknown},
		{"limits and failures", reading, endings{limited, lost, limited}, 3, 429, arrived},
		{"failures, then a limit", reading, endings{lost, busy, limited}, 3, 429, arrived},
		{"limits only", reading, endings{limited, limited, succeeds}, 3, 200, arrived},
		{"ends at a refusal", reading, endings{busy, responds(401, "")}, 2, 401, arrived},
		{"recovers", acting, endings{refused, succeeds}, 2, 200, arrived},
		{"lost once it was sent", acting, endings{refused, lost, succeeds}, 2, 0, unknown},
		{"503 once it was sent", acting, endings{refused, busy, succeeds}, 2, 503, arrived},
		{"two limits", acting, endings{limited, limited, succeeds}, 3, 200, arrived},
		{"lost after a limit", acting, endings{limited, lost, succeeds}, 2, 0, unknown},
		{"three dials around a limit", acting, endings{refused, limited, refused, refused, succeeds}, 4, 0, notSent},
		{"three dials between limits", acting, endings{limited, refused, limited, refused, refused, succeeds}, 5, 0, notSent},
		{"everything allowed", acting, endings{limited, refused, limited, refused, succeeds}, 5, 200, arrived},
		{"a third limit", acting, endings{refused, limited}, 4, 429, arrived},
	}
	for _, tt := range tests {
		t.Run(tt.op.String()+"/"+tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := ends(tt.endings...)

				out := watch(t, wiretest.Domain, s, mfa.WithRateLimitRetry(time.Minute)).call(t, tt.op)

				assert.Equal(t, tt.attempts, out.Attempt)
				assert.Len(t, s.at, tt.attempts)
				assert.Equal(t, tt.status, out.StatusCode)
				assert.Equal(t, tt.delivery, out.Delivery)
				assert.Equal(t, tt.status == http.StatusOK, out.err == nil)
			})
		})
	}
}

// Clients that failed together must not come back together.
func TestClient_waitsDifferently(t *testing.T) {
	t.Parallel()
	for name, failure := range map[string]wiretest.RoundTripper{"back-off": lost, "503": responds(503, "1"), "429": responds(429, "1")} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				seen := map[time.Duration]bool{}
				for range 20 {
					s := ends(failure)
					watch(t, wiretest.Domain, s, mfa.WithRateLimitRetry(time.Minute)).call(t, reading)
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
func TestClient_backsOffFromTheFirstDial(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := ends(responds(429, "1"), responds(429, "1"), refused, succeeds)

		out := watch(t, wiretest.Domain, s, mfa.WithRateLimitRetry(time.Minute)).call(t, acting)

		require.NoError(t, out.err)
		require.Len(t, s.waits(), 3)
		assert.GreaterOrEqual(t, s.waits()[2], 50*time.Millisecond)
		assert.LessOrEqual(t, s.waits()[2], 100*time.Millisecond)
	})
}
