package contract

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
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

// One file knows resty, so that it can be exchanged in one place.
func TestDependencies_resty(t *testing.T) {
	t.Parallel()
	root := os.DirFS("../..")
	var importers []string
	require.NoError(t, fs.WalkDir(root, ".", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (path == "test" || path != "." && strings.HasPrefix(entry.Name(), ".")):
			return fs.SkipDir
		case !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		source, err := fs.ReadFile(root, path)
		if err != nil {
			return err
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), path, source, parser.ImportsOnly)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(parsed.Imports, func(i *ast.ImportSpec) bool { return strings.Contains(i.Path.Value, "/resty/") }) {
			importers = append(importers, path)
		}
		return nil
	}))
	assert.Equal(t, []string{"internal/transport/resty.go"}, importers)
}
