package javascript_test

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/pem"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa/mfatest"
)

// settings are what the script is told.
type settings struct {
	Library string `json:"library"`
	Kind    string `json:"kind"`
	Control string `json:"control"`
	URL     string `json:"url"`
	application
	Other application `json:"other"`
}

type application struct {
	ClientID     string `json:"clientId"`
	ClientSecret string `json:"clientSecret"`
}

func TestJavaScript_takesTheTenantForAuth0(t *testing.T) {
	t.Parallel()
	require.DirExists(t, "node_modules/@auth0/auth0-auth-js", "run `npm ci` in test/compat/javascript first")
	node, err := exec.LookPath("node")
	require.NoError(t, err, "Node.js 20 or newer is needed")

	other := application{"other-application", "other-secret"}
	kinds := map[string]mfatest.Option{
		"ordinary":  mfatest.WithApplication(other.ClientID, other.ClientSecret),
		"optional":  mfatest.WithOptionalMFA(),
		"flexible":  mfatest.WithFlexibleFactors(),
		"tokenless": mfatest.WithoutMFAToken(),
		"grantless": mfatest.WithoutMFAGrant(),
		"chained":   mfatest.WithChainedMFA(1),
		"public":    mfatest.WithPublicClient(),
		"assertion": mfatest.WithClientAssertionKey(nil),
	}
	for library, cases := range libraries {
		for kind, want := range cases {
			t.Run(library+" on a tenant that is "+kind, func(t *testing.T) {
				t.Parallel()
				require.Contains(t, kinds, kind)
				tenant := mfatest.NewTenant(kinds[kind])
				t.Cleanup(tenant.Close)
				ran := runScript(t, node, tenant, settings{
					Library: library, Kind: kind, Control: newControl(t, tenant), URL: tenant.URL,
					application: application{tenant.ClientID, tenant.ClientSecret}, Other: other,
				})
				assert.Equal(t, want, ran)
			})
		}
	}
}

// runScript runs the cases for a kind of tenant and returns their names.
func runScript(t *testing.T, node string, tenant *mfatest.Tenant, s settings) []string {
	trusted := filepath.Join(t.TempDir(), "tenant.pem")
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: tenant.Certificate().Raw})
	require.NoError(t, os.WriteFile(trusted, certificate, 0o600))
	encoded, err := json.Marshal(s)
	require.NoError(t, err)

	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, node, "run.mjs")
	cmd.WaitDelay = 5 * time.Second
	cmd.Env = append(os.Environ(), "NODE_EXTRA_CA_CERTS="+trusted, "MFA_COMPAT="+string(encoded))
	var out, complaints bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &complaints
	require.NoError(t, cmd.Run(), "%s%s", &out, &complaints)

	var ran []string
	for line := range strings.Lines(out.String()) {
		name, ok := strings.CutPrefix(strings.TrimSpace(line), "ok ")
		require.True(t, ok, line)
		ran = append(ran, name)
	}
	return ran
}
