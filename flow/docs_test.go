package flow_test

import (
	"go/parser"
	"go/token"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
)

// The code in the package comment is the code of an example, which compiles and
// runs, and the comment fits onto the first screen.
func TestDocs_packageComment(t *testing.T) {
	t.Parallel()
	parsed, err := parser.ParseFile(token.NewFileSet(), "flow.go", nil, parser.PackageClauseOnly|parser.ParseComments)
	require.NoError(t, err)
	comment := parsed.Doc.Text()
	assert.LessOrEqual(t, strings.Count(comment, "\n"), 40)
	source, err := os.ReadFile("example_forms_test.go")
	require.NoError(t, err)
	snippets := 0
	for paragraph := range strings.SplitSeq(comment, "\n\n") {
		if strings.HasPrefix(paragraph, "\tstep") || strings.HasPrefix(paragraph, "\tif") {
			assert.Contains(t, string(source), paragraph)
			snippets++
		}
	}
	assert.Equal(t, 2, snippets)
}

// table returns the rows of a table of the guide, without the first one.
func table(t *testing.T, head string) [][]string {
	t.Helper()
	page, err := os.ReadFile("../docs/flow.md")
	require.NoError(t, err)
	_, text, found := strings.Cut(string(page), head+"\n")
	require.True(t, found, head)
	text, _, _ = strings.Cut(text, "\n\n")
	var rows [][]string
	for _, line := range strings.Split(text, "\n")[1:] {
		cells := strings.Split(strings.Trim(line, "|"), "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		rows = append(rows, cells)
	}
	return rows
}

// The guide allows in each state what [TestStates] proves.
func TestDocs_states(t *testing.T) {
	t.Parallel()
	told := 0
	columns := []string{"Enroll", "Choose", "LoadAuthenticators", "Resend", "Submit", "Poll"}
	for _, row := range table(t, "| state | `"+strings.Join(columns, "` | `")+"` |") {
		require.Len(t, row, 1+len(columns))
		for _, name := range map[string][]string{
			"`StateEnroll`": {"Enroll"}, "`StateEnroll`, `BeginEnrollment`": {"Enroll, signed in"}, "`StateChoose`": {"Choose"}, "`StateEnterCode`": {"EnterCode, e-mail"},
			"`StateEnterCode`, app or recovery code": {"EnterCode, app", "EnterCode, recovery code"},
			"`StateEnterCode`, enrolling":            {"EnterCode, enrollment", "EnterCode, enrollment of an app", "EnterCode, enrollment, signed in", "EnterCode, enrollment of an app, signed in"},
			"`StatePoll`":                            {"Poll"}, "`StatePoll`, enrolling": {"Poll, enrollment", "Poll, enrollment, signed in"}, "`StateDone`": {"Done"},
		}[row[0]] {
			at, known := situations[name]
			require.True(t, known, name)
			told++
			for i, call := range columns {
				_, allowed := at.calls[call]
				assert.Equal(t, allowed, row[i+1] == "yes", "%s: %s", name, call)
			}
		}
	}
	assert.Len(t, situations, told)
}

// The guide says what to do about every action.
func TestDocs_actions(t *testing.T) {
	t.Parallel()
	var told []string
	for _, row := range table(t, "| action | what the page does |") {
		for name := range strings.SplitSeq(row[0], ", ") {
			told = append(told, strings.Trim(name, "`"))
		}
	}
	var all []string
	for action := mfa.ActionNone; action <= mfa.ActionFix; action++ {
		all = append(all, action.String())
	}
	assert.ElementsMatch(t, all, told)
}
