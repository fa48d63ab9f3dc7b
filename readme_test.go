package mfa_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The code in the README is the code of the examples, which compile and run.
func TestREADME(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	var examples []byte
	for _, name := range []string{"example_test.go", "mfatest/example_test.go", "examples/loginui/login.go", "examples/loginui/code.go"} {
		source, err := os.ReadFile(name)
		require.NoError(t, err)
		examples = append(examples, source...)
	}

	blocks := strings.Split(string(readme), "```go\n")[1:]
	require.NotEmpty(t, blocks)
	for _, block := range blocks {
		code, _, closed := strings.Cut(block, "```")
		require.True(t, closed)
		assert.Contains(t, string(examples), code)
	}
}
