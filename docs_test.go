package mfa_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/internal/wiretest"
)

// The table of errors names every error that users can match, with the action
// that they get.
func TestDocs_errors(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("docs/auth0.md")
	require.NoError(t, err)
	var inTable []string
	actions := map[string]string{}
	for _, row := range regexp.MustCompile("(?m)^\\| `(Err[A-Za-z]+)` \\| ([^|]+) \\|").FindAllStringSubmatch(string(page), -1) {
		inTable, actions[row[1]] = append(inTable, row[1]), row[2]
	}
	assert.ElementsMatch(t, exportedErrors(t, "errors.go"), inTable)

	for _, s := range wiretest.Sentinels {
		bare, exceptions, _ := strings.Cut(actions[s.Name], "; ")
		assert.Equal(t, "`"+mfa.NextAction(s.Err).String()+"`", bare, s.Name)
		if s.Err != mfa.ErrOutcomeUnknown {
			continue
		}
		told := map[mfa.Op]string{}
		for exception := range strings.SplitSeq(exceptions, "; ") {
			ops, action, _ := strings.Cut(exception, ": ")
			for op := range strings.SplitSeq(ops, ", ") {
				told[mfa.Op(op)] = action
			}
		}
		for _, o := range wiretest.Operations {
			lost := &mfa.Error{Op: o.Op}
			if action := "`" + mfa.NextAction(lost).String() + "`"; action != bare {
				assert.Equal(t, action, told[o.Op], o.Op)
			} else {
				assert.NotContains(t, told, o.Op)
			}
		}
	}
}

// What the pages link to in this repository is there.
func TestDocs_links(t *testing.T) {
	t.Parallel()
	pages, err := filepath.Glob("docs/*.md")
	require.NoError(t, err)
	for _, page := range append(pages, "README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "examples/README.md", "test/compat/README.md") {
		text, err := os.ReadFile(page)
		require.NoError(t, err)
		for _, link := range regexp.MustCompile(`\]\(([^):#]*)#?([^):]*)\)`).FindAllStringSubmatch(string(text), -1) {
			target := page
			if link[1] != "" {
				target = filepath.Join(filepath.Dir(page), link[1])
			}
			_, err := os.Stat(target)
			assert.NoError(t, err, page)
			if link[2] != "" {
				assert.Contains(t, anchors(t, target), link[2], "%s: %s", page, link[0])
			}
		}
	}
}

// What the documents name is there: files by their name or path, and tests, of
// which a … stands for the rest of the name.
func TestDocs_names(t *testing.T) {
	t.Parallel()
	files, tests := map[string]bool{}, []string{}
	require.NoError(t, filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") {
			return err
		}
		files[path], files[entry.Name()] = true, true
		source, err := os.ReadFile(path)
		for _, test := range regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w*)\(`).FindAllStringSubmatch(string(source), -1) {
			tests = append(tests, test[1])
		}
		return err
	}))
	pages, err := filepath.Glob("docs/*.md")
	require.NoError(t, err)
	named := 0
	for _, page := range append(pages, "README.md", "CONTRIBUTING.md", "SECURITY.md") {
		text, err := os.ReadFile(page)
		require.NoError(t, err)
		for _, name := range regexp.MustCompile("`([\\w./-]+\\.go|(?:Test|Fuzz)[A-Z]\\w*…?)`").FindAllStringSubmatch(string(text), -1) {
			named++
			head, open := strings.CutSuffix(name[1], "…")
			there := files[head] || slices.ContainsFunc(tests, func(test string) bool { return test == head || open && strings.HasPrefix(test, head) })
			assert.True(t, there, "%s: %s", page, name[1])
		}
	}
	assert.Positive(t, named)
}

// The Go releases that the documents promise are those that go.mod, the gate and
// the workflows use.
func TestDocs_releases_areTheSameEverywhere(t *testing.T) {
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

// anchors returns the names that GitHub gives to the headings of a page.
func anchors(t *testing.T, page string) []string {
	text, err := os.ReadFile(page)
	require.NoError(t, err)
	var names []string
	for _, heading := range regexp.MustCompile(`(?m)^#+ (.+)$`).FindAllStringSubmatch(string(text), -1) {
		name := regexp.MustCompile(`[^a-z0-9 -]`).ReplaceAllString(strings.ToLower(heading[1]), "")
		names = append(names, strings.ReplaceAll(name, " ", "-"))
	}
	return names
}

// exportedErrors reads the names of the exported variables of a file.
func exportedErrors(t *testing.T, file string) []string {
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
	require.NoError(t, err)
	var names []string
	for _, declared := range parsed.Decls {
		if block, ok := declared.(*ast.GenDecl); ok && block.Tok == token.VAR {
			for _, spec := range block.Specs {
				for _, name := range spec.(*ast.ValueSpec).Names {
					if name.IsExported() {
						names = append(names, name.Name)
					}
				}
			}
		}
	}
	return names
}

// find returns the matches of a pattern in a file.
func find(t *testing.T, file, pattern string) [][]string {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	return regexp.MustCompile(pattern).FindAllStringSubmatch(string(text), -1)
}
