package mfatest_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The code in the package comment is the code of an example, which compiles and
// runs.
func TestPackageComment_isAnExample(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("tenant.go")
	require.NoError(t, err)
	comment, _, found := strings.Cut(string(source), "\npackage mfatest\n")
	require.True(t, found)
	examples, err := os.ReadFile("example_test.go")
	require.NoError(t, err)
	_, code, found := strings.Cut(comment, "//\t")
	require.True(t, found)
	code, _, _ = strings.Cut(code, "\n// ")
	code = strings.ReplaceAll("//\t"+code, "//\t", "\t")
	code = strings.ReplaceAll(code, "\n//", "\n")
	assert.Contains(t, string(examples), strings.TrimSpace(code))
}
