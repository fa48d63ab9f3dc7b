package mfa_test

import (
	"io/fs"
	"os"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The Go releases that the documents promise are those that go.mod, the gate and
// the workflows use.
func TestReleases_areTheSameEverywhere(t *testing.T) {
	t.Parallel()
	oldest, newest := "", ""
	for _, place := range []struct{ file, pattern string }{
		{"docs/operations.md", `the two newest releases, (1\.\d+) and (1\.\d+)\.`},
		{"README.md", `With Go (1\.\d+) or newer`},
		{"go.mod", `(?m)^go (1\.\d+)`},
		{"Makefile", `(?m)^RELEASES +:= go(1\.\d+)\.\d+ go(1\.\d+)\.\d+$`},
		{".github/workflows/ci.yml", `go-version: "(1\.\d+)"`},
		{".github/workflows/ci.yml", `\n +go: \["(1\.\d+)", "(1\.\d+)"\]\n`},
	} {
		found := find(t, place.file, place.pattern)
		require.Len(t, found, 1, "%s: %s", place.file, place.pattern)
		if oldest == "" {
			oldest, newest = found[0][1], found[0][2]
		}
		assert.Equal(t, oldest, found[0][1], place)
		if len(found[0]) > 2 {
			assert.Equal(t, newest, found[0][2], place)
		}
	}
	for _, weekly := range find(t, ".github/workflows/weekly.yml", `go-version: "?([^"\n]+)`) {
		assert.Equal(t, newest, weekly[1])
	}
	modules, err := fs.Glob(os.DirFS("."), "*/*/go.mod")
	require.NoError(t, err)
	for _, module := range append(modules, "test/go.mod", "tools/go.mod") {
		found := find(t, module, `(?m)^go (1\.\d+)`)
		require.Len(t, found, 1, module)
		assert.Equal(t, oldest, found[0][1], module)
	}
	// The gate is the Makefile's, and no place of its own for releases.
	assert.Len(t, find(t, ".ci/run", `(?m)^make .*\ball$`), 1)
	assert.Empty(t, find(t, ".ci/run", `go1|GOTOOLCHAIN`))
}

func find(t *testing.T, file, pattern string) [][]string {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	return regexp.MustCompile(pattern).FindAllStringSubmatch(string(text), -1)
}
