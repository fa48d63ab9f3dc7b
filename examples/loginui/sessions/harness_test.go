package sessions_test

import (
	"bytes"
	"crypto/rand"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/examples/loginui/sessions"
	"github.com/go-auth0-mfa/mfa/examples/loginui/ui"
	"github.com/go-auth0-mfa/mfa/mfatest"
)

// The users of the tenant.
var (
	grace = user{"grace@example.com", "battery staple", "+4930901820"}
	joan  = user{"joan@example.com", "tr0ub4dor", "+4930901821"}
)

type user struct{ email, password, phone string }

// rig is the pages of a tenant on the sessions of this package.
type rig struct {
	tenant  *mfatest.Tenant
	app     *watched
	handler http.Handler
	log     *buffer
}

// launch starts them. The transports stand between the pages and the tenant.
func launch(t *testing.T, transports ...func(http.RoundTripper) http.RoundTripper) *rig {
	t.Helper()
	r := &rig{tenant: mfatest.NewTenant(mfatest.WithMemoryNetwork()), app: &watched{App: sessions.New()}, log: &buffer{}}
	t.Cleanup(r.tenant.Close)
	for _, u := range []user{grace, joan} {
		r.tenant.AddUser(mfatest.User{Email: u.email, Password: u.password, RecoveryCode: true, Authenticators: []mfatest.Authenticator{
			{Factor: mfa.FactorEmail, Active: true},
			{Factor: mfa.FactorSMS, Address: u.phone, Active: true},
			{Factor: mfa.FactorOTP, Active: true},
			{Factor: mfa.FactorPush, Active: true},
		}})
	}
	transport := r.tenant.HTTPClient().Transport
	for _, wrap := range transports {
		transport = wrap(transport)
	}
	key := make([]byte, 32)
	_, _ = rand.Read(key)
	pages, err := ui.New(t.Context(), ui.Config{
		Client: r.tenant.Client(mfa.WithHTTPClient(&http.Client{Transport: transport})), App: r.app, Key: key, Keys: r.tenant.HTTPClient(),
		Now: r.tenant.Now, Log: slog.New(slog.NewTextHandler(r.log, nil)),
	})
	require.NoError(t, err)
	r.handler = ui.WithoutTLS(r.app.Load(pages))
	return r
}

// code returns the code of the newest message to a user.
func (r *rig) code(u user) string {
	for _, message := range slices.Backward(r.tenant.Messages()) {
		if message.To == u.email || message.To == u.phone {
			return message.Code
		}
	}
	return "000000"
}

// watched is the application, which knows who is signed in.
type watched struct {
	*sessions.App
	current string   // an address, or none
	all     []string // who has signed in
}

func (w *watched) SignIn(rw http.ResponseWriter, r *http.Request, user ui.User, token *mfa.Token) error {
	err := w.App.SignIn(rw, r, user, token)
	if err == nil {
		w.current, w.all = user.Email, append(w.all, user.Email)
	}
	return err
}

func (w *watched) SignOut(rw http.ResponseWriter, r *http.Request) error {
	err := w.App.SignOut(rw, r)
	if err == nil {
		w.current = ""
	}
	return err
}

// buffer is a buffer for several goroutines.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}
