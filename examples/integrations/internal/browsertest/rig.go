package browsertest

import (
	"bytes"
	"crypto/rand"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/flow"
	"github.com/go-auth0-mfa/mfa/mfatest"
)

// The users of the tests, and the password of each of them.
const (
	Ada      = "ada@example.com"
	Grace    = "grace@example.com"
	Password = "correct horse"
)

// Rig is a page, served over TLS, and the tenant behind it. The zero value is none: use [New].
type Rig struct {
	Tenant *mfatest.Tenant
	Flow   *flow.Flow
	Sealer *flow.Sealer  // of the Flow, with a key of its own
	Log    *bytes.Buffer // what the page has logged
	URL    string        // of the page, once it is served

	t      *testing.T
	client *http.Client
}

// New starts a tenant whose user is [Ada]. It ends with the test.
func New(t *testing.T, user mfatest.User, opts ...mfatest.Option) *Rig {
	t.Helper()
	tenant := mfatest.NewTenant(opts...)
	t.Cleanup(tenant.Close)
	user.Email, user.Password = Ada, Password
	tenant.AddUser(user)
	key := make([]byte, 32)
	_, _ = rand.Read(key)
	f := tenant.Flow()
	sealer, err := f.NewSealer(key)
	require.NoError(t, err)
	return &Rig{Tenant: tenant, Flow: f, Sealer: sealer, Log: new(bytes.Buffer), t: t}
}

// Logger returns a logger that writes to the log.
func (r *Rig) Logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(r.Log, nil))
}

// Serve serves the page until the test ends.
func (r *Rig) Serve(page http.Handler) {
	server := httptest.NewTLSServer(page)
	r.t.Cleanup(server.Close)
	r.URL, r.client = server.URL, server.Client()
}

// Open opens a browser without cookies on the page, which has to be served.
func (r *Rig) Open() *Browser {
	r.t.Helper()
	jar, err := cookiejar.New(nil)
	require.NoError(r.t, err)
	client := *r.client
	client.Jar = jar
	b := &Browser{Jar: jar, t: r.t, base: r.URL, client: &client}
	b.Get("/")
	return b
}

// Code returns the newest code, in the form in which many mails have it.
func (r *Rig) Code(address string) string {
	r.t.Helper()
	code, ok := r.Tenant.LastCode(address)
	require.True(r.t, ok)
	return code[:3] + " " + code[3:]
}

// Asked returns how many requests for an operation reached the tenant.
func (r *Rig) Asked(op mfa.Op) int {
	n := 0
	for _, request := range r.Tenant.Requests() {
		if request.Op == op {
			n++
		}
	}
	return n
}
