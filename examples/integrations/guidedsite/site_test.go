package guidedsite_test

import (
	"regexp"
	"testing"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa/examples/integrations/guidedsite"
	"github.com/go-auth0-mfa/mfa/examples/integrations/internal/browsertest"
	"github.com/go-auth0-mfa/mfa/mfatest"
)

const (
	ada      = browsertest.Ada
	grace    = browsertest.Grace
	password = browsertest.Password

	// What the forms say.
	toLogin  = "Sign in</button>"
	toEnroll = "Where shall we send your codes?"
	toChoose = "How do you want to confirm"
	toCode   = "Enter the code"
	toPoll   = "on your phone</h1>"
	toManage = "Manage your second factors"
	toAdd    = `action="/factors/add"`
)

// rig is the page and the tenant behind it.
type rig struct {
	*browsertest.Rig

	t *testing.T
}

func newRig(t *testing.T, user mfatest.User, opts ...mfatest.Option) *rig {
	r := &rig{Rig: browsertest.New(t, user, opts...), t: t}
	tenant := r.Tenant
	provider, err := oidc.NewProvider(oidc.ClientContext(t.Context(), tenant.HTTPClient()), tenant.URL+"/")
	require.NoError(t, err)
	site := &guidedsite.Site{
		Client: tenant.Client(), Flow: r.Flow, Sealer: r.Sealer, Log: r.Logger(), Now: tenant.Now,
		Verifier: provider.Verifier(&oidc.Config{ClientID: tenant.ClientID, Now: tenant.Now}),
	}
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

// at asserts which form the browser shows, by a text of it, and what the page says.
func (b *browser) at(form string, notice string) {
	b.t.Helper()
	require.Contains(b.t, b.Page, form)
	b.At("/", notice)
}

func (b *browser) signIn() {
	b.t.Helper()
	b.Login(ada, password)
	b.at(toCode, "")
	b.Submit("/step", "code", b.Code(ada))
	b.at("<h1>"+ada+"</h1>", "")
}

// choose chooses the first authenticator of a factor.
func (b *browser) choose(factor string) {
	b.t.Helper()
	found := regexp.MustCompile(`name="authenticator" value="([^"]+)"><button>` + factor).FindStringSubmatch(b.Page)
	require.NotNil(b.t, found, b.Page)
	b.Submit("/step", "authenticator", found[1])
}
