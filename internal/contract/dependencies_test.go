package contract

import (
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A program that uses the package links three modules beside it.
func TestDependencies(t *testing.T) {
	t.Parallel()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f", "{{with .Module}}{{.Path}}{{end}}", "github.com/go-auth0-mfa/mfa").CombinedOutput()
	require.NoError(t, err, string(out))
	linked := strings.Fields(string(out))
	slices.Sort(linked)
	assert.Equal(t, []string{
		"github.com/go-auth0-mfa/mfa",
		"github.com/go-json-experiment/json",
		"github.com/go-resty/resty/v2",
		"golang.org/x/net",
	}, slices.Compact(linked))
}
