package mfatest

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The body of mfa_required has a token, which a printed error must not show.
func TestRefusal_Error_holdsNoToken(t *testing.T) {
	t.Parallel()
	tenant := newTenant(defaults())
	tenant.AddUser(User{Email: "ada@example.com"})
	err := tenant.mfaRequired(tenant.Now(), grant{user: tenant.account("", "ada@example.com")}, 0)
	require.Len(t, tenant.sessions, 1)
	for token := range tenant.sessions {
		assert.Contains(t, string(resolve(response{}, err).body), token)
		assert.NotContains(t, fmt.Sprintf("%v %+v %s %q", err, err, err, err), token)
		assert.NotContains(t, fmt.Sprint([]error{err}), token)
	}
}
