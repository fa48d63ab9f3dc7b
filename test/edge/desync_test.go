//go:build linux

package edge

import (
	"net"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/go-auth0-mfa/mfa/internal/wiretest"
)

// foreign is the response that belongs to nobody.
const foreign = "somebody-else"

// Over HTTP/2 a response belongs to its stream: no call returns another one,
// whatever a server sends besides on streams that ended or that it opened.
func TestDesync_HTTP2(t *testing.T) {
	t.Parallel()
	for name, besides := range map[string]func(stream) []byte{
		"the stream twice": func(s stream) []byte { return answer2(s.id, challenged(foreign)) },
		"a stream that ended": func(s stream) []byte {
			if s.last == 0 {
				return nil
			}
			return answer2(s.last, challenged(foreign))
		},
		"a stream of the server": func(stream) []byte { return answer2(2, challenged(foreign)) },
		"more data on the stream": func(s stream) []byte {
			return wiretest.AppendFrame(nil, wiretest.FrameData, wiretest.FlagEndStream, s.id, []byte(challenged(foreign))...)
		},
		"a reset, then the stream again": func(s stream) []byte {
			return append(reset2(s.id, wiretest.CodeNoError), answer2(s.id, challenged(foreign))...)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPeer(t, http2(func(s stream) []byte {
				return append(answer2(s.id, challenged(tokenOf(s.body))), besides(s)...)
			}), "h2")
			client := newClient(t, p.address, trusting())

			all := inParallel(4, count(200, 3200), func(token string) error {
				return challenge(t.Context(), client, token)
			}, 0, nil)

			t.Log(all)
			assert.Zero(t, all.foreign, all)
			assert.Positive(t, all.success)
		})
	}
}

// Over HTTP/1.1 the second of two responses to one request is noticed if it is
// there before the next request, and else it may be taken for the response to that:
// golang/go#31259. The means against it are HTTP/2 alone, or no kept connections.
func TestDesync_HTTP1_withoutKeptConnections(t *testing.T) {
	t.Parallel()
	p := newPeer(t, http1(func(conn net.Conn, _ int, body []byte) bool {
		return answer1(conn, challenged(tokenOf(body))) && answer1(conn, challenged(foreign))
	}), "http/1.1")
	kept := newClient(t, p.address, trusting())
	single := trusting()
	single.DisableKeepAlives = true
	closing := newClient(t, p.address, single)
	calls := count(400, 3200)

	with := inParallel(4, calls, func(token string) error { return challenge(t.Context(), kept, token) }, 0, nil)
	without := inParallel(4, calls, func(token string) error { return challenge(t.Context(), closing, token) }, 0, nil)

	t.Logf("kept: %s; not kept: %s", with, without)
	assert.Equal(t, calls, without.success, without)
}

// A transport for HTTP/2 alone sends nothing to a server that speaks HTTP/1.1.
func TestDesync_onlyHTTP2(t *testing.T) {
	t.Parallel()
	for _, protocols := range [][]string{{"http/1.1"}, {"none-of-these"}} {
		p := newPeer(t, http1(func(conn net.Conn, _ int, body []byte) bool { return answer1(conn, challenged(tokenOf(body))) }), protocols...)
		tr := trusting()
		tr.Protocols = new(http.Protocols)
		tr.Protocols.SetHTTP2(true)
		client := newClient(t, p.address, tr)

		assertEnded(t, notSent, "POST", challenge(t.Context(), client, newToken()))
		assert.Zero(t, p.requests.Load())
	}
}
