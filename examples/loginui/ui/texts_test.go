package ui

import (
	"go/ast"
	"go/parser"
	"go/token"
	"html/template"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"text/template/parse"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-auth0-mfa/mfa"
)

// call is a text that a template or the code asks for, with the names of its placeholders.
type call struct {
	at, key string
	names   []string
}

// templateTexts returns the calls in the templates, and what is between their actions,
// by the name of the file.
func templateTexts(t *testing.T) (calls []call, rest map[string]string) {
	t.Helper()
	files, err := fs.Glob(templateFiles, "templates/*.html")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	rest = map[string]string{}
	for _, file := range files {
		source, err := templateFiles.ReadFile(file)
		require.NoError(t, err)
		tree, trees := parse.New(file), map[string]*parse.Tree{}
		tree.Mode = parse.SkipFuncCheck
		_, err = tree.Parse(string(source), "", "", trees)
		require.NoError(t, err)
		var walk func(parse.Node)
		list := func(nodes *parse.ListNode) {
			if nodes != nil {
				for _, node := range nodes.Nodes {
					walk(node)
				}
			}
		}
		branch := func(node *parse.BranchNode) { walk(node.Pipe); list(node.List); list(node.ElseList) }
		walk = func(node parse.Node) {
			switch node := node.(type) {
			case *parse.TextNode:
				rest[file] += string(node.Text)
			case *parse.ActionNode:
				rest[file] += "\x00"
				walk(node.Pipe)
			case *parse.IfNode:
				branch(&node.BranchNode)
			case *parse.WithNode:
				branch(&node.BranchNode)
			case *parse.RangeNode:
				branch(&node.BranchNode)
			case *parse.PipeNode:
				for _, command := range node.Cmds {
					walk(command)
				}
			case *parse.CommandNode:
				if first := node.Args[0].String(); strings.HasSuffix(first, ".Text") {
					one := call{at: file}
					for i, arg := range node.Args[1:] {
						switch literal, ok := arg.(*parse.StringNode); {
						case i == 0 && ok:
							one.key = literal.Text
						case i%2 == 1:
							require.True(t, ok, "%s: a placeholder in %s", file, node)
							one.names = append(one.names, literal.Text)
						}
					}
					if key := node.Args[1].String(); one.key == "" {
						assert.Contains(t, []string{".Title", ".Message"}, key, "%s: a key that is not written there", file)
					} else {
						calls = append(calls, one)
					}
				}
				for _, arg := range node.Args {
					walk(arg)
				}
			}
		}
		for _, one := range trees {
			list(one.Root)
		}
	}
	return calls, rest
}

// codeTexts returns the calls in the code, and all its strings.
func codeTexts(t *testing.T) (calls []call, literals map[string]bool) {
	t.Helper()
	literals = map[string]bool{}
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") || file == "texts.go" {
			continue
		}
		source, err := os.ReadFile(file)
		require.NoError(t, err)
		parsed, err := parser.ParseFile(token.NewFileSet(), file, source, 0)
		require.NoError(t, err)
		ast.Inspect(parsed, func(node ast.Node) bool {
			switch node := node.(type) {
			case *ast.BasicLit:
				if text, err := strconv.Unquote(node.Value); err == nil {
					literals[text] = true
				}
			case *ast.CallExpr:
				selector, ok := node.Fun.(*ast.SelectorExpr)
				if !ok || !slices.Contains([]string{"Text", "say", "plain"}, selector.Sel.Name) || len(node.Args) == 0 {
					break
				}
				one := call{at: file}
				for i, arg := range node.Args {
					if literal, ok := arg.(*ast.BasicLit); ok && i == 0 {
						one.key, _ = strconv.Unquote(literal.Value)
					} else if ok && i%2 == 1 {
						name, _ := strconv.Unquote(literal.Value)
						one.names = append(one.names, name)
					}
				}
				if one.key != "" && !strings.HasSuffix(one.key, ".") { // the start of a key
					calls = append(calls, one)
				}
			}
			return true
		})
	}
	return calls, literals
}

var placeholder = regexp.MustCompile(`\{([a-z]+)\}`)

// Nothing asks for a text that is missing, with other placeholders than the text has, and
// every text is asked for.
func TestTexts_areThoseThatThePagesAskFor(t *testing.T) {
	t.Parallel()
	calls, _ := templateTexts(t)
	fromCode, literals := codeTexts(t)
	used := map[string]bool{}
	for _, one := range append(calls, fromCode...) {
		used[one.key] = true
		if !assert.Contains(t, texts, one.key, one.at) {
			continue
		}
		var names []string
		for _, found := range placeholder.FindAllStringSubmatch(texts[one.key], -1) {
			names = append(names, found[1])
		}
		if strings.HasPrefix(one.key, "time.") {
			names = nil // page.js and duration fill it
		}
		assert.ElementsMatch(t, one.names, names, "%s: placeholders of %s", one.at, one.key)
	}

	areas := map[string]bool{}
	for key := range texts {
		if area, _, found := strings.Cut(key, "."); found {
			areas[area] = true
		}
	}
	for literal := range literals {
		area, rest, found := strings.Cut(literal, ".")
		if found && areas[area] && rest != "" && !strings.HasSuffix(literal, "-") {
			assert.Contains(t, texts, literal)
		}
	}
	notice := func(key string) {
		used["notice."+key] = true
		assert.Contains(t, texts, "notice."+key)
	}
	for key := range tones {
		notice(key)
	}
	for _, key := range successes {
		notice(key)
	}
	for key := range fields {
		notice(key)
	}
	for _, key := range noticesInCode(t) {
		notice(key)
	}
	for _, factor := range []mfa.Factor{mfa.FactorEmail, mfa.FactorSMS, mfa.FactorVoice, mfa.FactorPush, mfa.FactorOTP, mfa.FactorRecoveryCode} {
		used["factor."+string(factor)] = true
		assert.Contains(t, texts, "factor."+string(factor))
		if factor != mfa.FactorPush { // which has no code
			used["code.title-"+string(factor)] = true
			assert.Contains(t, texts, "code.title-"+string(factor))
		}
	}
	for key, text := range texts {
		assert.True(t, used[key] || literals[key], "nothing says %s", key)
		assert.NotEmpty(t, text, key)
	}
}

// noticesInCode returns the keys of notices that the code sets.
func noticesInCode(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	var keys []string
	for _, file := range files {
		source, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, found := range regexp.MustCompile(`(?:notice\{(?:key: )?|(?:n|told)\.key = )"([a-z-]+)"`).FindAllStringSubmatch(string(source), -1) {
			keys = append(keys, found[1])
		}
	}
	require.NotEmpty(t, keys)
	return keys
}

// The templates and the script have no words of their own.
func TestTexts_areNowhereElse(t *testing.T) {
	t.Parallel()
	_, rest := templateTexts(t)
	for file, text := range rest {
		for _, attribute := range regexp.MustCompile(`(?:alt|title|placeholder|label|aria-[a-z]*(?:label|description)|data-(?:show|hide|copied|failed)[a-z-]*)="([^"]*)"`).FindAllStringSubmatch(text, -1) {
			assert.NotRegexp(t, `\pL`, attribute[1], "%s: %s", file, attribute[0])
		}
		assert.NotRegexp(t, `\pL`, regexp.MustCompile(`<[^>]*>`).ReplaceAllString(text, ""), file)
	}
	script, err := staticFiles.ReadFile("static/page.js")
	require.NoError(t, err)
	code := regexp.MustCompile(`(?m)^\s*//.*$|\s//.*$`).ReplaceAllString(string(script), "")
	found := regexp.MustCompile("\"[^\"\n]*\"|'[^'\n]*'|`[^`]*`").FindAllString(code, -1)
	require.Greater(t, len(found), 10)
	for _, literal := range found {
		words := regexp.MustCompile(`\pL{2,} \pL{2,}|\pL{3,}[.!?]|^.\p{Lu}`).MatchString(literal)
		assert.True(t, !words || literal == `"use strict"`, literal)
	}
}

// A value can be neither HTML nor a placeholder, and a name from right to left is isolated.
func TestLanguage_escapesWhatItFillsIn(t *testing.T) {
	t.Parallel()
	l := language(func(key string) string { return texts[key] })
	said, err := l.say("code.sent", "address", `<b>{address}&"@example.com`)
	require.NoError(t, err)
	assert.Equal(t, template.HTML(`We sent a 6-digit code to <strong><bdi>&lt;b&gt;{address}&amp;&#34;@example.com</bdi></strong>.`), said)
	said, err = l.say("account.remove-label", "factor", template.HTML("<i>app</i>"), "name", "")
	require.NoError(t, err)
	assert.Equal(t, template.HTML(`Remove: <i>app</i> `), said)
	plain, err := l.plain("recovery.file", "email", "<ada>")
	require.NoError(t, err)
	assert.Equal(t, "Recovery code for <ada>", plain)
	for left, want := range map[int]string{0: "0 s", 59: "59 s", 60: "1 min", 61: "1 min 1 s", 300: "5 min"} {
		assert.Equal(t, want, l.duration(left))
	}

	translated := language(func(string) string { return `<i>{address} – {unknown} {` })
	said, err = translated.say("code.sent", "address", "ada")
	require.NoError(t, err)
	assert.Equal(t, template.HTML(`&lt;i&gt;<strong><bdi>ada</bdi></strong> – {unknown} {`), said)
	_, err = l.say("code.missing")
	require.Error(t, err)
	_, err = l.say("code.sent", "address")
	require.Error(t, err)
}

// An application that translates all texts leaves no English, and says which language it is.
func TestTexts_canAllBeTranslated(t *testing.T) {
	t.Parallel()
	r := launch(t)
	r.pages.c.App.(*app).text = func(key string) string {
		switch key {
		case "lang":
			return "ar"
		case "dir":
			return "rtl"
		}
		return "‹" + strings.Join(placeholder.FindAllString(texts[key], -1), " ") + "›"
	}
	b := r.browser()
	english := slices.Collect(maps.Values(texts))
	check := func() {
		t.Helper()
		assert.Contains(t, b.page, `<html lang="ar" dir="rtl">`)
		for _, text := range english {
			if words := placeholder.Split(text, 2)[0]; strings.Count(words, " ") > 1 {
				assert.NotContains(t, b.page, words)
			}
		}
	}
	b.get("/login")
	check()
	b.get("/nowhere")
	check()
	b.login(ada)
	check()
	b.post("/enroll", "email", "no address")
	check()
	b.post("/enroll", "factor", "otp")
	check()
	b.post("/code", "code", wrong(r.tenant.OTP("ada@example.com")))
	check()
	b.post("/code", "code", r.tenant.OTP("ada@example.com")).on("/")
	check()
	b.post("/recovery-codes")
	check()
}

// The recovery codes can be loaded as a file until they are stored, and by nobody else.
func TestRecoveryCodes_areAFileUntilTheyAreStored(t *testing.T) {
	t.Parallel()
	r := launch(t)
	b := r.browser().login(ada)
	b.post("/enroll", "email", "").post("/code", "code", r.code(ada)).on("/", `href="/recovery-codes.txt"`)
	kept := *b
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.url+"/recovery-codes.txt", nil)
	require.NoError(t, err)
	resp, err := b.client.Do(req)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	assert.Equal(t, `attachment; filename="recovery-codes.txt"`, resp.Header.Get("Content-Disposition"))
	assert.Equal(t, "text/plain; charset=utf-8", resp.Header.Get("Content-Type"))
	assert.Equal(t, "no-store", resp.Header.Get("Cache-Control"))
	b.get("/recovery-codes.txt").on("/recovery-codes.txt", "Recovery code for ada@example.com\r\n\r\n"+groups(r.recoveryCode("ada@example.com"))+"\r\n")
	r.browser().get("/recovery-codes.txt").on("/login")
	b.page = kept.page
	b.post("/recovery-codes").on("/", "<h1>You are signed in</h1>")
	b.get("/recovery-codes.txt").on("/", "<h1>You are signed in</h1>")
}
