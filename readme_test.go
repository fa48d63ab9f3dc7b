package mfa_test

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
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

// The documentation shows an example beside each call.
func TestREADME_examples(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("example_*_test.go")
	require.NoError(t, err)
	var examples []byte
	for _, name := range files {
		source, err := os.ReadFile(name)
		require.NoError(t, err)
		examples = append(examples, source...)
	}
	calls := 0
	for method := range reflect.TypeFor[*mfa.Client]().Methods() {
		if method.Type.NumIn() > 1 || method.Type.NumOut() == 0 { // no accessor
			calls++
			assert.Contains(t, string(examples), "func ExampleClient_"+method.Name+"() {\n")
		}
	}
	assert.Equal(t, 11, calls)
}
