package mfatest

import (
	"fmt"
	"slices"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/flow"
)

// Client returns a client for the tenant, with [Tenant.URL], [Tenant.ClientID],
// [Tenant.ClientSecret] and [Tenant.HTTPClient]. The options replace these or
// add to them. Client panics if an option is invalid.
func (t *Tenant) Client(opts ...mfa.Option) *mfa.Client {
	defaults := []mfa.Option{mfa.WithHTTPClient(t.HTTPClient())}
	if t.ClientSecret != "" {
		defaults = append(defaults, mfa.WithClientSecret(t.ClientSecret))
	}
	client, err := mfa.NewClient(t.URL, t.ClientID, slices.Concat(defaults, opts)...)
	if err != nil {
		panic(fmt.Sprintf("mfatest: Client: %v", err))
	}
	return client
}

// Flow returns a guided login for the tenant, on the client of [Tenant.Client]
// and on the tenant's clock, so that [Tenant.Advance] moves both. The options
// replace the clock or add to it. Flow panics if an option is invalid.
func (t *Tenant) Flow(opts ...flow.Option) *flow.Flow {
	f, err := flow.New(t.Client(), slices.Concat([]flow.Option{flow.WithClock(t.Now)}, opts)...)
	if err != nil {
		panic(fmt.Sprintf("mfatest: Flow: %v", err))
	}
	return f
}
