package faults

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
)

// loadFaults are rows of more than one call.
var loadFaults = []fault{
	{name: "1,000 parallel calls on one client", alone: manyCalls},
	{name: "one call's cancel during another's", alone: neighbors},
	{name: "10,000 mixed faults", alone: mixedFaults},
}

// manyCalls makes a thousand calls that are all under way at once.
func manyCalls(t *testing.T) int {
	t.Helper()
	const calls = 1000
	for _, on := range onBoth {
		s := newScene(t, operation{}, on, 0)
		var (
			arrived atomic.Int32
			all     = make(chan struct{})
		)
		server := &http.Server{
			TLSConfig:         trusted("h2")(),
			HTTP2:             &http.HTTP2Config{MaxConcurrentStreams: calls},
			ReadHeaderTimeout: grace,
			Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if !strings.HasPrefix(r.URL.Path, "/.well-known/") && arrived.Add(1) == calls {
					close(all)
				}
				a := echo(r)
				if arrived.Load() > 0 {
					<-all
				}
				w.WriteHeader(a.status)
				_, _ = w.Write([]byte(a.body))
			}),
		}
		done := make(chan error, 1)
		go func() {
			if on.secure {
				done <- server.ServeTLS(s.listener, "", "")
			} else {
				done <- server.Serve(s.listener)
			}
		}()
		client := s.quietClient(t)
		ctx, cancel := context.WithTimeout(t.Context(), 10*grace)
		require.NoError(t, client.Warm(ctx))
		var callers sync.WaitGroup
		for i := range calls {
			op, v := operations[i%len(operations)], newValues(strconv.Itoa(i))
			callers.Go(func() {
				got, err := op.call(ctx, client, v)
				if assert.NoError(t, err) && op.Method != http.MethodDelete {
					assert.Equal(t, echoed(op, v), got.own)
				}
			})
		}
		callers.Wait()
		cancel()
		client.CloseIdleConnections()
		require.NoError(t, server.Shutdown(t.Context()))
		require.ErrorIs(t, <-done, http.ErrServerClosed)
		s.close()
	}
	return calls * len(onBoth)
}

// echoed is whose response a call gets from echo.
func echoed(op operation, v values) string {
	switch op.Op {
	case mfa.OpPasswordLogin:
		return "echo/" + v.Username
	case mfa.OpRefresh:
		return "echo/" + v.RefreshToken
	default:
		return "echo/" + v.MFAToken
	}
}

// echo responds to a request with what only that request held.
func echo(r *http.Request) response {
	var whose string
	if token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		whose = token
	} else if strings.HasPrefix(r.URL.Path, "/oauth/") {
		whose = r.PostFormValue("mfa_token") + r.PostFormValue("username") + r.PostFormValue("refresh_token")
	} else {
		whose = memberOf(r.Body, "mfa_token")
	}
	for _, op := range operations {
		if r.Method == op.Method && strings.HasPrefix(r.URL.Path, op.path()) {
			return op.success("echo/" + whose)
		}
	}
	return ok(`{}`)
}

// quietClient is a client of the scene that keeps no log.
func (s *scene) quietClient(t *testing.T) *mfa.Client {
	t.Helper()
	client, err := mfa.NewClient(s.domain, clientID, mfa.WithClientSecret(clientSecret),
		mfa.WithHTTPClient(&http.Client{Transport: s.roundTripper()}))
	require.NoError(t, err)
	return client
}

// neighbors has one call canceled while another is under way.
func neighbors(t *testing.T) (n int) {
	t.Helper()
	for _, on := range onBoth {
		for _, op := range operations {
			n++
			s := newScene(t, op, on, 0)
			var (
				arrived = make(chan struct{}, 2)
				release = make(chan struct{})
			)
			s.serve = http1(func(x *exchange) bool {
				arrived <- struct{}{}
				if x.requests.Load() == 1 {
					stalls(s, x.Conn)
					return false
				}
				<-release
				return says(x.success())(x)
			})
			if on.http2 {
				s.serve = http2Wire(func(c *http2Conn, stream uint32) {
					first := c.requests.Load() == 1
					arrived <- struct{}{}
					if !first {
						<-release
						http2Response(c.success())(c, stream)
					}
				})
			}
			go s.accept(s.listener)
			client := s.quietClient(t)
			ctx, cancel := context.WithCancel(t.Context())
			ended, answered := make(chan error, 1), make(chan result, 1)
			go func() {
				_, err := op.call(ctx, client, s.mine)
				ended <- err
			}()
			<-arrived
			go func() {
				got, err := op.call(t.Context(), client, s.other)
				assert.NoError(s, err)
				answered <- got
			}()
			<-arrived
			cancel()
			require.ErrorIs(t, <-ended, context.Canceled)
			assert.Empty(t, answered, "the other call ended too")
			close(release)
			s.checkOwn(s.own.Load().(string), <-answered)
			assert.True(t, s.served(t.Context(), client.CloseIdleConnections), "a connection is still open")
			s.close()
			assert.Empty(t, s.found, "%s, %s", op.Op, on.name)
		}
	}
	return n
}

// memberOf is a string in a JSON object, "" if it is not there.
func memberOf(body io.Reader, name string) string {
	var members map[string]any
	_ = json.NewDecoder(body).Decode(&members)
	value, _ := members[name].(string)
	return value
}
