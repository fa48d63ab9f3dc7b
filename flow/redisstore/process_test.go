package redisstore_test

import (
	"bufio"
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/flow"
	"github.com/go-auth0-mfa/mfa/flow/redisstore"
	"github.com/go-auth0-mfa/mfa/internal/wiretest"
	"github.com/go-auth0-mfa/mfa/mfatest"
)

var full = flag.Bool("fleet.full", false, "run 1,000 rounds instead of a few")

// setting is what a process of the login page is started with.
type setting struct {
	URL, ClientID, Secret string
	Certificate           []byte
	Network, Redis        string
}

// click is a form that a browser posts.
type click struct {
	ID                    int
	Sealed                string
	Verb                  string
	Code, Choice, Address string
}

// page is what the browser gets.
type page struct {
	ID            int
	Sealed        string // the new seal; empty once the login is done
	State         string
	Token         string
	Used, Unknown bool
	Action        string
	Problem       string // the error, "" if there was none
}

const childVariable = "REDISSTORE_CHILD"

var (
	sealKey  = digest("the seals") // the same in every process
	storeKey = digest("the store")
	session  = []byte("the session of a browser")
)

func digest(of string) []byte {
	sum := sha256.Sum256([]byte(of))
	return sum[:]
}

func TestMain(m *testing.M) {
	if os.Getenv(childVariable) == "" {
		os.Exit(m.Run())
	}
	if err := serve(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// serve is a process of the login page: it takes clicks, each in a goroutine of its own, as
// an HTTP server does.
func serve() error {
	in := json.NewDecoder(bufio.NewReader(os.Stdin))
	var s setting
	if err := in.Decode(&s); err != nil {
		return err
	}
	sealer, err := s.sealer()
	if err != nil {
		return err
	}
	var mu sync.Mutex
	out := json.NewEncoder(os.Stdout)
	for {
		var c click
		if err := in.Decode(&c); err != nil {
			return nil //nolint:nilerr // the test is over
		}
		go func() {
			p := c.post(sealer)
			mu.Lock()
			defer mu.Unlock()
			_ = out.Encode(p)
		}()
	}
}

func (s setting) sealer() (*flow.Sealer, error) {
	certificate, _ := pem.Decode(s.Certificate)
	parsed, err := x509.ParseCertificate(certificate.Bytes)
	if err != nil {
		return nil, err
	}
	transport := mfa.NewTransport()
	transport.TLSClientConfig.RootCAs = x509.NewCertPool()
	transport.TLSClientConfig.RootCAs.AddCert(parsed)
	auth0, err := mfa.NewClient(s.URL, s.ClientID, mfa.WithClientSecret(s.Secret), mfa.WithHTTPClient(&http.Client{Transport: transport}))
	if err != nil {
		return nil, err
	}
	client := redis.NewClient(&redis.Options{Network: s.Network, Addr: s.Redis, ContextTimeoutEnabled: true})
	f, err := flow.New(auth0, flow.WithStore(redisstore.New(client), storeKey), flow.WithStoreErrors(func(_ context.Context, err error) {
		fmt.Fprintln(os.Stderr, "store:", err)
	}))
	if err != nil {
		return nil, err
	}
	return f.NewSealer(sealKey)
}

// post handles the click.
func (c click) post(sealer *flow.Sealer) page {
	p := page{ID: c.ID}
	step, err := sealer.Open(c.Sealed, session)
	if err != nil {
		p.Problem = err.Error()
		return p
	}
	ctx := context.Background()
	switch c.Verb {
	case "submit":
		err = step.Submit(ctx, flow.Submission{Code: mfa.NewSecret(c.Code)})
	case "resend":
		err = step.Resend(ctx)
	case "choose":
		err = step.Choose(ctx, c.Choice)
	case "enroll":
		err = step.Enroll(ctx, flow.Enrollment{Email: c.Address})
	case "poll":
		err = step.Poll(ctx, flow.Poll{})
	}
	p.State, p.Action = step.State().String(), mfa.NextAction(err).String()
	p.Used, p.Unknown = errors.Is(err, flow.ErrStepUsed), errors.Is(err, mfa.ErrOutcomeUnknown)
	if err != nil {
		p.Problem = err.Error()
	}
	if token := step.Token(); token != nil {
		p.Token = token.AccessToken.Reveal()
		return p
	}
	if p.Sealed, err = sealer.Seal(step, session); err != nil {
		p.Problem = err.Error()
	}
	return p
}

// process is one that the test started.
type process struct {
	t    *testing.T
	cmd  *exec.Cmd
	in   *json.Encoder
	done chan struct{} // closed when it has ended

	mu      sync.Mutex
	last    int
	waiting map[int]chan page
}

func startProcess(t *testing.T, s setting) *process {
	t.Helper()
	p := &process{t: t, cmd: exec.Command(os.Args[0]), done: make(chan struct{}), waiting: map[int]chan page{}}
	p.cmd.Env = append(os.Environ(), childVariable+"=1")
	p.cmd.Stderr = t.Output()
	in, err := p.cmd.StdinPipe()
	require.NoError(t, err)
	out, err := p.cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, p.cmd.Start())
	go func() {
		defer close(p.done)
		pages := json.NewDecoder(out)
		for {
			var got page
			if pages.Decode(&got) != nil {
				break
			}
			p.mu.Lock()
			p.waiting[got.ID] <- got
			p.mu.Unlock()
		}
		_ = p.cmd.Wait()
	}()
	t.Cleanup(func() {
		_ = in.Close()
		p.kill()
	})
	p.in = json.NewEncoder(in)
	require.NoError(t, p.in.Encode(s))
	return p
}

// kill ends the process at once.
func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	<-p.done
}

// post posts a form. The channel gets the page, and nothing if the process ends before.
func (p *process) post(c click) <-chan page {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.last++
	c.ID = p.last
	got := make(chan page, 1)
	p.waiting[c.ID] = got
	assert.NoError(p.t, p.in.Encode(c))
	return got
}

// get waits for a page.
func (p *process) get(pages <-chan page) page {
	p.t.Helper()
	select {
	case got := <-pages:
		got.ID = 0
		return got
	case <-p.done:
		require.Fail(p.t, "the process has ended")
	case <-time.After(time.Minute):
		require.Fail(p.t, "no page came")
	}
	return page{}
}

// site is a login page of several processes.
type site struct {
	t         *testing.T
	tenant    *mfatest.Tenant
	flow      *flow.Flow   // begins steps, which are a minute old
	begins    *flow.Sealer // seals these
	sealer    *flow.Sealer // of this process as one of the page
	processes []*process
	users     int
}

// aMinuteAgo makes steps that may be resent and polled now.
var aMinuteAgo = flow.WithClock(func() time.Time { return time.Now().Add(-time.Minute) })

// newSite starts a login page of so many processes on a tenant and a Redis of its own.
func newSite(t *testing.T, processes int) *site {
	t.Helper()
	tenant := mfatest.NewTenant(mfatest.WithClock(time.Now))
	t.Cleanup(tenant.Close)
	f := tenant.Flow(aMinuteAgo)
	sealer, err := f.NewSealer(sealKey)
	require.NoError(t, err)
	set := setting{
		URL: tenant.URL, ClientID: tenant.ClientID, Secret: tenant.ClientSecret,
		Certificate: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: tenant.Certificate().Raw}),
		Network:     "unix", Redis: wiretest.StartRedis(t).Socket,
	}
	s := &site{t: t, tenant: tenant, flow: f, begins: sealer}
	for range processes {
		s.processes = append(s.processes, startProcess(t, set))
	}
	return s
}

// counts are the requests for an operation and the messages so far.
type counts struct{ requests, messages int }

func (s *site) counts(op mfa.Op) counts {
	n := 0
	for _, r := range s.tenant.Requests() {
		if r.Op == op {
			n++
		}
	}
	return counts{n, len(s.tenant.Messages())}
}
