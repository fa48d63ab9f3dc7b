package mfa_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
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
	assert.ElementsMatch(t, exportedErrors(t, "sentinels.go"), inTable)

	for _, s := range sentinels {
		bare, exceptions, _ := strings.Cut(actions[s.name], "; ")
		assert.Equal(t, "`"+mfa.NextAction(s.err).String()+"`", bare, s.name)
		if s.err != mfa.ErrOutcomeUnknown {
			continue
		}
		told := map[string]string{}
		for _, exception := range strings.Split(exceptions, "; ") {
			ops, action, _ := strings.Cut(exception, ": ")
			for _, op := range strings.Split(ops, ", ") {
				told[op] = action
			}
		}
		for _, o := range operations {
			lost := &mfa.Error{Op: o.name}
			if action := "`" + mfa.NextAction(lost).String() + "`"; action != bare {
				assert.Equal(t, action, told[o.name], o.name)
			} else {
				assert.NotContains(t, told, o.name)
			}
		}
	}
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
