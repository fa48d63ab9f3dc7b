package mfatest_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/mfatest"
)

// http1 returns a client that does not speak HTTP/2.
func http1(tenant *mfatest.Tenant) *http.Client {
	transport := tenant.HTTPClient().Transport.(*http.Transport).Clone()
	transport.Protocols = new(http.Protocols)
	transport.Protocols.SetHTTP1(true)
	transport.TLSClientConfig.NextProtos = nil // a clone still offers HTTP/2
	return &http.Client{Transport: transport}
}

// get reads what is at a path.
func get(a api, path string) error {
	req, err := http.NewRequestWithContext(a.Context(), http.MethodGet, a.tenant.URL+path, http.NoBody)
	if err != nil {
		return err
	}
	return read(a.client.Do(req))
}

// loginError logs ada in.
func loginError(a api) error {
	return post(a.Context(), a, "/oauth/token", url.Values{"grant_type": {"password"}, "username": {ada}, "password": {password},
		"client_id": {a.tenant.ClientID}, "client_secret": {a.tenant.ClientSecret}})
}

func post(ctx context.Context, a api, path string, values url.Values) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, a.tenant.URL+path, strings.NewReader(values.Encode()))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return read(a.client.Do(req))
}

func read(resp *http.Response, err error) error {
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, resp.Body)
	return errors.Join(err, resp.Body.Close())
}

// challengeBob has a mail sent to bob, if the tenant acts.
func challengeBob(ctx context.Context, a api) error {
	return post(ctx, a, "/mfa/challenge", url.Values{"mfa_token": {a.tenant.MFAToken(bob).Reveal()}, "challenge_type": {"oob"},
		"authenticator_id": {a.id(bob, "email")}, "client_id": {a.tenant.ClientID}, "client_secret": {a.tenant.ClientSecret}})
}

// onBoth runs a test on HTTP/1.1 and on HTTP/2, over sockets and in bubbles.
func onBoth(t *testing.T, test func(t *testing.T, a api, proto int)) {
	t.Helper()
	for proto, name := range protocols {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, speaking(proto, newAPI(t, nil)), proto)
		})
	}
	inBubbles(t, test)
}

// inBubbles runs a test on HTTP/1.1 and on HTTP/2 in bubbles, where no time passes
// while anything can go on.
func inBubbles(t *testing.T, test func(t *testing.T, a api, proto int)) {
	t.Helper()
	for proto, name := range protocols {
		t.Run("bubble "+name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, nil, func(t *testing.T, a api) { test(t, speaking(proto, a), proto) })
		})
	}
}

var protocols = map[int]string{1: "HTTP1", 2: "HTTP2"}

// speaking has the client of an api speak a version of the protocol.
func speaking(proto int, a api) api {
	if proto == 1 {
		a.client = http1(a.tenant)
		a.Cleanup(a.client.CloseIdleConnections)
	}
	return a
}

func TestFault_connection(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		kind  mfatest.FaultKind
		mails int
		check func(t *testing.T, proto int, err error)
	}{
		"drop the reply": {mfatest.FaultDropReply, 1, func(t *testing.T, proto int, err error) {
			if proto == 1 {
				require.ErrorIs(t, err, io.EOF)
			}
			require.NotErrorIs(t, err, syscall.ECONNRESET)
		}},
		"reset":        {mfatest.FaultReset, 1, isReset},
		"reset before": {mfatest.FaultResetBefore, 0, isReset},
		"truncated body": {mfatest.FaultTruncate, 1, func(t *testing.T, proto int, err error) {
			if proto == 1 {
				require.ErrorIs(t, err, io.ErrUnexpectedEOF)
			}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			onBoth(t, func(t *testing.T, a api, proto int) {
				a.tenant.Fail(mfatest.Fault{Op: mfa.OpChallenge, Kind: c.kind})
				err := challengeBob(t.Context(), a)
				require.Error(t, err)
				c.check(t, proto, err)
				assert.Len(t, a.tenant.Inbox(bob), c.mails)
				require.NoError(t, challengeBob(t.Context(), a)) // the fault is used up
				assert.Len(t, a.tenant.Inbox(bob), c.mails+1)
			})
		})
	}
}

func isReset(t *testing.T, proto int, err error) {
	t.Helper()
	if proto == 1 {
		require.ErrorIs(t, err, syscall.ECONNRESET)
		return
	}
	require.ErrorContains(t, err, "stream error")
}

func TestFault_http2ResetEndsOneStream(t *testing.T) {
	t.Parallel()
	inBubble(t, nil, func(t *testing.T, a api) {
		a.mfaToken(ada)
		a.tenant.Fail(mfatest.Fault{Kind: mfatest.FaultReset, Op: mfatest.OpJWKS})
		held, release := context.WithCancel(t.Context())
		a.tenant.Fail(mfatest.Fault{Kind: mfatest.FaultHang, Op: mfa.OpChallenge})
		done := make(chan error, 1)
		go func() { done <- challengeBob(held, a) }()
		synctest.Wait()
		require.Len(t, a.tenant.Inbox(bob), 1)
		require.Error(t, get(a, "/.well-known/jwks.json"))
		synctest.Wait()
		require.Empty(t, done, "the other request ended as well")
		release()
		require.ErrorIs(t, <-done, context.Canceled)
	})
}

func TestFault_truncateWithoutABody(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, a api, _ int) {
		a.tenant.Fail(mfatest.Fault{Kind: mfatest.FaultTruncate, Status: 204})
		require.Error(t, get(a, "/"))
	})
}

func TestFault_hangAndSlowBodyEndWithTheClient(t *testing.T) {
	t.Parallel()
	for name, kind := range map[string]mfatest.FaultKind{"hang": mfatest.FaultHang, "slow body": mfatest.FaultSlowBody} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inBubbles(t, func(t *testing.T, a api, _ int) {
				a.tenant.Fail(mfatest.Fault{Op: mfa.OpChallenge, Kind: kind})
				ctx, cancel := context.WithCancel(t.Context())
				done := make(chan error)
				go func() { done <- challengeBob(ctx, a) }()
				synctest.Wait()
				require.Len(t, a.tenant.Inbox(bob), 1)
				cancel()
				require.ErrorIs(t, <-done, context.Canceled)
			})
		})
	}
}

func TestFault_slowBodyArrives(t *testing.T) {
	t.Parallel()
	inBubbles(t, func(t *testing.T, a api, _ int) {
		a.tenant.Fail(mfatest.Fault{Kind: mfatest.FaultSlowBody, Body: `[1]`, Status: 201})
		start := time.Now()
		r := a.do("GET", "/", "", "", "")
		assert.Equal(t, 201, r.Status)
		assert.Equal(t, "[1]", r.Body)
		assert.Equal(t, 150*time.Millisecond, time.Since(start))
	})
}

func TestFault_responds(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, a api, _ int) {
		header := http.Header{"retry-after": {"7"}, "Date": {"Mon, 02 Jan 2006 15:04:05 GMT"}}
		a.tenant.Fail(mfatest.Fault{Op: mfa.OpChallenge, Status: 429, Header: header, Body: `{"error":"too_many_requests"}`, Times: 2})
		header.Set("Retry-After", "8") // too late
		for range 2 {
			r := a.challenge(a.tenant.MFAToken(bob).Reveal(), "oob", a.id(bob, "email"))
			assert.Equal(t, 429, r.Status)
			assert.Equal(t, "too_many_requests", r.text("error"))
			assert.Equal(t, "7", r.Header.Get("Retry-After"))
			assert.Equal(t, "Mon, 02 Jan 2006 15:04:05 GMT", r.Header.Get("Date"))
			assert.Equal(t, "application/json; charset=utf-8", r.Header.Get("Content-Type"))
		}
		assert.Empty(t, a.tenant.Inbox(bob))

		a.tenant.Fail(mfatest.Fault{Op: mfa.OpChallenge, Status: 502, Body: "<html>Bad Gateway</html>", Kind: mfatest.FaultActThenAnswer})
		r := a.challenge(a.tenant.MFAToken(bob).Reveal(), "oob", a.id(bob, "email"))
		assert.Equal(t, 502, r.Status)
		assert.Equal(t, "text/html; charset=utf-8", r.Header.Get("Content-Type"))
		assert.Len(t, a.tenant.Inbox(bob), 1)

		a.tenant.Fail(mfatest.Fault{Kind: mfatest.FaultActThenAnswer}) // says nothing else
		assert.Equal(t, 200, a.challenge(a.tenant.MFAToken(bob).Reveal(), "oob", a.id(bob, "email")).Status)

		a.tenant.Fail(mfatest.Fault{Body: "[", Header: http.Header{"Content-Type": {"text/plain"}}})
		r = a.login(bob)
		assert.Equal(t, 200, r.Status)
		assert.Equal(t, "[", r.Body)
		assert.Equal(t, "text/plain", r.Header.Get("Content-Type"))

		a.tenant.Fail(mfatest.Fault{Status: 304})
		assert.Equal(t, 304, a.login(bob).Status)
	})
}

func TestFault_order(t *testing.T) {
	t.Parallel()
	a := newAPI(t, nil)
	a.tenant.Fail(mfatest.Fault{Op: mfatest.OpJWKS, Status: 501})
	a.tenant.Fail(mfatest.Fault{Status: 502})
	a.tenant.Fail(mfatest.Fault{Op: mfa.OpPasswordLogin, Status: 503})
	assert.Equal(t, 502, a.login(ada).Status)
	assert.Equal(t, 503, a.login(ada).Status)
	assert.Equal(t, 403, a.login(ada).Status)
	assert.Equal(t, 501, a.do("GET", "/.well-known/jwks.json", "", "", "").Status)
}

func TestFault_delay(t *testing.T) {
	t.Parallel()
	inBubbles(t, func(t *testing.T, a api, _ int) {
		a.tenant.Fail(mfatest.Fault{Op: mfa.OpChallenge, Delay: 20 * time.Second})
		start := time.Now()
		require.NoError(t, challengeBob(t.Context(), a))
		assert.Equal(t, 20*time.Second, time.Since(start))
		assert.Len(t, a.tenant.Inbox(bob), 1)

		a.tenant.Fail(mfatest.Fault{Op: mfa.OpChallenge, Delay: time.Hour})
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- challengeBob(ctx, a) }()
		synctest.Wait()
		requests := a.tenant.Requests()
		require.Len(t, requests, 4)
		require.Equal(t, mfa.OpChallenge, requests[3].Op)
		cancel()
		require.ErrorIs(t, <-done, context.Canceled)
		a.tenant.Close()
		assert.Len(t, a.tenant.Inbox(bob), 1) // nothing happened after the client had gone
	})
}

// TestFault_cutOffRequest sends half of a request, which has no effect.
func TestFault_cutOffRequest(t *testing.T) {
	t.Parallel()
	inBubbles(t, func(t *testing.T, a api, _ int) {
		body, send := io.Pipe()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, a.tenant.URL+"/oauth/token", body)
		require.NoError(t, err)
		req.ContentLength = 1000
		go func() {
			_, _ = io.WriteString(send, "grant_type=password&")
			_ = send.CloseWithError(io.ErrClosedPipe)
		}()
		require.Error(t, read(a.client.Do(req)))
		synctest.Wait()
		require.Len(t, a.tenant.Requests(), 1)
		assert.Equal(t, "grant_type=password&", string(a.tenant.Requests()[0].Body))
	})
}

// TestFault_everyOperation has each operation met by one request, and a fault
// for it met by no other.
func TestFault_everyOperation(t *testing.T) {
	t.Parallel()
	a := newAPI(t, nil)
	for op, request := range map[mfa.Op]func() response{
		mfa.OpAssociate:           func() response { return a.associate("", "") },
		mfa.OpListAuthenticators:  func() response { return a.do("GET", "/mfa/authenticators", "", "", "") },
		mfa.OpDeleteAuthenticator: func() response { return a.remove("", "x") },
		mfa.OpChallenge:           func() response { return a.challenge("", "", "") },
		mfa.OpVerifyOOB:           func() response { return a.verify("", "", "123456") },
		mfa.OpVerifyOTP:           func() response { return a.verifyOTP("", "") },
		mfa.OpVerifyRecoveryCode:  func() response { return a.verifyRecovery("", "") },
		mfa.OpPollPush:            func() response { return a.poll("", "") },
		mfa.OpPasswordLogin:       func() response { return a.login(ada) },
		mfa.OpRefresh:             func() response { return a.form("grant_type", "refresh_token") },
		mfa.OpWarm:                func() response { return a.do("GET", "/.well-known/openid-configuration", "", "", "") },
		mfatest.OpJWKS:            func() response { return a.do("GET", "/.well-known/jwks.json", "", "", "") },
	} {
		a.tenant.Fail(mfatest.Fault{Op: op, Status: 599, Header: http.Header{"X": {"1"}}, Times: 2})
		assert.NotEqual(t, 599, a.do("GET", "/", "", "", "").Status)
		assert.Equal(t, 599, request().Status, op)
		unused := a.tenant.UnusedFaults()
		assert.Equal(t, []mfatest.Fault{{Op: op, Status: 599, Header: http.Header{"X": {"1"}}, Times: 1}}, unused)
		unused[0].Header.Set("X", "2") // a copy
		assert.Equal(t, "1", request().Header.Get("X"))
		assert.Nil(t, a.tenant.UnusedFaults())
		requests := a.tenant.Requests()
		assert.Equal(t, op, requests[len(requests)-1].Op)
	}
}

func TestTenant_FailPanics(t *testing.T) {
	t.Parallel()
	tenant := mfatest.NewTenant()
	t.Cleanup(tenant.Close)
	for _, f := range []mfatest.Fault{{Op: "verify-oob"}, {Op: mfa.OpNewClient}, {Kind: -1}, {Kind: 99}, {Status: 99}, {Status: 1000}, {Times: -1}, {Delay: -1}} {
		assert.Panics(t, func() { tenant.Fail(f) })
	}
}
