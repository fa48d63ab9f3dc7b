package leaks

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-test/deep"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// go-test/deep is set for the whole program.
func TestMain(m *testing.M) {
	deep.CompareUnexportedFields = true
	m.Run()
}

// excused are the types without a sample: those that hold a text which is meant
// to be read, or no text at all, and why.
var excused = map[string]string{
	"flow.Enrollment":       "what a user typed, on its way into Enroll; fmt and log/slog mask it, as TestEnrollment_String has it",
	"flow.Option":           "a func; the keys of WithStore are in the sample of a Flow",
	"flow.BeginOption":      "no option of Begin takes a secret",
	"flow.State":            "a number",
	"flow.Store":            "an interface; MemoryStore has a sample",
	"flow.Poll":             "the end user's address, on its way to Auth0",
	"mfa.Action":            "a number",
	"mfa.Authenticator":     "its name is there to be shown",
	"mfa.Delivery":          "a number",
	"mfa.Factor":            "the name of a factor",
	"mfa.Limiter":           "holds nothing; WithLimiter keeps it",
	"mfa.Op":                "the name of an operation",
	"mfa.Requirements":      "names of factors",
	"mfatest.Authenticator": "the test wrote it",
	"mfatest.Fault":         "the test wrote it",
	"mfatest.FaultKind":     "a number",
	"mfatest.Message":       "the test reads the code in it",
	"mfatest.Option":        "the test wrote it",
	"mfatest.Purpose":       "why a message was sent",
	"mfatest.Request":       "the test reads what arrived in it",
	"mfatest.Tenant":        "its application and secret exist for one test; %v prints neither",
	"mfatest.User":          "the test wrote it",
}

// This fails for an exported type without either a sample or a reason,
// so that nobody has to remember this test.
func TestExportedTypes_haveASampleOrAReason(t *testing.T) {
	t.Parallel()
	sampled := newSamples(t)
	for name, dir := range map[string]string{"mfa": "../..", "flow": "../../flow", "mfatest": "../../mfatest"} {
		for _, exported := range exportedTypes(t, dir) {
			kind := name + "." + exported
			assert.NotEqual(t, sampled[kind] != nil, excused[kind] != "", "%s: want either a sample or a reason for none", kind)
		}
	}
}

// exportedTypes reads the names out of the sources of a package.
func exportedTypes(t *testing.T, dir string) []string {
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	var names []string
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		ast.Inspect(parsed, func(n ast.Node) bool {
			if spec, ok := n.(*ast.TypeSpec); ok && spec.Name.IsExported() {
				names = append(names, spec.Name.Name)
			}
			return true
		})
	}
	return names
}

// No value that holds a secret shows it, however it is printed.
func TestExportedTypes_printNoSecret(t *testing.T) {
	t.Parallel()
	for kind, values := range newSamples(t) {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			for path, printed := range paths() {
				for _, value := range values {
					if shows(printed(value)) {
						t.Errorf("%s shows a canary in a %T", path, value)
					}
				}
			}
		})
	}
}

// A secret that is no Secret is found by every path that prints values, and in
// every shape, so the test above can fail.
func TestPrinting_findsASecretThatIsNoSecret(t *testing.T) {
	t.Parallel()
	assert.GreaterOrEqual(t, len(paths()), 50)
	found := make([]bool, len(shapes(0)))
	for path, printed := range paths() {
		anywhere := false
		for i, shape := range shapes(struct{ Token string }{canary}) {
			leaks := shows(printed(shape))
			anywhere, found[i] = anywhere || leaks, found[i] || leaks
		}
		if path != "fmt %p" && path != "fmt %T" {
			assert.True(t, anywhere, path)
		}
	}
	assert.NotContains(t, found, false)
}

// shows reports whether a canary can be read out of what was printed.
func shows(printed string) bool {
	printed = strings.ToLower(strings.ReplaceAll(printed, " ", ""))
	return strings.Contains(printed, canary) || strings.Contains(printed, fmt.Sprintf("%x", canary)) || strings.Contains(printed, "canary-k")
}
