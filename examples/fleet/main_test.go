package fleet_test

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/go-redis/redis_rate/v10"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/examples/fleet"
	"github.com/go-auth0-mfa/mfa/mfatest"
)

var full = flag.Bool("fleet.full", false, "measure 8 processes on a tenant with a limit")

// pod is what one process of the fleet is told.
type pod struct {
	URL, ClientID, Secret string
	Certificate           []byte
	Redis                 string            // the socket; if empty, there is no limiter
	Limit                 *redis_rate.Limit // of all pods
	Calls                 int
	Every                 time.Duration // between the calls; if zero, they are made at once
	Timeout               time.Duration
}

// tally counts how the calls of a pod ended.
type tally struct {
	Answered, TooMany, Held, Failed int
	Asked                           time.Duration // the shortest RetryAfter of those held
	Problem                         string
}

const childVariable = "FLEET_POD"

func TestMain(m *testing.M) {
	if os.Getenv(childVariable) != "" {
		var p pod
		if err := json.NewDecoder(os.Stdin).Decode(&p); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		if err := json.NewEncoder(os.Stdout).Encode(p.run()); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// run makes the calls of a pod: the first one of a login.
func (p pod) run() tally {
	var (
		result tally
		mu     sync.Mutex
		all    sync.WaitGroup
	)
	client, err := p.client()
	if err != nil {
		return tally{Failed: p.Calls, Problem: err.Error()}
	}
	for range p.Calls {
		all.Go(func() {
			_, err := client.PasswordLogin(context.Background(), mfa.PasswordLoginRequest{Username: user, Password: mfa.NewSecret(password)})
			mu.Lock()
			defer mu.Unlock()
			var e *mfa.Error
			switch {
			case errors.Is(err, mfa.ErrMFARequired):
				result.Answered++
			case errors.As(err, &e) && errors.Is(err, mfa.ErrRateLimited) && e.Delivery == mfa.DeliveryNotSent:
				result.Held++
				if result.Asked == 0 || e.RetryAfter < result.Asked {
					result.Asked = e.RetryAfter
				}
			case errors.Is(err, mfa.ErrRateLimited):
				result.TooMany++
			default:
				result.Failed++
				result.Problem = fmt.Sprint(err)
			}
		})
		time.Sleep(p.Every) // the pace of the load; what the test checks holds at any pace
	}
	all.Wait()
	return result
}

func (p pod) client() (*mfa.Client, error) {
	certificate, _ := pem.Decode(p.Certificate)
	parsed, err := x509.ParseCertificate(certificate.Bytes)
	if err != nil {
		return nil, err
	}
	transport := mfa.NewTransport()
	transport.TLSClientConfig.RootCAs = x509.NewCertPool()
	transport.TLSClientConfig.RootCAs.AddCert(parsed)
	opts := []mfa.Option{
		mfa.WithClientSecret(p.Secret), mfa.WithTimeout(p.Timeout), mfa.WithHTTPClient(&http.Client{Transport: transport}),
	}
	if p.Redis != "" {
		client := redis.NewClient(&redis.Options{Network: "unix", Addr: p.Redis, ContextTimeoutEnabled: true})
		limiter := fleet.NewLimiter(client, "auth0", *p.Limit, func(err error) { fmt.Fprintln(os.Stderr, err) })
		limiter.Patience = p.Timeout // how long a busy machine takes decides no test
		opts = append(opts, mfa.WithLimiter(limiter))
	}
	return mfa.NewClient(p.URL, p.ClientID, opts...)
}

const user, password = "ada@example.com", "correct horse"

// startTenant starts a tenant that a fleet can reach.
func startTenant(t *testing.T, opts ...mfatest.Option) (*mfatest.Tenant, pod) {
	t.Helper()
	tenant := mfatest.NewTenant(append([]mfatest.Option{mfatest.WithClock(time.Now)}, opts...)...)
	t.Cleanup(tenant.Close)
	tenant.AddUser(mfatest.User{Email: user, Password: password, EmailVerified: true})
	return tenant, pod{
		URL: tenant.URL, ClientID: tenant.ClientID, Secret: tenant.ClientSecret, Timeout: 5 * time.Second,
		Certificate: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: tenant.Certificate().Raw}),
	}
}

// runFleet runs so many processes and adds up what they counted.
func runFleet(t *testing.T, processes int, p pod) tally {
	t.Helper()
	told, err := json.Marshal(p)
	require.NoError(t, err)
	results := make([]tally, processes)
	errs := make([]error, processes)
	var all sync.WaitGroup
	for i := range processes {
		all.Go(func() {
			cmd := exec.CommandContext(t.Context(), os.Args[0])
			cmd.Env = append(os.Environ(), childVariable+"=1")
			cmd.Stdin = bytes.NewReader(told)
			var out, problems bytes.Buffer
			cmd.Stdout, cmd.Stderr = &out, &problems
			errs[i] = cmd.Run()
			if errs[i] == nil {
				errs[i] = json.NewDecoder(&out).Decode(&results[i])
			}
			_, _ = io.Copy(t.Output(), &problems)
		})
	}
	all.Wait()
	require.NoError(t, errors.Join(errs...))
	var sum tally
	for _, r := range results {
		sum.Answered += r.Answered
		sum.TooMany += r.TooMany
		sum.Held += r.Held
		sum.Failed += r.Failed
		if r.Asked > 0 && (sum.Asked == 0 || r.Asked < sum.Asked) {
			sum.Asked = r.Asked
		}
		if r.Problem != "" {
			sum.Problem = r.Problem
		}
	}
	return sum
}
