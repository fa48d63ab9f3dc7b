//go:build !race

// The race detector allocates too, and has pools forget what they hold.

package contract

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/internal/wiretest"
)

// fixed is a transport that costs one allocation: it reads the request to its
// end and sends the same response each time, with as many header lines as a
// tenant behind a CDN sends.
type fixed struct {
	header   http.Header
	response string
	body     body
	room     [4 << 10]byte
}

type body struct{ strings.Reader }

func (*body) Close() error { return nil }

func newFixed(response string) *fixed {
	f := &fixed{response: response, header: http.Header{}}
	for _, line := range []string{
		"Date: Mon, 23 Nov 2026 12:00:00 GMT", "Content-Type: application/json; charset=utf-8", "Connection: keep-alive",
		"Cache-Control: no-store", "Pragma: no-cache", "Ot-Tracer-Sampled: true", "Ot-Tracer-Spanid: 4ac5d8f2d1f0b3a1",
		"Ot-Tracer-Traceid: 2d0a7bd7f8b1c3e5", "Strict-Transport-Security: max-age=31536000; includeSubDomains",
		"Vary: Accept-Encoding, Origin", "X-Auth0-Requestid: 0f4c1f2b3a4d5e6f7a8b", "X-Content-Type-Options: nosniff",
		"X-Ratelimit-Limit: 100", "X-Ratelimit-Remaining: 99", "X-Ratelimit-Reset: 1795435201",
		"Set-Cookie: __cf_bm=abcdefghijklmnopqrstuvwxyz; path=/; HttpOnly; Secure; SameSite=None",
	} {
		name, value, _ := strings.Cut(line, ": ")
		f.header[name] = []string{value}
	}
	return f
}

func (f *fixed) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body != nil {
		for err := error(nil); err == nil; {
			_, err = req.Body.Read(f.room[:])
		}
		_ = req.Body.Close()
	}
	f.body.Reset(f.response)
	return &http.Response{
		Status: "200 OK", StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: f.header, Body: &f.body, ContentLength: int64(len(f.response)), Request: req,
	}, nil
}

// padded fills the %s of a response up to a size.
func padded(t *testing.T, size int, format string) string {
	t.Helper()
	room := size - (len(format) - len("%s"))
	require.Positive(t, room)
	return fmt.Sprintf(format, strings.Repeat("a", room))
}

// The budget of each operation: what a call may allocate with the transport's
// own one, and one more for each secret of the response, which no printer can
// read. Responses are as long as Auth0's.
func TestCost_allocations(t *testing.T) {
	token := mfa.NewSecret(strings.Repeat("t", 600))
	oob := mfa.NewSecret(strings.Repeat("o", 600))
	for name, tt := range map[string]struct {
		budget   int
		secrets  int
		response string
		call     func(context.Context, *mfa.Client) error
	}{
		"associate": {
			budget: 51, secrets: 2,
			response: padded(t, 858, `{"authenticator_type":"oob","binding_method":"prompt","oob_channel":"email","recovery_codes":["N3BGPZZWJ85JLCNPZBDW6QXC"],"oob_code":"%s"}`),
			call: func(ctx context.Context, c *mfa.Client) error {
				_, err := c.Associate(ctx, mfa.AssociateRequest{Token: token, Email: "ada@example.com"})
				return err
			},
		},
		"list": {
			budget: 46,
			response: padded(t, 345, `[{"id":"recovery-code|dev_DsvzGfZw2Fg5N3rI","authenticator_type":"recovery-code","active":true},`+
				`{"id":"email|dev_NU1Ofuw3Cw0XCt5x","authenticator_type":"oob","active":true,"oob_channel":"email","name":"a***@example.com"},`+
				`{"id":"totp|dev_%s","authenticator_type":"otp","active":false}]`),
			call: func(ctx context.Context, c *mfa.Client) error {
				list, err := c.ListAuthenticators(ctx, mfa.ListAuthenticatorsRequest{Token: token})
				if err == nil && len(list) != 3 {
					return fmt.Errorf("%d authenticators", len(list))
				}
				return err
			},
		},
		"challenge": {
			budget: 40, secrets: 1,
			response: padded(t, 720, `{"challenge_type":"oob","binding_method":"prompt","oob_code":"%s"}`),
			call: func(ctx context.Context, c *mfa.Client) error {
				_, err := c.Challenge(ctx, mfa.ChallengeRequest{MFAToken: token, AuthenticatorID: "email|dev_NU1Ofuw3Cw0XCt5x"})
				return err
			},
		},
		"token": {
			budget: 45, secrets: 3,
			response: padded(t, 2386, `{"access_token":"`+strings.Repeat("x", 900)+`","refresh_token":"v1.MRqJ_0vS5KzFQ","id_token":"%s","scope":"openid profile email offline_access","expires_in":86400,"token_type":"Bearer"}`),
			call: func(ctx context.Context, c *mfa.Client) error {
				_, err := c.VerifyOOB(ctx, mfa.VerifyOOBRequest{MFAToken: token, OOBCode: oob, BindingCode: mfa.NewSecret("000042")})
				return err
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			transport := newFixed(tt.response)
			client, err := mfa.NewClient(wiretest.Domain, wiretest.ClientID, mfa.WithHTTPClient(&http.Client{Transport: transport}), mfa.WithClientSecret(strings.Repeat("s", 64)))
			require.NoError(t, err)
			ctx := t.Context()
			require.NoError(t, tt.call(ctx, client))

			var failed error
			got := testing.AllocsPerRun(200, func() {
				if err := tt.call(ctx, client); err != nil {
					failed = err
				}
			})
			require.NoError(t, failed)
			assert.LessOrEqual(t, got, float64(tt.budget+tt.secrets))
		})
	}
}

// The transport of the budget test costs one allocation, its response.
func TestCost_allocationsOfTheStub(t *testing.T) {
	transport := newFixed(`{}`)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, wiretest.Origin, http.NoBody)
	require.NoError(t, err)
	assert.Len(t, transport.header, 16)
	got := testing.AllocsPerRun(100, func() {
		resp, _ := transport.RoundTrip(req) //nolint:bodyclose // there is nothing to close
		_, _ = io.Copy(io.Discard, resp.Body)
	})
	assert.Equal(t, 1, int(got))
}
