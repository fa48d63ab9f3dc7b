package faults

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/go-auth0-mfa/mfa"
)

var stateFaults = []fault{
	{name: "Set-Cookie", on: onHTTP1, says: func(s *scene) response { return s.success().and(cookies...) }, want: succeeds},
	{
		name: "Set-Cookie beside an error", on: onHTTP1,
		says: func(*scene) response { return refusal(400, "strange_error", "").and(cookies...) },
		want: answered(400, mfa.ActionFix).coded("strange_error"),
	},
	{name: "caller's client with Jar and CheckRedirect", on: onAll, stage: bringsClient, says: func(s *scene) response {
		return redirects(307, elsewhere)(s).and(cookies...)
	}, want: unexpected(307), also: clientUntouched},
	{name: "caller's client with Timeout", on: onBoth, warm: true, within: soon, unlimited: true, stage: func(s *scene) {
		bringsClient(s)
		s.httpClient.Timeout = soon
		s.serve = s.on.silent()
	}, want: lostInTime, also: clientUntouched},
	{name: "time limit of the client", on: onBoth, warm: true, within: soon, unlimited: true, stage: func(s *scene) {
		s.options = []mfa.Option{mfa.WithTimeout(soon)}
		s.serve = s.on.silent()
	}, want: lostInTime},
	{name: "context canceled before the call", on: onBoth, context: endedBefore, want: neverBegun(mfa.ActionNone, context.Canceled, errUser)},
	{name: "context out of time before the call", on: onBoth, context: func(ctx context.Context, _ *scene) (context.Context, context.CancelFunc) {
		return context.WithDeadline(ctx, time.Now().Add(-time.Second))
	}, want: neverBegun(mfa.ActionRetryLater, context.DeadlineExceeded)},
	{name: "response after the deadline", on: onBoth, warm: true, within: soon, stage: func(s *scene) { s.serve = s.on.late() }, want: lostInTime},
	{name: "proxy 407 that quotes", on: onTLS, stage: refusedByProxy, want: expect(unsentForGood).changed(func(w *want, _ operation) { w.next = mfa.ActionFix })},
	{
		name: "proxy 407 that quotes, http.Transport", on: []carrier{tls1Foreign},
		stage: refusedByProxy,
		want:  expect(unsent).changed(func(w *want, _ operation) { w.dials.least = 1 }),
	},
	{name: "proxy that is no proxy", on: onTLS, stage: func(s *scene) {
		s.through(proxyURL)
		s.serve = proxied(func(s *scene, _ net.Conn) string { return s.hostile() + "\r\n\r\n" })
	}, want: expect(unsent).changed(func(w *want, _ operation) { w.dials.least = 1 })},
	// The proxy is asked for before a connection is, so nothing proves that
	// the request never left.
	{name: "malformed proxy URL with a password", on: onBoth, stage: func(s *scene) {
		s.proxy = func(*http.Request) (*url.URL, error) {
			return s.whileFaulty(nil, fmt.Errorf("invalid proxy address %q", "http://user:"+clientSecret+"@[::1"))
		}
	}, want: expect(lost).changed(func(w *want, _ operation) { w.requests, w.dials = exactly(0), exactly(0) })},
	{name: "unreachable proxy with a password", on: onTLS, stage: func(s *scene) {
		s.through(proxyURL)
		dials(refused)(s)
	}, want: found[*net.OpError](unsentForGood)},
	{name: "proxy of an unknown kind with a password", on: onTLS, stage: func(s *scene) {
		s.through("gopher://user:" + url.QueryEscape(clientSecret) + "@proxy.example:70")
	}, want: expect(unsent).changed(func(w *want, op operation) { w.dials.least = 0 })},
	{name: "proxy for https: CONNECT only", on: []carrier{tls1, http2}, stage: func(s *scene) {
		s.through(proxyURL)
		s.serve = proxied(func(s *scene, conn net.Conn) string {
			_, _ = io.WriteString(conn, "HTTP/1.1 200 Connected\r\n\r\n")
			s.on.healthy(s, conn)
			return ""
		})
	}, want: expect(succeeds).changed(func(w *want, _ operation) { w.dials = exactly(1) })},
	{name: "proxy for http only", on: []carrier{tls1, http2}, stage: func(s *scene) {
		s.proxy = func(req *http.Request) (*url.URL, error) {
			if req.URL.Scheme == "http" {
				return url.Parse(proxyURL)
			}
			return nil, nil //nolint:nilnil // means no proxy
		}
		s.serve = s.on.healthy
	}, want: succeeds},
	{name: "hostile ids in a list", ops: onlyList, on: onBoth, stage: func(s *scene) { s.own.Store("..") }, says: func(*scene) response {
		return ok(`[{"id":".."},{"id":"a/b"},{"id":""},{"id":"x"},{"id":"x"},{"id":"a?b#c%%2e","authenticator_type":"hologram","active":true}]`)
	}, want: succeeds, also: idsRefused},
	{
		name: "no oob_code", ops: onlyAssociate, on: onBoth,
		says: as(200, "application/json", `{"authenticator_type":"oob","oob_channel":"email","recovery_codes":["A"]}`),
		want: unexpectedOK,
	},
	{name: "recovery_codes null", ops: onlyAssociate, on: onBoth, says: recovers("null"), want: succeeds},
	{name: "recovery_codes of another type", ops: onlyAssociate, on: onBoth, says: recovers(`["A",1]`), want: unexpectedOK},
	{name: "1,000 recovery_codes", ops: onlyAssociate, on: onBoth, says: recovers("[" + strings.Repeat(`"A",`, 999) + `"A"]`), want: unexpectedOK},
	{name: "65 recovery_codes", ops: onlyAssociate, on: onBoth, says: recovers("[" + strings.Repeat(`"A",`, 64) + `"A"]`), want: unexpectedOK},
	{name: "64 recovery_codes", ops: onlyAssociate, on: onBoth, says: recovers("[" + strings.Repeat(`"A",`, 63) + `"A"]`), want: succeeds},
	{name: "token_type missing", ops: tokens, on: onBoth, says: ofType(``), want: succeeds},
	{name: "token_type bearer", ops: tokens, on: onBoth, says: ofType(`"token_type":"bearer",`), want: succeeds},
	{name: "token_type mac", ops: tokens, on: onBoth, says: ofType(`"token_type":"mac",`), want: unexpectedOK},
	{name: "token_type DPoP", ops: tokens, on: onBoth, says: ofType(`"token_type":"DPoP",`), want: unexpectedOK},
	{name: "server clock a day late", on: onBoth, says: dated(-24 * time.Hour), want: succeeds},
	{name: "server clock a day early", on: onBoth, says: dated(24 * time.Hour), want: succeeds},
	{name: "no clock at all", on: onBoth, says: func(s *scene) response { return s.success().and("Date", s.hostile()) }, want: succeeds},
	{name: "panic in the caller's transport", on: onAll, stage: func(s *scene) {
		s.transport = func(below http.RoundTripper) http.RoundTripper { return &panics{below, s} }
	}, want: func(operation) want { return want{panics: true, requests: exactly(0), dials: exactly(0)} }},
}

var (
	onlyAssociate = []mfa.Op{"associate"}
	cookies       = []string{"Set-Cookie", "did=s-3af; Path=/", "Set-Cookie", "auth0=1; Path=/; HttpOnly"}
	proxyURL      = "http://user:" + url.QueryEscape(clientSecret) + "@proxy.example:3128"
	errUser       = errors.New("the user went away")
)

// neverBegun: the context ended first.
func neverBegun(next mfa.Action, causes ...error) expect {
	return expect(unsentForGood).because(causes...).changed(func(w *want, _ operation) { w.next, w.dials = next, exactly(0) })
}

func endedBefore(ctx context.Context, _ *scene) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	cancel(errUser)
	return ctx, func() { cancel(nil) }
}

// silent serves connections without a response.
func (c carrier) silent() wire {
	if c.http2 {
		return http2Wire(func(*http2Conn, uint32) {})
	}
	return http1(hangs(text("")))
}

// late serves connections with a success that comes when the call is over.
func (c carrier) late() wire {
	if c.http2 {
		return http2Wire(func(c *http2Conn, stream uint32) {
			<-c.returned
			http2Response(c.success())(c, stream)
		})
	}
	return http1(func(x *exchange) bool {
		<-x.returned
		return says(x.success())(x)
	})
}

// jar is a cookie jar that nobody may use.
type jar struct{ *scene }

func (j *jar) SetCookies(*url.URL, []*http.Cookie) { assert.Fail(j, "cookies were kept") }
func (j *jar) Cookies(*url.URL) []*http.Cookie {
	assert.Fail(j, "cookies were looked up")
	return nil
}

// bringsClient has the caller bring a client that keeps cookies and follows
// redirects.
func bringsClient(s *scene) {
	s.httpClient = &http.Client{
		Jar: &jar{s},
		CheckRedirect: func(*http.Request, []*http.Request) error {
			assert.Fail(s, "a redirect was followed")
			return nil
		},
	}
}

// clientUntouched checks that nothing wrote to the caller's client.
func clientUntouched(s *scene, _ error) {
	assert.Same(s, s.below, s.httpClient.Transport)
	assert.Equal(s, &jar{s}, s.httpClient.Jar)
	assert.NotNil(s, s.httpClient.CheckRedirect)
	assert.Contains(s, []time.Duration{0, soon}, s.httpClient.Timeout)
}

// through has the client use a proxy while the fault lasts.
func (s *scene) through(proxy string) {
	address := must(url.Parse(proxy))
	s.proxies = append(s.proxies, address.Host)
	s.proxy = func(*http.Request) (*url.URL, error) { return s.whileFaulty(address, nil) }
}

func refusedByProxy(s *scene) {
	s.through(proxyURL)
	s.serve = proxied(func(s *scene, _ net.Conn) string {
		return "HTTP/1.1 407 " + s.hostile() + "\r\nContent-Length: 0\r\n\r\n"
	})
}

func (s *scene) whileFaulty(proxy *url.URL, err error) (*url.URL, error) {
	if s.faulty.Load() {
		return proxy, err
	}
	return nil, nil //nolint:nilnil // means no proxy
}

// proxied reads what a client says to a proxy and goes on as then does, which
// may return a response to close with.
func proxied(then func(s *scene, conn net.Conn) string) wire {
	return func(s *scene, conn net.Conn) {
		req, err := http.ReadRequest(bufio.NewReader(conn))
		if err != nil {
			return
		}
		assert.Equal(s, http.MethodConnect, req.Method)
		assert.Equal(s, "localhost:443", req.Host)
		for name, all := range req.Header {
			if name != "Proxy-Authorization" { // of the proxy's own URL
				s.checkText("what the proxy saw", name+": "+strings.Join(all, ", "), s.canaries())
			}
		}
		_, _ = io.WriteString(conn, then(s, conn))
	}
}

// idsRefused checks that what came as data does not go out as a path.
func idsRefused(s *scene, _ error) {
	before := s.requests.Load()
	list := []string{"..", "a/b", "a?b#c%2e"}
	check := func(err error) {
		var e *mfa.Error
		if assert.ErrorIs(s, err, mfa.ErrInvalidRequest) && assert.ErrorAs(s, err, &e) {
			assert.Equal(s, []string{"AuthenticatorID"}, e.Fields)
			assert.Equal(s, mfa.DeliveryNotSent, e.Delivery)
			assert.Equal(s, mfa.ActionFix, mfa.NextAction(err))
		}
	}
	token := mfa.NewSecret(s.mine.MFAToken)
	for _, id := range append(slices.Clone(list), "") { // "" lets Auth0 pick what to challenge
		check(s.client.DeleteAuthenticator(context.Background(), mfa.DeleteAuthenticatorRequest{Token: token, AuthenticatorID: id}))
	}
	for _, id := range list {
		_, err := s.client.Challenge(context.Background(), mfa.ChallengeRequest{MFAToken: token, AuthenticatorID: id})
		check(err)
	}
	assert.Equal(s, before, s.requests.Load())
}

// recovers is an enrollment with these recovery codes.
func recovers(codes string) func(*scene) response {
	return document(func(doc string) string { return strings.Replace(doc, `["`+newRecovery+`"]`, codes, 1) })
}

// ofType is a token with this token_type.
func ofType(member string) func(*scene) response {
	return document(func(doc string) string { return strings.Replace(doc, `"token_type":"Bearer",`, member, 1) })
}

// dated is a success by a clock that is off.
func dated(off time.Duration) func(*scene) response {
	return func(s *scene) response {
		return s.success().and("Date", time.Now().Add(off).UTC().Format(http.TimeFormat))
	}
}

// panics is a transport that fails its first caller badly.
type panics struct {
	http.RoundTripper
	*scene
}

func (p *panics) RoundTrip(req *http.Request) (*http.Response, error) {
	if p.faulty.Load() {
		panic("the caller's own transport")
	}
	return p.RoundTripper.RoundTrip(req)
}

func (p *panics) CloseIdleConnections() {
	p.RoundTripper.(interface{ CloseIdleConnections() }).CloseIdleConnections()
}
