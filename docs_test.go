package mfa_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
	"github.com/go-auth0-mfa/mfa/internal/wiretest"
	"github.com/go-auth0-mfa/mfa/mfatest"
)

// The README is short, and leads to the pages by task and to the index of errors.
func TestREADME(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	assert.LessOrEqual(t, strings.Count(string(readme), "\n"), 150, "the rest belongs in docs")
	assert.Contains(t, string(readme), "](docs/README.md)")
	_, errs, found := strings.Cut(string(readme), "\n## Errors\n")
	require.True(t, found)
	errs, _, _ = strings.Cut(errs, "\n## ")
	assert.Contains(t, errs, "](docs/my-error-is.md)")
}

// The code in the README and in every page of docs is the code of the examples, which
// compile and run. A page may indent it less.
func TestDocs_code(t *testing.T) {
	t.Parallel()
	var examples []string
	for _, pattern := range []string{"example_*test.go", "flow/example_*test.go", "flow/redisstore/example_test.go", "mfatest/example_*test.go", "examples/*/*.go", "examples/*/*/*.go"} {
		names, err := filepath.Glob(pattern)
		require.NoError(t, err)
		require.NotEmpty(t, names, pattern)
		for _, name := range names {
			source, err := os.ReadFile(name)
			require.NoError(t, err)
			examples = append(examples, "\n"+string(source))
		}
	}
	pages, err := filepath.Glob("docs/*.md")
	require.NoError(t, err)
	for _, page := range append(pages, "README.md") {
		text, err := os.ReadFile(page)
		require.NoError(t, err)
		blocks := strings.Split(string(text), "```go\n")[1:]
		assert.True(t, len(blocks) > 0 || page != "README.md")
		assert.Equal(t, len(blocks), strings.Count(string(text), "```go"), page)
		for _, code := range blocks {
			code, _, closed := strings.Cut(code, "```")
			require.True(t, closed, page)
			found := false
			for code = "\n" + code; !found && !strings.HasPrefix(code, "\n\t\t\t\t"); code = regexp.MustCompile(`\n([^\n])`).ReplaceAllString(code, "\n\t$1") {
				found = slices.ContainsFunc(examples, func(example string) bool { return strings.Contains(example, code) })
			}
			assert.True(t, found, "%s: no example has%s", page, code)
		}
	}
}

// Every page has exactly one way back, to the index, and the index names every page.
func TestDocs_wayBack(t *testing.T) {
	t.Parallel()
	index, err := os.ReadFile("docs/README.md")
	require.NoError(t, err)
	assert.NotContains(t, string(index), "](README.md)")
	pages, err := filepath.Glob("docs/*")
	require.NoError(t, err)
	require.NotEmpty(t, pages)
	for _, page := range pages {
		if name := filepath.Base(page); name != "README.md" && name != "login.svg" {
			assert.Equal(t, 1, strings.Count(string(index), "]("+name+")"), name)
		}
		if page == "docs/README.md" || filepath.Ext(page) != ".md" {
			continue
		}
		text, err := os.ReadFile(page)
		require.NoError(t, err)
		assert.Equal(t, 1, strings.Count(string(text), "](README.md"), page)
		assert.True(t, strings.HasPrefix(string(text), "[← All pages](README.md)\n\n# "), page)
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
	assert.Equal(t, 12, calls)
}

// The README's message says something after every error, and logs only what a
// developer has to look into.
func TestREADME_message(t *testing.T) {
	t.Parallel()
	refused := func(op mfa.Op, status int, code, text string) error {
		return &mfa.Error{Op: op, Delivery: mfa.DeliveryAnswered, StatusCode: status, Code: code, Description: text, RequestID: "req-1"}
	}
	const sorry = "Sorry, you cannot sign in right now."
	covered := map[mfa.Action]bool{}
	for name, tt := range map[string]struct {
		err    error
		action mfa.Action
		want   string
	}{
		"no error":            {nil, mfa.ActionNone, ""},
		"a canceled request":  {fmt.Errorf("post: %w", context.Canceled), mfa.ActionNone, ""},
		"a wrong password":    {refused(mfa.OpPasswordLogin, 403, "invalid_grant", "Wrong email or password."), mfa.ActionRestartLogin, "Incorrect e-mail address or password."},
		"a wrong code":        {refused(mfa.OpVerifyOOB, 403, "invalid_grant", "Invalid binding_code."), mfa.ActionAskAgain, "That is not right. Please check what you typed."},
		"an old challenge":    {refused(mfa.OpVerifyOOB, 403, "expired_token", "oob_code is expired"), mfa.ActionResend, "That code is no longer valid. We can send you a new one."},
		"enrolled already":    {refused(mfa.OpAssociate, 403, "access_denied", "User is already enrolled."), mfa.ActionChallenge, "There is one more step. Please confirm that it is you."},
		"not enrolled":        {mfa.ErrNotEnrolled, mfa.ActionEnroll, "There is one more step. Please confirm that it is you."},
		"a second factor":     {&mfa.RequiredError{MFAToken: mfa.NewSecret("Fe26")}, mfa.ActionVerifyMFA, "There is one more step. Please confirm that it is you."},
		"a lost login":        {refused(mfa.OpChallenge, 401, "expired_token", "mfa_token is expired"), mfa.ActionRestartLogin, "Please sign in again."},
		"too many codes":      {refused(mfa.OpVerifyOOB, 429, "too_many_attempts", ""), mfa.ActionWait, "That did not work. Please try again later."},
		"a pending push":      {refused(mfa.OpPollPush, 400, "authorization_pending", ""), mfa.ActionPoll, "There is one more step. Please confirm that it is you."},
		"a lost reply":        {&mfa.Error{Op: mfa.OpChallenge}, mfa.ActionCheckInbox, "We may have sent you a code. Please look into your inbox before you ask for another."},
		"an outage":           {refused(mfa.OpListAuthenticators, 503, "", ""), mfa.ActionRetryLater, "That did not work. Please try again later."},
		"a blocked user":      {refused(mfa.OpPasswordLogin, 401, "unauthorized", "user is blocked"), mfa.ActionAbort, "You cannot sign in. Please contact support."},
		"a wrong secret":      {refused(mfa.OpChallenge, 401, "invalid_client", ""), mfa.ActionFix, sorry},
		"no mfa_token":        {&mfa.RequiredError{}, mfa.ActionFix, sorry},
		"another package's":   {errors.New("database is down"), mfa.ActionFix, sorry},
		"wrapped, of our own": {fmt.Errorf("login: %w", refused(mfa.OpVerifyOOB, 403, "unauthorized_client", "")), mfa.ActionFix, sorry},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var log bytes.Buffer
			assert.Equal(t, tt.action, mfa.NextAction(tt.err))
			assert.Equal(t, tt.want, message(slog.New(slog.NewJSONHandler(&log, nil)), tt.err))
			assert.Equal(t, tt.action == mfa.ActionFix, log.Len() > 0, log.String())
		})
		covered[tt.action] = true
	}
	for action := mfa.ActionNone; action.String() != "unknown"; action++ {
		assert.True(t, covered[action], action)
	}
}

// What a developer needs to find the cause of an error stands in the log.
func TestREADME_message_logsTheHint(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	err := &mfa.Error{Op: mfa.OpChallenge, StatusCode: 401, Code: "invalid_client", RequestID: "req-1"}
	message(slog.New(slog.NewJSONHandler(&log, nil)), err)

	assert.Contains(t, log.String(), err.Hint())
	assert.Contains(t, log.String(), `"request_id":"req-1"`)
}

// A user who needs no second factor gets tokens, and nothing to wait for. One whose
// verified address is an authenticator already has a code sent there.
func TestREADME_start(t *testing.T) {
	t.Parallel()
	userIP := netip.MustParseAddr("192.0.2.1")
	for name, tt := range map[string]struct {
		tenant   *mfatest.Tenant
		verified bool
		signedIn bool
		mails    int
	}{
		"without MFA":      {tenant: mfatest.NewTenant(mfatest.WithOptionalMFA()), signedIn: true},
		"to be enrolled":   {tenant: mfatest.NewTenant(), mails: 1},
		"to be challenged": {tenant: mfatest.NewTenant(), verified: true, mails: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			t.Cleanup(tt.tenant.Close)
			tt.tenant.AddUser(mfatest.User{Email: "ada@example.com", Password: "correct horse", EmailVerified: tt.verified})
			client := tt.tenant.Client()
			token, next, err := start(t.Context(), client, "ada@example.com", "correct horse", userIP)
			require.NoError(t, err)
			assert.Equal(t, tt.signedIn, token != nil)
			assert.Equal(t, tt.signedIn, next == nil)
			assert.Len(t, tt.tenant.Inbox("ada@example.com"), tt.mails)
			if !tt.signedIn {
				code, _ := tt.tenant.LastCode("ada@example.com")
				token, err = finish(t.Context(), client, next, code, userIP)
				require.NoError(t, err)
				assert.False(t, token.AccessToken.IsZero())
				assert.Equal(t, tt.verified, next.recoveryCodes == nil)
			}

			_, _, err = start(t.Context(), client, "ada@example.com", "a wrong one", userIP)
			require.ErrorIs(t, err, mfa.ErrInvalidCredentials)
		})
	}
}

// A user who has another factor is not enrolled past it.
func TestREADME_start_withAnotherFactor(t *testing.T) {
	t.Parallel()
	tenant := mfatest.NewTenant()
	t.Cleanup(tenant.Close)
	tenant.AddUser(mfatest.User{Email: "grace@example.com", Password: "correct horse", Authenticators: []mfatest.Authenticator{{Factor: mfa.FactorOTP, Active: true}}})
	_, _, err := start(t.Context(), tenant.Client(), "grace@example.com", "correct horse", netip.Addr{})
	require.ErrorIs(t, err, mfa.ErrAlreadyEnrolled)
	require.Len(t, tenant.Requests(), 2)
	assert.Equal(t, mfa.OpListAuthenticators, tenant.Requests()[1].Op)
}

// The table of errors names every error that users can match, with the action
// that they get.
func TestDocs_errors(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("docs/errors.md")
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
