package mfatest

import (
	"slices"

	"github.com/go-auth0-mfa/mfa"
)

// NewClient returns a client of package mfa for the tenant: with [Tenant.URL],
// [Tenant.ClientID], [Tenant.ClientSecret] and [Tenant.HTTPClient], unless opts
// replace these.
func (t *Tenant) NewClient(opts ...mfa.Option) (*mfa.Client, error) {
	defaults := []mfa.Option{mfa.WithHTTPClient(t.HTTPClient())}
	if t.ClientSecret != "" {
		defaults = append(defaults, mfa.WithClientSecret(t.ClientSecret))
	}
	return mfa.NewClient(t.URL, t.ClientID, slices.Concat(defaults, opts)...)
}
