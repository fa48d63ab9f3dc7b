//go:build linux

package edge

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/go-auth0-mfa/mfa"
)

// frozen is a program that makes a call for each line it is told, "calls N" at
// once or "vanished" with a short limit, and says how each ended.
func frozen() int {
	tr := trusting()
	client, err := mfa.NewClient(os.Args[1], "client", mfa.WithHTTPClient(&http.Client{Transport: tr}))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	impatient, err := mfa.NewClient(os.Args[1], "client", mfa.WithHTTPClient(&http.Client{Transport: tr}), mfa.WithTimeout(5*time.Second))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var calls int
		by := client
		if lines.Text() == "impatient" {
			calls, by = 1, impatient
		} else if _, err := fmt.Sscanf(lines.Text(), "calls %d", &calls); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		results := make([]string, calls)
		var wg sync.WaitGroup
		for i := range calls {
			wg.Go(func() {
				err := challenge(context.Background(), by, newToken())
				var e *mfa.Error
				switch {
				case err == nil:
					results[i] = "success"
				case errors.Is(err, mfa.ErrOutcomeUnknown):
					results[i] = "unknown"
				case errors.As(err, &e) && e.Delivery == mfa.DeliveryNotSent:
					results[i] = "notsent"
				default:
					results[i] = "other"
				}
				if err != nil {
					fmt.Fprintln(os.Stderr, reason(err))
				}
			})
		}
		wg.Wait()
		fmt.Println(strings.Join(results, " "))
	}
	return 0
}

var freezes = map[string]struct {
	protocol string
	idle     int // connections
	end      func(*peer)
}{
	"HTTP/1.1, FIN":                {"http/1.1", 1, (*peer).closeAll},
	"HTTP/1.1, RST":                {"http/1.1", 1, (*peer).resetAll},
	"HTTP/1.1, several idle, FIN":  {"http/1.1", 4, (*peer).closeAll},
	"HTTP/2, FIN":                  {"h2", 1, (*peer).closeAll},
	"HTTP/2, RST":                  {"h2", 1, (*peer).resetAll},
	"HTTP/2, GOAWAY, then the FIN": {"h2", 1, (*peer).goAwayAll},
}

// A process that is frozen while its idle connections end makes its next call with
// success, and one request.
func TestFreeze(t *testing.T) {
	t.Parallel()
	for name, scene := range freezes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var (
				mu   sync.Mutex
				seen = map[string]int{}
				warm sync.WaitGroup
			)
			act := func(body []byte) string {
				token := tokenOf(body)
				mu.Lock()
				seen[token]++
				mu.Unlock()
				return challenged(token)
			}
			rounds := count(10, 200)
			var several sync.Mutex // guards warming
			warming := 0
			serve := http1(func(conn net.Conn, _ int, body []byte) bool {
				several.Lock()
				wait := warming > 0
				if wait {
					warming--
					warm.Done()
				}
				several.Unlock()
				if wait {
					warm.Wait() // so that each is on a connection of its own
				}
				return answer1(conn, act(body))
			})
			if scene.protocol == "h2" {
				serve = http2(func(s stream) []byte { return answer2(s.id, act(s.body)) })
			}
			p := newPeer(t, serve, scene.protocol)
			c := startChild(t, "frozen", p.address)
			success := 0
			for range rounds {
				if scene.idle > 1 {
					several.Lock()
					warming = scene.idle
					warm.Add(scene.idle)
					several.Unlock()
				}
				c.tell(fmt.Sprintf("calls %d", scene.idle))
				assert.Equal(t, strings.TrimSpace(strings.Repeat("success ", scene.idle)), c.hear())

				c.freeze()
				scene.end(p)
				p.gone(t)
				c.tell("calls 1")
				c.thaw()

				if heard := c.hear(); assert.Equal(t, "success", heard) {
					success++
				}
			}
			t.Logf("%d of %d", success, rounds)
			mu.Lock()
			defer mu.Unlock()
			assert.Len(t, seen, rounds*(scene.idle+1))
			for token, n := range seen {
				assert.Equal(t, 1, n, token)
			}
		})
	}
}

// A connection that vanished without a word proves nothing.
func TestFreeze_vanished(t *testing.T) {
	t.Parallel()
	for _, protocol := range []string{"http/1.1", "h2"} {
		t.Run(protocol, func(t *testing.T) {
			t.Parallel()
			var mu sync.Mutex
			deaf := map[net.Conn]bool{} // connections that were answered once
			serve := http1(func(conn net.Conn, _ int, body []byte) bool {
				mu.Lock()
				defer mu.Unlock()
				if deaf[conn] {
					return true
				}
				deaf[conn] = true
				return answer1(conn, challenged(tokenOf(body)))
			})
			if protocol == "h2" {
				serve = http2(func(s stream) []byte {
					mu.Lock()
					defer mu.Unlock()
					if deaf[s.conn] {
						return nil
					}
					deaf[s.conn] = true
					return answer2(s.id, challenged(tokenOf(s.body)))
				})
			}
			p := newPeer(t, serve, protocol)
			c := startChild(t, "frozen", p.address)
			c.tell("calls 1")
			assert.Equal(t, "success", c.hear())
			c.freeze()
			c.tell("impatient")
			c.thaw()

			assert.Equal(t, "unknown", c.hear())
			assert.EqualValues(t, 2, p.requests.Load())
		})
	}
}
