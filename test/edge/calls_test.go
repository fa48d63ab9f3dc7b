//go:build linux

package edge

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
)

func silent() *log.Logger { return log.New(io.Discard, "", 0) }

// newClient returns a client of the tenant at an address, or at an origin.
func newClient(t testing.TB, domain string, rt http.RoundTripper) *mfa.Client {
	t.Helper()
	client, err := mfa.NewClient(domain, "client", mfa.WithHTTPClient(&http.Client{Transport: rt}))
	require.NoError(t, err)
	t.Cleanup(client.CloseIdleConnections)
	if tr, ok := rt.(interface{ CloseIdleConnections() }); ok {
		t.Cleanup(tr.CloseIdleConnections)
	}
	return client
}

// tokens makes an mfa_token for each call.
var tokens atomic.Int64

func newToken() string { return "token-" + strconv.FormatInt(tokens.Add(1), 10) }

// errForeignResponse says that a call got the response of another.
var errForeignResponse = errors.New("the response belongs to another request")

// challenge makes a call with this mfa_token.
func challenge(ctx context.Context, client *mfa.Client, token string) error {
	res, err := client.Challenge(ctx, mfa.ChallengeRequest{MFAToken: mfa.NewSecret(token), AuthenticatorID: "email|dev_1"})
	if err == nil && res.OOBCode.Reveal() != codeOf(token) {
		return fmt.Errorf("%w: %s, not %s", errForeignResponse, res.OOBCode.Reveal(), codeOf(token))
	}
	return err
}

// plainly sends the same challenge by net/http alone, which may repeat it.
func plainly(ctx context.Context, hc *http.Client, origin, token string) error {
	body := []byte(`{"mfa_token":"` + token + `"}`)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, origin+"/mfa/challenge", bytes.NewReader(body))
	if err != nil {
		return err
	}
	resp, err := hc.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close() //nolint:errcheck // it was read
	got, err := io.ReadAll(resp.Body)
	if err == nil && string(got) != challenged(token) {
		err = fmt.Errorf("HTTP %d", resp.StatusCode)
	}
	return err
}

// tally is how many calls ended how.
type tally struct {
	mu                              sync.Mutex
	success, unknown, notSent, rest int
	foreign                         int // responses that belong to another request
	errors                          map[string]int
	unknowns                        []string // tokens
}

func (a *tally) add(token string, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	var e *mfa.Error
	switch {
	case err == nil:
		a.success++
		return
	case errors.Is(err, mfa.ErrOutcomeUnknown):
		a.unknown++
		a.unknowns = append(a.unknowns, token)
	case errors.As(err, &e) && e.Delivery == mfa.DeliveryNotSent:
		a.notSent++
	case errors.Is(err, errForeignResponse):
		a.foreign++
		a.rest++
		a.count("a response that belongs to another request")
		return
	default:
		a.rest++
	}
	a.count(reason(err))
}

func (a *tally) count(why string) {
	if a.errors == nil {
		a.errors = map[string]int{}
	}
	a.errors[why]++
}

// reason returns the text of the error at the bottom, for the message of a failure.
func reason(err error) string {
	if err == nil {
		return ""
	}
	var e *mfa.Error
	var cause interface{ Unwrap() error }
	if errors.As(err, &e) && e.As(&cause) {
		return fmt.Sprintf("%v: %v", err, cause)
	}
	return err.Error()
}

func (a *tally) String() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return fmt.Sprintf("%d success, %d unknown, %d not sent, %d other %v", a.success, a.unknown, a.notSent, a.rest, a.errors)
}

// inParallel has so many workers make so many calls, each with a token of its own,
// and every so often something happen.
func inParallel(workers, calls int, call func(token string) error, every int, happens func()) *tally {
	var (
		all  = new(tally)
		done atomic.Int64
		left atomic.Int64
		wg   sync.WaitGroup
	)
	left.Store(int64(calls))
	for range workers {
		wg.Go(func() {
			for left.Add(-1) >= 0 {
				token := newToken()
				all.add(token, call(token))
				if n := done.Add(1); every > 0 && n%int64(every) == 0 {
					happens()
				}
			}
		})
	}
	wg.Wait()
	return all
}
