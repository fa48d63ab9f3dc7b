package mfatest

import (
	"slices"

	"github.com/go-auth0-mfa/mfa"
)

// NewClient returns a client of package mfa for the tenant: with [Tenant.URL],
// [Tenant.ClientID], [Tenant.ClientSecret] and [Tenant.HTTPClient]. Options that
// set the secret, an assertion or the HTTP client replace these; all others
// add to them.
func (t *Tenant) NewClient(opts ...mfa.Option) (*mfa.Client, error) {
	var secret []mfa.Option
	if t.ClientSecret != "" {
		secret = []mfa.Option{mfa.WithClientSecret(t.ClientSecret)}
	}
	hc := []mfa.Option{mfa.WithHTTPClient(t.HTTPClient())}

	// An option does not tell what it sets, but package mfa refuses one that is
	// given twice and two ways to authenticate. So the first set of defaults
	// that it does not refuse is the one that opts leave room for. The last set
	// is empty: what is refused then is a mistake in opts.
	var client *mfa.Client
	var err error
	for _, defaults := range [][]mfa.Option{slices.Concat(secret, hc), hc, secret, nil} {
		client, err = mfa.NewClient(t.URL, t.ClientID, slices.Concat(defaults, opts)...)
		if err == nil {
			return client, nil
		}
	}
	return nil, err
}
