package plainsite_test

import (
	"testing"

	"github.com/alexedwards/scs/v2"
	"github.com/alexedwards/scs/v2/memstore"
	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa/examples/integrations/idtoken"
	"github.com/go-auth0-mfa/mfa/examples/integrations/internal/browsertest"
	"github.com/go-auth0-mfa/mfa/examples/integrations/plainsite"
	"github.com/go-auth0-mfa/mfa/mfatest"
)

const (
	ada      = browsertest.Ada
	grace    = browsertest.Grace
	password = browsertest.Password
)

// rig is the page, the store of its sessions, and the tenant behind it.
type rig struct {
	*browsertest.Rig

	t     *testing.T
	store *memstore.MemStore
}

func newRig(t *testing.T, user mfatest.User, opts ...mfatest.Option) *rig {
	r := &rig{Rig: browsertest.New(t, user, opts...), t: t, store: memstore.NewWithCleanupInterval(0)}
	client, sessions := r.Tenant.Client(), scs.New()
	sessions.Store = r.store
	users, err := idtoken.New(t.Context(), client, r.Tenant.HTTPClient(), sessions, oidc.Config{Now: r.Tenant.Now})
	require.NoError(t, err)
	site := &plainsite.Site{Client: client, Sealer: r.Sealer, Sessions: sessions, Users: users, Log: r.Logger(), Now: r.Tenant.Now}
	r.Serve(site.Handler())
	return r
}

// browser is a browser of its own on the page.
type browser struct {
	*rig
	*browsertest.Browser
}

func (r *rig) browser() *browser {
	return &browser{rig: r, Browser: r.Open()}
}

func (b *browser) signIn() {
	b.t.Helper()
	b.Login(ada, password)
	b.At("/code", "")
	b.Submit("/code", "code", b.Code(ada))
	b.At("/", "")
	require.Contains(b.t, b.Page, "<h1>"+ada+"</h1>")
}
